//! `POST /bundle/plan`

use docket_bundle::plan;
use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use serde_json::Value;

use super::shown::{Asked, answer, asked, doc};
use crate::answer::Answer;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo};

/// Shows what a setup bundle would change.
pub struct PlanBundle;

impl Operation for PlanBundle {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "plan-a-setup-bundle",
        "POST",
        "/bundle/plan",
        Permission::WorkflowWrite,
        "Shows what applying a setup bundle would change in this environment, and the problems that prevent it. Nothing is \
         written.",
    )
    .large();
    type Input = Asked;

    fn shape(_: &Context, body: &Value) -> Result<Asked, Refusal> {
        asked(body, &["/data/type", "/data/attributes/bundle", "/meta/publish", "/meta/prune"])
    }

    fn doc() -> OperationDoc {
        doc(false)
    }

    fn run(context: &Context, work: &mut UnitOfWork, asked: &Asked) -> Verb<Answer> {
        let plan = plan(&context.engine, work, &context.actor, &asked.bundle, asked.options)?;
        Ok(answer(&plan, "plan"))
    }
}
