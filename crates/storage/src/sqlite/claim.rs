//! Claiming due rows. With a single writer no locks are needed.

use std::sync::Arc;

use docket_kernel::{Moment, Table};
use rusqlite::Connection;

use super::rows_of;
use crate::claim::{PARTIES_MAX, Pointer, ROWS_OF_PARTY, Turns, bytes_of};
use crate::engine::{Claimed, Room};
use crate::sql::{self, Dialect, Hold};

/// The oldest due rows and, if there is a backlog, some of other environments, up to a limit of bytes.
pub(super) fn claim(
    connection: &Connection,
    turns: &mut Turns,
    table: &'static Table,
    due: &'static str,
    now: Moment,
    room: Room,
) -> rusqlite::Result<Claimed> {
    let pointer = |row: &rusqlite::Row<'_>| -> rusqlite::Result<Pointer> { Ok((text(row, 0)?, text(row, 1)?)) };
    let rows = i64::try_from(room.rows).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(&sql::claim(Dialect::Sqlite, table, due))?;
    let mut found = statement.query_map((now.0, rows), pointer)?.collect::<rusqlite::Result<Vec<_>>>()?;
    let is_backlog = found.len() >= room.rows;
    if is_backlog {
        let mut statement = connection.prepare_cached(&sql::due_parties(table, due))?;
        let named = statement.query_map((turns.looked_at.as_ref(), PARTIES_MAX), |row| text(row, 0))?;
        let parties = named.collect::<rusqlite::Result<Vec<_>>>()?;
        let mut statement = connection.prepare_cached(&sql::claim_of_parties(Dialect::Sqlite, table, due))?;
        for party in &parties {
            for row in statement.query_map((party.as_ref(), now.0, ROWS_OF_PARTY), pointer)? {
                found.push(row?);
            }
        }
        turns.looked(&parties);
    }
    let keys = turns.take(found, room.rows);
    let mut claimed = Claimed { rows: Vec::with_capacity(keys.len()), more: is_backlog };
    let mut statement = connection.prepare_cached(&sql::load(Dialect::Sqlite, table, Hold::Free))?;
    let mut bytes = 0;
    for key in keys {
        if bytes >= room.bytes {
            claimed.more = true;
            break;
        }
        let keys = serde_json::to_string(&[&key]).unwrap_or_default();
        for row in rows_of(table, &mut statement, &[&keys])? {
            bytes += bytes_of(&row);
            claimed.rows.push(row);
        }
    }
    Ok(claimed)
}

fn text(row: &rusqlite::Row<'_>, place: usize) -> rusqlite::Result<Arc<str>> {
    row.get::<_, String>(place).map(Arc::from)
}
