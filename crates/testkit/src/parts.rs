//! The parts of a writer, for tests.

use std::sync::Arc;

use docket_kernel::{Clock, ManualClock, Moment, SeededRng, SystemClock, SystemRng};
use docket_storage::{Bounds, Parts, Reactor};

/// The instant at which the clocks of tests begin.
pub fn start_of_time() -> Moment {
    Moment(1_767_225_600_000_000)
}

/// Parts whose time moves when it is told to and whose chance repeats. Give each node of a database another number.
pub fn parts(clock: &Arc<ManualClock>, number: u64, reactor: Arc<dyn Reactor>) -> Parts {
    let clock: Arc<dyn Clock> = Arc::<ManualClock>::clone(clock);
    Parts { reactor, bounds: Bounds::default(), clock, rng: Arc::new(SeededRng::new(number)) }
}

/// Parts as the product has them: for tests of many callers at once, where postponed work comes again by itself.
pub fn parts_in_real_time(reactor: Arc<dyn Reactor>) -> Parts {
    Parts { reactor, bounds: Bounds::default(), clock: Arc::new(SystemClock), rng: Arc::new(SystemRng) }
}
