//! Slugs: what a thing is called across environments and installations, where its id is another one in each.

use crate::entity::Entity;
use crate::refusal::{Halt, Verb};
use crate::work::UnitOfWork;

/// The most characters of a slug.
pub const SLUG_CHARACTERS_MAX: usize = 64;
/// The most characters that a name gives, so that a number fits behind them.
const NAMED_CHARACTERS_MAX: usize = 56;

/// The highest number behind a slug.
const NUMBERED_MAX: usize = 20;
/// The characters by chance behind a slug whose numbers are all taken.
const CHANCE_CHARACTERS: usize = 12;

/// Letters with a mark and the plain ones that stand for them. The migration that gave slugs to existing rows has the
/// same two lines.
const MARKED: &str = "ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöøùúûüýÿ";
const PLAIN: &str = "aaaaaaceeeeiiiinoooooouuuuyaaaaaaceeeeiiiinoooooouuuuyy";

/// The slug that a name gives: its letters and digits in lower case, with a hyphen for whatever stands between them. A
/// name without any gives the fallback.
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

/// The slug that a name gives where others have it already: with the number of this one behind it.
pub fn numbered_slug(slug: &str, number: usize) -> String {
    let end = slug.len().min(NAMED_CHARACTERS_MAX);
    format!("{}-{number}", slug.get(..end).unwrap_or(slug).trim_end_matches('-'))
}

/// A slug that no other row of the environment has: the one that a name gives, or that with a number behind it.
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
    // Where many have one name, numbers are asked for one by one no longer.
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
    fn a_name_gives_its_letters_and_digits() {
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
    fn whatever_a_name_is_its_slug_is_one_also_with_a_number() {
        let long = "word ".repeat(40);
        for name in [long.as_str(), "a", "x y", "Ä", "😀", &"é".repeat(100), &format!("{}- b", "a".repeat(55))] {
            let slug = slug_of(name, "fallback");
            assert!(is_slug(&slug), "{name}: {slug}");
            assert!(is_slug(&numbered_slug(&slug, 1_000_000)), "{name}: {slug}");
        }
    }

    #[test]
    fn a_slug_has_64_characters_at_the_most() {
        assert!(is_slug(&"a".repeat(SLUG_CHARACTERS_MAX)));
        for odd in ["", "A", "a b", "-a", "a-", "ä", "a_b", &"a".repeat(SLUG_CHARACTERS_MAX + 1)] {
            assert!(!is_slug(odd), "{odd}");
        }
        assert!(is_slug("a--2"));
    }
}
