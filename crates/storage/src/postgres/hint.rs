//! Hints between nodes: there is due work, or news. Polling finds the same; losing a hint costs a second.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::connect::Server;
use crate::writer::Writer;

/// The pause after each hint: at most twenty a second.
const PAUSE: Duration = Duration::from_millis(50);
/// The delay before reconnecting.
const RETRY: Duration = Duration::from_secs(1);

/// Where lanes put their hints; hints of the same type are merged.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hints {
    work: Arc<Notify>,
    news: Arc<Notify>,
    rows: Arc<Notify>,
}

impl Hints {
    /// Adds a hint that work is due.
    pub fn leave(&self) {
        self.work.notify_one();
    }

    /// Adds a hint, for this node only, that rows have to be numbered.
    pub fn leave_rows(&self) {
        self.rows.notify_one();
    }

    /// Waits for a hint that rows have to be numbered.
    pub async fn rows(&self) {
        self.rows.notified().await;
    }

    /// Adds a hint that something was written.
    pub fn leave_news(&self) {
        self.news.notify_one();
    }
}

/// Hints may be lost, so the commit does not wait for the disk.
const SESSION: &str = "SET synchronous_commit = off; LISTEN docket; LISTEN docket_news";

async fn pause(time: Duration) {
    drop(tokio::time::timeout(time, std::future::pending::<()>()).await);
}

/// Sends this node's hints and receives those of other nodes, until it is aborted.
pub(crate) async fn run(server: Server, hints: Hints, writer: Writer) {
    loop {
        let nudged = writer.clone();
        let heard = move |channel: &str| {
            if channel == "docket_news" { nudged.tell_news() } else { nudged.nudge() }
        };
        if let Ok(mut link) = server.connect_with(heard).await
            && link.client.batch_execute(SESSION).await.is_ok()
        {
            // Hints may have been missed while the connection was down.
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
