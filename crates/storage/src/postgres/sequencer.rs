//! Numbers the rows that are followed, right after their commits: one node at a time, the one that holds the lock.

use std::time::Duration;

use tokio_postgres::SimpleQueryMessage;

use super::connect::{Link, Server, engine_error};
use super::hint::Hints;
use crate::engine::EngineError;
use crate::sql;
use crate::writer::Writer;

/// The maximum number of rows that one statement numbers; the same limit is in the SQL.
const AT_ONCE: u64 = 500;
/// The key of the lock: "number" in ASCII.
const LOCK: i64 = 0x6e75_6d62_6572;
/// The polling interval: a node that died may have left unnumbered rows behind.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The pause after a turn: rows that are committed meanwhile are numbered together.
const PAUSE: Duration = Duration::from_millis(5);

async fn pause(time: Duration) {
    drop(tokio::time::timeout(time, std::future::pending::<()>()).await);
}

/// Numbers committed rows, until it is aborted.
pub(crate) async fn run(server: Server, hints: Hints, writer: Writer) {
    let mut link = None;
    loop {
        drop(tokio::time::timeout(LOOK_EVERY, hints.rows()).await);
        match turn(&server, &mut link).await {
            Ok(0) => {}
            Ok(_) => {
                writer.tell_news();
                hints.leave_news();
            }
            Err(error) => {
                // An open transaction ends with the connection.
                link = None;
                tracing::warn!(%error, "events could not be numbered; retrying");
                pause(LOOK_EVERY).await;
            }
        }
        pause(PAUSE).await;
    }
}

/// Numbers all rows that are committed by now; returns their count.
async fn turn(server: &Server, link: &mut Option<Link>) -> Result<u64, EngineError> {
    let connected = match link.take().filter(|link| !link.client.is_closed()) {
        Some(link) => link,
        None => server.connect().await?,
    };
    let connected = link.insert(connected);
    let text = format!("BEGIN; SELECT pg_advisory_xact_lock({LOCK}); {}; COMMIT", sql::NUMBER);
    let mut all = 0;
    loop {
        // Each statement sees what was committed before it began: the third, all before the lock was taken.
        let said = connected.client.simple_query(&text).await.map_err(|error| engine_error(&error))?;
        let mut written = said.iter().filter_map(|message| match message {
            SimpleQueryMessage::CommandComplete(rows) => Some(*rows),
            _ => None,
        });
        let numbered = written.nth(2).unwrap_or_default();
        all += numbered;
        if numbered < AT_ONCE {
            return Ok(all);
        }
    }
}
