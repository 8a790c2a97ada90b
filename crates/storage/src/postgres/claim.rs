//! Claiming due rows: one statement locks and reads them.

use std::sync::Arc;

use docket_kernel::{Moment, Row, Table};

use super::connect::{Call, Link, engine_error, row_of};
use crate::claim::{Oldest, PARTIES_MAX, Pointer, ROWS_OF_PARTY, Turns};
use crate::engine::{Claimed, EngineError, Room};
use crate::sql::{self, Dialect, Hold};

/// The oldest due rows and, if there is a backlog, some of other environments, up to a limit of bytes. Without a backlog
/// this takes one statement.
pub(super) async fn claim(
    link: &mut Link,
    turns: &mut Turns,
    table: &'static Table,
    due: &'static str,
    now: Moment,
    room: Room,
) -> Result<Claimed, EngineError> {
    let limit = i64::try_from(room.rows).unwrap_or(i64::MAX).saturating_add(1);
    let call = Call::new(sql::claim(Dialect::Postgres, table, due), vec![Box::new(now.0), Box::new(limit)]);
    let (rows, is_cut) = rows_within(link, table, call, room.bytes).await?;
    let oldest = Oldest { rows, is_cut };
    let mut found = oldest.pointers(table);
    if !oldest.is_backlog(room) {
        let keys = turns.take(found, room.rows);
        return Ok(oldest.chosen(Vec::new(), &keys, room));
    }
    let after = Arc::clone(&turns.looked_at);
    let call = Call::new(sql::due_parties(table, due), vec![Box::new(after.as_ref()), Box::new(PARTIES_MAX)]);
    let named = ask(link, call).await?;
    let parties: Vec<Arc<str>> = named.iter().map(|row| text(row, 0)).collect::<Result<_, _>>()?;
    let whose: Vec<&str> = parties.iter().map(AsRef::as_ref).collect();
    let of_parties = sql::claim_of_parties(Dialect::Postgres, table, due);
    let call = Call::new(of_parties, vec![Box::new(&whose), Box::new(now.0), Box::new(ROWS_OF_PARTY)]);
    found.extend(pointers(&ask(link, call).await?)?);
    turns.looked(&parties);
    let keys = turns.take(found, room.rows);
    let asked = oldest.missing(&keys);
    // The rows are locked already.
    let call = Call::new(sql::load(Dialect::Postgres, table, Hold::Free), vec![Box::new(&asked)]);
    let (beside, _) = rows_within(link, table, call, room.bytes).await?;
    Ok(oldest.chosen(beside, &keys, room))
}

async fn rows_within(
    link: &mut Link,
    table: &'static Table,
    call: Call<'_>,
    bytes_max: usize,
) -> Result<(Vec<Row>, bool), EngineError> {
    let brought = link.ask_within(&[call.within(bytes_max)]).await?.into_iter().next().unwrap_or_default();
    let rows = brought.rows.iter().map(|row| row_of(table, row)).collect::<Result<_, _>>()?;
    Ok((rows, brought.is_cut))
}

async fn ask(link: &mut Link, call: Call<'_>) -> Result<Vec<tokio_postgres::Row>, EngineError> {
    let answers = link.ask(&[call]).await.map_err(|error| engine_error(&error))?;
    Ok(answers.into_iter().flatten().collect())
}

fn pointers(rows: &[tokio_postgres::Row]) -> Result<Vec<Pointer>, EngineError> {
    rows.iter().map(|row| Ok((text(row, 0)?, text(row, 1)?))).collect()
}

fn text(row: &tokio_postgres::Row, place: usize) -> Result<Arc<str>, EngineError> {
    row.try_get::<_, &str>(place).map(Arc::from).map_err(|error| engine_error(&error))
}
