//! Connections to PostgreSQL, and the mapping of its errors.

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use docket_kernel::{Cell, ColumnKind, Row, Table};
use futures_core::Stream;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinHandle;
use tokio_postgres::config::SslMode;
use tokio_postgres::error::{Error, SqlState};
use tokio_postgres::types::ToSql;
use tokio_postgres::{AsyncMessage, Client, Config, Connection, NoTls, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::tls;
use crate::database::OpenError;
use crate::engine::{EngineError, FlushError};
use crate::measure::{LOAD_BYTES_MAX, Measure};

/// The oldest PostgreSQL version that is tested.
const OLDEST: i32 = 150_000;
/// The timeout for connecting to an address.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A connection keeps this many prepared statements, then it drops all of them.
const STATEMENTS_MAX: usize = 1_024;
/// The settings of every session. JIT compilation never pays off. A plan made while a table was empty is kept when the
/// table has grown, so it must not scan the whole table. The transaction of a vanished node is ended, so that its locks
/// are released. No statement waits for a lock forever.
const SESSION: &str = "SET jit = off; SET enable_seqscan = off; \
     SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '60s'; \
     SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; \
     SET client_min_messages = warning";

/// A server and its connection settings. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Server {
    config: Arc<Config>,
    /// Set if the address requires encryption.
    tls: Option<MakeRustlsConnect>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Server {
    /// Parses an address.
    pub fn at(url: &str) -> Result<Self, EngineError> {
        let mut config: Config = url
            .parse()
            .map_err(|error| EngineError::Failed(format!("the address of the database can't be read: {error}")))?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_application_name().is_none() {
            config.application_name("docket");
        }
        let tls = (config.get_ssl_mode() == SslMode::Require).then(tls::connector).transpose()?;
        Ok(Self { config: Arc::new(config), tls })
    }

    /// Connects.
    pub async fn connect(&self) -> Result<Link, EngineError> {
        self.connect_with(|_| ()).await
    }

    /// Connects, and calls `notified` with the channel of each notification.
    pub async fn connect_with(&self, notified: impl Fn(&str) + Send + 'static) -> Result<Link, EngineError> {
        let unreachable = |error: Error| EngineError::Unreachable(words(&error));
        let (client, ended) = if let Some(tls) = &self.tls {
            let (client, connection) = self.config.connect(tls.clone()).await.map_err(unreachable)?;
            (client, tokio::spawn(drive(connection, notified)))
        } else {
            let (client, connection) = self.config.connect(NoTls).await.map_err(unreachable)?;
            (client, tokio::spawn(drive(connection, notified)))
        };
        client.batch_execute(SESSION).await.map_err(unreachable)?;
        Ok(Link { client, statements: HashMap::new(), ended })
    }
}

/// Transfers bytes until the connection ends.
async fn drive<S, T>(mut connection: Connection<S, T>, notified: impl Fn(&str) + Send)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    T: AsyncRead + AsyncWrite + Unpin + Send,
{
    loop {
        match poll_fn(|context| connection.poll_message(context)).await {
            Some(Ok(AsyncMessage::Notification(said))) => notified(said.channel()),
            Some(Ok(AsyncMessage::Notice(notice))) => tracing::warn!(notice = notice.message(), "PostgreSQL says"),
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return,
        }
    }
}

/// A connection with its prepared statements.
#[derive(Debug)]
pub(crate) struct Link {
    pub client: Client,
    statements: HashMap<String, Statement>,
    /// Ends when the connection ends.
    pub ended: JoinHandle<()>,
}

/// A parameter.
pub(crate) type Given<'c> = Box<dyn ToSql + Sync + Send + 'c>;

/// A statement and its parameters.
pub(crate) struct Call<'c> {
    pub text: String,
    pub given: Vec<Given<'c>>,
    /// The limit of its rows, in bytes.
    bytes_max: usize,
}

impl<'c> Call<'c> {
    pub fn new(text: impl Into<String>, given: Vec<Given<'c>>) -> Self {
        Self { text: text.into(), given, bytes_max: LOAD_BYTES_MAX }
    }

    /// The same call with another limit.
    pub fn within(self, bytes_max: usize) -> Self {
        Self { bytes_max, ..self }
    }
}

/// The rows that a call returned.
#[derive(Debug, Default)]
pub(crate) struct Brought {
    pub rows: Vec<tokio_postgres::Row>,
    /// Whether rows were left out because of the limit of bytes.
    pub is_cut: bool,
}

impl Link {
    /// Prepares the statements that are not prepared yet, all at once.
    async fn prepare(&mut self, calls: &[Call<'_>]) -> Result<(), Error> {
        let mut new: Vec<&str> = Vec::new();
        for call in calls {
            if !self.statements.contains_key(&call.text) && !new.contains(&call.text.as_str()) {
                new.push(&call.text);
            }
        }
        if self.statements.len() + new.len() > STATEMENTS_MAX && !new.is_empty() {
            self.statements.clear();
            new = calls.iter().map(|call| call.text.as_str()).collect();
            new.sort_unstable();
            new.dedup();
        }
        let prepared = together(new.iter().map(|text| self.client.prepare(text))).await;
        for (text, statement) in new.into_iter().zip(prepared) {
            self.statements.insert(text.to_owned(), statement?);
        }
        Ok(())
    }

    /// Sends all statements in this order without waiting in between, and returns their rows.
    pub async fn ask(&mut self, calls: &[Call<'_>]) -> Result<Vec<Vec<tokio_postgres::Row>>, Error> {
        self.prepare(calls).await?;
        let (client, statements) = (&self.client, &self.statements);
        let answers = together(calls.iter().map(|call| {
            let given: Vec<_> = call.given.iter().map(|given| &**given as &(dyn ToSql + Sync)).collect();
            let statement = &statements[&call.text];
            async move { client.query(statement, &given).await }
        }));
        answers.await.into_iter().collect()
    }

    /// Sends all statements in this order without waiting in between, and returns the rows of each up to its limit of
    /// bytes. Reads the rows as they arrive, so that rows beyond the limit are never kept.
    pub async fn ask_within(&mut self, calls: &[Call<'_>]) -> Result<Vec<Brought>, EngineError> {
        self.prepare(calls).await.map_err(|error| engine_error(&error))?;
        let (client, statements) = (&self.client, &self.statements);
        let (all, are_too_many) = (Mutex::new(Measure::within(LOAD_BYTES_MAX)), AtomicBool::new(false));
        let (all, are_too_many) = (&all, &are_too_many);
        let answers = together(calls.iter().map(|call| {
            let given: Vec<_> = call.given.iter().map(|given| &**given as &(dyn ToSql + Sync)).collect();
            let statement = &statements[&call.text];
            async move {
                let mut found = pin!(client.query_raw(statement, given).await?);
                let (mut brought, mut measure) = (Brought::default(), Measure::within(call.bytes_max));
                while let Some(row) = poll_fn(|context| found.as_mut().poll_next(context)).await {
                    let row = row?;
                    if !measure.takes(row.raw_size_bytes()) {
                        brought.is_cut = true;
                        break;
                    }
                    if !all.lock().unwrap_or_else(PoisonError::into_inner).takes(row.raw_size_bytes()) {
                        are_too_many.store(true, Ordering::Relaxed);
                        break;
                    }
                    brought.rows.push(row);
                }
                Ok::<_, Error>(brought)
            }
        }));
        let answers: Result<Vec<_>, Error> = answers.await.into_iter().collect();
        let answers = answers.map_err(|error| engine_error(&error))?;
        if are_too_many.load(Ordering::Relaxed) { Err(EngineError::TooLarge) } else { Ok(answers) }
    }

    /// Sends all statements in this order without waiting in between, and returns the number of rows that each wrote.
    /// If one fails, returns its index: the statements after it were not executed.
    pub async fn tell(&mut self, calls: &[Call<'_>]) -> Result<Vec<u64>, (usize, Error)> {
        self.prepare(calls).await.map_err(|error| (0, error))?;
        let (client, statements) = (&self.client, &self.statements);
        let answers = together(calls.iter().map(|call| {
            let given: Vec<_> = call.given.iter().map(|given| &**given as &(dyn ToSql + Sync)).collect();
            let statement = &statements[&call.text];
            async move { client.execute(statement, &given).await }
        }));
        let counted = answers.await.into_iter().enumerate();
        counted.map(|(place, count)| count.map_err(|error| (place, error))).collect()
    }
}

/// Starts all futures, first to last, then awaits each: on one connection their requests are sent in this order without
/// waiting for answers.
async fn together<F: Future + Send>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<_> = futures.map(Box::pin).collect();
    let mut early: Vec<Option<F::Output>> = Vec::with_capacity(running.len());
    poll_fn(|context| {
        for future in &mut running {
            early.push(match future.as_mut().poll(context) {
                Poll::Ready(output) => Some(output),
                Poll::Pending => None,
            });
        }
        Poll::Ready(())
    })
    .await;
    let mut outputs = Vec::with_capacity(running.len());
    for (future, output) in running.iter_mut().zip(early) {
        outputs.push(match output {
            Some(output) => output,
            None => future.await,
        });
    }
    outputs
}

/// Refuses a server that may lose acknowledged commits, or that is not supported.
pub(crate) async fn check(link: &Link) -> Result<(), OpenError> {
    let text = "SELECT current_setting('server_version_num')::int4, current_setting('server_version'), \
         current_setting('synchronous_commit'), current_setting('fsync'), current_setting('server_encoding')";
    let row = link.client.query_one(text, &[]).await.map_err(|error| engine_error(&error))?;
    let (number, version): (i32, &str) = (row.get(0), row.get(1));
    let (synchronous, fsync, encoding): (&str, &str, &str) = (row.get(2), row.get(3), row.get(4));
    if number < OLDEST {
        return Err(OpenError::Unsafe(format!("PostgreSQL {version} is too old: docket needs 15 or newer")));
    }
    if synchronous == "off" {
        return Err(OpenError::Unsafe(
            "PostgreSQL is set to synchronous_commit=off, with which a crash loses decisions that were already \
             answered: set it to on for this database or role, and start docket again"
                .into(),
        ));
    }
    if encoding != "UTF8" {
        return Err(OpenError::Unsafe(format!(
            "the database keeps its text as {encoding}: docket needs one created with ENCODING 'UTF8'"
        )));
    }
    if fsync == "off" {
        tracing::warn!("PostgreSQL is set to fsync=off: a crash of its machine can lose or garble everything");
    }
    Ok(())
}

/// PostgreSQL's error message, without the values that it quotes in its details.
pub(crate) fn words(error: &Error) -> String {
    match error.as_db_error() {
        Some(said) => format!("{} ({})", said.message(), said.code().code()),
        None => std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source())
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(": "),
    }
}

/// Whether the connection is lost or unusable.
pub(crate) fn is_lost(error: &Error) -> bool {
    let Some(said) = error.as_db_error() else {
        let cause = std::error::Error::source(error);
        return error.is_closed() || cause.is_some_and(<dyn std::error::Error>::is::<std::io::Error>);
    };
    matches!(said.severity(), "FATAL" | "PANIC")
        || said.code().code().starts_with("08")
        || [
            SqlState::ADMIN_SHUTDOWN,
            SqlState::CRASH_SHUTDOWN,
            SqlState::CANNOT_CONNECT_NOW,
            // The server became a standby: the address may lead to the new primary.
            SqlState::READ_ONLY_SQL_TRANSACTION,
            // Statements were prepared under an older schema.
            SqlState::FEATURE_NOT_SUPPORTED,
            SqlState::INVALID_SQL_STATEMENT_NAME,
        ]
        .contains(said.code())
}

/// The error of a failed database.
pub(crate) fn engine_error(error: &Error) -> EngineError {
    let text = words(error);
    if is_lost(error) {
        return EngineError::Unreachable(text);
    }
    match error.code().map_or("", SqlState::code) {
        "40001" | "40P01" | "55P03" => EngineError::TryAgain(text),
        "53100" => EngineError::Full(text),
        "57014" => EngineError::TooSlow(text),
        _ => EngineError::Failed(text),
    }
}

/// The error of a flush: some item's rows were refused, or the database failed.
pub(crate) fn flush_error(table: &'static str, error: &Error) -> FlushError {
    let code = error.code().map_or("", SqlState::code);
    let is_of_item = matches!(code.get(..2), Some("22" | "23" | "44")) || matches!(code, "P0001" | "54000");
    if is_of_item { FlushError::Item { table, detail: words(error) } } else { engine_error(error).into() }
}

/// A row with its values in the order of its table's columns.
pub(crate) fn row_of(table: &Table, row: &tokio_postgres::Row) -> Result<Row, EngineError> {
    let cell = |place: usize, kind: ColumnKind| -> Result<Cell, Error> {
        Ok(match kind {
            ColumnKind::Text => {
                row.try_get::<_, Option<&str>>(place)?.map_or(Cell::Null, |text| Cell::Text(text.into()))
            }
            ColumnKind::Json => {
                row.try_get::<_, Option<&str>>(place)?.map_or(Cell::Null, |text| Cell::Json(text.into()))
            }
            ColumnKind::Blob => {
                row.try_get::<_, Option<&[u8]>>(place)?.map_or(Cell::Null, |bytes| Cell::Blob(bytes.into()))
            }
            ColumnKind::Int => row.try_get::<_, Option<i64>>(place)?.map_or(Cell::Null, Cell::Int),
            ColumnKind::Bool => row.try_get::<_, Option<bool>>(place)?.map_or(Cell::Null, Cell::Bool),
        })
    };
    let cells = table.columns.iter().enumerate().map(|(place, column)| {
        cell(place, column.kind).map_err(|error| {
            EngineError::Failed(format!("table {} column {}: {}", table.name, column.name, words(&error)))
        })
    });
    cells.collect()
}
