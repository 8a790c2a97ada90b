//! Blanking the copies of what was redacted: the events that kept it, the runs that read it, the comments and files on it
//! and the answers that showed it.
//!
//! A redaction is worked off in passes. Each blanks a bounded number of copies of every kind in one commit, writes down
//! what it found and how many it blanked, and is due again until nothing is left: a node that dies between two passes
//! loses nothing. Copies are found by columns that a blanked row leaves, so no pass keeps a position.

mod before;
mod retention;

use docket_cases::{CHUNKS_REMOVED_MAX, blank_comments, remove_file};
use docket_events::store::EVENTS_WITH_CONTENT;
use docket_events::{Blanked, Counts, Event, Left, Redaction};
use docket_kernel::{Json, UnitOfWork, Verb};
use docket_objects::store::REDACTED_WITH;
use docket_objects::{Object, redact_with};
use docket_workflows::store::{READS_OF_OBJECT, RUNS_WITH_CONTENT};
use docket_workflows::{Run, RunRead, STEP_FAILED, blank_run, blank_segments};

pub use before::{Again, Made, redact_as_before};
pub use retention::{Answers, Retaining, policy_failed, put_policy_off};

/// How many objects and comments are blanked in one pass.
pub const PARTS_AT_ONCE: usize = 100;
/// How many segments of the histories of runs are blanked in one pass.
const SEGMENTS_AT_ONCE: i64 = 50;
/// With so many runs found and not blanked yet, a pass looks for no more copies: what is left to do stays small.
const RUNS_LEFT_MAX: usize = 500;
/// A pass that failed or changed nothing is followed by the next one so many seconds later.
const AGAIN_SECONDS: i64 = 30;

/// Blanks some of the remembered answers about a redacted object. Answers belong to the API, which stands above this room.
pub type BlankAnswers = fn(&mut UnitOfWork, &Redaction) -> Verb<Blanked>;

/// What works redactions off.
#[derive(Clone, Copy, Debug, Default)]
pub struct Erasure {
    answers: Option<BlankAnswers>,
    planted: Option<Forgotten>,
}

/// A kind of copy that is forgotten on purpose, for the proof that tests find it.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forgotten {
    /// The histories of runs.
    RunHistory,
    /// Runs that have ended.
    EndedRuns,
    /// Every copy: what is not blanked is hidden all the same.
    Everything,
}

impl Erasure {
    /// Blanks remembered answers too.
    #[must_use]
    pub fn with_answers(self, answers: BlankAnswers) -> Self {
        Self { answers: Some(answers), ..self }
    }

    /// Forgets a kind of copy.
    #[doc(hidden)]
    #[must_use]
    pub fn forgetting(self, planted: Forgotten) -> Self {
        Self { planted: Some(planted), ..self }
    }

    /// One pass of a redaction: in the commit of what asked for it, and then whenever it is due.
    pub fn work_off(&self, work: &mut UnitOfWork, id: &str) -> Verb<()> {
        let Some(redaction) = work.get::<Redaction>(id)?.filter(|redaction| redaction.done_at.is_none()) else {
            return Ok(());
        };
        if self.planted == Some(Forgotten::Everything) {
            return failed(work, id);
        }
        let mut pass = Pass {
            work: &mut *work,
            redaction: &redaction,
            left: (*redaction.work).clone(),
            counts: *redaction.counts,
            rows: 0,
            has_more: false,
            planted: self.planted,
        };
        pass.objects()?;
        if pass.left.runs.len() < RUNS_LEFT_MAX {
            pass.events()?;
            pass.find_runs()?;
        }
        pass.runs()?;
        pass.parts_of_case()?;
        if let Some(answers) = self.answers {
            pass.answers(answers)?;
        }
        let Pass { left, counts, rows, has_more, .. } = pass;
        let (now, is_done) = (work.now(), !has_more && left == Left::default());
        work.change::<Redaction>(id, |redaction| {
            redaction.work = Json::new(left);
            redaction.counts = Json::new(counts);
            (redaction.due_at, redaction.done_at) = match (is_done, rows) {
                (true, _) => (None, Some(now)),
                // Nothing it found could be blanked: the next pass may find it so again, and others have their turn.
                (false, 0) => (Some(now.plus_seconds(AGAIN_SECONDS)), None),
                (false, _) => (Some(now), None),
            };
            redaction.failures += i64::from(!is_done && rows == 0);
        })?;
        Ok(())
    }
}

/// Notes that a pass failed: it is tried again later, and counted.
pub fn failed(work: &mut UnitOfWork, id: &str) -> Verb<()> {
    let again = work.now().plus_seconds(AGAIN_SECONDS);
    if work.get::<Redaction>(id)?.is_some_and(|redaction| redaction.done_at.is_none()) {
        work.change::<Redaction>(id, |redaction| {
            redaction.failures += 1;
            redaction.due_at = Some(again);
        })?;
    }
    Ok(())
}

/// Puts a redaction off.
pub fn put_off(work: &mut UnitOfWork, id: &str, due: docket_kernel::Moment) -> Verb<()> {
    if work.get::<Redaction>(id)?.is_some_and(|redaction| redaction.done_at.is_none()) {
        work.change::<Redaction>(id, |redaction| redaction.due_at = Some(due))?;
    }
    Ok(())
}

struct Pass<'w> {
    work: &'w mut UnitOfWork,
    redaction: &'w Redaction,
    left: Left,
    counts: Counts,
    /// How many rows it changed or removed.
    rows: i64,
    has_more: bool,
    planted: Option<Forgotten>,
}

impl Pass<'_> {
    /// Redacts what is redacted with it: what its relationships named, and what names it.
    fn objects(&mut self) -> Verb<()> {
        if self.redaction.object_type == "case" {
            return Ok(());
        }
        // In the commit of the redaction all that is there was made before, whatever the clock of a vendor says; what is
        // made for an account after it is new.
        let is_first = self.work.now() == self.redaction.redacted_at;
        let until = self.redaction.reaches_until().filter(|_| !is_first);
        let (found, more) = self.work.some_until::<Object>(&REDACTED_WITH, &self.redaction.id, until)?;
        self.has_more |= more;
        let rest = self.left.objects.split_off(self.left.objects.len().min(PARTS_AT_ONCE));
        let named = std::mem::replace(&mut self.left.objects, rest);
        self.rows += rows(named.len());
        for id in named.iter().map(String::as_str).chain(found.iter().map(|object| object.shown_id())) {
            let redacted = i64::from(redact_with(self.work, self.redaction, id)?);
            self.counts.objects += redacted;
            self.rows += redacted;
        }
        Ok(())
    }

    /// Blanks the events that keep its content, and finds the runs that caused them.
    fn events(&mut self) -> Verb<()> {
        let (about, until) = (&self.redaction.object_id, self.redaction.reaches_until());
        let (events, more) = self.work.some_until::<Event>(&EVENTS_WITH_CONTENT, about, until)?;
        self.has_more |= more;
        for event in &events {
            self.blank_event(event)?;
            if let Some(run) = &event.cause_run_id {
                self.found(run);
            }
        }
        Ok(())
    }

    fn blank_event(&mut self, event: &Event) -> Verb<()> {
        let salt = self.work.secret();
        self.work.change::<Event>(event.id.as_str(), |event| event.blank(&self.redaction.id, salt))?;
        self.counts.events += 1;
        self.rows += 1;
        Ok(())
    }

    fn found(&mut self, run: &str) {
        if !self.left.runs.iter().any(|(known, _)| known == run) {
            self.left.runs.push((run.to_owned(), 0));
        }
    }

    /// Blanks the rows of runs that its events started and of those that read it.
    fn find_runs(&mut self) -> Verb<()> {
        let (about, until) = (&self.redaction.object_id, self.redaction.reaches_until());
        let (started, more) = self.work.some_until::<Run>(&RUNS_WITH_CONTENT, about, until)?;
        self.has_more |= more;
        for run in &started {
            self.blank_run(run.id.as_str())?;
            self.found(run.id.as_str());
        }
        let (reads, more) = self.work.some_until::<RunRead>(&READS_OF_OBJECT, about, until)?;
        self.has_more |= more;
        for read in &reads {
            self.found(read.run_id.as_str());
            self.work.remove::<RunRead>(&read.id)?;
        }
        self.rows += rows(reads.len());
        Ok(())
    }

    fn blank_run(&mut self, id: &str) -> Verb<()> {
        if self.planted == Some(Forgotten::EndedRuns)
            && self.work.get::<Run>(id)?.is_some_and(|run| run.completed_at.is_some())
        {
            return Ok(());
        }
        let blanked = i64::from(blank_run(self.work, id, &self.redaction.id)?);
        self.counts.runs += blanked;
        self.rows += blanked;
        Ok(())
    }

    /// Blanks the runs that were found, with their histories.
    fn runs(&mut self) -> Verb<()> {
        if self.planted == Some(Forgotten::RunHistory) {
            self.left.runs.clear();
        }
        let mut room = SEGMENTS_AT_ONCE;
        while room > 0
            && let Some((run, from)) = self.left.runs.first().cloned()
        {
            self.blank_run(&run)?;
            let blanked = blank_segments(self.work, &run, from, &self.redaction.id, room)?;
            self.counts.segments += blanked.count;
            // What is left of the run is less, whether or not there was anything to blank.
            self.rows += blanked.count.max(1);
            for event in &blanked.events {
                let event = self.work.get::<Event>(event.as_str())?.filter(|event| event.redaction_id.is_none());
                if let Some(event) = event.filter(|event| event.name.ends_with(STEP_FAILED)) {
                    self.blank_event(&event)?;
                }
            }
            match blanked.next {
                Some(next) => {
                    self.left.runs[0].1 = next;
                    room = 0;
                }
                None => drop(self.left.runs.remove(0)),
            }
            room -= blanked.count.max(1);
        }
        Ok(())
    }

    /// Blanks the comments of a case and removes its files.
    fn parts_of_case(&mut self) -> Verb<()> {
        if self.redaction.object_type != "case" {
            return Ok(());
        }
        let (comments, more) = blank_comments(self.work, self.redaction, PARTS_AT_ONCE)?;
        self.counts.comments += comments;
        self.has_more |= more;
        let mut room = CHUNKS_REMOVED_MAX;
        while room > 0
            && let Some(file) = self.left.files.first().cloned()
            && remove_file(self.work, &file, &mut room)?
        {
            self.left.files.remove(0);
            self.counts.files += 1;
            self.rows += 1;
        }
        self.rows += comments + CHUNKS_REMOVED_MAX - room;
        Ok(())
    }

    fn answers(&mut self, blank: BlankAnswers) -> Verb<()> {
        let blanked = blank(self.work, self.redaction)?;
        self.counts.answers += blanked.copies;
        self.rows += blanked.rows;
        self.has_more |= blanked.more;
        Ok(())
    }
}

fn rows(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
