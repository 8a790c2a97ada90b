//! The wall clock of this tool, in one place. The product itself gets time from the clock that is passed to it.

use std::thread;
use std::time::{Duration, Instant};

/// The current time, for measuring how long a step took.
#[expect(clippy::disallowed_methods, reason = "a tool that times real commands needs the real clock")]
pub fn now() -> Instant {
    Instant::now()
}

/// Waits for a server that has no other way to signal that it is ready.
#[expect(clippy::disallowed_methods, reason = "polling another process from outside, never used in a test")]
pub fn pause(time: Duration) {
    thread::sleep(time);
}
