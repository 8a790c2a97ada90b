//! `POST /bundle/apply`

use docket_bundle::apply;
use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use serde_json::Value;

use super::shown::{Asked, answer, asked, doc};
use crate::answer::Answer;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo};

/// Applies a setup bundle.
pub struct ApplyBundle;

impl Operation for ApplyBundle {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "apply-a-setup-bundle",
        "POST",
        "/bundle/apply",
        Permission::WorkflowWrite,
        "Applies a setup bundle in one commit, or changes nothing. With `meta.plan`, the digest of a plan, exactly that plan \
         is applied; the response to a plan that is out of date is 409.",
    )
    .large();
    type Input = Asked;

    fn shape(_: &Context, body: &Value) -> Result<Asked, Refusal> {
        asked(body, &["/data/type", "/data/attributes/bundle", "/meta/publish", "/meta/prune", "/meta/plan"])
    }

    fn doc() -> OperationDoc {
        doc(true)
    }

    fn run(context: &Context, work: &mut UnitOfWork, asked: &Asked) -> Verb<Answer> {
        let planned = asked.plan.as_deref();
        let plan = apply(&context.engine, work, &context.actor, &asked.bundle, asked.options, planned)?;
        Ok(answer(&plan, "applied"))
    }
}
