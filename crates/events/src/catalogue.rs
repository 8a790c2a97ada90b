//! The events that a workflow can listen to, and the type of object that each event is about. Events of vendors with
//! other names are recorded too, but a trigger can only name an event of this list, so that a misspelled name is an
//! error instead of a trigger that never fires.

/// Event names and the type of object that the event is about, in alphabetical order.
pub const EVENTS: &[(&str, &str)] = &[
    ("account-property.redacted", "account-property"),
    ("account-type.deleted-field", "account-type"),
    ("account.added-relation", "account"),
    ("account.archived", "account"),
    ("account.consolidated", "account"),
    ("account.consolidated-with", "account"),
    ("account.created", "account"),
    ("account.redacted", "account"),
    ("account.removed-relation", "account"),
    ("account.restored", "account"),
    ("account.status-updated", "account"),
    ("account.tag-added", "account"),
    ("account.tag-removed", "account"),
    ("account.updated-fields", "account"),
    ("account.updated-tags", "account"),
    ("agent-conversation.created", "agent-conversation"),
    ("agent-conversation.errored", "agent-conversation"),
    ("agent-conversation.message-added", "agent-conversation"),
    ("case-comment.created", "case-comment"),
    ("case-message.received", "case-message"),
    ("case-message.sent", "case-message"),
    ("case-template.created", "case-template"),
    ("case-template.deleted-field", "case-template"),
    ("case-template.updated", "case-template"),
    ("case.assigned", "case"),
    ("case.created", "case"),
    ("case.exported", "case"),
    ("case.print-initiated", "case"),
    ("case.queue-updated", "case"),
    ("case.redacted", "case"),
    ("case.reopened", "case"),
    ("case.resolved", "case"),
    ("case.sla-expired", "case"),
    ("case.status-updated", "case"),
    ("case.unassigned", "case"),
    ("case.updated", "case"),
    ("case.updated-fields", "case"),
    ("case.updated-tags", "case"),
    ("document.created", "document"),
    ("document.errored", "document"),
    ("document.extracted", "document"),
    ("document.pending", "document"),
    ("document.processed", "document"),
    ("document.submitted", "document"),
    ("filing.created", "filing"),
    ("filing.filed", "filing"),
    ("graph-query.cancelled", "graph-query"),
    ("graph-query.completed", "graph-query"),
    ("graph-query.errored", "graph-query"),
    ("graph-query.reran", "graph-query"),
    ("graph-query.submitted", "graph-query"),
    ("graph-query.timed-out", "graph-query"),
    ("importer-pipeline-run.canceled", "importer-pipeline-run"),
    ("importer-pipeline-run.completed", "importer-pipeline-run"),
    ("importer-pipeline-run.errored", "importer-pipeline-run"),
    ("importer-pipeline-run.paused", "importer-pipeline-run"),
    ("importer-pipeline-run.resumed", "importer-pipeline-run"),
    ("importer-pipeline-run.started", "importer-pipeline-run"),
    ("inquiry-session.canceled", "inquiry-session"),
    ("inquiry-session.expired", "inquiry-session"),
    ("inquiry-session.started", "inquiry-session"),
    ("inquiry-template-version.created", "inquiry-template-version"),
    ("inquiry-template-version.published", "inquiry-template-version"),
    ("inquiry.approved", "inquiry"),
    ("inquiry.completed", "inquiry"),
    ("inquiry.created", "inquiry"),
    ("inquiry.declined", "inquiry"),
    ("inquiry.expired", "inquiry"),
    ("inquiry.failed", "inquiry"),
    ("inquiry.marked-for-review", "inquiry"),
    ("inquiry.redacted", "inquiry"),
    ("inquiry.reusable-persona-assurance-failed", "inquiry"),
    ("inquiry.reusable-persona-created", "inquiry"),
    ("inquiry.reusable-persona-updated", "inquiry"),
    ("inquiry.reusable-persona-used", "inquiry"),
    ("inquiry.started", "inquiry"),
    ("inquiry.transitioned", "inquiry"),
    ("inquiry.updated-tags", "inquiry"),
    ("integration-log.created", "integration-log"),
    ("report/address-lookup.dismissed", "report/address-lookup"),
    ("report/address-lookup.errored", "report/address-lookup"),
    ("report/address-lookup.matched", "report/address-lookup"),
    ("report/address-lookup.ready", "report/address-lookup"),
    ("report/address-lookup.submitted", "report/address-lookup"),
    ("report/adverse-media.dismissed", "report/adverse-media"),
    ("report/adverse-media.errored", "report/adverse-media"),
    ("report/adverse-media.matched", "report/adverse-media"),
    ("report/adverse-media.ready", "report/adverse-media"),
    ("report/adverse-media.submitted", "report/adverse-media"),
    ("report/business-adverse-media.dismissed", "report/business-adverse-media"),
    ("report/business-adverse-media.errored", "report/business-adverse-media"),
    ("report/business-adverse-media.matched", "report/business-adverse-media"),
    ("report/business-adverse-media.ready", "report/business-adverse-media"),
    ("report/business-adverse-media.submitted", "report/business-adverse-media"),
    ("report/business-associations-lookup.dismissed", "report/business-associations-lookup"),
    ("report/business-associations-lookup.errored", "report/business-associations-lookup"),
    ("report/business-associations-lookup.matched", "report/business-associations-lookup"),
    ("report/business-associations-lookup.ready", "report/business-associations-lookup"),
    ("report/business-associations-lookup.submitted", "report/business-associations-lookup"),
    ("report/business-lookup.dismissed", "report/business-lookup"),
    ("report/business-lookup.errored", "report/business-lookup"),
    ("report/business-lookup.matched", "report/business-lookup"),
    ("report/business-lookup.ready", "report/business-lookup"),
    ("report/business-lookup.submitted", "report/business-lookup"),
    ("report/business-registrations-lookup.dismissed", "report/business-registrations-lookup"),
    ("report/business-registrations-lookup.errored", "report/business-registrations-lookup"),
    ("report/business-registrations-lookup.matched", "report/business-registrations-lookup"),
    ("report/business-registrations-lookup.ready", "report/business-registrations-lookup"),
    ("report/business-registrations-lookup.submitted", "report/business-registrations-lookup"),
    ("report/business-watchlist.dismissed", "report/business-watchlist"),
    ("report/business-watchlist.errored", "report/business-watchlist"),
    ("report/business-watchlist.matched", "report/business-watchlist"),
    ("report/business-watchlist.ready", "report/business-watchlist"),
    ("report/business-watchlist.submitted", "report/business-watchlist"),
    ("report/crypto-address-watchlist.dismissed", "report/crypto-address-watchlist"),
    ("report/crypto-address-watchlist.errored", "report/crypto-address-watchlist"),
    ("report/crypto-address-watchlist.matched", "report/crypto-address-watchlist"),
    ("report/crypto-address-watchlist.ready", "report/crypto-address-watchlist"),
    ("report/crypto-address-watchlist.submitted", "report/crypto-address-watchlist"),
    ("report/email-address.dismissed", "report/email-address"),
    ("report/email-address.errored", "report/email-address"),
    ("report/email-address.matched", "report/email-address"),
    ("report/email-address.ready", "report/email-address"),
    ("report/email-address.submitted", "report/email-address"),
    ("report/phone-number.dismissed", "report/phone-number"),
    ("report/phone-number.errored", "report/phone-number"),
    ("report/phone-number.matched", "report/phone-number"),
    ("report/phone-number.ready", "report/phone-number"),
    ("report/phone-number.submitted", "report/phone-number"),
    ("report/politically-exposed-person.dismissed", "report/politically-exposed-person"),
    ("report/politically-exposed-person.errored", "report/politically-exposed-person"),
    ("report/politically-exposed-person.matched", "report/politically-exposed-person"),
    ("report/politically-exposed-person.ready", "report/politically-exposed-person"),
    ("report/politically-exposed-person.submitted", "report/politically-exposed-person"),
    ("report/profile.dismissed", "report/profile"),
    ("report/profile.errored", "report/profile"),
    ("report/profile.matched", "report/profile"),
    ("report/profile.ready", "report/profile"),
    ("report/profile.submitted", "report/profile"),
    ("report/public-figure.dismissed", "report/public-figure"),
    ("report/public-figure.errored", "report/public-figure"),
    ("report/public-figure.matched", "report/public-figure"),
    ("report/public-figure.ready", "report/public-figure"),
    ("report/public-figure.submitted", "report/public-figure"),
    ("report/risk-intelligence.dismissed", "report/risk-intelligence"),
    ("report/risk-intelligence.errored", "report/risk-intelligence"),
    ("report/risk-intelligence.matched", "report/risk-intelligence"),
    ("report/risk-intelligence.ready", "report/risk-intelligence"),
    ("report/risk-intelligence.submitted", "report/risk-intelligence"),
    ("report/synthetic.dismissed", "report/synthetic"),
    ("report/synthetic.errored", "report/synthetic"),
    ("report/synthetic.matched", "report/synthetic"),
    ("report/synthetic.ready", "report/synthetic"),
    ("report/synthetic.submitted", "report/synthetic"),
    ("report/watchlist.dismissed", "report/watchlist"),
    ("report/watchlist.errored", "report/watchlist"),
    ("report/watchlist.matched", "report/watchlist"),
    ("report/watchlist.ready", "report/watchlist"),
    ("report/watchlist.submitted", "report/watchlist"),
    ("sar.created", "sar"),
    ("sar.filed", "sar"),
    ("selfie.created", "selfie"),
    ("selfie.errored", "selfie"),
    ("selfie.processed", "selfie"),
    ("selfie.submitted", "selfie"),
    ("transaction-type.deleted-field", "transaction-type"),
    ("transaction.added-relation", "transaction"),
    ("transaction.created", "transaction"),
    ("transaction.labeled", "transaction"),
    ("transaction.redacted", "transaction"),
    ("transaction.removed-relation", "transaction"),
    ("transaction.sentinel-session-processed", "transaction"),
    ("transaction.status-updated", "transaction"),
    ("transaction.updated-fields", "transaction"),
    ("transaction.updated-tags", "transaction"),
    ("user.availability-updated", "user"),
    ("verification.canceled", "verification"),
    ("verification.created", "verification"),
    ("verification.escalated", "verification"),
    ("verification.failed", "verification"),
    ("verification.passed", "verification"),
    ("verification.requires-retry", "verification"),
    ("verification.skipped", "verification"),
    ("verification.submitted", "verification"),
    ("verification.tentatively-failed", "verification"),
    ("verification.tentatively-passed", "verification"),
    ("verification.updated-tags", "verification"),
    ("workflow-run.completed", "workflow-run"),
    ("workflow-run.created", "workflow-run"),
    ("workflow-run.errored", "workflow-run"),
    // The event is about the workflow: there is no run.
    ("workflow-run.refused", "workflow"),
    ("workflow-run.resumed", "workflow-run"),
    ("workflow.archived", "workflow"),
    ("workflow.paused", "workflow"),
    ("workflow.published", "workflow"),
    ("workflow.resumed", "workflow"),
    ("workflow.updated", "workflow"),
];

/// Events that are recorded and shown but can't be triggers: people belong to the whole organization, a workflow to one
/// environment, a person decides what a source may report, and no workflow depends on settings. In alphabetical order.
pub const RECORDED_ONLY: &[(&str, &str)] = &[
    ("retention-policy.updated", "retention-policy"),
    ("source.allow-list-updated", "source"),
    ("source.created", "source"),
    ("source.secret-rotated", "source"),
    ("user.created", "user"),
    ("user.deactivated", "user"),
    ("user.invited", "user"),
    ("user.reactivated", "user"),
    ("user.renamed", "user"),
    ("user.role-updated", "user"),
    ("workflow.draft-discarded", "workflow"),
    ("workflow.draft-saved", "workflow"),
];

/// The type of object that events of this name are about.
pub fn object_type_of(name: &str) -> Option<&'static str> {
    EVENTS.binary_search_by(|(known, _)| (*known).cmp(name)).ok().map(|place| EVENTS[place].1)
}

/// The recorder of events of one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorder {
    /// Docket records them.
    Docket,
    /// Vendors send them, about objects that exist in Docket.
    Vendor,
    /// Vendors send them, about objects that don't exist in Docket.
    Elsewhere,
}

impl Recorder {
    /// Every recorder.
    pub const ALL: &'static [Self] = &[Self::Docket, Self::Vendor, Self::Elsewhere];

    /// The name of the recorder.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Docket => "docket",
            Self::Vendor => "vendor",
            Self::Elsewhere => "elsewhere",
        }
    }
}

/// The events that Docket records itself.
const RECORDED_HERE: &[&str] = &[
    "account.created",
    "account.status-updated",
    "account.updated-fields",
    "account.updated-tags",
    "case-comment.created",
    "case-template.created",
    "case-template.updated",
    "case.assigned",
    "case.created",
    "case.reopened",
    "case.resolved",
    "case.status-updated",
    "case.unassigned",
    "case.updated",
    "case.updated-fields",
    "case.updated-tags",
    "inquiry.approved",
    "inquiry.created",
    "inquiry.declined",
    "inquiry.marked-for-review",
    "inquiry.updated-tags",
    "transaction.updated-tags",
    "verification.updated-tags",
    "workflow-run.completed",
    "workflow-run.created",
    "workflow-run.errored",
    "workflow-run.refused",
    "workflow.archived",
    "workflow.paused",
    "workflow.published",
    "workflow.resumed",
    "workflow.updated",
];

/// The types of objects that vendors report and that exist in Docket.
const VENDORS_OBJECTS: &[&str] = &["account", "document", "inquiry", "selfie", "transaction", "verification"];

/// The recorder of events of this name.
pub fn recorder_of(name: &str) -> Recorder {
    let object = object_type_of(name).unwrap_or_default();
    if RECORDED_HERE.binary_search(&name).is_ok() {
        Recorder::Docket
    } else if VENDORS_OBJECTS.contains(&object) || object.starts_with("report/") {
        Recorder::Vendor
    } else {
        Recorder::Elsewhere
    }
}

/// The maximum length of an event's name, in bytes.
const NAME_BYTES_MAX: usize = 128;

/// Whether a text has the form of an event name: `inquiry.completed`, `report/watchlist.matched`.
pub fn is_event_name(name: &str) -> bool {
    let word = |word: &str| {
        word.starts_with(|letter: char| letter.is_ascii_lowercase())
            && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'))
    };
    name.len() <= NAME_BYTES_MAX
        && name.split_once('.').is_some_and(|(noun, verb)| noun.split('/').all(word) && word(verb))
}

/// Whether an event is offered for selection. Events with a vendor's brand in their name can be listened to, but are
/// not offered.
pub fn is_offered(name: &str) -> bool {
    !name.contains("persona-") && !name.contains("sentinel")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_recorded_here_are_in_the_catalogue_and_sorted() {
        assert!(RECORDED_HERE.is_sorted());
        assert!(RECORDED_HERE.iter().all(|name| object_type_of(name).is_some()));
        for (name, recorder) in [
            ("case.status-updated", Recorder::Docket),
            ("inquiry.completed", Recorder::Vendor),
            ("report/watchlist.matched", Recorder::Vendor),
            ("sar.filed", Recorder::Elsewhere),
            ("account-property.redacted", Recorder::Elsewhere),
        ] {
            assert_eq!(recorder_of(name), recorder, "{name}");
        }
    }

    #[test]
    fn a_run_that_was_refused_is_an_event_of_its_workflow() {
        assert_eq!(object_type_of("workflow-run.refused"), Some("workflow"));
    }

    #[test]
    fn no_offered_event_has_a_vendors_brand_in_its_name() {
        assert!(is_offered("inquiry.completed") && is_offered("report/politically-exposed-person.matched"));
        assert!(!is_offered("inquiry.reusable-persona-created"));
    }

    #[test]
    fn names_are_sorted_for_the_binary_search() {
        assert!(EVENTS.is_sorted() && RECORDED_ONLY.is_sorted());
        assert!(RECORDED_ONLY.iter().all(|(name, _)| object_type_of(name).is_none()), "triggers can't name these");
        assert_eq!(object_type_of("inquiry.completed"), Some("inquiry"));
        assert_eq!(object_type_of("report/watchlist.matched"), Some("report/watchlist"));
        assert_eq!(object_type_of("inquiry.complete"), None);
    }
}
