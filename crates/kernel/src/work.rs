//! The unit of work: all that one batch has read and will write. A verb reads and writes only through it.
//!
//! A verb that asks for a row not yet in memory halts; the want is recorded, the writer loads what all halted items
//! want, and the halted stage runs again. So a verb is synchronous, does no input or output, and can be run twice.

mod absorb;
mod aged;
mod asked;
mod numbers;
mod spared;

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::Arc;

use crate::entity::{Entity, Stored, downcast};
use crate::moment::Moment;
use crate::refusal::{Halt, Missing, Refusal, Verb};
use crate::rows::{NewDue, Sequence, Slot, SlotTable, Touched};
use crate::scope::Scope;
use crate::seed::Seed;
use crate::table::{Erased, Table};
use crate::task::Task;
use crate::want::{AgedFound, Holding, Want};

/// A state of the unit of work that `undo_to` restores.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    undo: usize,
    tasks: usize,
    counts: usize,
    dues: usize,
    counter: u32,
}

#[derive(Debug)]
enum Undo {
    Slot { table: &'static str, key: Arc<str>, before: Option<Slot> },
    Number { sequence: Sequence, number: i64 },
}

/// The limit of immutable rows that are cached across batches, in bytes.
const FROZEN_BYTES_MAX: usize = 16 << 20;

/// All that one batch has read and will write.
pub struct UnitOfWork {
    now: Moment,
    scope: Scope,
    seed: Seed,
    place: u16,
    counter: u32,
    rows: HashMap<&'static str, SlotTable>,
    frozen: HashMap<&'static str, HashMap<Arc<str>, Erased>>,
    frozen_bytes: usize,
    /// Rows that were looked up without a lock: only their presence is returned.
    seen: HashMap<(&'static str, Arc<str>), Option<Erased>>,
    /// What is held by name until the batch is written.
    held: HashMap<(&'static str, Arc<str>), Holding>,
    /// Answers to questions about the age of rows.
    aged: HashMap<Want, AgedFound>,
    /// Reserved numbers by sequence: half-open ranges (first number included, second excluded).
    numbers: HashMap<Sequence, VecDeque<(i64, i64)>>,
    /// Numbers drawn in this batch, in order.
    drawn: Vec<(Sequence, i64)>,
    counts: Vec<(Arc<str>, Arc<str>, i64)>,
    dues: Vec<NewDue>,
    undo: Vec<Undo>,
    tasks: Vec<Task>,
    wants: Vec<Want>,
    hints: Vec<Want>,
    rows_loaded: usize,
    bytes_loaded: usize,
    planted: Option<PlantedBug>,
}

/// A bug planted on purpose, to prove that tests find it. No other code uses it.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlantedBug {
    /// `attempt` keeps the writes of a closure that refuses.
    AttemptKeeps,
    /// Rows of other environments are visible.
    ScopeIgnored,
    /// A batch that builds on a batch under way does not see its writes.
    UnderWayForgotten,
    /// A source may report any event, regardless of its allow-list.
    SourceReportsAnything,
    /// A change is judged by the session or key as it was when the request came.
    CallerNotReadAgain,
    /// The session or key is read again in the batch, and may end before the batch is written.
    CallerNotHeld,
}

impl fmt::Debug for UnitOfWork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnitOfWork")
            .field("now", &self.now)
            .field("rows_loaded", &self.rows_loaded)
            .finish_non_exhaustive()
    }
}

impl Default for UnitOfWork {
    fn default() -> Self {
        Self {
            now: Moment::default(),
            scope: Scope::Installation,
            seed: Seed([0; 32]),
            place: 0,
            counter: 0,
            rows: HashMap::new(),
            frozen: HashMap::new(),
            frozen_bytes: 0,
            seen: HashMap::new(),
            held: HashMap::new(),
            aged: HashMap::new(),
            numbers: HashMap::new(),
            drawn: Vec::new(),
            counts: Vec::new(),
            dues: Vec::new(),
            undo: Vec::new(),
            tasks: Vec::new(),
            wants: Vec::new(),
            hints: Vec::new(),
            rows_loaded: 0,
            bytes_loaded: 0,
            planted: None,
        }
    }
}

/// Methods for verbs.
impl UnitOfWork {
    /// The current instant: the same for the whole batch.
    pub fn now(&self) -> Moment {
        self.now
    }

    /// A new id with this prefix; the same each time the item runs again.
    pub fn new_id(&mut self, prefix: &str) -> String {
        self.counter += 1;
        format!("{prefix}_{}", self.seed.id(self.now, self.place, self.counter))
    }

    /// Thirty-two secret bytes; the same each time the item runs again.
    pub fn secret(&mut self) -> [u8; 32] {
        self.counter += 1;
        self.seed.draw(self.counter)
    }

    /// The row with this key, if it exists and this item may see it. Loading it locks it.
    pub fn get<E: Entity>(&mut self, key: &str) -> Verb<Option<Stored<E>>> {
        let table = E::TABLE;
        if let Some(row) = self.frozen.get(table.name).and_then(|rows| rows.get(key)) {
            return Ok(self.visible(table, row).map(downcast::<E>));
        }
        if let Some(refusal) = self.unreadable(table, key) {
            return Err(refusal.into());
        }
        match self.rows.get(table.name).and_then(|rows| rows.slots.get(key)) {
            Some(slot) => Ok(slot.current.as_ref().and_then(|row| self.visible(table, row)).map(downcast::<E>)),
            None => self.missing(Want::Row { table, key: Arc::from(key) }),
        }
    }

    /// As [`UnitOfWork::get`], but a missing row is refused: `what` is the refusal's word for it.
    pub fn existing<E: Entity>(&mut self, what: &str, key: &str) -> Verb<Stored<E>> {
        self.get(key)?.ok_or_else(|| Refusal::unknown(what, key).into())
    }

    /// Whether a row exists that this item may see. The row is not locked, so many items can check a row that all of
    /// them refer to. Only for tables from which no rows are removed.
    pub fn is_there<E: Entity>(&mut self, key: &str) -> Verb<bool> {
        let (table, key) = (E::TABLE, Arc::<str>::from(key));
        if self.unreadable(table, &key).is_some() {
            return Ok(true);
        }
        let known = match self.slot(table, &key) {
            Some(slot) => Some(slot.current.as_ref()),
            None => self.seen.get(&(table.name, Arc::clone(&key))).map(Option::as_ref),
        };
        match known {
            Some(row) => Ok(row.is_some_and(|row| self.sees(table, row))),
            None => self.missing(Want::Presence { table, key }),
        }
    }

    /// Holds something of a table by name until the batch is written: the row with this key, or all rows of the scope
    /// with this key. A writer that changes what others rely on holds it exclusively; writers that rely on it share the
    /// hold. What is read of it afterwards does not change. The row need not exist; the hold is requested before the
    /// rows are read.
    pub fn hold<E: Entity>(&mut self, key: &str, holding: Holding) -> Verb<()> {
        let (table, key) = (E::TABLE, Arc::<str>::from(key));
        match self.held.get(&(table.name, Arc::clone(&key))) {
            Some(held) if *held >= holding => Ok(()),
            _ => self.missing(Want::Hold { table, key, holding }),
        }
    }

    /// The row with this text in a unique column, if it exists and this item may see it.
    pub fn find<E: Entity>(&mut self, unique: &str, value: &str) -> Verb<Option<Stored<E>>> {
        debug_assert!(E::TABLE.unique.contains(&unique), "{unique} is not unique in {}", E::TABLE.name);
        let (rows, _) = self.having(E::TABLE, unique, value, 1, None)?;
        Ok(rows.into_iter().next().map(|row| downcast::<E>(&row)))
    }

    /// Declares that a row will be needed, so that the next load includes it.
    pub fn hint<E: Entity>(&mut self, key: &str) {
        let known = self.rows.get(E::TABLE.name).is_some_and(|rows| rows.slots.contains_key(key))
            || self.frozen.get(E::TABLE.name).is_some_and(|rows| rows.contains_key(key));
        if !known {
            self.hints.push(Want::Row { table: E::TABLE, key: Arc::from(key) });
        }
    }

    /// Declares that a row's presence will be needed.
    pub fn hint_presence<E: Entity>(&mut self, key: &str) {
        let (table, key) = (E::TABLE, Arc::<str>::from(key));
        if self.slot(table, &key).is_none() && !self.seen.contains_key(&(table.name, Arc::clone(&key))) {
            self.hints.push(Want::Presence { table, key });
        }
    }

    /// Declares that a row will be looked up by this text in a unique column.
    pub fn hint_find<E: Entity>(&mut self, unique: &str, value: &str) {
        self.hint_value(E::TABLE, unique, value, 1);
    }

    /// Adds a row. Its key must be new: generated ids are; look up a vendor's id first.
    pub fn insert<E: Entity>(&mut self, mut entity: E) -> Stored<E> {
        if E::TABLE.version.is_some() {
            entity.set_version(1);
        }
        let (key, entity) = (entity.key(), Arc::new(entity));
        let before = self.slot(E::TABLE, &key).cloned();
        let stored = before.as_ref().and_then(|slot| slot.stored);
        self.put(E::TABLE, key, before, Slot { stored, current: Some(entity.clone()), touched: true });
        entity
    }

    /// Changes a row that this item may see, and increments its version. Loads the row first if necessary. The count of
    /// events is kept, also if the closure replaces the row with an older copy.
    pub fn change<E: Entity>(&mut self, key: &str, change: impl FnOnce(&mut E)) -> Verb<Stored<E>> {
        let Some(current) = self.get::<E>(key)? else {
            return Err(Refusal::internal(format_args!("{} {key} is changed but not there", E::TABLE.name)).into());
        };
        let mut entity = (*current).clone();
        change(&mut entity);
        entity.set_version(current.version() + 1);
        entity.set_events(current.events());
        let (key, entity) = (current.key(), Arc::new(entity));
        let before = self.slot(E::TABLE, &key).cloned();
        let stored = before.as_ref().and_then(|slot| slot.stored);
        self.put(E::TABLE, key, before, Slot { stored, current: Some(entity.clone()), touched: true });
        Ok(entity)
    }

    /// Removes a row that this item may see.
    pub fn remove<E: Entity>(&mut self, key: &str) -> Verb<()> {
        if let Some(current) = self.get::<E>(key)? {
            let key = current.key();
            let before = self.slot(E::TABLE, &key).cloned();
            let stored = before.as_ref().and_then(|slot| slot.stored);
            self.put(E::TABLE, key, before, Slot { stored, current: None, touched: true });
        }
        Ok(())
    }

    /// Queues a reaction in the same commit: first in, first out, never nested.
    pub fn queue(&mut self, task: Task) {
        self.tasks.push(task);
    }

    /// The reactions that this stage has queued so far, in order.
    pub fn queued(&self) -> &[Task] {
        &self.tasks
    }

    fn visible<'r>(&self, table: &'static Table, row: &'r Erased) -> Option<&'r Erased> {
        self.sees(table, row).then_some(row)
    }

    /// Whether a row belongs to this item's environment. No verb can skip this check.
    fn sees(&self, table: &Table, row: &Erased) -> bool {
        self.scope.sees(table, row) || self.planted == Some(PlantedBug::ScopeIgnored)
    }

    fn missing<T>(&mut self, want: Want) -> Verb<T> {
        self.wants.push(want);
        Err(Halt::Missing(Missing(())))
    }

    fn slot(&self, table: &Table, key: &str) -> Option<&Slot> {
        self.rows.get(table.name)?.slots.get(key)
    }

    fn put(&mut self, table: &'static Table, key: Arc<str>, before: Option<Slot>, slot: Slot) {
        let rows = self.rows.entry(table.name).or_insert_with(|| SlotTable::new(table));
        if let Some(row) = &slot.current {
            rows.remember(&key, row);
        }
        rows.slots.insert(Arc::clone(&key), slot);
        self.undo.push(Undo::Slot { table: table.name, key, before });
    }
}

/// Methods for writers and readers.
impl UnitOfWork {
    /// Drops everything except immutable rows and reserved numbers, and starts a batch at this instant.
    pub fn begin_batch(&mut self, now: Moment) {
        self.rows.clear();
        self.begin(now);
    }

    /// Starts a batch while the previous one is being written: the previous batch's writes count as committed. Only for
    /// an engine with a single writer. If the previous batch is not committed, this one must not be either.
    pub fn begin_on_top(&mut self, now: Moment) {
        if self.planted == Some(PlantedBug::UnderWayForgotten) {
            self.rows.clear();
        }
        self.rows.values_mut().for_each(SlotTable::keep_written);
        self.begin(now);
    }

    fn begin(&mut self, now: Moment) {
        self.now = now;
        self.seen.clear();
        self.held.clear();
        self.aged.clear();
        self.drawn.clear();
        self.counts.clear();
        self.dues.clear();
        self.undo.clear();
        self.tasks.clear();
        self.wants.clear();
        self.hints.clear();
        self.rows_loaded = 0;
        self.bytes_loaded = 0;
        if self.frozen_bytes > FROZEN_BYTES_MAX {
            self.frozen = HashMap::new();
            self.frozen_bytes = 0;
        }
    }

    /// Begins a stage of an item: its scope applies, and ids and secrets are drawn from its seed and counter.
    pub fn begin_stage(&mut self, scope: &Scope, seed: Seed, place: u16, counter: u32) {
        self.scope = scope.clone();
        self.seed = seed;
        self.place = place;
        self.counter = counter;
        self.undo.clear();
        self.tasks.clear();
        self.wants.clear();
        self.hints.clear();
    }

    /// Ends a completed stage: its writes stay; its queued reactions and its counter are returned.
    pub fn end_stage(&mut self) -> (Vec<Task>, u32) {
        self.undo.clear();
        (std::mem::take(&mut self.tasks), self.counter)
    }

    /// The current state, to undo to.
    pub fn mark(&self) -> Mark {
        Mark {
            undo: self.undo.len(),
            tasks: self.tasks.len(),
            counts: self.counts.len(),
            dues: self.dues.len(),
            counter: self.counter,
        }
    }

    /// Undoes rows, numbers, counters and queued reactions together.
    pub fn undo_to(&mut self, mark: Mark) {
        while self.undo.len() > mark.undo {
            match self.undo.pop() {
                Some(Undo::Slot { table, key, before }) => {
                    let slots = self.rows.get_mut(table).map(|rows| &mut rows.slots);
                    match (slots, before) {
                        (Some(slots), Some(slot)) => drop(slots.insert(key, slot)),
                        (Some(slots), None) => drop(slots.remove(&key)),
                        (None, _) => {}
                    }
                }
                Some(Undo::Number { sequence, number }) => {
                    self.drawn.pop();
                    self.put_back(sequence, number);
                }
                None => {}
            }
        }
        self.tasks.truncate(mark.tasks);
        self.counts.truncate(mark.counts);
        self.dues.truncate(mark.dues);
        self.counter = mark.counter;
    }

    /// Plants a bug, or removes it with `None`.
    #[doc(hidden)]
    pub fn plant(&mut self, bug: Option<PlantedBug>) {
        self.planted = bug;
    }

    /// Whether this bug is planted.
    #[doc(hidden)]
    pub fn is_planted(&self, bug: PlantedBug) -> bool {
        self.planted == Some(bug)
    }

    /// Whether the stage halted, regardless of what its closure returned.
    pub fn is_halted(&self) -> bool {
        !self.wants.is_empty()
    }

    /// The wants of the stage, with its hints.
    pub fn take_wants(&mut self) -> Vec<Want> {
        let mut wants = std::mem::take(&mut self.wants);
        wants.append(&mut self.hints);
        wants
    }

    /// The number of rows and bytes that this batch loaded.
    pub fn weight(&self) -> (usize, usize) {
        (self.rows_loaded, self.bytes_loaded)
    }

    /// The changes of this batch in their current state.
    pub fn touched(&mut self) -> Touched {
        let sequences = self.sequences();
        let (counts, dues) = (std::mem::take(&mut self.counts), std::mem::take(&mut self.dues));
        Touched::of(self.rows.values(), counts, sequences, dues)
    }
}

#[cfg(test)]
#[path = "work_tests.rs"]
mod tests;
