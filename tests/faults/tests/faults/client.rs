//! A client: sends one request after the other, and repeats a request without a response, as clients are advised to.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use docket_objects::sign;
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::chance::Chance;
use crate::fleet::{Address, Fleet};
use crate::journal::{Journal, Wish};
use crate::node::client;
use crate::wait::{now, pause};
use crate::world::{DESKS, World, completed, desk};

/// The data that all clients share.
#[derive(Debug)]
pub struct Shared {
    /// The nodes.
    pub fleet: Fleet,
    /// The requests and responses.
    pub journal: Journal,
    /// The organization that requests refer to.
    pub world: World,
    /// Distinguishes these clients from those of other rounds.
    pub name: String,
    /// Whether the clients should stop when their last request has a response.
    pub is_over: AtomicBool,
    /// A planted bug: the request is acknowledged at once, and continues in the background.
    pub answers_before_commit: bool,
}

/// The outcome of a request.
enum Heard {
    /// It was accepted.
    Done(Value),
    /// Not done: the node was gone before it received the request, or answered that it is unavailable.
    NotTaken,
    /// No response, and it is unknown whether it was done.
    Lost,
    /// It was refused, which never happens to these requests.
    Wrong(String),
}

/// One client.
pub struct Client {
    shared: Arc<Shared>,
    chance: Chance,
    number: usize,
    /// A case that only this client moves.
    case: String,
    status: usize,
    http: reqwest::Client,
}

impl Client {
    /// A client with this number and its own case.
    pub fn new(shared: &Arc<Shared>, chance: Chance, number: usize, case: String) -> Self {
        Self { shared: Arc::clone(shared), chance, number, case, status: 0, http: client() }
    }

    /// Sends one request after the other until the round is over.
    pub async fn work(mut self) {
        for count in 0.. {
            if self.shared.is_over.load(Ordering::Relaxed) {
                return;
            }
            let mark = format!("{}x{}x{count}", self.shared.name, self.number);
            let wish = self.wish();
            // Some vendors send an event only once; all other requests are repeated until there is a response.
            let gives_up = wish == Wish::Job && self.chance.one_in(4);
            self.pursue(&mark, &wish, gives_up).await;
        }
    }

    fn wish(&mut self) -> Wish {
        match self.chance.below(10) {
            0..6 => Wish::Job,
            6..8 => {
                self.status = (self.status + 1 + self.chance.below(DESKS - 1)) % DESKS;
                Wish::Move { case: self.case.clone(), to: desk(self.status) }
            }
            _ => Wish::Trigger,
        }
    }

    async fn pursue(&self, mark: &str, wish: &Wish, gives_up: bool) {
        let journal = &self.shared.journal;
        let place = journal.intend(mark, wish.clone());
        loop {
            let Some(address) = self.shared.fleet.pick(&self.chance) else {
                pause().await;
                continue;
            };
            match self.ask(&address, mark, wish).await {
                Heard::Done(answer) => return journal.acknowledge(place, answer, now()),
                Heard::NotTaken => pause().await,
                Heard::Lost => {
                    journal.lose(place, now());
                    if gives_up {
                        return;
                    }
                }
                Heard::Wrong(words) => return journal.complain(format!("{wish:?} {mark} was answered {words}")),
            }
        }
    }

    async fn ask(&self, address: &Address, mark: &str, wish: &Wish) -> Heard {
        let request = self.request(address, mark, wish);
        if self.shared.answers_before_commit && *wish == Wish::Job {
            tokio::spawn(request.send());
            return Heard::Done(json!({"meta": {"received": "recorded"}}));
        }
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) if error.is_connect() => return Heard::NotTaken,
            Err(_) => return self.lost(address),
        };
        let status = response.status().as_u16();
        match (status, response.json::<Value>().await) {
            (_, Err(_)) => self.lost(address),
            (200 | 201, Ok(answer)) => Heard::Done(answer),
            (503, Ok(answer)) if answer.to_string().contains("not known") => Heard::Lost,
            (503, Ok(_)) => Heard::NotTaken,
            (status, Ok(answer)) => Heard::Wrong(format!("{status} {answer}")),
        }
    }

    fn lost(&self, address: &Address) -> Heard {
        self.shared.fleet.broke(address.life);
        Heard::Lost
    }

    fn request(&self, address: &Address, mark: &str, wish: &Wish) -> RequestBuilder {
        let (url, world) = (&address.url, &self.shared.world);
        let post = |path: &str, body: &Value| {
            let request = self.http.post(format!("{url}/api/v1{path}")).bearer_auth(&world.key);
            request.header("idempotency-key", mark).json(body)
        };
        match wish {
            Wish::Job => {
                let body = completed(mark);
                let signature = sign(&world.secret, now(), body.as_bytes());
                let request = self.http.post(format!("{url}/ingest/{}", world.source));
                request.header("persona-signature", signature).body(body)
            }
            Wish::Move { case, to } => post(&format!("/cases/{case}/set-status"), &json!({"meta": {"status": to}})),
            Wish::Trigger => {
                let body = json!({"data": {"attributes": {"fields": {"mark": mark}}}});
                post(&format!("/workflows/{}/trigger", world.by_hand), &body)
            }
        }
    }
}
