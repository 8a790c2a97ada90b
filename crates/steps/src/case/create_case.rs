//! Creates a case.
//!
//! Choose the **Case Template**; the case starts in the template's initial status, with the template's next number.
//! **Objects** are added to the case when it is created, such as the inquiry that started the workflow; an inquiry's
//! account is added too. **Fields** are the template's own fields, each a value or a reference.
//!
//! Later steps refer to the case by this step's id: `create_case`, `create_case.status`, `create_case.fields.amount`.
//!
//! - A fixed template and fixed values are checked when the workflow is published: fields that the template does not
//!   define, values of the wrong type, required fields without a value. A reference whose type is known must be of the
//!   field's type.
//! - The step fails if the template does not exist or is archived, if the template does not define a field or has
//!   archived it, if a value has the wrong type, or if an object is not found.

use std::collections::BTreeMap;

use docket_cases::{CaseTemplate, CreateRequest, checked_fields, create_case};
use docket_kernel::{Verb, is_blank};
use docket_objects::Object;
use docket_workflows::definition::ActionAt;
use docket_workflows::problem::Problem;
use docket_workflows::step_type::{About, Availability, CheckContext, Outcome, Plans, StepContext, StepType};
use docket_workflows::value::Input;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::inputs::{CaseOutput, CaseTemplateInput, ObjectInput, reference};

/// Create Case.
pub struct CreateCase;

/// What Create Case takes.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Config {
    /// The case template, by its id.
    pub template: CaseTemplateInput,
    /// The objects to add to the case.
    #[serde(default)]
    #[schemars(extend("x-widget" = "objects"))]
    pub objects: Option<Vec<Option<ObjectInput>>>,
    /// The template's fields, by key.
    #[serde(default)]
    #[schemars(extend("x-widget" = "case-fields"))]
    pub fields: Option<Map<String, Value>>,
}

impl StepType for CreateCase {
    const ABOUT: About = About {
        key: "case.create",
        category: "Case",
        label: "Create Case",
        synonyms: &["open case", "new case", "start review", "manual review"],
        source: include_str!("create_case.rs"),
        plans: Plans {
            startup: Availability::Limited,
            essential: Availability::Available,
            growth: Availability::Available,
            enterprise: Availability::Available,
        },
    };
    type Config = Config;
    type Output = CaseOutput;

    fn example() -> Value {
        json!({
            "template": "ctmpl_01jd3v8m6hf8k9w3q4t5r6y7z8",
            "objects": [reference("trigger")],
            "fields": {"source": "Onboarding"},
        })
    }

    fn run(context: &mut StepContext<'_>, config: Config) -> Verb<Outcome<CaseOutput>> {
        let mut object_ids: Vec<String> = Vec::new();
        // An object whose reference has no value is left out, without an error: a case can be created without it.
        for object in config.objects.unwrap_or_default().into_iter().flatten() {
            if let Some(found) = Object::named(context.work, &context.actor.environment, &object.0)?
                && let Some((_, account)) = found.account_id.as_deref().and_then(|account| account.split_once('/'))
                && !object_ids.iter().any(|id| id == account)
            {
                object_ids.push(account.to_owned());
            }
            if !object_ids.contains(&object.0) {
                object_ids.push(object.0);
            }
        }
        // A field whose reference has no value is left out, so that an optional field stays empty.
        let mut fields = config.fields.unwrap_or_default();
        fields.retain(|_, value| !value.is_null());
        let request = CreateRequest { template_id: config.template.0, fields, object_ids, ..CreateRequest::default() };
        let case = create_case(context.work, context.actor, &request)?;
        Ok(Outcome::Done(CaseOutput::of(&case.id)))
    }

    fn check(context: &mut CheckContext<'_, '_>) -> Verb<Vec<Problem>> {
        let Some(Value::String(id)) = context.step.with.get("template").and_then(Input::constant) else {
            return Ok(Vec::new());
        };
        // The missing value is already reported.
        if is_blank(&id) {
            return Ok(Vec::new());
        }
        let message = match context.work.get::<CaseTemplate>(&id)? {
            Some(template) if template.archived_at.is_none() => return Ok(misfits(&template, &context.step)),
            Some(template) => format!("the case template '{}' is archived; choose another", template.name),
            None => format!("there is no case template {id} in this environment; choose another"),
        };
        Ok(vec![context.step.problem(&["template"], "unknown_template", message)])
    }
}

/// The problems of the fields for a known template: keys it does not define, values that never fit, and required fields
/// that are missing. A value from a reference is checked by its type only, together with the references of other
/// inputs.
fn misfits(template: &CaseTemplate, step: &ActionAt<'_>) -> Vec<Problem> {
    let given: BTreeMap<&String, Option<Value>> = match step.with.get("fields") {
        Some(Input::Object(members)) => members.iter().map(|(key, input)| (key, input.constant())).collect(),
        Some(Input::Literal(Value::Object(members))) => {
            members.iter().map(|(key, value)| (key, Some(value.clone()))).collect()
        }
        None => BTreeMap::new(),
        Some(_) => return Vec::new(),
    };
    let is_defined = |key: &str| template.fields.iter().any(|field| field.key == key);
    let mut judged = Map::new();
    for (key, value) in &given {
        match value {
            Some(Value::Null) => {}
            Some(value) => drop(judged.insert((*key).clone(), value.clone())),
            None if is_defined(key) => {}
            None => drop(judged.insert((*key).clone(), Value::Null)),
        }
    }
    let mut problems = Vec::new();
    let is_filled = |key: &String| given.get(key).is_some_and(|value| *value != Some(Value::Null));
    for field in template.fields.iter().filter(|field| field.archived && is_filled(&field.key)) {
        let words = field.archived_words();
        problems.push(step.problem(&["fields", &field.key], "archived_field", words));
        judged.remove(&field.key);
    }
    for (key, value) in judged {
        let one = Map::from_iter([(key.clone(), value)]);
        if let Err(refusal) = checked_fields(&template.fields, &one, false) {
            let code = if is_defined(&key) { "wrong_kind" } else { "unknown_field" };
            problems.push(step.problem(&["fields", &key], code, refusal.sentence.clone()));
        }
    }
    for field in template.fields.iter().filter(|field| field.required && !field.archived) {
        if given.get(&field.key).is_none_or(|value| *value == Some(Value::Null)) {
            let message = format!("the case template '{}' requires the field '{}'; add it", template.name, field.key);
            problems.push(step.problem(&["fields", &field.key], "missing_field", message));
        }
    }
    problems
}
