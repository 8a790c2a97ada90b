//! The source of an object. The contract has no attribute for it, so it is shown only if the request's `fields` names
//! it.

use docket_kernel::{UnitOfWork, Verb};
use docket_objects::{Object, Source};
use serde_json::{Value, json};

use crate::document::Resource;
use crate::fieldset::Wanted;
use crate::operation::Context;
use crate::schema::{maybe, object, said, text};

/// The name of the attribute.
const SOURCE: &str = "source";

/// Adds the source to a rendered object if the request asks for it; null if no source reported the object.
pub fn add_source(context: &Context, work: &mut UnitOfWork, of: &Object, resource: &mut Resource) -> Verb<()> {
    let wanted = context.query.fields.of(&resource.kind);
    if !wanted.is_some_and(|set| matches!(set.wants(SOURCE), Wanted::Whole)) {
        return Ok(());
    }
    let source = match &of.source_id {
        Some(id) => work.get::<Source>(id.as_str())?,
        None => None,
    };
    let shown = source.map_or(Value::Null, |source| json!({"id": source.id, "name": source.name}));
    resource.attributes.set(SOURCE, shown);
    Ok(())
}

/// The schema of an object with the attribute, which is optional.
pub fn with_source(mut schema: Value) -> Value {
    let source = object(vec![("id", text()), ("name", text())]);
    schema["properties"]["attributes"]["properties"][SOURCE] = said(
        maybe(source),
        "The first source that reported it, which alone can change it; shown only if `fields` includes `source`.",
    );
    schema
}
