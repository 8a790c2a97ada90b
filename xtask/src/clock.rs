//! Wall time for this tool, in one place. The product itself takes time from a clock that it is handed.

use std::thread;
use std::time::{Duration, Instant};

/// The moment it is now, for measuring how long a step took.
#[expect(clippy::disallowed_methods, reason = "a tool that times real commands has no clock to be handed")]
pub fn now() -> Instant {
    Instant::now()
}

/// Waits for a server that has no other way to tell this tool that it is ready.
#[expect(clippy::disallowed_methods, reason = "polling another process from outside, never used in a test")]
pub fn pause(time: Duration) {
    thread::sleep(time);
}
