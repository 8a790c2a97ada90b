//! The differences between two entries, member by member.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

/// The maximum number of changes listed per item.
pub(crate) const CHANGES_MAX: usize = 500;

/// A change of one member.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The path of the member, by names that stay the same when other items are added: `statuses/pending/color`.
    pub at: String,
    /// The old value; `None` if the member is added.
    pub before: Option<Value>,
    /// The new value; `None` if the member is removed.
    pub after: Option<Value>,
}

/// Every member in which two trees differ, up to [`CHANGES_MAX`].
pub(crate) fn changes(before: &Value, after: &Value) -> Vec<Change> {
    let mut found = Vec::new();
    compare(&mut found, "", Some(before), Some(after));
    found.truncate(CHANGES_MAX);
    found
}

fn compare(found: &mut Vec<Change>, at: &str, before: Option<&Value>, after: Option<&Value>) {
    if before == after || found.len() >= CHANGES_MAX {
        return;
    }
    match (before, after) {
        (Some(Value::Object(before)), Some(Value::Object(after))) => members(found, at, before, after),
        (Some(Value::Array(before)), Some(Value::Array(after))) => items(found, at, before, after),
        (before, after) => {
            found.push(Change { at: at.to_owned(), before: before.cloned(), after: after.cloned() });
        }
    }
}

fn members(found: &mut Vec<Change>, at: &str, before: &Map<String, Value>, after: &Map<String, Value>) {
    let added = after.keys().filter(|name| !before.contains_key(*name));
    for name in before.keys().chain(added) {
        compare(found, &below(at, name), before.get(name), after.get(name));
    }
}

/// Items with names are matched by name, and their order is compared separately. Other lists are compared as a whole,
/// or by index if both have the same length.
fn items(found: &mut Vec<Change>, at: &str, before: &[Value], after: &[Value]) {
    let (Some(old), Some(new)) = (names(before), names(after)) else {
        let is_flat = |items: &[Value]| items.iter().all(|item| !item.is_object() && !item.is_array());
        if before.len() != after.len() || is_flat(before) && is_flat(after) {
            found.push(Change { at: at.to_owned(), before: Some(json!(before)), after: Some(json!(after)) });
            return;
        }
        for (place, (before, after)) in before.iter().zip(after).enumerate() {
            compare(found, &below(at, &place.to_string()), Some(before), Some(after));
        }
        return;
    };
    let (before, after) = (by_name(&old, before), by_name(&new, after));
    let kept = |names: &[String], others: &BTreeMap<&str, &Value>| {
        names.iter().filter(|name| others.contains_key(name.as_str())).cloned().collect::<Vec<_>>()
    };
    let (order, wanted) = (kept(&old, &after), kept(&new, &before));
    let added = new.iter().filter(|name| !before.contains_key(name.as_str()));
    for name in old.iter().chain(added) {
        compare(found, &below(at, name), before.get(name.as_str()).copied(), after.get(name.as_str()).copied());
    }
    if order != wanted {
        found.push(Change { at: below(at, "order"), before: Some(json!(order)), after: Some(json!(wanted)) });
    }
}

fn by_name<'i>(names: &'i [String], items: &'i [Value]) -> BTreeMap<&'i str, &'i Value> {
    names.iter().map(String::as_str).zip(items).collect()
}

/// The names that identify items: slugs, step ids or field keys. `None` if an item has no name or two have the same.
fn names(items: &[Value]) -> Option<Vec<String>> {
    let member = ["slug", "id", "key"]
        .into_iter()
        .find(|member| !items.is_empty() && items.iter().all(|item| item.get(member).is_some_and(Value::is_string)));
    let names: Vec<String> = match member {
        Some(member) => items.iter().filter_map(|item| item[member].as_str()).map(str::to_owned).collect(),
        None if items.is_empty() => Vec::new(),
        None => return None,
    };
    let distinct: BTreeSet<&String> = names.iter().collect();
    (distinct.len() == names.len()).then_some(names)
}

fn below(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}/{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(before: &Value, after: &Value) -> Vec<String> {
        let shown = |value: Option<Value>| value.map_or_else(|| "-".into(), |value| value.to_string());
        changes(before, after)
            .into_iter()
            .map(|c| format!("{}: {} > {}", c.at, shown(c.before), shown(c.after)))
            .collect()
    }

    #[test]
    fn the_same_differs_in_nothing() {
        let tree = json!({"a": [1, {"b": 2}], "c": null});

        assert!(changes(&tree, &tree).is_empty());
    }

    #[test]
    fn items_are_known_by_their_names_wherever_they_stand() {
        let before = json!({"statuses": [{"slug": "a", "name": "A"}, {"slug": "b", "name": "B"}]});
        let after =
            json!({"statuses": [{"slug": "b", "name": "B"}, {"slug": "c", "name": "C"}, {"slug": "a", "name": "Z"}]});

        assert_eq!(
            lines(&before, &after),
            [
                r#"statuses/a/name: "A" > "Z""#,
                r#"statuses/c: - > {"slug":"c","name":"C"}"#,
                r#"statuses/order: ["a","b"] > ["b","a"]"#,
            ]
        );
    }

    #[test]
    fn a_member_that_is_added_removed_or_changed_is_named_by_its_place() {
        let before = json!({"x": 1, "steps": [{"id": "s", "with": {"tags": ["a"]}}], "routes": [{"label": "A"}, {"label": "B"}]});
        let after = json!({"steps": [{"id": "s", "with": {"tags": ["a", "b"]}}], "y": 2, "routes": [{"label": "A"}, {"label": "C"}]});

        assert_eq!(
            lines(&before, &after),
            ["x: 1 > -", r#"steps/s/with/tags: ["a"] > ["a","b"]"#, r#"routes/1/label: "B" > "C""#, "y: - > 2",]
        );
    }

    #[test]
    fn long_lists_are_compared_by_their_names_in_one_pass() {
        let items = |from: usize| (from..from + 60_000).map(|n| json!({"id": format!("s{n}")})).collect::<Vec<_>>();
        let found = changes(&json!({"steps": items(0)}), &json!({"steps": items(10)}));

        let places: Vec<&str> = found.iter().map(|change| change.at.as_str()).collect();
        assert_eq!((places.len(), places[0], places[19]), (20, "steps/s0", "steps/s60009"));
    }

    #[test]
    fn five_hundred_changes_are_listed() {
        let before: Value = (0..=CHANGES_MAX).map(|n| (n.to_string(), json!(1))).collect::<Map<_, _>>().into();
        let mut one_less = before.clone();

        assert_eq!(changes(&before, &json!({})).len(), CHANGES_MAX);
        one_less.as_object_mut().expect("an object").retain(|name, _| name != "0");
        assert_eq!(changes(&one_less, &json!({})).len(), CHANGES_MAX);
    }
}
