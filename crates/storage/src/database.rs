//! Opening a database: its location, its migrations, its writer and its reader.

use std::fs::{DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use crate::engine::EngineError;
use crate::migrate::{self, MigrateError};
use crate::postgres;
use crate::reader::Reader;
use crate::sqlite::{self, SqliteEngine, SqliteReader};
use crate::writer::{Parts, Writer, end_of_a_panic};

/// The database file in the data folder.
const FILE: &str = "docket.sqlite";
/// The lock file that a process holds while it uses the data folder.
const LOCK: &str = "docket.lock";

/// The location of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseAddress {
    /// SQLite, in a file in this folder.
    Folder(PathBuf),
    /// PostgreSQL at this address, with this many writer lanes on this node.
    Postgres {
        /// `postgres://user:password@host:port/name`
        url: String,
        /// Writer lanes of this node.
        lanes: usize,
    },
}

impl DatabaseAddress {
    /// Whether the folder contains a database; on a server this shows when the database is opened.
    pub fn is_made(&self) -> bool {
        match self {
            Self::Folder(folder) => folder.join(FILE).is_file(),
            Self::Postgres { .. } => true,
        }
    }
}

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process uses the data folder.
    #[error("the data folder {0} is in use by another docket: stop it, or name another folder with --data")]
    InUse(PathBuf),
    /// The data folder can't be used.
    #[error("the data folder {folder} can't be used: {detail}")]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The system's error message.
        detail: String,
    },
    /// The schema could not be brought up to date.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// The database failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The server's version, encoding or settings are unsuitable, such as settings that lose acknowledged commits.
    #[error("{0}")]
    Unsafe(String),
}

/// An open database.
pub struct Database {
    writer: Writer,
    reader: Reader,
    ending: Mutex<Option<Ending>>,
}

/// A database that is opened only for reading. No other process can use its data folder meanwhile.
#[derive(Debug)]
pub struct Look {
    /// The reader.
    pub reader: Reader,
    _held: Option<File>,
}

enum Ending {
    /// The thread holds the lock of the data folder until it ends.
    Thread(JoinHandle<()>),
    Tasks(Vec<tokio::task::JoinHandle<()>>),
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").finish_non_exhaustive()
    }
}

impl Database {
    /// Applies the missing migrations; returns their names.
    pub async fn migrate(place: &DatabaseAddress) -> Result<Vec<&'static str>, OpenError> {
        Self::migrate_until(place, migrate::newest()).await
    }

    /// Applies the missing migrations up to this number, for tests of later migrations.
    #[doc(hidden)]
    pub async fn migrate_until(place: &DatabaseAddress, number: i64) -> Result<Vec<&'static str>, OpenError> {
        match place {
            DatabaseAddress::Folder(folder) => {
                let _lock = lock(folder)?;
                migrate_file(folder, number)
            }
            DatabaseAddress::Postgres { url, .. } => postgres::migrate(url, number).await,
        }
    }

    /// Opens a database after applying the missing migrations.
    pub async fn open(place: &DatabaseAddress, parts: Parts) -> Result<Self, OpenError> {
        match place {
            DatabaseAddress::Folder(folder) => Self::open_folder(folder, &parts),
            DatabaseAddress::Postgres { url, lanes } => {
                postgres::migrate(url, migrate::newest()).await?;
                let (writer, lanes) = Writer::with_lanes(*lanes, &parts);
                let (tasks, reader) = postgres::start(url, &writer, lanes, &parts).await?;
                let ending = Mutex::new(Some(Ending::Tasks(tasks)));
                Ok(Self { writer, reader: Reader::postgres(reader).with_planted(parts.reactor.planted()), ending })
            }
        }
    }

    fn open_folder(folder: &Path, parts: &Parts) -> Result<Self, OpenError> {
        let held = lock(folder)?;
        migrate_file(folder, migrate::newest())?;
        let file = folder.join(FILE);
        let engine = SqliteEngine::locked(&file, Some(&folder.join(LOCK)), Arc::clone(&parts.clock))?;
        let files = engine.files();
        let (mut writer, lanes) = Writer::with_lanes(1, parts);
        writer.watch(Arc::clone(&files));
        let (parts, planted) = (parts.clone(), parts.reactor.planted());
        let thread = std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || {
                let mut engine = Some(engine);
                for lane in lanes {
                    if let Some(engine) = engine.take() {
                        let run = || lane.run_blocking(engine, &parts);
                        if catch_unwind(AssertUnwindSafe(run)).is_err() {
                            end_of_a_panic();
                        }
                    }
                }
                drop(held);
            })
            .map_err(|error| unusable(folder, &error))?;
        let reader = Reader::sqlite(SqliteReader::new(&file, Some(files))).with_planted(planted);
        Ok(Self { writer, reader, ending: Mutex::new(Some(Ending::Thread(thread))) })
    }

    /// Opens a database only for reading: no migrations are applied, and no runs continue.
    pub async fn look(place: &DatabaseAddress) -> Result<Look, OpenError> {
        match place {
            DatabaseAddress::Folder(folder) => {
                let held = lock(folder)?;
                let file = folder.join(FILE);
                let connection = sqlite::open_for_reading(&file).map_err(|error| unusable(folder, &error))?;
                migrate::check(migrate::sqlite_schema(&connection)?)?;
                Ok(Look { reader: Reader::sqlite(SqliteReader::new(&file, None)), _held: Some(held) })
            }
            DatabaseAddress::Postgres { url, .. } => {
                postgres::check(url).await?;
                Ok(Look { reader: Reader::postgres(postgres::reader(url)?), _held: None })
            }
        }
    }

    /// The writer.
    pub fn writer(&self) -> &Writer {
        &self.writer
    }

    /// The reader.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Accepts no more commands, completes the waiting ones, and closes the database.
    pub async fn close(&self) {
        self.writer.close();
        let ending = self.ending.lock().unwrap_or_else(PoisonError::into_inner).take();
        match ending {
            Some(Ending::Thread(thread)) => {
                let ended = tokio::task::spawn_blocking(move || thread.join().is_ok()).await;
                if !matches!(ended, Ok(true)) {
                    tracing::error!("the writer ended badly");
                }
            }
            Some(Ending::Tasks(tasks)) => {
                for task in tasks {
                    drop(task.await);
                }
            }
            None => {}
        }
    }
}

impl Drop for Database {
    /// Accepts no more commands; the waiting ones are still completed.
    fn drop(&mut self) {
        self.writer.close();
    }
}

fn migrate_file(folder: &Path, until: i64) -> Result<Vec<&'static str>, OpenError> {
    let mut connection = sqlite::open(&folder.join(FILE)).map_err(|error| unusable(folder, &error))?;
    Ok(migrate::sqlite(&mut connection, until)?)
}

fn unusable(folder: &Path, error: &dyn std::error::Error) -> OpenError {
    OpenError::Folder { folder: folder.to_owned(), detail: error.to_string() }
}

/// Locks the data folder for this process. The lock ends with the process, even after a crash.
fn lock(folder: &Path) -> Result<File, OpenError> {
    let unusable = |error: std::io::Error| unusable(folder, &error);
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(unusable)?;
    let open = |name| {
        OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(folder.join(name))
            .map_err(unusable)
    };
    let file = open(LOCK)?;
    match file.try_lock() {
        Ok(()) => {
            // Created here if missing: a file that SQLite creates would be readable by every user of the machine.
            open(FILE)?;
            Ok(file)
        }
        Err(std::fs::TryLockError::WouldBlock) => Err(OpenError::InUse(folder.to_owned())),
        Err(std::fs::TryLockError::Error(error)) => Err(unusable(error)),
    }
}
