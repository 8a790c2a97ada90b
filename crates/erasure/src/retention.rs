//! The passes of retention policies, which blank or remove what is older than its period.
//!
//! A pass handles a bounded number of rows of each kind in one commit, in the order of their age, and stores the position it
//! has reached. The policy is due again at once while there is more, and otherwise when the next period ends.

use docket_events::store::{EVENTS_AT_ONCE, EVENTS_BY_AGE};
use docket_events::{Event, Periods, RetainedKind, Retention, RetentionProgress};
use docket_kernel::{AgePosition, Aged, Moment, UnitOfWork, Verb};
use docket_objects::Receipt;
use docket_objects::store::RECEIPTS_BY_AGE;
use docket_workflows::store::{RUNS_AT_ONCE, RUNS_BY_AGE, RUNS_BY_BEGINNING};
use docket_workflows::{Run, may_be_retained, retain_run, retain_segments};

/// The maximum number of receipts, and of stored responses, that one pass removes.
const REMOVED_AT_ONCE: u32 = 200;
/// The maximum number of segments that one pass blanks.
const SEGMENTS_AT_ONCE: i64 = 50;
/// The delay before a failed pass is tried again, in seconds.
const AGAIN_SECONDS: i64 = 60;
/// The interval of passes for a period in hours, in seconds.
const HOURS_SECONDS: i64 = 600;

/// How stored responses are found and deleted. The API, which depends on this crate's callers, owns them.
#[derive(Clone, Copy, Debug)]
pub struct Answers {
    /// Stored responses by age.
    pub by_age: &'static Aged,
    /// Deletes the responses with these ids.
    pub forget: fn(&mut UnitOfWork, &[String]) -> Verb<()>,
}

/// The passes of retention policies.
#[derive(Clone, Copy, Debug, Default)]
pub struct Retaining {
    answers: Option<Answers>,
    blanks_runs_under_way: bool,
}

impl Retaining {
    /// Deletes stored responses too.
    #[must_use]
    pub fn with_answers(self, answers: Answers) -> Self {
        Self { answers: Some(answers), ..self }
    }

    /// Blanks runs that have not ended too: a planted bug.
    #[doc(hidden)]
    #[must_use]
    pub fn blanking_runs_under_way(self) -> Self {
        Self { blanks_runs_under_way: true, ..self }
    }

    /// Runs one pass of a policy.
    pub fn work_off_policy(&self, work: &mut UnitOfWork, id: &str) -> Verb<()> {
        let Some(policy) = work.get::<Retention>(id)?.filter(|policy| policy.due_at.is_some()) else { return Ok(()) };
        let (now, periods) = (work.now(), *policy.periods);
        let ends = |kind| periods.ends(kind, now);
        let mut pass = Pass { work: &mut *work, progress: (*policy.progress).clone(), has_more: false };
        if let Some(end) = ends(RetainedKind::EventContent) {
            pass.events(end)?;
        }
        if let Some(end) = ends(RetainedKind::RunHistory) {
            pass.runs(end, self.blanks_runs_under_way)?;
        }
        if let Some(end) = ends(RetainedKind::Receipts) {
            pass.receipts(end)?;
        }
        if let Some((end, answers)) = ends(RetainedKind::Answers).zip(self.answers) {
            pass.answers(end, &answers)?;
        }
        let Pass { mut progress, has_more, .. } = pass;
        progress.is_working = has_more;
        let due = if has_more { now } else { next_end(&periods, now) };
        work.change::<Retention>(id, |policy| {
            policy.progress = progress.into();
            policy.due_at = Some(due);
        })?;
        Ok(())
    }
}

/// When the next pass is due: at the start of the next day, or earlier if a period is in hours.
fn next_end(periods: &Periods, now: Moment) -> Moment {
    let tomorrow = Moment((now.0.div_euclid(Moment::DAY) + 1) * Moment::DAY);
    match periods.ends(RetainedKind::Answers, now) {
        Some(_) => tomorrow.min(now.plus_seconds(HOURS_SECONDS)),
        None => tomorrow,
    }
}

/// Records a failed pass: it is counted and tried again later.
pub fn policy_failed(work: &mut UnitOfWork, id: &str) -> Verb<()> {
    let again = work.now().plus_seconds(AGAIN_SECONDS);
    if work.get::<Retention>(id)?.is_some_and(|policy| policy.due_at.is_some()) {
        work.change::<Retention>(id, |policy| {
            policy.failures += 1;
            policy.due_at = Some(again);
        })?;
    }
    Ok(())
}

/// Defers a policy.
pub fn put_policy_off(work: &mut UnitOfWork, id: &str, due: Moment) -> Verb<()> {
    if work.get::<Retention>(id)?.is_some_and(|policy| policy.due_at.is_some()) {
        work.change::<Retention>(id, |policy| policy.due_at = Some(due))?;
    }
    Ok(())
}

struct Pass<'w> {
    work: &'w mut UnitOfWork,
    progress: RetentionProgress,
    has_more: bool,
}

impl Pass<'_> {
    /// The positions of the oldest rows of a kind, for this pass.
    fn oldest(
        &mut self,
        kind: RetainedKind,
        question: &'static Aged,
        end: Moment,
        limit: u32,
    ) -> Verb<Vec<AgePosition>> {
        let place = self.progress.of(kind).place.clone();
        let found = self.work.aged(question, &place, end, limit)?;
        self.has_more |= found.len() >= limit as usize;
        Ok(found.to_vec())
    }

    /// Stores that a row is done, and whether it was blanked or removed.
    fn done(&mut self, kind: RetainedKind, place: AgePosition, was_blanked: bool) {
        let progress = self.progress.of_mut(kind);
        progress.place = place;
        progress.count += i64::from(was_blanked);
    }

    /// Blanks the content of events.
    fn events(&mut self, end: Moment) -> Verb<()> {
        let kind = RetainedKind::EventContent;
        let places = self.oldest(kind, &EVENTS_BY_AGE, end, EVENTS_AT_ONCE)?;
        for place in &places {
            self.work.hint::<Event>(&place.key);
        }
        for place in places {
            let blanks = self.work.get::<Event>(&place.key)?.is_some_and(|event| !event.is_blank());
            if blanks {
                let (now, salt) = (self.work.now(), self.work.secret());
                self.work.change::<Event>(&place.key, |event| event.retain(now, salt))?;
            }
            self.done(kind, place, blanks);
        }
        Ok(())
    }

    /// Blanks the histories of runs that have ended. A run that is redacted is left to its redaction.
    fn runs(&mut self, end: Moment, are_under_way_too: bool) -> Verb<()> {
        let kind = RetainedKind::RunHistory;
        let question = if are_under_way_too { &RUNS_BY_BEGINNING } else { &RUNS_BY_AGE };
        let places = self.oldest(kind, question, end, RUNS_AT_ONCE)?;
        for place in &places {
            self.work.hint::<Run>(&place.key);
        }
        let mut room = SEGMENTS_AT_ONCE;
        for place in places {
            if room <= 0 {
                self.has_more = true;
                break;
            }
            let run = self.work.get::<Run>(&place.key)?;
            let run = run.filter(|run| may_be_retained(run) || are_under_way_too && run.retained_at.is_none());
            let Some(run) = run else {
                self.progress.segment = 0;
                self.done(kind, place, false);
                continue;
            };
            let (count, next) = retain_segments(self.work, &run, self.progress.segment, room)?;
            room -= count.max(1);
            if let Some(next) = next {
                self.progress.segment = next;
                self.has_more = true;
                break;
            }
            retain_run(self.work, &run)?;
            self.progress.segment = 0;
            self.done(kind, place, true);
        }
        Ok(())
    }

    /// Removes receipts.
    fn receipts(&mut self, end: Moment) -> Verb<()> {
        let kind = RetainedKind::Receipts;
        let places = self.oldest(kind, &RECEIPTS_BY_AGE, end, REMOVED_AT_ONCE)?;
        for place in &places {
            self.work.hint::<Receipt>(&place.key);
        }
        for place in places {
            self.work.remove::<Receipt>(&place.key)?;
            self.done(kind, place, true);
        }
        Ok(())
    }

    /// Deletes stored responses. A response that was stored anew has a later position.
    fn answers(&mut self, end: Moment, answers: &Answers) -> Verb<()> {
        let kind = RetainedKind::Answers;
        let places = self.oldest(kind, answers.by_age, end, REMOVED_AT_ONCE)?;
        let ids: Vec<String> = places.iter().map(|place| place.key.to_string()).collect();
        (answers.forget)(self.work, &ids)?;
        for place in places {
            self.done(kind, place, true);
        }
        Ok(())
    }
}
