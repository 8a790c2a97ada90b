//! The clock of the sample: it starts in the past and is advanced to the present.

use std::sync::Arc;

use docket_kernel::{Clock, ManualClock, Moment};

/// How long ago the sample begins, in seconds. Its templates and workflows are slightly older than its cases.
const BEFORE_SECONDS: i64 = 63 * 86_400;

/// A clock that stands still until it is advanced, and never passes the present.
#[derive(Debug)]
pub struct Past {
    clock: Arc<ManualClock>,
    present: Moment,
}

impl Past {
    /// A clock that starts two months before the present.
    pub fn before(present: Moment) -> Self {
        Self { clock: Arc::new(ManualClock::at(present.plus_seconds(-BEFORE_SECONDS))), present }
    }

    /// The same clock with another present.
    #[must_use]
    pub fn until(&self, present: Moment) -> Self {
        Self { clock: Arc::clone(&self.clock), present }
    }

    /// The time at which the clock stops.
    pub fn present(&self) -> Moment {
        self.present
    }

    /// Advances to a time. An earlier time leaves the clock unchanged.
    pub fn walk_to(&self, moment: Moment) {
        let micros = moment.min(self.present).0 - self.clock.now().0;
        self.clock.advance_micros(micros.max(0));
    }
}

impl Clock for Past {
    fn now(&self) -> Moment {
        self.clock.now()
    }
}
