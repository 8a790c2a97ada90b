//! The order of a definition's members in a bundle. PostgreSQL does not keep the order in which members were sent, so a
//! bundle defines its own: exports of the same setup are equal texts on both engines, and diffs show only changes.

use serde_json::{Map, Value};

/// Members that come first, in this order. The others follow, sorted by name.
const FIRST: &[&str] = &[
    "id",
    "name",
    "label",
    "description",
    "do",
    "on",
    "field",
    "is",
    "value",
    "ref",
    "literal",
    "type",
    "required",
    "options",
    "when",
    "where",
    "trigger",
    "parameters",
    "with",
    "choose",
    "steps",
    "output",
];

/// The same tree, with the members of each object in bundle order.
pub(crate) fn ordered(tree: &Value) -> Value {
    match tree {
        Value::Object(members) => {
            let mut members: Vec<(&String, &Value)> = members.iter().collect();
            members.sort_by_key(|(name, _)| (rank(name), *name));
            Value::Object(
                members.into_iter().map(|(name, value)| (name.clone(), ordered(value))).collect::<Map<_, _>>(),
            )
        }
        Value::Array(items) => items.iter().map(ordered).collect(),
        other => other.clone(),
    }
}

fn rank(name: &str) -> usize {
    FIRST.iter().position(|first| *first == name).unwrap_or(FIRST.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_in_one_order_whatever_order_they_came_in() {
        let text = r#"{"steps":[{"with":{"b":1,"a":{"ref":"x"}},"do":"d","zz":0,"id":"s"}],"trigger":{"where":{},"on":["api"]}}"#;
        let tree: Value = serde_json::from_str(text).expect("JSON");

        let found = ordered(&tree);

        let wanted = r#"{"trigger":{"on":["api"],"where":{}},"steps":[{"id":"s","do":"d","with":{"a":{"ref":"x"},"b":1},"zz":0}]}"#;
        assert_eq!(found.to_string(), wanted);
        assert_eq!(found, tree);
    }
}
