//! Hints from node to node: there is due work, or news. The poll is the truth; losing a hint costs a second.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::connect::Server;
use crate::writer::Writer;

/// So long after a hint no other is sent: twenty a second at the most.
const PAUSE: Duration = Duration::from_millis(50);
/// So long after a broken connection the next one is tried.
const RETRY: Duration = Duration::from_secs(1);

/// Where lanes leave their hints; many become one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hints(Arc<Notify>);

impl Hints {
    /// Leaves a hint.
    pub fn leave(&self) {
        self.0.notify_one();
    }
}

async fn pause(time: Duration) {
    drop(tokio::time::timeout(time, std::future::pending::<()>()).await);
}

/// Sends this node's hints and passes on those of others, until it is aborted.
pub(crate) async fn run(server: Server, hints: Hints, writer: Writer) {
    loop {
        let nudged = writer.clone();
        if let Ok(mut link) = server.connect_with(move || nudged.nudge()).await
            && link.client.batch_execute("LISTEN docket").await.is_ok()
        {
            // What was hinted at while nobody listened.
            writer.nudge();
            loop {
                tokio::select! {
                    _ = &mut link.ended => break,
                    () = hints.0.notified() => {
                        if link.client.batch_execute("NOTIFY docket").await.is_err() {
                            break;
                        }
                        pause(PAUSE).await;
                    }
                }
            }
        }
        pause(RETRY).await;
    }
}
