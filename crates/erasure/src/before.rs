//! Redactions that were made in a newer copy of a database, made again in one that was restored from an older backup.

use docket_cases::{Case, redact_case};
use docket_events::{Redaction, redaction_key};
use docket_kernel::{Actor, CaseId, Moment, UnitOfWork, Verb};
use docket_objects::redact_again;

/// A redaction as it was made before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The type of the object.
    pub object_type: String,
    /// The object, by the id the API shows.
    pub object_id: String,
    /// The object whose redaction included this one.
    pub redacted_with: Option<String>,
    /// The kind of actor who asked for it.
    pub actor_type: String,
    /// Their id.
    pub actor_id: Option<String>,
    /// Their id as the API shows it.
    pub actor_shown: Option<String>,
    /// When: content from until then was erased.
    pub redacted_at: Moment,
    /// When the object was redacted first.
    pub created_at: Moment,
}

impl From<&Redaction> for Made {
    fn from(redaction: &Redaction) -> Self {
        let with = redaction.cause_id.as_deref().and_then(|cause| cause.split_once('/'));
        Self {
            object_type: redaction.object_type.clone(),
            object_id: redaction.object_id.clone(),
            redacted_with: with.map(|(_, id)| id.to_owned()),
            actor_type: redaction.actor_type.clone(),
            actor_id: redaction.actor_id.clone(),
            actor_shown: redaction.actor_shown.clone(),
            redacted_at: redaction.redacted_at,
            created_at: redaction.created_at,
        }
    }
}

docket_kernel::text_enum! {
    /// What became of a redaction that was to be made again.
    pub enum Again {
        /// The object is redacted now.
        Redacted = "redacted",
        /// It was redacted here as late as that, or later.
        Before = "before",
        /// The object is not here.
        Absent = "absent",
    }
}

/// Redacts an object as it was redacted before. It says who asked for that then; what is erased is all that is here now.
pub fn redact_as_before(work: &mut UnitOfWork, actor: &Actor, made: &Made) -> Verb<Again> {
    let key = redaction_key(&actor.environment, &made.object_id);
    if work.get::<Redaction>(&key)?.is_some_and(|known| known.redacted_at >= made.redacted_at) {
        return Ok(Again::Before);
    }
    let redacted = if made.object_type == "case" { case(work, actor, made)? } else { object(work, actor, made)? };
    let again = match redacted {
        None => Again::Absent,
        Some(false) => Again::Before,
        Some(true) => Again::Redacted,
    };
    if again == Again::Redacted {
        work.change::<Redaction>(&key, |redaction| {
            redaction.actor_type.clone_from(&made.actor_type);
            redaction.actor_id.clone_from(&made.actor_id);
            redaction.actor_shown.clone_from(&made.actor_shown);
            redaction.created_at = made.created_at;
        })?;
    }
    Ok(again)
}

/// Whether the case was not redacted here before; nothing where it is not here.
fn case(work: &mut UnitOfWork, actor: &Actor, made: &Made) -> Verb<Option<bool>> {
    let Some(case) = work.get::<Case>(&made.object_id)? else { return Ok(None) };
    if case.redacted_at.is_some() {
        return Ok(Some(false));
    }
    redact_case(work, actor, &CaseId::of(made.object_id.as_str())).map(|_| Some(true))
}

fn object(work: &mut UnitOfWork, actor: &Actor, made: &Made) -> Verb<Option<bool>> {
    let cause = match &made.redacted_with {
        Some(with) => work.get::<Redaction>(&redaction_key(&actor.environment, with))?,
        None => None,
    };
    redact_again(work, actor, &made.object_id, cause.as_deref())
}
