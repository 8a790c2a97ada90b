//! The limit of a case in bytes: that of any other object, so that a page holds a hundred cases.

use docket_kernel::Refusal;
use docket_objects::{OBJECT_BYTES_MAX, json_bytes};

use crate::case::{Attachment, Case};

/// The limit of the fields, tags and files of a case as JSON, in bytes. Relations are not counted: a case has up to 1,000
/// objects and 1,000 comments.
pub const CASE_BYTES_MAX: usize = OBJECT_BYTES_MAX;

/// The bytes around the key and the value of a field shown with its type: `"":{"type":"integer","value":},`.
const FIELD_BYTES: usize = 36;
/// The bytes around the name of a file: its size and its address with the ids of the case and the file.
const FILE_BYTES: usize = 192;

/// The size of the fields, tags and files of a case, in bytes.
pub(crate) fn content_bytes(case: &Case) -> usize {
    let field = |(key, value): (&String, &serde_json::Value)| key.len() + json_bytes(value) + FIELD_BYTES;
    let file = |file: &Attachment| json_bytes(file.filename.as_str()) + FILE_BYTES;
    json_bytes(&*case.tags)
        + case.fields.iter().map(field).sum::<usize>()
        + case.attachments.iter().map(file).sum::<usize>()
}

/// Refuses a case that has become too large. An older case beyond the limit may keep its size or become smaller.
pub(crate) fn checked_size(before: usize, case: &Case, at: &str) -> Result<(), Refusal> {
    let bytes = content_bytes(case);
    if bytes <= CASE_BYTES_MAX.max(before) {
        return Ok(());
    }
    let sentence = format!(
        "the fields, tags and files of the case would have {bytes} bytes, and at most {CASE_BYTES_MAX} are allowed; shorten \
         or clear some"
    );
    Err(Refusal::rule("case-too-large", sentence).at(at))
}

#[cfg(test)]
mod tests {
    use docket_kernel::{EnvironmentId, Moment, StatusId};

    use super::*;
    use crate::create::blank;

    fn case(bytes: usize) -> Case {
        let mut case = blank(&EnvironmentId::of("env_1"), "case_1", "ctmpl_1", &StatusId::of("cst_1"), Moment(0));
        case.fields.edit().insert("note".into(), "".into());
        let empty = content_bytes(&case);
        case.fields.edit().insert("note".into(), "x".repeat(bytes - empty).into());
        case
    }

    #[test]
    fn a_case_contains_60_kibibytes_and_an_older_larger_one_never_grows() {
        assert!(checked_size(0, &case(CASE_BYTES_MAX), "/x").is_ok());
        assert!(checked_size(0, &case(CASE_BYTES_MAX + 1), "/x").is_err());
        let older = CASE_BYTES_MAX + 100;
        assert!(checked_size(older, &case(older), "/x").is_ok() && checked_size(older, &case(older - 1), "/x").is_ok());
        assert!(checked_size(older, &case(older + 1), "/x").is_err());
    }
}
