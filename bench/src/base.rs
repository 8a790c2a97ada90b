//! Databases with a given number of cases: created once, copied for each round.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use docket_kernel::{Clock, SystemClock};
use docket_storage::{Database, DatabaseAddress};

use crate::args::On;
use crate::floor::postgres::connect;
use crate::floor::tape::{Before, Tape};
use crate::load::{self, Outcome};
use crate::transfer::transfer;
use crate::world::{self, World};
use crate::{FILE, Fallible, args, fill, job, product};

/// The database on a server from which those of the rounds are copied.
const BASE: &str = "docket_bench_base";

/// The data from which rounds are created.
pub struct Base {
    /// The organization.
    pub world: World,
    /// The file with the recorded writes of one job.
    pub tape: PathBuf,
    /// The file with the organization.
    pub world_file: PathBuf,
    /// The number of cases in the databases.
    pub cases: u64,
    /// The number of rows that a job writes.
    pub rows: usize,
    folder: PathBuf,
    server: Option<String>,
}

/// A database of one round; removed with this value.
pub enum Copy {
    /// A data folder.
    Folder(PathBuf),
    /// A database on the server: the server's address, and the database's name.
    Server(String, String),
}

impl Base {
    /// Creates what does not exist yet.
    pub fn prepare(folder: &Path, engines: &[On], cases: u64, server: Option<String>) -> Fallible<Self> {
        let runtime = tokio::runtime::Runtime::new()?;
        let name = format!("{cases}-{:016x}", fingerprint()?);
        let folder = folder.join(&name);
        let (empty, sqlite, world_file) = (folder.join("empty"), folder.join("sqlite"), folder.join("world.json"));
        if !world_file.is_file() {
            drop(fs::remove_dir_all(&folder));
            fs::create_dir_all(&empty)?;
            let world = runtime.block_on(world::build(&DatabaseAddress::Folder(empty.clone())))?;
            // The last changes of a closed database may still be in the log, which is not copied.
            rusqlite::Connection::open(empty.join(FILE))?
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            fs::write(&world_file, serde_json::to_vec(&world)?)?;
        }
        let world: World = serde_json::from_slice(&fs::read(&world_file)?)?;
        // The writes of a job may have changed with Docket's code; the cases have not.
        let recorded = runtime.block_on(record(&empty, &folder.join("once"), &world))?;
        let (tape, rows) = (folder.join("tape.json"), recorded.rows());
        recorded.save(&tape)?;
        if engines.contains(&On::Sqlite) && !sqlite.join("filled").is_file() {
            crate::report::say(&format!("filling SQLite with {cases} cases (kept for later measurements)"));
            fs::create_dir_all(&sqlite)?;
            fs::copy(empty.join(FILE), sqlite.join(FILE))?;
            fill_sqlite(&sqlite.join(FILE), &world, cases)?;
            fs::write(sqlite.join("filled"), "")?;
        }
        let base = Self { world, tape, world_file, cases, rows, folder, server };
        if engines.contains(&On::Postgres) {
            runtime.block_on(base.prepare_server(cases))?;
        }
        Ok(base)
    }

    async fn prepare_server(&self, cases: u64) -> Fallible<()> {
        let server = self.server.as_ref().ok_or("PostgreSQL is requested and DOCKET_TEST_POSTGRES_URL is not set")?;
        let administrator = connect(server).await?;
        let what = self.folder.file_name().unwrap_or_default().to_string_lossy();
        let described = format!(
            "SELECT 1 FROM pg_database WHERE datname = '{BASE}' AND \
             shobj_description(oid, 'pg_database') = '{what}'"
        );
        if administrator.query_opt(&described, &[]).await?.is_some() {
            return Ok(());
        }
        crate::report::say(&format!("filling PostgreSQL with {cases} cases"));
        administrator.batch_execute(&format!("DROP DATABASE IF EXISTS {BASE}")).await?;
        administrator.batch_execute(&format!("CREATE DATABASE {BASE} TEMPLATE template0 ENCODING 'UTF8'")).await?;
        let url = with_name(server, BASE);
        Database::migrate(&DatabaseAddress::Postgres { url: url.clone(), lanes: 1 }).await?;
        let client = connect(&url).await?;
        transfer(&self.folder.join("empty").join(FILE), &client).await?;
        for text in fill::statements(On::Postgres, &self.world, cases) {
            client.batch_execute(&text).await?;
        }
        client.batch_execute("VACUUM ANALYZE").await?;
        client.batch_execute(&format!("COMMENT ON DATABASE {BASE} IS '{what}'")).await?;
        Ok(())
    }

    /// Creates a database for a round.
    pub fn copy(&self, on: On) -> Fallible<Copy> {
        match (on, &self.server) {
            (On::Sqlite, _) => {
                let folder = self.folder.join("round");
                drop(fs::remove_dir_all(&folder));
                fs::create_dir_all(&folder)?;
                fs::copy(self.folder.join("sqlite").join(FILE), folder.join(FILE))?;
                // Unwritten data of the copy is written now, not during the round.
                fs::File::open(folder.join(FILE))?.sync_all()?;
                Ok(Copy::Folder(folder))
            }
            (On::Postgres, Some(server)) => {
                let name = "docket_bench_round".to_owned();
                let texts = [
                    format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
                    format!("CREATE DATABASE {name} TEMPLATE {BASE} STRATEGY file_copy"),
                    "CHECKPOINT".to_owned(),
                ];
                on_server(server, &texts)?;
                Ok(Copy::Server(server.clone(), name))
            }
            (On::Postgres, None) => Err("DOCKET_TEST_POSTGRES_URL is not set".into()),
        }
    }
}

fn on_server(server: &str, texts: &[String]) -> Fallible<()> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let client = connect(server).await?;
        for text in texts {
            client.batch_execute(text).await?;
        }
        Ok(())
    })
}

impl Copy {
    /// The arguments that name the database.
    pub fn arguments(&self) -> Vec<String> {
        match self {
            Self::Folder(folder) => vec!["--data".into(), folder.display().to_string()],
            Self::Server(server, name) => vec!["--database-url".into(), with_name(server, name)],
        }
    }

    /// The number of completed runs in the database.
    pub fn completed_runs(&self) -> Fallible<u64> {
        let text = "SELECT count(*) FROM workflow_run WHERE state = 'completed'";
        let count: i64 = match self {
            Self::Folder(folder) => {
                rusqlite::Connection::open(folder.join(FILE))?.query_row(text, [], |row| row.get(0))?
            }
            Self::Server(server, name) => tokio::runtime::Runtime::new()?.block_on(async {
                Fallible::Ok(connect(&with_name(server, name)).await?.query_one(text, &[]).await?.get(0))
            })?,
        };
        Ok(u64::try_from(count)?)
    }

    /// The first process of the server, if it runs on this machine.
    pub fn postgres(&self) -> Option<u32> {
        let Self::Server(server, _) = self else { return None };

        tokio::runtime::Runtime::new().ok()?.block_on(async {
            let client = connect(server).await.ok()?;
            let pid: i32 = client.query_one("SELECT pg_backend_pid()", &[]).await.ok()?.get(0);
            let pid = u32::try_from(pid).ok()?;
            crate::machine::parent(pid)
        })
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        match self {
            Self::Folder(folder) => drop(fs::remove_dir_all(folder)),
            Self::Server(server, name) => {
                drop(on_server(server, &[format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")]));
            }
        }
    }
}

/// An address with the name of another database.
fn with_name(server: &str, name: &str) -> String {
    let (address, options) = server.split_once('?').map_or((server, String::new()), |(a, o)| (a, format!("?{o}")));
    let start = address.find("://").map_or(0, |at| at + 3);
    let end = address[start..].find('/').map_or(address.len(), |at| start + at);
    format!("{}/{name}{options}", &address[..end])
}

/// A hash of the schema, the job and the filling: it prevents the use of an outdated base.
fn fingerprint() -> Fallible<u64> {
    let mut hasher = DefaultHasher::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations/sqlite");
    let mut files: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    files.sort_by_key(fs::DirEntry::file_name);
    for file in files {
        fs::read(file.path())?.hash(&mut hasher);
    }
    (include_str!("fill.rs"), include_str!("job.rs"), include_str!("world.rs"), include_str!("works.rs"))
        .hash(&mut hasher);
    Ok(hasher.finish())
}

/// Lets Docket perform two jobs in a copy, and records the writes of the second: the first job also records the
/// inquiry's template, which every later job finds.
async fn record(folder: &Path, copy: &Path, world: &World) -> Fallible<Tape> {
    drop(fs::remove_dir_all(copy));
    fs::create_dir_all(copy)?;
    let file = copy.join(FILE);
    fs::copy(folder.join(FILE), &file)?;
    let place = DatabaseAddress::Folder(copy.to_owned());
    let address = free_address()?;
    let served = tokio::spawn({
        let address = address.clone();
        async move { product::serve(&place, &address).await }
    });
    let one = |first| args::Load {
        address: address.clone(),
        at: 1,
        time: 30.0,
        count: 1,
        first,
        work: args::Work::Job,
        world: folder.with_file_name("world.json"),
        cases: 1,
    };
    do_one(one(1)).await?;
    let (before, began) = (Before::of(&file)?, SystemClock.now().0);
    do_one(one(0)).await?;
    let mut tape = before.since(&file, began, &world.environment)?;
    served.abort();
    drop(served.await);
    checked(&tape)?;
    let (template, _, _) = &world.templates[0];
    let inquiry_template = format!("{}/{}", world.environment, job::INQUIRY_TEMPLATE);
    for (table, column, value) in [
        ("source", "id", &world.source),
        ("subscription", "environment_id", &world.environment),
        ("case_template", "id", template),
        ("case_status", "template_id", template),
        ("object", "id", &inquiry_template),
    ] {
        tape.ask(table, column, value);
    }
    fs::remove_dir_all(copy)?;
    Ok(tape)
}

async fn do_one(load: args::Load) -> Fallible<()> {
    let outcome = tokio::task::spawn_blocking(move || ask(load)).await??;
    match outcome.done {
        1 => Ok(()),
        _ => Err(format!("the job was not done: {}", outcome.failure.unwrap_or_default()).into()),
    }
}

fn ask(load: args::Load) -> Fallible<Outcome> {
    let ready = (0..500).any(|_| {
        crate::stopwatch::pause(std::time::Duration::from_millis(10));
        std::net::TcpStream::connect(&load.address).is_ok()
    });
    if ready { load::run(load) } else { Err("the server inside this program does not listen".into()) }
}

/// Checks the number of runs and steps: two runs, eight steps.
fn checked(tape: &Tape) -> Fallible<()> {
    let rows = |table: &str| tape.written.iter().find(|written| written.table == table).map_or(0, |w| w.rows.len());
    let history =
        tape.written.iter().find(|written| written.table == "run_segment").map(|written| format!("{written:?}"));
    let steps = history.unwrap_or_default().matches("succeeded").count();
    if rows("workflow_run") != job::RUNS || steps != job::STEPS || rows("case_record") != 1 {
        return Err(format!("the job did {steps} steps in {} runs", rows("workflow_run")).into());
    }
    Ok(())
}

/// A free address on this machine.
pub fn free_address() -> Fallible<String> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

fn fill_sqlite(file: &Path, world: &World, cases: u64) -> Fallible<()> {
    let connection = rusqlite::Connection::open(file)?;
    connection.execute_batch("PRAGMA synchronous=OFF; PRAGMA cache_size=-524288; BEGIN")?;
    for text in fill::statements(On::Sqlite, world, cases) {
        connection.execute_batch(&text)?;
    }
    connection.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}
