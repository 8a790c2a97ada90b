//! The comment on a decision; it is stored with the event.

use docket_kernel::Refusal;

/// The maximum length of a comment, in characters.
pub const COMMENT_CHARACTERS_MAX: usize = 65_536;
/// The limit of a comment as JSON, in bytes: a page holds a hundred comments.
pub const COMMENT_BYTES_MAX: usize = 64 * 1024;

/// Refuses a comment that is too long. A missing comment is valid.
pub fn checked_comment(comment: Option<&str>) -> Result<(), Refusal> {
    let length = comment.map_or(0, |comment| comment.chars().count());
    if length > COMMENT_CHARACTERS_MAX {
        let sentence = format!("a comment has at most {COMMENT_CHARACTERS_MAX} characters, not {length}");
        return Err(Refusal::rule("comment-too-long", sentence).at("/meta/comment"));
    }
    checked_comment_bytes(comment.unwrap_or_default()).map_err(|refusal| refusal.at("/meta/comment"))
}

/// Refuses a comment with too many bytes as JSON.
pub fn checked_comment_bytes(comment: &str) -> Result<(), Refusal> {
    let bytes = comment_bytes(comment);
    if bytes <= COMMENT_BYTES_MAX {
        return Ok(());
    }
    let sentence = format!(
        "a comment has at most {COMMENT_BYTES_MAX} bytes as JSON, where a character takes up to 6, and this one has {bytes}; \
         shorten it"
    );
    Err(Refusal::rule("comment-too-long", sentence))
}

/// The size of a comment as JSON without its quotes, in bytes.
pub fn comment_bytes(comment: &str) -> usize {
    serde_json::to_string(comment).map_or(0, |shown| shown.len().saturating_sub(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_has_65536_bytes_as_it_is_shown() {
        for (one, bytes) in [("x", 1), ("ä", 2), ("審", 3), ("😀", 4), ("\"", 2), ("\u{1}", 6)] {
            let most = COMMENT_BYTES_MAX / bytes;
            assert!(checked_comment(Some(&one.repeat(most))).is_ok(), "{one:?}");
            assert!(checked_comment(Some(&one.repeat(most + 1))).is_err(), "{one:?}");
        }
        assert!(checked_comment(None).is_ok());
    }
}
