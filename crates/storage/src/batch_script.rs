//! An in-memory database with scripted failures, and a reactor that walks step by step.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use docket_kernel::{
    CaseId, Cell, Changes, Entity, EnvironmentId, Loaded, ManualClock, Row, SeededRng, Table, TableChanges,
};
use tokio::sync::oneshot;

use super::super::*;
use crate::engine::{Claimed, CommitError, EngineError, FlushError, Room, ready};
use crate::item::{Command, WriteError};

docket_kernel::entity! {
    /// A walk of several steps: due, or continued by a task.
    pub struct Walk in "walk" {
        table: { rank: 10, lock: Row(version), scope: environment_id, unique: [], asked: [], due: "due_at" },
        /// Id.
        id: CaseId,
        /// Its environment.
        environment_id: EnvironmentId,
        /// Version.
        version: i64,
        /// Remaining steps.
        left: i64,
        /// When it continues.
        due_at: Option<Moment>,
    }
}

/// An in-memory database and its scripted failures.
#[derive(Default)]
pub struct Shop {
    pub rows: BTreeMap<String, Row>,
    /// Keys of rows that another writer holds, and for how many more loads.
    pub busy: BTreeMap<String, u32>,
    /// Keys of rows that are refused at the flush.
    pub refused: Vec<&'static str>,
    pub flushes: VecDeque<FlushError>,
    pub commits: VecDeque<CommitError>,
    pub is_full: bool,
    pub begun: u32,
    pub committed: u32,
    /// The number of loads that were allowed to wait.
    pub patient: u32,
}

#[derive(Clone, Default)]
pub struct Script {
    pub shop: Arc<Mutex<Shop>>,
    pub writes: Vec<(String, Option<Row>)>,
}

impl Script {
    pub fn shop(&self) -> std::sync::MutexGuard<'_, Shop> {
        self.shop.lock().unwrap()
    }

    pub fn lay(&self, walks: &[(&str, i64, Option<i64>)]) {
        for (id, left, due) in walks {
            let walk = Walk { version: 1, due_at: due.map(Moment), ..walk(id, *left) };
            self.shop().rows.insert((*id).to_owned(), walk.encode());
        }
    }

    pub fn left(&self, id: &str) -> Option<(i64, bool)> {
        let row = self.shop().rows.get(id)?.clone();
        Walk::decode(row).ok().map(|walk| (walk.left, walk.due_at.is_some()))
    }

    pub fn begun_and_committed(&self) -> (u32, u32) {
        let shop = self.shop();
        (shop.begun, shop.committed)
    }

    pub fn keys(&self) -> Vec<String> {
        self.shop().rows.keys().cloned().collect()
    }
}

pub fn text(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.to_string(),
        _ => String::new(),
    }
}

fn refused(changes: &TableChanges, shop: &Shop) -> Option<FlushError> {
    let rows = changes.inserts.iter().chain(changes.updates.iter().map(|(_, row)| row));
    let mut keys = rows.map(|row| text(&row[0]));
    let guilty = keys.find(|key| shop.refused.contains(&key.as_str()))?;
    Some(FlushError::Item { table: changes.table.name, detail: format!("{guilty} is refused") })
}

impl Engine for Script {
    async fn begin(&mut self) -> Result<Moment, EngineError> {
        self.writes.clear();
        let mut shop = self.shop();
        shop.begun += 1;
        Ok(Moment(i64::from(shop.begun)))
    }

    async fn load(&mut self, wants: &[Want], patience: Patience) -> Result<Loaded, EngineError> {
        let mut shop = self.shop();
        shop.patient += u32::from(patience == Patience::Wait);
        let mut loaded = Loaded::default();
        for (place, want) in wants.iter().enumerate() {
            let Want::Row { table, key } = want else { continue };
            if let Some(busy) = shop.busy.get_mut(key.as_ref()).filter(|busy| **busy > 0) {
                *busy -= 1;
                loaded.busy.push(place);
            } else if let Some(row) = shop.rows.get(key.as_ref()) {
                loaded.rows.push((table, row.clone()));
            }
        }
        Ok(loaded)
    }

    async fn claim(&mut self, table: &'static Table, now: Moment, room: Room) -> Result<Claimed, EngineError> {
        let due = table.column("due_at");
        let is_due = |row: &&Row| matches!(row.get(due), Some(Cell::Int(at)) if *at <= now.0);
        let rows: Vec<_> = self.shop().rows.values().filter(is_due).take(room.rows).cloned().collect();
        Ok(Claimed { more: rows.len() == room.rows, rows })
    }

    async fn flush(&mut self, changes: &Changes) -> Result<(), FlushError> {
        let mut shop = self.shop.lock().unwrap();
        if let Some(error) = shop.flushes.pop_front() {
            return Err(error);
        }
        for table in &changes.tables {
            if let Some(error) = refused(table, &shop) {
                return Err(error);
            }
            let rows = table.inserts.iter().chain(table.updates.iter().map(|(_, row)| row));
            self.writes.extend(rows.map(|row| (text(&row[0]), Some(row.clone()))));
        }
        for new in &changes.dues {
            let written = self.writes.iter().rev().find(|(key, _)| *key == *new.key).and_then(|(_, row)| row.clone());
            if let Some(mut row) = written.or_else(|| shop.rows.get(new.key.as_ref()).cloned()) {
                row[new.table.column("due_at")] = new.due.map_or(Cell::Null, Cell::Int);
                self.writes.push((new.key.to_string(), Some(row)));
            }
        }
        Ok(())
    }

    async fn commit(&mut self) -> Result<(), CommitError> {
        let writes = std::mem::take(&mut self.writes);
        let mut shop = self.shop();
        if let Some(error) = shop.commits.pop_front() {
            return Err(error);
        }
        if shop.is_full && !writes.is_empty() {
            return Err(CommitError::NotCommitted(EngineError::Full("full".into())));
        }
        shop.committed += 1;
        for (key, row) in writes {
            shop.rows.insert(key, row.expect("no row is removed here"));
        }
        Ok(())
    }

    async fn roll_back(&mut self) {
        self.writes.clear();
    }

    async fn probe(&mut self) -> Result<(), EngineError> {
        if self.shop().is_full { Err(EngineError::Full("full".into())) } else { Ok(()) }
    }
}

/// Walks step by step, and records each task it did.
#[derive(Default)]
pub struct Walker(pub Mutex<Vec<String>>);

impl Walker {
    pub fn did(&self) -> String {
        std::mem::take(&mut *self.0.lock().unwrap()).join(" ")
    }
}

impl Reactor for Walker {
    fn perform(&self, work: &mut UnitOfWork, task: &Task) -> Verb<Progress> {
        let progress = if task.topic == "walk" {
            let walk = work.change::<Walk>(&task.key, |walk| {
                walk.left -= 1;
                walk.due_at = None;
            })?;
            match walk.left {
                ..0 => return Err(Refusal::rule("over", "it is over").into()),
                0 => Progress::Done,
                left => {
                    // Each step queues a task with its number.
                    work.queue(Task { topic: "tale", key: Arc::from(format!("{}:{left}", task.key)) });
                    Progress::Again
                }
            }
        } else {
            Progress::Done
        };
        self.0.lock().unwrap().push(task.key.to_string());
        Ok(progress)
    }

    fn defer(&self, work: &mut UnitOfWork, task: &Task, due: Moment) -> Verb<()> {
        work.change::<Walk>(&task.key, |walk| walk.due_at = Some(due)).map(drop)
    }

    fn fail(&self, work: &mut UnitOfWork, task: &Task, _: &Refusal) -> Verb<()> {
        // The record is a separate row: the walk's own row may be the refused one.
        work.insert(walk(&format!("failed {}", task.key), 0));
        Ok(())
    }

    fn may_defer(&self, task: &Task) -> bool {
        task.topic == "walk"
    }

    fn due(&self) -> Option<(&'static Table, &'static str)> {
        Some((Walk::TABLE, "walk"))
    }
}

pub fn walk(id: &str, left: i64) -> Walk {
    Walk { id: CaseId::of(id), environment_id: EnvironmentId::of("env_a"), version: 0, left, due_at: None }
}

pub struct World {
    pub script: Script,
    pub walker: Arc<Walker>,
    pub clock: Arc<ManualClock>,
    pub parts: Parts,
}

pub fn world(bounds: Bounds) -> World {
    let (script, walker) = (Script::default(), Arc::<Walker>::default());
    let clock = Arc::new(ManualClock::at(Moment(1)));
    let reactor: Arc<dyn Reactor> = Arc::<Walker>::clone(&walker);
    let parts = Parts { reactor, bounds, clock: Arc::<ManualClock>::clone(&clock), rng: Arc::new(SeededRng::new(7)) };
    World { script, walker, clock, parts }
}

pub type Caller = oneshot::Receiver<crate::item::Reply>;

impl World {
    pub fn batcher(&self) -> Batcher<Script> {
        Batcher::new(self.script.clone(), &self.parts)
    }

    pub fn run(&self, items: Vec<Item>, claim: usize) -> Outcome {
        ready(self.batcher().run(items, claim, None)).expect("the engine never waits")
    }
}

pub fn item(verb: impl Fn(&mut UnitOfWork) -> Verb<()> + Send + Sync + 'static) -> (Item, Caller) {
    Command::new("test", Scope::Of(Arc::from("env_a")), verb).into_item(SeededRng::new(1).seed())
}

/// A command that creates a walk of this many steps and begins it.
pub fn set_out(id: &'static str, steps: i64) -> (Item, Caller) {
    item(move |work| {
        work.insert(walk(id, steps));
        work.queue(Task { topic: "walk", key: Arc::from(id) });
        Ok(())
    })
}

/// A command that begins an existing walk.
pub fn go_on(id: &'static str) -> (Item, Caller) {
    item(move |work| {
        work.get::<Walk>(id)?;
        work.queue(Task { topic: "walk", key: Arc::from(id) });
        Ok(())
    })
}

pub fn told(mut caller: Caller) -> Result<(), WriteError> {
    caller.try_recv().expect("the caller has an answer").map(drop)
}

pub fn unzip<const N: usize>(items: [(Item, Caller); N]) -> (Vec<Item>, Vec<Caller>) {
    items.into_iter().unzip()
}
