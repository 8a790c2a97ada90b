//! The bundle document. It never contains secrets, people or cases.

use std::borrow::Cow;
use std::collections::BTreeSet;

use docket_cases::{FIELDS_MAX, FieldSchema, RetiredInput, STATUSES_MAX, StatusType};
use docket_kernel::{Refusal, is_slug, tidied_name};
use docket_workflows::names::listed;
use docket_workflows::read;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::order::ordered;

/// The maximum number of case templates in a bundle.
pub const TEMPLATES_MAX: usize = 100;
/// The maximum number of workflows in a bundle.
pub const WORKFLOWS_MAX: usize = 250;
/// The maximum number of removed statuses of a case template in a bundle.
pub const RETIRED_MAX: usize = 1_000;
/// The maximum size of a bundle in bytes, both as text and as compact JSON (4 MiB).
pub const BYTES_MAX: usize = 4 * 1024 * 1024;
/// The maximum number of problems of a bundle that one refusal lists.
const PROBLEMS_MAX: usize = 100;
/// The maximum length of a given text that a problem quotes, in characters.
const SHOWN_CHARACTERS: usize = 300;

const KIND: &str = "bundle";
const VERSION: u64 = 1;

/// The content of a bundle.
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
    /// Its slug, the same in every environment.
    pub slug: String,
    /// The display name.
    pub name: String,
    /// The prefix of the numbers of its cases.
    pub key: String,
    /// The fields of its cases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldSchema>,
    /// Its statuses, in order.
    pub statuses: Vec<StatusEntry>,
    /// Removed statuses, whose names resolve to their successors.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retired: Vec<RetiredInput>,
}

/// A status.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusEntry {
    /// Its slug, the same in every environment; unique in its template.
    pub slug: String,
    /// The display name.
    pub name: String,
    /// Its type.
    pub r#type: StatusType,
    /// A color, as `#rrggbb`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    /// Whether a person must give a reason.
    #[serde(default, skip_serializing_if = "is_false")]
    pub require_comment: bool,
    /// Whether an API key must give a reason too.
    #[serde(default, skip_serializing_if = "is_false")]
    pub comment_binds_keys: bool,
    /// Whether a workflow must give a reason too.
    #[serde(default, skip_serializing_if = "is_false")]
    pub comment_binds_workflows: bool,
    /// Slugs of the only statuses that may follow; absent for any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_next: Option<Vec<String>>,
    /// Former names, which still resolve to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former_names: Vec<String>,
}

/// A workflow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkflowEntry {
    /// Its slug, the same in every environment.
    pub slug: String,
    /// The display name.
    pub name: String,
    /// Its description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its definition, with `{$slug: …}` in place of each id of its environment.
    pub definition: Value,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

impl Bundle {
    /// The document as a JSON tree, always the same for the same bundle.
    pub fn to_json(&self) -> Value {
        json!({
            "docket": KIND,
            "version": VERSION,
            "case_templates": self.case_templates.iter().map(TemplateEntry::to_json).collect::<Vec<_>>(),
            "workflows": self.workflows.iter().map(WorkflowEntry::to_json).collect::<Vec<_>>(),
        })
    }

    /// Parses a text that is YAML or JSON.
    pub fn from_text(text: &str) -> Result<Self, Refusal> {
        let tree = read::document(text, BYTES_MAX).map_err(|problem| malformed("", problem.message))?;
        Self::from_json(&tree)
    }

    /// Reads a JSON tree and refuses unknown members.
    pub fn from_json(tree: &Value) -> Result<Self, Refusal> {
        let Value::Object(members) = tree else {
            return Err(malformed(
                "",
                "a setup bundle must be an object with the members docket, version, case_templates and workflows",
            ));
        };
        if members.get("docket") != Some(&KIND.into()) {
            return Err(malformed("docket", "this is not a setup bundle: a setup bundle starts with `docket: bundle`"));
        }
        if members.get("version") != Some(&VERSION.into()) {
            let sentence = match members.get("version") {
                None => format!("the setup bundle has no version: add `version: {VERSION}`"),
                Some(given) => format!(
                    "version {} of setup bundles is not supported: this release of Docket reads version {VERSION}",
                    shown(&given.to_string())
                ),
            };
            return Err(malformed("version", sentence));
        }
        if let Some(odd) =
            members.keys().find(|name| !["docket", "version", "case_templates", "workflows"].contains(&name.as_str()))
        {
            return Err(malformed(
                &shown(odd),
                format!(
                    "unknown member '{}': a setup bundle has the members docket, version, case_templates and workflows",
                    shown(odd)
                ),
            ));
        }
        let bytes = tree.to_string().len();
        if bytes > BYTES_MAX {
            let sentence = format!(
                "a setup bundle can have up to {BYTES_MAX} bytes as JSON, and this one has {bytes}: split it into several"
            );
            return Err(malformed("", sentence));
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

    /// Normalizes names as they are stored, so that a bundle written by hand shows no differences after it is applied.
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
            if let Some(sentence) = too_long(entry) {
                add(findings, || malformed(&at, sentence));
                continue;
            }
            let slugs: Vec<&str> = entry.statuses.iter().map(|status| status.slug.as_str()).collect();
            check_slugs(&format!("{at}/statuses"), &slugs, findings);
            let retired: Vec<&str> = entry.retired.iter().map(|retired| retired.slug.as_str()).collect();
            check_slugs(&format!("{at}/retired"), &retired, findings);
            let known: BTreeSet<&str> = slugs.iter().copied().collect();
            let next = entry.statuses.iter().flat_map(|status| status.allowed_next.iter().flatten());
            let named = next.chain(entry.retired.iter().map(|retired| &retired.successor));
            for slug in named.filter(|slug| !known.contains(slug.as_str())) {
                add(findings, || {
                    let (template, slug) = (shown(&entry.slug), shown(slug));
                    let known = listed(slugs.iter().copied().filter(|slug| is_slug(slug)));
                    let sentence =
                        format!("case template '{template}' has no status with the slug '{slug}'; it has {known}");
                    malformed(&format!("{at}/statuses"), sentence)
                });
            }
            for (field, name) in odd_field_members(members, place) {
                let name = shown(name);
                add(findings, || {
                    malformed(&format!("{at}/fields/{field}/{name}"), format!("unknown member '{name}' of a field"))
                });
            }
        }
        for (place, entry) in self.workflows.iter().enumerate() {
            if !entry.definition.is_object() {
                add(findings, || {
                    let sentence = "a definition must be an object with a trigger and steps";
                    malformed(&format!("workflows/{place}/definition"), sentence)
                });
            }
        }
    }
}

impl TemplateEntry {
    /// The entry as a JSON tree.
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
    /// The entry as a JSON tree.
    pub fn to_json(&self) -> Value {
        let mut tree = json!(self);
        tree["definition"] = ordered(&self.definition);
        tree
    }
}

/// Whether a member of a field has the value that leaving it out would mean.
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
            findings.push(malformed(name, format!("{name} must be a list")));
            return Vec::new();
        }
    };
    if items.len() > most {
        findings.push(malformed(
            name,
            format!(
                "a setup bundle can have up to {most} {}, and this one has {}: split it into several",
                name.replace('_', " "),
                items.len()
            ),
        ));
        return Vec::new();
    }
    let mut read = Vec::with_capacity(items.len());
    for (place, item) in items.iter().enumerate() {
        match serde_json::from_value(item.clone()) {
            Ok(entry) => read.push(entry),
            Err(error) => add(findings, || malformed(&format!("{name}/{place}"), shown(&in_words(&error)))),
        }
    }
    read
}

fn check_slugs(at: &str, slugs: &[&str], findings: &mut Vec<Refusal>) {
    let mut seen = BTreeSet::new();
    for (place, slug) in slugs.iter().enumerate() {
        let at = format!("{at}/{place}/slug");
        if !is_slug(slug) {
            add(findings, || {
                let slug = shown(slug);
                malformed(
                    &at,
                    format!("'{slug}' is not a valid slug: use 1 to 64 lowercase letters, digits and hyphens"),
                )
            });
        }
        if !seen.insert(*slug) {
            add(findings, || malformed(&at, format!("the slug '{}' is used more than once", shown(slug))));
        }
    }
}

/// Why a template has more parts than allowed, if it does. Later checks compare the parts with each other.
fn too_long(entry: &TemplateEntry) -> Option<String> {
    let (statuses, fields, retired) = (entry.statuses.len(), entry.fields.len(), entry.retired.len());
    let lists = [
        ("statuses", statuses, STATUSES_MAX),
        ("fields", fields, FIELDS_MAX),
        ("removed statuses", retired, RETIRED_MAX),
    ];
    let (what, length, most) = lists.into_iter().find(|(_, length, most)| length > most)?;
    Some(format!("case template '{}' has {length} {what}; at most {most} are allowed", shown(&entry.slug)))
}

/// Unknown members of a template's fields.
fn odd_field_members(members: &Map<String, Value>, place: usize) -> impl Iterator<Item = (usize, &String)> {
    let fields = members["case_templates"][place]["fields"].as_array();
    fields.into_iter().flatten().enumerate().flat_map(|(field, given)| {
        let known = serde_json::from_value::<FieldSchema>(given.clone()).ok().map(|schema| json!(schema));
        let is_odd = move |name: &&String| known.as_ref().is_some_and(|known| known.get(name.as_str()).is_none());
        given.as_object().into_iter().flat_map(Map::keys).filter(is_odd).map(move |name| (field, name))
    })
}

/// Adds a problem unless the limit of listed problems is reached.
fn add(findings: &mut Vec<Refusal>, problem: impl FnOnce() -> Refusal) {
    match findings.len() {
        found if found < PROBLEMS_MAX => findings.push(problem()),
        PROBLEMS_MAX => {
            findings.push(malformed("", "there are more problems than are listed here; correct these first"));
        }
        _ => {}
    }
}

/// The beginning of a given text, to quote in a sentence.
fn shown(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// A refusal that ends with the path of the problem, so that it reads as a sentence. A sentence about a top-level
/// member of the bundle already names it.
fn malformed(at: &str, sentence: impl std::fmt::Display) -> Refusal {
    let place = if at.contains('/') { format!(" ({at})") } else { String::new() };
    let pointer =
        if at.is_empty() { "/data/attributes/bundle".into() } else { format!("/data/attributes/bundle/{at}") };
    Refusal::rule("bundle", format!("{sentence}{place}")).at(pointer)
}

/// A serde error in the words of JSON: serde's "field" becomes "member", because "field" means a field of a case.
fn in_words(error: &serde_json::Error) -> String {
    let words = error.to_string();
    let renamed = |found: &str, member: &str| words.strip_prefix(found).map(|rest| format!("{member}{rest}"));
    renamed("unknown field", "unknown member")
        .or_else(|| renamed("missing field", "missing member"))
        .or_else(|| renamed("duplicate field", "duplicate member"))
        .unwrap_or(words)
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

    fn bundle(statuses: &[Value]) -> Value {
        let template = json!({"slug": "kyc", "name": "KYC", "key": "KYC", "statuses": statuses});
        json!({"docket": KIND, "version": VERSION, "case_templates": [template]})
    }

    #[test]
    fn a_hundred_problems_are_listed_and_of_more_it_is_said_that_there_are_some() {
        let slugs = |count: usize| (0..count).map(|number| format!("none-{number}")).collect::<Vec<_>>();
        let status =
            |next: usize| json!({"slug": "open", "name": "Open", "type": "initial", "allowed_next": slugs(next)});
        let findings = |next: usize| Bundle::from_json(&bundle(&[status(next)])).unwrap_err().all().count();

        assert_eq!(
            [findings(1), findings(PROBLEMS_MAX), findings(PROBLEMS_MAX + 1)],
            [1, PROBLEMS_MAX, PROBLEMS_MAX + 1]
        );
        assert_eq!(findings(5 * PROBLEMS_MAX), PROBLEMS_MAX + 1);
        let refusal = Bundle::from_json(&bundle(&[status(PROBLEMS_MAX + 1)])).unwrap_err();
        assert!(refusal.all().last().is_some_and(|last| last.sentence.contains("more problems")));
    }

    #[test]
    fn a_template_has_as_many_parts_as_one_can_have_and_no_more() {
        let status = |number: usize| json!({"slug": format!("s{number}"), "name": "S", "type": "initial"});
        let field = |number: usize| json!({"key": format!("f{number}"), "type": "string"});
        let gone = |number: usize| json!({"slug": format!("g{number}"), "names": ["G"], "successor": "s0"});
        let read = |statuses: usize, fields: usize, retired: usize| {
            let mut tree = bundle(&(0..statuses).map(status).collect::<Vec<_>>());
            tree["case_templates"][0]["fields"] = (0..fields).map(field).collect();
            tree["case_templates"][0]["retired"] = (0..retired).map(gone).collect();
            Bundle::from_json(&tree).map(drop).map_err(|refusal| refusal.sentence.clone())
        };

        assert_eq!(read(STATUSES_MAX, FIELDS_MAX, RETIRED_MAX), Ok(()));
        for (statuses, fields, retired) in [(STATUSES_MAX + 1, 0, 0), (1, FIELDS_MAX + 1, 0), (1, 0, RETIRED_MAX + 1)] {
            let refused = read(statuses, fields, retired).unwrap_err();
            assert!(refused.contains("at most"), "{refused}");
        }
    }

    #[test]
    fn what_a_refusal_says_stays_short_however_much_a_bundle_holds() {
        let known = (1..STATUSES_MAX).map(|number| {
            let slug = format!("{}{number}", "s".repeat(60));
            json!({"slug": slug, "name": "Open", "type": "initial"})
        });
        let long: Vec<String> = (0..200).map(|number| format!("{}{number}", "n".repeat(10_000))).collect();
        let odd = json!({"slug": "odd", "name": "Odd", "type": "end", "allowed_next": long});

        let refusal = Bundle::from_json(&bundle(&known.chain([odd]).collect::<Vec<_>>())).unwrap_err();

        let bytes: usize = refusal.all().map(|finding| finding.sentence.len()).sum();
        assert!(bytes < 512 * 1024, "{bytes}");
    }
}
