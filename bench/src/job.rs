//! The job: a vendor reports that an inquiry was completed. The first workflow opens a case, tags the inquiry and moves
//! the case. That starts the second workflow, which checks the case, tags it and moves it again. Eight steps in two
//! runs.

use docket_kernel::Moment;
use serde_json::{Value, json};

/// Steps of one job.
pub const STEPS: usize = 8;
/// Runs of one job.
pub const RUNS: usize = 2;

/// The template of every inquiry.
pub const INQUIRY_TEMPLATE: &str = "itmpl_onboarding";

/// The factor that spreads numbers over all 64-bit numbers.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
/// The inverse of the factor.
pub const UNSPREAD: u64 = 0xf1de_83e1_9937_733d;

/// The first workflow's definition.
pub fn intake(template: &str) -> Value {
    json!({
        "trigger": {"on": ["inquiry.completed"]},
        "steps": [{
            "id": "is_a_match", "name": "Is there a watchlist match?",
            "choose": [
                {
                    "label": "Match",
                    "when": {"field": "trigger.fields.watchlist_match", "is": "is_true"},
                    "steps": [
                        {"id": "open_case", "name": "Open a case", "do": "case.create", "with": {
                            "template": template,
                            "objects": [{"ref": "trigger"}],
                            "fields": {"source": "Onboarding"},
                        }},
                        {"id": "tag_inquiry", "name": "Tag the inquiry", "do": "object.tag", "with": {
                            "object": {"ref": "trigger"}, "tags": ["watchlist"],
                        }},
                        {"id": "to_review", "name": "Hand to review", "do": "case.update_status", "with": {
                            "case": {"ref": "open_case"}, "status": "In review",
                        }},
                    ],
                },
                {"label": "Else", "steps": []},
            ],
        }],
    })
}

/// The second workflow's definition.
pub fn escalation() -> Value {
    json!({
        "trigger": {"on": ["case.status-updated"], "where": {
            "field": "trigger.status", "is": "equals", "value": "In review",
        }},
        "steps": [{
            "id": "is_onboarding", "name": "Does it come from onboarding?",
            "choose": [
                {
                    "label": "Onboarding",
                    "when": {"field": "trigger.fields.source", "is": "equals", "value": "Onboarding"},
                    "steps": [
                        {"id": "tag_case", "name": "Tag the case", "do": "object.tag", "with": {
                            "object": {"ref": "trigger"}, "tags": ["priority"],
                        }},
                        {"id": "is_open", "name": "Is it still open?", "choose": [
                            {
                                "label": "Open",
                                "when": {"field": "trigger.resolution", "is": "is_blank"},
                                "steps": [
                                    {"id": "escalate", "name": "Escalate", "do": "case.update_status", "with": {
                                        "case": {"ref": "trigger"}, "status": "Escalated",
                                    }},
                                ],
                            },
                            {"label": "Else", "steps": []},
                        ]},
                    ],
                },
                {"label": "Else", "steps": []},
            ],
        }],
    })
}

/// The vendor's id of the `number`-th event, its inquiry and its account.
pub fn ids(number: u64) -> [String; 3] {
    // Vendors' ids do not rise with time: they are spread over the whole index.
    let spread = number.wrapping_mul(SPREAD);
    [format!("evt_{spread:016x}vendor00"), format!("inq_{spread:016x}vendor00"), format!("act_{spread:016x}vendor00")]
}

/// The body of the `number`-th event, at this instant: the reported event has just happened.
pub fn body(number: u64, now: Moment) -> Vec<u8> {
    let now = now.to_string();
    let [event, inquiry, account] = ids(number);
    let field = |kind: &str, value: Value| json!({"type": kind, "value": value});
    let body = json!({"data": {
        "type": "event", "id": event,
        "attributes": {
            "name": "inquiry.completed", "created-at": now, "redacted-at": null,
            "payload": {
                "data": {
                    "type": "inquiry", "id": inquiry,
                    "attributes": {
                        "status": "completed", "reference-id": format!("customer-{account}"), "note": null,
                        "behaviors": {"request-spoof-attempts": 0, "completion-time": 87.4, "form-filler": "human"},
                        "tags": [], "creator": "API", "reviewer-comment": null,
                        "created-at": now, "started-at": now,
                        "completed-at": now,
                        "fields": {
                            "name-first": field("string", json!("Ada")),
                            "name-last": field("string", json!("Example")),
                            "birthdate": field("date", json!("1990-05-17")),
                            "address-street-1": field("string", json!("1 Sample Street")),
                            "address-country-code": field("string", json!("DE")),
                            "watchlist_match": field("boolean", json!(true)),
                        },
                    },
                    "relationships": {
                        "account": {"data": {"type": "account", "id": account}},
                        "inquiry-template": {"data": {"type": "inquiry-template", "id": INQUIRY_TEMPLATE}},
                        "reports": {"data": []}, "verifications": {"data": []},
                    },
                },
                "included": [{
                    "type": "account", "id": account,
                    "attributes": {
                        "reference-id": format!("customer-{account}"), "created-at": now,
                        "tags": [], "fields": {"name-first": field("string", json!("Ada"))},
                    },
                }],
            },
        },
    }});
    body.to_string().into_bytes()
}
