//! The parts of a vendor's event that were not accepted as sent.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Value, json};

/// A value that was replaced, corrected or left out. Both the response and the event list it, for both sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Adjusted {
    /// A stable code: `text-replaced`, `time-ahead`.
    pub code: &'static str,
    /// JSON pointer to the place in the body; a long pointer is truncated.
    pub pointer: String,
    /// What was sent, and how it was changed.
    pub detail: Cow<'static, str>,
}

impl Adjusted {
    /// An adjustment at a place in the body.
    pub fn new(code: &'static str, pointer: &str, detail: impl Into<Cow<'static, str>>) -> Self {
        let pointer = match pointer.char_indices().nth(POINTER_CHARACTERS_MAX) {
            Some((end, _)) => format!("{}…", &pointer[..end]),
            None => pointer.to_owned(),
        };
        Self { code, pointer, detail: detail.into() }
    }
}

/// The maximum length of a pointer, in characters: names in a vendor's body may have any length.
const POINTER_CHARACTERS_MAX: usize = 256;
/// The maximum number of adjustments that one response lists.
pub const LISTED_MAX: usize = 20;
/// The maximum size of a list in bytes: an event stores it beside its object.
const LIST_BYTES_MAX: usize = 8 * 1024;

/// All adjustments as JSON; if there are too many to list, the last entry has the number of the others.
pub fn adjusted_list(adjusted: &[Adjusted]) -> Value {
    let mut bytes = 0;
    let mut list = Vec::new();
    for one in adjusted.iter().take(LISTED_MAX) {
        bytes += one.pointer.len() + one.detail.len();
        if bytes > LIST_BYTES_MAX {
            break;
        }
        list.push(json!(one));
    }
    let more = adjusted.len() - list.len();
    if more > 0 {
        list.push(json!(Adjusted::new("more", "", format!("{more} more are not listed"))));
    }
    Value::Array(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_longer_than_256_characters_is_truncated() {
        let pointer = |characters: usize| Adjusted::new("text-replaced", &"é".repeat(characters), "x").pointer;

        assert_eq!(pointer(256), "é".repeat(256));
        assert_eq!(pointer(257), "é".repeat(256) + "…");
    }

    #[test]
    fn twenty_adjustments_are_listed_and_the_rest_are_counted() {
        let many = |count: usize| adjusted_list(&vec![Adjusted::new("text-replaced", "/a", "x"); count]);

        assert_eq!(many(20).as_array().map(Vec::len), Some(20));
        assert_eq!(many(23)[20]["detail"], "3 more are not listed");
    }

    #[test]
    fn a_list_has_8_kibibytes() {
        let of = |bytes: usize| adjusted_list(&[Adjusted::new("object-cut", "", "x".repeat(bytes))]);

        assert_eq!(
            (of(8 * 1024)[0]["code"].as_str(), of(8 * 1024 + 1)[0]["code"].as_str()),
            (Some("object-cut"), Some("more"))
        );
    }
}
