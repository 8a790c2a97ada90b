//! The second floor: a minimal HTTP server with group commit and a hard-wired workflow. It has no credentials, no
//! tenants, no interpreter, and no history except the rows themselves.

use std::sync::Arc;

use docket_kernel::{Clock, SystemClock};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};

use super::cases::Cases;
use super::changes::{self, Change};
use super::postgres;
use super::sqlite::{Checkpoints, Jobs};
use super::tape::Tape;
use crate::args::Target;
use crate::{FILE, Fallible};

/// The maximum number of jobs in one commit.
const BATCH: usize = 256;
const RECORDED: &str = r#"{"data":{"type":"event"},"meta":{"received":"recorded"}}"#;

struct Job {
    order: Order,
    now: i64,
    done: oneshot::Sender<()>,
}

/// A write.
pub enum Order {
    /// The main job, with its ids.
    Job(Vec<String>),
    /// A status set by hand.
    Set(Change),
    /// A status set by hand, and the run that it triggers.
    Run(Change),
}

type Queue = mpsc::Sender<Job>;

/// Serves until the process is ended.
pub async fn serve(target: &Target) -> Fallible<()> {
    let tape = Arc::new(Tape::load(target.tape.as_deref().ok_or("--tape is missing")?)?);
    let cases = Arc::new(Cases::open(target).await?);
    let (queue, waiting) = mpsc::channel(4096);
    let broken = |error: Box<dyn std::error::Error + Send + Sync>| {
        eprintln!("the floor server's writer failed: {error}");
        std::process::exit(1);
    };
    match (&target.data, &target.database_url) {
        (Some(folder), _) => {
            let (file, tape) = (folder.join(FILE), Arc::clone(&tape));
            std::thread::spawn(move || write_sqlite(&file, &tape, waiting).unwrap_or_else(broken));
        }
        (None, Some(url)) => {
            let (url, tape) = (url.clone(), Arc::clone(&tape));
            tokio::spawn(async move { write_postgres(&url, &tape, waiting).await.unwrap_or_else(broken) });
        }
        (None, None) => return Err("--data or --database-url is missing".into()),
    }
    let listener = TcpListener::bind(&target.listen).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let (queue, tape, cases) = (queue.clone(), Arc::clone(&tape), Arc::clone(&cases));
        tokio::spawn(async move { drop(connection(stream, &queue, &tape, &cases).await) });
    }
}

fn write_sqlite(file: &std::path::Path, tape: &Tape, mut waiting: mpsc::Receiver<Job>) -> Fallible<()> {
    let (jobs, checkpoints) = (Jobs::open(file, tape)?, Checkpoints::start(file)?);
    let mut batch = Vec::with_capacity(BATCH);
    while waiting.blocking_recv_many(&mut batch, BATCH) > 0 {
        jobs.begin()?;
        for job in &batch {
            match &job.order {
                Order::Job(ids) => jobs.run(ids, job.now, false)?,
                Order::Set(change) => changes::on_sqlite(jobs.connection(), change, job.now, false)?,
                Order::Run(change) => changes::on_sqlite(jobs.connection(), change, job.now, true)?,
            }
        }
        jobs.commit()?;
        for job in batch.drain(..) {
            let _ = job.done.send(());
        }
        checkpoints.look();
    }
    Ok(())
}

async fn write_postgres(url: &str, tape: &Tape, mut waiting: mpsc::Receiver<Job>) -> Fallible<()> {
    let jobs = postgres::Jobs::open(url, tape, true).await?;
    let mut batch = Vec::with_capacity(BATCH);
    while waiting.recv_many(&mut batch, BATCH).await > 0 {
        let (mut ids, mut changed, mut callers) = (Vec::new(), Vec::new(), Vec::new());
        for Job { order, now, done } in batch.drain(..) {
            callers.push(done);
            match order {
                Order::Job(job) => ids.push((job, now)),
                Order::Set(change) => changed.push((change, now, false)),
                Order::Run(change) => changed.push((change, now, true)),
            }
        }
        if !ids.is_empty() {
            jobs.batch(&ids).await?;
        }
        if !changed.is_empty() {
            changes::on_postgres(jobs.client(), &changed).await?;
        }
        for caller in callers {
            let _ = caller.send(());
        }
    }
    Ok(())
}

async fn connection(mut stream: TcpStream, queue: &Queue, tape: &Tape, cases: &Cases) -> Fallible<()> {
    let mut buffer: Vec<u8> = Vec::with_capacity(8192);
    loop {
        let Some((head, length)) = request(&mut stream, &mut buffer).await? else { return Ok(()) };
        let path = std::str::from_utf8(&buffer[..head])?.split(' ').nth(1).unwrap_or_default();
        let body = &buffer[head..head + length];
        let answer = if let Some(id) = path.strip_suffix("/set-status").and_then(|path| path.rsplit('/').next()) {
            let change = Change::of(id, body)?;
            let order = if change.triggers() { Order::Run(change) } else { Order::Set(change) };
            commit(queue, order).await?;
            cases.answer(path.trim_end_matches("/set-status")).await?
        } else if length > 0 {
            answer(body, queue, tape).await?.to_owned()
        } else if path.starts_with("/api/") {
            cases.answer(path).await?
        } else {
            "ready".to_owned()
        };
        let text = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{answer}", answer.len());
        stream.write_all(text.as_bytes()).await?;
        buffer.drain(..head + length);
    }
}

/// Reads one complete request; returns the lengths of its head and body.
async fn request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Fallible<Option<(usize, usize)>> {
    loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = std::str::from_utf8(&buffer[..end])?;
            let length = head.lines().filter_map(|line| line.split_once(':'));
            let length = length.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
            let length: usize = length.map(|(_, value)| value.trim().parse()).next().transpose()?.unwrap_or(0);
            if buffer.len() >= end + 4 + length {
                return Ok(Some((end + 4, length)));
            }
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
}

/// The hard-wired workflow: a match opens a case, anything else is only answered.
async fn answer(body: &[u8], queue: &Queue, tape: &Tape) -> Fallible<&'static str> {
    let body: Value = serde_json::from_slice(body)?;
    let text = |path: &str| body.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
    let object = "/data/attributes/payload/data";
    let is_match = body.pointer(&format!("{object}/attributes/fields/watchlist_match/value"));
    if is_match.and_then(Value::as_bool) != Some(true) {
        return Ok(RECORDED);
    }
    let account = text(&format!("{object}/relationships/account/data/id"));
    let vendor = [text("/data/id"), text(&format!("{object}/id")), account];
    let number = u64::from_str_radix(vendor[0].get(4..20).unwrap_or_default(), 16)?;
    // Reverses the spreading of a number, so that ids created here rise with time.
    let number = number.wrapping_mul(crate::job::UNSPREAD);
    commit(queue, Order::Job(tape.ids(number, &vendor))).await?;
    Ok(RECORDED)
}

async fn commit(queue: &Queue, order: Order) -> Fallible<()> {
    let now = SystemClock.now().0;
    let (done, committed) = oneshot::channel();
    queue.send(Job { order, now, done }).await.map_err(|_| "the writer has ended")?;
    Ok(committed.await?)
}
