//! What one job reads and writes, recorded from a database in which Docket performed one: the same tables, columns and
//! bytes, with different ids for each job.

use std::collections::HashSet;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde::{Deserialize, Serialize};

use crate::{Fallible, job};

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Piece {
    /// A constant part.
    Words(String),
    /// The id at this index.
    Id(usize),
}

/// A value of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cell {
    /// Null.
    Null,
    /// A constant number.
    Int(i64),
    /// The instant of the job.
    Now,
    /// A text.
    Text(Vec<Piece>),
}

/// The source of an id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// The id of the vendor's event, inquiry or account.
    Vendor(usize),
    /// Created by the job, with this prefix.
    Made(String),
    /// The number of a case, after this key.
    Number(String),
}

/// The rows of a table that one job writes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Written {
    /// The table.
    pub table: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
}

/// A query of one job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Read {
    /// The table.
    pub table: String,
    /// The column to compare.
    pub column: String,
    /// The value to compare with.
    pub value: Vec<Piece>,
    /// The environment to query, if the column is unique or indexed only within one.
    pub environment: Option<String>,
}

/// What one job reads and writes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Tape {
    /// The ids that differ between jobs.
    pub origins: Vec<Origin>,
    /// The written rows, in a valid order of inserts.
    pub written: Vec<Written>,
    /// The queries.
    pub reads: Vec<Read>,
    #[serde(skip)]
    known: Vec<String>,
}

/// A value to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Null.
    Null,
    /// A number.
    Int(i64),
    /// A text.
    Text(String),
}

/// Columns by which a job looks rows up before it writes them, and whether within their environment.
const LOOKED_UP: [(&str, &str, bool); 4] = [
    ("receipt", "receipt_key", true),
    ("object", "id", false),
    ("object", "reference_key", true),
    ("workflow_run", "start_key", true),
];
/// Tables of numbers that depend on the rows before. The floors don't write them.
const NUMBERED: [&str; 3] = ["sequence", "counter", "event_sequence"];
const NUMBER: u64 = 0;

/// The state of a database, to compare with its state after the job.
pub struct Before {
    rows: Vec<(String, i64)>,
    ids: HashSet<String>,
}

impl Before {
    /// Reads a database.
    pub fn of(file: &Path) -> Fallible<Self> {
        let connection = Connection::open(file)?;
        let (mut rows, mut ids) = (Vec::new(), HashSet::new());
        for table in tables(&connection)? {
            let last: i64 =
                connection.query_row(&format!("SELECT coalesce(max(rowid), 0) FROM {table}"), [], |row| row.get(0))?;
            for row in read(&connection, &table, 0)?.1 {
                for text in row.iter().filter_map(|cell| if let Value::Text(text) = cell { Some(text) } else { None }) {
                    ids.extend(made_ids(text).map(|(_, id)| id.to_owned()));
                }
            }
            rows.push((table, last));
        }
        Ok(Self { rows, ids })
    }

    /// What was written since, at or after this instant.
    pub fn since(self, file: &Path, began: i64, environment: &str) -> Fallible<Tape> {
        let connection = Connection::open(file)?;
        let mut tape = Tape { known: job::ids(NUMBER).to_vec(), ..Tape::default() };
        tape.origins = (0..3).map(Origin::Vendor).collect();
        for (table, last) in &self.rows {
            let (columns, rows) = read(&connection, table, *last)?;
            if rows.is_empty() || NUMBERED.contains(&table.as_str()) {
                continue;
            }
            if table == "case_record" {
                let place = columns.iter().position(|column| column == "name").ok_or("a case has no name")?;
                if let Value::Text(name) = &rows[0][place] {
                    let key = name.split('-').next().unwrap_or_default().to_owned();
                    tape.known.push(name.clone());
                    tape.origins.push(Origin::Number(key));
                }
            }
            let rows =
                rows.into_iter().map(|row| row.into_iter().map(|cell| tape.cell(cell, &self.ids, began)).collect());
            let rows = rows.collect();
            tape.written.push(Written { table: table.clone(), columns, rows });
        }
        tape.questions(environment);
        Ok(tape)
    }
}

impl Read {
    /// Whether the query is the same in every job.
    pub fn is_of_settings(&self) -> bool {
        !self.value.iter().any(|piece| matches!(piece, Piece::Id(_)))
    }

    /// The query as SQL: `$1` is the value, `how` the comparison; `$2` is the environment.
    pub fn sql(&self, how: &str) -> String {
        let scope = if self.environment.is_some() { " AND environment_id = $2" } else { "" };
        format!("SELECT * FROM {} WHERE {} = {how}{scope}", self.table, self.column)
    }
}

impl Tape {
    fn cell(&mut self, value: Value, before: &HashSet<String>, began: i64) -> Cell {
        match value {
            Value::Null => Cell::Null,
            Value::Int(number) if number >= began => Cell::Now,
            Value::Int(number) => Cell::Int(number),
            Value::Text(text) => {
                for (prefix, id) in made_ids(&text) {
                    if !before.contains(id) && !self.known.iter().any(|known| known == id) {
                        self.known.push(id.to_owned());
                        self.origins.push(Origin::Made(prefix.to_owned()));
                    }
                }
                Cell::Text(self.pieces(&text))
            }
        }
    }

    fn pieces(&self, text: &str) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut rest = text;
        loop {
            let next =
                self.known.iter().enumerate().filter_map(|(place, id)| rest.find(id.as_str()).map(|at| (at, place)));
            let Some((at, place)) = next.min() else { break };
            if at > 0 {
                pieces.push(Piece::Words(rest[..at].to_owned()));
            }
            pieces.push(Piece::Id(place));
            rest = &rest[at + self.known[place].len()..];
        }
        if !rest.is_empty() || pieces.is_empty() {
            pieces.push(Piece::Words(rest.to_owned()));
        }
        pieces
    }

    /// Adds the lookups of the job, except those of the organization's settings.
    fn questions(&mut self, environment: &str) {
        for (table, column, is_scoped) in LOOKED_UP {
            for written in self.written.iter().filter(|written| written.table == table) {
                let Some(place) = written.columns.iter().position(|name| name == column) else { continue };
                for row in &written.rows {
                    if let Cell::Text(value) = &row[place] {
                        self.reads.push(Read {
                            table: table.into(),
                            column: column.into(),
                            value: value.clone(),
                            environment: is_scoped.then(|| environment.to_owned()),
                        });
                    }
                }
            }
        }
    }

    /// Adds a query of the organization's settings.
    pub fn ask(&mut self, table: &str, column: &str, value: &str) {
        let value = vec![Piece::Words(value.to_owned())];
        self.reads.push(Read { table: table.into(), column: column.into(), value, environment: None });
    }

    /// The ids of the `number`-th job, including the vendor's ids.
    pub fn ids(&self, number: u64, vendor: &[String; 3]) -> Vec<String> {
        let id = |(place, origin): (usize, &Origin)| match origin {
            Origin::Vendor(which) => vendor[*which].clone(),
            Origin::Made(prefix) => format!("{prefix}_01{number:022}{place:02}"),
            Origin::Number(key) => format!("{key}-x{number}"),
        };
        self.origins.iter().enumerate().map(id).collect()
    }

    /// How many rows a job writes.
    pub fn rows(&self) -> usize {
        self.written.iter().map(|written| written.rows.len()).sum()
    }

    /// Saves it to a file.
    pub fn save(&self, file: &Path) -> Fallible<()> {
        Ok(std::fs::write(file, serde_json::to_vec(self)?)?)
    }

    /// Loads it from a file.
    pub fn load(file: &Path) -> Fallible<Self> {
        Ok(serde_json::from_slice(&std::fs::read(file)?)?)
    }
}

/// A text with a job's ids.
pub fn text(pieces: &[Piece], ids: &[String]) -> String {
    let mut text = String::with_capacity(pieces.len() * 48);
    for piece in pieces {
        match piece {
            Piece::Words(words) => text.push_str(words),
            Piece::Id(place) => text.push_str(&ids[*place]),
        }
    }
    text
}

/// A value of a job.
pub fn value(cell: &Cell, ids: &[String], now: i64) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Int(number) => Value::Int(*number),
        Cell::Now => Value::Int(now),
        Cell::Text(pieces) => Value::Text(text(pieces, ids)),
    }
}

/// The tables of a file, in the order of their creation.
pub fn tables(connection: &Connection) -> Fallible<Vec<String>> {
    let text = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid";
    let mut statement = connection.prepare(text)?;
    let names = statement.query_map([], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// The columns of a table, and its rows after this one.
pub fn read(connection: &Connection, table: &str, after: i64) -> Fallible<(Vec<String>, Vec<Vec<Value>>)> {
    let mut statement = connection.prepare(&format!("SELECT * FROM {table} WHERE rowid > ? ORDER BY rowid"))?;
    let columns: Vec<String> = statement.column_names().map(ToOwned::to_owned).collect();
    let mut rows = statement.query([after])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let cells = (0..columns.len()).map(|place| {
            Ok(match row.get_ref(place)? {
                ValueRef::Integer(number) => Value::Int(number),
                ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
                _ => Value::Null,
            })
        });
        found.push(cells.collect::<Result<_, rusqlite::Error>>()?);
    }
    Ok((columns, found))
}

/// Every generated id in a text, with its prefix.
fn made_ids(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    text.split(move |character| !is_word(character)).filter_map(|word| {
        let (prefix, rest) = word.rsplit_once('_')?;
        (rest.len() == 26 && rest.starts_with('0')).then_some((prefix, word))
    })
}
