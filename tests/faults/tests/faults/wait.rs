//! Waiting for a real process: polls it up to a time limit.

use std::future::Future;
use std::time::Duration;

use docket_kernel::{Clock, Moment, SystemClock};

/// The interval between polls.
const PAUSE: Duration = Duration::from_millis(2);

/// The current instant, as the processes under test see it.
pub fn now() -> Moment {
    SystemClock.now()
}

/// Lets other tasks run for a moment.
pub async fn pause() {
    drop(tokio::time::timeout(PAUSE, std::future::pending::<()>()).await);
}

/// Polls until there is a result; `None` if there was none within this many seconds.
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
