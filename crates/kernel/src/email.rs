//! What is taken for an e-mail address.

use crate::refusal::Refusal;

/// The most characters of an e-mail address, as mail itself has it (RFC 3696, errata 1690).
const EMAIL_CHARACTERS_MAX: usize = 254;

/// Refuses what can't be an e-mail address. Whether somebody reads there, only mail could tell.
pub fn checked_email(email: &str) -> Result<(), Refusal> {
    if email.contains('@') && email.chars().count() <= EMAIL_CHARACTERS_MAX {
        return Ok(());
    }
    let start: String = email.chars().take(64).collect();
    let sentence = format!(
        "'{start}' is not an e-mail address of up to {EMAIL_CHARACTERS_MAX} characters; write one such as ada@bank.example"
    );
    Err(Refusal::rule("email", sentence))
}
