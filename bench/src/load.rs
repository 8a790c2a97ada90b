//! The load generator: raw HTTP/1.1 over persistent connections; each waits for its response before the next request.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use docket_kernel::{Clock, SystemClock};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::args::Load;
use crate::stopwatch::now;
use crate::world::World;
use crate::{Fallible, works};

/// The result.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// Jobs that were acknowledged.
    pub done: u64,
    /// Requests with any other response.
    pub failed: u64,
    /// The first such response.
    pub failure: Option<String>,
    /// From the first request to the last response.
    pub seconds: f64,
    /// The median response time in milliseconds.
    pub p50: f64,
    /// The 99th percentile of the response times, in milliseconds.
    pub p99: f64,
}

impl Outcome {
    /// The result for these times.
    pub fn of(mut micros: Vec<u64>, seconds: f64) -> Self {
        micros.sort_unstable();
        #[expect(clippy::cast_precision_loss, reason = "a time in microseconds is far below 2^52")]
        let at = |share: usize| {
            micros
                .get((micros.len() * share / 100).min(micros.len().saturating_sub(1)))
                .map_or(0.0, |m| *m as f64 / 1e3)
        };
        Self { done: micros.len() as u64, seconds, p50: at(50), p99: at(99), ..Self::default() }
    }
}

struct Shared {
    plan: Load,
    world: World,
    next: Cell<u64>,
    until: Instant,
    micros: RefCell<Vec<u64>>,
    failed: Cell<u64>,
    failure: RefCell<Option<String>>,
}

/// Puts a server under load.
pub fn run(plan: Load) -> Fallible<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    tokio::task::LocalSet::new().block_on(&runtime, async move {
        let connections = plan.at;
        let mut streams = Vec::with_capacity(connections);
        for _ in 0..connections {
            let stream = TcpStream::connect(&plan.address).await?;
            stream.set_nodelay(true)?;
            streams.push(stream);
        }
        let world = serde_json::from_slice(&std::fs::read(&plan.world)?)?;
        let started = now();
        let shared = Rc::new(Shared {
            next: Cell::new(plan.first),
            until: started + Duration::from_secs_f64(plan.time),
            plan,
            world,
            micros: RefCell::default(),
            failed: Cell::new(0),
            failure: RefCell::default(),
        });
        let mut tasks = Vec::with_capacity(connections);
        for stream in streams {
            let shared = Rc::clone(&shared);
            tasks.push(tokio::task::spawn_local(async move {
                if let Err(error) = connection(stream, &shared).await {
                    shared.fail(error.to_string());
                }
            }));
        }
        for task in tasks {
            task.await?;
        }
        let mut outcome = Outcome::of(shared.micros.take(), started.elapsed().as_secs_f64());
        (outcome.failed, outcome.failure) = (shared.failed.get(), shared.failure.take());
        Ok(outcome)
    })
}

impl Shared {
    fn fail(&self, words: String) {
        self.failed.set(self.failed.get() + 1);
        self.failure.borrow_mut().get_or_insert(words);
    }
}

async fn connection(mut stream: TcpStream, shared: &Shared) -> Fallible<()> {
    let plan = &shared.plan;
    let mut answer = Vec::with_capacity(4096);
    while now() < shared.until && shared.next.get() - plan.first < plan.count {
        let number = shared.next.get();
        shared.next.set(number + 1);
        let request = works::request(plan.work, number, SystemClock.now(), &shared.world, plan.cases);
        let sent = now();
        stream.write_all(&request).await?;
        let status = read_answer(&mut stream, &mut answer).await?;
        if works::is_done(plan.work, status, &answer) {
            shared.micros.borrow_mut().push(u64::try_from(sent.elapsed().as_micros())?);
        } else {
            shared.fail(String::from_utf8_lossy(&answer).into_owned());
        }
    }
    Ok(())
}

/// Reads one complete response: head and body stay in the buffer, the status is returned.
async fn read_answer(stream: &mut TcpStream, answer: &mut Vec<u8>) -> Fallible<u16> {
    answer.clear();
    let head = loop {
        if let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(answer).await? == 0 {
            return Err("the connection was closed".into());
        }
    };
    let text = std::str::from_utf8(&answer[..head])?;
    let status = text.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or("a response without a status")?;
    let length: usize = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0);
    while answer.len() < head + length {
        if stream.read_buf(answer).await? == 0 {
            return Err("the connection was closed".into());
        }
    }
    Ok(status)
}
