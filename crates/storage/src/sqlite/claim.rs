//! Claiming due rows. With a single writer no locks are needed.

use std::sync::Arc;

use docket_kernel::{Moment, Table};
use rusqlite::Connection;

use super::rows_within;
use crate::claim::{Oldest, PARTIES_MAX, ROWS_OF_PARTY, Turns};
use crate::engine::{Claimed, Room};
use crate::sql::{self, Dialect, Hold};

/// The oldest due rows and, if there is a backlog, some of other environments, up to a limit of bytes. Without a backlog
/// this takes one statement.
pub(super) fn claim(
    connection: &Connection,
    turns: &mut Turns,
    table: &'static Table,
    due: &'static str,
    now: Moment,
    room: Room,
) -> rusqlite::Result<Claimed> {
    let limit = i64::try_from(room.rows).unwrap_or(i64::MAX).saturating_add(1);
    let mut statement = connection.prepare_cached(&sql::claim(Dialect::Sqlite, table, due))?;
    let (rows, is_cut) = rows_within(table, &mut statement, (now.0, limit), room.bytes)?;
    let oldest = Oldest { rows, is_cut };
    let mut found = oldest.pointers(table);
    if !oldest.is_backlog(room) {
        let keys = turns.take(found, room.rows);
        return Ok(oldest.chosen(Vec::new(), &keys, room));
    }
    let mut statement = connection.prepare_cached(&sql::due_parties(table, due))?;
    let named = statement.query_map((turns.looked_at.as_ref(), PARTIES_MAX), |row| text(row, 0))?;
    let parties = named.collect::<rusqlite::Result<Vec<_>>>()?;
    let mut statement = connection.prepare_cached(&sql::claim_of_parties(Dialect::Sqlite, table, due))?;
    for party in &parties {
        let pointers =
            statement.query_map((party.as_ref(), now.0, ROWS_OF_PARTY), |row| Ok((text(row, 0)?, text(row, 1)?)))?;
        for pointer in pointers {
            found.push(pointer?);
        }
    }
    turns.looked(&parties);
    let keys = turns.take(found, room.rows);
    let asked = serde_json::to_string(&oldest.missing(&keys)).unwrap_or_default();
    let mut statement = connection.prepare_cached(&sql::load(Dialect::Sqlite, table, Hold::Free))?;
    let (beside, _) = rows_within(table, &mut statement, (&asked,), room.bytes)?;
    Ok(oldest.chosen(beside, &keys, room))
}

fn text(row: &rusqlite::Row<'_>, place: usize) -> rusqlite::Result<Arc<str>> {
    row.get::<_, String>(place).map(Arc::from)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use docket_kernel::{Entity, EnvironmentId, EventId};
    use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

    use super::*;

    docket_kernel::entity! {
        /// Falls due.
        pub struct Chore in "chore" {
            table: { rank: 10, lock: Row(version), scope: environment_id, unique: [], asked: [], due: "due_at" },
            /// Id.
            id: EventId,
            /// Whose.
            environment_id: EnvironmentId,
            /// Changes.
            version: i64,
            /// When.
            due_at: Option<Moment>,
        }
    }

    /// Claims up to `rows` of `due` rows; returns how many were claimed, whether there are more, and the number of queries.
    fn claimed(due: usize, rows: usize) -> (usize, bool, usize) {
        let mut connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch("CREATE TABLE chore (id TEXT, environment_id TEXT, version BIGINT, due_at BIGINT)")
            .unwrap();
        for row in 0..due {
            let text = format!("INSERT INTO chore VALUES ('{row}', 'env_{row}', 1, 1), ('{row}x', 'env_a', 1, 9)");
            connection.execute_batch(&text).unwrap();
        }
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&asked);
        let count = move |context: AuthContext<'_>| {
            counted.fetch_add(usize::from(matches!(context.action, AuthAction::Select)), Ordering::Relaxed);
            Authorization::Allow
        };
        connection.authorizer(Some(count)).unwrap();
        let room = Room { rows, bytes: 1_000 };

        let claimed = claim(&connection, &mut Turns::default(), Chore::TABLE, "due_at", Moment(5), room).unwrap();

        (claimed.rows.len(), claimed.more, asked.load(Ordering::Relaxed))
    }

    #[test]
    fn without_a_backlog_a_claim_takes_no_more_queries_than_finding_nothing() {
        // SQLite may prepare a query twice.
        let (_, _, one) = claimed(0, 1);

        assert_eq!(claimed(1, 1), (1, false, one));
        assert_eq!(claimed(8, 8), (8, false, one));
        let (rows, more, queries) = claimed(9, 8);
        assert_eq!((rows, more), (8, true));
        assert!(queries > one + 2, "{queries}: then whose turn it is has to be found out");
    }
}
