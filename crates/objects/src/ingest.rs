//! Ingesting a vendor's event: updates its objects, records the event, and starts workflows.

use std::collections::HashSet;
use std::sync::Arc;

use docket_events::{NewEvent, Subject, record};
use docket_kernel::{
    Actor, EnvironmentId, EventId, Json, Moment, Permission, ReceiptId, Refusal, SourceId, UnitOfWork, Verb,
};
use serde_json::{Map, Value};

use crate::adjusted::{Adjusted, adjusted_list};
use crate::allow_list::{is_own_id, permits_included};
use crate::ignored::{Ignored, ignored, ignored_counter, is_of_another};
use crate::inquiry::DECISION;
use crate::object::{Object, key, tree, typed_fields};
use crate::resource::Resource;
use crate::size::{OBJECT_BYTES_MAX, cut};
use crate::source::{Source, hold_source};
use crate::vendor::{CLOCK_AHEAD_SECONDS_MAX, VendorEvent, read};

docket_kernel::entity! {
    /// The receipt of an ingested vendor event: the same event again has no effect.
    pub struct Receipt in "receipt" {
        table: { rank: 95, lock: Append, scope: environment_id, unique: ["receipt_key"], asked: [] },
        /// Its id.
        id: ReceiptId,
        /// The environment it was received in.
        environment_id: EnvironmentId,
        /// The source's id and the vendor's event id, joined.
        receipt_key: String,
        /// The event's name.
        name: String,
        /// The event recorded for it.
        event_id: Option<EventId>,
        /// When it was received.
        created_at: Moment,
        /// Why the event was ignored: `kind`, `name`, `another-source` or `redacted`.
        ignored: Option<Ignored>,
    }
}

/// The outcome of a vendor's event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Recorded as this event.
    Recorded(EventId),
    /// It had already been ingested; nothing was done.
    Before,
    /// The source may not report it: nothing was done.
    Ignored(Ignored),
}

/// A delivered vendor event: its outcome, and the parts that were not accepted as sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// The outcome.
    pub taken: Taken,
    /// What was replaced, corrected or left out.
    pub adjusted: Vec<Adjusted>,
}

/// Like [`deliver`], for a body in which nothing was replaced; returns only the outcome.
pub fn take_in(work: &mut UnitOfWork, actor: &Actor, source: &SourceId, body: &Value) -> Verb<Taken> {
    deliver(work, actor, source, body, &[]).map(|delivered| delivered.taken)
}

/// Ingests the body of a webhook with a valid signature. `replaced` lists what was already replaced in the body. Events
/// that the source's allow-list does not permit, and objects that another source reported first, are ignored: they are
/// counted, and an ignored event gets a receipt.
pub fn deliver(
    work: &mut UnitOfWork,
    actor: &Actor,
    source: &SourceId,
    body: &Value,
    replaced: &[Adjusted],
) -> Verb<Delivered> {
    actor.may(Permission::SourceIngest)?;
    let event = read(body, work.now())?;
    hint(work, actor, &event);
    let receipt_key = format!("{source}:{}", event.id);
    work.hint_find::<Receipt>("receipt_key", &receipt_key);
    hold_source(work, source)?;
    if work.find::<Receipt>("receipt_key", &receipt_key)?.is_some() {
        return Ok(Delivered { taken: Taken::Before, adjusted: Vec::new() });
    }
    let Some(source) = work.get::<Source>(source.as_str())? else {
        return Err(Refusal::unknown("source", source.as_str()).into());
    };
    let mut adjusted = [replaced, event.adjusted.as_slice()].concat();
    let ignored = ignored(work, actor, &source, &event)?;
    let event_id = match ignored {
        None => Some(recorded(work, actor, &source, &event, &mut adjusted)?),
        Some(reason) => {
            work.count(actor.environment.as_str(), &ignored_counter(&source.id, reason), 1);
            None
        }
    };
    let receipt = Receipt {
        id: ReceiptId::of(work.new_id(ReceiptId::PREFIX)),
        environment_id: actor.environment.clone(),
        receipt_key,
        name: event.name.chars().filter(|c| !c.is_control()).collect(),
        event_id: event_id.clone(),
        created_at: work.now(),
        ignored,
    };
    work.insert(receipt);
    Ok(match (event_id, ignored) {
        (Some(id), _) => Delivered { taken: Taken::Recorded(id), adjusted },
        (None, reason) => Delivered { taken: Taken::Ignored(reason.unwrap_or(Ignored::Kind)), adjusted: Vec::new() },
    })
}

fn recorded(
    work: &mut UnitOfWork,
    actor: &Actor,
    source: &Source,
    event: &VendorEvent,
    adjusted: &mut Vec<Adjusted>,
) -> Verb<EventId> {
    let seen = bring_up_to_date(work, actor, source, event, adjusted)?;
    let (object, version) = shown(actor, event, seen.as_deref());
    let mut new_event = match seen.as_deref() {
        Some(row) => NewEvent::about(row, event.name.as_str(), object),
        None => NewEvent::of_no_row(event.name.as_str(), object),
    };
    // Parents included in the event are loaded. Parents that are only mentioned are not, because many events mention
    // them at the same time. The event is not counted for a parent that belongs to another source.
    for name in PARENTS {
        let parent = event.resource.as_ref().and_then(|resource| resource.related(name));
        let came = |id: &&str| event.included.iter().any(|one| one.id == **id && may_include(source, one));
        let Some(id) = parent.filter(came) else { continue };
        if let Some(parent) = work.get::<Object>(&key(&actor.environment, id))?
            && !is_of_another(&parent, source)
        {
            new_event = new_event.under(id, Subject::of(&*parent));
        }
    }
    new_event = new_event
        .at_version(version)
        .reported_by(source.id.as_str(), &source.name)
        .with("vendor-event-id", event.id.as_str())
        .with("vendor-created-at", event.created_at.to_string());
    if !adjusted.is_empty() {
        new_event = new_event.with("adjusted", adjusted_list(adjusted));
    }
    Ok(record(work, actor, new_event))
}

/// The relations that name the parents of an event's object.
const PARENTS: [&str; 2] = ["inquiry", "account"];

/// Requests at once all rows that a typical event needs.
fn hint(work: &mut UnitOfWork, actor: &Actor, event: &VendorEvent) {
    let whole = event.whole();
    for resource in event.resource.iter().chain(&event.included) {
        work.hint::<Object>(&key(&actor.environment, &resource.id));
        if let Some(reference) = reference_of(resource) {
            work.hint_find::<Object>("reference_key", reference);
        }
        for (_, id) in resource.referred().filter(|(_, id)| !whole.contains(id)) {
            work.hint_presence::<Object>(&key(&actor.environment, id));
        }
    }
}

/// Updates every object of the event, referenced objects first; returns the object that the event is about.
fn bring_up_to_date(
    work: &mut UnitOfWork,
    actor: &Actor,
    source: &Source,
    event: &VendorEvent,
    adjusted: &mut Vec<Adjusted>,
) -> Verb<Option<Arc<Object>>> {
    let mut included = permitted(source, event, adjusted);
    let whole: HashSet<&str> =
        event.resource.iter().chain(included.iter().copied()).map(|resource| resource.id.as_str()).collect();
    for resource in event.resource.iter().chain(included.iter().copied()) {
        for (kind, id) in resource.referred().filter(|(_, id)| !whole.contains(id)) {
            Object::mention(work, &actor.environment, id, kind)?;
        }
    }
    // Accounts come before the objects that belong to them.
    included.sort_by_key(|resource| resource.kind != "account");
    for resource in included {
        upsert(work, actor, source, resource, event, adjusted)?;
    }
    match &event.resource {
        Some(resource) => upsert(work, actor, source, resource, event, adjusted).map(Some),
        None => Ok(None),
    }
}

/// Whether a source may include a resource in its events.
fn may_include(source: &Source, resource: &Resource) -> bool {
    resource.is_well_named() && permits_included(&source.allow_list, &resource.kind) && !is_own_id(&resource.id)
}

/// The resources included in an event that its source may report.
fn permitted<'e>(source: &Source, event: &'e VendorEvent, adjusted: &mut Vec<Adjusted>) -> Vec<&'e Resource> {
    let (included, left_out): (Vec<_>, Vec<_>) =
        event.included.iter().partition(|resource| may_include(source, resource));
    adjusted.extend(left_out.into_iter().map(|resource| {
        let detail = "the allow-list of this source does not permit an object of this type, or its id is one that only \
                      Docket makes; it is left out";
        Adjusted::new("included-ignored", &resource.pointer, detail)
    }));
    included
}

/// The time of the newest data of an object. A time in the future, left by a wrong clock, counts as no time at all.
fn known_as_of(object: &Object, now: Moment) -> Moment {
    if object.as_of > now.plus_seconds(CLOCK_AHEAD_SECONDS_MAX) { Moment::default() } else { object.as_of }
}

/// Why an event does not change an object: the object is redacted, has another type, or has newer data.
fn unchanged(object: &Object, resource: &Resource, event: &VendorEvent, now: Moment) -> Option<String> {
    let (id, known) = (object.shown_id(), known_as_of(object, now));
    if object.redacted_at.is_some() {
        return Some(format!("{id} is redacted; it is unchanged"));
    }
    if !may_become(object, &resource.kind) {
        let detail =
            format!("{id} is of the type {}, which does not change to {}; it is unchanged", object.kind, resource.kind);
        return Some(detail);
    }
    let is_older = known > event.created_at;
    is_older.then(|| format!("{id} already has newer data, of {known}; it is unchanged"))
}

fn upsert(
    work: &mut UnitOfWork,
    actor: &Actor,
    source: &Source,
    resource: &Resource,
    event: &VendorEvent,
    adjusted: &mut Vec<Adjusted>,
) -> Verb<Arc<Object>> {
    let (now, key_of_it) = (work.now(), key(&actor.environment, &resource.id));
    let known = work.get::<Object>(&key_of_it)?;
    if let Some(object) = known.as_ref().filter(|known| is_of_another(known, source)) {
        let detail = format!("{} was first reported by another source; it is unchanged", object.shown_id());
        adjusted.push(Adjusted::new("another-source", &resource.pointer, detail));
        work.count(actor.environment.as_str(), &ignored_counter(&source.id, Ignored::AnotherSource), 1);
        return Ok(Arc::clone(object));
    }
    if let Some(object) = &known
        && let Some(detail) = unchanged(object, resource, event, now)
    {
        adjusted.push(Adjusted::new("object-unchanged", resource.pointer.as_str(), detail));
        return Ok(Arc::clone(object));
    }
    let as_of = known.as_ref().map_or(event.as_of, |object| known_as_of(object, now).max(event.as_of));
    let account = match resource.related("account").map(|id| key(&actor.environment, id)) {
        // An account named only by this resource was just mentioned, or is included and was processed before.
        Some(account) if work.is_there::<Object>(&account)? => Some(account),
        _ => None,
    };
    let reference_key = free_reference(work, actor, resource)?;
    if let (Some(reference), None) = (reference_of(resource), &reference_key) {
        let detail = format!(
            "another account has the reference id {reference}; this account shows it but is not \
            found by it"
        );
        adjusted.push(Adjusted::new("reference-id-taken", resource.pointer.as_str(), detail));
    }
    if known.as_ref().is_some_and(|object| Decided::since(object, event.as_of).is_some()) {
        let detail = format!("{} was decided here after this event; the decision is unchanged", resource.id);
        adjusted.push(Adjusted::new("decision-kept", resource.pointer.as_str(), detail));
    }
    let is_new = known.is_none();
    let mut object = match known {
        Some(known) => (*known).clone(),
        None => Object::new(&actor.environment, &resource.id, &resource.kind, now),
    };
    object.kind.clone_from(&resource.kind);
    let decided = Decided::since(&object, event.as_of);
    tell(&mut object, resource);
    if let Some(decided) = decided {
        decided.stays(&mut object);
    }
    if resource.tells("reference_id") {
        object.reference_key = reference_key;
    }
    object.account_id = account.filter(|_| resource.kind != "account").or_else(|| object.account_id.clone());
    object.keep_redacted_with();
    object.source_id.get_or_insert_with(|| source.id.clone());
    object.is_stub = false;
    object.as_of = as_of;
    object.updated_at = now;
    if let Some(created_at) = resource.created_at {
        object.created_at = created_at;
    }
    report_cut(&cut(&mut object), resource, adjusted);
    if is_new { Ok(work.insert(object)) } else { work.change::<Object>(&key_of_it, |known| *known = object) }
}

/// Reports what was left out of an object that would have been too large.
fn report_cut(left_out: &[String], resource: &Resource, adjusted: &mut Vec<Adjusted>) {
    const NAMED_MAX: usize = 5;
    if left_out.is_empty() {
        return;
    }
    let more = left_out.len().saturating_sub(NAMED_MAX);
    let and_more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let named = left_out[..left_out.len().min(NAMED_MAX)].join(", ");
    let detail = format!("an object contains at most {OBJECT_BYTES_MAX} bytes; left out: {named}{and_more}");
    adjusted.push(Adjusted::new("object-cut", &resource.pointer, detail));
}

/// A decision about an inquiry that was made in Docket.
struct Decided {
    status: Option<String>,
    attributes: Vec<(&'static str, Option<Value>)>,
    reviewer: Option<Value>,
}

impl Decided {
    /// The decision made after this instant, if any. The vendor did not have the decision when it sent older data, so
    /// that data does not undo it.
    fn since(object: &Object, instant: Moment) -> Option<Self> {
        let when = |name: &str| object.attributes.get(name).and_then(Value::as_str).and_then(Moment::parse);
        let is_later = |name: &str| when(name).is_some_and(|when| when > instant);
        if object.kind != "inquiry" || !(is_later("decisioned_at") || is_later("marked_for_review_at")) {
            return None;
        }
        Some(Self {
            status: object.status.clone(),
            attributes: DECISION.iter().map(|name| (*name, object.attributes.get(*name).cloned())).collect(),
            reviewer: object.relationships.get("reviewer").cloned(),
        })
    }

    fn stays(self, object: &mut Object) {
        object.status = self.status;
        let put = |members: &mut Map<String, Value>, name: &str, value: Option<Value>| match value {
            Some(value) => drop(members.insert(name.to_owned(), value)),
            None => drop(members.shift_remove(name)),
        };
        for (name, value) in self.attributes {
            put(object.attributes.edit(), name, value);
        }
        put(object.relationships.edit(), "reviewer", self.reviewer);
    }
}

/// Whether an object may change to this kind: accounts and inquiries keep their kind, a kind that Docket only stores
/// may become more specific, and an object that was only mentioned may become anything.
fn may_become(object: &Object, kind: &str) -> bool {
    let family = |kind: &str| kind.split('/').next().map(str::to_owned);
    object.is_stub || object.kind == kind || !is_known(&object.kind) && family(&object.kind) == family(kind)
}

/// Whether Docket interprets this kind beyond storing what was reported.
fn is_known(kind: &str) -> bool {
    matches!(kind.split('/').next(), Some("account" | "inquiry"))
}

/// Writes the reported data into an object. For accounts and inquiries, attributes that are not reported stay
/// unchanged. Any other object is replaced by the last report, because a mixture of reports was never reported.
fn tell(object: &mut Object, resource: &Resource) {
    if !is_known(&resource.kind) {
        forget(object);
    }
    if resource.tells("status") || resource.tells("account_status") {
        object.status = resource.text("status").or(resource.text("account_status")).map(str::to_owned);
    }
    if resource.tells("reference_id") {
        object.reference_id = resource.text("reference_id").map(str::to_owned);
    }
    if TEMPLATES.iter().any(|name| resource.relationships.contains_key(*name)) {
        object.template_id = template_of(resource).map(str::to_owned);
    }
    if let Some(fields) = &resource.fields {
        object.fields = Json::new(typed_fields(fields));
    }
    if let Some(tags) = &resource.tags {
        object.tags = Json::new(tags.clone());
    }
    object.attributes = Json::new(joined(&object.attributes, attributes_of(resource)));
    let mut relationships = joined(&object.relationships, resource.relationships.clone());
    relationships.retain(|_, linked| !linked.is_null());
    object.relationships = Json::new(relationships);
}

/// Resets an object as if nothing had been reported yet.
fn forget(object: &mut Object) {
    (object.status, object.reference_id, object.template_id) = (None, None, None);
    (object.attributes, object.fields, object.relationships) = (Json::default(), Json::default(), Json::default());
}

/// The maximum number of members merged over several events; beyond it, only the last event counts.
const MEMBERS_MAX: usize = 1_000;

/// Merges the stored members with the reported ones, which take precedence.
fn joined(known: &Map<String, Value>, told: Map<String, Value>) -> Map<String, Value> {
    let is_new = |name: &&String| !known.contains_key(*name);
    if known.is_empty() || known.len() + told.keys().filter(is_new).count() > MEMBERS_MAX {
        return told;
    }
    let mut all = known.clone();
    all.extend(told);
    all
}

/// An account's reference id, unless another account has it: this never refuses a vendor's event.
fn free_reference(work: &mut UnitOfWork, actor: &Actor, resource: &Resource) -> Verb<Option<String>> {
    let Some(reference) = reference_of(resource) else { return Ok(None) };
    let holder = work.find::<Object>("reference_key", reference)?;
    let key = key(&actor.environment, &resource.id);
    Ok(holder.is_none_or(|holder| holder.id == key).then(|| reference.to_owned()))
}

fn reference_of(resource: &Resource) -> Option<&str> {
    resource.text("reference_id").filter(|_| resource.kind == "account")
}

/// The relations by which objects name their template.
const TEMPLATES: [&str; 6] =
    ["inquiry_template", "template", "account_type", "transaction_type", "report_template", "verification_template"];

fn template_of(resource: &Resource) -> Option<&str> {
    TEMPLATES.iter().find_map(|name| resource.related(name))
}

/// The attributes stored beside the columns. For kinds that Docket only stores, the vendor's times are kept as sent.
fn attributes_of(resource: &Resource) -> Map<String, Value> {
    let apart: &[&str] = match resource.kind.as_str() {
        "account" | "inquiry" => &["status", "reference_id", "created_at", "updated_at"],
        _ => &["status", "reference_id"],
    };
    resource
        .attributes
        .iter()
        .filter(|(name, _)| !apart.contains(&name.as_str()))
        .map(|(n, v)| (n.clone(), v.clone()))
        .collect()
}

/// The object as recorded in the event. A late event does not change the object for other events, and the recorded
/// object does not contain data that was reported later.
fn shown(actor: &Actor, event: &VendorEvent, seen: Option<&Object>) -> (Value, i64) {
    let (Some(object), Some(resource)) = (seen, &event.resource) else { return (Value::Object(Map::new()), 0) };
    let is_it = may_become(object, &resource.kind);
    let mut as_told = if is_it {
        object.clone()
    } else {
        Object::new(&actor.environment, &resource.id, &resource.kind, event.created_at)
    };
    if object.as_of > event.created_at {
        forget(&mut as_told);
    }
    tell(&mut as_told, resource);
    cut(&mut as_told);
    (tree(&as_told), if is_it { object.version } else { 0 })
}
