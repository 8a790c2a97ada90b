//! Accounts in the form of these operations.

use docket_kernel::{UnitOfWork, Verb};
use docket_objects::{Object, tree};

use crate::answer::Answer;
use crate::document::Resource;
use crate::operation::Context;
use crate::v1::included;
use crate::v1::reported::add_source;
use crate::views::resource_of;

/// An account in the form of the API.
pub fn resource(context: &Context, work: &mut UnitOfWork, account: &Object) -> Verb<Resource> {
    let mut resource = resource_of(&tree(account));
    add_source(context, work, account, &mut resource)?;
    Ok(resource)
}

/// A response with one account and its included objects.
pub fn answer(context: &Context, work: &mut UnitOfWork, account: &Object, status: u16) -> Verb<Answer> {
    let resource = resource(context, work, account)?;
    let document = included::document(context, work, resource, &[])?;
    Ok(Answer { status, document, version: Some(account.version) })
}
