//! `PUT /workflows/{workflow-id}/draft`

use docket_kernel::{Permission, Refusal, UnitOfWork, Verb, WorkflowId};
use docket_workflows::merge::{Choices, Side};
use docket_workflows::{Edit, MergedWith, Workflow, merge_draft, save_draft};
use serde_json::{Value, json};

use super::shown::{answer, definition_at, definition_schema, doc};
use crate::answer::Answer;
use crate::body::BodyMembers;
use crate::openapi::OperationDoc;
use crate::operation::{Context, IfMatch, Operation, OperationInfo, malformed, not_together, target_of};
use crate::schema::{Body, list, maybe, object, said, text};

const DEFINITION: &str = "/data/attributes/definition";
const BASE: &str = "/data/attributes/base-definition";
const CHOICES: &str = "/data/attributes/choices";

/// A draft to save, and the definition that it is based on, if given.
pub struct Draft {
    definition: Value,
    base: Option<Value>,
    choices: Choices,
}

/// Saves the draft of a workflow.
pub struct SaveDraft;

impl Operation for SaveDraft {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "save-the-draft-of-a-workflow",
        "PUT",
        "/workflows/{workflow-id}/draft",
        Permission::WorkflowWrite,
        "Saves the draft of a workflow; requires `If-Match` with the workflow's ETag. With `base-definition`, a draft \
         that another person saved in the meantime is merged step by step: only parts that both changed are refused, \
         and `choices` resolves them.",
    );
    const JUDGES_PRECONDITION: bool = true;
    type Input = Draft;

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<Workflow>(work, "workflow", context.part("workflow-id"))
    }

    fn shape(_: &Context, body: &Value) -> Result<Draft, Refusal> {
        let body = BodyMembers::of(body);
        body.only(&["/data/type", "/data/id", DEFINITION, BASE, CHOICES])?;
        let Some(tree) = body.get(DEFINITION) else {
            return Err(malformed(DEFINITION, "data.attributes.definition is missing"));
        };
        let base = body.get(BASE).map(|base| definition_at(base, BASE)).transpose()?;
        let choices = body.get(CHOICES).map(choices).transpose()?.unwrap_or_default();
        if base.is_none() && !choices.is_empty() {
            return Err(not_together(
                CHOICES,
                "choices resolve a merge, which requires data.attributes.base-definition",
            ));
        }
        Ok(Draft { definition: definition_at(tree, DEFINITION)?, base, choices })
    }

    fn doc() -> OperationDoc {
        let base = said(
            definition_schema(),
            "The definition that the draft is based on: with it, a newer draft is \
            merged.",
        );
        let choices = json!({
            "type": "object",
            "additionalProperties": {"type": "string", "enum": [Side::Mine.as_str(), Side::Theirs.as_str()]},
            "description": "Which side to use for each conflict, by its key.",
        });
        let renamed = object(vec![("from", text()), ("to", text())]);
        let merge = object(vec![("saver", maybe(text())), ("renamed", list(renamed))]);
        let mut doc = doc()
            .taking(
                Body::of_object()
                    .must("definition", definition_schema())
                    .may("base-definition", base)
                    .may("choices", choices),
            )
            .needing_if_match();
        doc.meta.push(("merge", maybe(merge)));
        doc
    }

    fn run(context: &Context, work: &mut UnitOfWork, draft: &Draft) -> Verb<Answer> {
        let id = WorkflowId::of(context.part("workflow-id"));
        let expected = expected(context, work)?;
        let (engine, actor, definition) = (&context.engine, &context.actor, &draft.definition);
        let Some(base) = &draft.base else {
            let (workflow, problems) = save_draft(engine, work, actor, &id, expected, definition)?;
            return answer(work, &workflow, &problems, 200).map(|answer| with_merge(answer, None));
        };
        let edit = Edit { definition, base, choices: &draft.choices };
        let ((workflow, problems), merged) = merge_draft(engine, work, actor, &id, expected, &edit)?;
        answer(work, &workflow, &problems, 200).map(|answer| with_merge(answer, merged))
    }
}

/// Adds to the response what the draft was merged with.
fn with_merge(answer: Answer, merged: Option<MergedWith>) -> Answer {
    let merge = merged.map_or(Value::Null, |merged| {
        let renamed: Vec<Value> = merged.renamed.iter().map(|(from, to)| json!({"from": from, "to": to})).collect();
        json!({"saver": merged.saver, "renamed": renamed})
    });
    Answer { document: answer.document.with_meta("merge", merge), ..answer }
}

fn choices(value: &Value) -> Result<Choices, Refusal> {
    let Some(members) = value.as_object() else {
        return Err(malformed(CHOICES, "data.attributes.choices is an object: each conflict's key with a side"));
    };
    let side = |key: &String, side: &Value| match side.as_str() {
        Some("mine") => Ok((key.clone(), Side::Mine)),
        Some("theirs") => Ok((key.clone(), Side::Theirs)),
        _ => Err(malformed(CHOICES, format_args!("the choice for '{key}' is neither 'mine' nor 'theirs'"))),
    };
    members.iter().map(|(key, value)| side(key, value)).collect()
}

/// The version that the `If-Match` refers to: the newest of its versions that exists.
pub(super) fn expected(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
    let present = work.get::<Workflow>(context.part("workflow-id"))?.map(|workflow| workflow.version);
    Ok(match &context.if_match {
        IfMatch::Absent => None,
        IfMatch::Any => present,
        // Versions are counted from 1, so 0 matches none.
        IfMatch::Versions(versions) => {
            Some(versions.iter().copied().filter(|version| Some(*version) <= present).max().unwrap_or(0))
        }
    })
}
