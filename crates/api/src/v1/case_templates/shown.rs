//! Case templates in the form of these operations.

use docket_cases::{CaseTemplate, FieldSchema, StatusType, statuses_of};
use docket_kernel::{UnitOfWork, Verb};
use serde_json::Value;

use crate::answer::Answer;
use crate::document::{Document, Resource};
use crate::schema::text;
use crate::shapes::case_template::CaseTemplateView;
use crate::shapes::field_schema::FieldSchemaView;

/// A template in the contract's form.
pub fn resource(work: &mut UnitOfWork, template: &CaseTemplate) -> Verb<Resource> {
    shown(work, template, field)
}

fn shown(work: &mut UnitOfWork, template: &CaseTemplate, field: fn(&FieldSchema) -> FieldSchemaView) -> Verb<Resource> {
    let ends = statuses_of(work, &template.id)?;
    let ends = ends.iter().filter(|status| status.r#type == StatusType::End);
    Ok(CaseTemplateView {
        id: template.id.to_string(),
        status: if template.archived_at.is_some() { "archived" } else { "active" }.to_owned(),
        name: template.name.clone(),
        resolutions: ends.map(|status| status.name.clone()).collect(),
        created_at: template.created_at.0,
        updated_at: Some(template.updated_at.0),
        archived_at: template.archived_at.map(|at| at.0),
        field_schemas: template.fields.iter().map(field).collect(),
    }
    .into_resource())
}

/// A field in the contract's form.
fn field(field: &FieldSchema) -> FieldSchemaView {
    FieldSchemaView {
        key: field.key.clone(),
        kind: field.r#type.as_str().to_owned(),
        label: field.label.clone(),
        is_required: field.required,
        options: field.options.clone(),
        archived_at: field.archived_at,
        ..FieldSchemaView::default()
    }
}

/// A field in the form of Docket's own operations.
fn our_field(schema: &FieldSchema) -> FieldSchemaView {
    FieldSchemaView { is_archived: schema.archived, successor: schema.successor.clone(), ..field(schema) }
}

/// A template in the form of Docket's own operations: also with its slug and its key.
pub fn our_resource(work: &mut UnitOfWork, template: &CaseTemplate) -> Verb<Resource> {
    let mut resource = shown(work, template, our_field)?;
    resource.attributes.set("key", template.key.as_str());
    resource.attributes.set("slug", template.slug.as_str());
    Ok(resource)
}

/// The schema of a template on Docket's own operations.
pub fn our_schema() -> Value {
    let mut schema = CaseTemplateView::schema();
    for name in ["key", "slug"] {
        schema["properties"]["attributes"]["properties"][name] = text();
    }
    schema
}

/// A response of Docket's own operations with one template.
pub fn our_answer(work: &mut UnitOfWork, template: &CaseTemplate, status: u16) -> Verb<Answer> {
    let document = Document::one(our_resource(work, template)?);
    Ok(Answer { status, document, version: Some(template.version) })
}

/// A response of the contract with one template.
pub fn answer(work: &mut UnitOfWork, template: &CaseTemplate, status: u16) -> Verb<Answer> {
    Ok(Answer { status, document: Document::one(resource(work, template)?), version: Some(template.version) })
}
