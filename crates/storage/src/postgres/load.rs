//! Loading what is wanted: one statement per table for rows by key, one per lookup, all sent at once.

use std::collections::HashSet;

use docket_kernel::{Holding, Loaded, Lock, Moment, QUESTION_BYTES_MAX, Row, Table, Want};

use super::by_age;
use super::connect::{Brought, Call, Given, Link, engine_error, row_of};
use crate::engine::EngineError;
use crate::measure::LOAD_BYTES_MAX;
use crate::sql::{self, Dialect, Hold, Narrowed};

/// The rows of one table wanted by key, with the indexes of their wants.
struct ByKey<'w> {
    table: &'static Table,
    keys: Vec<&'w str>,
    places: Vec<usize>,
}

/// A lookup by value, or by many values of a unique column, with the indexes of their wants.
struct ByValue<'w> {
    table: &'static Table,
    column: usize,
    scope: Option<&'w str>,
    until: Option<Moment>,
    values: Vec<&'w str>,
    bound: u32,
    places: Vec<usize>,
}

/// Names to hold in the same way, with the indexes of their wants.
struct ByName {
    holding: Holding,
    names: Vec<String>,
    places: Vec<usize>,
}

/// The wants by table.
#[derive(Default)]
struct Asked<'w> {
    by_name: Vec<ByName>,
    by_key: Vec<ByKey<'w>>,
    /// Rows of which only the presence is wanted.
    seen: Vec<ByKey<'w>>,
    by_value: Vec<ByValue<'w>>,
    /// Questions about age, with the indexes of their wants.
    by_age: Vec<(usize, &'w Want)>,
}

impl<'w> Asked<'w> {
    fn of(wants: &'w [Want]) -> Self {
        let mut asked = Self::default();
        for (place, want) in wants.iter().enumerate() {
            match want {
                // PostgreSQL can't store a text with NUL, and returns an error for a query with one.
                Want::Row { key, .. } | Want::Presence { key, .. } | Want::Hold { key, .. } if key.contains('\0') => {}
                Want::Value { value, .. } if value.contains('\0') => {}
                Want::Row { table, key } => add_key(&mut asked.by_key, table, key, place),
                Want::Presence { table, key } => add_key(&mut asked.seen, table, key, place),
                Want::Value { table, column, scope, value, until, bound } => {
                    let (values, places) = (Vec::with_capacity(1), Vec::with_capacity(1));
                    let (column, bound, scope, until) = (*column, *bound, scope.as_deref(), *until);
                    let look_up = ByValue { table, column, scope, until, values, bound, places };
                    asked.add_value(look_up, value, place);
                }
                Want::Hold { table, key, holding } => asked.add_name(*holding, format!("{}/{key}", table.name), place),
                Want::Aged { .. } => asked.by_age.push((place, want)),
                Want::Numbers { .. } => {}
            }
        }
        asked
    }

    fn add_name(&mut self, holding: Holding, name: String, place: usize) {
        match self.by_name.iter_mut().find(|known| known.holding == holding) {
            Some(known) => {
                known.names.push(name);
                known.places.push(place);
            }
            None => self.by_name.push(ByName { holding, names: vec![name], places: vec![place] }),
        }
    }

    fn add_value(&mut self, look_up: ByValue<'w>, value: &'w str, place: usize) {
        let known = self.by_value.iter().position(|known| look_up.takes_many() && known.is_like(&look_up));
        let known = known.unwrap_or_else(|| {
            self.by_value.push(look_up);
            self.by_value.len() - 1
        });
        if let Some(known) = self.by_value.get_mut(known) {
            known.values.push(value);
            known.places.push(place);
        }
    }
}

fn add_key<'w>(known: &mut Vec<ByKey<'w>>, table: &'static Table, key: &'w str, place: usize) {
    match known.iter_mut().find(|known| known.table == table) {
        Some(known) => {
            known.keys.push(key);
            known.places.push(place);
        }
        None => known.push(ByKey { table, keys: vec![key], places: vec![place] }),
    }
}

impl ByName {
    fn call(&self, hold: Hold) -> Call<'_> {
        Call::new(sql::hold(self.holding, hold), vec![Box::new(&self.names)])
    }

    /// Processes the result: which names are held, and which another writer holds.
    fn take(&self, rows: &[tokio_postgres::Row], loaded: &mut Loaded) -> Result<(), EngineError> {
        let mut held: HashSet<String> = HashSet::new();
        for row in rows {
            if row.try_get(1).map_err(|error| engine_error(&error))? {
                held.insert(key_at(row)?);
            }
        }
        for (name, place) in self.names.iter().zip(&self.places) {
            if held.contains(name) { loaded.held.push(*place) } else { loaded.busy.push(*place) }
        }
        Ok(())
    }
}

impl ByKey<'_> {
    fn call(&self, text: String) -> Call<'_> {
        Call::new(text, vec![Box::new(&self.keys)])
    }
}

impl ByValue<'_> {
    fn takes_many(&self) -> bool {
        sql::takes_many(Dialect::Postgres, self.table, self.column)
    }

    fn is_like(&self, other: &Self) -> bool {
        (self.table, self.column, self.scope, self.until) == (other.table, other.column, other.scope, other.until)
    }

    /// Look-ups of many values of a unique column have only the limit of a load: each value has one row.
    fn call(&self, text: String) -> Call<'_> {
        let bytes_max = if self.takes_many() { LOAD_BYTES_MAX } else { QUESTION_BYTES_MAX };
        let mut given: Vec<Given<'_>> = Vec::with_capacity(4);
        match (self.takes_many(), self.values.first()) {
            (false, Some(value)) => given.push(Box::new(value)),
            _ => given.push(Box::new(&self.values)),
        }
        if let Some(scope) = &self.scope {
            given.push(Box::new(scope));
        }
        if let Some(until) = self.until {
            given.push(Box::new(until.0));
        }
        if !self.takes_many() {
            given.push(Box::new(i64::from(self.bound) + 1));
        }
        Call::new(text, given).within(bytes_max)
    }

    /// Takes the loaded rows; returns their keys. If rows were left out, missing keys do not show which rows are busy.
    fn take(&self, brought: &Brought, loaded: &mut Loaded) -> Result<Option<HashSet<String>>, EngineError> {
        if self.takes_many() && brought.is_cut {
            return Err(EngineError::TooLarge);
        }
        take(&mut loaded.rows, self.table, &brought.rows)?;
        if brought.is_cut {
            loaded.cut.extend(&self.places);
            return Ok(None);
        }
        brought.rows.iter().map(key_at).collect::<Result<_, _>>().map(Some)
    }

    fn narrowed(&self) -> Narrowed {
        Narrowed { scoped: self.scope.is_some(), until: self.until.is_some() }
    }

    fn rows(&self, hold: Hold) -> Call<'_> {
        self.call(sql::look_up(Dialect::Postgres, self.table, self.column, self.narrowed(), hold))
    }

    fn keys(&self) -> Call<'_> {
        self.call(sql::look_up_keys(self.table, self.column, self.narrowed()))
    }
}

/// Whether rows of this table that another writer holds are skipped.
fn skips(table: &Table, hold: Hold) -> bool {
    hold == Hold::Skip && table.lock == Lock::Row
}

/// Loads rows. If rows are skipped because another writer holds them, the indexes of their wants are returned as busy.
pub(crate) async fn bring(link: &mut Link, wants: &[Want], hold: Hold) -> Result<Loaded, EngineError> {
    let mut asked = Asked::of(wants);
    if hold == Hold::Free {
        asked.by_name.clear();
    }
    let mut calls =
        Vec::with_capacity(asked.by_name.len() + asked.by_key.len() + asked.seen.len() + 2 * asked.by_value.len());
    // What later statements read does not change while the names are held.
    calls.extend(asked.by_name.iter().map(|known| known.call(hold)));
    calls.extend(asked.by_key.iter().map(|known| known.call(sql::load(Dialect::Postgres, known.table, hold))));
    calls.extend(asked.seen.iter().map(|known| known.call(sql::load(Dialect::Postgres, known.table, Hold::Free))));
    calls.extend(asked.by_value.iter().map(|look_up| look_up.rows(hold)));
    // Later statements see all that was committed while the locks were taken.
    calls.extend(asked.by_value.iter().filter(|look_up| skips(look_up.table, hold)).map(ByValue::keys));
    // A row that is not returned is busy or absent; a plain read shows which.
    let locked = || asked.by_key.iter().filter(|known| skips(known.table, hold));
    calls.extend(locked().map(|known| known.call(sql::present(Dialect::Postgres, known.table))));
    calls.extend(asked.by_age.iter().flat_map(|(_, want)| by_age::calls(want)));
    if calls.is_empty() {
        return Ok(Loaded::default());
    }
    let mut answers = link.ask_within(&calls).await?.into_iter();

    let mut loaded = Loaded::default();
    for known in &asked.by_name {
        known.take(&all_of(answers.next())?, &mut loaded)?;
    }
    let mut came: Vec<HashSet<String>> = Vec::with_capacity(asked.by_key.len());
    for known in &asked.by_key {
        let rows = all_of(answers.next())?;
        if skips(known.table, hold) {
            came.push(rows.iter().map(key_at).collect::<Result<_, _>>()?);
        }
        take(&mut loaded.rows, known.table, &rows)?;
    }
    for known in &asked.seen {
        take(&mut loaded.seen, known.table, &all_of(answers.next())?)?;
    }
    let mut found: Vec<Option<HashSet<String>>> = Vec::with_capacity(asked.by_value.len());
    for look_up in &asked.by_value {
        found.push(look_up.take(&answers.next().unwrap_or_default(), &mut loaded)?);
    }
    for (look_up, found) in asked.by_value.iter().zip(found).filter(|(look_up, _)| skips(look_up.table, hold)) {
        let mut busy: HashSet<String> = HashSet::new();
        let keys = all_of(answers.next())?;
        let Some(found) = found else { continue };
        for row in keys {
            if !found.contains(&key_at(&row)?) {
                busy.insert(row.try_get(1).map_err(|error| engine_error(&error))?);
            }
        }
        let places = look_up.values.iter().zip(&look_up.places).filter(|(value, _)| busy.contains(**value));
        loaded.busy.extend(places.map(|(_, place)| *place));
    }
    for (known, came) in locked().zip(came) {
        let rows = all_of(answers.next())?;
        let present: HashSet<String> = rows.iter().map(key_at).collect::<Result<_, _>>()?;
        let is_busy = |key: &str| present.contains(key) && !came.contains(key);
        let busy = known.keys.iter().zip(&known.places).filter(|(key, _)| is_busy(key));
        loaded.busy.extend(busy.map(|(_, place)| *place));
    }
    for (place, want) in &asked.by_age {
        let answers: Result<Vec<_>, _> = by_age::calls(want).iter().map(|_| all_of(answers.next())).collect();
        loaded.aged.push((*place, by_age::found(want, &answers?)?));
    }
    Ok(loaded)
}

/// The rows of a call of which none may be left out.
fn all_of(answer: Option<Brought>) -> Result<Vec<tokio_postgres::Row>, EngineError> {
    let brought = answer.unwrap_or_default();
    if brought.is_cut { Err(EngineError::TooLarge) } else { Ok(brought.rows) }
}

fn key_at(row: &tokio_postgres::Row) -> Result<String, EngineError> {
    row.try_get(0).map_err(|error| engine_error(&error))
}

fn take(
    taken: &mut Vec<(&'static Table, Row)>,
    table: &'static Table,
    rows: &[tokio_postgres::Row],
) -> Result<(), EngineError> {
    for row in rows {
        taken.push((table, row_of(table, row)?));
    }
    Ok(())
}
