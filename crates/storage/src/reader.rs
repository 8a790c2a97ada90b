//! Reading outside the writer: the same pure closures over the same unit of work, without locks and without a flush.

use std::sync::Arc;

use docket_kernel::{Cell, Entity, Halt, Moment, Refusal, Row, RowError, Scope, Seed, Stored, Table, UnitOfWork, Verb};

use crate::engine::EngineError;
use crate::feed::{Followed, Position};
use crate::list::{Beginning, ListQuery, Turn};
use crate::postgres::PostgresReader;
use crate::sqlite::{Snapshot, SqliteReader};
use crate::tally::{Tallied, TallyQuery};

/// More rounds of loading than this in one view can only be a closure that never has enough.
const ROUNDS_MAX: usize = 100;

/// So many reads may wait for a connection; one more is refused.
pub(crate) const WAITING_MAX: usize = 4_096;

/// Why nothing could be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The closure said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The row that a page should begin after or end before is not there.
    #[error("the object that the page should begin at is not found")]
    UnknownCursor,
    /// Too many reads are waiting already.
    #[error("too many requests are waiting to be read; try again in a second")]
    Overloaded,
    /// The database failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
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
pub struct Reader(Arc<Source>);

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reader")
    }
}

impl Reader {
    pub(crate) fn sqlite(reader: SqliteReader) -> Self {
        Self(Arc::new(Source::Sqlite(reader)))
    }

    pub(crate) fn postgres(reader: PostgresReader) -> Self {
        Self(Arc::new(Source::Postgres(reader)))
    }

    /// Runs a closure that only reads.
    pub async fn view<T: Send + 'static>(
        &self,
        scope: Scope,
        read: impl Fn(&mut UnitOfWork) -> Verb<T> + Send + Sync + 'static,
    ) -> Result<T, ReadError> {
        self.view_of(scope, None, move |work, _| read(work)).await
    }

    /// Lists rows, newest first.
    pub async fn list<E: Entity>(&self, scope: Arc<str>, query: ListQuery) -> Result<Vec<Stored<E>>, ReadError> {
        self.view_list(Scope::Of(scope), query, |_, rows: &[Stored<E>]| Ok(rows.to_vec())).await
    }

    /// Lists rows, newest first, and runs a closure that only reads over them.
    pub async fn view_list<E: Entity, T: Send + 'static>(
        &self,
        scope: Scope,
        query: ListQuery,
        read: impl Fn(&mut UnitOfWork, &[Stored<E>]) -> Verb<T> + Send + Sync + 'static,
    ) -> Result<T, ReadError> {
        self.view_rows(scope, Rows::Page(query), read).await
    }

    /// Looks rows up by how a text of theirs begins, and runs a closure that only reads over them.
    pub async fn view_beginning<E: Entity, T: Send + 'static>(
        &self,
        scope: Scope,
        query: Beginning,
        read: impl Fn(&mut UnitOfWork, &[Stored<E>]) -> Verb<T> + Send + Sync + 'static,
    ) -> Result<T, ReadError> {
        self.view_rows(scope, Rows::Beginning(query), read).await
    }

    async fn view_rows<E: Entity, T: Send + 'static>(
        &self,
        scope: Scope,
        wanted: Rows,
        read: impl Fn(&mut UnitOfWork, &[Stored<E>]) -> Verb<T> + Send + Sync + 'static,
    ) -> Result<T, ReadError> {
        let Some(whose) = scope.text_in(wanted.table()) else {
            return Err(EngineError::Failed("rows are listed of one environment or organization".into()).into());
        };
        self.view_of(scope, Some((whose, wanted)), move |work, keys| {
            let mut rows = Vec::with_capacity(keys.len());
            for key in keys {
                rows.extend(work.get::<E>(key)?);
            }
            read(work, &rows)
        })
        .await
    }

    /// The rows that were committed after a position, of every environment, in the order of their commits; with no
    /// position none, but where the present is.
    pub async fn follow<E: Entity>(&self, after: Option<Position>, limit: u32) -> Result<Followed<E>, ReadError> {
        let found = match &*self.0 {
            Source::Sqlite(reader) => {
                reader.with(move |snapshot| snapshot.follow(E::TABLE, after.as_ref(), limit)).await?
            }
            Source::Postgres(reader) => reader.snapshot().await?.follow(E::TABLE, after.as_ref(), limit).await?,
        };
        let mut rows = Vec::with_capacity(found.rows.len());
        for (position, row) in found.rows {
            rows.push((position, Arc::new(E::decode(row)?)));
        }
        Ok(Followed { rows, until: found.until, more: found.more })
    }

    /// The value of a counter that no decision reads.
    pub async fn counted(&self, scope: Arc<str>, name: &'static str) -> Result<i64, ReadError> {
        match &*self.0 {
            Source::Sqlite(reader) => reader.with(move |snapshot| snapshot.counted(&scope, name)).await,
            Source::Postgres(reader) => reader.counted(&scope, name).await,
        }
    }

    /// Counts rows by two columns and the day they were made.
    pub async fn tally(&self, scope: Arc<str>, query: TallyQuery) -> Result<Vec<Tallied>, ReadError> {
        if query.among.is_empty() {
            return Ok(Vec::new());
        }
        match &*self.0 {
            Source::Sqlite(reader) => reader.with(move |snapshot| snapshot.tally(&query, &scope)).await,
            Source::Postgres(reader) => reader.snapshot().await?.tally(&query, &scope).await,
        }
    }

    /// Hands over every row of these tables, all as they were at one instant, and answers what came of it.
    pub async fn walk<S: Send + 'static>(
        &self,
        tables: &'static [&'static Table],
        mut state: S,
        take: fn(&mut S, &'static Table, Row),
    ) -> Result<S, ReadError> {
        match &*self.0 {
            Source::Sqlite(reader) => {
                let walk = move |snapshot: &Snapshot<'_>| {
                    for table in tables {
                        snapshot.walk(table, |row| take(&mut state, table, row))?;
                    }
                    Ok(state)
                };
                reader.with(walk).await
            }
            Source::Postgres(reader) => {
                let mut snapshot = reader.snapshot().await?;
                for table in tables {
                    let mut after = Arc::from("");
                    loop {
                        let rows = snapshot.walk(table, &after).await?;
                        let Some(Cell::Text(last)) = rows.last().and_then(|row| row.first()).cloned() else { break };
                        after = last;
                        for row in rows {
                            take(&mut state, table, row);
                        }
                    }
                }
                Ok(state)
            }
        }
    }

    /// What the database itself finds wrong with its files. PostgreSQL is not asked: its own tools look after them.
    pub async fn damage(&self) -> Result<Vec<String>, ReadError> {
        match &*self.0 {
            Source::Sqlite(reader) => reader.with(|snapshot| Ok(snapshot.damage())).await,
            Source::Postgres(_) => Ok(Vec::new()),
        }
    }

    async fn view_of<T: Send + 'static>(
        &self,
        scope: Scope,
        page: Option<(Arc<str>, Rows)>,
        read: impl Fn(&mut UnitOfWork, &[Arc<str>]) -> Verb<T> + Send + Sync + 'static,
    ) -> Result<T, ReadError> {
        match &*self.0 {
            Source::Sqlite(reader) => {
                reader.with(move |snapshot| view_sqlite(snapshot, &scope, page.as_ref(), &read)).await
            }
            Source::Postgres(reader) => {
                let mut view = View::begin(&scope);
                // A single question is a snapshot by itself, without a transaction around it.
                if page.is_none() {
                    match view.round(&read)? {
                        Round::Done(value) => return Ok(value),
                        Round::Wants(wants) if wants.len() == 1 => {
                            let loaded = reader.bring(&wants).await?;
                            view.work.absorb(&wants, loaded)?;
                            if let Round::Done(value) = view.round(&read)? {
                                return Ok(value);
                            }
                            view = View::begin(&scope);
                        }
                        Round::Wants(_) => {}
                    }
                }
                let mut snapshot = reader.snapshot().await?;
                if let Some((scope, rows)) = &page {
                    let found = match rows {
                        Rows::Page(query) => snapshot.page(query, scope).await?,
                        Rows::Beginning(query) => snapshot.beginning(query, scope).await?,
                    };
                    view.take_rows(rows, found)?;
                }
                for _ in 0..ROUNDS_MAX {
                    match view.round(&read)? {
                        Round::Done(value) => return Ok(value),
                        Round::Wants(wants) => {
                            let loaded = snapshot.bring(&wants).await?;
                            view.work.absorb(&wants, loaded)?;
                        }
                    }
                }
                Err(EngineError::Failed("a view asks for rows without end".into()).into())
            }
        }
    }
}

/// What a view begins with.
enum Rows {
    Page(ListQuery),
    Beginning(Beginning),
}

impl Rows {
    fn table(&self) -> &'static Table {
        match self {
            Self::Page(query) => query.table,
            Self::Beginning(query) => query.table,
        }
    }
}

fn view_sqlite<T>(
    snapshot: &Snapshot<'_>,
    scope: &Scope,
    page: Option<&(Arc<str>, Rows)>,
    read: &(impl Fn(&mut UnitOfWork, &[Arc<str>]) -> Verb<T> + Sync),
) -> Result<T, ReadError> {
    let mut view = View::begin(scope);
    if let Some((scope, rows)) = page {
        let found = match rows {
            Rows::Page(query) => snapshot.page(query, scope)?,
            Rows::Beginning(query) => snapshot.beginning(query, scope)?,
        };
        view.take_rows(rows, found)?;
    }
    for _ in 0..ROUNDS_MAX {
        match view.round(read)? {
            Round::Done(value) => return Ok(value),
            Round::Wants(wants) => {
                let loaded = snapshot.bring(&wants)?;
                view.work.absorb(&wants, loaded)?;
            }
        }
    }
    Err(EngineError::Failed("a view asks for rows without end".into()).into())
}

struct View {
    work: UnitOfWork,
    scope: Scope,
    keys: Vec<Arc<str>>,
}

enum Round<T> {
    Done(T),
    Wants(Vec<docket_kernel::Want>),
}

impl View {
    fn begin(scope: &Scope) -> Self {
        let mut work = UnitOfWork::default();
        work.begin_batch(Moment::default());
        Self { work, scope: scope.clone(), keys: Vec::new() }
    }

    fn take_rows(&mut self, of: &Rows, mut rows: Vec<Row>) -> Result<(), ReadError> {
        if matches!(of, Rows::Page(ListQuery { turn: Turn::Before(_), .. })) {
            rows.reverse();
        }
        for row in rows {
            let key = self.work.absorb_row(of.table(), row)?;
            self.keys.push(key);
        }
        Ok(())
    }

    fn round<T>(&mut self, read: &impl Fn(&mut UnitOfWork, &[Arc<str>]) -> Verb<T>) -> Result<Round<T>, ReadError> {
        self.work.begin_stage(&self.scope, Seed([0; 32]), 0, 0);
        let result = read(&mut self.work, &self.keys);
        if self.work.is_halted() {
            return Ok(Round::Wants(self.work.take_wants()));
        }
        match result {
            Ok(value) => Ok(Round::Done(value)),
            Err(Halt::Refused(refusal)) => Err(refusal.into()),
            Err(Halt::Missing(_)) => Err(EngineError::Failed("a view halted without a want".into()).into()),
        }
    }
}
