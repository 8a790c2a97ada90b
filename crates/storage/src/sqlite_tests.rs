use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use docket_kernel::{CaseId, EnvironmentId, ManualClock, Rng, Scope, SeededRng};

use super::*;
use crate::batch::{Batcher, Outcome};
use crate::engine::ready;
use crate::failure::Rest;
use crate::item::{Command, NoReactor, WriteError};
use crate::queue::Queue;
use crate::settings::Bounds;
use crate::writer::Parts;

docket_kernel::entity! {
    /// A row of any size.
    pub struct Stone in "stone" {
        table: { rank: 10, lock: Row(version), scope: environment_id, unique: [], asked: [] },
        /// Id.
        id: CaseId,
        /// Its environment.
        environment_id: EnvironmentId,
        /// Version.
        version: i64,
        /// Its weight.
        weight: String,
    }
}

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let name = format!("docket_unit_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::SeqCst));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn batcher(file: &Path) -> Batcher<SqliteEngine> {
    let clock = Arc::new(ManualClock::at(Moment(1)));
    let parts = Parts {
        reactor: Arc::new(NoReactor),
        bounds: Bounds::default(),
        clock: clock.clone(),
        rng: Arc::new(SeededRng::new(1)),
    };
    let engine = SqliteEngine::open(file, clock).unwrap();
    let text =
        "CREATE TABLE IF NOT EXISTS stone (id TEXT PRIMARY KEY, environment_id TEXT, version BIGINT, weight TEXT)";
    engine.write_connection().connection.execute_batch(text).unwrap();
    Batcher::new(engine, &parts)
}

/// Inserts stones of these weights with one command each, all in one batch; returns the answers to the callers.
fn lay(batcher: &mut Batcher<SqliteEngine>, stones: &[(&str, usize)]) -> (Vec<Result<(), WriteError>>, bool) {
    let (mut items, mut callers) = (Vec::new(), Vec::new());
    for (id, weight) in stones.iter().copied() {
        let id = CaseId::of(id);
        let command = Command::new("lay", Scope::Of(Arc::from("env_a")), move |work| {
            let environment_id = EnvironmentId::of("env_a");
            work.insert(Stone { id: id.clone(), environment_id, version: 0, weight: "x".repeat(weight) });
            Ok(())
        });
        let (item, caller) = command.into_item(SeededRng::new(1).seed());
        items.push(item);
        callers.push(caller);
    }
    let outcome = ready(batcher.run(items, 0, None)).expect("SQLite never waits");
    let told = callers.into_iter().map(|mut caller| caller.try_recv().expect("every caller has an answer").map(drop));
    (told.collect(), outcome.rest != Rest::No)
}

fn count(batcher: &Batcher<SqliteEngine>) -> i64 {
    batcher.engine.write_connection().connection.query_row("SELECT count(*) FROM stone", [], |row| row.get(0)).unwrap()
}

fn set_pages_max(batcher: &Batcher<SqliteEngine>, pages: i64) {
    batcher
        .engine
        .write_connection()
        .connection
        .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))
        .unwrap();
}

#[test]
fn a_full_disk_refuses_the_whole_batch_once_and_the_next_succeeds_when_there_is_space() {
    let folder = Folder::new();
    let mut batcher = batcher(&folder.0.join("file"));
    assert!(matches!(lay(&mut batcher, &[("a", 10)]), (told, false) if told[0].is_ok()));
    set_pages_max(&batcher, 10);

    let (told, rest) = lay(&mut batcher, &[("b", 10), ("c", 1 << 20)]);

    assert!(told.iter().all(|answer| matches!(answer, Err(WriteError::Unavailable(why)) if why.contains("space"))));
    assert!(rest, "the writer pauses before it continues");
    assert_eq!(count(&batcher), 1, "no write is partial");
    set_pages_max(&batcher, 1 << 20);
    let (told, rest) = lay(&mut batcher, &[("b", 10), ("c", 1 << 20)]);
    assert!(told.iter().all(Result::is_ok) && !rest);
    assert_eq!(count(&batcher), 3);
}

#[test]
fn the_writer_waits_for_the_disk_and_leaves_copying_the_log_to_a_thread() {
    let folder = Folder::new();
    let mut batcher = batcher(&folder.0.join("file"));
    let set = |name: &str| -> String {
        let read = |row: &rusqlite::Row<'_>| row.get::<_, Value>(0);
        let value =
            batcher.engine.write_connection().connection.query_row(&format!("PRAGMA {name}"), [], read).unwrap();
        format!("{value:?}")
    };
    let settings = ["journal_mode", "synchronous", "wal_autocheckpoint", "foreign_keys"].map(set);
    assert_eq!(settings, ["Text(\"wal\")", "Integer(2)", "Integer(0)", "Integer(1)"]);

    // The first items make the log long enough for a checkpoint, the next ones request it.
    for id in ["a", "b", "c", "d", "e", "f", "g"] {
        assert!(lay(&mut batcher, &[(id, 30 << 20)]).0.iter().all(Result::is_ok));
    }

    while std::fs::metadata(folder.0.join("file")).unwrap().len() < 60 << 20 {
        std::thread::yield_now();
    }
}

#[test]
fn a_log_that_was_copied_restarts() {
    let folder = Folder::new();
    let mut batcher = batcher(&folder.0.join("file"));
    let length = || std::fs::metadata(folder.0.join("file-wal")).unwrap().len();
    let pages = |batcher: &Batcher<SqliteEngine>| {
        let pages = |row: &rusqlite::Row<'_>| row.get::<_, i64>(1);
        batcher.engine.write_connection().connection.query_row("PRAGMA wal_checkpoint(NOOP)", [], pages).unwrap()
    };
    assert!(lay(&mut batcher, &[("long", 129 << 20)]).0.iter().all(Result::is_ok));
    let (full, many) = (length(), pages(&batcher));

    // Every commit checks whether the thread has finished its copy.
    let mut commits = 0;
    while pages(&batcher) >= many {
        commits += 1;
        assert!(commits < 100_000, "the log never restarted");
        assert!(lay(&mut batcher, &[(&format!("short{commits}"), 10)]).0.iter().all(Result::is_ok));
    }

    assert!(pages(&batcher) < 20, "{} of {many}", pages(&batcher));
    assert!(length() >= full, "it keeps its allocated size, to overwrite it");
}

#[tokio::test]
async fn a_reader_can_not_write() {
    let folder = Folder::new();
    let batcher = batcher(&folder.0.join("file"));
    let reader = SqliteReader::new(&folder.0.join("file"), None);

    let written = reader.with(|snapshot| {
        let written = snapshot.0.execute("INSERT INTO stone VALUES ('s', 'env_a', 1, '')", []);
        written.map(drop).map_err(|error| engine_error(&error).into())
    });
    let written = written.await;

    assert!(written.unwrap_err().to_string().contains("readonly"));
    assert_eq!(count(&batcher), 0);
}

#[test]
fn a_log_restarts_although_batches_are_computed_while_others_are_written() {
    let folder = Folder::new();
    let (mut batcher, queue) = (batcher(&folder.0.join("file")), Arc::new(Queue::new(10, 1 << 20)));
    let mut lay = |id: String, weight: usize| {
        let command = Command::new("lay", Scope::Of(Arc::from("env_a")), move |work| {
            // A lookup holds a read transaction open.
            work.get::<Stone>("nowhere")?;
            let (id, environment_id) = (CaseId::of(&id), EnvironmentId::of("env_a"));
            work.insert(Stone { id, environment_id, version: 0, weight: "x".repeat(weight) });
            Ok(())
        });
        let (item, caller) = command.into_item(SeededRng::new(1).seed());
        ready(batcher.run(vec![item], 0, Some(&queue))).expect("SQLite never waits");
        drop(caller);
        let pages = |row: &rusqlite::Row<'_>| row.get::<_, i64>(1);
        batcher.engine.write_connection().connection.query_row("PRAGMA wal_checkpoint(NOOP)", [], pages).unwrap()
    };
    lay("long".into(), 129 << 20);
    let mut most = 0;

    for commits in 0.. {
        let pages = lay(format!("short{commits}"), 10);
        if pages < most {
            break;
        }
        most = pages;
        assert!(commits < 100_000, "the log never restarted: {pages} pages");
    }
}

/// Draws a number in a batch that is written in the background, and inserts a stone; returns the number once committed.
fn draw(batcher: &mut Batcher<SqliteEngine>, queue: &Arc<Queue>, weight: usize) -> Option<i64> {
    let command = Command::new("draw", Scope::Of(Arc::from("env_a")), move |work| {
        let number = work.number("env_a", "case:KYC")?;
        let (id, environment_id) = (CaseId::of(number.to_string()), EnvironmentId::of("env_a"));
        work.insert(Stone { id, environment_id, version: 0, weight: "x".repeat(weight) });
        Ok(number)
    });
    let (item, mut caller) = command.into_item(SeededRng::new(1).seed());
    ready(batcher.run(vec![item], 0, Some(queue))).expect("SQLite never waits");
    ready(batcher.finish(&mut Outcome::default())).expect("SQLite never waits");
    caller.try_recv().expect("every caller has an answer").ok().map(crate::item::value_of)
}

#[test]
fn numbers_are_consecutive_except_those_of_a_refused_commit() {
    let folder = Folder::new();
    let (file, queue) = (folder.0.join("file"), Arc::new(Queue::new(10, 1 << 20)));
    let mut first = batcher(&file);
    first
        .engine
        .write_connection()
        .connection
        .execute_batch("CREATE TABLE sequence (scope TEXT, name TEXT, next BIGINT, PRIMARY KEY (scope, name))")
        .unwrap();
    set_pages_max(&first, 12);
    assert_eq!(draw(&mut first, &queue, 1 << 20), None, "the disk is full");
    set_pages_max(&first, 1 << 20);

    let (second, third) = (draw(&mut first, &queue, 1).unwrap(), draw(&mut first, &queue, 1).unwrap());
    drop(first);
    let mut later = batcher(&file);
    let fourth = draw(&mut later, &queue, 1).unwrap();

    assert_eq!([second, third, fourth], [2, 3, 4]);
}
