//! Changing a case template: its name, its key, its fields, its list of statuses.

use std::collections::HashMap;
use std::sync::Arc;

use docket_events::{NewEvent, record};
use docket_kernel::{
    Actor, CaseTemplateId, Json, Permission, Refusal, RefusalKind, StatusId, UnitOfWork, Verb, fold, same_name,
    tidied_name,
};
use serde_json::json;

use crate::case::Case;
use crate::change_fields::{FieldChoice, FieldNamedBy, plan_fields, write_values};
use crate::fields::{FieldSchema, checked_schemas};
use crate::retired::{RetiredInput, retire};
use crate::status::{CaseStatus, StatusType, Statuses};
use crate::status_list::{StatusInput, as_wanted, checked_statuses, find, slugs_of};
use crate::store::CASES_OF_STATUS;
use crate::template::{CaseTemplate, Retired, checked_key, checked_template_name, hold_alone, template, tree};
use crate::update_status::update_status;

/// The changes to make; `None` leaves a part unchanged.
#[derive(Clone, Debug, Default)]
pub struct TemplateChange {
    /// The display name.
    pub name: Option<String>,
    /// The prefix of the numbers of new cases.
    pub key: Option<String>,
    /// All fields of its cases.
    pub fields: Option<Vec<FieldSchema>>,
    /// All its statuses: matched by id, or by name if no id is given.
    pub statuses: Option<Vec<StatusInput>>,
    /// For statuses that are removed: the id or name of the status that replaces each.
    pub successors: HashMap<String, String>,
    /// For fields in use that are removed or no longer accept the values of cases: the choice for each, by key.
    pub field_choices: HashMap<String, FieldChoice>,
    /// Statuses that were removed in another environment; their names resolve to one of these statuses from now on.
    pub remembered: Vec<RetiredInput>,
}

/// Returns the live workflows that name a status by one of these names: this crate has no access to workflows.
pub type NamedBy<'n> = dyn Fn(&mut UnitOfWork, &[String]) -> Verb<Vec<String>> + 'n;

/// Lookups of the live workflows that use a status or a field.
#[derive(Clone, Copy)]
pub struct LiveUses<'n> {
    /// Looks up a status.
    pub statuses: &'n NamedBy<'n>,
    /// Looks up a field of a template.
    pub fields: &'n FieldNamedBy<'n>,
}

impl std::fmt::Debug for LiveUses<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LiveUses")
    }
}

/// Changes a template. A status missing from the list is removed. If cases have it or a live workflow names it, it
/// needs a successor: its cases move there, each with its events, and its name resolves to the successor from then on.
/// A status with a known id and a new name is renamed; its old name still resolves to it. If cases have values of a
/// field, or a live workflow names it, removing it, changing its type or removing its options requires a field choice.
pub fn change_template(
    work: &mut UnitOfWork,
    actor: &Actor,
    id: &CaseTemplateId,
    change: &TemplateChange,
    uses: LiveUses<'_>,
) -> Verb<Arc<CaseTemplate>> {
    actor.may(Permission::CaseTemplateWrite)?;
    let present = held(work, id, change)?;
    // Changes to the cases of the template are part of the template change.
    let actor = &actor.also(Permission::CaseWrite);
    let mut findings = Vec::new();
    let statuses = match &change.statuses {
        Some(wanted) => {
            let known = Statuses::of(work, id)?;
            let wanted = recognised(&known, wanted);
            findings.extend(checked_statuses(&wanted, known.list()));
            Some(wanted)
        }
        None => None,
    };
    findings.extend(
        change.name.as_deref().filter(|name| *name != present.name).and_then(|name| checked_template_name(name).err()),
    );
    findings.extend(change.key.as_deref().and_then(|key| checked_key(key).err()));
    findings
        .extend(change.fields.as_deref().map(|fields| checked_schemas(fields, &present.fields)).unwrap_or_default());
    if let Some(refusal) = Refusal::of_all(findings) {
        return Err(refusal.into());
    }
    if let Some(key) = &change.key
        && work.find::<CaseTemplate>("key", key)?.is_some_and(|other| other.id != *id)
    {
        let sentence = format!("another case template has the key {key}");
        return Err(Refusal::new(RefusalKind::Conflict, "key-taken", sentence).at("/data/attributes/key").into());
    }
    let plan = match &change.fields {
        Some(wanted) => Some(plan_fields(work, &present, wanted, &change.field_choices, uses.fields)?),
        None if !change.field_choices.is_empty() => {
            let sentence = "field choices apply to a change of the fields; send the list of all fields too";
            return Err(Refusal::rule("field-choice", sentence).at("/meta/field-choices").into());
        }
        None => None,
    };
    let retired = match &statuses {
        Some(statuses) => change_statuses(work, actor, id, statuses, &change.successors, uses.statuses)?,
        None if !change.successors.is_empty() => {
            let sentence =
                "a successor is for a status that is left out of data.attributes.statuses; send that list too";
            return Err(Refusal::rule("unknown-status", sentence).at("/meta/successors").into());
        }
        None => (*present.retired).clone(),
    };
    let now = work.now();
    let template = work.change::<CaseTemplate>(id.as_str(), |template| {
        if let Some(name) = &change.name {
            template.name = if *name == template.name { name.clone() } else { tidied_name(name) };
        }
        if let Some(key) = &change.key {
            template.key.clone_from(key);
        }
        if let Some(plan) = &plan {
            template.fields = Json::new(FieldSchema::dated(&plan.fields, &present.fields, now));
        }
        template.retired = Json::new(retired.clone());
        template.updated_at = now;
    })?;
    let template =
        if change.remembered.is_empty() { template } else { retire(work, &template.id, &change.remembered)? };
    record(work, actor, NewEvent::about(&*template, "case-template.updated", tree(&template)));
    if let Some(plan) = &plan {
        for key in &plan.removed {
            let new_event = NewEvent::about(&*template, "case-template.deleted-field", tree(&template));
            record(work, actor, new_event.with("field-key", key.as_str()));
        }
        write_values(work, actor, plan)?;
    }
    Ok(template)
}

/// The template, read under an exclusive lock if the change may remove parts of it.
fn held(work: &mut UnitOfWork, id: &CaseTemplateId, change: &TemplateChange) -> Verb<Arc<CaseTemplate>> {
    let present = template(work, id)?;
    if change.fields.is_none() && change.statuses.is_none() {
        return Ok(present);
    }
    hold_alone(work, &present)?;
    template(work, id)
}

/// Changes the statuses to the wanted list; returns all statuses ever removed, with their successors.
fn change_statuses(
    work: &mut UnitOfWork,
    actor: &Actor,
    id: &CaseTemplateId,
    wanted: &[StatusInput],
    successors: &HashMap<String, String>,
    named_by: &NamedBy<'_>,
) -> Verb<Vec<Retired>> {
    let present = Statuses::of(work, id)?;
    let ids = matched(work, &present, wanted)?;
    let slugs = slugs_of(present.template(), present.list(), wanted, &ids);
    let removed: Vec<_> = present.list().iter().filter(|status| !ids.contains(&status.id)).cloned().collect();
    let mut findings = changed_ends(&present, wanted, &ids);
    findings.extend(changed_slugs(&present, wanted, &ids));
    if let Some(refusal) = Refusal::of_all(findings) {
        return Err(refusal.into());
    }
    let retired = successors_of(work, &present, &removed, wanted, &ids, successors, named_by)?;
    let row = |place: usize| {
        let mut row = as_wanted(present.template(), wanted, &ids, &slugs, place);
        // A name that predates the current naming rule is kept until it is changed.
        if let Some(old) = present.by_id(&row.id).filter(|old| old.name == wanted[place].name) {
            row.name.clone_from(&old.name);
        }
        row
    };
    let rows: Vec<_> = (0..wanted.len()).map(row).collect();
    let held = Held::by(&present, &rows);
    for (row, wanted) in rows.into_iter().zip(wanted) {
        match present.by_id(&row.id) {
            Some(old) => write_changed(work, old, row, wanted, &held)?,
            None => drop(work.insert(row)),
        }
    }
    for gone in &retired {
        let successor = gone.successor_id.as_str();
        for case in moved(work, &present, &gone.id)? {
            // The template change itself moves the case to the successor: allowed-next lists do not apply.
            move_to(work, actor, &case, successor)?;
        }
    }
    for status in &removed {
        work.remove::<CaseStatus>(status.id.as_str())?;
    }
    let mut all = (*present.template().retired).clone();
    all.extend(retired);
    for gone in &mut all {
        held.take(&gone.id, &mut gone.names, &mut gone.past_names);
    }
    Ok(all)
}

/// The names of statuses before and after a change, each with the id of its status. The name of one status is no longer
/// a former name of another, so that a name never resolves to the status that had it first.
struct Held(Vec<(String, StatusId)>);

impl Held {
    fn by(present: &Statuses, wanted: &[CaseStatus]) -> Self {
        let before = present.list().iter().map(|status| (fold(&status.name), status.id.clone()));
        let after = wanted.iter().map(|status| (status.folded.clone(), status.id.clone()));
        Self(before.chain(after).collect())
    }

    /// Moves those names of a status that another status has, or had last, to the names that no longer resolve to it.
    fn take(&self, id: &StatusId, names: &mut Vec<String>, past: &mut Vec<String>) {
        let is_taken = |name: &String| {
            let folded = fold(name);
            self.0.iter().any(|(held, holder)| *held == folded && holder != id)
        };
        past.extend(names.extract_if(.., |name| is_taken(name)));
    }
}

/// A status of type end stays of type end, and another status cannot become one: the cases that have the status, and
/// those that are being moved to it, were resolved or left open according to its type.
fn changed_ends(present: &Statuses, wanted: &[StatusInput], ids: &[StatusId]) -> Vec<Refusal> {
    let changed = |(place, status): (usize, &StatusInput)| {
        let old = present.by_id(&ids[place])?;
        let changes = (old.r#type == StatusType::End) != (status.r#type == StatusType::End);
        let (name, before) = (&old.name, old.r#type);
        let sentence = format!(
            "status '{name}' is of type {before} and can't be changed to {}: add a status with another name, and name \
             it as the successor of this one",
            status.r#type
        );
        changes.then(|| Refusal::rule("status-type", sentence).at(format!("/data/attributes/statuses/{place}/type")))
    };
    wanted.iter().enumerate().filter_map(changed).collect()
}

/// A status keeps its slug as long as it exists.
fn changed_slugs(present: &Statuses, wanted: &[StatusInput], ids: &[StatusId]) -> Vec<Refusal> {
    let changed = |(place, status): (usize, &StatusInput)| {
        let (old, slug) = (present.by_id(&ids[place])?, status.slug.as_ref()?);
        let sentence = format!(
            "status '{}' has the slug {}, which does not change any more: leave slug out, or add a status with the slug \
             {slug} and name it as the successor of this one",
            old.name, old.slug
        );
        let pointer = format!("/data/attributes/statuses/{place}/slug");
        (old.slug != *slug).then(|| Refusal::rule("slug-fixed", sentence).at(pointer))
    };
    wanted.iter().enumerate().filter_map(changed).collect()
}

/// The cases of a removed status, which move to its successor.
fn moved(work: &mut UnitOfWork, present: &Statuses, status: &StatusId) -> Verb<Vec<Arc<Case>>> {
    let (cases, are_more) = work.some::<Case>(&CASES_OF_STATUS, status.as_str())?;
    if are_more {
        let (name, most) = (present.name(status), CASES_OF_STATUS.bound);
        let sentence = format!(
            "status '{name}' can't be removed while more than {most} cases hold it, since all of them are moved to its \
             successor at once: move some of them first"
        );
        return Err(Refusal::rule("too-many-cases", sentence).at("/meta/successors").into());
    }
    Ok(cases)
}

fn move_to(work: &mut UnitOfWork, actor: &Actor, case: &Case, successor: &str) -> Verb<()> {
    work.change::<CaseStatus>(case.status_id.as_str(), |status| status.allowed_next = None)?;
    update_status(work, actor, &case.id, successor, Some("its status was removed from the case template")).map(drop)
}

/// The wanted statuses, with the ids of the existing statuses that match by slug or by name.
fn recognised(present: &Statuses, wanted: &[StatusInput]) -> Vec<StatusInput> {
    let mut claimed: Vec<StatusId> = wanted.iter().filter_map(|status| status.id.clone()).collect();
    let mut all = wanted.to_vec();
    for status in all.iter_mut().filter(|status| status.id.is_none()) {
        let is_free = |known: &&Arc<CaseStatus>| !claimed.contains(&known.id);
        let exact = present.list().iter().filter(is_free).find(|known| known.name == status.name);
        let same =
            || present.named(&status.name).ok().filter(|known| is_free(known) && same_name(&known.name, &status.name));
        let found = match &status.slug {
            Some(slug) => present.list().iter().filter(is_free).find(|known| known.slug == *slug),
            None => exact.or_else(same),
        };
        status.id = found.map(|known| known.id.clone());
        claimed.extend(status.id.clone());
    }
    all
}

/// The ids of the wanted statuses: existing ids are kept, new statuses get new ids.
fn matched(work: &mut UnitOfWork, present: &Statuses, wanted: &[StatusInput]) -> Verb<Vec<StatusId>> {
    let mut ids: Vec<StatusId> = Vec::with_capacity(wanted.len());
    for (place, status) in wanted.iter().enumerate() {
        ids.push(match &status.id {
            Some(id) if present.by_id(id).is_some() => id.clone(),
            Some(id) => {
                let sentence = format!("this case template has no status {id}; leave the id out for a new status");
                let pointer = format!("/data/attributes/statuses/{place}/id");
                return Err(Refusal::rule("unknown-status-id", sentence).at(pointer).into());
            }
            None => StatusId::of(work.new_id(StatusId::PREFIX)),
        });
    }
    Ok(ids)
}

fn successors_of(
    work: &mut UnitOfWork,
    present: &Statuses,
    removed: &[Arc<CaseStatus>],
    wanted: &[StatusInput],
    ids: &[StatusId],
    successors: &HashMap<String, String>,
    named_by: &NamedBy<'_>,
) -> Verb<Vec<Retired>> {
    let is_it = |name: &str, status: &CaseStatus| name == status.id.as_str() || name == status.name;
    // A name that equals one status's name exactly does not match a status whose name only folds to the same form.
    let means = |name: &str, status: &CaseStatus| {
        is_it(name, status) || (fold(name) == status.folded && !present.list().iter().any(|other| is_it(name, other)))
    };
    let (mut retired, mut findings) = (Vec::new(), Vec::new());
    // A repeated change names statuses that are already removed.
    let is_gone = |name: &str| {
        present.template().retired.iter().any(|retired| {
            retired.id.as_str() == name
                || retired.names.iter().chain(&retired.past_names).any(|known| same_name(known, name))
        })
    };
    let is_odd = |name: &&String| !is_gone(name) && !removed.iter().any(|status| means(name, status));
    for name in successors.keys().filter(is_odd) {
        let sentence = format!("'{name}' has a successor, but this change does not remove it");
        findings.push(Refusal::rule("unknown-status", sentence).at("/meta/successors"));
    }
    for status in removed {
        let exact = successors.iter().find(|(name, _)| is_it(name, status));
        let given = exact.or_else(|| successors.iter().find(|(name, _)| means(name, status)));
        if let Some((_, successor)) = given {
            match find(wanted, successor).or_else(|| ids.iter().position(|id| id.as_str() == successor)) {
                Some(place) => {
                    let mut names = vec![status.name.clone()];
                    names.extend(status.former_names.iter().cloned());
                    let (slug, past_names) = (Some(status.slug.clone()), (*status.past_names).clone());
                    let successor_id = ids[place].clone();
                    retired.push(Retired { id: status.id.clone(), slug, names, past_names, successor_id });
                }
                None => {
                    let name = &status.name;
                    let sentence = format!("'{successor}', the successor of '{name}', is not in the list of statuses");
                    findings.push(Refusal::rule("unknown-successor", sentence).at("/meta/successors"));
                }
            }
            continue;
        }
        let held = !work.some::<Case>(&CASES_OF_STATUS, status.id.as_str())?.0.is_empty();
        let workflows = named_by(work, &present.names_of(&status.id))?;
        if held || !workflows.is_empty() {
            findings.push(needs_successor(status, held, &workflows));
        }
    }
    match Refusal::of_all(findings) {
        Some(refusal) => Err(refusal.into()),
        None => Ok(retired),
    }
}

fn needs_successor(status: &CaseStatus, held: bool, workflows: &[String]) -> Refusal {
    let mut holders = Vec::new();
    if held {
        holders.push("cases hold it".to_owned());
    }
    if !workflows.is_empty() {
        holders.push(format!("the live workflows {} use it", workflows.join(", ")));
    }
    let name = &status.name;
    let sentence = format!(
        "status '{name}' can't be removed without a successor, since {}: specify in meta.successors which status \
         replaces it",
        holders.join(" and ")
    );
    Refusal::rule("successor-needed", sentence).at("/meta/successors").with(json!({
        "status": name, "held-by-cases": held, "workflows": workflows,
    }))
}

fn write_changed(
    work: &mut UnitOfWork,
    old: &CaseStatus,
    mut row: CaseStatus,
    wanted: &StatusInput,
    held: &Held,
) -> Verb<()> {
    let mut former = wanted.former_names.clone().unwrap_or_else(|| (*old.former_names).clone());
    let mut past = (*old.past_names).clone();
    let is_said = |name: &str| former.iter().any(|known| fold(known) == fold(name));
    if old.folded != row.folded && !is_said(&old.name) {
        former.push(old.name.clone());
    }
    held.take(&old.id, &mut former, &mut past);
    // A name that the status has again is no longer a former name.
    former.retain(|name| fold(name) != row.folded);
    past.retain(|name| fold(name) != row.folded);
    (row.former_names, row.past_names) = (Json::new(former), Json::new(past));
    work.change::<CaseStatus>(old.id.as_str(), |status| {
        let version = status.version;
        *status = row;
        status.version = version;
    })
    .map(drop)
}
