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
pub(crate) struct Hints {
    work: Arc<Notify>,
    news: Arc<Notify>,
    rows: Arc<Notify>,
}

impl Hints {
    /// Leaves a hint that work is due.
    pub fn leave(&self) {
        self.work.notify_one();
    }

    /// Leaves a hint, for this node alone, that rows are to be numbered.
    pub fn leave_rows(&self) {
        self.rows.notify_one();
    }

    /// Waits for such a hint.
    pub async fn rows(&self) {
        self.rows.notified().await;
    }

    /// Leaves a hint that something was written.
    pub fn leave_news(&self) {
        self.news.notify_one();
    }
}

/// Hints may be lost, so nobody waits until they are on disk.
const SESSION: &str = "SET synchronous_commit = off; LISTEN docket; LISTEN docket_news";

async fn pause(time: Duration) {
    drop(tokio::time::timeout(time, std::future::pending::<()>()).await);
}

/// Sends this node's hints and passes on those of others, until it is aborted.
pub(crate) async fn run(server: Server, hints: Hints, writer: Writer) {
    loop {
        let nudged = writer.clone();
        let heard = move |channel: &str| {
            if channel == "docket_news" { nudged.tell_news() } else { nudged.nudge() }
        };
        if let Ok(mut link) = server.connect_with(heard).await
            && link.client.batch_execute(SESSION).await.is_ok()
        {
            // What was hinted at while nobody listened.
            writer.nudge();
            writer.tell_news();
            loop {
                let text = tokio::select! {
                    _ = &mut link.ended => break,
                    () = hints.work.notified() => "NOTIFY docket",
                    () = hints.news.notified() => "NOTIFY docket_news",
                };
                if link.client.batch_execute(text).await.is_err() {
                    break;
                }
                pause(PAUSE).await;
            }
        }
        pause(RETRY).await;
    }
}
