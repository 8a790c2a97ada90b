//! The actions of the sample, in their order. Pure: the same present gives the same script.

use docket_kernel::Moment;
use docket_objects::Decision;
use serde_json::{Map, Value};

use super::chance::Chance;
use super::kinds::{CaseKind, Move};
use super::people::{ANALYSTS, Person, person};
use super::vendor::{Inquiry, account_created, inquiry_completed, transaction_created};

/// The template of the sample's inquiries.
pub const INQUIRY_TEMPLATE: &str = "itmpl_LUMENONBOARDING";

const DAYS: i64 = 60;
const DAY_SECONDS: i64 = 86_400;
const ACCOUNTS: usize = 40;
const INQUIRIES_OF_VENDOR: usize = 46;
const INQUIRIES_OF_OURS: usize = 14;
const TAGS: &[&[&str]] = &[&["urgent"], &["second look"], &["returning customer"]];
/// The number of cases created by hand, for each kind; inquiries create onboarding cases too.
const BY_HAND: [(CaseKind, usize); 4] =
    [(CaseKind::Onboarding, 6), (CaseKind::Takeover, 26), (CaseKind::Fraud, 26), (CaseKind::Monitoring, 24)];

/// The actor of a scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorKind {
    /// The vendor, through its webhook.
    Vendor,
    /// The organization's own program, with its API key.
    Program,
    /// One of the analysts.
    Analyst(usize),
}

/// A scene: an action, its actor and its time.
#[derive(Clone, Debug)]
pub struct Scene {
    /// When it happens.
    pub at: Moment,
    /// The actor.
    pub actor: ActorKind,
    /// The action.
    pub action: Action,
}

/// An action. Cases are identified by their number in the script.
#[derive(Clone, Debug)]
pub enum Action {
    /// The vendor sends an event; a workflow may create a case for the inquiry in it.
    Tell {
        /// The event.
        event: Value,
        /// The inquiry for which a case is created, and the case.
        opens: Option<(String, usize)>,
    },
    /// An inquiry is created.
    Inquire {
        /// The account it is about.
        account: String,
        /// The immediate decision about it, if any.
        decision: Option<Decision>,
    },
    /// A case is created by hand.
    Open {
        /// The case.
        case: usize,
        /// Its kind.
        kind: CaseKind,
        /// Its fields.
        fields: Map<String, Value>,
        /// Its objects.
        objects: Vec<String>,
    },
    /// Tags are added to a case.
    Tag(usize, &'static [&'static str]),
    /// Objects are added to a case.
    Add(usize, Vec<String>),
    /// Fields of a case are changed.
    Say(usize, Map<String, Value>),
    /// The status of a case is changed.
    Move(usize, Move),
    /// The workflow that decides a case is started.
    Decide(usize, &'static str),
}

/// Writes the script for a given present.
pub fn write(present: Moment) -> Vec<Scene> {
    let mut writer = Writer {
        chance: Chance::of(7),
        midnight: Moment(present.0 - present.0.rem_euclid(DAY_SECONDS * 1_000_000)),
        scenes: Vec::new(),
        accounts: Vec::new(),
        cases: 0,
    };
    writer.accounts();
    writer.inquiries();
    writer.cases_by_hand();
    // Scenes in the future are dropped; a case's later scenes never come before its first.
    writer.scenes.retain(|scene| scene.at < present);
    writer.scenes.sort_by_key(|scene| scene.at);
    writer.scenes
}

struct Writer {
    chance: Chance,
    midnight: Moment,
    scenes: Vec<Scene>,
    accounts: Vec<(String, Person)>,
    cases: usize,
}

impl Writer {
    fn scene(&mut self, at: Moment, actor: ActorKind, action: Action) {
        self.scenes.push(Scene { at, actor, action });
    }

    /// A random time within the working day, this many days ago.
    fn days_ago(&mut self, days: i64) -> Moment {
        let seconds = 8 * 3_600 + self.chance.below(10 * 3_600);
        let moment = self.midnight.plus_seconds(seconds - days * DAY_SECONDS);
        Moment(moment.0 + self.chance.below(1_000_000))
    }

    fn later(&mut self, at: Moment, hours: i64) -> Moment {
        Moment(at.0 + (600 + self.chance.below(hours * 3_600)) * 1_000_000 + self.chance.below(1_000_000))
    }

    fn analyst(&mut self) -> ActorKind {
        let place = self.chance.below(i64::try_from(ANALYSTS.len()).unwrap_or(1));
        ActorKind::Analyst(usize::try_from(place).unwrap_or_default())
    }

    fn account(&mut self) -> (String, Person) {
        let place = self.chance.below(i64::try_from(self.accounts.len()).unwrap_or(1));
        self.accounts[usize::try_from(place).unwrap_or_default()].clone()
    }

    fn new_case(&mut self) -> usize {
        self.cases += 1;
        self.cases - 1
    }

    fn accounts(&mut self) {
        for number in 0..ACCOUNTS {
            let at = self.days_ago(DAYS + 1);
            let (person, id) = (person(&mut self.chance, number), self.chance.vendor_id("action"));
            let reference = format!("customer-{}", 1_001 + number);
            let event = account_created(&mut self.chance, at, &id, &reference, &person);
            self.scene(at, ActorKind::Vendor, Action::Tell { event, opens: None });
            self.accounts.push((id, person));
        }
    }

    /// A transaction that a rule flagged before this time, with its account.
    fn transaction(&mut self, before: Moment) -> Vec<String> {
        let at = before.plus_seconds(-300 - self.chance.below(7_200));
        let (id, (account, _)) = (self.chance.vendor_id("txn"), self.account());
        let event = transaction_created(&mut self.chance, at, &id, &account);
        self.scene(at, ActorKind::Vendor, Action::Tell { event, opens: None });
        vec![id, account]
    }

    fn inquiries(&mut self) {
        for number in 0..INQUIRIES_OF_VENDOR {
            let days = self.chance.below(DAYS);
            let at = self.days_ago(days);
            let (account, person) = self.account();
            let id = self.chance.vendor_id("inq");
            let is_match = number % 3 != 0;
            let inquiry = Inquiry { id: &id, account: &account, person: &person, is_match };
            let event = inquiry_completed(&mut self.chance, at, inquiry);
            let case = is_match.then(|| self.new_case());
            self.scene(at, ActorKind::Vendor, Action::Tell { event, opens: case.map(|case| (id, case)) });
            if let Some(case) = case {
                self.life(case, CaseKind::Onboarding, at);
            }
        }
        for number in 0..INQUIRIES_OF_OURS {
            let days = self.chance.below(DAYS);
            let (at, (account, _)) = (self.days_ago(days), self.account());
            let decision = [None, Some(Decision::Approve), Some(Decision::MarkForReview)][number % 3];
            self.scene(at, ActorKind::Program, Action::Inquire { account, decision });
        }
    }

    fn cases_by_hand(&mut self) {
        for (kind, count) in BY_HAND {
            for _ in 0..count {
                let days = self.chance.below(DAYS);
                let at = self.days_ago(days);
                let (case, fields, actor) = (self.new_case(), kind.fields(&mut self.chance), self.analyst());
                let objects = match kind {
                    CaseKind::Fraud | CaseKind::Monitoring => self.transaction(at),
                    CaseKind::Onboarding | CaseKind::Takeover => vec![self.account().0],
                };
                let is_card_testing = fields.get("scheme").is_some_and(|scheme| scheme == "card testing");
                self.scene(at, actor, Action::Open { case, kind, fields, objects });
                if is_card_testing {
                    let soon = Moment(at.0 + 90_000_000);
                    self.scene(soon, actor, Action::Tag(case, &["card testing"]));
                }
                self.life(case, kind, at);
            }
        }
    }

    /// The history of a case: one analyst works on it, and a second one makes the last change.
    fn life(&mut self, case: usize, kind: CaseKind, opened: Moment) {
        let (first, second) = (self.analyst(), self.analyst());
        let mut at = self.later(opened, 8);
        if self.chance.percent(30) {
            let tags = self.chance.pick(TAGS);
            self.scene(at, first, Action::Tag(case, tags));
            at = self.later(at, 4);
        }
        if self.chance.percent(20) {
            let (account, _) = self.account();
            self.scene(at, first, Action::Add(case, vec![account]));
            at = self.later(at, 4);
        }
        if self.chance.percent(25) {
            let mut fields = kind.fields(&mut self.chance);
            // The source of a case does not change.
            fields.shift_remove("source");
            self.scene(at, first, Action::Say(case, fields));
            at = self.later(at, 6);
        }
        if kind == CaseKind::Onboarding && self.chance.percent(20) {
            let decision = self.chance.pick(&["approve", "decline", "escalate"]);
            self.scene(at, ActorKind::Program, Action::Decide(case, decision));
            return;
        }
        if kind == CaseKind::Takeover && case.is_multiple_of(6) {
            // Statuses that the template does not have: runs that fail, and runs that continue after the error.
            self.scene(
                at,
                ActorKind::Program,
                Action::Decide(case, if case.is_multiple_of(4) { "approve" } else { "escalate" }),
            );
            at = self.later(at, 4);
        }
        let ways = kind.ways();
        let way = self.chance.pick(ways);
        for (place, step) in way.iter().enumerate() {
            let actor = if place + 1 == way.len() { second } else { first };
            self.scene(at, actor, Action::Move(case, *step));
            at = self.later(at, 60);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRESENT: Moment = Moment(1_790_000_000_000_000);

    #[test]
    fn the_same_present_gives_the_same_script() {
        assert_eq!(format!("{:?}", write(PRESENT)), format!("{:?}", write(PRESENT)));
    }

    #[test]
    fn no_scene_is_in_the_future_or_before_its_case_exists() {
        let scenes = write(PRESENT);

        assert!(scenes.is_sorted_by_key(|scene| scene.at));
        assert!(scenes.iter().all(|scene| scene.at < PRESENT));
        let mut opened = std::collections::HashSet::new();
        for scene in &scenes {
            match &scene.action {
                Action::Tell { opens: Some((_, case)), .. } | Action::Open { case, .. } => {
                    assert!(opened.insert(*case));
                }
                Action::Tag(case, _)
                | Action::Add(case, _)
                | Action::Say(case, _)
                | Action::Move(case, _)
                | Action::Decide(case, _) => {
                    assert!(opened.contains(case), "case {case} is touched before it is opened");
                }
                Action::Tell { .. } | Action::Inquire { .. } => {}
            }
        }
        assert!((100..=115).contains(&opened.len()), "{} cases", opened.len());
    }
}
