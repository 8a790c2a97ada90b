//! Retention policies: how long an environment keeps the content of events and runs, receipts and stored responses.
//!
//! A period is previewed before it applies, and its change confirms the preview. Background passes blank or remove content
//! that is older than its period. Facts are kept: what happened, who did it, when, and the digest.

use std::sync::Arc;

use docket_kernel::{
    Actor, AgePosition, EnvironmentId, Json, Moment, Permission, Refusal, RefusalKind, UnitOfWork, Verb, sha256_hex,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::content::{blank_context_of, blank_tree, content_digest};
use crate::event::{Event, NewEvent, record};
use crate::redaction::SALT_BYTES;

/// The topic of the passes that remove content older than its period.
pub const RETENTION: &str = "retention";

/// The type of a policy in events and in the API.
pub const RETENTION_TYPE: &str = "retention-policy";

docket_kernel::text_enum! {
    /// A kind of data with a retention period.
    pub enum RetainedKind {
        /// The payload and the context of events.
        EventContent = "event-content",
        /// The trigger, inputs, outputs and errors of runs that have ended.
        RunHistory = "run-history",
        /// Receipts of vendors' events.
        Receipts = "receipts",
        /// Responses stored for an `Idempotency-Key`.
        Answers = "answers",
    }
}

impl RetainedKind {
    /// The minimum and the maximum of the period, in [`Self::unit`].
    pub const fn bounds(self) -> (i64, i64) {
        match self {
            Self::EventContent | Self::RunHistory => (1, 3_650),
            Self::Receipts => (30, 3_650),
            Self::Answers => (1, 24),
        }
    }

    /// The unit of the period.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Answers => "hours",
            _ => "days",
        }
    }

    /// Whether it can be kept without limit.
    pub const fn may_be_kept(self) -> bool {
        !matches!(self, Self::Answers)
    }

    /// The period of an environment without a policy; `None` is without limit.
    pub const fn default_period(self) -> Option<i64> {
        match self {
            Self::Answers => Some(24),
            _ => None,
        }
    }

    /// A period in words.
    pub fn said(self, period: Option<i64>) -> String {
        let unit = self.unit();
        match period {
            None => "keep".to_owned(),
            Some(1) => format!("1 {}", unit.trim_end_matches('s')),
            Some(period) => format!("{period} {unit}"),
        }
    }

    /// Refuses a period that is out of bounds.
    fn checked(self, period: Option<i64>) -> Result<(), Refusal> {
        let ((first, last), unit) = (self.bounds(), self.unit());
        let (kind, member) = (self.as_str(), self.member());
        let or_keep = if self.may_be_kept() { ", or null to keep them without limit" } else { "" };
        let sentence = match period {
            Some(period) if (first..=last).contains(&period) => return Ok(()),
            None if self.may_be_kept() => return Ok(()),
            Some(period) => format!(
                "the retention period of {kind} is {period} {unit}; send a whole number from {first} to {last}{or_keep}"
            ),
            None => format!("{kind} can't be kept without limit; send a whole number of {unit} from {first} to {last}"),
        };
        Err(Refusal::rule("retention-period-out-of-bounds", sentence).at(format!("/data/attributes/{member}")))
    }

    /// The attribute with its period in the API.
    pub const fn member(self) -> &'static str {
        match self {
            Self::EventContent => "event-content-days",
            Self::RunHistory => "run-history-days",
            Self::Receipts => "receipts-days",
            Self::Answers => "answers-hours",
        }
    }
}

/// The period of each kind; `None` is without limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Periods {
    /// Days that the content of events is kept.
    pub event_content: Option<i64>,
    /// Days that the history of a run is kept after it ended.
    pub run_history: Option<i64>,
    /// Days that receipts are kept.
    pub receipts: Option<i64>,
    /// Hours that answers are remembered.
    pub answers: Option<i64>,
}

impl Default for Periods {
    fn default() -> Self {
        let of = RetainedKind::default_period;
        Self {
            event_content: of(RetainedKind::EventContent),
            run_history: of(RetainedKind::RunHistory),
            receipts: of(RetainedKind::Receipts),
            answers: of(RetainedKind::Answers),
        }
    }
}

impl Periods {
    /// The period of a kind.
    pub const fn of(&self, kind: RetainedKind) -> Option<i64> {
        match kind {
            RetainedKind::EventContent => self.event_content,
            RetainedKind::RunHistory => self.run_history,
            RetainedKind::Receipts => self.receipts,
            RetainedKind::Answers => self.answers,
        }
    }

    /// Sets the period of a kind.
    pub const fn set(&mut self, kind: RetainedKind, period: Option<i64>) {
        match kind {
            RetainedKind::EventContent => self.event_content = period,
            RetainedKind::RunHistory => self.run_history = period,
            RetainedKind::Receipts => self.receipts = period,
            RetainedKind::Answers => self.answers = period,
        }
    }

    /// The instant before which data of a kind is removed; `None` if nothing is. Periods of days end with a day in UTC, and
    /// those of hours to the microsecond. The regular cleanup deletes stored responses after a day, so this period needs no
    /// pass.
    pub fn ends(&self, kind: RetainedKind, now: Moment) -> Option<Moment> {
        let period = self.of(kind)?;
        match kind {
            RetainedKind::Answers if Some(period) == kind.default_period() => None,
            RetainedKind::Answers => Some(now.plus_seconds(-period * 3_600)),
            _ => Some(Moment(now.0.div_euclid(Moment::DAY).saturating_sub(period).saturating_mul(Moment::DAY))),
        }
    }

    /// Whether the policy removes anything.
    pub fn is_on(&self) -> bool {
        RetainedKind::ALL.iter().any(|kind| self.ends(*kind, Moment::default()).is_some())
    }
}

/// The progress of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KindProgress {
    /// Everything up to this position is blank or removed.
    pub place: AgePosition,
    /// The number of rows that were blanked or removed.
    pub count: i64,
}

/// The progress of a policy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RetentionProgress {
    /// Events.
    pub event_content: KindProgress,
    /// Runs.
    pub run_history: KindProgress,
    /// Receipts.
    pub receipts: KindProgress,
    /// Answers.
    pub answers: KindProgress,
    /// The ordinal of the first segment that is not blank, of the run after the position.
    pub segment: i64,
    /// Whether there is content left to remove now.
    pub is_working: bool,
}

impl RetentionProgress {
    /// The progress of a kind.
    pub const fn of(&self, kind: RetainedKind) -> &KindProgress {
        match kind {
            RetainedKind::EventContent => &self.event_content,
            RetainedKind::RunHistory => &self.run_history,
            RetainedKind::Receipts => &self.receipts,
            RetainedKind::Answers => &self.answers,
        }
    }

    /// The progress of a kind, for changes.
    pub const fn of_mut(&mut self, kind: RetainedKind) -> &mut KindProgress {
        match kind {
            RetainedKind::EventContent => &mut self.event_content,
            RetainedKind::RunHistory => &mut self.run_history,
            RetainedKind::Receipts => &mut self.receipts,
            RetainedKind::Answers => &mut self.answers,
        }
    }
}

docket_kernel::entity! {
    /// The retention policy of an environment, and its progress. Without a row the default periods apply.
    pub struct Retention in "retention" {
        table: {
            rank: 89, lock: Row(version), scope: environment_id, unique: [], asked: [], due: "due_at",
            events: event_ordinal
        },
        /// Its id: the id of the environment.
        id: Arc<str>,
        /// Its environment.
        environment_id: EnvironmentId,
        /// The version of the row: each pass increments it too.
        version: i64,
        /// The number of its events.
        event_ordinal: i64,
        /// The number of changes of periods.
        revision: i64,
        /// The periods.
        periods: Json<Periods>,
        /// The progress.
        progress: Json<RetentionProgress>,
        /// The number of failed passes.
        failures: i64,
        /// When the next pass is due; null if nothing is removed.
        due_at: Option<Moment>,
        /// The time of the last change of a period.
        changed_at: Moment,
        /// The time of the first one.
        created_at: Moment,
    }
}

impl Retention {
    /// The policy of an environment that has set no period.
    pub fn of_default(environment: &EnvironmentId, now: Moment) -> Self {
        Self {
            id: environment.key(),
            environment_id: environment.clone(),
            version: 0,
            event_ordinal: 0,
            revision: 0,
            periods: Json::default(),
            progress: Json::default(),
            failures: 0,
            due_at: None,
            changed_at: now,
            created_at: now,
        }
    }
}

/// The retention policy of an environment.
pub fn retention_of(work: &mut UnitOfWork, environment: &EnvironmentId) -> Verb<Retention> {
    let now = work.now();
    let known = work.get::<Retention>(environment.as_str())?;
    Ok(known.map_or_else(|| Retention::of_default(environment, now), |known| (*known).clone()))
}

/// The confirmation of a preview: a digest of the periods, the policy's revision and the day.
fn confirmation_of(policy: &Retention, periods: &Periods, now: Moment) -> String {
    let periods = RetainedKind::ALL.iter().map(|kind| kind.said(periods.of(*kind))).collect::<Vec<_>>().join("/");
    let day = now.0.div_euclid(Moment::DAY);
    let mut digest = sha256_hex(format!("{}/{}/{periods}/{day}", policy.id, policy.revision).as_bytes());
    digest.truncate(32);
    digest
}

/// Checks periods for a preview; returns the current policy and the confirmation.
pub fn judge_periods(work: &mut UnitOfWork, actor: &Actor, periods: &Periods) -> Verb<(Retention, String)> {
    actor.may(Permission::RetentionWrite)?;
    let findings = RetainedKind::ALL.iter().filter_map(|kind| kind.checked(periods.of(*kind)).err()).collect();
    if let Some(refusal) = Refusal::of_all(findings) {
        return Err(refusal.into());
    }
    let policy = retention_of(work, &actor.environment)?;
    let confirmation = confirmation_of(&policy, periods, work.now());
    Ok((policy, confirmation))
}

/// Applies periods that were previewed, and records an event for each change.
pub fn change_retention(
    work: &mut UnitOfWork,
    actor: &Actor,
    periods: &Periods,
    confirmed: Option<&str>,
) -> Verb<Arc<Retention>> {
    let (policy, confirmation) = judge_periods(work, actor, periods)?;
    match confirmed {
        Some(confirmed) if confirmed == confirmation => {}
        Some(_) => {
            let sentence = "the preview that was confirmed is not of these periods as they would apply now; preview them \
                            again and confirm that preview";
            return Err(Refusal::new(RefusalKind::Stale, "preview-stale", sentence).at(CONFIRMATION).into());
        }
        None => {
            let sentence = "a change of retention needs meta.confirmation; preview the periods with POST \
                            /retention-policy/preview and send the confirmation that it returns";
            return Err(Refusal::rule("preview-needed", sentence).at(CONFIRMATION).into());
        }
    }
    let (now, before) = (work.now(), *policy.periods);
    if before == *periods {
        return Ok(Arc::new(policy));
    }
    if work.get::<Retention>(&policy.id)?.is_none() {
        work.insert(policy.clone());
    }
    let changed = work.change::<Retention>(&policy.id, |policy| {
        policy.periods = Json::new(*periods);
        policy.revision += 1;
        policy.changed_at = now;
        policy.progress.edit().is_working = periods.is_on();
        policy.due_at = periods.is_on().then_some(now);
    })?;
    for kind in RetainedKind::ALL.iter().filter(|kind| before.of(**kind) != periods.of(**kind)) {
        let tree = json!({"type": RETENTION_TYPE, "id": changed.id, "kind": kind.as_str()});
        let new_event = NewEvent::about(&*changed, "retention-policy.updated", tree).at_version(changed.revision);
        let new_event = new_event.from_to(&kind.said(before.of(*kind)), &kind.said(periods.of(*kind)));
        record(work, actor, new_event.with("retained-kind", kind.as_str()));
    }
    Ok(changed)
}

/// The place of the confirmation in a request.
const CONFIRMATION: &str = "/meta/confirmation";

impl Event {
    /// Whether its content is blank.
    pub fn is_blank(&self) -> bool {
        self.redaction_id.is_some() || self.retained_at.is_some()
    }

    /// Blanks the content because its period is over. The digest is kept and the salt is removed. `content_of` is kept, so
    /// that a later redaction finds the event and the run that caused it. An event from before digests gets one.
    pub fn retain(&mut self, now: Moment, salt: [u8; 32]) {
        if self.digest.is_none() {
            let salt = docket_kernel::hex(&salt[..SALT_BYTES]);
            self.digest = Some(content_digest(&salt, &self.context, &self.payload));
        }
        self.salt = None;
        self.context = Json::new(blank_context_of(&self.context));
        self.payload = Json::new(blank_tree(&self.payload));
        self.retained_at = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Moment = Moment(20_000 * Moment::DAY + Moment::DAY / 2);

    #[test]
    fn a_period_of_days_ends_with_a_day_and_one_of_hours_to_the_microsecond() {
        let periods = Periods { event_content: Some(90), answers: Some(2), ..Periods::default() };

        assert_eq!(periods.ends(RetainedKind::EventContent, NOON), Some(Moment(19_910 * Moment::DAY)));
        let last = Moment(20_001 * Moment::DAY - 1);
        assert_eq!(periods.ends(RetainedKind::EventContent, last), Some(Moment(19_910 * Moment::DAY)));
        let next = Moment(20_001 * Moment::DAY);
        assert_eq!(periods.ends(RetainedKind::EventContent, next), Some(Moment(19_911 * Moment::DAY)));
        assert_eq!(periods.ends(RetainedKind::Answers, NOON), Some(NOON.plus_seconds(-7_200)));
        assert_eq!(periods.ends(RetainedKind::RunHistory, NOON), None);
        assert_eq!(Periods::default().ends(RetainedKind::Answers, NOON), None, "the cleanup of all answers does it");
        assert!(periods.is_on() && !Periods::default().is_on());
    }

    #[test]
    fn a_period_within_the_bounds_is_taken_and_one_beyond_is_refused_with_them() {
        for kind in RetainedKind::ALL {
            let (first, last) = kind.bounds();
            assert!(kind.checked(Some(first)).is_ok() && kind.checked(Some(last)).is_ok(), "{kind}");
            assert_eq!(kind.checked(None).is_ok(), kind.may_be_kept(), "{kind}");
            for beyond in [first - 1, last + 1] {
                let refusal = kind.checked(Some(beyond)).unwrap_err();
                let bounds = format!("from {first} to {last}");
                assert!(refusal.sentence.contains(&bounds), "{}", refusal.sentence);
            }
        }
    }
}
