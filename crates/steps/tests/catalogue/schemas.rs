//! The committed schemas of step types: a change shows in the diff, and a schema that can't read saved workflows is
//! refused.

use std::path::{Path, PathBuf};

use docket_steps::{entries, reference};
use docket_workflows::kind::ValueKind;
use docket_workflows::step_type::Entry;
use serde_json::{Value, json};

use crate::all;

/// The command that accepts the current schemas as the committed ones.
pub const ACCEPT: &str = "DOCKET_WRITE_DOCS=1 cargo test -p docket-steps";

pub fn accepts() -> bool {
    std::env::var_os("DOCKET_WRITE_DOCS").is_some()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas")
}

fn schemas(entry: &Entry) -> Value {
    json!({"config": entry.config, "output": entry.output})
}

/// Compares a folder with the schemas of step types, or updates it; returns the differences.
fn judged(folder: &Path, entries: &[Entry], accepts: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut expected = Vec::new();
    for entry in entries {
        let name = reference::file_name(entry).replace(".md", ".json");
        let file = folder.join(&name);
        let present = schemas(entry);
        let committed: Option<Value> =
            std::fs::read_to_string(&file).ok().map(|text| serde_json::from_str(&text).expect("JSON"));
        if let Some(committed) = &committed {
            wrong.extend(no_longer_read(committed, &present).into_iter().map(|why| format!("{name}: {why}")));
        }
        if committed.as_ref() != Some(&present) {
            if accepts && wrong.is_empty() {
                std::fs::create_dir_all(folder).expect("a folder");
                let text = serde_json::to_string_pretty(&present).expect("JSON") + "\n";
                std::fs::write(&file, text).expect("it is written");
            } else {
                wrong.push(format!("{name} is not the schema of {}: {ACCEPT}", entry.about.key));
            }
        }
        expected.push(name);
    }
    let found = std::fs::read_dir(folder).into_iter().flatten().map(|file| file.expect("a file").file_name());
    let found = found.map(|name| name.into_string().expect("a name"));
    wrong.extend(found.filter(|name| !expected.contains(name)).map(|name| format!("{name} is of no step type")));
    wrong
}

/// Why workflows saved with one schema can't be read with another: inputs they set are no longer accepted, outputs they
/// refer to no longer exist, or inputs they lack are required.
fn no_longer_read(old: &Value, new: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    for part in ["config", "output"] {
        let members = |schema: &Value| schema[part]["properties"].as_object().cloned().unwrap_or_default();
        let (old_members, new_members) = (members(old), members(new));
        for (name, was) in &old_members {
            match new_members.get(name) {
                None => wrong.push(format!("{part} has no '{name}' any more")),
                Some(is) if ["type", "x-object", "format"].iter().any(|word| narrows(&was[*word], &is[*word])) => {
                    wrong.push(format!("{part} '{name}' is of another type"));
                }
                Some(_) => {}
            }
        }
    }
    let required = |schema: &Value| schema["config"]["required"].as_array().cloned().unwrap_or_default();
    let before = required(old);
    wrong.extend(required(new).iter().filter(|name| !before.contains(name)).map(|name| format!("{name} is required")));
    if old["output"]["x-object"] != new["output"]["x-object"] {
        wrong.push("output is another object".into());
    }
    wrong
}

/// Whether a member of a schema accepts less than before: another type, or no null.
fn narrows(was: &Value, is: &Value) -> bool {
    let words = |value: &Value| match value {
        Value::Array(words) => words.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    };
    let is = words(is);
    !is.is_empty() && words(was).iter().any(|word| !is.contains(word)) || (words(was).is_empty() && !is.is_empty())
}

#[test]
fn the_schemas_match_the_committed_ones() {
    let wrong = judged(&folder(), &entries(), accepts());

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_new_step_types_schema_is_required_accepted_and_kept() {
    let folder = std::env::temp_dir().join(format!("docket-schemas-{}", std::process::id()));
    let wanted = judged(&folder, &all(), false);
    let accepted = judged(&folder, &all(), true);
    let held = judged(&folder, &all(), false);
    let left_over = judged(&folder, &entries(), false);
    std::fs::remove_dir_all(&folder).expect("it is removed");

    assert_eq!(wanted.len(), all().len(), "{wanted:#?}");
    assert!(accepted.is_empty() && held.is_empty(), "{accepted:#?} {held:#?}");
    assert_eq!(left_over, ["toy-double.json is of no step type"]);
}

#[test]
fn a_schema_that_cannot_read_saved_workflows_is_reported() {
    let of = |config: Value, required: &[&str], output: Value| json!({"config": {"properties": config, "required": required}, "output": {"properties": output}});
    let old = of(json!({"a": {"type": "string"}, "b": {"type": ["array", "null"]}}), &["a"], json!({"c": {}}));

    for (new, why) in [
        (of(json!({"a": {"type": "string"}}), &["a"], json!({"c": {}})), "config has no 'b' any more"),
        (
            of(json!({"a": {"type": "integer"}, "b": {"type": ["array", "null"]}}), &["a"], json!({"c": {}})),
            "config 'a' is of another type",
        ),
        (
            of(json!({"a": {"type": "string"}, "b": {"type": "array"}}), &["a"], json!({"c": {}})),
            "config 'b' is of another type",
        ),
        (
            of(json!({"a": {"type": "string"}, "b": {"type": ["array", "null"]}}), &["a"], json!({})),
            "output has no 'c' any more",
        ),
        (
            of(json!({"a": {"type": "string"}, "b": {"type": ["array", "null"]}}), &["a", "b"], json!({"c": {}})),
            "\"b\" is required",
        ),
    ] {
        assert_eq!(no_longer_read(&old, &new), [why]);
    }
    let wider = json!({"a": {"type": ["string", "null"]}, "b": {"type": ["array", "null"]}, "d": {"type": "string"}});
    assert_eq!(no_longer_read(&old, &of(wider, &[], json!({"c": {}, "e": {}}))), Vec::<String>::new());
}

/// A literal in place of a reference in an example, as the input accepts it.
fn written_out(kind: &ValueKind, value: &Value) -> Value {
    match (kind, value) {
        (ValueKind::Array(item), Value::Array(items)) => items.iter().map(|value| written_out(item, value)).collect(),
        (ValueKind::Object(_) | ValueKind::AnyObject, Value::Object(members)) if members.contains_key("ref") => {
            "case_1".into()
        }
        (_, value) => value.clone(),
    }
}

#[test]
fn every_example_is_valid_for_its_schema() {
    for entry in all() {
        let mut example = entry.example.clone();
        for input in &entry.shape.inputs {
            if let Some(value) = example.get_mut(&input.name) {
                *value = written_out(&input.kind, value);
            }
        }
        let schema = serde_json::to_value(&entry.config).expect("JSON");
        let validator = jsonschema::validator_for(&schema).expect("a schema");

        let wrong: Vec<_> = validator.iter_errors(&example).map(|error| error.to_string()).collect();

        assert!(wrong.is_empty(), "{}: {wrong:#?}", entry.about.key);
        assert!(!validator.is_valid(&json!({})), "{}: an empty input must be refused", entry.about.key);
    }
}
