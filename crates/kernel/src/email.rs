//! Validation and comparison of e-mail addresses.

use crate::fold::{composed, is_refused};
use crate::refusal::Refusal;

/// The maximum length of an e-mail address in characters, the limit of the mail standards (RFC 3696, errata 1690).
pub const EMAIL_CHARACTERS_MAX: usize = 254;

/// An e-mail address in the form that is stored and looked up: composed, in lower case, without surrounding white
/// space.
///
/// This is not the fold of a name: mail treats `straße.example` and `strasse.example` as two domains, so they remain
/// two addresses.
pub fn email_key(email: &str) -> String {
    composed(&composed(email.trim()).to_lowercase()).into_owned()
}

/// Refuses a text that can't be an e-mail address. Only sending mail could show whether the address is in use.
pub fn checked_email(email: &str) -> Result<(), Refusal> {
    let is_written = |character: char| !character.is_whitespace() && !is_refused(character);
    if email.contains('@') && email.chars().count() <= EMAIL_CHARACTERS_MAX && email.chars().all(is_written) {
        return Ok(());
    }
    let start: String = email.chars().filter(|character| !is_refused(*character)).take(64).collect();
    let sentence = format!(
        "'{start}' is not an email address of up to {EMAIL_CHARACTERS_MAX} characters without spaces and invisible \
         characters; write one such as ada@bank.example"
    );
    Err(Refusal::rule("email", sentence))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_form_whatever_its_case_and_composition() {
        for (written, key) in [
            (" Ada@Bank.Example ", "ada@bank.example"),
            ("ZOE\u{308}@bank.example", "zoë@bank.example"),
            ("Straße@bank.example", "straße@bank.example"),
        ] {
            assert_eq!(email_key(written), key, "{written:?}");
            assert_eq!(email_key(key), key, "{written:?}");
        }
    }

    #[test]
    fn an_address_has_no_spaces_and_nothing_that_cannot_be_seen() {
        for bad in
            ["ada", "a da@bank.example", "ada@bank\u{200b}.example", "ada\n@bank.example", "ada\u{a0}@bank.example"]
        {
            assert!(checked_email(bad).is_err(), "{bad:?}");
        }
        let of = |characters: usize| format!("{}@b", "a".repeat(characters - 2));
        assert!(checked_email(&of(254)).is_ok());
        assert!(checked_email(&of(255)).is_err());
    }
}
