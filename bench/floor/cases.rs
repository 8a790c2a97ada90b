//! The floor for reading cases: a prepared statement for the case, one for its objects, and the rows as JSON.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use tokio_postgres::{Client, Statement};

use super::tape::Value;
use super::{postgres, sqlite};
use crate::Fallible;
use crate::args::Target;
use crate::world::World;

/// How many PostgreSQL connections the floor uses for reads.
const CONNECTIONS: usize = 8;
const SHOWN: &str = "SELECT c.*, s.name AS status FROM case_record c JOIN case_status s ON s.id = c.status_id \
     WHERE c.environment_id = $1";
const NEWEST: &str = "ORDER BY c.created_at DESC, c.id DESC LIMIT 26";

/// The query of a request: the statement, and its parameters after the environment.
struct Question {
    text: String,
    given: Vec<Value>,
    is_of_cases: bool,
}

/// Reads cases.
pub enum Cases {
    /// From a file.
    Sqlite(PathBuf, World),
    /// From a server.
    Postgres(Vec<Client>, AtomicUsize, World),
}

thread_local! {
    /// The SQLite read connection of a thread.
    static READING: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

impl Cases {
    /// Opens the connections.
    pub async fn open(target: &Target) -> Fallible<Self> {
        let world: World = serde_json::from_slice(&std::fs::read(target.world.as_ref().ok_or("--world is missing")?)?)?;
        match (&target.data, &target.database_url) {
            (Some(folder), _) => Ok(Self::Sqlite(folder.join(crate::FILE), world)),
            (None, Some(url)) => {
                let mut clients = Vec::new();
                for _ in 0..CONNECTIONS {
                    let client = postgres::connect(url).await?;
                    client.batch_execute("SET enable_seqscan = off; SET jit = off").await?;
                    clients.push(client);
                }
                Ok(Self::Postgres(clients, AtomicUsize::new(0), world))
            }
            (None, None) => Err("--data or --database-url is missing".into()),
        }
    }

    /// The response to a request for this path.
    pub async fn answer(&self, path: &str) -> Fallible<String> {
        match self {
            Self::Sqlite(file, world) => {
                let question = question(world, path)?;
                READING.with_borrow_mut(|reading| {
                    if reading.is_none() {
                        *reading = Some(sqlite::open(file)?);
                    }
                    reading.as_ref().map_or(Err("no connection".into()), |reading| {
                        on_sqlite(reading, &world.environment, &question)
                    })
                })
            }
            Self::Postgres(clients, next, world) => {
                let client = &clients[next.fetch_add(1, Ordering::Relaxed) % clients.len()];
                on_postgres(client, &world.environment, &question(world, path)?).await
            }
        }
    }
}

fn question(world: &World, path: &str) -> Fallible<Question> {
    let path = path.strip_prefix("/api/v1").unwrap_or(path);
    let text = |text: &str| Value::Text(text.replace("%20", " "));
    let cases =
        |filter: String, given| Question { text: format!("{SHOWN}{filter} {NEWEST}"), given, is_of_cases: true };
    if let Some(id) = path.strip_prefix("/cases/") {
        return Ok(Question { text: format!("{SHOWN} AND c.id = $2"), given: vec![text(id)], is_of_cases: true });
    }
    if let Some(id) = path.strip_prefix("/events?filter[object-id]=") {
        let words = "SELECT * FROM event WHERE environment_id = $1 AND object_id = $2 ORDER BY created_at DESC, id DESC \
             LIMIT 11";
        return Ok(Question { text: words.into(), given: vec![text(id)], is_of_cases: false });
    }
    let Some((name, value)) = path.strip_prefix("/cases?filter[").and_then(|filter| filter.split_once("]=")) else {
        return Ok(cases(String::new(), Vec::new()));
    };
    let value = value.split('&').next().unwrap_or_default();
    let places = [0, 1, 2, 3, 4];
    let several = |column: &str, ids: Vec<Value>| {
        let branch = |place| format!("SELECT * FROM ({SHOWN} AND c.{column} = ${} {NEWEST}) AS one{place}", place + 2);
        let branches: Vec<_> = (0..ids.len()).map(branch).collect();
        let all = branches.join(" UNION ALL ");
        let text = format!("SELECT * FROM ({all}) AS every ORDER BY created_at DESC, id DESC LIMIT 26");
        Question { text, given: ids, is_of_cases: true }
    };
    Ok(match name {
        "status" => {
            let names = ["Open", "In%20review", "Escalated", "Approved", "Declined"];
            let place = names.iter().position(|known| *known == value).ok_or("no such status")?;
            several("status_id", world.templates.iter().map(|(_, _, statuses)| text(&statuses[place])).collect())
        }
        "case-template-id" => {
            let of = world.templates.iter().find(|(id, ..)| id == value).ok_or("no such template")?;
            several("status_id", places.iter().map(|place| text(&of.2[*place])).collect())
        }
        "assignee-id" => cases(" AND c.assignee_id = $2".into(), vec![text(value)]),
        "account-id" => {
            let key = format!("{}/{value}", world.environment);
            let held = " AND c.id IN (SELECT case_id FROM case_object WHERE environment_id = $1 AND object_id = $2)";
            cases(held.into(), vec![Value::Text(key)])
        }
        "created-at-end" => {
            let until = docket_kernel::Moment::parse(value).ok_or("no such time")?;
            cases(" AND c.created_at < $2".into(), vec![Value::Int(until.0 + 1_000)])
        }
        "text" => cases(" AND c.name = $2".into(), vec![text(value)]),
        other => return Err(format!("no filter {other}").into()),
    })
}

fn on_sqlite(connection: &Connection, environment: &str, question: &Question) -> Fallible<String> {
    let mut answer = String::from("{\"data\":[");
    let mut ids = Vec::new();
    {
        let mut statement = connection.prepare_cached(&question.text.replace('$', "?"))?;
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let environment = Value::Text(environment.to_owned());
        let given = std::iter::once(&environment).chain(&question.given);
        let mut rows = statement.query(rusqlite::params_from_iter(given))?;
        while let Some(row) = rows.next()? {
            if question.is_of_cases {
                ids.push(row.get::<_, String>(0)?);
            }
            one(&mut answer, &names, row)?;
        }
    }
    answer.push_str("],\"included\":[");
    if !ids.is_empty() {
        let text =
            "SELECT case_id, object_id, kind FROM case_object WHERE case_id IN (SELECT value FROM json_each(?1))";
        let mut statement = connection.prepare_cached(text)?;
        let names = ["case", "object", "kind"].map(str::to_owned);
        let mut rows = statement.query([serde_json::to_string(&ids)?])?;
        while let Some(row) = rows.next()? {
            one(&mut answer, &names, row)?;
        }
    }
    answer.push_str("]}");
    Ok(answer)
}

fn one(answer: &mut String, names: &[String], row: &rusqlite::Row<'_>) -> Fallible<()> {
    answer.push_str(if answer.ends_with('[') { "{" } else { ",{" });
    for (place, name) in names.iter().enumerate() {
        let comma = if place == 0 { "" } else { "," };
        write!(answer, "{comma}\"{name}\":")?;
        match row.get_ref(place)? {
            ValueRef::Integer(number) => write!(answer, "{number}")?,
            ValueRef::Text([first @ (b'{' | b'['), rest @ ..]) => {
                answer.push(char::from(*first));
                answer.push_str(std::str::from_utf8(rest)?);
            }
            ValueRef::Text(text) => answer.push_str(&serde_json::to_string(std::str::from_utf8(text)?)?),
            _ => answer.push_str("null"),
        }
    }
    answer.push('}');
    Ok(())
}

async fn on_postgres(client: &Client, environment: &str, question: &Question) -> Fallible<String> {
    let held = if question.is_of_cases {
        ", (SELECT json_agg(o) FROM case_object o WHERE o.case_id = shown.id) AS held"
    } else {
        ""
    };
    let text = format!("SELECT to_json(t)::text FROM (SELECT shown.*{held} FROM ({}) AS shown) AS t", question.text);
    let statement = prepared(client, &text).await?;
    let mut given = vec![postgres::one_cell(Value::Text(environment.to_owned()), "text")];
    given.extend(question.given.iter().map(|value| {
        postgres::one_cell(value.clone(), if matches!(value, Value::Int(_)) { "bigint" } else { "text" })
    }));
    let rows = client.query(&statement, &postgres::borrowed(&given)).await?;
    let rows: Vec<&str> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    Ok(format!("{{\"data\":[{}]}}", rows.join(",")))
}

thread_local! {
    /// Statements by client and text.
    static PREPARED: RefCell<std::collections::HashMap<(usize, String), Statement>> = RefCell::default();
}

/// A statement of a client, prepared once.
pub async fn prepared(client: &Client, text: &str) -> Fallible<Statement> {
    let key = (std::ptr::from_ref(client).addr(), text.to_owned());
    if let Some(known) = PREPARED.with_borrow(|prepared| prepared.get(&key).cloned()) {
        return Ok(known);
    }
    let statement = client.prepare(text).await?;
    PREPARED.with_borrow_mut(|prepared| prepared.insert(key, statement.clone()));
    Ok(statement)
}
