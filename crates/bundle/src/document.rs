//! The document: what a bundle carries. Secrets, people and cases are never in it.

use std::collections::BTreeSet;

use docket_cases::{FieldSchema, RetiredInput, StatusType};
use docket_kernel::{Refusal, is_slug, tidied_name};
use docket_workflows::read;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The most case templates of a bundle.
pub const TEMPLATES_MAX: usize = 100;
/// The most workflows of a bundle.
pub const WORKFLOWS_MAX: usize = 250;
/// The most bytes of a bundle, as a text and as compact JSON (4 MiB).
pub const BYTES_MAX: usize = 4 * 1024 * 1024;

const KIND: &str = "bundle";
const VERSION: u64 = 1;

/// What a bundle carries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bundle {
    /// Case templates, by slug.
    pub case_templates: Vec<TemplateEntry>,
    /// Workflows, by slug.
    pub workflows: Vec<WorkflowEntry>,
}

/// A case template.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateEntry {
    /// What it is called in every environment.
    pub slug: String,
    /// What people read.
    pub name: String,
    /// What the numbers of its cases begin with.
    pub key: String,
    /// The fields of its cases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldSchema>,
    /// Its statuses, in their order.
    pub statuses: Vec<StatusEntry>,
    /// Statuses that were removed, whose names find their successors.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retired: Vec<RetiredInput>,
}

/// A status.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusEntry {
    /// What it is called in every environment: unique in its template.
    pub slug: String,
    /// What people read.
    pub name: String,
    /// What it means.
    pub r#type: StatusType,
    /// A color, as `#rrggbb`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    /// Whether a person has to say why.
    #[serde(default, skip_serializing_if = "is_false")]
    pub require_comment: bool,
    /// Whether an API key has to as well.
    #[serde(default, skip_serializing_if = "is_false")]
    pub comment_binds_keys: bool,
    /// Whether a workflow has to as well.
    #[serde(default, skip_serializing_if = "is_false")]
    pub comment_binds_workflows: bool,
    /// Slugs of the only statuses that may follow; absent for any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_next: Option<Vec<String>>,
    /// Names it had before, which still find it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former_names: Vec<String>,
}

/// A workflow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkflowEntry {
    /// What it is called in every environment.
    pub slug: String,
    /// What people read.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What it does, with `{$slug: …}` where an id of its environment stands.
    pub definition: Value,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

impl Bundle {
    /// The document as a tree, always the same for the same bundle.
    pub fn to_json(&self) -> Value {
        json!({
            "docket": KIND,
            "version": VERSION,
            "case_templates": self.case_templates.iter().map(TemplateEntry::to_json).collect::<Vec<_>>(),
            "workflows": self.workflows.iter().map(WorkflowEntry::to_json).collect::<Vec<_>>(),
        })
    }

    /// Reads a text that is YAML or JSON.
    pub fn from_text(text: &str) -> Result<Self, Refusal> {
        let tree = read::document(text, BYTES_MAX).map_err(|problem| malformed("", problem.message))?;
        Self::from_json(&tree)
    }

    /// Reads a tree, and refuses whatever it does not know.
    pub fn from_json(tree: &Value) -> Result<Self, Refusal> {
        let Value::Object(members) = tree else {
            return Err(malformed(
                "",
                "a setup bundle is an object with the members docket, version, case_templates and workflows",
            ));
        };
        if members.get("docket") != Some(&KIND.into()) {
            return Err(malformed("docket", "this is no setup bundle: one begins with `docket: bundle`"));
        }
        if members.get("version") != Some(&VERSION.into()) {
            let given = members.get("version").unwrap_or(&Value::Null);
            return Err(malformed(
                "version",
                format!("this Docket reads setup bundles of version {VERSION}, not {given}"),
            ));
        }
        if let Some(odd) =
            members.keys().find(|name| !["docket", "version", "case_templates", "workflows"].contains(&name.as_str()))
        {
            return Err(malformed(
                odd,
                format!("a setup bundle has no member '{odd}'; it has docket, version, case_templates and workflows"),
            ));
        }
        let bytes = tree.to_string().len();
        if bytes > BYTES_MAX {
            return Err(malformed("", format!("a setup bundle has at most {BYTES_MAX} bytes, not {bytes}: split it")));
        }
        let mut findings = Vec::new();
        let mut bundle = Self {
            case_templates: entries(members, "case_templates", TEMPLATES_MAX, &mut findings),
            workflows: entries(members, "workflows", WORKFLOWS_MAX, &mut findings),
        };
        bundle.tidy_names();
        bundle.check(members, &mut findings);
        Refusal::of_all(findings).map_or(Ok(bundle), Err)
    }

    /// Names as they are stored, so that a bundle written by hand differs in nothing once it is applied.
    fn tidy_names(&mut self) {
        for template in &mut self.case_templates {
            template.name = tidied_name(&template.name);
            for status in &mut template.statuses {
                status.name = tidied_name(&status.name);
            }
        }
        for workflow in &mut self.workflows {
            workflow.name = tidied_name(&workflow.name);
        }
    }

    fn check(&self, members: &Map<String, Value>, findings: &mut Vec<Refusal>) {
        let templates: Vec<&str> = self.case_templates.iter().map(|entry| entry.slug.as_str()).collect();
        let workflows: Vec<&str> = self.workflows.iter().map(|entry| entry.slug.as_str()).collect();
        check_slugs("case_templates", &templates, findings);
        check_slugs("workflows", &workflows, findings);
        for (place, entry) in self.case_templates.iter().enumerate() {
            let at = format!("case_templates/{place}");
            let slugs: Vec<&str> = entry.statuses.iter().map(|status| status.slug.as_str()).collect();
            check_slugs(&format!("{at}/statuses"), &slugs, findings);
            let retired: Vec<&str> = entry.retired.iter().map(|retired| retired.slug.as_str()).collect();
            check_slugs(&format!("{at}/retired"), &retired, findings);
            let next = entry.statuses.iter().flat_map(|status| status.allowed_next.iter().flatten());
            for slug in next.chain(entry.retired.iter().map(|retired| &retired.successor)) {
                if !slugs.contains(&slug.as_str()) {
                    let known = slugs.join(", ");
                    let sentence =
                        format!("case template '{}' has no status with the slug {slug}; it has {known}", entry.slug);
                    findings.push(malformed(&format!("{at}/statuses"), sentence));
                }
            }
            findings.extend(odd_field_members(members, place).map(|(field, name)| {
                malformed(&format!("{at}/fields/{field}/{name}"), format!("a field has no member '{name}'"))
            }));
        }
        for (place, entry) in self.workflows.iter().enumerate() {
            if !entry.definition.is_object() {
                findings.push(malformed(
                    &format!("workflows/{place}/definition"),
                    "a definition is an object with a trigger and steps",
                ));
            }
        }
    }
}

impl TemplateEntry {
    /// The entry as a tree.
    pub fn to_json(&self) -> Value {
        let mut tree = json!(self);
        for field in tree.get_mut("fields").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(members) = field.as_object_mut() {
                members.retain(|_, value| !says_nothing(value));
            }
        }
        tree
    }
}

impl WorkflowEntry {
    /// The entry as a tree.
    pub fn to_json(&self) -> Value {
        json!(self)
    }
}

/// A member of a field that is what it is where it is left out.
fn says_nothing(value: &Value) -> bool {
    matches!(value, Value::Null | Value::Bool(false)) || value.as_array().is_some_and(Vec::is_empty)
}

fn entries<T: DeserializeOwned>(
    members: &Map<String, Value>,
    name: &str,
    most: usize,
    findings: &mut Vec<Refusal>,
) -> Vec<T> {
    let items = match members.get(name) {
        None | Some(Value::Null) => return Vec::new(),
        Some(Value::Array(items)) => items,
        Some(_) => {
            findings.push(malformed(name, format!("{name} is a list")));
            return Vec::new();
        }
    };
    if items.len() > most {
        findings.push(malformed(
            name,
            format!("a setup bundle has at most {most} {}, not {}: split it", name.replace('_', " "), items.len()),
        ));
        return Vec::new();
    }
    let mut read = Vec::with_capacity(items.len());
    for (place, item) in items.iter().enumerate() {
        match serde_json::from_value(item.clone()) {
            Ok(entry) => read.push(entry),
            Err(error) => findings.push(malformed(&format!("{name}/{place}"), error)),
        }
    }
    read
}

fn check_slugs(at: &str, slugs: &[&str], findings: &mut Vec<Refusal>) {
    let mut seen = BTreeSet::new();
    for (place, slug) in slugs.iter().enumerate() {
        let at = format!("{at}/{place}/slug");
        if !is_slug(slug) {
            findings.push(malformed(
                &at,
                format!("'{slug}' is no slug: a slug is 1 to 64 lower-case letters, digits and hyphens"),
            ));
        }
        if !seen.insert(*slug) {
            findings.push(malformed(&at, format!("the slug {slug} is there twice")));
        }
    }
}

/// Members of a template's fields that no field has.
fn odd_field_members(members: &Map<String, Value>, place: usize) -> impl Iterator<Item = (usize, &String)> {
    let fields = members["case_templates"][place]["fields"].as_array();
    fields.into_iter().flatten().enumerate().flat_map(|(field, given)| {
        let known = serde_json::from_value::<FieldSchema>(given.clone()).ok().map(|schema| json!(schema));
        let is_odd = move |name: &&String| known.as_ref().is_some_and(|known| known.get(name.as_str()).is_none());
        given.as_object().into_iter().flat_map(Map::keys).filter(is_odd).map(move |name| (field, name))
    })
}

fn malformed(at: &str, sentence: impl std::fmt::Display) -> Refusal {
    let place = if at.is_empty() { String::new() } else { format!("{at}: ") };
    let pointer =
        if at.is_empty() { "/data/attributes/bundle".into() } else { format!("/data/attributes/bundle/{at}") };
    Refusal::rule("bundle", format!("{place}{sentence}")).at(pointer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_stored() {
        let text = "docket: bundle\nversion: 1\nworkflows:\n  - slug: w\n    name: '  two   words '\n    definition: {steps: []}\n";

        let bundle = Bundle::from_text(text).expect("a bundle");

        assert_eq!(bundle.workflows[0].name, "two words");
    }
}
