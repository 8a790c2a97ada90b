//! An account type.

use serde_json::Value;

use super::field_schema::FieldSchemaView;
use crate::document::Resource;
use crate::time::{iso, iso_or_null};

/// What the API shows of an included account type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccountTypeView {
    /// The id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it was created.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: Option<i64>,
    /// The fields of its accounts.
    pub field_schemas: Vec<FieldSchemaView>,
}

impl AccountTypeView {
    /// Renders the account type.
    pub fn into_resource(self) -> Resource {
        let mut resource = Resource::new("account-type", self.id);
        let attributes = &mut resource.attributes;
        attributes.set("name", self.name);
        attributes.set("created-at", iso(self.created_at));
        attributes.set("updated-at", iso_or_null(self.updated_at));
        let schemas: Vec<Value> = self.field_schemas.into_iter().map(FieldSchemaView::into_value).collect();
        attributes.set("field-schemas", schemas);
        resource
    }
}
