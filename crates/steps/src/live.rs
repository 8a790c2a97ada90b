//! Reads objects of every kind for the engine, which defines no kinds itself: what references reach, and what a
//! definition may refer to.

use std::collections::{BTreeMap, BTreeSet};

use docket_cases::store::TEMPLATES_OF_ENVIRONMENT;
use docket_cases::{
    Case, CaseComment, CaseTemplate, FieldType, Statuses, can_hold, cases_holding, comment_shown, hold_templates,
    tree_of,
};
use docket_events::Subject;
use docket_kernel::{CaseTemplateId, EnvironmentId, Halt, UnitOfWork, Verb};
use docket_objects::store::SOURCES_OF_ENVIRONMENT;
use docket_objects::{Object, Source, tree};
use docket_workflows::definition::Program;
use docket_workflows::kind::{Attribute, ValueKind};
use docket_workflows::reference::{CaseListed, Reference, object_of};
use docket_workflows::validate::StatusOfCase;
use docket_workflows::{LiveObjects, Run, TemplateFields, TreeMembers, Workflow};
use serde_json::{Value, json};

use crate::statuses;

/// The live objects of the nouns.
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
            "case-comment" => match work.get::<CaseComment>(id)? {
                Some(comment) => Some(comment_shown(work, &comment)?.tree()),
                None => None,
            },
            "workflow" => work
                .get::<Workflow>(id)?
                .map(|workflow| json!({"type": kind, "id": id, "name": workflow.name, "status": workflow.state})),
            "workflow-run" => work.get::<Run>(id)?.map(|run| run.tree()),
            _ => Object::named(work, environment, id)?.map(|object| tree(&object)),
        })
    }

    fn followed(
        &self,
        work: &mut UnitOfWork,
        environment: &EnvironmentId,
        kind: &str,
        id: &str,
    ) -> Verb<Option<(Value, Subject)>> {
        Ok(match kind {
            "case" => match work.get::<Case>(id)? {
                Some(case) => Some((tree_of(work, &case)?, Subject::of(&*case))),
                None => None,
            },
            "case-template" | "case-comment" | "workflow" | "workflow-run" => None,
            _ => Object::named(work, environment, id)?.map(|object| (tree(&object), Subject::of(&*object))),
        })
    }

    /// For a case, the case itself; for a comment, its case; for a run, the cases of the object that started it. So one
    /// reference works for a trigger that listens to events of several types.
    fn cases(
        &self,
        work: &mut UnitOfWork,
        environment: &EnvironmentId,
        kind: &str,
        id: &str,
    ) -> Verb<Option<Vec<CaseListed>>> {
        let one = |work: &mut UnitOfWork, id: &str| -> Verb<Option<Vec<CaseListed>>> {
            Ok(work.get::<Case>(id)?.map(|case| vec![listed(&case)]))
        };
        match kind {
            "case" => one(work, id),
            "case-comment" => match work.get::<CaseComment>(id)? {
                Some(comment) => one(work, comment.case_id.as_str()),
                None => Ok(None),
            },
            "workflow-run" => {
                let Some(run) = work.get::<Run>(id)? else { return Ok(None) };
                match object_of(&run.trigger) {
                    // The cases are not followed from a run that was started by another run's event.
                    Some((kind, id)) if kind != "workflow-run" && self.has_cases(kind) => {
                        self.cases(work, environment, kind, id)
                    }
                    _ => Ok(Some(Vec::new())),
                }
            }
            "" => match Object::named(work, environment, id)? {
                Some(object) if can_hold(&object.kind) => self.cases(work, environment, &object.kind, id),
                Some(_) => Ok(None),
                None => one(work, id),
            },
            held if can_hold(held) => {
                let cases = cases_holding(work, environment, id)?;
                Ok(Some(cases.iter().map(|case| listed(case)).collect()))
            }
            _ => Ok(None),
        }
    }

    fn has_cases(&self, object_type: &str) -> bool {
        // A case with a known template is also a case.
        let noun = object_type.split('/').next().unwrap_or_default();
        matches!(noun, "case" | "case-comment" | "workflow-run") || can_hold(object_type)
    }

    fn unknown_statuses(
        &self,
        work: &mut UnitOfWork,
        environment: &EnvironmentId,
        program: &Program,
        named: BTreeSet<StatusOfCase>,
    ) -> Verb<BTreeMap<StatusOfCase, String>> {
        statuses::unknown(work, environment, program, named)
    }

    fn sources(&self, work: &mut UnitOfWork, environment: &EnvironmentId) -> Verb<Vec<(String, String)>> {
        let sources = work.ask::<Source>(&SOURCES_OF_ENVIRONMENT, environment.as_str())?;
        Ok(sources.iter().map(|source| (source.id.to_string(), source.name.clone())).collect())
    }

    fn is_same_status(&self, work: &mut UnitOfWork, template: &str, one: &str, other: &str) -> Verb<bool> {
        let statuses = match Statuses::of(work, &CaseTemplateId::of(template)) {
            Err(Halt::Refused(_)) => return Ok(false),
            statuses => statuses?,
        };
        let id = |name: &str| statuses.named(name).map(|status| &status.id);
        Ok(matches!((id(one), id(other)), (Ok(one), Ok(other)) if one == other))
    }

    fn hold_named(&self, work: &mut UnitOfWork, environment: &EnvironmentId) -> Verb<()> {
        hold_templates(work, environment)
    }

    fn members(&self, object_type: &str) -> TreeMembers {
        let (known, is_open) = match object_type.split('/').next().unwrap_or_default() {
            "case" => (of_case(), false),
            "case-comment" => (of_comment(), false),
            "case-template" => {
                (vec![text("name"), text("key"), text("status"), time("created_at"), time("updated_at")], false)
            }
            "workflow" => (of_workflow(), false),
            "workflow-run" => (of_run(), false),
            "account" => {
                let mut known = of_object();
                known.extend([text("account_type_name"), text("account_status")]);
                (known, false)
            }
            _ => (of_object(), true),
        };
        TreeMembers { known, is_open }
    }

    fn fields(
        &self,
        work: &mut UnitOfWork,
        environment: &EnvironmentId,
        object_type: &str,
    ) -> Verb<Vec<(String, ValueKind)>> {
        if object_type != "case" {
            return Ok(Vec::new());
        }
        let mut fields: BTreeMap<String, ValueKind> = BTreeMap::new();
        for template in work.ask::<CaseTemplate>(&TEMPLATES_OF_ENVIRONMENT, environment.as_str())? {
            // A key that predates the current key rule may not be valid in a reference.
            for field in template.fields.iter().filter(|field| is_referable(&field.key)) {
                let kind = kind_of(field.r#type);
                let known = fields.entry(field.key.clone()).or_insert_with(|| kind.clone());
                // Two templates may define the same key with different types.
                if *known != kind {
                    *known = ValueKind::Any;
                }
            }
        }
        Ok(fields.into_iter().collect())
    }

    fn fields_of(
        &self,
        work: &mut UnitOfWork,
        _: &EnvironmentId,
        object_type: &str,
        template: &str,
    ) -> Verb<Option<TemplateFields>> {
        if object_type != "case" {
            return Ok(None);
        }
        let template = work.get::<CaseTemplate>(template)?;
        Ok(template.map(|template| TemplateFields {
            name: template.name.clone(),
            fields: template.fields.iter().map(|field| (field.key.clone(), kind_of(field.r#type))).collect(),
        }))
    }
}

/// Whether a reference can name a field with this key.
fn is_referable(key: &str) -> bool {
    Reference::parse(&format!("trigger.fields.{key}")).is_ok()
}

fn listed(case: &Case) -> CaseListed {
    CaseListed { id: case.id.to_string(), is_open: case.resolved_at.is_none() }
}

type Member = (&'static str, Attribute);

fn text(name: &'static str) -> Member {
    (name, Attribute::Known(ValueKind::Text))
}

fn time(name: &'static str) -> Member {
    (name, Attribute::Known(ValueKind::DateTime))
}

fn object(name: &'static str, kind: &str) -> Member {
    (name, Attribute::Known(ValueKind::Object(kind.to_owned())))
}

fn objects(name: &'static str, kind: &str) -> Member {
    (name, Attribute::Known(ValueKind::Array(Box::new(ValueKind::Object(kind.to_owned())))))
}

fn list(name: &'static str, item: ValueKind) -> Member {
    (name, Attribute::Known(ValueKind::Array(Box::new(item))))
}

const fn open(name: &'static str) -> Member {
    (name, Attribute::Open)
}

fn kind_of(field: FieldType) -> ValueKind {
    match field {
        FieldType::String | FieldType::Choices => ValueKind::Text,
        FieldType::Integer => ValueKind::Integer,
        FieldType::Number => ValueKind::Number,
        FieldType::Boolean => ValueKind::Boolean,
        FieldType::Date => ValueKind::Date,
        FieldType::Datetime => ValueKind::DateTime,
    }
}

fn of_case() -> Vec<Member> {
    vec![
        text("status"),
        text("name"),
        text("resolution"),
        open("fields"),
        list("tags", ValueKind::Text),
        object("template", "case-template"),
        objects("accounts", "account"),
        objects("inquiries", "inquiry"),
        objects("reports", "report"),
        objects("verifications", "verification"),
        objects("transactions", "transaction"),
        objects("documents", "document"),
        list("attachments", ValueKind::Members),
        object("queue", "case-queue"),
        text("creator_id"),
        text("creator_type"),
        text("assignee_id"),
        text("assigner_id"),
        text("assigner_type"),
        text("resolver_id"),
        text("resolver_type"),
        text("updater_id"),
        text("updater_type"),
        time("created_at"),
        time("updated_at"),
        time("assigned_at"),
        time("resolved_at"),
        time("redacted_at"),
        time("sla_expires_at"),
    ]
}

fn of_comment() -> Vec<Member> {
    vec![text("body"), text("creator_id"), text("creator_type"), time("created_at"), object("case", "case")]
}

fn of_workflow() -> Vec<Member> {
    vec![text("name"), text("status"), time("created_at"), object("latest_published_version", "workflow-version")]
}

fn of_run() -> Vec<Member> {
    vec![
        text("status"),
        text("outcome"),
        time("created_at"),
        time("completed_at"),
        object("workflow", "workflow"),
        object("version", "workflow-version"),
        open("creator"),
    ]
}

fn of_object() -> Vec<Member> {
    vec![
        text("status"),
        text("reference_id"),
        open("fields"),
        open("field_types"),
        list("tags", ValueKind::Text),
        object("account", "account"),
        open("template"),
        time("created_at"),
        time("updated_at"),
    ]
}
