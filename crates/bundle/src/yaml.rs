//! Bundles as YAML. Words that YAML 1.1 reads as truth, numbers or dates (`on`, `NO`, `1:30`) are written in quotes, so
//! that every tool reads the same text.

use std::fmt::Write;

use serde_json::Value;

/// Plain words that some YAML reads as something else.
const TAKEN: &[&str] = &["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"];

/// Writes a tree as a YAML document.
pub fn write(tree: &Value) -> String {
    let mut text = String::new();
    match tree {
        Value::Object(members) if !members.is_empty() => block(&mut text, tree, 0),
        Value::Array(items) if !items.is_empty() => block(&mut text, tree, 0),
        flat => {
            scalar(&mut text, flat);
            text.push('\n');
        }
    }
    text
}

fn block(text: &mut String, tree: &Value, depth: usize) {
    match tree {
        Value::Object(members) => {
            for (place, (name, value)) in members.iter().enumerate() {
                indent(text, if place == 0 && text.ends_with("- ") { 0 } else { depth });
                word(text, name);
                text.push(':');
                member(text, value, depth + 1);
            }
        }
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                indent(text, if place == 0 && text.ends_with("- ") { 0 } else { depth });
                text.push('-');
                if is_block(item) {
                    text.push(' ');
                    block(text, item, depth + 1);
                } else {
                    text.push(' ');
                    scalar(text, item);
                    text.push('\n');
                }
            }
        }
        flat => {
            scalar(text, flat);
            text.push('\n');
        }
    }
}

fn member(text: &mut String, value: &Value, depth: usize) {
    if is_block(value) {
        text.push('\n');
        block(text, value, depth);
    } else {
        text.push(' ');
        scalar(text, value);
        text.push('\n');
    }
}

fn is_block(value: &Value) -> bool {
    match value {
        Value::Object(members) => !members.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    }
}

fn indent(text: &mut String, depth: usize) {
    text.extend(std::iter::repeat_n("  ", depth));
}

fn scalar(text: &mut String, value: &Value) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(truth) => text.push_str(if *truth { "true" } else { "false" }),
        Value::Number(number) => text.push_str(&as_number(&number.to_string())),
        Value::String(words) => word(text, words),
        Value::Array(_) => text.push_str("[]"),
        Value::Object(_) => text.push_str("{}"),
    }
}

/// A number as YAML 1.1 also reads it: with a point and a signed exponent where there is an exponent.
fn as_number(written: &str) -> String {
    let Some((digits, exponent)) = written.split_once(['e', 'E']) else { return written.to_owned() };
    let digits = if digits.contains('.') { digits.to_owned() } else { format!("{digits}.0") };
    let exponent = if exponent.starts_with(['-', '+']) { exponent.to_owned() } else { format!("+{exponent}") };
    format!("{digits}e{exponent}")
}

fn word(text: &mut String, words: &str) {
    if is_plain(words) {
        text.push_str(words);
        return;
    }
    text.push('"');
    for character in words.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            ' '..='~'
            | '\u{a0}'..='\u{2027}'
            | '\u{202a}'..='\u{d7ff}'
            | '\u{e000}'..='\u{fefe}'
            | '\u{ff00}'..='\u{fffd}' => {
                text.push(character);
            }
            '\u{10000}'..='\u{10ffff}' => text.push(character),
            other => {
                let _ = write!(text, "\\u{:04X}", u32::from(other));
            }
        }
    }
    text.push('"');
}

/// Whether every YAML reads these words, written as they are, as these words.
fn is_plain(words: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/' | b' ');
    words.bytes().next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && words.bytes().all(is_inner)
        && !words.ends_with(' ')
        && !TAKEN.contains(&words.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use docket_workflows::read;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_is_what_is_read() {
        let tree = json!({
            "on": ["api", "yes", "NO", "~", "1:30", "0x1", "1_000", "2024-05-01", "", " a", "a ", "a: b", "#", "- a"],
            "nested": [[1, [2]], [], {}, {"a": {"b": []}}, [{"c": 1, "d": [true, null]}]],
            "text": "two\nlines\t\"quoted\" \\ \u{1f575} \u{2028} \u{7f} \u{85} \u{feff} é",
            "numbers": [1e300, -1.5, 0.1, 1e-7, u64::MAX, i64::MIN, 1e21],
            "$slug": "case-templates/kyc",
        });

        let text = write(&tree);

        assert_eq!(read::yaml(&text).expect("readable"), tree, "{text}");
        assert!(text.starts_with("\"on\":\n  - api\n  - \"yes\"\n  - \"NO\"\n"), "{text}");
        assert!(text.contains("1.0e+300") && text.contains("1.0e-7"), "{text}");
        assert_eq!(write(&json!([])), "[]\n");
    }
}
