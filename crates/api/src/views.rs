//! Renders objects in the form of the API, from the reference trees of verbs and events: the same code for current
//! objects and for those stored in an event.

use serde_json::{Map, Value};

use crate::document::{Linkage, Members, Ref, Relationships, Resource};
use crate::shapes::account::AccountView;
use crate::shapes::case::{Actor, Attachment, CaseView, attachment_url};
use crate::shapes::inquiry::InquiryView;
use crate::shapes::workflow::WorkflowView;
use crate::shapes::workflow_run::WorkflowRunView;
use crate::time::iso_or_null;

/// The account type of accounts that name none.
pub(crate) const ACCOUNT_TYPE: (&str, &str) = (docket_objects::DEFAULT_ACCOUNT_TYPE, "User");

/// An object in the form of the API, other than a case: it contains no addresses.
pub(crate) fn resource_of(tree: &Value) -> Resource {
    resource_under("", tree)
}

/// An object in the form of the API, with addresses below `base`.
pub(crate) fn resource_under(base: &str, tree: &Value) -> Resource {
    let tree = Tree(tree);
    match tree.text("type").as_deref() {
        Some("case") => case(base, tree),
        Some("case-comment") => comment(tree),
        Some("account") => account(tree),
        Some("inquiry") => inquiry(tree),
        Some("workflow") => workflow(tree),
        Some("workflow-run") => run(tree),
        _ => other(tree),
    }
}

#[derive(Clone, Copy)]
struct Tree<'t>(&'t Value);

impl Tree<'_> {
    fn text(self, name: &str) -> Option<String> {
        self.0.get(name)?.as_str().map(str::to_owned)
    }

    fn owned(self, name: &str) -> String {
        self.text(name).unwrap_or_default()
    }

    fn moment(self, name: &str) -> Option<i64> {
        docket_kernel::Moment::parse(self.0.get(name)?.as_str()?).map(|moment| moment.0)
    }

    fn texts(self, name: &str) -> Vec<String> {
        let items = self.0.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    fn related(self, name: &str) -> Option<String> {
        self.0.get(name)?.get("id")?.as_str().map(str::to_owned)
    }

    fn refs(self, name: &str) -> Vec<Ref> {
        let items = self.0.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let one = |item: &Value| Some(Ref::new(item.get("type")?.as_str()?.to_owned(), item.get("id")?.as_str()?));
        items.iter().filter_map(one).collect()
    }

    fn ids(self, name: &str) -> Vec<String> {
        self.refs(name).into_iter().map(|found| found.id).collect()
    }

    fn map(self, name: &str) -> Map<String, Value> {
        self.0.get(name).and_then(Value::as_object).cloned().unwrap_or_default()
    }

    fn actor(self, name: &str) -> Option<Actor> {
        Some(Actor { id: self.text(&format!("{name}_id"))?, kind: self.text(&format!("{name}_type"))? })
    }

    /// Fields with their stored types.
    fn typed(self) -> Map<String, Value> {
        let types = self.map("field_types");
        let typed = |(key, value): (String, Value)| match types.get(&key) {
            Some(kind) => (key, serde_json::json!({"type": kind, "value": value})),
            None => (key, value),
        };
        self.map("fields").into_iter().map(typed).collect()
    }
}

fn case(base: &str, tree: Tree<'_>) -> Resource {
    let id = tree.owned("id");
    let attachments = tree.0.get("attachments").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    CaseView {
        status: tree.owned("status"),
        name: tree.owned("name"),
        resolution: tree.text("resolution"),
        created_at: tree.moment("created_at").unwrap_or_default(),
        updated_at: tree.moment("updated_at").or_else(|| tree.moment("created_at")),
        assigned_at: tree.moment("assigned_at"),
        resolved_at: tree.moment("resolved_at"),
        redacted_at: tree.moment("redacted_at"),
        sla_expires_at: tree.moment("sla_expires_at"),
        creator: tree.actor("creator"),
        assignee_id: tree.text("assignee_id"),
        assigner: tree.actor("assigner"),
        resolver: tree.actor("resolver"),
        updater: tree.actor("updater"),
        tags: tree.texts("tags"),
        fields: tree.map("fields"),
        attachments: attachments.iter().map(|file| attachment(base, &id, Tree(file))).collect(),
        case_template_id: tree.related("template").unwrap_or_default(),
        case_queue_id: tree.related("queue"),
        case_comment_ids: tree.ids("comments"),
        account_ids: tree.ids("accounts"),
        inquiry_ids: tree.ids("inquiries"),
        reports: tree.refs("reports"),
        verifications: tree.refs("verifications"),
        transaction_ids: tree.ids("transactions"),
        id,
    }
    .into_resource()
}

fn comment(tree: Tree<'_>) -> Resource {
    let mut resource = Resource::new("case-comment", tree.owned("id"));
    let attributes = &mut resource.attributes;
    attributes.set("body", tree.text("body"));
    attributes.set("created-at", iso_or_null(tree.moment("created_at")));
    attributes.set("creator-id", tree.text("creator_id"));
    attributes.set("creator-type", tree.text("creator_type"));
    let mut to = Relationships::default();
    to.one("case", "case", tree.related("case"));
    resource.relationships = Some(to);
    resource
}

fn attachment(base: &str, case: &str, file: Tree<'_>) -> Attachment {
    Attachment {
        filename: file.owned("filename"),
        url: attachment_url(base, case, &file.owned("id")),
        byte_size: file.0.get("byte_size").and_then(Value::as_u64).unwrap_or_default(),
    }
}

fn account(tree: Tree<'_>) -> Resource {
    let created_at = tree.moment("created_at").unwrap_or_default();
    AccountView {
        id: tree.owned("id"),
        reference_id: tree.text("reference_id"),
        account_type_name: tree.text("account_type_name").unwrap_or_else(|| ACCOUNT_TYPE.1.to_owned()),
        created_at,
        updated_at: tree.moment("updated_at").unwrap_or(created_at),
        redacted_at: tree.moment("redacted_at"),
        fields: tree.typed(),
        tags: tree.texts("tags"),
        account_status: tree.text("status").unwrap_or_else(|| "Default".to_owned()),
        account_type_id: tree
            .related("template")
            .or_else(|| tree.related("account_type"))
            .unwrap_or_else(|| ACCOUNT_TYPE.0.to_owned()),
    }
    .into_resource()
}

fn inquiry(tree: Tree<'_>) -> Resource {
    let is_older = tree.0.pointer("/template/type").is_some_and(|kind| kind == "template");
    let created_at = tree.moment("created_at").unwrap_or_default();
    InquiryView {
        id: tree.owned("id"),
        status: tree.text("status").unwrap_or_else(|| "created".to_owned()),
        reference_id: tree.text("reference_id"),
        note: tree.text("note"),
        behaviors: tree.0.get("behaviors").and_then(Value::as_object).cloned(),
        tags: tree.texts("tags"),
        creator: tree.text("creator").unwrap_or_else(|| "API".to_owned()),
        reviewer_comment: tree.text("reviewer_comment"),
        created_at,
        updated_at: tree.moment("updated_at").unwrap_or(created_at),
        started_at: tree.moment("started_at"),
        expires_at: tree.moment("expires_at"),
        completed_at: tree.moment("completed_at"),
        failed_at: tree.moment("failed_at"),
        marked_for_review_at: tree.moment("marked_for_review_at"),
        decisioned_at: tree.moment("decisioned_at"),
        expired_at: tree.moment("expired_at"),
        redacted_at: tree.moment("redacted_at"),
        previous_step_name: tree.text("previous_step_name"),
        next_step_name: tree.text("next_step_name"),
        fields: tree.typed(),
        account_id: tree.related("account"),
        template_id: tree.related("template").filter(|_| is_older),
        inquiry_template_id: tree
            .related("template")
            .filter(|_| !is_older)
            .or_else(|| tree.related("inquiry_template")),
        inquiry_template_version_id: tree.related("inquiry_template_version"),
        transaction_id: tree.related("transaction"),
        reviewer_shown: reviewer_shown(tree),
        reviewer: reviewer(tree),
        reports: tree.refs("reports"),
        verifications: tree.refs("verifications"),
        session_ids: tree.ids("sessions"),
        documents: tree.refs("documents"),
        selfies: tree.refs("selfies"),
    }
    .into_resource()
}

fn reviewer(tree: Tree<'_>) -> Option<Ref> {
    let reviewer = tree.0.get("reviewer")?;
    Some(Ref::new(reviewer.get("type")?.as_str()?.to_owned(), reviewer.get("id")?.as_str()?))
}

/// The reviewer of a decided inquiry in older versions: `api` if a key decided it.
fn reviewer_shown(tree: Tree<'_>) -> Option<String> {
    let decided = tree.0.get("decisioned_at").is_some_and(|when| !when.is_null());
    let named = tree.text("reviewer_email").or_else(|| reviewer(tree).map(|reviewer| reviewer.id));
    named.or_else(|| decided.then(|| "api".to_owned()))
}

fn workflow(tree: Tree<'_>) -> Resource {
    WorkflowView {
        id: tree.owned("id"),
        status: match tree.owned("status").as_str() {
            // The contract has no status for a workflow that was never published.
            "draft" => "paused".to_owned(),
            status => status.to_owned(),
        },
        name: tree.owned("name"),
        created_at: tree.moment("created_at").unwrap_or_default(),
        latest_published_version_id: tree.related("latest_published_version"),
        active_deployment_id: None,
    }
    .into_resource()
}

fn run(tree: Tree<'_>) -> Resource {
    let (created_at, completed_at) = (tree.moment("created_at").unwrap_or_default(), tree.moment("completed_at"));
    let creator = tree.0.get("creator");
    let creator = creator.and_then(|by| Some(Ref::new(by.get("type")?.as_str()?.to_owned(), by.get("id")?.as_str()?)));
    #[expect(clippy::cast_precision_loss, reason = "a run takes far less than 2^53 microseconds")]
    let seconds = completed_at.map(|end| (end - created_at) as f64 / 1_000_000.0);
    WorkflowRunView {
        id: tree.owned("id"),
        status: tree.owned("status"),
        created_at,
        completed_at,
        creator,
        workflow_id: tree.related("workflow").unwrap_or_default(),
        workflow_version_id: tree.related("version").unwrap_or_default(),
        processing_time_seconds: seconds,
    }
    .into_resource()
}

/// An object of a kind without a form of its own: its members as they were reported.
fn other(tree: Tree<'_>) -> Resource {
    let mut resource = Resource::new(tree.owned("type"), tree.owned("id"));
    let mut attributes = Members::with_capacity(16);
    let mut to = Relationships::default();
    let members = || tree.0.as_object().into_iter().flatten();
    for (name, value) in members().filter(|(name, _)| !matches!(name.as_str(), "type" | "id" | "field_types")) {
        // A template has the same name for all kinds, in addition to the name it was sent under.
        let is_again = |(other, there): (&String, &Value)| other != name && there.get("id") == value.get("id");
        let outside = name.replace('_', "-");
        match (name.as_str(), linkage(value)) {
            ("template", Some(Linkage::One(_))) if members().any(is_again) => {}
            (_, Some(linkage)) => to.link(outside, linkage),
            ("fields", None) => attributes.set_theirs("fields", tree.typed()),
            (_, None) => attributes.set(outside, value.clone()),
        }
    }
    resource.attributes = attributes;
    resource.relationships = Some(to).filter(|to| !to.is_empty());
    resource
}

/// The links of a member, if it contains one object reference or a list of them, and nothing else.
fn linkage(value: &Value) -> Option<Linkage> {
    let one = |value: &Value| {
        let members = value.as_object().filter(|members| members.len() == 2)?;
        Some(Ref::new(members.get("type")?.as_str()?.to_owned(), members.get("id")?.as_str()?))
    };
    match value {
        Value::Array(items) if !items.is_empty() => items.iter().map(one).collect::<Option<_>>().map(Linkage::Many),
        value => one(value).map(|to| Linkage::One(Some(to))),
    }
}
