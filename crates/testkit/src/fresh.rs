//! A fresh database for one test, on either engine.

use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};

use docket_storage::{Database, DatabaseAddress, OpenError, Parts};
use tokio_postgres::Client;

use crate::server;

/// The environment variable with the path of the file that lists skipped tests.
const SKIPS: &str = "DOCKET_TEST_SKIPS";

/// An engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl fmt::Display for On {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// The engines that a test runs on. Without a PostgreSQL server, PostgreSQL is skipped and listed as skipped.
pub fn engines() -> Vec<On> {
    if On::Postgres.is_there() { vec![On::Sqlite, On::Postgres] } else { vec![On::Sqlite] }
}

impl On {
    /// Whether tests can run on this engine. If they can't, the list of skipped tests says so.
    pub fn is_there(self) -> bool {
        let is_there = self == Self::Sqlite || server::url().is_some();
        if !is_there {
            note_skip();
        }
        is_there
    }
}

fn note_skip() {
    let Ok(file) = std::env::var(SKIPS) else { return };
    let thread = std::thread::current();
    let line =
        format!("postgres: {} skipped, DOCKET_TEST_POSTGRES_URL is not set\n", thread.name().unwrap_or("a test"));
    let file = std::fs::OpenOptions::new().create(true).append(true).open(file);
    file.and_then(|mut file| file.write_all(line.as_bytes())).expect("the file of skips can be written");
}

/// A database for one test only. It is dropped with this value, also when the test panics.
#[derive(Debug)]
pub struct FreshDatabase(Where);

#[derive(Debug)]
enum Where {
    Folder(PathBuf),
    Server(String),
}

impl FreshDatabase {
    /// A database with all migrations applied.
    pub async fn on(engine: On) -> Self {
        let fresh = Self::named(engine);
        match &fresh.0 {
            Where::Folder(_) => drop(Database::migrate(&fresh.place()).await.expect("the migrations run")),
            Where::Server(name) => server::create_migrated(name).await,
        }
        fresh
    }

    /// An empty database.
    pub async fn empty(engine: On) -> Self {
        let fresh = Self::named(engine);
        match &fresh.0 {
            Where::Folder(folder) => std::fs::create_dir_all(folder).expect("the folder is created"),
            Where::Server(name) => server::create_empty(name).await,
        }
        fresh
    }

    /// A database as the migration of this number left it.
    pub async fn at_schema(engine: On, number: i64) -> Self {
        let fresh = Self::empty(engine).await;
        Database::migrate_until(&fresh.place(), number).await.expect("the migrations run");
        fresh
    }

    /// A copy of it as it is now, as a backup that is restored elsewhere. Nothing may use it meanwhile.
    pub async fn copy(&self) -> Self {
        let name = server::new_name();
        match &self.0 {
            Where::Folder(folder) => {
                let to = std::env::temp_dir().join(name);
                std::fs::create_dir_all(&to).expect("a folder is made");
                let files = std::fs::read_dir(folder).expect("the folder is read");
                for file in files.map(|entry| entry.expect("an entry").path()).filter(|file| file.is_file()) {
                    let name = file.file_name().expect("a name");
                    std::fs::copy(&file, to.join(name)).expect("a file is copied");
                }
                Self(Where::Folder(to))
            }
            Where::Server(from) => {
                server::create_copy(&name, from).await;
                Self(Where::Server(name))
            }
        }
    }

    fn named(engine: On) -> Self {
        let name = server::new_name();
        Self(match engine {
            On::Sqlite => Where::Folder(std::env::temp_dir().join(name)),
            On::Postgres => Where::Server(name),
        })
    }

    /// Its location, for one writer lane.
    pub fn place(&self) -> DatabaseAddress {
        self.place_with(1)
    }

    /// Its location, for this many writer lanes (SQLite has one).
    pub fn place_with(&self, lanes: usize) -> DatabaseAddress {
        match &self.0 {
            Where::Folder(folder) => DatabaseAddress::Folder(folder.clone()),
            Where::Server(name) => DatabaseAddress::Postgres { url: server::url_of(name), lanes },
        }
    }

    /// Opens it. On PostgreSQL this can be done several times: each one is a node.
    pub async fn open(&self, parts: Parts) -> Result<Database, OpenError> {
        Database::open(&self.place(), parts).await
    }

    /// The SQLite file.
    pub fn file(&self) -> PathBuf {
        match &self.0 {
            Where::Folder(folder) => folder.join("docket.sqlite"),
            Where::Server(name) => panic!("{name} is not a file"),
        }
    }

    /// A separate connection to PostgreSQL.
    pub async fn connect(&self) -> Client {
        match &self.0 {
            Where::Folder(folder) => panic!("{} is not a server", folder.display()),
            Where::Server(name) => server::connect(&server::url_of(name)).await,
        }
    }

    /// Runs statements directly, bypassing the writer.
    pub async fn run(&self, statements: &str) {
        self.try_run(statements).await.unwrap_or_else(|error| panic!("{statements}: {error}"));
    }

    /// Runs statements directly, bypassing the writer, and returns the database's error.
    pub async fn try_run(&self, statements: &str) -> Result<(), String> {
        match &self.0 {
            Where::Folder(_) => sqlite(&self.file()).execute_batch(statements).map_err(|error| error.to_string()),
            Where::Server(_) => {
                self.connect().await.batch_execute(statements).await.map_err(|error| format!("{error:?}"))
            }
        }
    }

    /// Reads directly, bypassing the writer: the one column of every row, as text.
    pub async fn read(&self, query: &str) -> Vec<String> {
        let query = format!("WITH found(value) AS ({query}) SELECT CAST(value AS TEXT) FROM found");
        match &self.0 {
            Where::Folder(_) => {
                let connection = sqlite(&self.file());
                let mut statement = connection.prepare(&query).unwrap_or_else(|error| panic!("{query}: {error}"));
                let rows = statement.query_map([], |row| row.get(0)).expect("the query runs");
                rows.map(|row| row.expect("a row is read")).collect()
            }
            Where::Server(_) => {
                let rows = self.connect().await.query(&query, &[]).await;
                let rows = rows.unwrap_or_else(|error| panic!("{query}: {error:?}"));
                rows.iter().map(|row| row.get(0)).collect()
            }
        }
    }

    /// Reads a number directly, bypassing the writer.
    pub async fn count(&self, query: &str) -> i64 {
        let rows = self.read(query).await;
        rows.first().and_then(|row| row.parse().ok()).unwrap_or_else(|| panic!("{query} gave {rows:?}"))
    }
}

fn sqlite(file: &Path) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(file).expect("the file opens");
    connection.busy_timeout(std::time::Duration::from_secs(5)).expect("the timeout is set");
    connection
}

impl Drop for FreshDatabase {
    fn drop(&mut self) {
        match &self.0 {
            Where::Folder(folder) => drop(std::fs::remove_dir_all(folder)),
            Where::Server(name) => server::drop_database(name),
        }
    }
}
