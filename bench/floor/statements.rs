//! The first floor: the statements of one job as prepared SQL, one transaction per run, without HTTP.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use docket_kernel::{Clock, SystemClock};

use super::postgres;
use super::sqlite::{Checkpoints, Jobs};
use super::tape::Tape;
use crate::args::Target;
use crate::load::Outcome;
use crate::stopwatch::now;
use crate::{FILE, Fallible, job};

/// Runs jobs on this many connections for this long.
pub fn run(target: &Target, connections: usize, seconds: f64, first: u64) -> Fallible<Outcome> {
    let tape = Tape::load(target.tape.as_deref().ok_or("--tape is missing")?)?;
    let time = Duration::from_secs_f64(seconds);
    match (&target.data, &target.database_url) {
        (Some(folder), _) => on_sqlite(&folder.join(FILE), &tape, connections, time, first),
        (None, Some(url)) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(postgres::one_by_one(url, &tape, connections, time, first))
        }
        (None, None) => Err("--data or --database-url is missing".into()),
    }
}

/// One thread per connection. A mutex orders them: SQLite's own way to wait is to sleep.
fn on_sqlite(file: &Path, tape: &Tape, connections: usize, time: Duration, first: u64) -> Fallible<Outcome> {
    let (next, turn) = (AtomicU64::new(first), Mutex::new(()));
    let checkpoints = Checkpoints::start(file)?;
    let mut all = Vec::with_capacity(connections);
    for _ in 0..connections {
        all.push(Jobs::open(file, tape)?);
    }
    let started = now();
    let work = |jobs: Jobs<'_>| -> Result<Vec<u64>, String> {
        let mut micros = Vec::new();
        while started.elapsed() < time {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let asked = now();
            let ids = tape.ids(number, &job::ids(number));
            let held = turn.lock().map_err(|error| error.to_string())?;
            let done =
                jobs.begin().and_then(|()| jobs.run(&ids, SystemClock.now().0, true)).and_then(|()| jobs.commit());
            done.map_err(|error| error.to_string())?;
            checkpoints.look();
            drop(held);
            micros.push(u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX));
        }
        Ok(micros)
    };
    let mut micros = Vec::new();
    std::thread::scope(|scope| -> Fallible<()> {
        let work = &work;
        let threads: Vec<_> = all.into_iter().map(|jobs| scope.spawn(move || work(jobs))).collect();
        for thread in threads {
            micros.extend(thread.join().map_err(|_| "a thread panicked")??);
        }
        Ok(())
    })?;
    Ok(Outcome::of(micros, started.elapsed().as_secs_f64()))
}
