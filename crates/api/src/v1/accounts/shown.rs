//! Accounts as these operations show them.

use docket_kernel::{UnitOfWork, Verb};
use docket_objects::{Object, tree};

use crate::answer::Answer;
use crate::document::Resource;
use crate::operation::Context;
use crate::v1::included;
use crate::views::resource_of;

/// An account as the API shows it.
pub fn resource(account: &Object) -> Resource {
    resource_of(&tree(account))
}

/// An answer about one account, with what it includes.
pub fn answer(context: &Context, work: &mut UnitOfWork, account: &Object, status: u16) -> Verb<Answer> {
    let document = included::document(context, work, resource(account), &[])?;
    Ok(Answer { status, document, version: Some(account.version) })
}
