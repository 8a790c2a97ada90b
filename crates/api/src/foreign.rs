//! Texts of vendors: characters that no database can store are replaced, so that the rest of an event is kept.

use docket_objects::{Adjusted, LISTED_MAX};
use serde_json::Value;

use crate::inflection::escape;
use crate::json::{BodyError, read};

/// The replacement for a character that can't be stored.
const REPLACEMENT: char = '\u{FFFD}';

/// Reads a vendor's body as JSON, as strictly as [`read`] except for its texts: NUL, unpaired surrogates and bytes that
/// are not UTF-8 become U+FFFD. Returns the pointer of each text in which a character was replaced.
pub fn parse_foreign(body: &[u8]) -> Result<(Value, Vec<Adjusted>), BodyError> {
    if is_plain(body) {
        return Ok((read(body)?, Vec::new()));
    }
    let mark = mark_for(body);
    let Some(marked) = marked(body, mark) else { return Ok((read(body)?, Vec::new())) };
    let mut value = read(marked.as_bytes())?;
    let mut adjusted = Vec::new();
    replace(&mut value, mark, &mut String::new(), &mut adjusted);
    Ok((value, adjusted))
}

/// Whether nothing in the body can need a replacement: the usual case, decided in one pass.
fn is_plain(body: &[u8]) -> bool {
    !body.contains(&0) && !body.windows(2).any(|pair| pair == b"\\u") && std::str::from_utf8(body).is_ok()
}

/// A character that the body does not contain, literally or escaped: one of the noncharacters.
fn mark_for(body: &[u8]) -> char {
    let text = String::from_utf8_lossy(body).to_lowercase();
    let is_free = |mark: &char| !text.contains(*mark) && !text.contains(&format!("\\u{:04x}", u32::from(*mark)));
    ('\u{FDD0}'..='\u{FDEF}').find(is_free).unwrap_or(REPLACEMENT)
}

/// The body with a mark for each character that can't be stored, or `None` if there is none.
fn marked(body: &[u8], mark: char) -> Option<String> {
    let mut marked = String::with_capacity(body.len());
    let mut is_changed = false;
    for chunk in body.utf8_chunks() {
        let mut rest = chunk.valid();
        while let Some(at) = rest.find(['\\', '\0']) {
            let (before, special) = rest.split_at(at);
            marked.push_str(before);
            let (kept, taken) = kept(special);
            match kept {
                Some(text) => marked.push_str(text),
                None => {
                    marked.push(mark);
                    is_changed = true;
                }
            }
            rest = &special[taken..];
        }
        marked.push_str(rest);
        if !chunk.invalid().is_empty() {
            marked.push(mark);
            is_changed = true;
        }
    }
    is_changed.then_some(marked)
}

/// The NUL or escape at the beginning of a text (`None` if it can't be stored), and its length in bytes.
fn kept(text: &str) -> (Option<&str>, usize) {
    const ESCAPE: usize = 6;
    if text.starts_with('\0') {
        return (None, 1);
    }
    let Some(unit) = unit(text) else {
        let taken = 1 + text[1..].chars().next().map_or(0, char::len_utf8);
        return (Some(&text[..taken]), taken);
    };
    let next = text.get(ESCAPE..).and_then(self::unit);
    match (unit, next) {
        (0xD800..=0xDBFF, Some(0xDC00..=0xDFFF)) => (Some(&text[..2 * ESCAPE]), 2 * ESCAPE),
        (0 | 0xD800..=0xDFFF, _) => (None, ESCAPE),
        _ => (Some(&text[..ESCAPE]), ESCAPE),
    }
}

/// The number of the escape at the beginning of a text, such as `\u0041`.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) { u16::from_str_radix(digits, 16).ok() } else { None }
}

/// Replaces the marks with U+FFFD, and notes the pointers.
fn replace(value: &mut Value, mark: char, pointer: &mut String, adjusted: &mut Vec<Adjusted>) {
    let length = pointer.len();
    match value {
        Value::String(text) if text.contains(mark) => {
            *text = text.replace(mark, &REPLACEMENT.to_string());
            note(adjusted, pointer);
        }
        Value::Array(items) => {
            for (place, item) in items.iter_mut().enumerate() {
                pointer.push('/');
                pointer.push_str(&place.to_string());
                replace(item, mark, pointer, adjusted);
                pointer.truncate(length);
            }
        }
        Value::Object(members) => {
            let names_have_marks = members.keys().any(|name| name.contains(mark));
            let mut all = Vec::with_capacity(if names_have_marks { members.len() } else { 0 });
            for (name, member) in members.iter_mut() {
                let shown = name.replace(mark, &REPLACEMENT.to_string());
                pointer.push('/');
                pointer.push_str(&escape(&shown));
                if name.contains(mark) {
                    note(adjusted, pointer);
                }
                replace(member, mark, pointer, adjusted);
                pointer.truncate(length);
                if names_have_marks {
                    all.push((shown, member.take()));
                }
            }
            if names_have_marks {
                *members = all.into_iter().collect();
            }
        }
        _ => {}
    }
}

/// Notes that a text was replaced. Those beyond the number that a response lists are only counted.
fn note(adjusted: &mut Vec<Adjusted>, pointer: &str) {
    let detail = "the text has a NUL, half of a surrogate pair or bytes that are not UTF-8; each is kept as U+FFFD";
    let shown = if adjusted.len() < LISTED_MAX { pointer } else { "" };
    adjusted.push(Adjusted::new("text-replaced", shown, detail));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_can_not_be_stored_is_replaced_and_reported() {
        let table: [(&[u8], Value, &[&str]); 11] = [
            (br#"{"a": "Mona \ud83d"}"#, json!({"a": "Mona \u{FFFD}"}), &["/a"]),
            (br#"{"a": ["x", "\ude00y"]}"#, json!({"a": ["x", "\u{FFFD}y"]}), &["/a/1"]),
            (br#"{"a": "\ud83d\ud83d\ude00"}"#, json!({"a": "\u{FFFD}\u{1F600}"}), &["/a"]),
            (br#"{"a": "\ud83dx\u0000"}"#, json!({"a": "\u{FFFD}x\u{FFFD}"}), &["/a"]),
            (b"{\"a\": \"x\0y\"}", json!({"a": "x\u{FFFD}y"}), &["/a"]),
            (b"{\"a\": \"\xff\"}", json!({"a": "\u{FFFD}"}), &["/a"]),
            (
                br#"{"x/y": {"n\u0000": "\u0000"}}"#,
                json!({"x/y": {"n\u{FFFD}": "\u{FFFD}"}}),
                &["/x~1y/n\u{FFFD}", "/x~1y/n\u{FFFD}"],
            ),
            (br#"{"a": "\ud83d\ude00 \\ud83d \n \u00e9"}"#, json!({"a": "\u{1F600} \\ud83d \n é"}), &[]),
            (br#"{"a": "\\\ud83d"}"#, json!({"a": "\\\u{FFFD}"}), &["/a"]),
            // A character that the body contains is not used as the mark.
            (
                b"{\"a\": \"\xef\xb7\x90\", \"b\": \"\\uFDD1\", \"c\": \"\\u0000\"}",
                json!({"a": "\u{FDD0}", "b": "\u{FDD1}", "c": "\u{FFFD}"}),
                &["/c"],
            ),
            (b"[]", json!([]), &[]),
        ];
        for (body, value, pointers) in table {
            let (read, adjusted) = parse_foreign(body).unwrap();
            assert_eq!(read, value);
            let found: Vec<_> = adjusted.iter().map(|one| one.pointer.as_str()).collect();
            assert_eq!(found, pointers, "{value}");
        }
    }

    #[test]
    fn the_report_of_replaced_texts_is_short_for_any_name_and_any_number_of_texts() {
        let (name, texts) = ("n".repeat(20_000), vec!["\"\\u0000\""; 2_000].join(","));

        let (_, adjusted) = parse_foreign(format!("{{\"{name}\": [{texts}]}}").as_bytes()).unwrap();

        assert_eq!(adjusted.len(), 2_000);
        let bytes: usize = adjusted.iter().map(|one| one.pointer.len()).sum();
        assert!(bytes < 64 * 1024, "{bytes}");
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for body in [
            &b"{\"a\": \"\\ud83d\""[..],
            b"\0",
            b"\xff",
            b"{\"a\": \"\\u12\"}",
            b"{\"a\": 1, \"a\": 2}",
            b"\\",
            b"\"\\",
        ] {
            assert!(parse_foreign(body).is_err());
        }
    }
}
