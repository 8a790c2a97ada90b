//! The PostgreSQL server for tests: creates and drops databases.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use docket_kernel::{Rng, SystemRng};
use docket_storage::{Database, DatabaseAddress};
use tokio_postgres::{Client, NoTls};

/// The environment variable with the address of the server on which tests create their databases.
const URL: &str = "DOCKET_TEST_POSTGRES_URL";
/// The advisory lock that serializes test processes that create the same template.
const LOCK: i64 = 0x7465_7374;

/// The address of the server, if one is configured.
pub(crate) fn url() -> Option<String> {
    std::env::var(URL).ok().filter(|url| !url.is_empty())
}

/// The address of a different database on the same server.
pub(crate) fn url_of(name: &str) -> String {
    let url = url().unwrap_or_else(|| panic!("{URL} is not set"));
    let (address, options) = url.split_once('?').map_or((url.as_str(), None), |(a, o)| (a, Some(o)));
    let (scheme, rest) = address.split_once("://").unwrap_or_else(|| panic!("{URL} is not an address"));
    let authority = rest.split('/').next().unwrap_or(rest);
    let options = options.map(|options| format!("?{options}")).unwrap_or_default();
    format!("{scheme}://{authority}/{name}{options}")
}

/// Connects to an address.
pub(crate) async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("the server of the tests answers");
    tokio::spawn(connection);
    client
}

async fn administrator() -> Client {
    connect(&url().unwrap_or_else(|| panic!("{URL} is not set"))).await
}

/// An unused name.
pub(crate) fn new_name() -> String {
    let seed = SystemRng.seed().0;
    format!("docket_test_{:016x}", u64::from_le_bytes(std::array::from_fn(|place| seed[place])))
}

/// Creates an empty database.
pub(crate) async fn create_empty(name: &str) {
    let text = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'");
    administrator().await.batch_execute(&text).await.expect("the database is created");
}

/// Creates a database with all migrations applied.
pub(crate) async fn create_migrated(name: &str) {
    let administrator = administrator().await;
    let template = template(&administrator).await;
    let text = format!("CREATE DATABASE {name} TEMPLATE {template}");
    administrator.batch_execute(&text).await.expect("the database is created");
}

/// Creates a copy of a database without connections.
pub(crate) async fn create_copy(name: &str, of: &str) {
    let text = format!("CREATE DATABASE {name} TEMPLATE {of}");
    administrator().await.batch_execute(&text).await.expect("a copy is made");
}

/// The name of a migrated database, created on first use and kept: its name contains a hash of its migrations.
async fn template(administrator: &Client) -> String {
    let name = format!("docket_template_{:016x}", migrations());
    administrator.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await.expect("the lock is acquired");
    let known = administrator.query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&name]).await;
    if known.expect("the catalogue is read").is_none() {
        let draft = new_name();
        create_empty(&draft).await;
        let place = DatabaseAddress::Postgres { url: url_of(&draft), lanes: 1 };
        Database::migrate(&place).await.expect("the migrations run");
        let finish = format!("ALTER DATABASE {draft} RENAME TO {name}");
        administrator.batch_execute(&finish).await.expect("the template is named");
    }
    administrator.execute("SELECT pg_advisory_unlock($1)", &[&LOCK]).await.expect("the lock is released");
    name
}

/// The folder with the migrations of one dialect.
pub(crate) fn migrations_of(dialect: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations").join(dialect)
}

fn migrations() -> u64 {
    let folder = migrations_of("postgres");
    let files = std::fs::read_dir(folder).expect("the migrations exist");
    let mut files: Vec<PathBuf> = files.map(|file| file.expect("the migration exists").path()).collect();
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        std::fs::read_to_string(file).expect("a migration is text").hash(&mut hasher);
    }
    hasher.finish()
}

/// Drops a database and its connections. Can be called from any context, also when a test panics.
pub(crate) fn drop_database(name: &str) {
    let text = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    let dropping = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        if let Ok(runtime) = runtime {
            // A database that is left behind is a nuisance, not a failure of the test.
            runtime.block_on(async { drop(administrator().await.batch_execute(&text).await) });
        }
    });
    drop(dropping.join());
}
