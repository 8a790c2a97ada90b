//! `make bench -- attacks`: resident memory under loads that are made to exhaust it, and some time after each.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::args::{Attacks, On, Subject};
use crate::base::Base;
use crate::load::Outcome;
use crate::stopwatch::{now, pause};
use crate::subject::{Server, binary};
use crate::{Fallible, machine, report};

/// Cases in the database. The attacks are about requests, not about rows.
const CASES: u64 = 1_000;
const MIB: usize = 1 << 20;
/// A connection that sends a body and reads no answer is held open this long.
const UNREAD: Duration = Duration::from_secs(20);

/// The server under attack, and what is in it.
#[derive(Clone)]
struct Target {
    address: String,
    key: String,
    case: String,
}

/// How many answers of each status there were; 0 stands for a connection that ended without one.
type Statuses = BTreeMap<u16, usize>;

/// An attack.
#[derive(Clone, Copy)]
enum Attack {
    LargeJson,
    ManyValues,
    WithoutCredentials,
    Unread,
    Pages,
    Uploads,
    Downloads,
    Silent,
}

/// The attacks with their names, in the order in which they run.
const ATTACKS: [(Attack, &str); 8] = [
    (Attack::LargeJson, "4 JSON bodies of 36 MiB"),
    (Attack::ManyValues, "64 JSON bodies of 99,990 values"),
    (Attack::WithoutCredentials, "500 bodies of 1 MiB without credentials"),
    (Attack::Unread, "60 refused bodies of 80,000 members, answers not read"),
    (Attack::Pages, "32 readers of pages of the largest accounts"),
    (Attack::Uploads, "4 uploads of 40 MiB beside writes"),
    (Attack::Downloads, "16 downloads of 40 MiB"),
    (Attack::Silent, "2,000 silent connections"),
];

/// Runs every attack on a server of its own, and prints what each took.
pub fn run(plan: &Attacks) -> Fallible<()> {
    let folder = std::env::current_exe()?.with_file_name("bench-data");
    let server = std::env::var(crate::rounds::URL).ok().filter(|url| !url.is_empty());
    let mut engines = vec![On::Sqlite];
    engines.extend(server.is_some().then_some(On::Postgres));
    let engines = plan.engines.clone().unwrap_or(engines);
    let base = Base::prepare(&folder, &engines, CASES, server)?;
    let binary = binary(false)?;
    let runtime = tokio::runtime::Runtime::new()?;
    let mut lines = String::new();
    writeln!(lines, "engine    at rest  at most    after  attack (MiB resident; after {} s)", plan.rest)?;
    for on in engines {
        for (attack, name) in ATTACKS {
            report::say(&format!("{on:?}: {name}"));
            let copy = base.copy(on)?;
            let server = Server::start(Subject::Docket, binary.as_deref(), &base, &copy, None)?;
            let target = runtime.block_on(Target::of(&server, &base))?;
            let before = machine::memory(server.pid()).0;
            let note = runtime.block_on(target.attack(attack))?;
            let most = machine::memory_at_most(server.pid());
            pause(Duration::from_secs_f64(plan.rest));
            let after = machine::memory(server.pid()).0;
            writeln!(lines, "{:<9} {before:>7.0}  {most:>7.0}  {after:>7.0}  {name}: {note}", format!("{on:?}"))?;
        }
    }
    report::show(&lines);
    Ok(())
}

fn words_of(statuses: &Statuses) -> String {
    let words: Vec<String> = statuses
        .iter()
        .map(|(status, count)| match status {
            0 => format!("{count} closed"),
            status => format!("{count} × {status}"),
        })
        .collect();
    words.join(", ")
}

impl Target {
    async fn of(server: &Server, base: &Base) -> Fallible<Self> {
        let (address, key) = (server.address().to_owned(), base.world.key.clone());
        let mut target = Self { address, key, case: String::new() };
        let (template, ..) = base.world.templates.first().ok_or("the world has no template")?;
        let body = json!({"data": {"attributes": {"case-template-id": template}}});
        let made = target.call("POST", "/cases", &[], body.to_string().as_bytes()).await?;
        target.case = member(&made.1, "/data/id")?;
        Ok(target)
    }

    async fn attack(&self, attack: Attack) -> Fallible<String> {
        let path = format!("/cases/{}", self.case);
        let patch = |body: Vec<u8>| (format!("PATCH {path}"), true, body);
        Ok(match attack {
            Attack::LargeJson => words_of(&self.all_at_once(4, &patch(numbers(18 * MIB))).await),
            Attack::ManyValues => words_of(&self.all_at_once(64, &patch(numbers(99_990))).await),
            Attack::WithoutCredentials => {
                words_of(&self.all_at_once(500, &("POST /sessions".to_owned(), false, vec![b' '; MIB])).await)
            }
            Attack::Unread => self.unread(60).await?,
            Attack::Pages => self.pages(32).await?,
            Attack::Uploads => self.uploads(4).await?,
            Attack::Downloads => self.downloads(16).await?,
            Attack::Silent => self.silent(2_000).await?,
        })
    }

    /// So many of the same request, each on a connection of its own.
    async fn all_at_once(&self, count: usize, request: &(String, bool, Vec<u8>)) -> Statuses {
        let mut requests = JoinSet::new();
        for _ in 0..count {
            let (target, (line, with_key, body)) = (self.clone(), request.clone());
            requests.spawn(async move {
                let (method, path) = line.split_once(' ').unwrap_or_default();
                let target = if with_key { target } else { Self { key: String::new(), ..target } };
                target.call(method, path, &[], &body).await.map_or(0, |(status, _)| status)
            });
        }
        let mut statuses = Statuses::new();
        while let Some(status) = requests.join_next().await {
            *statuses.entry(status.unwrap_or(0)).or_default() += 1;
        }
        statuses
    }

    async fn unread(&self, count: usize) -> Fallible<String> {
        let members: Vec<String> = (0..80_000).map(|number| format!("\"m{number}\":0")).collect();
        let body = format!("{{\"data\":{{\"attributes\":{{{}}}}}}}", members.join(","));
        let head = self.head("PATCH", &format!("/cases/{}", self.case), &[], body.len());
        let mut open = Vec::with_capacity(count);
        for _ in 0..count {
            let mut stream = TcpStream::connect(&self.address).await?;
            stream.write_all(head.as_bytes()).await?;
            drop(stream.write_all(body.as_bytes()).await);
            open.push(stream);
        }
        wait(UNREAD).await;
        Ok(format!("{} connections held for {} s", open.len(), UNREAD.as_secs()))
    }

    async fn pages(&self, readers: usize) -> Fallible<String> {
        for number in 0..100 {
            let fields: serde_json::Map<_, _> =
                (0..14).map(|place| (format!("f{place}"), Value::from("x".repeat(4_000)))).collect();
            let body = json!({"data": {"attributes": {"reference-id": format!("large-{number}"), "fields": fields}}});
            let (status, answer) = self.call("POST", "/accounts", &[], body.to_string().as_bytes()).await?;
            if status != 201 {
                return Err(format!("an account was not created: {status} {}", String::from_utf8_lossy(&answer)).into());
            }
        }
        let request = ("GET /accounts?page[size]=100".to_owned(), true, Vec::new());
        let mut statuses = Statuses::new();
        for _ in 0..4 {
            for (status, count) in self.all_at_once(readers, &request).await {
                *statuses.entry(status).or_default() += count;
            }
        }
        Ok(words_of(&statuses))
    }

    /// Creates accounts, one after the other, while the uploads run: their p99 before and during.
    async fn uploads(&self, count: usize) -> Fallible<String> {
        let quiet = self.writes("alone", Duration::from_secs(5)).await?;
        let mut uploads = JoinSet::new();
        for number in 0..count {
            let target = self.clone();
            uploads.spawn(async move { target.upload(&format!("{number}.pdf"), 40 * MIB - 64 * 1024).await });
        }
        let (mut statuses, mut during) = (Statuses::new(), Vec::new());
        while !uploads.is_empty() {
            let started = now();
            self.write_once("beside", during.len()).await?;
            during.push(started.elapsed().as_micros().try_into().unwrap_or(u64::MAX));
            while let Some(status) = uploads.try_join_next() {
                *statuses.entry(status?.map_or(0, |(status, _)| status)).or_default() += 1;
            }
        }
        let during = Outcome::of(during, 1.0);
        Ok(format!("{}; writes p99 {:.1} → {:.1} ms", words_of(&statuses), quiet.p99, during.p99))
    }

    async fn writes(&self, prefix: &str, time: Duration) -> Fallible<Outcome> {
        let (started, mut micros) = (now(), Vec::new());
        while started.elapsed() < time {
            let each = now();
            self.write_once(prefix, micros.len()).await?;
            micros.push(each.elapsed().as_micros().try_into().unwrap_or(u64::MAX));
        }
        Ok(Outcome::of(micros, time.as_secs_f64()))
    }

    async fn write_once(&self, prefix: &str, number: usize) -> Fallible<()> {
        let body = json!({"data": {"attributes": {"reference-id": format!("{prefix}-{number}")}}});
        let (status, answer) = self.call("POST", "/accounts", &[], body.to_string().as_bytes()).await?;
        match status {
            201 => Ok(()),
            status => Err(format!("a write was refused: {status} {}", String::from_utf8_lossy(&answer)).into()),
        }
    }

    async fn upload(&self, name: &str, bytes: usize) -> Fallible<(u16, Vec<u8>)> {
        let mut form = format!(
            "--x\r\ncontent-disposition: form-data; name=\"data[attributes][attachments][]\"; filename=\"{name}\"\r\n\
             content-type: application/pdf\r\n\r\n%PDF-1.4"
        )
        .into_bytes();
        form.resize(form.len() + bytes, b'x');
        form.extend_from_slice(b"\r\n--x--\r\n");
        let form_type = [("content-type", "multipart/form-data; boundary=x")];
        self.call("PATCH", &format!("/cases/{}", self.case), &form_type, &form).await
    }

    async fn downloads(&self, count: usize) -> Fallible<String> {
        let (_, answer) = self.upload("large.pdf", 40 * MIB - 64 * 1024).await?;
        let url = member(&answer, "/data/attributes/attachments/0/url")?;
        let path = url.strip_prefix("/api/v1").ok_or("the file has another address")?;
        Ok(words_of(&self.all_at_once(count, &(format!("GET {path}"), true, Vec::new())).await))
    }

    async fn silent(&self, count: usize) -> Fallible<String> {
        let mut open = Vec::with_capacity(count);
        for _ in 0..count {
            open.push(TcpStream::connect(&self.address).await?);
        }
        let writes = self.writes("alone", Duration::from_secs(5)).await?;
        Ok(format!("{} connections, writes p99 {:.1} ms", open.len(), writes.p99))
    }

    fn head(&self, method: &str, path: &str, headers: &[(&str, &str)], length: usize) -> String {
        let mut head = format!("{method} /api/v1{path} HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n");
        let is_typed = headers.iter().any(|(name, _)| *name == "content-type");
        let json = [("content-type", "application/json")];
        for (name, value) in headers.iter().chain(json.iter().filter(|_| !is_typed)) {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        if !self.key.is_empty() {
            let _ = write!(head, "authorization: Bearer {}\r\n", self.key);
        }
        let _ = write!(head, "content-length: {length}\r\n\r\n");
        head
    }

    /// One request on a connection of its own. A server may answer before it has read the whole body.
    async fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Fallible<(u16, Vec<u8>)> {
        let (mut read, mut write) = TcpStream::connect(&self.address).await?.into_split();
        let head = self.head(method, path, headers, body.len());
        let send = async {
            let sent = async {
                write.write_all(head.as_bytes()).await?;
                write.write_all(body).await
            };
            drop(sent.await);
        };
        let receive = async {
            let mut answer = Vec::new();
            // A connection that the server ends early has brought its answer before.
            drop(read.read_to_end(&mut answer).await);
            answer
        };
        let ((), mut answer) = tokio::join!(send, receive);
        let status =
            answer.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok()).and_then(|text| text.parse().ok());
        let head_bytes = answer.windows(4).position(|end| end == b"\r\n\r\n").map_or(answer.len(), |end| end + 4);
        let body = answer.split_off(head_bytes);
        Ok((status.ok_or("there was no answer")?, body))
    }
}

/// A body with a list of so many numbers.
fn numbers(count: usize) -> Vec<u8> {
    let mut body = b"{\"data\":{\"attributes\":{\"fields\":{\"source\":[0".to_vec();
    body.extend(b",0".iter().copied().cycle().take(2 * (count - 1)));
    body.extend_from_slice(b"]}}}}");
    body
}

fn member(answer: &[u8], pointer: &str) -> Fallible<String> {
    let answer: Value = serde_json::from_slice(answer)?;
    Ok(answer
        .pointer(pointer)
        .and_then(Value::as_str)
        .ok_or_else(|| format!("{pointer} is missing: {answer}"))?
        .to_owned())
}

async fn wait(time: Duration) {
    drop(tokio::time::timeout(time, std::future::pending::<()>()).await);
}
