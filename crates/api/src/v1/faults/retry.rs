//! `POST /faults/{fault-id}/retry`

use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use docket_workflows::{Fault, retry};
use serde_json::Value;

use super::shown::{resource, schema};
use crate::answer::Answer;
use crate::body::BodyMembers;
use crate::document::Document;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, target_of};
use crate::schema::Body;

/// Retries a parked run.
pub struct RetryFault;

impl Operation for RetryFault {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "retry-a-fault",
        "POST",
        "/faults/{fault-id}/retry",
        Permission::WorkflowTrigger,
        "Retries a parked run once more, now. If it fails again, it is parked again.",
    );
    type Input = ();

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<Fault>(work, "fault", context.part("fault-id"))
    }

    fn shape(_: &Context, body: &Value) -> Result<(), Refusal> {
        BodyMembers::of(body).only(&["/data/type", "/data/id"])
    }

    fn doc() -> OperationDoc {
        OperationDoc::one(schema()).taking(Body::of_object())
    }

    fn run(context: &Context, work: &mut UnitOfWork, (): &()) -> Verb<Answer> {
        let fault = retry(work, &context.actor, context.part("fault-id"))?;
        let resource = resource(work, &fault)?;
        Ok(Answer::ok(Document::one(resource), fault.version))
    }
}
