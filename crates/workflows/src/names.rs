//! Names in any casing: comparing, converting and finding the nearest.

pub use docket_events::is_event_name;
pub use docket_kernel::same_key as same;
use serde_json::{Map, Value};

use crate::limits::{ID_CHARS_MAX, NAMES_LISTED_MAX};

/// The name in `snake_case`.
pub fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    let mut chars = name.chars().peekable();
    let mut before: Option<char> = None;
    while let Some(c) = chars.next() {
        if c == '-' {
            snake.push('_');
        } else if c.is_uppercase() {
            let new_word = before.is_some_and(|b| b.is_lowercase() || b.is_numeric());
            let ends_capitals =
                before.is_some_and(char::is_uppercase) && chars.peek().is_some_and(|n| n.is_lowercase());
            if new_word || ends_capitals {
                snake.push('_');
            }
            snake.extend(c.to_lowercase());
        } else {
            snake.push(c);
        }
        before = Some(c);
    }
    snake
}

/// The member with this name: an exact match, otherwise the first that is the same word in another casing.
pub fn member<'a>(map: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    map.get(name).or_else(|| map.iter().find(|(key, _)| same(key, name)).map(|(_, value)| value))
}

/// Whether the name is valid as a step's id: a lowercase letter, then up to 63 lowercase letters, digits or '_'.
pub fn is_step_id(name: &str) -> bool {
    name.len() <= ID_CHARS_MAX
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// Up to three known names nearest to a name, nearest first; none if no name is near.
pub fn nearest<'a>(asked: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    const SHOWN: usize = 3;
    let asked: Vec<char> = asked.chars().take(2 * ID_CHARS_MAX).collect();
    let reach = (asked.len() / 2).max(2);
    let mut ranked: Vec<(usize, &str)> = known
        .into_iter()
        .map(|name| (distance(&asked, name), name))
        .filter(|(distance, _)| *distance <= reach)
        .collect();
    ranked.sort_unstable();
    ranked.dedup();
    ranked.into_iter().take(SHOWN).map(|(_, name)| name).collect()
}

/// How many letters differ between two names (insertions, removals, replacements).
fn distance(a: &[char], b: &str) -> usize {
    let b: Vec<char> = b.chars().take(2 * ID_CHARS_MAX).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != other);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// ` (nearest: a, b)` for a message about an unknown name, or an empty text.
pub(crate) fn nearest_hint<'a>(asked: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let near = nearest(asked, known);
    if near.is_empty() { String::new() } else { format!("; nearest: {}", near.join(", ")) }
}

/// The names in a sentence, up to [`NAMES_LISTED_MAX`](crate::limits::NAMES_LISTED_MAX); `nothing` if there are none.
pub fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    match names.len() {
        0 => "nothing".to_owned(),
        count if count > NAMES_LISTED_MAX => {
            format!("{} and {} more", names[..NAMES_LISTED_MAX].join(", "), count - NAMES_LISTED_MAX)
        }
        _ => names.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_in_different_casings_are_the_same() {
        for other in ["address-street-1", "addressStreet1", "address_street_1", "AddressStreet1"] {
            assert!(same("address_street_1", other), "{other}");
        }
        assert!(!same("name_first", "name_last"));
        assert!(same("größe-x", "größeX"));
    }

    #[test]
    fn every_casing_becomes_snake() {
        for (name, expected) in [
            ("nameFirst", "name_first"),
            ("name-first", "name_first"),
            ("HTTPServer", "http_server"),
            ("address1Line", "address1_line"),
            ("already_so", "already_so"),
            ("", ""),
        ] {
            assert_eq!(snake(name), expected, "{name}");
        }
    }

    #[test]
    fn an_exact_member_takes_precedence_over_one_in_another_casing() {
        let object = json!({"ab_c": 1, "a_bc": 2});
        let map = object.as_object().expect("an object");

        assert_eq!(member(map, "a_bc"), Some(&json!(2)));
        assert_eq!(member(map, "abC"), Some(&json!(1)));
        assert_eq!(member(map, "abd"), None);
    }

    #[test]
    fn the_nearest_names_come_nearest_first() {
        let known = ["case.create", "case.update_status", "object.tag"];

        assert_eq!(nearest("case.crate", known), ["case.create"]);
        assert_eq!(nearest("case.updatestatus", known)[0], "case.update_status");
        assert!(nearest("zzz", known).is_empty());
    }

    #[test]
    fn a_sentence_lists_at_most_50_names() {
        let names: Vec<String> = (0..51).map(|n| format!("n{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();

        assert_eq!(listed([]), "nothing");
        assert_eq!(listed(["a", "b"]), "a, b");
        assert!(listed(names[..50].iter().copied()).ends_with("n48, n49"));
        assert!(listed(names).ends_with("n49 and 1 more"));
    }

    #[test]
    fn shapes_of_ids_and_events() {
        for good in ["a", "create_case", "a1", &"a".repeat(64)] {
            assert!(is_step_id(good), "{good}");
        }
        for bad in ["", "1a", "A", "a-b", "a.b", "é", &"a".repeat(65)] {
            assert!(!is_step_id(bad), "{bad}");
        }
        for good in ["inquiry.completed", "case.status-updated", "report/adverse-media.ready"] {
            assert!(is_event_name(good), "{good}");
        }
        for bad in ["api", "a.", ".b", "a.b.c", "A.b", "a b.c", "a/.b"] {
            assert!(!is_event_name(bad), "{bad}");
        }
    }
}
