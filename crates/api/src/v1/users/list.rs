//! `GET /users`

use docket_access::User;
use docket_kernel::{Permission, Stored, UnitOfWork, Verb};
use docket_storage::Filter;

use super::shown::{resource, schema};
use crate::document::Resource;
use crate::openapi::OperationDoc;
use crate::operation::{Context, List, OperationInfo};

/// Lists the users of the organization.
pub struct ListUsers;

impl List for ListUsers {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "list-users",
        "GET",
        "/users",
        Permission::UserRead,
        "Lists the people of the organization.",
    );
    type Row = User;

    fn filters(_: &Context, _: &mut UnitOfWork) -> Verb<Option<Vec<Filter>>> {
        Ok(Some(Vec::new()))
    }

    fn doc() -> OperationDoc {
        OperationDoc::pages(schema())
    }

    fn show(_: &Context, _: &mut UnitOfWork, rows: &[Stored<User>]) -> Verb<Vec<Resource>> {
        Ok(rows.iter().map(|user| resource(user)).collect())
    }
}
