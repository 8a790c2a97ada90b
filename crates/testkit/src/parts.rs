//! The parts of a writer, for tests.

use std::sync::Arc;

use docket_kernel::{Clock, ManualClock, Moment, SeededRng, SystemClock, SystemRng};
use docket_storage::{Bounds, Parts, Reactor};

/// The initial time of test clocks.
pub fn start_of_time() -> Moment {
    Moment(1_767_225_600_000_000)
}

/// Parts with a manual clock and repeatable randomness. Use a different number for each node of a database.
pub fn parts(clock: &Arc<ManualClock>, number: u64, reactor: Arc<dyn Reactor>) -> Parts {
    let clock: Arc<dyn Clock> = Arc::<ManualClock>::clone(clock);
    Parts { reactor, bounds: Bounds::default(), clock, rng: Arc::new(SeededRng::new(number)) }
}

/// Parts as in production: for tests with many concurrent callers, where postponed work is retried by itself.
pub fn parts_in_real_time(reactor: Arc<dyn Reactor>) -> Parts {
    Parts { reactor, bounds: Bounds::default(), clock: Arc::new(SystemClock), rng: Arc::new(SystemRng) }
}
