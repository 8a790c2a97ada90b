//! Changing the fields of a case template: fields that are removed or get another type, options that are removed, and
//! the handling of the values that cases hold.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use docket_kernel::{Actor, CaseId, CaseTemplateId, Refusal, UnitOfWork, Verb};
use serde_json::{Map, Value, json};

use crate::case::Case;
use crate::convert::converted;
use crate::fields::FieldSchema;
use crate::status::Statuses;
use crate::store::CASES_OF_STATUS;
use crate::template::CaseTemplate;
use crate::update::{UpdateRequest, update_case};

/// The maximum number of cases of a template that are read for values and changed at once.
const CASES_MAX: usize = 1_000;
/// The maximum number of cases that a refusal lists.
const LISTED_MAX: usize = 5;
const CHOICES: &str = "/meta/field-choices";

/// What happens to a field that is in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldChoice {
    /// It is archived: its values can be read and cleared, and no new values are accepted.
    Archive,
    /// Its values move to the field with this key, and it is archived.
    Move(String),
    /// Its values are converted to the new type; values that were options are mapped as given here.
    Convert(HashMap<String, String>),
    /// Values that no longer fit stay as they are: they can be read, and cleared or replaced one by one.
    Keep,
}

/// Returns the live workflows that name a field of a template: this crate has no access to workflows.
pub type FieldNamedBy<'n> = dyn Fn(&mut UnitOfWork, &str, &str) -> Verb<Vec<String>> + 'n;

/// The planned effects of a change of the fields.
#[derive(Debug, Default)]
pub(crate) struct FieldsPlan {
    /// The fields after the change, archived ones at the end.
    pub fields: Vec<FieldSchema>,
    /// The keys of the removed fields.
    pub removed: Vec<String>,
    /// The values to write into cases.
    values: Vec<(Arc<Case>, Map<String, Value>)>,
}

/// The cases of a template that were read.
struct Looked {
    cases: Vec<Arc<Case>>,
    are_more: bool,
}

/// The uses of one field, and how the field changes.
struct Use<'f> {
    field: &'f FieldSchema,
    change: Change<'f>,
    cases: Vec<Arc<Case>>,
    workflows: Vec<String>,
}

/// How a field changes.
#[derive(Clone, Copy)]
enum Change<'f> {
    Removed,
    To(&'f FieldSchema),
}

/// Checks a change of the fields. A field in use that is removed or no longer accepts its values requires a choice.
pub(crate) fn plan_fields(
    work: &mut UnitOfWork,
    template: &CaseTemplate,
    wanted: &[FieldSchema],
    choices: &HashMap<String, FieldChoice>,
    named_by: &FieldNamedBy<'_>,
) -> Verb<FieldsPlan> {
    let mut plan = FieldsPlan { fields: wanted.to_vec(), ..FieldsPlan::default() };
    let changes: Vec<(&FieldSchema, Change<'_>)> =
        template.fields.iter().filter_map(|field| changed(field, wanted).map(|change| (field, change))).collect();
    let mut findings = odd_choices(template, &changes, choices);
    if changes.is_empty() {
        return Refusal::of_all(findings).map_or(Ok(plan), |refusal| Err(refusal.into()));
    }
    let looked = cases_of(work, &template.id)?;
    for (field, change) in changes {
        let using = used(work, template, field, change, &looked, named_by)?;
        match choices.get(&field.key) {
            Some(choice) => findings.extend(choose(&mut plan, &using, choice, looked.are_more)),
            None => findings.extend(without_choice(&mut plan, &using, looked.are_more)),
        }
    }
    match Refusal::of_all(findings) {
        Some(refusal) => Err(refusal.into()),
        None => Ok(plan),
    }
}

/// Writes the moved and converted values into the cases, each with its event. The template already has its new fields.
pub(crate) fn write_values(work: &mut UnitOfWork, actor: &Actor, plan: &FieldsPlan) -> Verb<()> {
    let mut of_cases: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for (case, values) in &plan.values {
        of_cases.entry(case.id.as_str()).or_default().extend(values.clone());
    }
    // Rows missing for any of the cases are requested together.
    let mut halted = Ok(());
    for (id, fields) in of_cases {
        let request = UpdateRequest { fields, ..UpdateRequest::default() };
        halted = halted.and(update_case(work, actor, &CaseId::of(id), &request).map(drop));
    }
    halted
}

/// How a field changes, if the change can affect values or workflows.
fn changed<'f>(field: &FieldSchema, wanted: &'f [FieldSchema]) -> Option<Change<'f>> {
    let Some(new) = wanted.iter().find(|new| new.key == field.key) else { return Some(Change::Removed) };
    let drops_options = field.options.iter().any(|option| !new.options.contains(option));
    (new.r#type != field.r#type || drops_options).then_some(Change::To(new))
}

/// Refuses choices for fields that this change does not affect, unless the field is already removed or archived.
fn odd_choices(
    template: &CaseTemplate,
    changes: &[(&FieldSchema, Change<'_>)],
    choices: &HashMap<String, FieldChoice>,
) -> Vec<Refusal> {
    let mut keys: Vec<&String> = choices.keys().collect();
    keys.sort();
    let is_odd = |key: &&String| {
        let present = template.fields.iter().find(|field| field.key == **key);
        present.is_some_and(|field| !field.archived) && !changes.iter().any(|(field, _)| field.key == **key)
    };
    let refused = |key: &String| {
        let sentence = format!("field '{key}' has a choice, and this change neither removes it nor changes its values");
        Refusal::rule("field-choice", sentence).at(CHOICES)
    };
    keys.into_iter().filter(is_odd).map(refused).collect()
}

fn cases_of(work: &mut UnitOfWork, template: &CaseTemplateId) -> Verb<Looked> {
    let (mut cases, mut are_more) = (Vec::new(), false);
    for status in Statuses::of(work, template)?.list() {
        let (some, more) = work.some::<Case>(&CASES_OF_STATUS, status.id.as_str())?;
        cases.extend(some);
        are_more |= more || cases.len() > CASES_MAX;
        if are_more {
            break;
        }
    }
    Ok(Looked { cases, are_more })
}

fn used<'f>(
    work: &mut UnitOfWork,
    template: &CaseTemplate,
    field: &'f FieldSchema,
    change: Change<'f>,
    looked: &Looked,
    named_by: &FieldNamedBy<'_>,
) -> Verb<Use<'f>> {
    let is_touched = |value: &Value| match change {
        Change::Removed => !value.is_null(),
        Change::To(new) => new.judge(value).is_err(),
    };
    let holds = |case: &&Arc<Case>| case.fields.get(&field.key).is_some_and(is_touched);
    let cases = looked.cases.iter().filter(holds).cloned().collect();
    let is_only_options = matches!(change, Change::To(new) if new.r#type == field.r#type);
    // The check of a workflow reports an option that was removed; the field's key does not identify the option.
    let workflows = if is_only_options { Vec::new() } else { named_by(work, template.id.as_str(), &field.key)? };
    Ok(Use { field, change, cases, workflows })
}

/// The outcome without a choice: no refusal if the field is unused or archived, otherwise one that asks for a choice.
fn without_choice(plan: &mut FieldsPlan, using: &Use<'_>, are_more: bool) -> Option<Refusal> {
    let is_used = !using.cases.is_empty() || !using.workflows.is_empty() || are_more;
    match using.change {
        // An archived field missing from the list stays as long as cases hold its values.
        Change::Removed if using.field.archived && (!using.cases.is_empty() || are_more) => {
            plan.fields.push(using.field.clone());
            None
        }
        Change::Removed if using.field.archived || !is_used => {
            plan.removed.push(using.field.key.clone());
            None
        }
        Change::To(_) if !is_used => None,
        _ => Some(needs_choice(using, are_more)),
    }
}

fn needs_choice(using: &Use<'_>, are_more: bool) -> Refusal {
    let key = &using.field.key;
    let (what, ways, name) = match using.change {
        Change::Removed => ("be removed", "archive it, or move its values to another field", "removed"),
        Change::To(new) if new.r#type == using.field.r#type => {
            ("lose options", "convert the values to other options, or keep them as they are", "options")
        }
        Change::To(_) => ("get another type", "convert its values, or keep them as they are", "type"),
    };
    let mut users = Vec::new();
    match (using.cases.len(), are_more) {
        (0, false) => {}
        (count, false) => {
            users.push(format!("{count} {} values of it", if count == 1 { "case has" } else { "cases have" }));
        }
        (_, true) => users.push(format!("more than {CASES_MAX} cases may have values of it")),
    }
    if !using.workflows.is_empty() {
        users.push(format!("the live workflows {} use it", using.workflows.join(", ")));
    }
    let sentence = format!(
        "field '{key}' can't {what} without a choice, since {}: specify in meta.field-choices what happens to it: \
         {ways}",
        users.join(" and ")
    );
    Refusal::rule("field-choice-needed", sentence).at(CHOICES).with(json!({
        "field": key, "change": name, "cases": using.cases.len(), "cases-are-more": are_more,
        "workflows": using.workflows,
    }))
}

/// Applies a choice, or returns why it can't be applied.
fn choose(plan: &mut FieldsPlan, using: &Use<'_>, choice: &FieldChoice, are_more: bool) -> Vec<Refusal> {
    match (choice, using.change) {
        (FieldChoice::Archive, Change::Removed) => {
            plan.fields.push(using.field.archived(None));
            Vec::new()
        }
        (FieldChoice::Keep, Change::To(_)) => Vec::new(),
        (FieldChoice::Move(to), Change::Removed) => {
            let Some(target) = plan.fields.iter().find(|field| field.key == *to && !field.archived).cloned() else {
                let sentence =
                    format!("'{to}', which takes the values of '{}', is not in the list of fields", using.field.key);
                return vec![Refusal::rule("field-choice", sentence).at(CHOICES)];
            };
            plan.fields.push(using.field.archived(Some(to.clone())));
            into(plan, using, &target, &HashMap::new(), are_more)
        }
        (FieldChoice::Convert(options), Change::To(new)) => into(plan, using, new, options, are_more),
        (_, change) => {
            let key = &using.field.key;
            let ways = if matches!(change, Change::Removed) { "archived or moved" } else { "converted or kept" };
            let sentence = format!("field '{key}' can only be {ways} here");
            vec![Refusal::rule("field-choice", sentence).at(CHOICES)]
        }
    }
}

/// Moves the values of a field to another field, or converts them to its own new type.
fn into(
    plan: &mut FieldsPlan,
    using: &Use<'_>,
    target: &FieldSchema,
    options: &HashMap<String, String>,
    are_more: bool,
) -> Vec<Refusal> {
    let key = &using.field.key;
    if are_more {
        let sentence = format!(
            "the values of field '{key}' can't be changed in more than {CASES_MAX} cases at once: archive or keep the \
             field"
        );
        return vec![Refusal::rule("too-many-cases", sentence).at(CHOICES)];
    }
    let is_move = target.key != *key;
    // Two fields that move to the same field would leave only the value of the second.
    let gets_another = |(_, values): &&(Arc<Case>, Map<String, Value>)| !values[&target.key].is_null();
    let planned = plan.values.iter().filter(|(_, values)| values.contains_key(&target.key)).filter(gets_another);
    let taken: BTreeSet<CaseId> = planned.map(|(case, _)| case.id.clone()).collect();
    let mut in_the_way = Vec::new();
    for case in &using.cases {
        let value = case.fields.get(key).unwrap_or(&Value::Null);
        let is_there = case.fields.get(&target.key).is_some_and(|value| !value.is_null());
        let is_free = !is_move || !(is_there || taken.contains(&case.id));
        match converted(value, target, options).filter(|_| is_free) {
            Some(new) => {
                let mut values = Map::new();
                if is_move {
                    values.insert(key.clone(), Value::Null);
                }
                values.insert(target.key.clone(), new);
                plan.values.push((Arc::clone(case), values));
            }
            None => in_the_way.push(case.name.clone()),
        }
    }
    if in_the_way.is_empty() {
        return Vec::new();
    }
    let (count, to) = (in_the_way.len(), &target.key);
    in_the_way.truncate(LISTED_MAX);
    let listed = in_the_way.join(", ");
    let why = if is_move {
        format!("do not fit '{to}', or the case already has a value there")
    } else {
        "do not fit the new type".into()
    };
    let sentence = format!("the values of field '{key}' {why}, in {count} cases ({listed}): change these cases first");
    vec![Refusal::rule("field-not-converted", sentence).at(CHOICES).with(json!({"field": key, "cases": count}))]
}

#[cfg(test)]
mod tests {
    use docket_kernel::{EnvironmentId, Json, Moment, StatusId};

    use super::*;
    use crate::fields::FieldType;

    fn case(id: &str, fields: &Value) -> Arc<Case> {
        Arc::new(Case {
            event_ordinal: 0,
            id: CaseId::of(id),
            environment_id: EnvironmentId::of("env_1"),
            version: 1,
            template_id: CaseTemplateId::of("ctmpl_1"),
            status_id: StatusId::of("cst_1"),
            name: id.to_owned(),
            resolution: None,
            fields: Json::from(fields.as_object().cloned().unwrap_or_default()),
            tags: Json::default(),
            attachments: Json::default(),
            queue_id: None,
            creator_id: None,
            creator_type: None,
            assignee_id: None,
            open_assignee_id: None,
            assigner_id: None,
            assigner_type: None,
            resolver_id: None,
            resolver_type: None,
            updater_id: None,
            updater_type: None,
            created_at: Moment(0),
            updated_at: None,
            assigned_at: None,
            resolved_at: None,
            redacted_at: None,
            sla_expires_at: None,
        })
    }

    #[test]
    fn moving_two_fields_to_one_is_refused_if_a_case_has_values_of_both() {
        let [one, other, target] = ["one", "other", "target"].map(|key| FieldSchema::new(key, FieldType::String));
        let moved = |cases: &[Arc<Case>]| {
            let mut plan = FieldsPlan { fields: vec![target.clone()], ..FieldsPlan::default() };
            let mut refused = Vec::new();
            for field in [&one, &other] {
                let holding = |case: &&Arc<Case>| case.fields.contains_key(&field.key);
                let cases = cases.iter().filter(holding).cloned().collect();
                let using = Use { field, change: Change::Removed, cases, workflows: Vec::new() };
                refused.extend(choose(&mut plan, &using, &FieldChoice::Move("target".into()), false));
            }
            (refused.iter().map(|refusal| refusal.code.clone()).collect::<Vec<_>>(), plan.values.len())
        };

        let apart = [case("case_1", &json!({"one": "a"})), case("case_2", &json!({"other": "b"}))];
        assert_eq!(moved(&apart), (vec![], 2));
        let both = [case("case_1", &json!({"one": "a", "other": "b"}))];
        assert_eq!(moved(&both).0, ["field-not-converted"]);
    }
}
