//! New ids for different steps that two sides added with the same id, and for the references to them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::flat::Flat;
use crate::limits::ID_CHARS_MAX;

/// The steps that both sides added with the same id but different content, each with a free id.
pub(super) fn collisions(base: &Flat, theirs: &Flat, mine: &Flat) -> BTreeMap<String, String> {
    let mut taken: BTreeSet<String> =
        [base, theirs, mine].into_iter().flat_map(|flat| flat.steps.keys().cloned()).collect();
    let mut renamed = BTreeMap::new();
    for (id, step) in &mine.steps {
        if base.steps.contains_key(id) || theirs.steps.get(id).is_none_or(|other| other == step) {
            continue;
        }
        let free = free_id(id, &taken);
        taken.insert(free.clone());
        renamed.insert(id.clone(), free);
    }
    renamed
}

fn free_id(id: &str, taken: &BTreeSet<String>) -> String {
    let mut number: u32 = 2;
    loop {
        let end = format!("_{number}");
        let start: String = id.chars().take(ID_CHARS_MAX.saturating_sub(end.len())).collect();
        let free = start + &end;
        if !taken.contains(&free) {
            return free;
        }
        number += 1;
    }
}

/// The definition with the new ids of these steps, in the steps and in every reference.
pub(super) fn rename(definition: &Value, renamed: &BTreeMap<String, String>) -> Value {
    if renamed.is_empty() { definition.clone() } else { walked(definition, renamed) }
}

fn walked(value: &Value, renamed: &BTreeMap<String, String>) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| walked(item, renamed)).collect(),
        Value::Object(members) => {
            let is_step = members.contains_key("do") || members.contains_key("choose");
            let members = members.iter().map(|(name, member)| {
                let member = match (name.as_str(), member) {
                    ("id", Value::String(id)) if is_step => Value::from(renamed.get(id).unwrap_or(id).as_str()),
                    ("ref" | "field", Value::String(path)) => Value::from(reference(path, renamed)),
                    ("literal", member) => member.clone(),
                    (_, member) => walked(member, renamed),
                };
                (name.clone(), member)
            });
            Value::Object(members.collect())
        }
        Value::String(text) if text.contains("{{") => Value::from(template(text, renamed)),
        other => other.clone(),
    }
}

/// A reference with the new id of its root.
fn reference(path: &str, renamed: &BTreeMap<String, String>) -> String {
    let end = path.find(['.', '[']).unwrap_or(path.len());
    let (root, rest) = path.split_at(end);
    renamed.get(root.trim()).map_or_else(|| path.to_owned(), |new| format!("{new}{rest}"))
}

/// A text whose references have the new ids of their roots.
fn template(text: &str, renamed: &BTreeMap<String, String>) -> String {
    let mut written = String::with_capacity(text.len());
    let mut left = text;
    while let Some(start) = left.find("{{") {
        let Some(length) = left[start..].find("}}") else { break };
        let inner = &left[start + 2..start + length];
        let path = inner.trim_start();
        written.push_str(&left[..start + 2 + (inner.len() - path.len())]);
        written.push_str(&reference(path, renamed));
        left = &left[start + length..];
    }
    written.push_str(left);
    written
}
