//! The constraints of the schema: keys, foreign keys, checks, and that ended rows do not change.

use std::collections::BTreeMap;
use std::sync::Arc;

use docket_kernel::{Cell, Changes, Column, Row, Table, TableChanges};
use docket_storage::FlushError;

use crate::database::{Plant, State, Write, int, is_locked, text};

/// Columns that must refer to a row of another table, as in the migrations.
const FOREIGN: &[(&str, &str, &str)] = &[
    ("case_status", "template_id", "case_template"),
    ("case_record", "template_id", "case_template"),
    ("case_record", "status_id", "case_status"),
    ("case_object", "case_id", "case_record"),
    ("case_object", "object_id", "object"),
    ("workflow_version", "workflow_id", "workflow"),
    ("subscription", "workflow_id", "workflow"),
    ("subscription", "version_id", "workflow_version"),
    ("named_status", "workflow_id", "workflow"),
    ("named_field", "workflow_id", "workflow"),
    ("workflow_draft_save", "workflow_id", "workflow"),
    ("workflow_editor", "workflow_id", "workflow"),
    ("workflow_run", "workflow_id", "workflow"),
    ("workflow_run", "version_id", "workflow_version"),
    ("run_segment", "run_id", "workflow_run"),
];

/// Tables whose rows do not change after they are written, or after a run has ended: the table, the columns that a redaction
/// may blank once, and the message for any other change.
const STAYING: &[(&str, &[&str], &str)] = &[
    (
        "workflow_run",
        &["version", "trigger", "progress", "subject_id", "redaction_id", "retained_at"],
        "a run that has ended does not change",
    ),
    (
        "event",
        &["version", "content_of", "salt", "digest", "redaction_id", "retained_at", "context", "payload"],
        "an event does not change",
    ),
    ("run_segment", &["version", "steps", "redaction_id", "retained_at"], "the history of a run does not change"),
    ("case_comment", &["version", "body", "redaction_id"], "a comment does not change"),
];

/// Checks a flush against the committed rows; returns its writes.
pub fn check(state: &mut State, changes: &Changes) -> Result<Vec<Write>, FlushError> {
    let mut view = View { over: BTreeMap::new(), writes: Vec::new(), state };
    for table in &changes.tables {
        view.write(table)?;
    }
    for table in changes.tables.iter().rev() {
        view.remove(table)?;
    }
    for new in &changes.dues {
        let Some((due, mut row)) = new.table.due.zip(view.row(new.table.name, &new.key).cloned()) else { continue };
        row[new.table.column(due)] = new.due.map_or(Cell::Null, Cell::Int);
        view.put(new.table, Arc::clone(&new.key), Some(row));
    }
    Ok(view.writes)
}

/// The committed rows with a transaction's own writes on top.
struct View<'s> {
    state: &'s mut State,
    over: BTreeMap<(&'static str, Arc<str>), Option<Row>>,
    writes: Vec<Write>,
}

fn refused(table: &'static Table, detail: String) -> FlushError {
    FlushError::Item { table: table.name, detail }
}

impl View<'_> {
    fn row(&self, table: &'static str, key: &Arc<str>) -> Option<&Row> {
        match self.over.get(&(table, Arc::clone(key))) {
            Some(row) => row.as_ref(),
            None => self.state.tables.get(table)?.rows.get(key),
        }
    }

    fn put(&mut self, table: &'static Table, key: Arc<str>, row: Option<Row>) {
        self.over.insert((table.name, Arc::clone(&key)), row.clone());
        self.writes.push(Write { table, key, row });
    }

    fn write(&mut self, changes: &TableChanges) -> Result<(), FlushError> {
        let table = changes.table;
        if self.state.plant == Some(Plant::FlushWithoutEvents) && table.name == "event" {
            return Ok(());
        }
        for row in &changes.inserts {
            let key = text(&row[0]).unwrap_or_default();
            if self.row(table.name, &key).is_some() {
                return Err(refused(table, format!("{key} already exists")));
            }
            self.sound(table, &key, row)?;
            self.put(table, key, Some(row.clone()));
        }
        for (stamp, row) in &changes.updates {
            let key = text(&row[0]).unwrap_or_default();
            self.unmoved(table, &key, stamp.version)?;
            self.has_no_new_event(table, &key, stamp.events)?;
            self.stays(table, &key, row)?;
            self.sound(table, &key, row)?;
            self.put(table, key, Some(row.clone()));
        }
        for (_, row) in &changes.updates {
            self.refers(table, row)?;
        }
        changes.inserts.iter().try_for_each(|row| self.refers(table, row))
    }

    fn remove(&mut self, changes: &TableChanges) -> Result<(), FlushError> {
        let table = changes.table;
        for (version, key) in &changes.deletes {
            self.unmoved(table, key, *version)?;
            if let Some((.., said)) = STAYING.iter().find(|(name, ..)| *name == table.name) {
                return Err(refused(table, format!("{key} is removed: {said}")));
            }
            self.put(table, Arc::clone(key), None);
            for (child, column, _) in FOREIGN.iter().filter(|(_, _, parent)| *parent == table.name) {
                if let Some(holder) = self.holder(child, column, key) {
                    return Err(refused(table, format!("{child} {holder} still refers to {key}")));
                }
            }
        }
        Ok(())
    }

    /// A row is written only at the version at which it was loaded. A locked row can't have another version.
    fn unmoved(&mut self, table: &'static Table, key: &Arc<str>, version: i64) -> Result<(), FlushError> {
        let Some(name) = table.version else { return Ok(()) };
        let there = self.row(table.name, key).and_then(|row| int(&row[table.column(name)]));
        if there == Some(version) {
            return Ok(());
        }
        if is_locked(table) {
            self.state.violations.push(format!(
                "locked-rows-stay: {} {key} was loaded at version {version} and locked, and is at {there:?} at the flush",
                table.name
            ));
        }
        if there.is_some() && self.state.plant == Some(Plant::NoVersionCheck) {
            return Ok(());
        }
        let detail = format!("{key} is at version {there:?}, not {version}");
        Err(FlushError::Overtaken { table: table.name, detail })
    }

    /// A row is written only with the number of events it was loaded with: otherwise two events have the same number.
    fn has_no_new_event(&self, table: &'static Table, key: &Arc<str>, events: i64) -> Result<(), FlushError> {
        let Some(name) = table.events.filter(|_| self.state.plant != Some(Plant::NoVersionCheck)) else {
            return Ok(());
        };
        let there = self.row(table.name, key).and_then(|row| int(&row[table.column(name)]));
        if there == Some(events) {
            return Ok(());
        }
        let detail = format!("{key} has {there:?} events, not {events}");
        Err(FlushError::Overtaken { table: table.name, detail })
    }

    /// A row that stays changes only once, when its content is blanked. A run stays when it has ended: it goes on only when an
    /// errored one is resumed.
    fn stays(&self, table: &'static Table, key: &Arc<str>, row: &Row) -> Result<(), FlushError> {
        let Some((name, blanked, said)) = STAYING.iter().find(|(name, ..)| *name == table.name) else { return Ok(()) };
        let Some(before) = self.row(table.name, key) else { return Ok(()) };
        if *name == "workflow_run" {
            let state = |row: &Row| text(&row[table.column("state")]);
            match (state(before).as_deref(), state(row).as_deref()) {
                (Some("running"), _) | (Some("errored"), Some("running")) => return Ok(()),
                _ => {}
            }
        }
        // A redaction or the end of a period of retention marks the row once.
        let marks = table.columns.iter().filter(|column| ["redaction_id", "retained_at"].contains(&column.name));
        let is_new = |column: &&Column| {
            let place = table.column(column.name);
            before[place] == Cell::Null && row[place] != Cell::Null
        };
        let is_blanked = marks.filter(is_new).count() == 1;
        let differs = |column: &&Column| before[table.column(column.name)] != row[table.column(column.name)];
        let others = table.columns.iter().filter(differs).filter(|column| !blanked.contains(&column.name));
        let others: Vec<&str> = others.map(|column| column.name).collect();
        if is_blanked && others.is_empty() {
            return Ok(());
        }
        Err(refused(table, format!("{key}: {said} ({others:?})")))
    }

    /// Unique keys and checks.
    fn sound(&self, table: &'static Table, key: &Arc<str>, row: &Row) -> Result<(), FlushError> {
        let scope = table.column(table.scope);
        for name in table.unique.iter().filter(|_| self.state.plant != Some(Plant::NoUniqueKeys)) {
            let column = table.column(name);
            let Some(value) = text(&row[column]) else { continue };
            let same = |other: &Row| other[column] == row[column] && other[scope] == row[scope];
            let committed = self.state.tables.get(table.name);
            let mut others = committed.into_iter().flat_map(|kept| kept.having(column, &value));
            let mut own = self.over.iter().filter(|((known, _), _)| *known == table.name);
            let taken = others.any(|other| other != key && self.row(table.name, other).is_some_and(same))
                || own.any(|((_, other), row)| other != key && row.as_ref().is_some_and(same));
            if taken {
                return Err(refused(table, format!("{name} {value} is taken")));
            }
        }
        let is_null = |name: &str| row[table.column(name)] == Cell::Null;
        let is = |name: &str, word: &str| text(&row[table.column(name)]).as_deref() == Some(word);
        let holds = match table.name {
            "case_record" => is_null("resolution") == is_null("resolved_at"),
            "workflow_run" => {
                is("state", "running") == is_null("completed_at") && (is_null("due_at") || is("state", "running"))
            }
            "workflow" => !is("state", "draft") || is_null("live_version_id"),
            _ => true,
        };
        if holds { Ok(()) } else { Err(refused(table, format!("{key} breaks a check"))) }
    }

    fn refers(&self, table: &'static Table, row: &Row) -> Result<(), FlushError> {
        for (_, column, parent) in FOREIGN.iter().filter(|(child, _, _)| *child == table.name) {
            let Some(key) = text(&row[table.column(column)]) else { continue };
            if self.row(parent, &key).is_none() {
                return Err(refused(table, format!("{column} {key} does not exist")));
            }
        }
        Ok(())
    }

    /// A row of a child table that refers to this parent.
    fn holder(&self, child: &'static str, column: &str, parent: &Arc<str>) -> Option<Arc<str>> {
        let kept = self.state.tables.get(child)?;
        let column = kept.table.column(column);
        let names = |row: &Row| text(&row[column]).as_ref() == Some(parent);
        let committed = kept.rows.keys().find(|key| self.row(child, key).is_some_and(names));
        let own = || self.over.iter().find(|((table, _), row)| *table == child && row.as_ref().is_some_and(names));
        committed.cloned().or_else(|| own().map(|((_, key), _)| Arc::clone(key)))
    }
}
