//! The job's statements on PostgreSQL: one by one, or for a whole batch with arrays.

use std::cell::Cell as Counter;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::time::Duration;

use docket_kernel::{Clock, SystemClock};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Statement};

use super::tape::{Read, Tape, Value, text, value};
use crate::load::Outcome;
use crate::stopwatch::now;
use crate::{Fallible, job};

/// A parameter.
pub type Parameter = Box<dyn ToSql + Sync + Send>;

/// Connects.
pub async fn connect(url: &str) -> Fallible<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// A connection that performs jobs.
pub struct Jobs<'t> {
    client: Client,
    tape: &'t Tape,
    reads: Vec<Statement>,
    inserts: Vec<(Statement, Vec<String>)>,
}

impl<'t> Jobs<'t> {
    /// Opens a separate connection; it writes many rows at a time, or one.
    pub async fn open(url: &str, tape: &'t Tape, many: bool) -> Fallible<Self> {
        let client = connect(url).await?;
        // As Docket does: a plan made while a table was empty must not scan the whole table.
        client.batch_execute("SET enable_seqscan = off").await?;
        let mut reads = Vec::new();
        for read in &tape.reads {
            reads.push(client.prepare(&read.sql(if many { "ANY($1::text[])" } else { "$1" })).await?);
        }
        let mut inserts = Vec::new();
        for written in &tape.written {
            let kinds = kinds(&client, &written.table, &written.columns).await?;
            let sql = insert(&written.table, &written.columns, &kinds, many);
            inserts.push((client.prepare(&sql).await?, kinds));
        }
        Ok(Self { client, tape, reads, inserts })
    }

    /// The connection.
    pub fn client(&self) -> &Client {
        &self.client
    }

    async fn one(&self, ids: &[String], now: i64) -> Fallible<()> {
        self.client.batch_execute("BEGIN").await?;
        for (read, statement) in self.tape.reads.iter().zip(&self.reads) {
            let value = text(&read.value, ids);
            std::hint::black_box(self.client.query(statement, &given(&value, read)).await?);
        }
        for (written, (statement, kinds)) in self.tape.written.iter().zip(&self.inserts) {
            for row in &written.rows {
                let cells = row.iter().zip(kinds).map(|(cell, kind)| one_cell(value(cell, ids, now), kind));
                let cells: Vec<Parameter> = cells.collect();
                self.client.execute(statement, &borrowed(&cells)).await?;
            }
        }
        self.client.batch_execute("COMMIT").await?;
        Ok(())
    }

    /// Performs a batch in one transaction: one statement per table.
    pub async fn batch(&self, jobs: &[(Vec<String>, i64)]) -> Fallible<()> {
        self.client.batch_execute("BEGIN").await?;
        for (read, statement) in self.tape.reads.iter().zip(&self.reads) {
            if !read.is_of_settings() {
                let keys: BTreeSet<String> = jobs.iter().map(|(ids, _)| text(&read.value, ids)).collect();
                let keys: Vec<String> = keys.into_iter().collect();
                std::hint::black_box(self.client.query(statement, &given(&keys, read)).await?);
            }
        }
        for (written, (statement, kinds)) in self.tape.written.iter().zip(&self.inserts) {
            let arrays = kinds.iter().enumerate().map(|(place, kind)| {
                let cells = jobs
                    .iter()
                    .flat_map(|(ids, now)| written.rows.iter().map(move |row| value(&row[place], ids, *now)));
                many_cells(cells.collect(), kind)
            });
            let arrays: Vec<Parameter> = arrays.collect();
            self.client.execute(statement, &borrowed(&arrays)).await?;
        }
        self.client.batch_execute("COMMIT").await?;
        Ok(())
    }
}

fn given<'p>(value: &'p (dyn ToSql + Sync), read: &'p Read) -> Vec<&'p (dyn ToSql + Sync)> {
    let mut given = vec![value];
    given.extend(read.environment.as_ref().map(|environment| -> &(dyn ToSql + Sync) { environment }));
    given
}

/// Parameters as a statement accepts them.
pub fn borrowed(parameters: &[Parameter]) -> Vec<&(dyn ToSql + Sync)> {
    parameters.iter().map(|parameter| -> &(dyn ToSql + Sync) { parameter.as_ref() }).collect()
}

/// A value in the type of its column.
pub fn one_cell(value: Value, kind: &str) -> Parameter {
    match (value, kind) {
        (Value::Null, "bigint") => Box::new(None::<i64>),
        (Value::Null, "boolean") => Box::new(None::<bool>),
        (Value::Null, _) => Box::new(None::<String>),
        (Value::Int(number), "boolean") => Box::new(number != 0),
        (Value::Int(number), _) => Box::new(number),
        (Value::Text(text), _) => Box::new(text),
    }
}

fn many_cells(values: Vec<Value>, kind: &str) -> Parameter {
    let int = |value: &Value| if let Value::Int(number) = value { Some(*number) } else { None };
    match kind {
        "bigint" => Box::new(values.iter().map(int).collect::<Vec<_>>()),
        "boolean" => Box::new(values.iter().map(|value| int(value).map(|number| number != 0)).collect::<Vec<_>>()),
        _ => {
            let text = |value: Value| if let Value::Text(text) = value { Some(text) } else { None };
            Box::new(values.into_iter().map(text).collect::<Vec<_>>())
        }
    }
}

/// The types of these columns.
pub async fn kinds(client: &Client, table: &str, columns: &[String]) -> Fallible<Vec<String>> {
    let text = "SELECT column_name::text, data_type::text FROM information_schema.columns WHERE table_name = $1";
    let rows = client.query(text, &[&table]).await?;
    let known: HashMap<String, String> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    columns.iter().map(|column| known.get(column).cloned().ok_or_else(|| format!("{table}.{column}?").into())).collect()
}

/// The statement that inserts one row, or many rows with an array per column.
pub fn insert(table: &str, columns: &[String], kinds: &[String], many: bool) -> String {
    let names = columns.join(", ");
    let sent = |kind: &str| if kind == "jsonb" { "text".to_owned() } else { kind.to_owned() };
    let cast = |kind: &str| if kind == "jsonb" { "::jsonb" } else { "" };
    let each = |text: &dyn Fn(usize, &str) -> String| {
        kinds.iter().enumerate().map(|(place, kind)| text(place + 1, kind)).collect::<Vec<_>>().join(", ")
    };
    if many {
        let arrays = each(&|place, kind| format!("${place}::{}[]", sent(kind)));
        let (places, values) =
            (each(&|place, _| format!("c{place}")), each(&|place, kind| format!("c{place}{}", cast(kind))));
        format!("INSERT INTO {table} ({names}) SELECT {values} FROM unnest({arrays}) AS v({places})")
    } else {
        let values = each(&|place, kind| format!("${place}::{}{}", sent(kind), cast(kind)));
        format!("INSERT INTO {table} ({names}) VALUES ({values})")
    }
}

/// One transaction per run on this many connections.
pub async fn one_by_one(url: &str, tape: &Tape, connections: usize, time: Duration, first: u64) -> Fallible<Outcome> {
    let tape: &'static Tape = Box::leak(Box::new(tape.clone()));
    let local = tokio::task::LocalSet::new();
    local
        .run_until(async move {
            let mut all = Vec::with_capacity(connections);
            for _ in 0..connections {
                all.push(Jobs::open(url, tape, false).await?);
            }
            let (next, started) = (Rc::new(Counter::new(first)), now());
            let mut tasks = Vec::with_capacity(connections);
            for jobs in all {
                let next = Rc::clone(&next);
                tasks.push(tokio::task::spawn_local(async move {
                    let mut micros = Vec::new();
                    while started.elapsed() < time {
                        let number = next.replace(next.get() + 1);
                        let asked = now();
                        let ids = tape.ids(number, &job::ids(number));
                        jobs.one(&ids, SystemClock.now().0).await?;
                        micros.push(u64::try_from(asked.elapsed().as_micros())?);
                    }
                    Fallible::Ok(micros)
                }));
            }
            let mut micros = Vec::new();
            for task in tasks {
                micros.extend(task.await??);
            }
            Ok(Outcome::of(micros, started.elapsed().as_secs_f64()))
        })
        .await
}
