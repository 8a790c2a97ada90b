//! A case template.

use serde_json::Value;

use super::field_schema::FieldSchemaView;
use super::texts;
use crate::document::Resource;
use crate::schema::{list, maybe, resource, text, time, word};
use crate::time::{iso, iso_or_null};

/// Everything the contract shows of a case template; its statuses are a separate operation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CaseTemplateView {
    /// The id.
    pub id: String,
    /// `active` or `archived`.
    pub status: String,
    /// Its name.
    pub name: String,
    /// The resolutions that its cases may have.
    pub resolutions: Vec<String>,
    /// When it was created.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: Option<i64>,
    /// When it was archived.
    pub archived_at: Option<i64>,
    /// The fields of its cases.
    pub field_schemas: Vec<FieldSchemaView>,
}

impl CaseTemplateView {
    /// What the API shows of every case template.
    pub(crate) fn schema() -> Value {
        let attributes = vec![
            ("status", word(&["active", "archived"])),
            ("name", text()),
            ("resolutions", list(text())),
            ("created-at", time()),
            ("updated-at", maybe(time())),
            ("archived-at", maybe(time())),
            ("field-schemas", list(FieldSchemaView::schema())),
        ];
        resource("case-template", attributes, Vec::new())
    }

    /// Renders the template.
    pub fn into_resource(self) -> Resource {
        let mut resource = Resource::new("case-template", self.id);
        let attributes = &mut resource.attributes;
        attributes.set("status", self.status);
        attributes.set("name", self.name);
        attributes.set("resolutions", texts(self.resolutions));
        attributes.set("created-at", iso(self.created_at));
        attributes.set("updated-at", iso_or_null(self.updated_at));
        attributes.set("archived-at", iso_or_null(self.archived_at));
        let schemas: Vec<Value> = self.field_schemas.into_iter().map(FieldSchemaView::into_value).collect();
        attributes.set("field-schemas", schemas);
        resource
    }
}
