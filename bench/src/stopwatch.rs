//! The clock of the benchmarks: no other code in them reads the time.

use std::time::{Duration, Instant};

/// The current instant.
#[expect(clippy::disallowed_methods, reason = "to measure time is what a benchmark is for")]
pub fn now() -> Instant {
    Instant::now()
}

/// Waits.
#[expect(clippy::disallowed_methods, reason = "a benchmark waits for the processes it starts")]
pub fn pause(time: Duration) {
    std::thread::sleep(time);
}
