//! Comparison and validation of names. Every comparison of names goes through this module.

use std::borrow::Cow;

use icu_casemap::{CaseMapper, CaseMapperBorrowed};
use icu_normalizer::{ComposingNormalizer, ComposingNormalizerBorrowed};
use icu_normalizer::{DecomposingNormalizer, DecomposingNormalizerBorrowed};
use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory, VariationSelector};
use icu_properties::{CodePointMapData, CodePointSetData};

const CASES: CaseMapperBorrowed<'static> = CaseMapper::new();
const COMPOSED: ComposingNormalizerBorrowed<'static> = ComposingNormalizer::new_nfc();
const DECOMPOSED: DecomposingNormalizerBorrowed<'static> = DecomposingNormalizer::new_nfd();

/// A text in the form that is used to compare names: two names are equal if their folds are equal.
///
/// The fold is the Unicode full case folding in normalization form C, with every run of white space (no-break spaces
/// included) as one space, none around it, and without invisible characters. `Straße`, `STRASSE` and `strasse` are
/// equal; accents count. The folding is independent of language, so the Turkish `ı` and `i` differ.
pub fn fold(name: &str) -> String {
    if name.is_ascii() {
        return collapsed(&name.to_ascii_lowercase());
    }
    let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    let seen: String = name.chars().filter(|character| !ignorable.contains(*character)).collect();
    let folded = CASES.fold_string(&DECOMPOSED.normalize(&seen)).into_owned();
    collapsed(&COMPOSED.normalize(&folded))
}

/// Whether two names are equal.
pub fn same_name(one: &str, other: &str) -> bool {
    one == other || fold(one) == fold(other)
}

/// Whether two keys are the same word in kebab, snake or camel case (`name-first`, `name_first`, `nameFirst`).
pub fn same_key(one: &str, other: &str) -> bool {
    // Plain keys are compared without allocating: a reference is compared with every member of an object.
    let is_plain = |key: &str| key.bytes().all(|byte| byte.is_ascii_graphic());
    one == other
        || if is_plain(one) && is_plain(other) {
            letters(one).eq(letters(other))
        } else {
            fold_key(one) == fold_key(other)
        }
}

/// The letters of a plain key, in lower case.
fn letters(key: &str) -> impl Iterator<Item = u8> + '_ {
    key.bytes().filter(|byte| !matches!(byte, b'_' | b'-')).map(|byte| byte.to_ascii_lowercase())
}

/// A key in the form that is used to compare keys: two keys are equal if their folds are equal.
pub fn fold_key(key: &str) -> String {
    fold(&key.replace(['_', '-'], ""))
}

/// A name in the form that is stored: in normalization form C, every run of white space as one space, none around it.
/// The case is kept as written.
pub fn tidied_name(name: &str) -> String {
    collapsed(&composed(name))
}

/// A name as it is stored, or a sentence that says why the name is invalid. `noun` begins the sentence: `a tag`, `a
/// status's name`.
///
/// A name is one line of 1 to `most` visible characters.
pub fn checked_name(noun: &str, name: &str, most: usize) -> Result<String, String> {
    let name = name.trim();
    if let Some(bad) = name.chars().find(|character| is_refused(*character)) {
        let code = u32::from(bad);
        return Err(match bad {
            '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                format!("{noun} is one line; remove the line break")
            }
            _ if bad.is_control() => format!("{noun} can't have control characters; remove U+{code:04X}"),
            _ => format!("{noun} can't have invisible characters; remove U+{code:04X}"),
        });
    }
    let name = tidied_name(name);
    match name.chars().count() {
        count if count > most => Err(format!("{noun} has 1 to {most} characters, not {count}")),
        0 => Err(format!("{noun} has 1 to {most} characters, not 0")),
        _ => Ok(name),
    }
}

/// Whether a text has no visible characters.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|character| character.is_whitespace() || is_invisible(character))
}

/// In normalization form C.
pub(crate) fn composed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { COMPOSED.normalize(text) }
}

/// Whether names must not contain this character.
pub(crate) fn is_refused(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}') || is_invisible(character)
}

/// Invisible characters: zero-width ones, direction marks, soft hyphens. Variation selectors are not included, since
/// they choose the look of the character before them.
fn is_invisible(character: char) -> bool {
    if character.is_ascii() {
        return false;
    }
    let is_format = CodePointMapData::<GeneralCategory>::new().get(character) == GeneralCategory::Format;
    let is_ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(character);
    (is_format || is_ignorable) && !CodePointSetData::new::<VariationSelector>().contains(character)
}

fn collapsed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(char::is_whitespace).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decomposed(text: &str) -> String {
        DECOMPOSED.normalize(text).into_owned()
    }

    #[test]
    fn names_that_look_the_same_are_the_same() {
        for (one, other) in [
            ("Open", " oPEN\t"),
            ("Größe", "GRO\u{308}SSE"),
            ("Straße", "STRASSE"),
            ("ẞ", "ss"),
            ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
            ("On hold", "On\u{a0}hold"),
            ("On hold", "On \u{2003} hold\u{3000}"),
            ("Open", "Op\u{200b}en"),
            ("Open", "\u{feff}Open\u{ad}"),
            ("K", "\u{212a}"),
            ("ﬁle", "FILE"),
            ("✔ Done", "✔\u{fe0f} done"),
        ] {
            assert!(same_name(one, other), "{one:?} {other:?}");
        }
    }

    #[test]
    fn names_that_look_different_are_different() {
        for (one, other) in
            [("Open", "Opened"), ("e", "é"), ("On hold", "Onhold"), ("ı", "i"), ("İ", "i"), ("Ａ", "A"), ("а", "a")]
        {
            assert!(!same_name(one, other), "{one:?} {other:?}");
        }
    }

    #[test]
    fn keys_are_the_same_in_every_casing_and_fold_alike() {
        for (one, other, same) in [
            ("risk_level", "riskLevel", true),
            ("risk-level", "RISKLEVEL", true),
            ("größe_x", "GRO\u{308}SSE-X", true),
            ("k", "\u{212a}", true),
            ("a b", "A  b", true),
            ("name_first", "name_last", false),
            ("e", "é", false),
            ("_", "", true),
        ] {
            assert_eq!(same_key(one, other), same, "{one:?} {other:?}");
            assert_eq!(fold_key(one) == fold_key(other), same, "{one:?} {other:?}");
        }
    }

    #[test]
    fn of_the_turkish_letters_only_those_of_one_kind_are_the_same() {
        assert!(same_name("İ", "i\u{307}"), "a dotted capital is an i with a dot");
        assert!(same_name("I", "i"), "the folding is independent of language");
        assert!(!same_name("ı", "I"));
    }

    #[test]
    fn a_name_is_stored_composed_with_single_spaces_and_in_its_own_case() {
        for (written, stored) in [
            (" Review  later ", "Review later"),
            ("Gro\u{308}ße", "Größe"),
            ("A\u{a0}B", "A B"),
            ("✔\u{fe0f} Done", "✔\u{fe0f} Done"),
            ("Open\n", "Open"),
        ] {
            assert_eq!(checked_name("a tag", written, 64).as_deref(), Ok(stored), "{written:?}");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_refused_in_a_name_with_its_code() {
        for (written, sentence) in [
            ("Op\u{200b}en", "a tag can't have invisible characters; remove U+200B"),
            ("Op\u{202e}en", "a tag can't have invisible characters; remove U+202E"),
            ("Op\u{ad}en", "a tag can't have invisible characters; remove U+00AD"),
            ("\u{3164}", "a tag can't have invisible characters; remove U+3164"),
            ("a\u{7}b", "a tag can't have control characters; remove U+0007"),
            ("a\tb", "a tag can't have control characters; remove U+0009"),
            ("a\nb", "a tag is one line; remove the line break"),
            ("a\u{2028}b", "a tag is one line; remove the line break"),
            ("", "a tag has 1 to 64 characters, not 0"),
            (" \u{a0} ", "a tag has 1 to 64 characters, not 0"),
        ] {
            assert_eq!(checked_name("a tag", written, 64).expect_err(written), sentence, "{written:?}");
        }
    }

    #[test]
    fn the_limit_of_a_name_applies_to_its_stored_form() {
        let of = |count: usize| "e\u{301}".repeat(count);

        assert_eq!(checked_name("a tag", &of(64), 64).map(|name| name.chars().count()), Ok(64));
        assert_eq!(checked_name("a tag", &of(65), 64), Err("a tag has 1 to 64 characters, not 65".to_owned()));
    }

    #[test]
    fn a_text_without_visible_characters_is_blank() {
        for blank in ["", " ", "\n\t", "\u{a0}", "\u{200b}\u{feff} "] {
            assert!(is_blank(blank), "{blank:?}");
        }
        for there in ["a", "0", ".", " a ", "\u{200b}a"] {
            assert!(!is_blank(there), "{there:?}");
        }
    }

    #[test]
    fn every_character_folds_as_both_its_cases_and_both_its_forms_do() {
        // Ideographs and Hangul have one case, and the planes beyond have no characters with two cases.
        let with_cases = (0..0x3400).chain(0xa000..0xac00).chain(0xf900..0x1_ffff);
        for character in with_cases.filter_map(char::from_u32) {
            let own = character.to_string();
            let folded = fold(&own);
            assert_eq!(fold(&folded), folded, "U+{:04X} folds once", u32::from(character));
            assert_eq!(fold(&decomposed(&own)), folded, "U+{:04X} decomposed", u32::from(character));
            // No language writes ı for İ or I, so its capital is a different letter.
            if character != 'ı' {
                assert_eq!(fold(&own.to_uppercase()), folded, "U+{:04X} in capitals", u32::from(character));
            }
            assert_eq!(fold(&own.to_lowercase()), folded, "U+{:04X} in lower case", u32::from(character));
        }
    }

    proptest! {
        #[test]
        fn a_fold_folds_to_itself(text in any::<String>()) {
            let folded = fold(&text);
            prop_assert_eq!(fold(&folded), folded);
        }

        #[test]
        fn composed_and_decomposed_texts_fold_alike(text in "\\PC{0,12}[\\u{300}-\\u{345}a-zA-ZÀ-ɏͰ-Ͽ]{0,12}") {
            prop_assert_eq!(fold(&decomposed(&text)), fold(&composed(&text)));
        }

        #[test]
        fn a_stored_name_equals_the_written_one_and_is_stored_unchanged(text in any::<String>()) {
            if let Ok(stored) = checked_name("a tag", &text, 64) {
                prop_assert!(same_name(&stored, &text));
                prop_assert_eq!(checked_name("a tag", &stored, 64), Ok(stored));
            }
        }
    }
}
