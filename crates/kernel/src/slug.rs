//! Slugs: names of objects that are the same across environments and installations, where the ids differ.

use crate::entity::Entity;
use crate::refusal::{Halt, Verb};
use crate::work::UnitOfWork;

/// The maximum length of a slug, in characters.
pub const SLUG_CHARACTERS_MAX: usize = 64;
/// The maximum length of the part derived from a name, in characters; it leaves room for a number.
const NAMED_CHARACTERS_MAX: usize = 56;

/// The highest number that is appended to a slug.
const NUMBERED_MAX: usize = 20;
/// The number of random characters that are appended to a slug when all numbers are taken.
const CHANCE_CHARACTERS: usize = 12;

/// Letters with a diacritic, and the plain letters that replace them. The migration that gave slugs to existing rows
/// has the same two lines.
const MARKED: &str = "ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöøùúûüýÿ";
const PLAIN: &str = "aaaaaaceeeeiiiinoooooouuuuyaaaaaaceeeeiiiinoooooouuuuyy";

/// The slug derived from a name: its letters and digits in lower case, with a hyphen for each run of other characters.
/// A name without letters and digits gives the fallback.
pub fn slug_of(name: &str, fallback: &str) -> String {
    let mut slug = String::new();
    for character in name.chars() {
        match plain(character) {
            Some(letter) => slug.push(letter),
            None if character == 'ß' => slug.push_str("ss"),
            None if slug.is_empty() || slug.ends_with('-') => {}
            None => slug.push('-'),
        }
    }
    slug.truncate(NAMED_CHARACTERS_MAX);
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { fallback.to_owned() } else { slug.to_owned() }
}

/// The slug derived from a name that is already taken: with this number appended.
pub fn numbered_slug(slug: &str, number: usize) -> String {
    let end = slug.len().min(NAMED_CHARACTERS_MAX);
    format!("{}-{number}", slug.get(..end).unwrap_or(slug).trim_end_matches('-'))
}

/// A slug that no other row of the environment has: the one derived from the name, or that slug with a number appended.
pub fn free_slug<E: Entity>(work: &mut UnitOfWork, named: &str) -> Verb<String> {
    let is_free = |work: &mut UnitOfWork, slug: &str| Ok::<_, Halt>(work.find::<E>("slug", slug)?.is_none());
    if is_free(work, named)? {
        return Ok(named.to_owned());
    }
    let numbered: Vec<String> = (2..=NUMBERED_MAX).map(|number| numbered_slug(named, number)).collect();
    for slug in &numbered {
        work.hint_find::<E>("slug", slug);
    }
    for slug in numbered {
        if is_free(work, &slug)? {
            return Ok(slug);
        }
    }
    // When many rows have the same name, a random suffix replaces further numbers.
    let id = work.new_id("slug");
    let end = named.len().min(SLUG_CHARACTERS_MAX - CHANCE_CHARACTERS - 1);
    Ok(format!("{}-{}", named[..end].trim_end_matches('-'), &id[id.len() - CHANCE_CHARACTERS..]))
}

/// Whether a text is a slug: 1 to 64 lower-case letters and digits, with hyphens between them.
pub fn is_slug(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty()
        && text.len() <= SLUG_CHARACTERS_MAX
        && text.bytes().all(is_inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn plain(character: char) -> Option<char> {
    if character.is_ascii_alphanumeric() {
        return Some(character.to_ascii_lowercase());
    }
    let place = MARKED.chars().position(|marked| marked == character)?;
    PLAIN.chars().nth(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_consists_of_the_letters_and_digits_of_its_name() {
        for (name, slug) in [
            ("KYC review", "kyc-review"),
            ("  Card testing (EU), 2nd line! ", "card-testing-eu-2nd-line"),
            ("Überprüfung Straße", "uberprufung-strasse"),
            ("審査", "workflow"),
            ("--", "workflow"),
            ("", "workflow"),
        ] {
            assert_eq!(slug_of(name, "workflow"), slug, "{name}");
        }
        assert_eq!(MARKED.chars().count(), PLAIN.len());
    }

    #[test]
    fn the_slug_of_any_name_is_valid_with_and_without_a_number() {
        let long = "word ".repeat(40);
        for name in [long.as_str(), "a", "x y", "Ä", "😀", &"é".repeat(100), &format!("{}- b", "a".repeat(55))] {
            let slug = slug_of(name, "fallback");
            assert!(is_slug(&slug), "{name}: {slug}");
            assert!(is_slug(&numbered_slug(&slug, 1_000_000)), "{name}: {slug}");
        }
    }

    #[test]
    fn a_slug_has_at_most_64_characters() {
        assert!(is_slug(&"a".repeat(SLUG_CHARACTERS_MAX)));
        for odd in ["", "A", "a b", "-a", "a-", "ä", "a_b", &"a".repeat(SLUG_CHARACTERS_MAX + 1)] {
            assert!(!is_slug(odd), "{odd}");
        }
        assert!(is_slug("a--2"));
    }
}
