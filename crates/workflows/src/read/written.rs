//! Writes a tree as YAML that YAML 1.1 and YAML 1.2 readers read the same way.

use std::fmt::Write as _;

use serde_json::{Map, Number, Value};

/// Words that some version of YAML reads as something other than text, in any case.
const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];

/// A tree as YAML: block style, members in order, and quotes around every text that could be read as anything else.
pub fn to_yaml(tree: &Value) -> String {
    let mut page = String::new();
    match tree {
        Value::Object(members) if !members.is_empty() => object(members, 0, &mut page),
        Value::Array(items) if !items.is_empty() => array(items, 0, &mut page),
        other => scalar(other, &mut page),
    }
    page
}

/// The maximum length of a plain key, in bytes: readers look ahead 1,024 characters for the end of a key.
const KEY_BYTES_MAX: usize = 1_000;

fn object(members: &Map<String, Value>, depth: usize, page: &mut String) {
    for (place, (name, value)) in members.iter().enumerate() {
        // The first member is on the line of its list item.
        if place > 0 || page.ends_with('\n') {
            indent(depth, page);
        }
        let before = page.len();
        text(name, page);
        // A longer key is introduced by a question mark, and its value is indented further.
        let is_long = page.len() - before > KEY_BYTES_MAX;
        if is_long {
            page.insert_str(before, "? ");
            page.push('\n');
            indent(depth, page);
        }
        page.push(':');
        match value {
            Value::Array(items) if is_long && !items.is_empty() => {
                page.push('\n');
                array(items, depth + 1, page);
            }
            Value::Object(members) if !members.is_empty() => {
                page.push('\n');
                object(members, depth + 1, page);
            }
            Value::Array(items) if !items.is_empty() => {
                page.push('\n');
                array(items, depth, page);
            }
            other => {
                page.push(' ');
                scalar(other, page);
            }
        }
    }
}

fn array(items: &[Value], depth: usize, page: &mut String) {
    for (place, item) in items.iter().enumerate() {
        if place > 0 || page.ends_with('\n') {
            indent(depth, page);
        }
        page.push_str("- ");
        match item {
            Value::Object(members) if !members.is_empty() => object(members, depth + 1, page),
            Value::Array(items) if !items.is_empty() => array(items, depth + 1, page),
            other => scalar(other, page),
        }
    }
}

fn indent(depth: usize, page: &mut String) {
    page.extend(std::iter::repeat_n("  ", depth));
}

fn scalar(value: &Value, page: &mut String) {
    match value {
        Value::String(written) => text(written, page),
        Value::Number(written) => number(written, page),
        Value::Array(_) => page.push_str("[]"),
        Value::Object(_) => page.push_str("{}"),
        Value::Null => page.push_str("null"),
        Value::Bool(is_true) => page.push_str(if *is_true { "true" } else { "false" }),
    }
    page.push('\n');
}

/// YAML 1.1 recognizes a number with an exponent by its decimal point and the sign of the exponent.
fn number(number: &Number, page: &mut String) {
    let written = number.to_string();
    let Some((digits, exponent)) = written.split_once(['e', 'E']) else { return page.push_str(&written) };
    let point = if digits.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with(['+', '-']) { "" } else { "+" };
    let _ = write!(page, "{digits}{point}e{sign}{exponent}");
}

fn text(text: &str, page: &mut String) {
    if is_plain(text) {
        return page.push_str(text);
    }
    page.push('"');
    for character in text.chars() {
        match character {
            '"' => page.push_str("\\\""),
            '\\' => page.push_str("\\\\"),
            '\n' => page.push_str("\\n"),
            '\t' => page.push_str("\\t"),
            '\r' => page.push_str("\\r"),
            _ if is_printed(character) => page.push(character),
            _ => {
                let code = u32::from(character);
                let _ = if code > 0xffff { write!(page, "\\U{code:08X}") } else { write!(page, "\\u{code:04X}") };
            }
        }
    }
    page.push('"');
}

/// A text that starts with a letter, contains only letters, digits and characters without a meaning in YAML, and is not
/// a YAML word, is text for every reader. No number and no date starts with a letter.
fn is_plain(text: &str) -> bool {
    let is_inside = |character: char| character.is_ascii_alphanumeric() || " _-./".contains(character);
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(is_inside)
        && !text.ends_with(' ')
        && !WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Whether a character can appear in a quoted text unescaped: readers neither treat it as a line break nor refuse it.
fn is_printed(character: char) -> bool {
    !character.is_control() && !matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::read;

    /// Whether a YAML 1.1 reader reads a plain scalar as something other than text, by the types of that version: null,
    /// boolean, whole number (binary, octal, hexadecimal, sexagesimal), number, time, merge. Based on the
    /// specification, not on the writer.
    fn is_something_else_in_yaml_1_1(text: &str) -> bool {
        let lower = text.to_lowercase();
        let words = ["", "~", "null", "y", "n", "yes", "no", "on", "off", "true", "false", "=", "<<"];
        let unsigned = lower.strip_prefix(['+', '-']).unwrap_or(&lower);
        words.contains(&lower.as_str())
            || [".inf", ".nan"].contains(&unsigned)
            || unsigned.starts_with(|first: char| first.is_ascii_digit())
            || (unsigned.starts_with('.') && unsigned[1..].starts_with(|next: char| next.is_ascii_digit()))
    }

    #[test]
    fn texts_that_yaml_1_1_reads_as_other_types_are_quoted() {
        for odd in [
            "no",
            "NO",
            "No",
            "yes",
            "on",
            "On",
            "off",
            "y",
            "N",
            "true",
            "NULL",
            "null",
            "~",
            "",
            "1e5",
            "1.5",
            "007",
            "0o7",
            "0x1F",
            "0b1",
            "1_000",
            "190:20:30",
            "2024-05-01",
            "2024-05-01T09:30:00Z",
            ".inf",
            ".nan",
            "=",
            "<<",
            "0KP",
            "+1",
            "-1",
            "12",
        ] {
            let page = to_yaml(&json!({ odd: odd }));
            assert_eq!(page, format!("\"{odd}\": \"{odd}\"\n"));
            assert_eq!(read::yaml(&page).expect("YAML"), json!({ odd: odd }));
        }
    }

    #[test]
    fn plain_words_stay_plain_and_the_key_on_is_quoted() {
        let tree =
            json!({"trigger": {"on": ["inquiry.completed"]}, "steps": [{"id": "a", "with": {"x": [], "y": {}}}]});

        let page = to_yaml(&tree);

        assert_eq!(
            page,
            "trigger:\n  \"on\":\n  - inquiry.completed\nsteps:\n- id: a\n  with:\n    x: []\n    \"y\": {}\n"
        );
        assert_eq!(read::yaml(&page).expect("YAML"), tree);
    }

    #[test]
    fn a_key_of_any_length_is_read_again() {
        for value in [json!("a"), json!([1, [2]]), json!({"b": {"c": []}})] {
            let tree = json!([{"a": 1, "k".repeat(1_001): value, "é".repeat(2_000): value, "z": 2}]);
            assert_eq!(read::yaml(&to_yaml(&tree)).expect("YAML"), tree);
        }
    }

    #[test]
    fn every_reader_reads_numbers_as_numbers() {
        for (number, written) in [
            (json!(1), "1\n"),
            (json!(-0.5), "-0.5\n"),
            (json!(1e300), "1.0e+300\n"),
            (json!(1.5e-7), "1.5e-7\n"),
            (json!(u64::MAX), "18446744073709551615\n"),
        ] {
            assert_eq!(to_yaml(&number), written);
            assert_eq!(read::yaml(written).expect("YAML"), number);
        }
    }

    fn tree() -> impl Strategy<Value = Value> {
        let text = prop_oneof![
            any::<String>(),
            "[a-zA-Z0-9 ~:#,{}\\[\\]&*!|>'\"%@`=<.+_-]{0,8}",
            "(no|NO|on|yes|y|[0-9]{1,3}[eE:._x-]?[0-9]{0,3})",
        ];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_filter("a number", |number| number.is_finite()).prop_map(Value::from),
            text.clone().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, move |inner| {
            let named = prop::collection::btree_map(text.clone(), inner.clone(), 0..4);
            prop_oneof![
                prop::collection::vec(inner, 0..4).prop_map(Value::from),
                named.prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_tree_is_read_as_it_was_written(tree in tree()) {
            prop_assert_eq!(read::yaml(&to_yaml(&tree)).expect("YAML"), tree);
        }

        #[test]
        fn no_text_stands_plain_that_is_something_else_in_yaml_1_1(text in "[a-zA-Z0-9~=<>.:_+-]{0,6}") {
            let page = to_yaml(&json!([text]));
            prop_assert!(page.starts_with("- \"") || !is_something_else_in_yaml_1_1(&text), "{}", page);
        }
    }
}
