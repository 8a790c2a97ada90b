//! The requests to a server: the main job, and the common requests of the API.

use docket_kernel::Moment;
use docket_objects::sign;

use crate::args::Work;
use crate::job;
use crate::world::World;

/// How many cases each account is in.
pub const CASES_AN_ACCOUNT: u64 = 100;
/// One of this many cases has events.
pub const EVENTS_EVERY: u64 = 10;
/// How many people have cases.
pub const ANALYSTS: u64 = 40;
/// Spreads requests over the cases; coprime to their number.
const STEP: u64 = 7_919;

impl Work {
    /// How many runs each request completes.
    pub const fn runs(self) -> u64 {
        match self {
            Self::Job => job::RUNS as u64,
            Self::Run => 1,
            _ => 0,
        }
    }
}

/// The id of the `n`-th case.
pub fn case(n: u64) -> String {
    format!("case_00{n:024}")
}

/// The key of the template of the `n`-th case, by the shares of the filling.
fn template(n: u64) -> &'static str {
    match n % 100 {
        0..55 => "KYC",
        55..65 => "ATO",
        65..85 => "FRD",
        _ => "TXM",
    }
}

/// Per hundred consecutive cases: how many are open, and how many are open or escalated, by the shares of the filling.
const OPEN: u64 = 8;
const UNRESOLVED: u64 = 13;

/// The case that the `number`-th request changes, and its new status. Every case is changed once before any is changed
/// again, and each change sets a different status. The cases of `Set` and `Run` are disjoint.
fn change(work: Work, number: u64, cases: u64) -> (u64, &'static str) {
    let hundreds = cases / 200;
    let all = hundreds * UNRESOLVED;
    let (round, place) = (number / all, number % all * STEP % all);
    let first = if work == Work::Run { hundreds } else { 0 };
    let (hundred, which) = (first + place / UNRESOLVED, place % UNRESOLVED);
    // The status of case n is at position (n * 37 + n / 100) % 100; 73 is the inverse of 37.
    let stand = if which < OPEN { which } else { which + 7 };
    let n = hundred * 100 + (stand + 100 - hundred % 100) * 73 % 100;
    let status = match work {
        Work::Run => "In review",
        _ if (which < OPEN) == round.is_multiple_of(2) => "Escalated",
        _ => "Open",
    };
    // There is no case 0: a resolved case replaces it.
    (n.max(1), status)
}

/// The bytes of the `number`-th request of this work.
pub fn request(work: Work, number: u64, at: Moment, world: &World, cases: u64) -> Vec<u8> {
    if work == Work::Job {
        let body = job::body(number, at);
        let signature = sign(&world.secret, at, &body);
        let head = format!("content-type: application/json\r\npersona-signature: {signature}\r\n");
        return with_body(&format!("/ingest/{}", world.source), &head, &body);
    }
    let key = format!("authorization: Bearer {}\r\n", world.key);
    if matches!(work, Work::Set | Work::Run) {
        let (n, status) = change(work, number, cases);
        let body = format!("{{\"meta\":{{\"status\":\"{status}\"}}}}");
        let head = format!("{key}content-type: application/json\r\n");
        return with_body(&format!("/api/v1/cases/{}/set-status", case(n)), &head, body.as_bytes());
    }
    let path = path(work, number, world, cases);
    format!("GET /api/v1{path} HTTP/1.1\r\nhost: bench\r\n{key}\r\n").into_bytes()
}

fn path(work: Work, number: u64, world: &World, cases: u64) -> String {
    let n = number.wrapping_mul(STEP) % cases + 1;
    let list = |filter: String| format!("/cases?filter[{filter}&page[size]=25");
    match work {
        Work::FirstPage => "/cases?page[size]=25".to_owned(),
        Work::ByStatus => {
            let status =
                ["Open", "In%20review", "Escalated", "Approved", "Declined"][usize::try_from(n % 5).unwrap_or(0)];
            list(format!("status]={status}"))
        }
        Work::ByTemplate => {
            let templates = &world.templates;
            list(format!("case-template-id]={}", templates[usize::try_from(n).unwrap_or(0) % templates.len()].0))
        }
        Work::ByAssignee => list(format!("assignee-id]=analyst{}@docket.example", n % ANALYSTS)),
        Work::ByAccount => {
            let account = (n % (cases / CASES_AN_ACCOUNT).max(1) + 1) * 4;
            list(format!("account-id]=act_{:016x}", account * 2_654_435_761 % 4_294_967_296))
        }
        Work::ByTime => list(format!("created-at-end]={}", Moment(crate::fill::made_at(n, cases)))),
        Work::ByKey => format!("/cases?filter[text]={}-{n}", template(n)),
        Work::Events => format!("/events?filter[object-id]={}", case((n / EVENTS_EVERY).max(1) * EVENTS_EVERY)),
        _ => format!("/cases/{}", case(n)),
    }
}

fn with_body(path: &str, head: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let mut request =
        format!("POST {path} HTTP/1.1\r\nhost: bench\r\n{head}content-length: {length}\r\n\r\n").into_bytes();
    request.extend_from_slice(body);
    request
}

/// Whether a response reports success.
pub fn is_done(work: Work, status: u16, answer: &[u8]) -> bool {
    let has = |word: &[u8]| answer.windows(word.len()).any(|window| window == word);
    status == 200
        && match work {
            Work::Job => has(b"recorded"),
            // An empty list is not a valid measure of lists.
            Work::Set | Work::Run | Work::Read => has(b"case_00"),
            _ => has(b"\"id\""),
        }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn every_change_sets_a_new_status_and_all_cases_take_turns() {
        let (cases, mut stands) = (10_000, HashMap::new());
        for number in 0..4 * (cases / 200 * UNRESOLVED) {
            let (n, status) = change(Work::Set, number, cases);
            if n > 1 {
                let now = *stands.entry(n).or_insert(match (n * 37 + n / 100) % 100 {
                    0..8 => "Open",
                    15..20 => "Escalated",
                    stand => panic!("case {n} is at {stand}"),
                });
                assert_ne!(now, status, "case {n}");
                stands.insert(n, status);
            }
        }
        assert!(stands.len() as u64 >= cases / 200 * UNRESOLVED - 1);
    }
}
