//! Reading objects of every kind for the engine, which knows none: what references reach, and what a definition may
//! ask of them.

use docket_cases::{Case, CaseTemplate, tree_of};
use docket_kernel::{EnvironmentId, UnitOfWork, Verb};
use docket_objects::{Object, tree};
use docket_workflows::kind::{Attribute, Kind};
use docket_workflows::{LiveObjects, Run, Workflow};
use serde_json::{Value, json};

/// The nouns' live objects.
#[derive(Clone, Copy, Debug)]
pub struct Live;

impl LiveObjects for Live {
    fn tree(&self, work: &mut UnitOfWork, environment: &EnvironmentId, kind: &str, id: &str) -> Verb<Option<Value>> {
        Ok(match kind {
            "case" => match work.get::<Case>(id)? {
                Some(case) => Some(tree_of(work, &case)?),
                None => None,
            },
            "case-template" => work
                .get::<CaseTemplate>(id)?
                .map(|template| json!({"type": kind, "id": id, "name": template.name, "key": template.key})),
            "workflow" => work
                .get::<Workflow>(id)?
                .map(|workflow| json!({"type": kind, "id": id, "name": workflow.name, "status": workflow.state})),
            "workflow-run" => work.get::<Run>(id)?.map(|run| run.tree()),
            _ => Object::named(work, environment, id)?.map(|object| tree(&object)),
        })
    }

    fn attribute(&self, object_type: &str, path: &[String]) -> Attribute {
        let Some(first) = path.first() else { return Attribute::Open };
        match object_type.split('/').next().unwrap_or_default() {
            "case" => of_case(first),
            "case-template" => plain(first, &["name", "key", "status", "created_at", "updated_at"]),
            "workflow" => plain(first, &["name", "status", "created_at", "latest_published_version"]),
            "workflow-run" => of_run(first),
            "account" => of_object(first, &["account_type_name", "account_status"]),
            // What a vendor tells of its objects is its own.
            _ => match of_object(first, &[]) {
                Attribute::Unknown => Attribute::Open,
                known => known,
            },
        }
    }
}

fn object(name: &str) -> Attribute {
    Attribute::Known(Kind::Object(name.to_owned()))
}

fn objects(name: &str) -> Attribute {
    Attribute::Known(Kind::Array(Box::new(Kind::Object(name.to_owned()))))
}

fn of_case(name: &str) -> Attribute {
    match name {
        "fields" => Attribute::Open,
        "status" | "name" | "resolution" | "creator_id" | "creator_type" | "assignee_id" | "assigner_id"
        | "assigner_type" | "resolver_id" | "resolver_type" | "updater_id" | "updater_type" => {
            Attribute::Known(Kind::Text)
        }
        "created_at" | "updated_at" | "assigned_at" | "resolved_at" | "redacted_at" | "sla_expires_at" => {
            Attribute::Known(Kind::DateTime)
        }
        "tags" => Attribute::Known(Kind::Array(Box::new(Kind::Text))),
        "attachments" => Attribute::Known(Kind::Array(Box::new(Kind::Json))),
        "template" => object("case-template"),
        "queue" => object("case-queue"),
        "accounts" => objects("account"),
        "inquiries" => objects("inquiry"),
        "reports" => objects("report"),
        "verifications" => objects("verification"),
        "transactions" => objects("transaction"),
        "documents" => objects("document"),
        _ => Attribute::Unknown,
    }
}

fn of_run(name: &str) -> Attribute {
    match name {
        "status" | "outcome" => Attribute::Known(Kind::Text),
        "created_at" | "completed_at" => Attribute::Known(Kind::DateTime),
        "workflow" => object("workflow"),
        "version" => object("workflow-version"),
        "creator" => Attribute::Open,
        _ => Attribute::Unknown,
    }
}

fn of_object(name: &str, more: &[&str]) -> Attribute {
    match name {
        "fields" | "field_types" | "template" => Attribute::Open,
        "status" | "reference_id" => Attribute::Known(Kind::Text),
        "created_at" | "updated_at" => Attribute::Known(Kind::DateTime),
        "tags" => Attribute::Known(Kind::Array(Box::new(Kind::Text))),
        "account" => object("account"),
        name if more.contains(&name) => Attribute::Known(Kind::Text),
        _ => Attribute::Unknown,
    }
}

fn plain(name: &str, known: &[&str]) -> Attribute {
    match name {
        "created_at" | "updated_at" => Attribute::Known(Kind::DateTime),
        name if known.contains(&name) => Attribute::Known(Kind::Text),
        _ => Attribute::Unknown,
    }
}
