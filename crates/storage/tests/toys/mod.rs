//! Test tables for storage, the same on both engines.

#![allow(dead_code, clippy::allow_attributes, reason = "each test file uses the toys it needs")]

use std::sync::{Arc, Mutex};

use docket_kernel::{
    CaseId, Entity, EnvironmentId, Json, ManualClock, Moment, Progress, Question, Refusal, Scope, Task, UnitOfWork,
    Verb,
};
use docket_storage::{Command, Database, NoReactor, Parts, Reactor, WriteError};
use docket_testkit::{FreshDatabase, On, parts, parts_in_real_time, start_of_time};

docket_kernel::entity! {
    /// A subject: locked when it is loaded.
    pub struct Jar in "jar" {
        table: { rank: 10, lock: Row(version), scope: environment_id, unique: ["label"], asked: [] },
        /// Id.
        id: CaseId,
        /// Its environment.
        environment_id: EnvironmentId,
        /// Version.
        version: i64,
        /// Unique in the environment.
        label: Option<String>,
        /// Never below 0.
        coins: i64,
        /// Any text.
        notes: Json<Vec<String>>,
        /// Whether it is closed.
        is_shut: bool,
    }
}

docket_kernel::entity! {
    /// Belongs to a jar.
    pub struct Coin in "coin" {
        table: { rank: 20, lock: Row(version), scope: environment_id, unique: [], asked: ["jar_id"] },
        /// Id.
        id: CaseId,
        /// Its environment.
        environment_id: EnvironmentId,
        /// Version.
        version: i64,
        /// Its jar.
        jar_id: Option<CaseId>,
        /// The time of its creation.
        created_at: Moment,
    }
}

docket_kernel::entity! {
    /// Configuration: read without a lock.
    pub struct Price in "price" {
        table: { rank: 5, lock: Config(version), scope: environment_id, unique: [], asked: [] },
        /// Id.
        id: CaseId,
        /// Its environment.
        environment_id: EnvironmentId,
        /// Version.
        version: i64,
        /// The amount.
        amount: i64,
    }
}

docket_kernel::entity! {
    /// Rows that are only added.
    pub struct Receipt in "slip" {
        table: { rank: 30, lock: Append, scope: environment_id, unique: ["text"], asked: [] },
        /// Id.
        id: CaseId,
        /// Its environment.
        environment_id: EnvironmentId,
        /// Its text; unique in the environment.
        text: String,
    }
}

docket_kernel::entity! {
    /// Work that falls due.
    pub struct Chore in "chore" {
        table: { rank: 40, lock: Row(version), scope: environment_id, unique: [], asked: [], due: "due_at" },
        /// Id.
        id: CaseId,
        /// Its environment.
        environment_id: EnvironmentId,
        /// Version.
        version: i64,
        /// Its due time.
        due_at: Option<Moment>,
        /// How often it was done.
        done: i64,
        /// The jar that gets a coin each time.
        jar_id: Option<CaseId>,
    }
}

docket_kernel::entity! {
    /// A leaf of a book, which may hold much.
    pub struct Leaf in "leaf" {
        table: { rank: 50, lock: Row(version), scope: environment_id, unique: [], asked: ["book"] },
        /// Id.
        id: CaseId,
        /// Whose.
        environment_id: EnvironmentId,
        /// Changes.
        version: i64,
        /// Of which book.
        book: String,
        /// What it says.
        text: String,
        /// When it was written.
        created_at: Moment,
    }
}

/// The leaves of a book.
pub static LEAVES_OF_BOOK: Question = Question { table: Leaf::TABLE, column: "book", bound: 1_000, parent: None };

/// The coins of a jar; adding one locks the jar.
pub static COINS_OF_JAR: Question =
    Question { table: Coin::TABLE, column: "jar_id", bound: 100, parent: Some(Jar::TABLE) };

const TABLES: &str = "
CREATE TABLE price (id TEXT PRIMARY KEY, environment_id TEXT NOT NULL, version BIGINT NOT NULL, amount BIGINT NOT NULL);
CREATE TABLE jar (
  id TEXT PRIMARY KEY, environment_id TEXT NOT NULL, version BIGINT NOT NULL, label TEXT,
  coins BIGINT NOT NULL CHECK (coins >= 0), notes JSONB NOT NULL, is_shut BOOLEAN NOT NULL,
  UNIQUE (environment_id, label)
);
CREATE TABLE coin (
  id TEXT PRIMARY KEY, environment_id TEXT NOT NULL, version BIGINT NOT NULL,
  jar_id TEXT REFERENCES jar (id), created_at BIGINT NOT NULL
);
CREATE TABLE slip (
  id TEXT PRIMARY KEY, environment_id TEXT NOT NULL, text TEXT NOT NULL, UNIQUE (environment_id, text)
);
CREATE TABLE chore (
  id TEXT PRIMARY KEY, environment_id TEXT NOT NULL, version BIGINT NOT NULL, due_at BIGINT,
  done BIGINT NOT NULL, jar_id TEXT
);
CREATE TABLE leaf (
  id TEXT PRIMARY KEY, environment_id TEXT NOT NULL, version BIGINT NOT NULL, book TEXT NOT NULL, text TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX leaf_book ON leaf (environment_id, book);
INSERT INTO jar VALUES
  ('jar', 'env_a', 1, 'shelf', 0, '[]', FALSE), ('other', 'env_a', 1, 'floor', 0, '[]', FALSE),
  ('theirs', 'env_b', 1, 'theirs', 7, '[]', FALSE);
INSERT INTO coin VALUES ('their_coin', 'env_b', 1, 'theirs', 5);
INSERT INTO price VALUES ('price', 'env_a', 1, 10), ('their_price', 'env_b', 1, 10);
";

/// A fresh database with the test tables.
pub async fn fresh(engine: On) -> FreshDatabase {
    // The writer's log is shown when a test fails.
    drop(tracing_subscriber::fmt().with_test_writer().try_init());
    let fresh = FreshDatabase::on(engine).await;
    fresh.run(TABLES).await;
    fresh
}

/// A clock that is set to the initial time of tests.
pub fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(start_of_time()))
}

/// A node with a manual clock and without reactions.
pub async fn still(fresh: &FreshDatabase) -> Database {
    fresh.open(parts(&clock(), 1, Arc::new(NoReactor))).await.expect("the database opens")
}

/// A node in real time, with this many lanes and without reactions.
pub async fn node(fresh: &FreshDatabase, lanes: usize) -> Database {
    node_with(fresh, lanes, parts_in_real_time(Arc::new(NoReactor))).await
}

/// A node with these parts.
pub async fn node_with(fresh: &FreshDatabase, lanes: usize, parts: Parts) -> Database {
    Database::open(&fresh.place_with(lanes), parts).await.expect("the database opens")
}

/// The scope of these tests.
pub fn here() -> Scope {
    Scope::Of(Arc::from("env_a"))
}

/// A command in the scope of these tests.
pub fn command<T: Send + 'static>(verb: impl Fn(&mut UnitOfWork) -> Verb<T> + Send + Sync + 'static) -> Command<T> {
    Command::new("toy", here(), verb)
}

/// Runs a verb in the scope of these tests.
pub async fn run<T: Send + 'static>(
    database: &Database,
    verb: impl Fn(&mut UnitOfWork) -> Verb<T> + Send + Sync + 'static,
) -> Result<T, WriteError> {
    database.writer().submit(command(verb)).await
}

/// Adds a coin to a jar, and returns the number of its coins.
pub fn put_coin(work: &mut UnitOfWork, jar: &str) -> Verb<i64> {
    Ok(work.change::<Jar>(jar, |jar| jar.coins += 1)?.coins)
}

/// A new jar.
pub fn jar(id: &str, label: &str, coins: i64) -> Jar {
    Jar {
        id: CaseId::of(id),
        environment_id: EnvironmentId::of("env_a"),
        version: 0,
        label: Some(label.to_owned()),
        coins,
        notes: Json::default(),
        is_shut: false,
    }
}

/// A new coin in this jar.
pub fn coin(work: &mut UnitOfWork, jar: &str) -> Coin {
    Coin {
        id: CaseId::of(work.new_id("coin")),
        environment_id: EnvironmentId::of("env_a"),
        version: 0,
        jar_id: Some(CaseId::of(jar)),
        created_at: work.now(),
    }
}

/// A new slip with this text.
pub fn slip(work: &mut UnitOfWork, text: &str) -> Receipt {
    Receipt { id: CaseId::of(work.new_id("slip")), environment_id: EnvironmentId::of("env_a"), text: text.to_owned() }
}

/// Does due chores, and reacts to `coin` tasks by adding a coin to the jar with that key.
#[derive(Debug, Default)]
pub struct Household {
    /// Keys of chores in the order in which they were done by this node.
    pub did: Mutex<Vec<String>>,
}

impl Reactor for Household {
    fn perform(&self, work: &mut UnitOfWork, task: &Task) -> Verb<Progress> {
        if task.topic == "coin" {
            put_coin(work, &task.key)?;
            return Ok(Progress::Done);
        }
        let Some(chore) = work.get::<Chore>(&task.key)? else { return Ok(Progress::Done) };
        if chore.due_at.is_none_or(|due| due > work.now()) {
            return Ok(Progress::Done);
        }
        if let Some(jar) = &chore.jar_id {
            put_coin(work, jar.as_str())?;
        }
        work.change::<Chore>(&task.key, |chore| {
            chore.due_at = None;
            chore.done += 1;
        })?;
        self.did.lock().expect("the lock is not poisoned").push(task.key.to_string());
        Ok(Progress::Done)
    }

    fn defer(&self, work: &mut UnitOfWork, task: &Task, due: Moment) -> Verb<()> {
        work.change::<Chore>(&task.key, |chore| chore.due_at = Some(due)).map(drop)
    }

    fn fail(&self, work: &mut UnitOfWork, task: &Task, _: &Refusal) -> Verb<()> {
        if task.topic == "chore" {
            work.change::<Chore>(&task.key, |chore| chore.due_at = None)?;
        }
        Ok(())
    }

    fn may_defer(&self, task: &Task) -> bool {
        task.topic == "chore"
    }

    fn kept(&self) -> Vec<(&'static docket_kernel::Table, &'static str, i64)> {
        vec![(Coin::TABLE, "created_at", 86_400)]
    }

    fn due(&self) -> Option<(&'static docket_kernel::Table, &'static str)> {
        Some((Chore::TABLE, "chore"))
    }
}
