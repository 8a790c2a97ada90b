use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use super::*;

/// A separate file, deleted with this value.
struct File(PathBuf);

impl File {
    fn new() -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let name = format!("docket_readers_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::SeqCst));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        super::super::open(&folder.join("file")).unwrap();
        Self(folder)
    }

    fn reader(&self, idle_after: Duration) -> Arc<SqliteReader> {
        Arc::new(SqliteReader::within(&self.0.join("file"), None, idle_after, NEVER))
    }
}

impl Drop for File {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

const NEVER: Duration = Duration::from_hours(1);

type Reading = tokio::task::JoinHandle<Result<(), ReadError>>;

/// A read that signals when it runs, and continues when the sender of its answer is dropped.
fn held(reader: &Arc<SqliteReader>, runs: &Sender<()>) -> (Reading, Sender<()>) {
    let (reader, runs, (go, wait)) = (Arc::clone(reader), runs.clone(), channel::<()>());
    let wait: Mutex<Receiver<()>> = Mutex::new(wait);
    let read = async move {
        let read = move |_: &Snapshot<'_>| {
            runs.send(()).unwrap();
            let _ = wait.lock().unwrap().recv();
            Ok(())
        };
        reader.with(read).await
    };
    (tokio::spawn(read), go)
}

/// Whether this many reads have begun by now.
fn all_run(running: &Receiver<()>, count: &AtomicUsize, all: usize) -> bool {
    count.fetch_add(running.try_iter().count(), Ordering::SeqCst);
    count.load(Ordering::SeqCst) == all
}

async fn until(is_so: impl Fn() -> bool) {
    while !is_so() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn eight_connections_read_and_the_next_read_waits_for_one_of_them() {
    let file = File::new();
    let (reader, (runs, running)) = (file.reader(NEVER), channel());

    let reads: Vec<_> = (0..9).map(|_| held(&reader, &runs)).collect();
    let count = AtomicUsize::new(0);
    until(|| all_run(&running, &count, 8) && reader.pool.lock().waiting.len() == 1).await;

    assert_eq!(reader.pool.lock().threads, 8);
    for (read, go) in reads {
        drop(go);
        read.await.unwrap().unwrap();
    }
    assert_eq!(running.try_iter().count(), 1);
}

#[tokio::test]
async fn an_idle_thread_ends_and_the_last_one_stays() {
    let file = File::new();
    let (reader, (runs, running)) = (file.reader(Duration::ZERO), channel());
    let reads: Vec<_> = (0..8).map(|_| held(&reader, &runs)).collect();
    let count = AtomicUsize::new(0);
    until(|| all_run(&running, &count, 8)).await;

    for (read, go) in reads {
        drop(go);
        read.await.unwrap().unwrap();
    }

    until(|| reader.pool.lock().threads == 1).await;
    assert_eq!(reader.with(|_| Ok(7)).await.unwrap(), 7);
}

#[tokio::test]
async fn reads_wait_up_to_the_limit_of_the_queue_and_one_more_is_refused() {
    let file = File::new();
    let (reader, (runs, running)) = (file.reader(NEVER), channel());
    let mut reads: Vec<_> = (0..CONNECTIONS_MAX).map(|_| held(&reader, &runs)).collect();
    let count = AtomicUsize::new(0);
    until(|| all_run(&running, &count, CONNECTIONS_MAX)).await;
    reads.extend((0..WAITING_MAX).map(|_| held(&reader, &runs)));
    until(|| reader.pool.lock().waiting.len() == WAITING_MAX).await;

    let refused = reader.with(|_| Ok(())).await;

    assert!(matches!(refused, Err(ReadError::Overloaded)), "{refused:?}");
    for (read, go) in reads {
        drop(go);
        read.await.unwrap().unwrap();
    }
    assert_eq!(reader.with(|_| Ok(7)).await.unwrap(), 7);
}

/// Counts to a number that SQLite does not reach during a test.
const ENDLESS: &str = "WITH RECURSIVE count (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < 1000000000000) \
     SELECT count(*) FROM count";

#[tokio::test]
async fn a_read_that_takes_too_long_is_stopped_and_its_connection_stays_usable() {
    let file = File::new();
    let reader = SqliteReader::within(&file.0.join("file"), None, NEVER, Duration::ZERO);
    let count = |text: &'static str| {
        reader.with(move |snapshot| {
            let read = snapshot.0.query_row(text, [], |row| row.get::<_, i64>(0));
            read.map_err(|error| engine_error(&error).into())
        })
    };

    let stopped = count(ENDLESS).await;

    assert!(matches!(stopped, Err(ReadError::TooSlow)), "{stopped:?}");
    assert!(stopped.unwrap_err().to_string().contains("narrow the filter"));
    assert_eq!(count("SELECT 7").await.unwrap(), 7);
    let window = "WITH RECURSIVE count (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < 100000) \
         SELECT count(*) FROM count";
    let all = reader
        .with_all_the_time(move |snapshot| {
            let read = snapshot.0.query_row(window, [], |row| row.get::<_, i64>(0));
            read.map_err(|error| engine_error(&error).into())
        })
        .await;
    assert_eq!(all.unwrap(), 100_000, "a read without a time limit is not stopped");
}

#[tokio::test]
async fn a_read_that_panics_fails_alone() {
    let file = File::new();
    let reader = file.reader(NEVER);

    let failed = reader.with(|_| -> Result<(), ReadError> { panic!("a panic of this test") }).await;

    assert!(matches!(failed, Err(ReadError::Engine(EngineError::Failed(_)))), "{failed:?}");
    assert_eq!(reader.with(|_| Ok(7)).await.unwrap(), 7);
}

#[tokio::test]
async fn a_read_whose_caller_is_gone_does_not_run() {
    let file = File::new();
    let (reader, (runs, running)) = (file.reader(NEVER), channel());
    let reads: Vec<_> = (0..CONNECTIONS_MAX).map(|_| held(&reader, &runs)).collect();
    let count = AtomicUsize::new(0);
    until(|| all_run(&running, &count, CONNECTIONS_MAX)).await;
    let (abandoned, _go) = held(&reader, &runs);
    until(|| reader.pool.lock().waiting.len() == 1).await;

    abandoned.abort();
    assert!(abandoned.await.unwrap_err().is_cancelled());
    for (read, go) in reads {
        drop(go);
        read.await.unwrap().unwrap();
    }
    until(|| reader.pool.lock().waiting.is_empty()).await;

    assert_eq!(reader.with(|_| Ok(7)).await.unwrap(), 7);
    assert_eq!(running.try_iter().count(), 0);
}
