//! The actions of the sample, in their order. Pure: the same present gives the same script.

use docket_kernel::Moment;
use docket_objects::Decision;
use serde_json::{Map, Value};

use super::chance::Chance;
use super::folk::{ANALYSTS, Person, person};
use super::kinds::{Kind, Move};
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
const BY_HAND: [(Kind, usize); 4] =
    [(Kind::Onboarding, 6), (Kind::Takeover, 26), (Kind::Fraud, 26), (Kind::Monitoring, 24)];

/// The actor of a scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Player {
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
    pub player: Player,
    /// The action.
    pub act: Act,
}

/// An action. Cases are identified by their number in the script.
#[derive(Clone, Debug)]
pub enum Act {
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
        kind: Kind,
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
    fn scene(&mut self, at: Moment, player: Player, act: Act) {
        self.scenes.push(Scene { at, player, act });
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

    fn analyst(&mut self) -> Player {
        let place = self.chance.below(i64::try_from(ANALYSTS.len()).unwrap_or(1));
        Player::Analyst(usize::try_from(place).unwrap_or_default())
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
            let (person, id) = (person(&mut self.chance, number), self.chance.vendor_id("act"));
            let reference = format!("customer-{}", 1_001 + number);
            let event = account_created(&mut self.chance, at, &id, &reference, &person);
            self.scene(at, Player::Vendor, Act::Tell { event, opens: None });
            self.accounts.push((id, person));
        }
    }

    /// A transaction that a rule flagged before this time, with its account.
    fn transaction(&mut self, before: Moment) -> Vec<String> {
        let at = before.plus_seconds(-300 - self.chance.below(7_200));
        let (id, (account, _)) = (self.chance.vendor_id("txn"), self.account());
        let event = transaction_created(&mut self.chance, at, &id, &account);
        self.scene(at, Player::Vendor, Act::Tell { event, opens: None });
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
            self.scene(at, Player::Vendor, Act::Tell { event, opens: case.map(|case| (id, case)) });
            if let Some(case) = case {
                self.life(case, Kind::Onboarding, at);
            }
        }
        for number in 0..INQUIRIES_OF_OURS {
            let days = self.chance.below(DAYS);
            let (at, (account, _)) = (self.days_ago(days), self.account());
            let decision = [None, Some(Decision::Approve), Some(Decision::MarkForReview)][number % 3];
            self.scene(at, Player::Program, Act::Inquire { account, decision });
        }
    }

    fn cases_by_hand(&mut self) {
        for (kind, count) in BY_HAND {
            for _ in 0..count {
                let days = self.chance.below(DAYS);
                let at = self.days_ago(days);
                let (case, fields, player) = (self.new_case(), kind.fields(&mut self.chance), self.analyst());
                let objects = match kind {
                    Kind::Fraud | Kind::Monitoring => self.transaction(at),
                    Kind::Onboarding | Kind::Takeover => vec![self.account().0],
                };
                let is_card_testing = fields.get("scheme").is_some_and(|scheme| scheme == "card testing");
                self.scene(at, player, Act::Open { case, kind, fields, objects });
                if is_card_testing {
                    let soon = Moment(at.0 + 90_000_000);
                    self.scene(soon, player, Act::Tag(case, &["card testing"]));
                }
                self.life(case, kind, at);
            }
        }
    }

    /// The history of a case: one analyst works on it, and a second one makes the last change.
    fn life(&mut self, case: usize, kind: Kind, opened: Moment) {
        let (first, second) = (self.analyst(), self.analyst());
        let mut at = self.later(opened, 8);
        if self.chance.percent(30) {
            let tags = self.chance.pick(TAGS);
            self.scene(at, first, Act::Tag(case, tags));
            at = self.later(at, 4);
        }
        if self.chance.percent(20) {
            let (account, _) = self.account();
            self.scene(at, first, Act::Add(case, vec![account]));
            at = self.later(at, 4);
        }
        if self.chance.percent(25) {
            let mut fields = kind.fields(&mut self.chance);
            // The source of a case does not change.
            fields.shift_remove("source");
            self.scene(at, first, Act::Say(case, fields));
            at = self.later(at, 6);
        }
        if kind == Kind::Onboarding && self.chance.percent(20) {
            let decision = self.chance.pick(&["approve", "decline", "escalate"]);
            self.scene(at, Player::Program, Act::Decide(case, decision));
            return;
        }
        if kind == Kind::Takeover && case.is_multiple_of(6) {
            // Statuses that the template does not have: runs that fail, and runs that continue after the error.
            self.scene(
                at,
                Player::Program,
                Act::Decide(case, if case.is_multiple_of(4) { "approve" } else { "escalate" }),
            );
            at = self.later(at, 4);
        }
        let ways = kind.ways();
        let way = self.chance.pick(ways);
        for (place, step) in way.iter().enumerate() {
            let player = if place + 1 == way.len() { second } else { first };
            self.scene(at, player, Act::Move(case, *step));
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
            match &scene.act {
                Act::Tell { opens: Some((_, case)), .. } | Act::Open { case, .. } => {
                    assert!(opened.insert(*case));
                }
                Act::Tag(case, _)
                | Act::Add(case, _)
                | Act::Say(case, _)
                | Act::Move(case, _)
                | Act::Decide(case, _) => {
                    assert!(opened.contains(case), "case {case} is touched before it is opened");
                }
                Act::Tell { .. } | Act::Inquire { .. } => {}
            }
        }
        assert!((100..=115).contains(&opened.len()), "{} cases", opened.len());
    }
}
