//! A round: clients write to real nodes, which are killed again and again; then all work ends and the result is
//! checked.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use docket_kernel::{Moment, hex};
use docket_testkit::On;
use docket_workflows::Run;
use serde_json::json;

use crate::chance::Chance;
use crate::client::{Client, Shared};
use crate::fleet::Fleet;
use crate::house::House;
use crate::journal::{Entry, Journal, Wish};
use crate::judge::judge;
use crate::node::{Node, text};
use crate::order::{Order, Point};
use crate::stored::Stored;
use crate::wait::{now, until};
use crate::world::World;

const CLIENTS: usize = 16;
/// A round with fewer acknowledged requests proves nothing.
pub const ACKNOWLEDGED_MIN: usize = 200;
/// The minimum number of acknowledged requests between two kills; at most twice as many.
const BETWEEN_KILLS: usize = 40;
/// A node that acknowledges nothing for this long is stuck.
const STUCK_SECONDS: i64 = 60;
/// How long to wait until a point of a batch is reached.
const POINT_SECONDS: i64 = 5;

/// The settings of a round.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The engine.
    pub engine: On,
    /// How many nodes share the database.
    pub nodes: usize,
    /// More flags of `docket serve`.
    pub flags: Vec<String>,
    /// The seed of every choice.
    pub seed: u64,
    /// The number of kills.
    pub kills: usize,
    /// A planted bug: jobs are acknowledged before they are done.
    pub answers_before_commit: bool,
}

/// When a node was killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// At any moment.
    Whenever,
    /// At this point of a batch.
    At(Point),
}

/// A kill and its effects.
#[derive(Clone, Debug)]
pub struct Kill {
    /// The intended point.
    pub wanted: When,
    /// The actual point: a point that is not reached in time is given up.
    pub when: When,
    /// The time of the kill.
    pub at: Moment,
    /// The number of requests without a response from the killed node.
    pub broken: usize,
    /// The number of runs that had begun and not ended.
    pub interrupted: usize,
}

/// The result of a round.
#[derive(Clone, Debug, Default)]
pub struct RoundReport {
    /// Every kill.
    pub kills: Vec<Kill>,
    /// The number of acknowledged requests.
    pub acknowledged: usize,
    /// The number of requests with an unknown outcome, because their client gave up.
    pub unknown: usize,
    /// The number of jobs that were committed but not answered before their node was killed, as a repetition showed.
    pub unheard: usize,
    /// Microseconds from a kill until a run that it interrupted had ended.
    pub resumed: Vec<i64>,
    /// Microseconds from a request without a response until its repetition was acknowledged.
    pub repeated: Vec<i64>,
    /// Reactions and flushes that failed, on the nodes that ran to the end.
    pub faults: u64,
    /// All violations.
    pub wrong: Vec<String>,
}

/// Plays a round to its end.
pub async fn play(plan: &Plan) -> RoundReport {
    let (house, world) = House::furnished(plan.engine).await;
    let mut round = Round::begin(plan, &house, world).await;
    let clients = round.send_clients().await;
    for _ in 0..plan.kills {
        round.kill_one().await;
    }
    round.go_on_until(ACKNOWLEDGED_MIN.max(round.shared.journal.acknowledged() + BETWEEN_KILLS)).await;
    round.shared.is_over.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.expect("a client does not panic");
    }
    round.come_to_rest().await;
    round.judge(plan).await
}

struct Round<'h> {
    house: &'h House,
    shared: Arc<Shared>,
    chance: Chance,
    nodes: Vec<Node>,
    flags: Vec<String>,
    kills: Vec<(u64, Kill)>,
    wrong: Vec<String>,
    faults: u64,
}

impl<'h> Round<'h> {
    async fn begin(plan: &Plan, house: &'h House, world: World) -> Self {
        let chance = Chance::new(plan.seed);
        let shared = Arc::new(Shared {
            fleet: Fleet::default(),
            journal: Journal::default(),
            world,
            name: hex(&plan.seed.to_be_bytes()),
            is_over: AtomicBool::new(false),
            answers_before_commit: plan.answers_before_commit,
        });
        let mut round = Self {
            house,
            shared,
            chance,
            nodes: Vec::new(),
            flags: plan.flags.clone(),
            kills: Vec::new(),
            wrong: Vec::new(),
            faults: 0,
        };
        for _ in 0..plan.nodes {
            round.start_node().await;
        }
        round
    }

    async fn start_node(&mut self) {
        let node = Node::start(self.house, &self.flags, Order::new()).await;
        self.shared.fleet.join(&node);
        self.nodes.push(node);
    }

    /// Opens a case for each client, and starts the clients.
    async fn send_clients(&self) -> Vec<tokio::task::JoinHandle<()>> {
        let mut clients = Vec::new();
        for number in 0..CLIENTS {
            let body = json!({"data": {"attributes": {"case-template-id": self.shared.world.desk}}});
            let case = text(&self.nodes[0].make("/cases", &body).await, "/data/id");
            clients.push(Client::new(&self.shared, self.chance.fork(), number, case));
        }
        clients.into_iter().map(|client| tokio::spawn(client.work())).collect()
    }

    /// Waits until this many requests are acknowledged.
    async fn go_on_until(&mut self, acknowledged: usize) {
        let journal = &self.shared.journal;
        let reached = async || (journal.acknowledged() >= acknowledged).then_some(());
        if until(STUCK_SECONDS, reached).await.is_none() {
            let told = journal.acknowledged();
            self.wrong.push(format!("stuck: {told} requests were acknowledged, expected {acknowledged}"));
        }
    }

    /// Kills a node when enough requests were acknowledged, and starts another in its place.
    async fn kill_one(&mut self) {
        let target = self.shared.journal.acknowledged() + BETWEEN_KILLS + self.chance.below(BETWEEN_KILLS);
        self.go_on_until(target).await;
        let place = self.chance.below(self.nodes.len());
        let mut node = self.nodes.swap_remove(place);
        let wanted = if self.chance.one_in(3) { When::Whenever } else { When::At(*self.chance.pick(&Point::ALL)) };
        let countdown = i32::try_from(1 + self.chance.below(12)).unwrap_or(1);
        let when = match wanted {
            When::At(point) => {
                node.order.die_at(point, countdown);
                if node.ended(POINT_SECONDS).await.is_some() { wanted } else { When::Whenever }
            }
            When::Whenever => wanted,
        };
        if when == When::Whenever {
            node.kill();
        }
        let kill = Kill { wanted, when, at: now(), broken: 0, interrupted: 0 };
        self.shared.fleet.leave(node.life);
        self.kills.push((node.life, kill));
        drop(node);
        // If there is another node, it works alone for a while, or is killed as well.
        if !self.nodes.is_empty() {
            if self.chance.one_in(5) {
                let mut other = self.nodes.swap_remove(0);
                other.kill();
                self.shared.fleet.leave(other.life);
                self.start_node().await;
            } else {
                self.go_on_until(self.shared.journal.acknowledged() + BETWEEN_KILLS / 4).await;
            }
        }
        self.start_node().await;
    }

    /// Waits until no run is under way, reads the clients' cases through the API, and stops the nodes properly.
    async fn come_to_rest(&mut self) {
        let rest = async || self.house.is_at_rest().await.then_some(());
        if until(STUCK_SECONDS, rest).await.is_none() {
            self.wrong.push("limbo: runs are still under way a minute after the last request".into());
        }
        let entries = self.shared.journal.entries();
        let mut last: BTreeMap<&str, &str> = BTreeMap::new();
        for entry in &entries {
            if let Wish::Move { case, to } = &entry.wish {
                last.insert(case, to);
            }
        }
        for node in self.nodes.drain(..) {
            for (case, to) in &last {
                let shown = text(&node.get(&format!("/cases/{case}")).await, "/data/attributes/status");
                if shown != **to {
                    self.wrong.push(format!("lost: case {case} is shown as {shown}, but was moved to {to}"));
                }
            }
            self.faults += node.figure("docket_writer_faults_total").await;
            node.stop().await;
        }
    }

    async fn judge(self, plan: &Plan) -> RoundReport {
        let stored = Stored::of(&self.house.database, plan.engine).await;
        let entries = self.shared.journal.entries();
        let mut told = RoundReport {
            acknowledged: self.shared.journal.acknowledged(),
            unknown: entries.iter().filter(|entry| entry.answer.is_none()).count(),
            unheard: entries.iter().filter(|entry| was_unheard(entry)).count(),
            repeated: entries.iter().filter_map(repeated).collect(),
            faults: self.faults,
            wrong: self.wrong,
            ..RoundReport::default()
        };
        let runs: Vec<Run> = stored.all();
        for (life, mut kill) in self.kills {
            kill.broken = self.shared.fleet.broken(life);
            let ends = runs.iter().filter(|run| run.created_at <= kill.at).filter_map(|run| run.completed_at);
            let after = ends.map(|end| end.0 - kill.at.0).filter(|micros| *micros > 0);
            let before = told.resumed.len();
            told.resumed.extend(after);
            kill.interrupted = told.resumed.len() - before;
            told.kills.push(kill);
        }
        told.wrong.extend(self.shared.journal.wrong());
        told.wrong.extend(judge(&stored, &entries, &self.shared.world, CLIENTS));
        if told.acknowledged < ACKNOWLEDGED_MIN {
            let count = told.acknowledged;
            told.wrong.push(format!("void: {count} requests were acknowledged, {ACKNOWLEDGED_MIN} are needed"));
        }
        told
    }
}

/// The time from the first attempt without a response until the response.
fn repeated(entry: &Entry) -> Option<i64> {
    Some(entry.answered_at?.0 - entry.lost_at?.0)
}

/// Whether the response says that the event was received before: the first attempt was committed, but got no response.
fn was_unheard(entry: &Entry) -> bool {
    entry.answer.as_ref().and_then(|answer| answer.pointer("/meta/received")) == Some(&json!("before"))
}
