//! Why an event of a source is ignored.

use docket_events::Counter;
use docket_kernel::{Actor, PlantedBug, SourceId, UnitOfWork, Verb};

use crate::allow_list::{is_own_id, permits_event, permits_type};
use crate::object::{Object, key};
use crate::redact::belongs;
use crate::resource::Resource;
use crate::source::Source;
use crate::vendor::VendorEvent;

docket_kernel::text_enum! {
    /// Why a source's event was ignored.
    pub enum Ignored {
        /// The allow-list of the source does not permit its name or the type of its object, or the id is of what only
        /// Docket makes.
        Kind = "kind",
        /// Its name, or the type or id of its object, has another form than names have.
        Name = "name",
        /// Another source reported its object first.
        AnotherSource = "another-source",
        /// Its object was redacted, and content of it does not come back.
        Redacted = "redacted",
    }
}

impl Ignored {
    /// Why, in a sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Kind => {
                "the allow-list of this source does not permit this event; to permit it, add the event's name or the type of \
                 its object, unless that is one that only Docket has"
            }
            Self::Name => {
                "the event's name, or the type or id of its object, is not one line in the form of a name such as \
                 inquiry.completed"
            }
            Self::AnotherSource => "another source reported this object first; only that source can change it",
            Self::Redacted => "this object, or what it belongs to, was redacted; its content is not taken in again",
        }
    }
}

/// How many events of a source, and objects of its events, were ignored for a reason.
pub fn ignored_count(work: &mut UnitOfWork, source: &SourceId, reason: Ignored) -> Verb<i64> {
    Ok(work.get::<Counter>(&ignored_counter(source, reason))?.map_or(0, |counter| counter.value))
}

/// The counter of what a source reported and was ignored.
pub(crate) fn ignored_counter(source: &SourceId, reason: Ignored) -> String {
    format!("source-ignored:{source}:{reason}")
}

/// Why an event of a source is ignored: judged by its name and the type of its object, whether or not an id exists.
pub(crate) fn ignored(
    work: &mut UnitOfWork,
    actor: &Actor,
    source: &Source,
    event: &VendorEvent,
) -> Verb<Option<Ignored>> {
    if !event.is_well_named() {
        return Ok(Some(Ignored::Name));
    }
    let is_permitted =
        |resource: &Resource| permits_type(&source.allow_list, &resource.kind) && !is_own_id(&resource.id);
    let permits = permits_event(&source.allow_list, &event.name) && event.resource.as_ref().is_none_or(is_permitted);
    if !permits && !work.is_planted(PlantedBug::SourceReportsAnything) {
        return Ok(Some(Ignored::Kind));
    }
    let Some(resource) = &event.resource else { return Ok(None) };
    let known = work.get::<Object>(&key(&actor.environment, &resource.id))?;
    if known.is_some_and(|known| is_of_another(&known, source)) {
        return Ok(Some(Ignored::AnotherSource));
    }
    Ok(tells_of_redacted(work, actor, event)?.then_some(Ignored::Redacted))
}

/// Whether another source reported an object first. One that was only mentioned, or made by a person, a key or a run, is of
/// none yet.
pub(crate) fn is_of_another(object: &Object, source: &Source) -> bool {
    object.source_id.as_ref().is_some_and(|first| *first != source.id)
}

/// Whether the object an event tells of was redacted here, or belongs to an inquiry or an account that was redacted after
/// the object was made. What was made since is new.
fn tells_of_redacted(work: &mut UnitOfWork, actor: &Actor, event: &VendorEvent) -> Verb<bool> {
    let Some(resource) = &event.resource else { return Ok(false) };
    if Object::named(work, &actor.environment, &resource.id)?.is_some_and(|object| object.redacted_at.is_some()) {
        return Ok(true);
    }
    let made = resource.created_at.unwrap_or(event.created_at);
    for id in ["inquiry", "account"].into_iter().filter_map(|name| resource.related(name)) {
        if belongs(&resource.kind)
            && let Some(object) = Object::named(work, &actor.environment, id)?
            && object.redacted_at.is_some_and(|redacted_at| made <= redacted_at)
        {
            return Ok(true);
        }
    }
    Ok(false)
}
