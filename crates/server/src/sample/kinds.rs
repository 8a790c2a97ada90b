//! The four kinds of cases of the sample, one for each reason to review a customer, and how their cases proceed.

use docket_cases::{FieldSchema, FieldType, StatusInput, StatusType, TemplateRequest};
use serde_json::{Map, Value, json};

use super::chance::Chance;

/// A kind of case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseKind {
    /// Whether a person may become a customer.
    Onboarding,
    /// Whether an attacker has taken over a customer's account.
    Takeover,
    /// Whether a customer was cheated, or cheats.
    Fraud,
    /// Whether transactions are suspicious.
    Monitoring,
}

/// One status change of a case: the new status, and the reason.
pub type Move = (&'static str, Option<&'static str>);

impl CaseKind {
    /// Every kind, in order.
    pub const ALL: [Self; 4] = [Self::Onboarding, Self::Takeover, Self::Fraud, Self::Monitoring];

    /// Its template.
    pub fn template(self) -> TemplateRequest {
        match self {
            Self::Onboarding => onboarding(),
            Self::Takeover => takeover(),
            Self::Fraud => fraud(),
            Self::Monitoring => monitoring(),
        }
    }

    /// The fields of a new case of this kind.
    pub fn fields(self, chance: &mut Chance) -> Map<String, Value> {
        let fields = match self {
            Self::Onboarding => json!({"source": "Branch", "risk": chance.pick(&["low", "medium", "high"])}),
            Self::Takeover => json!({
                "channel": chance.pick(&["phone", "app", "web", "branch"]),
                "account_locked": chance.percent(60),
            }),
            Self::Fraud => json!({
                "scheme": chance.pick(&["card testing", "chargeback", "mule account", "refund abuse"]),
                "amount": 40 + chance.below(6_000),
                "currency": "EUR",
            }),
            Self::Monitoring => json!({
                "rule": chance.pick(&["Many small deposits", "Round amounts", "New country", "Sudden volume"]),
                "window_days": 7 * (1 + chance.below(4)),
                "amount": 900 + chance.below(40_000),
                "currency": "EUR",
            }),
        };
        match fields {
            Value::Object(fields) => fields,
            _ => Map::new(),
        }
    }

    /// The possible histories of its cases. Every change has a required reason; some cases do not reach an end status.
    pub fn ways(self) -> &'static [&'static [Move]] {
        match self {
            Self::Onboarding => ONBOARDING,
            Self::Takeover => TAKEOVER,
            Self::Fraud => FRAUD,
            Self::Monitoring => MONITORING,
        }
    }
}

const ONBOARDING: &[&[Move]] = &[
    &[("Approved", Some("Same name, other birth date: not the person on the list"))],
    &[("Waiting for documents", None), ("Approved", Some("Passport received and checked"))],
    &[("Waiting for documents", None), ("Declined", Some("No documents after three reminders"))],
    &[
        ("Escalated to legal", Some("Looks like the person on the list")),
        ("Declined", Some("Legal confirmed the match")),
    ],
    &[("Escalated to legal", Some("Politically exposed, needs a second look"))],
    &[("Waiting for documents", None)],
    &[],
];

const TAKEOVER: &[&[Move]] = &[
    &[
        ("Account locked", None),
        ("Contacting customer", None),
        ("Restored", Some("Customer called back, new device set up")),
    ],
    &[("Contacting customer", None), ("Restored", Some("It was the customer, abroad"))],
    &[("Account locked", None), ("Closed as fraud", Some("Someone else controls the email address"))],
    &[
        ("Contacting customer", None),
        ("Restored", Some("The customer had only forgotten the password")),
        ("Account locked", Some("Two sign-ins from abroad the same evening")),
        ("Closed as fraud", Some("The caller was not the customer")),
    ],
    &[("Account locked", None), ("Contacting customer", None)],
    &[("Contacting customer", None)],
    &[],
];

const FRAUD: &[&[Move]] = &[
    &[("Under review", None), ("Confirmed fraud", Some("Forty cards tried within a minute"))],
    &[("Under review", None), ("No fraud", Some("The merchant's terminal was broken"))],
    &[
        ("Under review", None),
        ("No fraud", Some("The customer knows the merchant")),
        ("Under review", Some("A second chargeback came in")),
    ],
    &[
        ("Under review", None),
        ("Escalated to legal", Some("Amount above our limit")),
        ("Confirmed fraud", Some("Reported to the police")),
    ],
    &[("Under review", None)],
    &[],
];

const MONITORING: &[&[Move]] = &[
    &[("Pending", None), ("No suspicion", Some("Sale of a house, contract seen"))],
    &[("Pending", None), ("Information requested", None), ("No suspicion", Some("Invoices explain it"))],
    &[("Pending", None), ("Information requested", None), ("Report filed", Some("No explanation came"))],
    &[("Pending", None), ("Information requested", None)],
    &[("Pending", None)],
    &[],
];

fn status(name: &str, r#type: StatusType, color: &str) -> StatusInput {
    StatusInput { color: Some(color.to_owned()), ..StatusInput::new(name, r#type) }
}

/// A status for which people must give a reason.
fn explained(name: &str, r#type: StatusType, color: &str) -> StatusInput {
    StatusInput { require_comment: true, ..status(name, r#type, color) }
}

fn field(key: &str, r#type: FieldType, label: &str) -> FieldSchema {
    FieldSchema { label: Some(label.to_owned()), ..FieldSchema::new(key, r#type) }
}

fn choices(key: &str, label: &str, options: &[&str]) -> FieldSchema {
    let options = options.iter().map(|option| (*option).to_owned()).collect();
    FieldSchema { options, ..field(key, FieldType::Choices, label) }
}

fn template(name: &str, key: &str, fields: Vec<FieldSchema>, statuses: Vec<StatusInput>) -> TemplateRequest {
    let (name, key) = (name.to_owned(), Some(key.to_owned()));
    TemplateRequest { name, key, fields, statuses: Some(statuses), ..TemplateRequest::default() }
}

fn onboarding() -> TemplateRequest {
    template(
        "Onboarding",
        "KYC",
        vec![
            field("source", FieldType::String, "Where it came from"),
            choices("risk", "Risk", &["low", "medium", "high"]),
        ],
        vec![
            status("Open", StatusType::Initial, "#6b7280"),
            status("Pending", StatusType::Intermediate, "#d97706"),
            status("Waiting for documents", StatusType::Intermediate, "#2563eb"),
            explained("Escalated to legal", StatusType::Intermediate, "#7c3aed"),
            status("Approved", StatusType::End, "#16a34a"),
            explained("Declined", StatusType::End, "#dc2626"),
        ],
    )
}

fn takeover() -> TemplateRequest {
    template(
        "Account takeover",
        "ATO",
        vec![
            choices("channel", "Reported by", &["phone", "app", "web", "branch"]),
            field("account_locked", FieldType::Boolean, "Locked by the customer"),
        ],
        vec![
            status("Open", StatusType::Initial, "#6b7280"),
            status("Account locked", StatusType::Intermediate, "#dc2626"),
            status("Contacting customer", StatusType::Intermediate, "#2563eb"),
            status("Restored", StatusType::End, "#16a34a"),
            explained("Closed as fraud", StatusType::End, "#7f1d1d"),
        ],
    )
}

fn fraud() -> TemplateRequest {
    let schemes = ["card testing", "chargeback", "mule account", "refund abuse"];
    template(
        "Fraud",
        "FRD",
        vec![
            choices("scheme", "Scheme", &schemes),
            field("amount", FieldType::Number, "Amount"),
            field("currency", FieldType::String, "Currency"),
        ],
        vec![
            status("Open", StatusType::Initial, "#6b7280"),
            status("Under review", StatusType::Intermediate, "#d97706"),
            status("Waiting for the bank", StatusType::Intermediate, "#2563eb"),
            explained("Escalated to legal", StatusType::Intermediate, "#7c3aed"),
            explained("Confirmed fraud", StatusType::End, "#dc2626"),
            status("No fraud", StatusType::End, "#16a34a"),
        ],
    )
}

fn monitoring() -> TemplateRequest {
    template(
        "Transaction monitoring",
        "TXM",
        vec![
            field("rule", FieldType::String, "Rule that noticed it"),
            field("window_days", FieldType::Integer, "Days looked at"),
            field("amount", FieldType::Number, "Amount"),
            field("currency", FieldType::String, "Currency"),
        ],
        vec![
            status("Open", StatusType::Initial, "#6b7280"),
            status("Pending", StatusType::Intermediate, "#d97706"),
            status("Information requested", StatusType::Intermediate, "#2563eb"),
            explained("Report filed", StatusType::End, "#dc2626"),
            status("No suspicion", StatusType::End, "#16a34a"),
        ],
    )
}
