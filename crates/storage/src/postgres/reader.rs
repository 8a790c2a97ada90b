//! Reading outside the writer: a small pool of connections, each view in one snapshot.

use std::any::TypeId;
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use docket_kernel::{Cell, Loaded, Row, Table, Want};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::connect::{Brought, Call, Given, Link, Server, engine_error, row_of};
use super::load::bring;
use crate::count_by_day::{self, CountQuery, DayCount, WeightQuery, count_by_day};
use crate::engine::{EngineError, ready};
use crate::feed::{After, FollowedRows, newest, newest_of, not_followed};
use crate::list::{self, ListQuery, PageDirection, PrefixQuery};
use crate::reader::{READ_SECONDS, ReadError, WAITING_MAX};
use crate::sql::{self, Dialect, Hold};

/// The number of concurrent views; further views wait for a connection.
const CONNECTIONS_MAX: usize = 16;

const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// A pool of read-only connections.
#[derive(Debug)]
pub(crate) struct PostgresReader {
    server: Server,
    idle: Arc<Mutex<Vec<Link>>>,
    places: Arc<Semaphore>,
    /// The number of views that wait for a connection.
    waiting: Arc<AtomicUsize>,
    /// The types of closures that needed more than one round of loading; at most as many as the program has.
    long: RwLock<HashSet<TypeId>>,
}

/// A place in the queue for a connection, released when this value is dropped.
#[derive(Debug)]
struct Waiting(Arc<AtomicUsize>);

impl Waiting {
    fn at(waiting: &Arc<AtomicUsize>) -> Result<Self, ReadError> {
        let this = Self(Arc::clone(waiting));
        match waiting.fetch_add(1, Ordering::Relaxed) {
            before if before < WAITING_MAX => Ok(this),
            _ => Err(ReadError::Overloaded),
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl PostgresReader {
    pub fn new(server: Server) -> Self {
        Self {
            server,
            idle: Arc::default(),
            places: Arc::new(Semaphore::new(CONNECTIONS_MAX)),
            waiting: Arc::default(),
            long: RwLock::default(),
        }
    }

    /// Whether a closure of this type needed more than one round of loading before.
    pub fn needs_rounds(&self, closure: TypeId) -> bool {
        self.long.read().unwrap_or_else(PoisonError::into_inner).contains(&closure)
    }

    /// Records that closures of this type need more than one round: [`Self::needs_rounds`] then returns true.
    pub fn note_rounds(&self, closure: TypeId) {
        self.long.write().unwrap_or_else(PoisonError::into_inner).insert(closure);
    }

    /// A snapshot of the database, valid until it is dropped.
    pub async fn snapshot(&self) -> Result<Snapshot, ReadError> {
        let mut snapshot = self.lend().await?;
        // Sent without waiting: its answer arrives before that of the first query.
        let _ = ready(snapshot.link()?.client.batch_execute(BEGIN));
        snapshot.begun = true;
        Ok(snapshot)
    }

    /// Runs a single query, which needs no transaction.
    pub async fn bring(&self, want: &[Want]) -> Result<Loaded, ReadError> {
        self.lend().await?.bring(want).await
    }

    /// A connection, until this is dropped.
    async fn lend(&self) -> Result<Snapshot, ReadError> {
        let closed = |_| EngineError::Unreachable("the pool of connections is closed".into());
        let waiting = Waiting::at(&self.waiting)?;
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(closed)?;
        drop(waiting);
        let link = match self.idle_link() {
            Some(link) => link,
            None => self.connect().await?,
        };
        Ok(Snapshot { link: Some(link), begun: false, idle: Arc::clone(&self.idle), _place: place })
    }

    async fn connect(&self) -> Result<Link, ReadError> {
        let link = self.server.connect().await?;
        let bound = format!("SET statement_timeout = '{READ_SECONDS}s'");
        link.client.batch_execute(&bound).await.map_err(|error| ReadError::from(engine_error(&error)))?;
        Ok(link)
    }

    fn idle_link(&self) -> Option<Link> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        std::iter::from_fn(|| idle.pop()).find(|link| !link.client.is_closed())
    }

    /// The value of a counter that no decision reads.
    pub async fn counted(&self, scope: &str, name: &str) -> Result<i64, ReadError> {
        let call = Call::new(sql::COUNTED, vec![Box::new(scope), Box::new(name)]);
        let rows = self.snapshot().await?.ask(call).await?;
        rows.first().map_or(Ok(0), int_of)
    }
}

/// The database at one instant.
#[derive(Debug)]
pub(crate) struct Snapshot {
    link: Option<Link>,
    /// Whether a transaction is open.
    begun: bool,
    idle: Arc<Mutex<Vec<Link>>>,
    _place: OwnedSemaphorePermit,
}

impl Snapshot {
    fn link(&mut self) -> Result<&mut Link, EngineError> {
        self.link.as_mut().ok_or_else(|| EngineError::Unreachable("there is no connection".into()))
    }

    /// Removes the time limit for statements of this snapshot.
    pub async fn take_all_the_time(&mut self) -> Result<(), ReadError> {
        let client = &self.link()?.client;
        client.batch_execute("SET LOCAL statement_timeout = 0").await.map_err(|error| engine_error(&error).into())
    }

    async fn ask(&mut self, call: Call<'_>) -> Result<Vec<tokio_postgres::Row>, ReadError> {
        let answers = self.link()?.ask(&[call]).await.map_err(|error| engine_error(&error))?;
        Ok(answers.into_iter().flatten().collect())
    }

    async fn brought(&mut self, call: Call<'_>) -> Result<Brought, ReadError> {
        Ok(self.link()?.ask_within(&[call]).await?.into_iter().next().unwrap_or_default())
    }

    pub async fn bring(&mut self, wants: &[Want]) -> Result<Loaded, ReadError> {
        Ok(bring(self.link()?, wants, Hold::Free).await?)
    }

    /// The next rows after this key, in key order; fewer than a full portion at the end of the table.
    pub async fn walk(&mut self, table: &'static Table, after: &str) -> Result<Vec<Row>, ReadError> {
        let given: Vec<Given<'_>> = vec![Box::new(after), Box::new(sql::WALKED)];
        let call = Call::new(sql::walk(Dialect::Postgres, table), given).within(sql::WALKED_BYTES);
        let rows = self.brought(call).await?.rows;
        Ok(rows.iter().map(|row| row_of(table, row)).collect::<Result<_, _>>()?)
    }

    pub async fn count_by_day(&mut self, query: &CountQuery, scope: &Arc<str>) -> Result<Vec<DayCount>, ReadError> {
        let (text, cells) = count_by_day(Dialect::Postgres, query, scope);
        let rows = self.ask(Call::new(text, cells.iter().map(given).collect())).await?;
        let told = |row: &tokio_postgres::Row| -> Result<DayCount, tokio_postgres::Error> {
            Ok(DayCount { by: row.try_get(0)?, and: row.try_get(1)?, day: row.try_get(2)?, count: row.try_get(3)? })
        };
        rows.iter().map(|row| told(row).map_err(|error| engine_error(&error).into())).collect()
    }

    pub async fn weight(&mut self, query: WeightQuery, scope: &str, group: &str) -> Result<i64, ReadError> {
        let given: Vec<Given<'_>> = vec![Box::new(scope), Box::new(group)];
        let rows = self.ask(Call::new(count_by_day::weight(Dialect::Postgres, query), given)).await?;
        rows.first().map_or(Ok(0), int_of)
    }

    pub async fn oldest(
        &mut self,
        query: WeightQuery,
        scope: &str,
        group: &str,
        limit: u32,
    ) -> Result<Vec<(String, i64)>, ReadError> {
        let given: Vec<Given<'_>> = vec![Box::new(scope), Box::new(group), Box::new(i64::from(limit))];
        let rows = self.ask(Call::new(count_by_day::oldest(query), given)).await?;
        let told = |row: &tokio_postgres::Row| -> Result<(String, i64), tokio_postgres::Error> {
            Ok((row.try_get(0)?, row.try_get(1)?))
        };
        rows.iter().map(|row| told(row).map_err(|error| engine_error(&error).into())).collect()
    }

    pub async fn page(&mut self, query: &ListQuery, scope: &Arc<str>) -> Result<Vec<Row>, ReadError> {
        let cursor = match &query.turn {
            PageDirection::First => None,
            PageDirection::After(key) | PageDirection::Before(key) if key.contains('\0') => {
                return Err(ReadError::UnknownCursor);
            }
            PageDirection::After(key) | PageDirection::Before(key) => {
                let given: Vec<Given<'_>> = vec![Box::new(key.as_ref()), Box::new(scope.as_ref())];
                let rows = self.ask(Call::new(list::cursor(query), given)).await?;
                Some(int_of(rows.first().ok_or(ReadError::UnknownCursor)?)?)
            }
        };
        self.rows(query.table, list::page(Dialect::Postgres, query, scope, cursor)).await
    }

    pub async fn beginning(&mut self, query: &PrefixQuery, scope: &Arc<str>) -> Result<Vec<Row>, ReadError> {
        self.rows(query.table, list::beginning(Dialect::Postgres, query, scope)).await
    }

    /// The rows after a position or a number.
    pub async fn follow(
        &mut self,
        table: &'static Table,
        after: &After,
        limit: u32,
    ) -> Result<FollowedRows, ReadError> {
        let failed = |error: tokio_postgres::Error| ReadError::from(engine_error(&error));
        let Some(feed) = table.feed else { return Err(not_followed(table)) };
        let limit = i64::from(limit);
        let call = match after {
            After::DatabaseAddress(place) => {
                let text = sql::follow(Dialect::Postgres, table, feed);
                Call::new(text, vec![Box::new(*place), Box::new(limit)])
            }
            After::Number(whose, number) => {
                let text = sql::follow_of(Dialect::Postgres, table, feed);
                Call::new(text, vec![Box::new(whose.as_ref()), Box::new(*number), Box::new(limit)])
            }
        };
        let found = self.ask(call).await?;
        let mut rows = Vec::with_capacity(found.len());
        for row in &found {
            let at = table.columns.len();
            let (place, number) = (row.try_get(at).map_err(failed)?, row.try_get(at + 1).map_err(failed)?);
            rows.push((place, number, row_of(table, row)?));
        }
        Ok(after.followed_by(rows))
    }

    /// The position of the newest row, or its number in an environment.
    pub async fn newest(&mut self, table: &'static Table, whose: Option<&Arc<str>>) -> Result<i64, ReadError> {
        let Some(feed) = table.feed else { return Err(not_followed(table)) };
        let call = match whose {
            Some(whose) => Call::new(newest_of(feed), vec![Box::new(whose.as_ref())]),
            None => Call::new(newest(feed), Vec::new()),
        };
        let rows = self.ask(call).await?;
        rows.first().map_or(Ok(0), int_of)
    }

    async fn rows(&mut self, table: &Table, (text, cells): (String, Vec<Cell>)) -> Result<Vec<Row>, ReadError> {
        let brought = self.brought(Call::new(text, cells.iter().map(given).collect())).await?;
        if brought.is_cut {
            return Err(ReadError::too_large());
        }
        Ok(brought.rows.iter().map(|row| row_of(table, row)).collect::<Result<_, _>>()?)
    }
}

impl Drop for Snapshot {
    /// Ends the transaction without waiting for the answer, also if the view was cancelled.
    fn drop(&mut self) {
        if let Some(link) = self.link.take().filter(|link| !link.client.is_closed()) {
            if self.begun {
                let _ = ready(link.client.batch_execute("COMMIT"));
            }
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(link);
        }
    }
}

fn int_of(row: &tokio_postgres::Row) -> Result<i64, ReadError> {
    row.try_get(0).map_err(|error| engine_error(&error).into())
}

fn given(cell: &Cell) -> Given<'_> {
    match cell {
        Cell::Null => Box::new(None::<&str>),
        Cell::Text(text) | Cell::Json(text) => Box::new(text.as_ref()),
        Cell::Blob(bytes) => Box::new(bytes.bytes()),
        Cell::Int(number) => Box::new(*number),
        Cell::Bool(truth) => Box::new(*truth),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_wait_up_to_the_limit_of_the_queue_and_one_more_is_refused() {
        let count = Arc::default();
        let mut waiting: Vec<_> = (0..WAITING_MAX).map(|_| Waiting::at(&count).expect("there is room")).collect();

        assert!(matches!(Waiting::at(&count), Err(ReadError::Overloaded)));
        waiting.pop();
        assert!(Waiting::at(&count).is_ok());
    }
}
