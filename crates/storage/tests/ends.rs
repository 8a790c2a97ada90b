//! What ends the process, seen from outside: each test runs a child process of this test's own program.

mod toys;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::process::{Command, Output};
use std::sync::Arc;

use docket_kernel::{Progress, Refusal, Table, Task, UnitOfWork, Verb};
use docket_storage::{Database, DatabaseAddress, NoReactor, Reactor};
use docket_testkit::{FreshDatabase, On, engines, parts_in_real_time};
use toys::{command, fresh, put_coin, run, slip};

/// The environment variable with the task of a child.
const ORDER: &str = "DOCKET_TEST_ORDER";
/// The environment variable with the location of its database.
const PLACE: &str = "DOCKET_TEST_PLACE";

const LANES: usize = 4;
/// The maximum size of a file of the child, in blocks of 512 bytes.
const BLOCKS_MAX: u32 = 4_096;

/// Runs a child in a shell, after these shell commands.
fn child(fresh: &FreshDatabase, order: &str, before: &str) -> Output {
    let place = match fresh.place() {
        DatabaseAddress::Folder(folder) => folder.display().to_string(),
        DatabaseAddress::Postgres { url, .. } => url,
    };
    let program = std::env::current_exe().expect("the test has a program path");
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{before} exec \"$0\" \"$@\"")]).arg(program);
    shell.args(["--exact", "does_as_it_is_told", "--ignored", "--nocapture"]);
    shell.env(ORDER, order).env(PLACE, place).output().expect("a child is started")
}

#[test]
#[ignore = "a child of the other tests"]
fn does_as_it_is_told() {
    let (Ok(order), Ok(place)) = (std::env::var(ORDER), std::env::var(PLACE)) else { return };
    let place = if place.contains("://") {
        DatabaseAddress::Postgres { url: place, lanes: LANES }
    } else {
        DatabaseAddress::Folder(place.into())
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(async {
        match order.as_str() {
            "panic" => panic_outside_of_a_verb(&place).await,
            "write" => write_for_ever(&place).await,
            other => panic!("unknown order {other}"),
        }
    });
}

/// A reactor that panics outside of any verb or step.
struct Panics;

impl Reactor for Panics {
    fn perform(&self, _: &mut UnitOfWork, _: &Task) -> Verb<Progress> {
        Ok(Progress::Done)
    }
    fn defer(&self, _: &mut UnitOfWork, _: &Task, _: docket_kernel::Moment) -> Verb<()> {
        Ok(())
    }
    fn fail(&self, _: &mut UnitOfWork, _: &Task, _: &Refusal) -> Verb<()> {
        Ok(())
    }
    fn may_defer(&self, task: &Task) -> bool {
        panic!("a panic of this test, about {}", task.key)
    }
    fn due(&self) -> Option<(&'static Table, &'static str)> {
        None
    }
}

async fn panic_outside_of_a_verb(place: &DatabaseAddress) {
    let database = Database::open(place, parts_in_real_time(Arc::new(Panics))).await.expect("it opens");
    let reacts = command(|work| {
        put_coin(work, "jar")?;
        work.queue(Task { topic: "coin", key: Arc::from("jar") });
        Ok(())
    });
    drop(database.writer().submit(reacts.about(&subject_of_the_last_lane())).await);
    // The caller continues after the error that the outcome is unknown; only the end of the process is correct.
    database.close().await;
}

/// A subject of the last lane: the one that incomplete supervision would check last.
fn subject_of_the_last_lane() -> String {
    let lane = |subject: &String| {
        let mut hasher = DefaultHasher::new();
        subject.as_str().hash(&mut hasher);
        hasher.finish() % LANES as u64
    };
    let mut subjects = (0..1_000).map(|number| format!("subject {number}"));
    subjects.find(|subject| lane(subject) == LANES as u64 - 1).expect("one exists")
}

/// Writes forever, and prints the number of acknowledgements after each.
async fn write_for_ever(place: &DatabaseAddress) {
    let database = Database::open(place, parts_in_real_time(Arc::new(NoReactor))).await.expect("it opens");
    for number in 1.. {
        let large = run(&database, move |work| {
            let new = slip(work, &format!("{number} {}", "x".repeat(20_000)));
            work.insert(new);
            Ok(())
        });
        if let Err(error) = large.await {
            panic!("an error instead of the end of the process: {error}");
        }
        writeln!(std::io::stdout(), "acknowledged {number}").expect("the output is read");
    }
}

#[tokio::test]
async fn a_panic_outside_of_a_verb_ends_the_process_and_leaves_no_partial_write() {
    for engine in engines() {
        let fresh = fresh(engine).await;

        let ended = child(&fresh, "panic", "");

        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(70), "{engine}: {said}");
        assert!(said.contains("a panic of this test"), "{engine}: {said}");
        assert_eq!(fresh.count("SELECT coins FROM jar WHERE id = 'jar'").await, 0, "{engine}");
    }
}

#[tokio::test]
async fn a_commit_that_sqlite_can_not_write_ends_the_process_and_nothing_acknowledged_is_lost() {
    let fresh = fresh(On::Sqlite).await;

    // A file that must not grow fails a write as a broken disk does: with an error that is not "no space left".
    let ended = child(&fresh, "write", &format!("trap '' XFSZ; ulimit -f {BLOCKS_MAX};"));

    let said = String::from_utf8_lossy(&ended.stdout);
    let acknowledged = said.lines().filter(|line| line.starts_with("acknowledged")).count();
    assert_eq!(ended.status.code(), Some(74), "{said}{}", String::from_utf8_lossy(&ended.stderr));
    assert!(acknowledged > 10, "{said}");
    let kept = fresh.count("SELECT count(*) FROM slip").await;
    assert!(usize::try_from(kept).unwrap() >= acknowledged, "{kept} of {acknowledged}");
}
