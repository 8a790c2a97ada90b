//! Wall time for this tool, in one place. The product itself takes time from a clock that it is handed.

use std::time::Instant;

/// The moment it is now, for measuring how long a step took.
#[expect(clippy::disallowed_methods, reason = "a tool that times real commands has no clock to be handed")]
pub fn now() -> Instant {
    Instant::now()
}
