//! Retention policies in these operations, and the periods of their requests.

use docket_events::{Periods, RETENTION_TYPE, RetainedKind, Retention};
use docket_kernel::{Moment, Refusal};
use serde_json::{Value, json};

use crate::body::BodyMembers as Sent;
use crate::document::Resource;
use crate::schema::{self, Body, maybe, object, said, text, time, truth, whole, whole_within, word};
use crate::time::{iso, iso_or_null};

/// The periods of a request, for the kinds that it names; `None` is without limit.
pub type Asked = Vec<(RetainedKind, Option<i64>)>;

/// The place of the confirmation in a body.
pub const CONFIRMATION: &str = "/meta/confirmation";

fn pointer(kind: RetainedKind) -> String {
    format!("/data/attributes/{}", kind.member())
}

/// Parses the periods of a body.
pub fn asked(body: &Value, more: &[&str]) -> Result<Asked, Refusal> {
    let body = Sent::of(body);
    let pointers: Vec<String> = RetainedKind::ALL.iter().map(|kind| pointer(*kind)).collect();
    let known: Vec<&str> = ["/data/type", "/data/id"]
        .into_iter()
        .chain(pointers.iter().map(String::as_str))
        .chain(more.iter().copied())
        .collect();
    body.only(&known)?;
    let mut asked = Vec::new();
    for (kind, pointer) in RetainedKind::ALL.iter().zip(&pointers) {
        if body.has(pointer) {
            asked.push((*kind, body.integer(pointer)?));
        }
    }
    Ok(asked)
}

/// The periods that would apply after a request.
pub fn changed(policy: &Retention, asked: &Asked) -> Periods {
    let mut periods = *policy.periods;
    for (kind, period) in asked {
        periods.set(*kind, *period);
    }
    periods
}

/// The body of a request with periods.
pub fn body() -> Body {
    RetainedKind::ALL.iter().fold(Body::of_object(), |body, kind| body.may(kind.member(), period_schema(*kind)))
}

fn period_schema(kind: RetainedKind) -> Value {
    let (least, most) = kind.bounds();
    let sentence = match kind {
        RetainedKind::EventContent => "Days that the content of events is kept; null keeps it without limit.",
        RetainedKind::RunHistory => {
            "Days after its end that a run keeps its trigger, inputs, outputs and errors; null keeps them without limit."
        }
        RetainedKind::Receipts => {
            "Days that receipts of webhooks are kept, which prevent a repeated webhook from being recorded twice; null keeps \
             them without limit."
        }
        RetainedKind::Answers => "Hours that responses to requests with an Idempotency-Key are remembered.",
    };
    said(maybe(whole_within(least, most)), sentence)
}

/// A policy with its progress.
pub fn resource(policy: &Retention) -> Resource {
    let mut resource = Resource::new(RETENTION_TYPE, policy.id.to_string());
    let attributes = &mut resource.attributes;
    for kind in RetainedKind::ALL {
        attributes.set(kind.member(), policy.periods.of(*kind));
    }
    attributes.set("version", policy.revision);
    attributes.set("changed-at", iso_or_null(Some(policy.changed_at.0).filter(|_| policy.revision > 0)));
    attributes.set("is-working", policy.progress.is_working);
    let kinds = RetainedKind::ALL.iter().map(|kind| {
        let ((least, most), progress) = (kind.bounds(), policy.progress.of(*kind));
        let until = Some(progress.place.at.0).filter(|at| *at > Moment::default().0);
        json!({
            "kind": kind.as_str(), "member": kind.member(), "unit": kind.unit(), "least": least, "most": most,
            "may-be-kept": kind.may_be_kept(), "count": progress.count, "until": iso_or_null(until),
        })
    });
    attributes.set("kinds", kinds.collect::<Value>());
    resource
}

/// The schema of a policy.
pub fn schema() -> Value {
    let kinds: Vec<&str> = RetainedKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let members: Vec<&str> = RetainedKind::ALL.iter().map(|kind| kind.member()).collect();
    let kind = object(vec![
        ("kind", word(&kinds)),
        ("member", said(word(&members), "The attribute with its period.")),
        ("unit", word(&["days", "hours"])),
        ("least", said(whole(), "The shortest period.")),
        ("most", said(whole(), "The longest period.")),
        ("may-be-kept", said(truth(), "Whether the period may be null.")),
        ("count", said(whole(), "How many rows lost their content or were removed so far.")),
        ("until", said(maybe(time()), "Everything older than this has been dealt with.")),
    ]);
    let mut attributes: schema::Properties =
        RetainedKind::ALL.iter().map(|kind| (kind.member(), period_schema(*kind))).collect();
    attributes.extend([
        ("version", said(whole(), "The number of changes; send it in quotes as If-Match.")),
        ("changed-at", maybe(time())),
        ("is-working", said(truth(), "Whether there is content left to remove now.")),
        ("kinds", schema::list(kind)),
    ]);
    schema::resource(RETENTION_TYPE, attributes, Vec::new())
}

/// The preview of one kind.
pub fn preview_of(kind: &docket_events::KindPreview) -> Value {
    json!({
        "kind": kind.kind.as_str(), "unit": kind.kind.unit(), "from": kind.from, "to": kind.to,
        "before": kind.before.map(|at| iso(at.0)), "count": kind.count, "is-at-least": kind.is_at_least,
        "oldest-at": kind.oldest_at.map(|at| iso(at.0)),
    })
}

/// The schema of a preview.
pub fn preview_schema() -> Value {
    let kinds: Vec<&str> = RetainedKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let kind = object(vec![
        ("kind", word(&kinds)),
        ("unit", word(&["days", "hours"])),
        ("from", said(maybe(whole()), "The current period; null is without limit.")),
        ("to", said(maybe(whole()), "The previewed period; null is without limit.")),
        ("before", said(maybe(time()), "What is older than this is removed at once; null where nothing is.")),
        ("count", said(whole(), "How many events, runs, receipts or responses that are.")),
        ("is-at-least", said(truth(), "Whether counting stopped at this number, so that there may be more.")),
        ("oldest-at", said(maybe(time()), "When the oldest of them was recorded or ended.")),
    ]);
    let attributes = vec![
        ("confirmation", said(text(), "Send it as meta.confirmation of PATCH /retention-policy.")),
        ("changes", said(schema::list(kind), "The kinds whose period would change.")),
    ];
    schema::resource("retention-preview", attributes, Vec::new())
}
