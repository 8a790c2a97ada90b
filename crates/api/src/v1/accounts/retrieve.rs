//! `GET /accounts/{account-id}`

use std::sync::Arc;

use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use docket_objects::Object;
use serde_json::Value;

use super::shown::answer;
use crate::answer::Answer;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo};
use crate::shapes::account::AccountView;
use crate::v1::reported::with_source;

/// Shows an account.
pub struct RetrieveAccount;

/// The account in the path.
pub(super) fn account(context: &Context, work: &mut UnitOfWork) -> Verb<Arc<Object>> {
    let id = context.part("account-id");
    match Object::named(work, &context.actor.environment, id)? {
        Some(account) if account.kind == "account" => Ok(account),
        _ => Err(Refusal::unknown("account", id).into()),
    }
}

impl Operation for RetrieveAccount {
    const ABOUT: OperationInfo = OperationInfo::contract(
        "retrieve-an-account",
        "GET",
        "/accounts/{account-id}",
        Permission::AccountRead,
        "Retrieves an account.",
    );
    type Input = ();

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        Ok(Some(account(context, work)?.version))
    }

    fn shape(_: &Context, _: &Value) -> Result<(), Refusal> {
        Ok(())
    }

    fn doc() -> OperationDoc {
        OperationDoc::one(with_source(AccountView::schema())).including(&["account-type"])
    }

    fn run(context: &Context, work: &mut UnitOfWork, (): &()) -> Verb<Answer> {
        let account = account(context, work)?;
        answer(context, work, &account, 200)
    }
}
