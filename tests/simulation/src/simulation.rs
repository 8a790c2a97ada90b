//! One simulation: nodes and clients are tasks of one thread, and a random choice decides which one runs.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use docket_events::Redaction;
use docket_kernel::{Clock, Entity, Moment, Scope, SeededRng, UnitOfWork, Verb};
use docket_storage::{Bounds, Command, Node, Parts, Wish, WriteError, Writer};
use docket_workflows::{Engine, Run};

use crate::chance::Chance;
use crate::database::{Database, Faults, Plant, State};
use crate::engine::{Memory, Pause};
use crate::journal::{Answer, Entry, Journal};
use crate::plan::{ARRIVALS, CONFIGURATION, EVERYTHING, Effect, Order, Planner};
use crate::world::{Reactions, Tenant};

/// The initial time of every simulation: 2026-02-01.
pub const START: i64 = 1_769_904_000_000_000;

/// The settings of one simulation.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    pub seed: u64,
    pub plant: Option<Plant>,
    pub clients: usize,
    pub commands: usize,
    /// The commands of clients, all equally likely.
    pub draws: &'static [usize],
}

impl Settings {
    /// The settings of a seed. If only few commands can show a planted bug, clients send mostly these.
    pub fn of(seed: u64, plant: Option<Plant>) -> Self {
        let draws: &'static [usize] = match plant {
            Some(Plant::NoVersionCheck) => CONFIGURATION,
            Some(Plant::NoUniqueKeys) => ARRIVALS,
            _ => EVERYTHING,
        };
        Self { seed, plant, clients: 4, commands: 12, draws }
    }
}

/// The outcome.
pub struct Outcome {
    pub state: Box<State>,
    pub journal: Journal,
    pub crashes: u64,
    pub ticks: u64,
    pub wrong: Vec<String>,
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

type Work = Pin<Box<dyn Future<Output = ()>>>;

/// A task that runs a little further on each of its turns.
struct Actor {
    work: Option<Work>,
    woken: Arc<Woken>,
    waker: Waker,
}

impl Actor {
    fn of(work: impl Future<Output = ()> + 'static) -> Self {
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        Self { work: Some(Box::pin(work)), waker: Waker::from(Arc::clone(&woken)), woken }
    }

    fn is_ready(&self) -> bool {
        self.work.is_some() && self.woken.0.load(Ordering::Relaxed)
    }

    fn go_on(&mut self) {
        let Some(work) = &mut self.work else { return };
        self.woken.0.store(false, Ordering::Relaxed);
        if work.as_mut().poll(&mut Context::from_waker(&self.waker)).is_ready() {
            self.work = None;
        }
    }
}

/// A node's own clock: the simulation's time plus an offset.
struct Skewed(Arc<AtomicI64>, i64);

impl Clock for Skewed {
    fn now(&self) -> Moment {
        Moment(self.0.load(Ordering::Relaxed) + self.1)
    }
}

/// A node from the view of its callers.
#[derive(Clone)]
struct Door {
    writer: Writer,
    engine: Arc<Engine>,
    /// Whether the process is alive.
    lives: Rc<RefCell<bool>>,
}

/// The data that clients and the simulation share.
struct Shared {
    doors: RefCell<Vec<Option<Door>>>,
    journal: RefCell<Journal>,
    ticks: AtomicU64,
}

/// A running simulation.
pub struct Simulation {
    settings: Settings,
    chance: Chance,
    database: Arc<Database>,
    time: Arc<AtomicI64>,
    shared: Rc<Shared>,
    places: Rc<Vec<Tenant>>,
    nodes: Vec<Actor>,
    births: u64,
    clients: Vec<Actor>,
    bounds: Bounds,
    postgres: bool,
    crash_once_in: usize,
    crashes: u64,
}

impl Simulation {
    /// A simulation that begins with this database.
    pub fn new(settings: Settings, begin: &State, places: &[Tenant]) -> Self {
        let mut chance = Chance::new(settings.seed);
        let postgres = !chance.one_in(5);
        let mut state = begin.copy();
        state.plant = settings.plant;
        state.chance = Some(chance.fork());
        let often = |chance: &mut Chance, of: &[usize]| *chance.pick(of);
        state.faults = Faults {
            busy: often(&mut chance, &[0, 0, 30, 8]),
            unreachable: often(&mut chance, &[0, 0, 60, 25]),
            try_again: often(&mut chance, &[0, 0, 20, 8]),
            not_committed: often(&mut chance, &[0, 0, 20, 8]),
            lost_answer: often(&mut chance, &[0, 0, 25, 10]),
        };
        let bounds = Bounds {
            batch_items: *chance.pick(&[2, 4, 16]),
            batch_steps: *chance.pick(&[1, 4, 1_000]),
            batch_micros: *chance.pick(&[2_000, 20_000]),
            inline_steps: *chance.pick(&[0, 1, 3, 50, 50]),
            ..Bounds::default()
        };
        let nodes = if postgres { 2 + chance.below(2) } else { 1 };
        let shown = 1 + chance.below(places.len());
        let shared =
            Shared { doors: RefCell::new(vec![None; nodes]), journal: RefCell::default(), ticks: AtomicU64::new(0) };
        let mut this = Self {
            settings,
            crash_once_in: often(&mut chance, &[0, 400, 150]),
            chance,
            database: Database::of(state),
            time: Arc::new(AtomicI64::new(START)),
            shared: Rc::new(shared),
            places: Rc::new(places[..shown].to_vec()),
            nodes: Vec::new(),
            births: 0,
            clients: Vec::new(),
            bounds,
            postgres,
            crashes: 0,
        };
        for place in 0..nodes {
            let node = this.born(place);
            this.nodes.push(node);
        }
        for number in 0..settings.clients {
            let client = this.client(number);
            this.clients.push(client);
        }
        this
    }

    /// Starts a node's process.
    fn born(&mut self, place: usize) -> Actor {
        self.births += 1;
        let skew = self.chance.micros(20_000_000) - 10_000_000;
        let engine = Arc::new(docket_steps::engine());
        let number = self.settings.seed.wrapping_mul(1_000_003) ^ (self.births << 8) ^ place as u64;
        let parts = Parts {
            reactor: Arc::new(Reactions::of(&engine, self.settings.plant)),
            bounds: self.bounds,
            clock: Arc::new(Skewed(Arc::clone(&self.time), skew)),
            rng: Arc::new(SeededRng::new(number)),
        };
        let (writer, work): (Writer, Work) = if self.postgres {
            let node = Node::new(Memory::<true>::new(&self.database, place, skew), &parts);
            (node.writer().clone(), Box::pin(live(node)))
        } else {
            let node = Node::new(Memory::<false>::new(&self.database, place, skew), &parts);
            (node.writer().clone(), Box::pin(live(node)))
        };
        let door = Door { writer, engine, lives: Rc::new(RefCell::new(true)) };
        self.shared.doors.borrow_mut()[place] = Some(door);
        Actor::of(work)
    }

    /// Ends a node's process: uncommitted work is lost.
    fn crash(&mut self, place: usize) {
        if let Some(door) = self.shared.doors.borrow_mut()[place].take() {
            *door.lives.borrow_mut() = false;
        }
        self.nodes[place].work = None;
        self.crashes += 1;
        let mut state = self.database.lock();
        state.crash(place);
        state.note(place, "crashed", "");
        drop(state);
        for client in &self.clients {
            client.woken.0.store(true, Ordering::Relaxed);
        }
    }

    fn client(&mut self, number: usize) -> Actor {
        let mut chance = self.chance.fork();
        let (shared, places) = (Rc::clone(&self.shared), Rc::clone(&self.places));
        let database = Arc::clone(&self.database);
        let (commands, draws) = (self.settings.commands, self.settings.draws);
        Actor::of(async move {
            for place in 0..commands {
                let request = format!("req_{number}_{place}");
                let door = loop {
                    let door = {
                        let doors = shared.doors.borrow();
                        doors[chance.below(doors.len())].clone()
                    };
                    match door {
                        Some(door) => break door,
                        None => Pause::default().await,
                    }
                };
                let order = {
                    let state = database.lock();
                    let engine = &door.engine;
                    Planner { places: &places, state: &state, engine, chance: &mut chance, request: &request, draws }
                        .order()
                };
                let Order { name, about, main, there, command } = order;
                let asked_at = shared.ticks.load(Ordering::Relaxed);
                // Some clients give up before they have a response.
                let patience = if chance.one_in(40) { chance.below(6) } else { usize::MAX };
                let answer = ask(door, command, patience).await;
                let answered_at = shared.ticks.load(Ordering::Relaxed);
                let entry = Entry { request, name, about, main, there, asked_at, answered_at, answer };
                shared.journal.borrow_mut().0.push(entry);
                for _ in 0..chance.below(20) {
                    Pause::default().await;
                }
            }
        })
    }

    /// One turn of one task.
    fn tick(&mut self, micros: i64) {
        self.shared.ticks.fetch_add(1, Ordering::Relaxed);
        let now = self.time.fetch_add(micros, Ordering::Relaxed) + micros;
        self.database.lock().now = now;
        let ready: Vec<usize> = (0..self.nodes.len() + self.clients.len())
            .filter(|place| match place.checked_sub(self.nodes.len()) {
                None => self.nodes[*place].is_ready(),
                Some(client) => self.clients[client].is_ready(),
            })
            .collect();
        if ready.is_empty() {
            return;
        }
        let place = *self.chance.pick(&ready);
        match place.checked_sub(self.nodes.len()) {
            None => self.nodes[place].go_on(),
            Some(client) => self.clients[client].go_on(),
        }
    }

    fn nudge(&self) {
        for door in self.shared.doors.borrow().iter().flatten() {
            door.writer.nudge();
        }
    }

    fn revive(&mut self) {
        for place in 0..self.nodes.len() {
            if self.nodes[place].work.is_none() {
                self.nodes[place] = self.born(place);
            }
        }
    }

    /// Runs everything with faults, until no client has commands left.
    fn rage(&mut self) -> bool {
        for _ in 0..200_000 {
            if self.clients.iter().all(|client| client.work.is_none()) {
                return true;
            }
            let micros = self.chance.micros(1_500);
            self.tick(micros);
            if self.chance.one_in(self.crash_once_in) {
                let place = self.chance.below(self.nodes.len());
                self.crash(place);
            }
            if self.chance.one_in(40) {
                self.revive();
            }
            if self.chance.one_in(60) {
                self.nudge();
            }
        }
        false
    }

    /// Ends all faults, and lets all work complete.
    fn rest(&mut self) -> bool {
        self.database.lock().heal();
        self.revive();
        let mut quiet = 0;
        for tick in 0..100_000 {
            self.tick(20_000);
            if tick % 50 == 0 {
                self.nudge();
            }
            let waiting = self.shared.doors.borrow().iter().flatten().any(|door| door.writer.waiting() > 0);
            let due = [Run::TABLE, Redaction::TABLE].iter().any(|table| self.database.lock().due(table) > 0);
            quiet = if waiting || due { 0 } else { quiet + 1 };
            if quiet > 150 {
                return true;
            }
        }
        false
    }

    /// Runs from the beginning to the end, and checks the result.
    pub fn run(mut self, begin: &State) -> Outcome {
        let mut wrong = Vec::new();
        if !self.rage() {
            wrong.push("liveness: a client never got a response".to_owned());
        }
        if !self.rest() {
            wrong.push("liveness: the work did not end".to_owned());
        }
        self.nodes.clear();
        self.clients.clear();
        let journal = self.shared.journal.borrow().clone();
        let mut state = self.database.lock();
        let state = Box::new(std::mem::take(&mut *state));
        wrong.extend(crate::journal::judge(&state, begin, &journal, &self.places));
        let ticks = self.shared.ticks.load(Ordering::Relaxed);
        Outcome { state, journal, crashes: self.crashes, ticks, wrong }
    }
}

/// A node's turns until its process ends.
async fn live<E: docket_storage::Engine>(mut node: Node<E>) {
    loop {
        let rests = match node.turn().await {
            Wish::More => 1,
            Wish::Wait => 2,
            Wish::Rest => 20,
        };
        for _ in 0..rests {
            Pause::default().await;
        }
    }
}

/// Submits a command and waits for its answer, until the node dies or the client gives up.
async fn ask(door: Door, command: Command<Effect>, patience: usize) -> Answer {
    let mut asking = Box::pin(async { door.writer.submit(command).await });
    let mut polls = 0;
    let answer = std::future::poll_fn(|context| match asking.as_mut().poll(context) {
        Poll::Ready(answer) => Poll::Ready(Some(answer)),
        Poll::Pending if !*door.lives.borrow() || polls >= patience => Poll::Ready(None),
        Poll::Pending => {
            polls += 1;
            if patience < usize::MAX {
                context.waker().wake_by_ref();
            }
            Poll::Pending
        }
    })
    .await;
    match answer {
        None | Some(Err(WriteError::OutcomeUnknown)) => Answer::Unknown,
        Some(Ok(effect)) => Answer::Done(effect),
        Some(Err(WriteError::Refused(no))) => Answer::Refused(no.kind, no.code.clone(), no.sentence.clone()),
        Some(Err(WriteError::Busy)) => Answer::NotDone("busy"),
        Some(Err(WriteError::Overloaded | WriteError::Stopping)) => Answer::NotDone("not taken"),
        Some(Err(WriteError::Unavailable(_))) => Answer::NotDone("unavailable"),
    }
}

/// Runs a command and its consequences on one node without faults, to set up a database.
pub fn calmly<T: Send + 'static>(
    database: &Arc<Database>,
    engine: &Arc<Engine>,
    scope: Scope,
    verb: impl Fn(&mut UnitOfWork) -> Verb<T> + Send + Sync + 'static,
) -> Result<T, WriteError> {
    let answers = together(database, engine, vec![Command::new("calm", scope, verb)]);
    answers.into_iter().next().unwrap_or(Err(WriteError::Busy))
}

/// The answer to each client, once it has one.
type Answers<T> = Vec<Option<Result<T, WriteError>>>;

/// Runs commands and their consequences in one batch of one node without faults.
pub fn together<T: Send + 'static>(
    database: &Arc<Database>,
    engine: &Arc<Engine>,
    commands: Vec<Command<T>>,
) -> Vec<Result<T, WriteError>> {
    let time = Arc::new(AtomicI64::new(database.lock().now));
    let number = database.lock().commits;
    let parts = Parts {
        reactor: Arc::new(Reactions::of(engine, None)),
        bounds: Bounds::default(),
        clock: Arc::new(Skewed(Arc::clone(&time), 0)),
        rng: Arc::new(SeededRng::new(number)),
    };
    let mut node = Node::new(Memory::<true>::new(database, 0, 0), &parts);
    let answers: Rc<RefCell<Answers<T>>> = Rc::default();
    let mut clients = Vec::new();
    for (place, command) in commands.into_iter().enumerate() {
        answers.borrow_mut().push(None);
        let (writer, slot) = (node.writer().clone(), Rc::clone(&answers));
        clients.push(Actor::of(async move {
            let done = writer.submit(command).await;
            slot.borrow_mut()[place] = Some(done);
        }));
    }
    let mut node = Actor::of(async move {
        loop {
            node.turn().await;
            Pause::default().await;
        }
    });
    for _ in 0..100_000 {
        clients.iter_mut().for_each(Actor::go_on);
        node.go_on();
        database.lock().now += 1_000;
        time.fetch_add(1_000, Ordering::Relaxed);
        if answers.borrow().iter().all(Option::is_some) && database.lock().due(Run::TABLE) == 0 {
            break;
        }
    }
    let done = std::mem::take(&mut *answers.borrow_mut());
    done.into_iter().map(|answer| answer.unwrap_or(Err(WriteError::Busy))).collect()
}
