//! Accounts as these operations show them.

use docket_objects::{Object, tree};

use crate::answer::Answer;
use crate::document::{Document, Resource};
use crate::operation::Context;
use crate::shapes::account_type::AccountTypeView;
use crate::views::{ACCOUNT_TYPE, resource_of};

/// An account as the API shows it.
pub fn resource(account: &Object) -> Resource {
    resource_of(&tree(account))
}

/// An answer about one account.
pub fn answer(context: &Context, account: &Object, status: u16) -> Answer {
    let mut document = Document::one(resource(account));
    if context.query.include.is_some() {
        let wanted = context.includes("account-type", false);
        document = document.including(context.readable(if wanted { vec![account_type(account)] } else { Vec::new() }));
    }
    Answer { status, document, version: Some(account.version) }
}

fn account_type(account: &Object) -> Resource {
    AccountTypeView {
        id: account.template_id.clone().unwrap_or_else(|| ACCOUNT_TYPE.0.to_owned()),
        name: ACCOUNT_TYPE.1.to_owned(),
        created_at: account.created_at.0,
        updated_at: None,
        field_schemas: Vec::new(),
    }
    .into_resource()
}
