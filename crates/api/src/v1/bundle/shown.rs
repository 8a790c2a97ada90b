//! Setup bundles as these operations read them, and plans as they return them.

use docket_bundle::{Bundle, Fault, Item, Options, Plan};
use docket_kernel::Refusal;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::body::BodyMembers;
use crate::document::{Document, Resource};
use crate::openapi::OperationDoc;
use crate::operation::malformed;
use crate::schema::{self, Body, anything, list, object, text, truth, word};

/// A bundle, and how to apply it.
#[derive(Debug)]
pub struct Asked {
    /// The bundle.
    pub bundle: Bundle,
    /// The options.
    pub options: Options,
    /// The digest of the plan to apply.
    pub plan: Option<String>,
}

/// Reads the body of these operations.
pub(super) fn asked(body: &Value, known: &[&str]) -> Result<Asked, Refusal> {
    let body = BodyMembers::of(body);
    body.only(known)?;
    let bundle = match body.get("/data/attributes/bundle") {
        Some(Value::String(text)) => Bundle::from_text(text)?,
        Some(tree @ Value::Object(_)) => Bundle::from_json(tree)?,
        _ => {
            let sentence =
                "data.attributes.bundle must be a setup bundle: an object, or text that contains one as YAML or JSON";
            return Err(malformed("/data/attributes/bundle", sentence));
        }
    };
    let is_set = |pointer: &str| Ok::<_, Refusal>(body.boolean(pointer)?.unwrap_or_default());
    let options = Options { publish: is_set("/meta/publish")?, prune: is_set("/meta/prune")? };
    Ok(Asked { bundle, options, plan: body.text("/meta/plan")?.map(str::to_owned) })
}

/// The description of these operations.
pub(super) fn doc(is_apply: bool) -> OperationDoc {
    let change = object(vec![("at", text()), ("before", anything()), ("after", anything())]);
    let noun = || word(&["case-template", "workflow"]);
    let item = object(vec![
        ("type", noun()),
        ("slug", text()),
        ("name", text()),
        ("action", word(&["create", "change", "unchanged", "only-here"])),
        ("changes", list(change)),
        ("kept", list(text())),
        ("publishes", truth()),
        ("overwrites", truth()),
    ]);
    let fault = object(vec![
        ("type", noun()),
        ("slug", text()),
        ("at", text()),
        ("code", text()),
        ("message", text()),
        ("blocks", truth()),
    ]);
    let attributes = vec![
        ("digest", text()),
        ("changes", truth()),
        ("applicable", truth()),
        ("complete", truth()),
        ("items", list(item)),
        ("problems", list(fault)),
    ];
    let bundle =
        json!({"type": ["object", "string"], "description": "The setup bundle, as an object or as YAML or JSON text."});
    let mut body = Body::new().must("bundle", bundle).may_meta("publish", truth()).may_meta("prune", truth());
    if is_apply {
        body = body.may_meta("plan", text());
    }
    OperationDoc::fleeting(schema::resource("setup-bundle-plan", attributes, Vec::new())).taking(body)
}

/// The response with a plan that was made or applied.
pub(super) fn answer(plan: &Plan, id: &'static str) -> Answer {
    let mut resource = Resource::new("setup-bundle-plan", id);
    let attributes = &mut resource.attributes;
    attributes.set("digest", plan.digest.as_str());
    attributes.set("changes", plan.changes_something());
    attributes.set("applicable", plan.is_applicable());
    attributes.set("complete", !plan.are_more);
    // Each name is one word, so no casing changes it; names inside the values belong to the organization.
    attributes.set_theirs("items", plan.items.iter().map(Item::to_json).collect::<Vec<_>>());
    attributes.set_theirs("problems", plan.faults.iter().map(Fault::to_json).collect::<Vec<_>>());
    Answer::plain(Document::one(resource))
}
