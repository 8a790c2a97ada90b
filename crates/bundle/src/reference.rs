//! Ids in definitions, and the slugs that replace them in a bundle: `{$slug: case-templates/kyc}`.

use std::collections::{BTreeMap, BTreeSet};

use docket_kernel::{WorkflowId, is_slug};
use serde_json::{Map, Value, json};

/// The member that refers to an object by its slug.
const SLUG: &str = "$slug";

/// Maps slug paths to the ids of one environment, and ids to slug paths.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ids {
    paths: BTreeMap<String, String>,
    ids: BTreeMap<String, String>,
}

impl Ids {
    /// Whether there is a slug for this id.
    pub(crate) fn knows(&self, id: &str) -> bool {
        self.paths.contains_key(id)
    }

    pub(crate) fn know(&mut self, path: String, id: &str) {
        self.paths.insert(id.to_owned(), path.clone());
        self.ids.insert(path, id.to_owned());
    }
}

/// A value in a definition, with its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Path segments, joined by slashes.
    pub(crate) at: String,
    /// The id or the slug path.
    pub(crate) what: String,
}

/// Replaces ids in a definition with slugs; also returns the paths it refers to, and the ids that have no slug.
pub(crate) fn to_slugs(definition: &Value, ids: &Ids) -> (Value, BTreeSet<String>, Vec<Found>) {
    let mut walk = Walk { ids, named: BTreeSet::new(), odd: Vec::new() };
    let tree = walk.with_slugs(definition, "");
    (tree, walk.named, walk.odd)
}

/// Replaces slugs in a definition with the ids of an environment; also returns the paths that do not exist there, and
/// the plain ids in the definition.
pub(crate) fn to_ids(definition: &Value, ids: &Ids) -> (Value, Vec<Found>, Vec<Found>) {
    let mut walk = Walk { ids, named: BTreeSet::new(), odd: Vec::new() };
    let mut unknown = Vec::new();
    let tree = walk.with_ids(definition, "", &mut unknown);
    (tree, unknown, walk.odd)
}

/// The slugs of workflows that a definition of a bundle refers to.
pub(crate) fn workflow_slugs<'d>(definition: &'d Value, found: &mut BTreeSet<&'d str>) {
    match definition {
        Value::Array(items) => items.iter().for_each(|item| workflow_slugs(item, found)),
        Value::Object(members) => match slug_in(members) {
            Some(path) => found.extend(path.strip_prefix("workflows/").filter(|slug| is_slug(slug))),
            None => members.values().for_each(|value| workflow_slugs(value, found)),
        },
        _ => {}
    }
}

/// The ids of workflows that a definition of an environment refers to.
pub(crate) fn workflow_ids(definition: &Value, found: &mut BTreeSet<String>) {
    match definition {
        Value::String(text) => found.extend(WorkflowId::is_made_by_docket(text).then(|| text.clone())),
        Value::Array(items) => items.iter().for_each(|item| workflow_ids(item, found)),
        Value::Object(members) => members.values().for_each(|value| workflow_ids(value, found)),
        _ => {}
    }
}

struct Walk<'i> {
    ids: &'i Ids,
    named: BTreeSet<String>,
    odd: Vec<Found>,
}

impl Walk<'_> {
    fn with_slugs(&mut self, value: &Value, at: &str) -> Value {
        match value {
            Value::String(text) => match self.ids.paths.get(text) {
                Some(path) => {
                    self.named.insert(path.clone());
                    json!({ SLUG: path })
                }
                None => {
                    self.note(text, at);
                    value.clone()
                }
            },
            Value::Array(items) => items
                .iter()
                .enumerate()
                .map(|(place, item)| self.with_slugs(item, &below(at, &segment(item, place))))
                .collect(),
            Value::Object(members) => {
                let inner =
                    |(name, value): (&String, &Value)| (escaped(name), self.with_slugs(value, &below(at, name)));
                Value::Object(members.iter().map(inner).collect())
            }
            other => other.clone(),
        }
    }

    fn with_ids(&mut self, value: &Value, at: &str, unknown: &mut Vec<Found>) -> Value {
        match value {
            Value::String(text) => {
                if !self.ids.paths.contains_key(text) {
                    self.note(text, at);
                }
                value.clone()
            }
            Value::Array(items) => {
                let inner = |(place, item)| self.with_ids(item, &below(at, &segment(item, place)), unknown);
                items.iter().enumerate().map(inner).collect()
            }
            Value::Object(members) => {
                if let Some(path) = slug_in(members) {
                    return match self.ids.ids.get(path) {
                        Some(id) => Value::from(id.as_str()),
                        None => {
                            unknown.push(Found { at: at.to_owned(), what: path.to_owned() });
                            value.clone()
                        }
                    };
                }
                let inner = |(name, value): (&String, &Value)| {
                    (unescaped(name), self.with_ids(value, &below(at, name), unknown))
                };
                Value::Object(members.iter().map(inner).collect())
            }
            other => other.clone(),
        }
    }

    fn note(&mut self, text: &str, at: &str) {
        let ids = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| is_id(word));
        self.odd.extend(ids.map(|id| Found { at: at.to_owned(), what: id.to_owned() }));
    }
}

fn below(at: &str, segment: &str) -> String {
    if at.is_empty() { segment.to_owned() } else { format!("{at}/{segment}") }
}

/// The path segment of an item: a step's id, or the index of anything else.
fn segment(item: &Value, place: usize) -> String {
    item.get("id").and_then(Value::as_str).map_or_else(|| place.to_string(), str::to_owned)
}

fn slug_in(members: &Map<String, Value>) -> Option<&str> {
    if members.len() == 1 { members.get(SLUG)?.as_str() } else { None }
}

/// A member whose real name is `$slug` gets another dollar sign, which is removed again on import.
fn escaped(name: &str) -> String {
    if is_dollars_slug(name) { format!("${name}") } else { name.to_owned() }
}

fn unescaped(name: &str) -> String {
    match name.strip_prefix('$') {
        Some(rest) if is_dollars_slug(rest) => rest.to_owned(),
        _ => name.to_owned(),
    }
}

fn is_dollars_slug(name: &str) -> bool {
    name.strip_suffix("slug").is_some_and(|dollars| !dollars.is_empty() && dollars.bytes().all(|byte| byte == b'$'))
}

/// The id prefixes of an environment's own objects. Ids of inquiry templates and the like are assigned by the vendor,
/// and are the same in every environment.
const KINDS: &[&str] = &[
    "org", "env", "user", "api", "ses", "case", "ctmpl", "cst", "ccmt", "file", "cobj", "obj", "wfl", "wfv", "wfr",
    "wfg", "wfs", "evt", "src", "rcpt", "req", "act", "acct", "inq", "txn", "rep", "ver", "doc", "lst",
];
/// The minimum length of an id after its prefix, in characters.
const ID_CHARACTERS_MIN: usize = 16;

/// Whether a word looks like the id of an object that exists in one environment only.
fn is_id(word: &str) -> bool {
    word.split_once('_').is_some_and(|(kind, rest)| {
        KINDS.contains(&kind)
            && rest.len() >= ID_CHARACTERS_MIN
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && rest.bytes().any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_become_slugs_and_slugs_ids_again() {
        let mut ids = Ids::default();
        ids.know("case-templates/kyc".into(), "ctmpl_01jd3v8m6hf8k9w3q4t5r6y7z8");
        let definition = json!({
            "trigger": {"on": ["api"]},
            "steps": [{"id": "create", "with": {
                "template": {"literal": "ctmpl_01jd3v8m6hf8k9w3q4t5r6y7z8"},
                "list": ["ctmpl_01jd3v8m6hf8k9w3q4t5r6y7z8", "itmpl_AbCdEfGh12345678"],
                "odd": {"$slug": "x", "$$slug": 1},
                "alone": {"$slug": "case-templates/kyc"},
            }}],
        });

        let (tree, named, odd) = to_slugs(&definition, &ids);

        assert_eq!(tree["steps"][0]["with"]["template"], json!({"literal": {"$slug": "case-templates/kyc"}}));
        assert_eq!(tree["steps"][0]["with"]["alone"], json!({"$$slug": "case-templates/kyc"}));
        assert_eq!(named.into_iter().collect::<Vec<_>>(), ["case-templates/kyc"]);
        assert_eq!(odd, []);
        assert_eq!(to_ids(&tree, &ids), (definition, vec![], vec![]));
    }

    #[test]
    fn an_id_without_a_slug_is_found_also_in_a_text() {
        let case = "case_01jd3v8m6hf8k9w3q4t5r6y7z8";
        let definition =
            json!({"steps": [{"id": "note", "with": {"text": format!("see {case}, please"), "of": "case_status"}}]});

        let (tree, _, odd) = to_slugs(&definition, &Ids::default());

        assert_eq!(tree, definition);
        assert_eq!(odd, [Found { at: "steps/note/with/text".into(), what: case.into() }]);
    }

    #[test]
    fn a_slug_that_leads_nowhere_is_named_with_its_place() {
        let definition = json!({"steps": [{"id": "create", "with": {"template": {"$slug": "case-templates/none"}}}]});

        let (_, unknown, _) = to_ids(&definition, &Ids::default());

        assert_eq!(unknown, [Found { at: "steps/create/with/template".into(), what: "case-templates/none".into() }]);
    }
}
