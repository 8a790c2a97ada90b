//! The reasons for ignoring an event of a source.

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
        /// The allow-list of the source does not permit its name or the type of its object, or the id has the form of
        /// ids that only Docket assigns.
        Kind = "kind",
        /// Its name, or the type or id of its object, is not well formed.
        Name = "name",
        /// Another source reported its object first.
        AnotherSource = "another-source",
        /// Its object was redacted; its content is not accepted again.
        Redacted = "redacted",
    }
}

impl Ignored {
    /// The reason as a sentence.
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

/// The number of events of a source, and of objects in its events, that were ignored for a reason.
pub fn ignored_count(work: &mut UnitOfWork, source: &SourceId, reason: Ignored) -> Verb<i64> {
    Ok(work.get::<Counter>(&ignored_counter(source, reason))?.map_or(0, |counter| counter.value))
}

/// The name of the counter of ignored events and objects of a source.
pub(crate) fn ignored_counter(source: &SourceId, reason: Ignored) -> String {
    format!("source-ignored:{source}:{reason}")
}

/// Why an event of a source is ignored: decided by its name and the type of its object, whether or not an id exists.
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

/// Whether another source was the first to report an object. An object that was only mentioned, or created by a person,
/// a key or a run, has no source yet.
pub(crate) fn is_of_another(object: &Object, source: &Source) -> bool {
    object.source_id.as_ref().is_some_and(|first| *first != source.id)
}

/// Whether the object of an event was redacted here, or belongs to an inquiry or an account that was redacted after the
/// object was created. An object created since then is new.
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
