//! Claiming due rows: their keys are locked first, then rows are read up to the limit of bytes.

use std::collections::HashMap;
use std::sync::Arc;

use docket_kernel::{Moment, Table};

use super::connect::{Call, Link, engine_error, row_of};
use crate::claim::{PARTIES_MAX, Pointer, ROWS_OF_PARTY, Turns};
use crate::engine::{Claimed, EngineError, Room};
use crate::sql::{self, Dialect, Hold};

/// The oldest due rows and, if there is a backlog, some of other environments, up to a limit of bytes.
pub(super) async fn claim(
    link: &mut Link,
    turns: &mut Turns,
    table: &'static Table,
    due: &'static str,
    now: Moment,
    room: Room,
) -> Result<Claimed, EngineError> {
    let rows = i64::try_from(room.rows).unwrap_or(i64::MAX);
    let call = Call::new(sql::claim(Dialect::Postgres, table, due), vec![Box::new(now.0), Box::new(rows)]);
    let mut found = pointers(&ask(link, call).await?)?;
    if found.is_empty() {
        return Ok(Claimed::default());
    }
    let is_backlog = found.len() >= room.rows;
    if is_backlog {
        let after = Arc::clone(&turns.looked_at);
        let call = Call::new(sql::due_parties(table, due), vec![Box::new(after.as_ref()), Box::new(PARTIES_MAX)]);
        let named = ask(link, call).await?;
        let parties: Vec<Arc<str>> = named.iter().map(|row| text(row, 0)).collect::<Result<_, _>>()?;
        let whose: Vec<&str> = parties.iter().map(AsRef::as_ref).collect();
        let text = sql::claim_of_parties(Dialect::Postgres, table, due);
        let call = Call::new(text, vec![Box::new(&whose), Box::new(now.0), Box::new(ROWS_OF_PARTY)]);
        found.extend(pointers(&ask(link, call).await?)?);
        turns.looked(&parties);
    }
    let keys = turns.take(found, room.rows);
    let asked: Vec<&str> = keys.iter().map(AsRef::as_ref).collect();
    let measured = ask(link, Call::new(sql::sizes(table), vec![Box::new(&asked)])).await?;
    let mut sizes: HashMap<Arc<str>, usize> = HashMap::with_capacity(measured.len());
    for row in &measured {
        let size: i64 = row.try_get(1).map_err(|error| engine_error(&error))?;
        sizes.insert(text(row, 0)?, usize::try_from(size).unwrap_or(0));
    }
    let (mut bytes, mut fitting) = (0, Vec::with_capacity(keys.len()));
    for key in &keys {
        if bytes >= room.bytes {
            break;
        }
        bytes += sizes.get(key).copied().unwrap_or(0);
        fitting.push(key.as_ref());
    }
    let more = is_backlog || fitting.len() < keys.len();
    // The rows are locked already.
    let call = Call::new(sql::load(Dialect::Postgres, table, Hold::Free), vec![Box::new(&fitting)]);
    let rows = ask(link, call).await?;
    let rows = rows.iter().map(|row| row_of(table, row)).collect::<Result<_, _>>()?;
    Ok(Claimed { rows, more })
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
