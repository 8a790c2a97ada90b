//! Thirty-two clients read and write eight cases over the API, on all running nodes, while nodes are killed: each case
//! is a register, and all observations of it must have an explanation.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use docket_testkit::{On, engines};
use serde_json::{Value, json};

use crate::chance::Chance;
use crate::fleet::Fleet;
use crate::house::House;
use crate::linear::{Call, Did, explain};
use crate::node::{Node, client, text};
use crate::order::Order;
use crate::report::{Report, is_long, number};
use crate::stored::Stored;
use crate::wait::{now, pause, until};
use crate::world::{DESKS, World, desk};

const CLIENTS: usize = 32;
const CASES: usize = 8;

/// The observations of one client: the case and the call.
type Seen = Vec<(usize, Call)>;

struct Desk {
    fleet: Fleet,
    world: World,
    cases: Vec<String>,
    /// The number of calls with a response, of all clients.
    answered: AtomicUsize,
}

/// Reads and writes cases, one call after the other, on any running node.
async fn work(desk: Arc<Desk>, chance: Chance, calls: usize) -> Seen {
    let http = client();
    let mut seen = Seen::new();
    for _ in 0..calls {
        let (place, to) = (chance.below(CASES), chance.one_in(2).then(|| chance.below(DESKS)));
        let address = loop {
            match desk.fleet.pick(&chance) {
                Some(address) => break address,
                None => pause().await,
            }
        };
        let url = format!("{}/api/v1/cases/{}", address.url, desk.cases[place]);
        let request = match to {
            Some(to) => http.post(format!("{url}/set-status")).json(&json!({"meta": {"status": self::desk(to)}})),
            None => http.get(url),
        };
        let asked = now().0;
        let shown = heard(request.bearer_auth(&desk.world.key)).await;
        let answered = matches!(shown, Heard::Status(_)).then(|| now().0);
        let did = match (to, shown) {
            (_, Heard::Nothing) | (None, Heard::Lost) => continue,
            (Some(to), Heard::Status(status)) => {
                assert_eq!(status, self::desk(to), "the response to a write has the written value");
                Did::Write(to)
            }
            (Some(to), Heard::Lost) => Did::Write(to),
            (None, Heard::Status(status)) => {
                Did::Read((0..DESKS).find(|number| self::desk(*number) == status).expect("a status of the template"))
            }
        };
        desk.answered.fetch_add(1, Ordering::Relaxed);
        seen.push((place, Call { did, asked, answered }));
    }
    seen
}

/// The outcome of a call.
enum Heard {
    /// The case's status.
    Status(String),
    /// No response, and the node did not receive it.
    Nothing,
    /// No response, and it may have been done.
    Lost,
}

async fn heard(request: reqwest::RequestBuilder) -> Heard {
    let response = match request.send().await {
        Ok(response) => response,
        Err(error) if error.is_connect() => return Heard::Nothing,
        Err(_) => return Heard::Lost,
    };
    let status = response.status().as_u16();
    match (status, response.json::<Value>().await) {
        (_, Err(_)) | (503, _) => Heard::Lost,
        (200, Ok(body)) => Heard::Status(text(&body, "/data/attributes/status")),
        (_, Ok(body)) => panic!("an existing case was answered {status} {body}"),
    }
}

/// Kills nodes while clients work, `kills` times, with a number of calls in between.
async fn kill(house: &House, desk: &Desk, mut nodes: Vec<Node>, kills: usize, between: usize) -> Vec<Node> {
    for count in 1..=kills {
        let reached = async || (desk.answered.load(Ordering::Relaxed) >= count * between).then_some(());
        until(60, reached).await.expect("clients get responses");
        let mut node = nodes.remove(0);
        node.kill();
        desk.fleet.leave(node.life);
        let next = Node::start(house, &[], Order::new()).await;
        desk.fleet.join(&next);
        nodes.push(next);
    }
    nodes
}

async fn on(engine: On, seed: u64, calls: usize, kills: usize, report: &mut Report) {
    let (house, world) = House::furnished(engine).await;
    let chance = Chance::new(seed);
    let mut nodes = vec![Node::start(&house, &[], Order::new()).await];
    if engine == On::Postgres {
        nodes.push(Node::start(&house, &[], Order::new()).await);
    }
    let mut cases = Vec::new();
    for _ in 0..CASES {
        let body = json!({"data": {"attributes": {"case-template-id": world.desk}}});
        cases.push(text(&nodes[0].make("/cases", &body).await, "/data/id"));
    }
    let desk = Arc::new(Desk { fleet: Fleet::default(), world, cases, answered: AtomicUsize::new(0) });
    for node in &nodes {
        desk.fleet.join(node);
    }

    let clients: Vec<_> = (0..CLIENTS).map(|_| tokio::spawn(work(Arc::clone(&desk), chance.fork(), calls))).collect();
    let nodes = kill(&house, &desk, nodes, kills, CLIENTS * calls / (kills + 1)).await;
    let mut by_case: BTreeMap<usize, Vec<Call>> = BTreeMap::new();
    for client in clients {
        for (place, call) in client.await.expect("a client does not panic") {
            by_case.entry(place).or_default().push(call);
        }
    }
    for node in nodes {
        node.stop().await;
    }

    let all: Vec<&Call> = by_case.values().flatten().collect();
    let answered = all.iter().filter(|call| call.answered.is_some()).count();
    assert!(answered >= CLIENTS * calls * 9 / 10, "void: {answered} calls had a response");
    for (place, calls) in &by_case {
        let explained = explain(0, calls);
        assert!(
            explained.is_ok(),
            "case {place}: no order explains {explained:?}; play it again with\n  DOCKET_SEED={seed} cargo xtask \
             with-postgres cargo test -p docket-faults each_case_is_a_register"
        );
    }
    let wrong = docket_doctor::examine(&Stored::of(&house.database, engine).await).expect("rows of ours");
    assert!(wrong.is_empty(), "{wrong:?}");
    let (writes, lost) = (all.iter().filter(|c| matches!(c.did, Did::Write(_))).count(), all.len() - answered);
    report.line(&format!("| {engine} | {seed} | {} | {writes} | {lost} | {kills} |", all.len()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_case_is_a_register_on_every_node_while_nodes_are_killed() {
    let (calls, kills) = if is_long() { (200, 6) } else { (40, 2) };
    let seed = number("DOCKET_SEED").unwrap_or_else(|| now().0.unsigned_abs());
    let mut report = Report::begin("register", "Cases as registers: 32 clients on 8 cases, checked per case");
    report.line("| engine | seed | calls | writes | writes without an answer | kills |\n|---|---|---|---|---|---|");
    for engine in engines() {
        on(engine, seed, calls, kills, &mut report).await;
    }
    report.end();
}
