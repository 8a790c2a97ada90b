//! The work of the writer: one item of a batch.

use std::any::Any;
use std::sync::Arc;

use docket_kernel::{Moment, Progress, Refusal, Scope, Seed, Task, UnitOfWork, Verb};
use tokio::sync::oneshot;

/// Why the writer did not complete an item.
#[derive(Clone, Debug, thiserror::Error)]
pub enum WriteError {
    /// The verb refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Too many items are waiting; nothing was done.
    #[error("too many changes are waiting; try again in a second")]
    Overloaded,
    /// A row stayed busy; nothing was done.
    #[error("what this request changes is being changed by other requests; try again in a second")]
    Busy,
    /// The database can't accept it now; nothing was done.
    #[error("the database can't take changes now ({0}); nothing was changed, try again")]
    Unavailable(String),
    /// The connection broke during the commit.
    #[error("it is not known whether this request took effect; repeat it with the same Idempotency-Key")]
    OutcomeUnknown,
    /// Docket is stopping; nothing was done.
    #[error("docket is stopping; try again on another node")]
    Stopping,
}

impl WriteError {
    /// A stable code for programs.
    pub fn code(&self) -> &str {
        match self {
            Self::Refused(refusal) => &refusal.code,
            Self::Overloaded => "overloaded",
            Self::Busy => "busy",
            Self::Unavailable(_) => "unavailable",
            Self::OutcomeUnknown => "outcome-unknown",
            Self::Stopping => "stopping",
        }
    }
}

pub(crate) type Done = Box<dyn Any + Send>;

/// The value that a command returned.
pub(crate) fn value_of<T: 'static>(done: Done) -> T {
    *done.downcast::<T>().unwrap_or_else(|_| unreachable!("a command answers with its own type"))
}
pub(crate) type Reply = Result<Done, WriteError>;
type AnyVerb<T> = Box<dyn Fn(&mut UnitOfWork) -> Verb<T> + Send + Sync>;
type ErasedVerb = AnyVerb<Done>;
type Finale<T> = Box<dyn Fn(&mut UnitOfWork, &T) -> Verb<Option<T>> + Send + Sync>;
type ErasedFinale = Box<dyn Fn(&mut UnitOfWork, &Done) -> Verb<Option<Done>> + Send + Sync>;

fn erased_finale<T: Send + 'static>(finale: Finale<T>) -> ErasedFinale {
    Box::new(move |work, first| match first.downcast_ref::<T>() {
        Some(first) => Ok(finale(work, first)?.map(|value| Box::new(value) as Done)),
        None => Ok(None),
    })
}

/// A verb with all its arguments, ready to be run more than once.
pub struct Command<T> {
    pub(crate) name: &'static str,
    pub(crate) scope: Scope,
    pub(crate) lane: Option<Arc<str>>,
    pub(crate) weight: usize,
    pub(crate) verb: AnyVerb<T>,
    pub(crate) finale: Option<Finale<T>>,
}

impl<T> std::fmt::Debug for Command<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Command").field("name", &self.name).finish_non_exhaustive()
    }
}

impl<T: Send + 'static> Command<T> {
    /// A command of this name that sees the rows of this scope.
    pub fn new(
        name: &'static str,
        scope: Scope,
        verb: impl Fn(&mut UnitOfWork) -> Verb<T> + Send + Sync + 'static,
    ) -> Self {
        Self { name, scope, lane: None, weight: 256, verb: Box::new(verb), finale: None }
    }

    /// Replaces the answer when all reactions are done, in the same commit; `None` keeps the first answer.
    #[must_use]
    pub fn finally(mut self, finale: impl Fn(&mut UnitOfWork, &T) -> Verb<Option<T>> + Send + Sync + 'static) -> Self {
        self.finale = Some(Box::new(finale));
        self
    }

    /// Sets its subject: commands of one subject use the same lane, so that they do not find each other's rows busy.
    #[must_use]
    pub fn about(mut self, subject: &str) -> Self {
        self.lane = Some(Arc::from(subject));
        self
    }

    /// Sets how many bytes it occupies while it waits.
    #[must_use]
    pub fn weighing(mut self, bytes: usize) -> Self {
        self.weight = bytes + 256;
        self
    }

    pub(crate) fn into_item(self, seed: Seed) -> (Item, oneshot::Receiver<Reply>) {
        let (reply, answer) = oneshot::channel();
        let verb = self.verb;
        let erased: ErasedVerb = Box::new(move |work| verb(work).map(|value| Box::new(value) as Done));
        let item = Item {
            name: self.name,
            scope: self.scope,
            weight: self.weight,
            verb: Some(erased),
            finale: self.finale.map(erased_finale),
            tasks: Vec::new(),
            reply: Some(reply),
            seed,
            postponed: 0,
            retry_mode: RetryMode::Normal,
            reason: None,
        };
        (item, answer)
    }
}

/// How an item is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryMode {
    /// With its reactions, up to the inline bound.
    Normal,
    /// It failed alone: its reactions are only queued as runs.
    WithoutReactions,
    /// A due task that failed alone: one step of it, so that the failing step is found and earlier steps are kept.
    OneStep,
    /// A due task whose next step failed alone: recorded as failed.
    Failed,
    /// A due task that met a busy row after a completed stage: deferred for a moment.
    Later,
    /// Due work that can be neither done nor recorded as failed: retried later, and finally parked.
    Parked,
}

/// After this many postponements an item runs alone and waits for its rows.
const POSTPONEMENTS_MAX: u8 = 5;

/// One item: a command whose caller waits for an answer, or due work.
pub(crate) struct Item {
    pub name: &'static str,
    pub scope: Scope,
    pub weight: usize,
    pub verb: Option<ErasedVerb>,
    /// Replaces the answer when all reactions are done.
    pub finale: Option<ErasedFinale>,
    /// The first tasks of due work.
    pub tasks: Vec<Task>,
    pub reply: Option<oneshot::Sender<Reply>>,
    pub seed: Seed,
    pub postponed: u8,
    pub retry_mode: RetryMode,
    /// Why it is parked, if it is.
    pub reason: Option<Arc<str>>,
}

impl Item {
    pub fn answer(&mut self, reply: Reply) {
        if let Some(sender) = self.reply.take() {
            // The caller may be gone; what was done stays done.
            drop(sender.send(reply));
        }
    }

    /// Whether it was postponed so often that it has to run alone and wait.
    pub fn is_impatient(&self) -> bool {
        self.postponed >= POSTPONEMENTS_MAX
    }

    /// Whether the caller was gone before the writer took the item.
    pub fn is_abandoned(&self) -> bool {
        self.reply.as_ref().is_some_and(oneshot::Sender::is_closed)
    }
}

impl std::fmt::Debug for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Item").field("name", &self.name).field("postponed", &self.postponed).finish_non_exhaustive()
    }
}

/// Work that can't be done is retried after this time, unless the reactor sets another.
const PARKED_SECONDS: i64 = 60;

/// Reacts to what verbs recorded, in the same commit. The server passes it to the writer; storage depends on no noun.
pub trait Reactor: Send + Sync {
    /// Performs one step of a task.
    fn perform(&self, work: &mut UnitOfWork, task: &Task) -> Verb<Progress>;

    /// Defers a task: it is stored as due at this instant, and any node can claim it from then on.
    fn defer(&self, work: &mut UnitOfWork, task: &Task, due: Moment) -> Verb<()>;

    /// Records that a task can't be done, so that it is not retried forever.
    fn fail(&self, work: &mut UnitOfWork, task: &Task, refusal: &Refusal) -> Verb<()>;

    /// Records that a due task can be neither done nor recorded as failed, and why. Returns the time of the next try;
    /// `None` if the task is parked until a person decides.
    fn park(&self, work: &mut UnitOfWork, environment: &Arc<str>, task: &Task, reason: &str) -> Verb<Option<Moment>> {
        let _ = (environment, task, reason);
        Ok(Some(work.now().plus_seconds(PARKED_SECONDS)))
    }

    /// Which rows the reactions in an environment see: the same whether they run in a request's commit or later. Called
    /// with the scope of the whole installation.
    fn scope_of(&self, work: &mut UnitOfWork, environment: &Arc<str>) -> Verb<Scope> {
        let _ = work;
        Ok(Scope::Of(Arc::clone(environment)))
    }

    /// Whether a task may be deferred (a run may; an event starts its runs at once).
    fn may_defer(&self, task: &Task) -> bool;

    /// Tables whose rows are kept for a limited time: the table, the column with the start of that time, and its length
    /// in seconds.
    fn kept(&self) -> Vec<(&'static docket_kernel::Table, &'static str, i64)> {
        Vec::new()
    }

    /// The table whose due rows are tasks, and the topic of these tasks.
    fn due(&self) -> Option<(&'static docket_kernel::Table, &'static str)>;

    /// Further tables whose due rows are tasks, each a pass over many rows: a batch takes one task of each table.
    fn due_beside(&self) -> &[(&'static docket_kernel::Table, &'static str)] {
        &[]
    }

    /// A bug planted in every unit of work of this database, for the proof that tests find it.
    #[doc(hidden)]
    fn planted(&self) -> Option<docket_kernel::PlantedBug> {
        None
    }
}

/// A reactor that does nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoReactor;

impl Reactor for NoReactor {
    fn perform(&self, _: &mut UnitOfWork, _: &Task) -> Verb<Progress> {
        Ok(Progress::Done)
    }
    fn defer(&self, _: &mut UnitOfWork, _: &Task, _: Moment) -> Verb<()> {
        Ok(())
    }
    fn fail(&self, _: &mut UnitOfWork, _: &Task, _: &Refusal) -> Verb<()> {
        Ok(())
    }
    fn may_defer(&self, _: &Task) -> bool {
        false
    }
    fn due(&self) -> Option<(&'static docket_kernel::Table, &'static str)> {
        None
    }
}
