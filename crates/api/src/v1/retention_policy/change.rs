//! `PATCH /retention-policy`

use docket_events::{change_retention, retention_of};
use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use serde_json::Value;

use super::shown::{Asked, CONFIRMATION, asked, body, changed, resource, schema};
use crate::answer::Answer;
use crate::body::BodyMembers as Sent;
use crate::document::Document;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo};
use crate::schema::{said, text};

/// Applies periods that were previewed.
pub struct ChangeRetention;

impl Operation for ChangeRetention {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "change-the-retention-policy",
        "PATCH",
        "/retention-policy",
        Permission::RetentionWrite,
        "Updates how long this environment keeps the content of events, the history of runs, receipts of webhooks and \
         remembered responses. The change confirms a preview of the same periods.",
    );
    type Input = (Asked, Option<String>);

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        Ok(Some(retention_of(work, &context.actor.environment)?.revision))
    }

    fn shape(_: &Context, body: &Value) -> Result<(Asked, Option<String>), Refusal> {
        let confirmation = Sent::of(body).text(CONFIRMATION)?.map(str::to_owned);
        Ok((asked(body, &[CONFIRMATION])?, confirmation))
    }

    fn doc() -> OperationDoc {
        let confirmation = said(text(), "The confirmation of a preview of the same periods, from today.");
        OperationDoc::one(schema()).taking(body().may_meta("confirmation", confirmation))
    }

    fn run(context: &Context, work: &mut UnitOfWork, (asked, confirmation): &Self::Input) -> Verb<Answer> {
        let policy = retention_of(work, &context.actor.environment)?;
        let periods = changed(&policy, asked);
        let changed = change_retention(work, &context.actor, &periods, confirmation.as_deref())?;
        Ok(Answer::ok(Document::one(resource(&changed)), changed.revision))
    }
}
