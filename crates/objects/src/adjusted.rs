//! What of a vendor's event was not taken as it was sent.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Value, json};

/// Something that was replaced, set right or left out, for the vendor's people and ours: the answer and the event say it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Adjusted {
    /// A stable code: `text-replaced`, `time-ahead`.
    pub code: &'static str,
    /// JSON pointer to the place in the body; of a long one its beginning.
    pub pointer: String,
    /// What was sent, and what was made of it.
    pub detail: Cow<'static, str>,
}

impl Adjusted {
    /// Something at a place.
    pub fn new(code: &'static str, pointer: &str, detail: impl Into<Cow<'static, str>>) -> Self {
        let pointer = match pointer.char_indices().nth(POINTER_CHARACTERS_MAX) {
            Some((end, _)) => format!("{}…", &pointer[..end]),
            None => pointer.to_owned(),
        };
        Self { code, pointer, detail: detail.into() }
    }
}

/// The most characters of a pointer: names in a vendor's body may be of any length.
const POINTER_CHARACTERS_MAX: usize = 256;
/// The most of them that one answer lists.
pub const LISTED_MAX: usize = 20;
/// The most bytes of a list: an event keeps it beside its object.
const LIST_BYTES_MAX: usize = 8 * 1024;

/// All of them as JSON; where there are too many to list, the last entry says how many more.
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
    fn a_pointer_of_256_characters_is_whole_and_of_a_longer_one_the_beginning_is_kept() {
        let pointer = |characters: usize| Adjusted::new("text-replaced", &"é".repeat(characters), "x").pointer;

        assert_eq!(pointer(256), "é".repeat(256));
        assert_eq!(pointer(257), "é".repeat(256) + "…");
    }

    #[test]
    fn twenty_are_listed_and_of_more_the_number_is_said() {
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
