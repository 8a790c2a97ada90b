//! Reading outside the writer: the same pure closures over the same unit of work, without locks and without a flush.

use std::any::TypeId;
use std::sync::Arc;

use docket_kernel::{Cell, Entity, PlantedBug, Refusal, Row, RowError, Scope, Stored, Table, UnitOfWork, Verb, Want};

use crate::count_by_day::{CountQuery, DayCount, WeightQuery};
use crate::engine::EngineError;
use crate::feed::{After, Followed, Numbered};
use crate::list::{ListQuery, PrefixQuery};
use crate::measure::too_large;
use crate::postgres::{self, PostgresReader};
use crate::sqlite::{Snapshot, SqliteReader};
use crate::view::{Round, View};

/// A view that needs more rounds of loading than this asks for rows without end.
const ROUNDS_MAX: usize = 100;

/// The time limit of a read: there are few connections, and other reads wait for them. Only reads that look at every
/// row on purpose have no limit.
pub(crate) const READ_SECONDS: u64 = 10;

/// The maximum number of reads that wait for a connection; one more is refused.
pub(crate) const WAITING_MAX: usize = 4_096;

/// Why a read failed.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The closure refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The row at which the page should begin or end does not exist.
    #[error("the object that the page starts at is not found")]
    UnknownCursor,
    /// Too many reads are waiting already.
    #[error("too many reads are waiting; try again in a second")]
    Overloaded,
    /// It exceeded the time limit: it reads too many rows.
    #[error("this read looked at too many rows and was stopped after {READ_SECONDS} seconds; narrow the filter")]
    TooSlow,
    /// It would load more bytes than a read may.
    #[error(transparent)]
    TooLarge(Refusal),
    /// The database failed.
    #[error(transparent)]
    Engine(EngineError),
}

impl From<EngineError> for ReadError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::TooSlow(_) => Self::TooSlow,
            EngineError::TooLarge => Self::too_large(),
            error => Self::Engine(error),
        }
    }
}

impl ReadError {
    pub(crate) fn too_large() -> Self {
        Self::TooLarge(too_large())
    }
}

impl From<RowError> for ReadError {
    fn from(error: RowError) -> Self {
        Self::Engine(EngineError::Failed(error.0))
    }
}

enum Source {
    Sqlite(SqliteReader),
    Postgres(PostgresReader),
}

/// Reads outside the writer. Cheap to clone.
#[derive(Clone)]
pub struct Reader {
    source: Arc<Source>,
    planted: Option<PlantedBug>,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reader")
    }
}

impl Reader {
    pub(crate) fn sqlite(reader: SqliteReader) -> Self {
        Self { source: Arc::new(Source::Sqlite(reader)), planted: None }
    }

    pub(crate) fn postgres(reader: PostgresReader) -> Self {
        Self { source: Arc::new(Source::Postgres(reader)), planted: None }
    }

    /// With a bug planted in every view, or with none.
    pub(crate) fn with_planted(self, planted: Option<PlantedBug>) -> Self {
        Self { planted, ..self }
    }

    /// Runs a read-only closure.
    pub async fn view<T: Send + 'static>(
        &self,
        scope: Scope,
        read: impl Fn(&mut UnitOfWork) -> Verb<T> + Send + Sync + 'static,
    ) -> Result<T, ReadError> {
        listed(self.view_of(scope, Start::Nothing, move |work, _| read(work)).await?)
    }

    /// Lists rows, newest first.
    pub async fn list<E: Entity>(&self, scope: Arc<str>, query: ListQuery) -> Result<Vec<Stored<E>>, ReadError> {
        self.view_list(Scope::Of(scope), query, |_, rows: &[Stored<E>]| Ok(rows.to_vec())).await
    }

    /// Lists rows, newest first, and runs a read-only closure over them.
    pub async fn view_list<E: Entity, T: Send + 'static>(
        &self,
        scope: Scope,
        query: ListQuery,
        read: impl Fn(&mut UnitOfWork, &[Stored<E>]) -> Verb<T> + Send + Sync + 'static,
    ) -> Result<T, ReadError> {
        self.view_rows(scope, RowQuery::Page(query), read).await
    }

    /// Looks rows up by a prefix of a text, and runs a read-only closure over them.
    pub async fn view_beginning<E: Entity, T: Send + 'static>(
        &self,
        scope: Scope,
        query: PrefixQuery,
        read: impl Fn(&mut UnitOfWork, &[Stored<E>]) -> Verb<T> + Send + Sync + 'static,
    ) -> Result<T, ReadError> {
        self.view_rows(scope, RowQuery::PrefixQuery(query), read).await
    }

    /// Lets a closure choose which rows to list, newest first, and runs another over them, both in one snapshot.
    /// Returns `None` if the first closure chooses none.
    pub async fn view_chosen<E: Entity, T: Send + 'static>(
        &self,
        scope: Scope,
        choose: impl Fn(&mut UnitOfWork) -> Verb<Option<ListQuery>> + Send + Sync + 'static,
        read: impl Fn(&mut UnitOfWork, &[Stored<E>]) -> Verb<T> + Send + Sync + 'static,
    ) -> Result<Option<T>, ReadError> {
        let whose = whose(&scope, E::TABLE)?;
        self.view_of(scope, Start::Chosen(whose, Box::new(choose)), over_rows(read)).await
    }

    async fn view_rows<E: Entity, T: Send + 'static>(
        &self,
        scope: Scope,
        wanted: RowQuery,
        read: impl Fn(&mut UnitOfWork, &[Stored<E>]) -> Verb<T> + Send + Sync + 'static,
    ) -> Result<T, ReadError> {
        let whose = whose(&scope, wanted.table())?;
        listed(self.view_of(scope, Start::RowQuery(whose, wanted), over_rows(read)).await?)
    }

    /// The rows of every environment after a position, in the order of their commits.
    pub async fn follow<E: Entity>(&self, after: i64, limit: u32) -> Result<Followed<E>, ReadError> {
        self.followed(After::DatabaseAddress(after), limit).await
    }

    /// The rows of one environment after a number, in the order of their commits.
    pub async fn follow_of<E: Entity>(
        &self,
        whose: Arc<str>,
        after: i64,
        limit: u32,
    ) -> Result<Followed<E>, ReadError> {
        self.followed(After::Number(whose, after), limit).await
    }

    async fn followed<E: Entity>(&self, after: After, limit: u32) -> Result<Followed<E>, ReadError> {
        let found = match &*self.source {
            Source::Sqlite(reader) => reader.with(move |snapshot| snapshot.follow(E::TABLE, &after, limit)).await?,
            Source::Postgres(reader) => reader.snapshot().await?.follow(E::TABLE, &after, limit).await?,
        };
        let mut rows = Vec::with_capacity(found.rows.len());
        for (place, number, row) in found.rows {
            rows.push(Numbered { place, number, row: Arc::new(E::decode(row)?) });
        }
        Ok(Followed { rows, until: found.until })
    }

    /// The position of the newest row that can be followed, or its number in an environment.
    pub async fn newest<E: Entity>(&self, whose: Option<Arc<str>>) -> Result<i64, ReadError> {
        match &*self.source {
            Source::Sqlite(reader) => reader.with(move |snapshot| snapshot.newest(E::TABLE, whose.as_ref())).await,
            Source::Postgres(reader) => reader.snapshot().await?.newest(E::TABLE, whose.as_ref()).await,
        }
    }

    /// The value of a counter that no decision reads.
    pub async fn counted(&self, scope: Arc<str>, name: &'static str) -> Result<i64, ReadError> {
        match &*self.source {
            Source::Sqlite(reader) => reader.with(move |snapshot| snapshot.counted(&scope, name)).await,
            Source::Postgres(reader) => reader.counted(&scope, name).await,
        }
    }

    /// Counts rows by two columns and the day of their creation.
    pub async fn count_by_day(&self, scope: Arc<str>, query: CountQuery) -> Result<Vec<DayCount>, ReadError> {
        if query.among.is_empty() {
            return Ok(Vec::new());
        }
        match &*self.source {
            Source::Sqlite(reader) => reader.with(move |snapshot| snapshot.count_by_day(&query, &scope)).await,
            Source::Postgres(reader) => reader.snapshot().await?.count_by_day(&query, &scope).await,
        }
    }

    /// The total weight of the rows of a group.
    pub async fn weight(&self, scope: Arc<str>, query: WeightQuery, group: Arc<str>) -> Result<i64, ReadError> {
        match &*self.source {
            Source::Sqlite(reader) => reader.with(move |snapshot| snapshot.weight(query, &scope, &group)).await,
            Source::Postgres(reader) => reader.snapshot().await?.weight(query, &scope, &group).await,
        }
    }

    /// The keys and weights of the oldest rows of a group.
    pub async fn oldest(
        &self,
        scope: Arc<str>,
        query: WeightQuery,
        group: Arc<str>,
        limit: u32,
    ) -> Result<Vec<(String, i64)>, ReadError> {
        match &*self.source {
            Source::Sqlite(reader) => reader.with(move |snapshot| snapshot.oldest(query, &scope, &group, limit)).await,
            Source::Postgres(reader) => reader.snapshot().await?.oldest(query, &scope, &group, limit).await,
        }
    }

    /// Passes every row of these tables to `take`, in key order and from one snapshot, and returns the final state.
    /// Then `again` names tables to pass once more, until it names none.
    pub async fn walk<S: Send + 'static>(
        &self,
        tables: &'static [&'static Table],
        mut state: S,
        take: fn(&mut S, &'static Table, Row),
        again: fn(&mut S) -> Option<&'static [&'static Table]>,
    ) -> Result<S, ReadError> {
        let mut next = Some(tables);
        match &*self.source {
            Source::Sqlite(reader) => {
                let walk = move |snapshot: &Snapshot<'_>| {
                    while let Some(tables) = next {
                        for table in tables {
                            snapshot.walk(table, |row| take(&mut state, table, row))?;
                        }
                        next = again(&mut state);
                    }
                    Ok(state)
                };
                reader.with_all_the_time(walk).await
            }
            Source::Postgres(reader) => {
                let mut snapshot = reader.snapshot().await?;
                snapshot.take_all_the_time().await?;
                while let Some(tables) = next {
                    for table in tables {
                        let mut after = Arc::from("");
                        loop {
                            let rows = snapshot.walk(table, &after).await?;
                            let Some(Cell::Text(last)) = rows.last().and_then(|row| row.first()).cloned() else {
                                break;
                            };
                            after = last;
                            for row in rows {
                                take(&mut state, table, row);
                            }
                        }
                    }
                    next = again(&mut state);
                }
                Ok(state)
            }
        }
    }

    /// The errors that the database finds in its own files. Not for PostgreSQL, which has its own tools.
    pub async fn damage(&self) -> Result<Vec<String>, ReadError> {
        match &*self.source {
            Source::Sqlite(reader) => reader.with_all_the_time(|snapshot| Ok(snapshot.damage())).await,
            Source::Postgres(_) => Ok(Vec::new()),
        }
    }

    async fn view_of<T: Send + 'static>(
        &self,
        scope: Scope,
        start: Start,
        read: impl Fn(&mut UnitOfWork, &[Arc<str>]) -> Verb<T> + Send + Sync + 'static,
    ) -> Result<Option<T>, ReadError> {
        let mut view = View::begin(&scope, self.planted);
        let mut first = Vec::new();
        // Many closures need no row at all, and the others halt at the first one.
        if matches!(start, Start::Nothing) {
            match view.round(&read)? {
                Round::Done(value) => return Ok(Some(value)),
                Round::Wants(wants) => first = wants,
            }
        }
        match &*self.source {
            Source::Sqlite(reader) => {
                reader.with(move |snapshot| view_sqlite(snapshot, view, first, start, &read)).await
            }
            Source::Postgres(reader) => {
                // A single query is a snapshot by itself, without a transaction. A closure that needed more rounds
                // before is not run this way again: its first query would run twice.
                let whose = type_of(&read);
                if first.len() == 1 && !reader.needs_rounds(whose) {
                    let loaded = reader.bring(&first).await?;
                    view.take_in(&first, loaded)?;
                    if let Round::Done(value) = view.round(&read)? {
                        return Ok(Some(value));
                    }
                    reader.note_rounds(whose);
                    view = View::begin(&scope, self.planted);
                }
                view_postgres(reader.snapshot().await?, view, start, &read).await
            }
        }
    }
}

fn type_of<T: 'static>(_: &T) -> TypeId {
    TypeId::of::<T>()
}

/// The scope of a list's rows.
fn whose(scope: &Scope, table: &Table) -> Result<Arc<str>, ReadError> {
    let none = || EngineError::Failed("rows are listed of one environment or organization".into());
    Ok(scope.text_in(table).ok_or_else(none)?)
}

/// The result of a view that always has one.
fn listed<T>(found: Option<T>) -> Result<T, ReadError> {
    found.ok_or_else(|| EngineError::Failed("a view chose no rows without being asked to choose".into()).into())
}

/// Turns a closure over rows into one over their keys.
fn over_rows<E: Entity, T>(
    read: impl Fn(&mut UnitOfWork, &[Stored<E>]) -> Verb<T> + Send + Sync + 'static,
) -> impl Fn(&mut UnitOfWork, &[Arc<str>]) -> Verb<T> + Send + Sync + 'static {
    move |work, keys| {
        let mut rows = Vec::with_capacity(keys.len());
        for key in keys {
            rows.extend(work.get::<E>(key)?);
        }
        read(work, &rows)
    }
}

/// Chooses which rows to list.
type Choose = Box<dyn Fn(&mut UnitOfWork) -> Verb<Option<ListQuery>> + Send + Sync>;

/// The rows that a view begins with.
enum Start {
    Nothing,
    RowQuery(Arc<str>, RowQuery),
    Chosen(Arc<str>, Choose),
}

/// Rows that are found by a query instead of by their keys.
pub(crate) enum RowQuery {
    /// A page of a list.
    Page(ListQuery),
    /// Those with a text that begins so.
    PrefixQuery(PrefixQuery),
}

impl RowQuery {
    pub(crate) fn table(&self) -> &'static Table {
        match self {
            Self::Page(query) => query.table,
            Self::PrefixQuery(query) => query.table,
        }
    }
}

fn without_end() -> ReadError {
    EngineError::Failed("a view asks for rows without end".into()).into()
}

fn view_sqlite<T>(
    snapshot: &Snapshot<'_>,
    mut view: View,
    first: Vec<Want>,
    start: Start,
    read: &impl Fn(&mut UnitOfWork, &[Arc<str>]) -> Verb<T>,
) -> Result<Option<T>, ReadError> {
    let rows = match start {
        Start::Nothing => None,
        Start::RowQuery(whose, rows) => Some((whose, rows)),
        Start::Chosen(whose, choose) => {
            match view_rounds(snapshot, &mut view, Vec::new(), &|work: &mut UnitOfWork, _: &[Arc<str>]| choose(work))? {
                Some(query) => Some((whose, RowQuery::Page(query))),
                None => return Ok(None),
            }
        }
    };
    if let Some((whose, rows)) = rows {
        let found = match &rows {
            RowQuery::Page(query) => snapshot.page(query, &whose)?,
            RowQuery::PrefixQuery(query) => snapshot.beginning(query, &whose)?,
        };
        view.take_rows(&rows, found)?;
    }
    view_rounds(snapshot, &mut view, first, read).map(Some)
}

/// Runs a closure and loads what it wants, until it is done.
fn view_rounds<T>(
    snapshot: &Snapshot<'_>,
    view: &mut View,
    first: Vec<Want>,
    read: &impl Fn(&mut UnitOfWork, &[Arc<str>]) -> Verb<T>,
) -> Result<T, ReadError> {
    let mut wants = first;
    for _ in 0..ROUNDS_MAX {
        if !wants.is_empty() {
            let loaded = snapshot.bring(&wants)?;
            view.take_in(&wants, loaded)?;
        }
        match view.round(read)? {
            Round::Done(value) => return Ok(value),
            Round::Wants(more) => wants = more,
        }
    }
    Err(without_end())
}

async fn view_postgres<T>(
    mut snapshot: postgres::Snapshot,
    mut view: View,
    start: Start,
    read: &(impl Fn(&mut UnitOfWork, &[Arc<str>]) -> Verb<T> + Sync),
) -> Result<Option<T>, ReadError> {
    let mut rounds = 0..ROUNDS_MAX;
    let rows = match start {
        Start::Nothing => None,
        Start::RowQuery(whose, rows) => Some((whose, rows)),
        Start::Chosen(whose, choose) => loop {
            rounds.next().ok_or_else(without_end)?;
            match view.round(&|work: &mut UnitOfWork, _: &[Arc<str>]| choose(work))? {
                Round::Done(Some(query)) => break Some((whose, RowQuery::Page(query))),
                Round::Done(None) => return Ok(None),
                Round::Wants(wants) => {
                    let loaded = snapshot.bring(&wants).await?;
                    view.take_in(&wants, loaded)?;
                }
            }
        },
    };
    if let Some((whose, rows)) = rows {
        let found = match &rows {
            RowQuery::Page(query) => snapshot.page(query, &whose).await?,
            RowQuery::PrefixQuery(query) => snapshot.beginning(query, &whose).await?,
        };
        view.take_rows(&rows, found)?;
    }
    for _ in rounds {
        match view.round(read)? {
            Round::Done(value) => return Ok(Some(value)),
            Round::Wants(wants) => {
                let loaded = snapshot.bring(&wants).await?;
                view.take_in(&wants, loaded)?;
            }
        }
    }
    Err(without_end())
}
