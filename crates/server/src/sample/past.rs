//! The clock of the sample: it stands in the past and is walked to the present.

use std::sync::Arc;

use docket_kernel::{Clock, ManualClock, Moment};

/// How long before the present the sample begins: its templates and workflows are a little older than its cases.
const BEFORE_SECONDS: i64 = 63 * 86_400;

/// A clock that stands until it is walked on, and never past the present.
#[derive(Debug)]
pub struct Past {
    clock: Arc<ManualClock>,
    present: Moment,
}

impl Past {
    /// A clock that stands two months before the present.
    pub fn before(present: Moment) -> Self {
        Self { clock: Arc::new(ManualClock::at(present.plus_seconds(-BEFORE_SECONDS))), present }
    }

    /// The same clock, whose walk ends at another present.
    #[must_use]
    pub fn until(&self, present: Moment) -> Self {
        Self { clock: Arc::clone(&self.clock), present }
    }

    /// Where the walk ends.
    pub fn present(&self) -> Moment {
        self.present
    }

    /// Walks on to an instant. An earlier one leaves the clock where it is.
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
