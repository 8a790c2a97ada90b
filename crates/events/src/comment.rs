//! The comment on a decision; it is stored with the event.

use docket_kernel::Refusal;

/// The maximum length of a comment, in characters.
pub const COMMENT_CHARACTERS_MAX: usize = 65_536;

/// Refuses a comment that is too long. A missing comment is valid.
pub fn checked_comment(comment: Option<&str>) -> Result<(), Refusal> {
    let length = comment.map_or(0, |comment| comment.chars().count());
    if length > COMMENT_CHARACTERS_MAX {
        let sentence = format!("a comment has at most {COMMENT_CHARACTERS_MAX} characters, not {length}");
        return Err(Refusal::rule("comment-too-long", sentence).at("/meta/comment"));
    }
    Ok(())
}
