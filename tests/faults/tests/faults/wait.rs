//! Waiting for a real process: it is looked at again and again, and not longer than to a deadline.

use std::future::Future;
use std::time::Duration;

use docket_kernel::{Clock, Moment, SystemClock};

/// How often a process is looked at.
const PAUSE: Duration = Duration::from_millis(2);

/// The present instant, as the processes under test see it.
pub fn now() -> Moment {
    SystemClock.now()
}

/// Lets others go on for a moment.
pub async fn pause() {
    drop(tokio::time::timeout(PAUSE, std::future::pending::<()>()).await);
}

/// Asks until there is an answer; `None` when there was none within so many seconds.
pub async fn until<T, F: Future<Output = Option<T>>>(seconds: i64, mut ask: impl FnMut() -> F) -> Option<T> {
    let deadline = now().plus_seconds(seconds);
    loop {
        if let Some(answer) = ask().await {
            return Some(answer);
        }
        if now() > deadline {
            return None;
        }
        pause().await;
    }
}
