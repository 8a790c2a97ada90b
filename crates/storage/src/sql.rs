//! The statements that storage sends to databases, generated from table declarations. One test prepares every one of
//! them on both engines.

mod look_up;

use std::fmt::Write;
use std::sync::Arc;

use docket_kernel::{CREATED_AT, Column, ColumnKind, Holding, Lock, Moment, Table};

use crate::engine::FlushError;
use crate::feed::{newest, newest_of};
use crate::list::{self, Filter, ListQuery, PageDirection, PrefixQuery};

pub(crate) use look_up::{Narrowed, look_up, look_up_keys, look_up_many, takes_many};

/// The database that a statement is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// How a load locks the rows of tables that are locked at load. On SQLite the single writer needs no row locks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hold {
    /// No locks: reading outside the writer.
    Free,
    /// Locks, and skips rows that another writer holds.
    Skip,
    /// Locks, and waits for rows that another writer holds.
    Wait,
}

impl Hold {
    const ALL: [Self; 3] = [Self::Free, Self::Skip, Self::Wait];
}

impl Dialect {
    fn lock(self, table: &Table, hold: Hold) -> &'static str {
        match (self, table.lock, hold) {
            (Self::Postgres, Lock::Row, Hold::Skip) => " FOR NO KEY UPDATE SKIP LOCKED",
            (Self::Postgres, Lock::Row, Hold::Wait) => " FOR NO KEY UPDATE",
            _ => "",
        }
    }

    /// How a column is selected.
    fn read(self, column: &Column) -> String {
        match (self, column.kind) {
            (Self::Postgres, ColumnKind::Json) => format!("{}::text", column.name),
            _ => column.name.to_owned(),
        }
    }

    /// The members of the JSON array (SQLite) or text array (PostgreSQL) in a parameter.
    pub(crate) fn members(self, parameter: usize) -> String {
        match self {
            Self::Sqlite => format!("(SELECT value FROM json_each(${parameter}))"),
            Self::Postgres => format!("(SELECT unnest(${parameter}::text[]))"),
        }
    }
}

/// The selected columns of a table.
pub fn columns(dialect: Dialect, table: &Table) -> String {
    table.columns.iter().map(|column| dialect.read(column)).collect::<Vec<_>>().join(", ")
}

/// Rows by key: `$1` the keys.
pub fn load(dialect: Dialect, table: &Table, hold: Hold) -> String {
    let (columns, name, key, keys) = (columns(dialect, table), table.name, table.key(), dialect.members(1));
    let lock = dialect.lock(table, hold);
    let order = if lock.is_empty() { String::new() } else { format!(" ORDER BY {key}") };
    format!("SELECT {columns} FROM {name} WHERE {key} IN {keys}{order}{lock}")
}

/// Holds names until the transaction ends, on PostgreSQL: `$1` the names. Returns for each name whether it is held.
/// Names are locked in one order, so that two transactions that wait for several names never deadlock.
///
/// The server grants these locks in turn: shared holds do not overtake a transaction that waits for an exclusive one.
pub fn hold(holding: Holding, hold: Hold) -> String {
    let how = match holding {
        Holding::Shared => "_shared",
        Holding::Alone => "",
    };
    let names = "FROM (SELECT name FROM unnest($1::text[]) AS name ORDER BY name) AS names";
    match hold {
        Hold::Wait => format!("SELECT name, pg_advisory_xact_lock{how}(hashtextextended(name, 0)) IS NOT NULL {names}"),
        _ => format!("SELECT name, pg_try_advisory_xact_lock{how}(hashtextextended(name, 0)) {names}"),
    }
}

/// Which of these keys exist: `$1` the keys.
pub fn present(dialect: Dialect, table: &Table) -> String {
    let (name, key, keys) = (table.name, table.key(), dialect.members(1));
    format!("SELECT {key} FROM {name} WHERE {key} IN {keys}")
}

/// Due rows, oldest first, skipping busy ones: `$1` the instant, `$2` the limit.
pub fn claim(dialect: Dialect, table: &Table, due: &str) -> String {
    let (columns, name, key) = (columns(dialect, table), table.name, table.key());
    let lock = dialect.lock(table, Hold::Skip);
    format!("SELECT {columns} FROM {name} WHERE {due} <= $1 ORDER BY {due}, {key} LIMIT $2{lock}")
}

/// The scopes that have rows with a due time, in order: `$1` the scope to start after, `$2` the limit.
pub fn due_parties(table: &Table, due: &str) -> String {
    let (name, scope) = (table.name, table.scope);
    let next = |after: &str| format!("(SELECT min({scope}) FROM {name} WHERE {due} IS NOT NULL AND {scope} > {after})");
    let (first, following) = (next("$1"), next("party.scope"));
    format!(
        "WITH RECURSIVE party (scope, place) AS (SELECT {first}, 1 UNION ALL \
         SELECT {following}, place + 1 FROM party WHERE scope IS NOT NULL AND place < CAST($2 AS BIGINT)) \
         SELECT scope FROM party WHERE scope IS NOT NULL ORDER BY place"
    )
}

/// The keys of due rows of these scopes and the scopes, oldest first, skipping busy ones: `$1` the scopes (SQLite: one,
/// PostgreSQL: many), `$2` the instant, `$3` the limit for each scope.
pub fn claim_of_parties(dialect: Dialect, table: &Table, due: &str) -> String {
    let (name, key, scope) = (table.name, table.key(), table.scope);
    let lock = dialect.lock(table, Hold::Skip);
    match dialect {
        Dialect::Sqlite => format!(
            "SELECT {key}, {scope} FROM {name} WHERE {scope} = $1 AND {due} <= $2 ORDER BY {due}, {key} LIMIT $3"
        ),
        Dialect::Postgres => format!(
            "SELECT picked.key, party.scope FROM unnest($1::text[]) AS party (scope) CROSS JOIN LATERAL \
             (SELECT {key} AS key FROM {name} WHERE {scope} = party.scope AND {due} <= $2 \
             ORDER BY {due}, {key} LIMIT $3{lock}) AS picked"
        ),
    }
}

/// Sets the due time of a row and nothing else: `$1` the time, `$2` the key.
pub fn set_due(table: &Table, due: &str) -> String {
    format!("UPDATE {} SET {due} = $1 WHERE {} = $2", table.name, table.key())
}

/// Every row in key order. SQLite: one after the other. PostgreSQL: a portion at a time, after the key `$1`, at most
/// `$2` rows.
pub fn walk(dialect: Dialect, table: &Table) -> String {
    let (columns, name, key) = (columns(dialect, table), table.name, table.key());
    match dialect {
        Dialect::Sqlite => format!("SELECT {columns} FROM {name} ORDER BY {key}"),
        Dialect::Postgres => format!("SELECT {columns} FROM {name} WHERE {key} > $1 ORDER BY {key} LIMIT $2"),
    }
}

/// How many rows of a table are loaded at a time when all of them are read, and how many bytes.
pub const WALKED: i64 = 250;
/// See [`WALKED`].
pub const WALKED_BYTES: usize = 4 << 20;

fn cast(kind: ColumnKind) -> (&'static str, &'static str) {
    match kind {
        ColumnKind::Text => ("text[]", ""),
        ColumnKind::Int => ("bigint[]", ""),
        ColumnKind::Bool => ("boolean[]", ""),
        ColumnKind::Json => ("text[]", "::jsonb"),
        ColumnKind::Blob => ("bytea[]", ""),
    }
}

/// PostgreSQL's arrays, one per column and `numbers` arrays of numbers, as rows named `v` with columns `c1`, `c2` …
fn unnested(table: &Table, numbers: usize) -> String {
    let mut arrays = String::new();
    let mut names = String::new();
    for (place, column) in table.columns.iter().enumerate() {
        let comma = if place == 0 { "" } else { ", " };
        let _ = write!(arrays, "{comma}${}::{}", place + 1, cast(column.kind).0);
        let _ = write!(names, "{comma}c{}", place + 1);
    }
    for place in (1..=numbers).map(|number| table.columns.len() + number) {
        let _ = write!(arrays, ", ${place}::bigint[]");
        let _ = write!(names, ", c{place}");
    }
    format!("unnest({arrays}) AS v({names})")
}

/// Inserts rows. SQLite: one row, a parameter per column. PostgreSQL: many rows, an array per column.
pub fn insert(dialect: Dialect, table: &Table) -> String {
    let names = table.columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ");
    match dialect {
        Dialect::Sqlite => {
            let values = (1..=table.columns.len()).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ");
            format!("INSERT INTO {} ({names}) VALUES ({values})", table.name)
        }
        Dialect::Postgres => {
            let values = table
                .columns
                .iter()
                .enumerate()
                .map(|(place, column)| format!("v.c{}{}", place + 1, cast(column.kind).1))
                .collect::<Vec<_>>()
                .join(", ");
            format!("INSERT INTO {} ({names}) SELECT {values} FROM {}", table.name, unnested(table, 0))
        }
    }
}

/// Updates rows only at the version, and with the number of events, at which they were loaded. The parameters are the
/// columns, then that version, then that number if events are counted. `None` for tables whose rows never change.
pub fn update(dialect: Dialect, table: &Table) -> Option<String> {
    let version = table.version?;
    let last = table.columns.len() + 1;
    let set = |value: &dyn Fn(usize, &Column) -> String| {
        let columns = table.columns.iter().enumerate().skip(1);
        columns.map(|(place, column)| format!("{} = {}", column.name, value(place + 1, column))).collect::<Vec<_>>()
    };
    let (name, key) = (table.name, table.key());
    Some(match dialect {
        Dialect::Sqlite => {
            // SQLite treats `$2` as a name and numbers it by its first appearance; `?2` is always the second parameter.
            let set = set(&|place, _| format!("?{place}")).join(", ");
            let events = table.events.map(|events| format!(" AND {events} = ?{}", last + 1)).unwrap_or_default();
            format!("UPDATE {name} SET {set} WHERE {key} = ?1 AND {version} = ?{last}{events}")
        }
        Dialect::Postgres => {
            let set = set(&|place, column| format!("v.c{place}{}", cast(column.kind).1)).join(", ");
            let rows = unnested(table, if table.events.is_some() { 2 } else { 1 });
            let events = table.events.map(|events| format!(" AND {name}.{events} = v.c{}", last + 1));
            let events = events.unwrap_or_default();
            format!(
                "UPDATE {name} SET {set} FROM {rows} WHERE {name}.{key} = v.c1 AND {name}.{version} = v.c{last}{events}"
            )
        }
    })
}

/// The error for changing a row of a table without versions: such rows never change.
pub fn never_changes(table: &Table) -> FlushError {
    FlushError::Item { table: table.name, detail: "its rows have no version and never change".into() }
}

/// Deletes a row only at the version at which it was loaded: `$1` the key, `$2` the version.
pub fn delete(table: &Table) -> String {
    let version = table.version.map(|version| format!(" AND {version} = $2")).unwrap_or_default();
    format!("DELETE FROM {} WHERE {} = $1{version}", table.name, table.key())
}

/// Deletes old rows: `$1` the instant before which they are old, `$2` the maximum number of rows.
pub fn forget(dialect: Dialect, table: &Table, column: &str) -> String {
    let (name, key) = (table.name, table.key());
    // Nodes that delete old rows at the same time do not wait for each other.
    let lock = if dialect == Dialect::Postgres { " FOR UPDATE SKIP LOCKED" } else { "" };
    format!(
        "DELETE FROM {name} WHERE {key} IN \
         (SELECT {key} FROM {name} WHERE {column} < $1 ORDER BY {column} LIMIT $2{lock})"
    )
}

/// How many old rows are deleted at a time.
pub const FORGOTTEN: i64 = 500;

/// Reserves numbers on PostgreSQL: `$1` scope, `$2` sequence, `$3` how many are needed, `$4` the size of a block.
/// Numbers that a node returned come first; missing ones are reserved in whole blocks. Returns ranges: the first
/// number, and the number after the last.
pub const RESERVE: &str = "WITH freed AS (DELETE FROM free_number WHERE (scope, name, number) IN \
     (SELECT scope, name, number FROM free_number WHERE scope = $1 AND name = $2 ORDER BY number \
     LIMIT CAST($3 AS BIGINT) FOR UPDATE SKIP LOCKED) RETURNING number), \
     lacking AS (SELECT (CAST($3 AS BIGINT) - count(*) + CAST($4 AS BIGINT) - 1) / CAST($4 AS BIGINT) \
     * CAST($4 AS BIGINT) AS count FROM freed), \
     reserved AS (INSERT INTO sequence (scope, name, next) SELECT $1, $2, 1 + count FROM lacking WHERE count > 0 \
     ON CONFLICT (scope, name) DO UPDATE SET next = sequence.next + excluded.next - 1 RETURNING next) \
     SELECT number AS first, number + 1 AS after FROM freed \
     UNION ALL SELECT next - count, next FROM reserved, lacking ORDER BY first";

/// Returns numbers that a node reserved and did not use: `$1` scope, `$2` sequence, `$3` the first number, `$4` the
/// number after the last.
pub const GIVE_BACK: &str = "INSERT INTO free_number (scope, name, number) \
     SELECT $1, $2, number FROM generate_series(CAST($3 AS BIGINT), CAST($4 AS BIGINT) - 1) AS number";

/// The first free number of a sequence, for a single writer: `$1` scope, `$2` sequence.
pub const NEXT: &str = "SELECT next FROM sequence WHERE scope = $1 AND name = $2";

/// Sets the first free number: `$1` scope, `$2` sequence, `$3` the number.
pub const SET_NEXT: &str = "INSERT INTO sequence (scope, name, next) VALUES ($1, $2, $3) \
     ON CONFLICT (scope, name) DO UPDATE SET next = $3";

/// Adds to a counter: `$1` scope, `$2` name, `$3` the amount.
pub const COUNT: &str = "INSERT INTO counter (scope, name, value) VALUES ($1, $2, $3) \
     ON CONFLICT (scope, name) DO UPDATE SET value = counter.value + $3";

/// Adds to many counters at once, in this order: arrays of scopes, names and amounts.
pub const COUNT_MANY: &str = "INSERT INTO counter (scope, name, value) \
     SELECT v.c1, v.c2, v.c3 FROM unnest($1::text[], $2::text[], $3::bigint[]) AS v(c1, c2, c3) \
     ON CONFLICT (scope, name) DO UPDATE SET value = counter.value + excluded.value";

/// Inserts the proof that a batch was committed: `$1` its id, `$2` the instant. Writes nothing if the proof exists.
pub const MARK: &str = "INSERT INTO batch_marker (id, created_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";

/// Writes a megabyte of zeros: only a write shows whether there is space again.
pub const PROBE: &str = "INSERT INTO batch_marker (id, created_at) VALUES ('probe', zeroblob(1048576)) \
     ON CONFLICT (id) DO UPDATE SET created_at = excluded.created_at";

/// Deletes that megabyte.
pub const PROBED: &str = "DELETE FROM batch_marker WHERE id = 'probe'";

/// The time of a proof: `$1` its id.
pub const MARKED: &str = "SELECT created_at FROM batch_marker WHERE id = $1";

/// Deletes some proofs with ids before `$1`, at most `$2`.
pub const FORGET_MARKS: &str = "DELETE FROM batch_marker WHERE id IN \
     (SELECT id FROM batch_marker WHERE id < $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)";

/// The value of a counter: `$1` scope, `$2` name.
pub const COUNTED: &str = "SELECT value FROM counter WHERE scope = $1 AND name = $2";

/// Rows in the order of their commits, with position and number: `$1` the position to start after, `$2` the limit.
pub fn follow(dialect: Dialect, table: &Table, feed: &str) -> String {
    followed(
        dialect,
        table,
        &format!("SELECT place, number, event_id FROM {feed} WHERE place > $1 ORDER BY place LIMIT $2"),
    )
}

/// The same for one environment: `$1` its id, `$2` the number to start after, `$3` the limit.
pub fn follow_of(dialect: Dialect, table: &Table, feed: &str) -> String {
    let which = format!(
        "SELECT place, number, event_id FROM {feed} WHERE environment_id = $1 AND number > $2 ORDER BY number LIMIT $3"
    );
    followed(dialect, table, &which)
}

fn followed(dialect: Dialect, table: &Table, which: &str) -> String {
    let (columns, name, key) = (columns(dialect, table), table.name, table.key());
    format!("SELECT {columns}, place, number FROM ({which}) AS numbered JOIN {name} ON {key} = event_id ORDER BY place")
}

/// Numbers a new row, on SQLite: `$1` its environment, `$2` its number there, `$3` its key.
pub fn number(feed: &str) -> String {
    format!("INSERT INTO {feed} (environment_id, number, event_id) VALUES ($1, $2, $3)")
}

/// Lists rows to be numbered, in this order, on PostgreSQL: `$1` their environments, `$2` their keys.
pub const UNNUMBERED: &str = "INSERT INTO event_unnumbered (environment_id, event_id) \
     SELECT v.c1, v.c2 FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS v (c1, c2, place) ORDER BY v.place";

/// Numbers some committed rows, on PostgreSQL. Only under its lock, which is why the next place is read from the table: a
/// counter beside it would be behind where rows came from a copy.
pub const NUMBER: &str = "WITH taken AS (DELETE FROM event_unnumbered WHERE place IN \
     (SELECT place FROM event_unnumbered ORDER BY place LIMIT 500) RETURNING place, environment_id, event_id), \
     heads AS (SELECT environment_id, coalesce((SELECT max(number) FROM event_sequence \
     WHERE event_sequence.environment_id = parties.environment_id), 0) AS head \
     FROM (SELECT DISTINCT environment_id FROM taken) AS parties) \
     INSERT INTO event_sequence (place, environment_id, number, event_id) \
     SELECT (SELECT coalesce(max(place), 0) FROM event_sequence) + row_number() OVER (ORDER BY taken.place), \
     taken.environment_id, head + row_number() OVER (PARTITION BY taken.environment_id ORDER BY taken.place), \
     taken.event_id FROM taken JOIN heads ON heads.environment_id = taken.environment_id";

/// How many numbers of a sequence a process keeps in memory on SQLite, which costs nothing.
pub const NUMBERS_KEPT: i64 = 64;

/// The size of the blocks in which a node reserves numbers on PostgreSQL.
pub const NUMBERS_BLOCK: i64 = 8;

/// Every statement for a table, for the test that prepares all of them.
pub fn every_text(dialect: Dialect, table: &'static Table) -> Vec<String> {
    let mut texts = vec![present(dialect, table), walk(dialect, table)];
    let has_times = table.columns.iter().any(|column| column.name == CREATED_AT);
    texts.extend(Hold::ALL.map(|hold| load(dialect, table, hold)));
    for name in table.unique.iter().chain(table.asked) {
        let column = table.column(name);
        for (scoped, until) in [(false, false), (true, false), (false, true), (true, true)] {
            let narrowed = Narrowed { scoped, until };
            if until && !has_times {
                continue;
            }
            texts.extend(Hold::ALL.map(|hold| look_up(dialect, table, column, narrowed, hold)));
            match dialect {
                Dialect::Postgres => texts.push(look_up_keys(table, column, narrowed)),
                Dialect::Sqlite if until => {}
                Dialect::Sqlite => texts.push(look_up_many(table, column, scoped)),
            }
        }
    }
    if let Some(due) = table.due {
        texts.extend([claim(dialect, table, due), due_parties(table, due), claim_of_parties(dialect, table, due)]);
        texts.push(set_due(table, due));
    }
    if let Some(feed) = table.feed {
        texts.extend([follow(dialect, table, feed), follow_of(dialect, table, feed), newest(feed), newest_of(feed)]);
        if dialect == Dialect::Sqlite {
            texts.push(number(feed));
        }
    }
    texts.push(insert(dialect, table));
    texts.extend(update(dialect, table));
    texts.push(delete(table));
    if has_times {
        texts.extend(lists(dialect, table));
    }
    texts
}

/// Lists of a table: every page direction, with one value and with several values of each column for lookups.
fn lists(dialect: Dialect, table: &'static Table) -> Vec<String> {
    let (one, two) = (vec![Arc::from("a")], vec![Arc::from("a"), Arc::from("b")]);
    let mut filters =
        vec![Vec::new(), vec![Filter::Since("created_at", Moment(0)), Filter::Until("created_at", Moment(0))]];
    for column in table.unique.iter().chain(table.asked) {
        filters.extend([&one, &two].map(|values| vec![Filter::Is(column, values.clone())]));
        let any = vec![Filter::Absent(column), Filter::Begins(column, Arc::from("a"))];
        filters.push(vec![Filter::Contains(column, Arc::from("a")), Filter::Any(any)]);
    }
    if let Some((column, _)) = table.ordered {
        filters.push(vec![Filter::Is(column, one.clone())]);
    }
    let mut texts = Vec::new();
    for column in table.unique.iter().chain(table.asked) {
        let filters = vec![Filter::Absent(column)];
        let query = PrefixQuery { table, column, text: Arc::from("a"), filters, limit: 1 };
        texts.push(list::beginning(dialect, &query, &Arc::from("a")).0);
    }
    for filters in filters {
        for turn in [PageDirection::First, PageDirection::After(Arc::from("a")), PageDirection::Before(Arc::from("a"))]
        {
            let query = ListQuery { table, filters: filters.clone(), turn, limit: 1 };
            texts.push(list::cursor(&query));
            texts.push(list::page(dialect, &query, &Arc::from("a"), Some(0)).0);
        }
    }
    texts
}

/// Every statement that is independent of tables, for the same test.
pub fn shared_texts(dialect: Dialect) -> Vec<String> {
    let mut texts = vec![COUNTED];
    match dialect {
        Dialect::Sqlite => texts.extend([NEXT, SET_NEXT, COUNT, PROBE, PROBED]),
        Dialect::Postgres => {
            texts.extend([RESERVE, GIVE_BACK, COUNT_MANY, MARK, MARKED, FORGET_MARKS, UNNUMBERED, NUMBER]);
        }
    }
    let mut texts: Vec<String> = texts.into_iter().map(ToOwned::to_owned).collect();
    if dialect == Dialect::Postgres {
        let holds =
            [Holding::Shared, Holding::Alone].map(|holding| [hold(holding, Hold::Skip), hold(holding, Hold::Wait)]);
        texts.extend(holds.concat());
    }
    texts
}
