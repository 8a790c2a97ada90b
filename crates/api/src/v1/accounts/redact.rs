//! `DELETE /accounts/{account-id}`

use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use docket_objects::redact_account;
use serde_json::Value;

use super::retrieve::account;
use super::shown::answer;
use crate::answer::Answer;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo};
use crate::shapes::account::AccountView;

/// Redacts an account.
pub struct RedactAccount;

impl Operation for RedactAccount {
    const ABOUT: OperationInfo = OperationInfo::contract(
        "redact-an-account",
        "DELETE",
        "/accounts/{account-id}",
        Permission::AccountWrite,
        "Permanently deletes the personal information of an account, and of its inquiries, verifications and reports. \
         This can't be undone.",
    );
    type Input = ();

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        Ok(Some(account(context, work)?.version))
    }

    fn shape(_: &Context, _: &Value) -> Result<(), Refusal> {
        Ok(())
    }

    fn doc() -> OperationDoc {
        OperationDoc::one(AccountView::schema()).including(&["account-type"])
    }

    fn run(context: &Context, work: &mut UnitOfWork, (): &()) -> Verb<Answer> {
        let account = redact_account(work, &context.actor, context.part("account-id"))?;
        answer(context, work, &account, 200)
    }
}
