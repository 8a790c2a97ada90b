//! What a source may report: an allow-list of object types and event names. The name of an event and the type of its
//! object decide, never whether an id exists.

use docket_events::is_event_name;
use docket_kernel::{
    AnswerId, ApiKeyId, CaseId, CaseObjectId, CaseTemplateId, CommentId, DraftSaveId, EnvironmentId, EventId, FileId,
    OrganizationId, ReceiptId, Refusal, RequestId, RunId, SegmentId, SessionId, SourceId, StatusId, SubscriptionId,
    UserId, VersionId, WorkflowId,
};

/// What a source may report unless another allow-list is set.
pub const DEFAULT_ALLOW_LIST: [&str; 8] =
    ["inquiry", "account", "verification", "report", "transaction", "document", "selfie", "device"];

/// The maximum number of entries in an allow-list.
pub const ALLOW_LIST_MAX: usize = 100;
/// The maximum size of an entry, in bytes.
const ENTRY_BYTES_MAX: usize = 128;

/// Types reserved for Docket: no source may report them, and no allow-list may contain them.
const OWN: &[&str] = &[
    "environment",
    "event",
    "invitation",
    "organization",
    "permission",
    "receipt",
    "role",
    "session",
    "source",
    "step-type",
    "user",
    "workflow",
];
/// Prefixes of reserved types: `case-comment`, `workflow-run`, `api-key`.
const OWN_BEGINNINGS: &[&str] = &["api-", "case-", "event-", "user-", "workflow-"];
/// Vendors can have cases too. A source may report them if its allow-list contains this type.
const CASE: &str = "case";

/// An allow-list as it is stored: without duplicates, each entry as it was sent.
pub(crate) fn checked_allow_list(entries: &[String]) -> Result<Vec<String>, Refusal> {
    const AT: &str = "/data/attributes/allow-list";
    if entries.len() > ALLOW_LIST_MAX {
        let sentence = format!("an allow-list has at most {ALLOW_LIST_MAX} entries, and {} were sent", entries.len());
        return Err(Refusal::rule("allow-list", sentence).at(AT));
    }
    let mut checked: Vec<String> = Vec::with_capacity(entries.len());
    for (place, entry) in entries.iter().enumerate() {
        checked_entry(entry).map_err(|sentence| Refusal::rule("allow-list", sentence).at(format!("{AT}/{place}")))?;
        if !checked.contains(entry) {
            checked.push(entry.clone());
        }
    }
    Ok(checked)
}

fn checked_entry(entry: &str) -> Result<(), String> {
    let object_type = entry.split_once('.').map_or(entry, |(object_type, _)| object_type);
    if !is_type(entry) && !is_event_name(entry) {
        let shown: String = entry.chars().take(64).collect();
        return Err(format!(
            "'{}' is neither a type nor an event's name; write a type such as inquiry or report/watchlist, or an event's \
             name such as inquiry.completed",
            shown.escape_default()
        ));
    }
    if is_docket_only(object_type) {
        return Err(format!(
            "'{entry}' can't be allowed: only Docket records events about objects of the type {}; a source may report \
             types such as {}",
            family(object_type),
            DEFAULT_ALLOW_LIST.join(", ")
        ));
    }
    Ok(())
}

/// Whether a text has the syntax of a type: `inquiry`, `verification/government-id`.
pub(crate) fn is_type(text: &str) -> bool {
    let word = |word: &str| {
        word.starts_with(|letter: char| letter.is_ascii_lowercase())
            && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'))
    };
    text.len() <= ENTRY_BYTES_MAX && text.split('/').all(word)
}

fn family(object_type: &str) -> &str {
    object_type.split('/').next().unwrap_or_default()
}

/// Whether a type, in any casing, is reserved for Docket.
fn is_docket_only(object_type: &str) -> bool {
    let family = family(object_type).to_lowercase().replace('_', "-");
    OWN.contains(&family.as_str()) || OWN_BEGINNINGS.iter().any(|beginning| family.starts_with(beginning))
}

/// Whether a type, in any casing, is one of Docket's own, including cases.
pub fn is_own_type(object_type: &str) -> bool {
    is_docket_only(object_type) || family(object_type).eq_ignore_ascii_case(CASE)
}

/// Whether an id has the form of ids that Docket assigns to its own objects. Accounts and inquiries are excluded:
/// vendors use Docket's ids for them.
pub fn is_own_id(id: &str) -> bool {
    [
        CaseId::is_made_by_docket,
        CaseTemplateId::is_made_by_docket,
        StatusId::is_made_by_docket,
        CommentId::is_made_by_docket,
        CaseObjectId::is_made_by_docket,
        FileId::is_made_by_docket,
        WorkflowId::is_made_by_docket,
        VersionId::is_made_by_docket,
        RunId::is_made_by_docket,
        SegmentId::is_made_by_docket,
        SubscriptionId::is_made_by_docket,
        DraftSaveId::is_made_by_docket,
        EventId::is_made_by_docket,
        UserId::is_made_by_docket,
        ApiKeyId::is_made_by_docket,
        SessionId::is_made_by_docket,
        OrganizationId::is_made_by_docket,
        EnvironmentId::is_made_by_docket,
        SourceId::is_made_by_docket,
        ReceiptId::is_made_by_docket,
        AnswerId::is_made_by_docket,
        RequestId::is_made_by_docket,
    ]
    .iter()
    .any(|is_one| is_one(id))
}

/// Whether a source with this allow-list may report an event with this name.
pub(crate) fn permits_event(allow_list: &[String], name: &str) -> bool {
    let Some((noun, _)) = name.split_once('.') else { return false };
    !is_docket_only(noun) && allow_list.iter().any(|entry| entry == name || is_of(noun, entry))
}

/// Whether a source with this allow-list may report an object of this type.
pub(crate) fn permits_type(allow_list: &[String], object_type: &str) -> bool {
    let named = |entry: &String| is_of(object_type, entry.split_once('.').map_or(entry.as_str(), |(noun, _)| noun));
    !is_docket_only(object_type) && allow_list.iter().any(named)
}

/// Whether an event of the source may include an object of this type: the permitted types, and types that belong to
/// them, such as the `inquiry-template` of an inquiry and the `account-type` of an account.
pub(crate) fn permits_included(allow_list: &[String], object_type: &str) -> bool {
    let belongs = |entry: &String| {
        let noun = family(entry.split_once('.').map_or(entry.as_str(), |(noun, _)| noun));
        family(object_type).strip_prefix(noun).is_some_and(|rest| rest.starts_with('-'))
    };
    permits_type(allow_list, object_type) || !is_docket_only(object_type) && allow_list.iter().any(belongs)
}

/// Whether a type equals this one or is a subtype of it.
fn is_of(object_type: &str, entry: &str) -> bool {
    object_type.strip_prefix(entry).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(entries: &[&str]) -> Vec<String> {
        entries.iter().map(|entry| (*entry).to_owned()).collect()
    }

    #[test]
    fn an_entry_permits_the_events_and_the_objects_of_its_type() {
        let allowed = list(&["inquiry", "report/watchlist", "transaction.created"]);

        for (name, is_permitted) in [
            ("inquiry.completed", true),
            ("inquiry/any.completed", true),
            ("inquiry-session.started", false),
            ("report/watchlist.matched", true),
            ("report.matched", false),
            ("transaction.created", true),
            ("transaction.labeled", false),
            ("case.status-updated", false),
            ("inquiry", false),
        ] {
            assert_eq!(permits_event(&allowed, name), is_permitted, "{name}");
        }
        for (object_type, is_permitted, is_included) in [
            ("inquiry", true, true),
            ("inquiry-template", false, true),
            ("report/watchlist", true, true),
            ("report/profile", false, false),
            ("transaction", true, true),
            ("account", false, false),
            ("case", false, false),
        ] {
            assert_eq!(permits_type(&allowed, object_type), is_permitted, "{object_type}");
            assert_eq!(permits_included(&allowed, object_type), is_included, "{object_type}");
        }
    }

    #[test]
    fn reserved_types_are_never_permitted_and_cases_only_if_listed() {
        for own in [
            "case-comment",
            "case-template",
            "workflow",
            "workflow-run",
            "workflow.published",
            "user",
            "user.deleted",
            "api-key",
            "session",
            "source",
            "event",
            "organization",
        ] {
            assert_eq!(checked_allow_list(&list(&[own])).unwrap_err().code, "allow-list", "{own}");
            assert!(!permits_event(&list(&[own]), &format!("{own}.created")), "{own}");
        }
        for (text, is_own) in [("Case", true), ("case_comment", true), ("case/any", true), ("cases", false)] {
            assert_eq!(is_own_type(text), is_own, "{text}");
        }
        assert_eq!(checked_allow_list(&list(&["case", "case"])), Ok(list(&["case"])));
        assert!(permits_event(&list(&["case"]), "case.created") && permits_type(&list(&["case"]), "case"));
        assert!(!permits_included(&list(&["case"]), "case-comment"));
    }

    #[test]
    fn an_entry_is_a_type_or_the_name_of_an_event_and_a_list_has_a_hundred() {
        for bad in ["", "Inquiry", "inquiry.", "inquiry completed", "inquiry\n", "*", "inquiry/", ".completed"] {
            assert!(checked_allow_list(&list(&[bad])).is_err(), "{bad:?}");
        }
        let many = |count: usize| checked_allow_list(&(0..count).map(|n| format!("kind-{n}")).collect::<Vec<_>>());
        assert!(many(100).is_ok() && many(101).is_err());
        let repeated = |count: usize| checked_allow_list(&vec!["kind".to_owned(); count]);
        assert!(repeated(100).is_ok() && repeated(101).is_err());
    }
}
