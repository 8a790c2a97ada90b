//! Pieces of JSON schema, used to write the API's description.

use serde_json::{Map, Value, json};

/// Members of an object: each a name and a schema.
pub(crate) type Properties = Vec<(&'static str, Value)>;

/// Text.
pub(crate) fn text() -> Value {
    json!({"type": "string"})
}

/// Text of at most this many characters.
pub(crate) fn short(characters: usize) -> Value {
    json!({"type": "string", "minLength": 1, "maxLength": characters})
}

/// One line of at most so many characters, without control characters.
pub(crate) fn one_line(characters: usize) -> Value {
    let pattern = r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$";
    json!({"type": "string", "minLength": 1, "maxLength": characters, "pattern": pattern})
}

/// Text that is not empty.
pub(crate) fn filled() -> Value {
    json!({"type": "string", "minLength": 1})
}

/// Text of at most this many characters, which may be empty.
pub(crate) fn at_most(characters: usize) -> Value {
    json!({"type": "string", "maxLength": characters})
}

/// A whole number within these bounds.
pub(crate) fn whole_within(least: i64, most: i64) -> Value {
    json!({"type": "integer", "minimum": least, "maximum": most})
}

/// A number within these bounds.
pub(crate) fn number_within(least: i64, most: i64) -> Value {
    json!({"type": "number", "minimum": least, "maximum": most})
}

/// Bytes as text: non-empty base64 with the standard alphabet, padded.
pub(crate) fn base64() -> Value {
    let last = "[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=|[A-Za-z0-9+/][AQgw]==";
    json!({"type": "string", "contentEncoding": "base64", "pattern": format!("^([A-Za-z0-9+/]{{4}})*({last})$")})
}

/// The name of a file, without a path.
pub(crate) fn file_name(characters: usize) -> Value {
    json!({"type": "string", "minLength": 1, "maxLength": characters, "pattern": "^[^/\\\\]*$"})
}

/// A list of at most this many items.
pub(crate) fn list_within(items: Value, most: usize) -> Value {
    json!({"type": "array", "items": items, "maxItems": most})
}

/// One of these words.
pub(crate) fn word(words: &[&str]) -> Value {
    json!({"type": "string", "enum": words})
}

/// A time.
pub(crate) fn time() -> Value {
    json!({"type": "string", "format": "date-time"})
}

/// Times with these names, each null until it occurs.
pub(crate) fn maybe_times(names: &[&'static str]) -> Properties {
    names.iter().map(|name| (*name, maybe(time()))).collect()
}

/// Texts with these names, each of which may be null.
pub(crate) fn maybe_texts(names: &[&'static str]) -> Properties {
    names.iter().map(|name| (*name, maybe(text()))).collect()
}

/// A whole number.
pub(crate) fn whole() -> Value {
    json!({"type": "integer"})
}

/// True or false.
pub(crate) fn truth() -> Value {
    json!({"type": "boolean"})
}

/// Anything.
pub(crate) fn anything() -> Value {
    json!({})
}

/// An object whose members belong to the organization.
pub(crate) fn theirs() -> Value {
    json!({"type": "object", "additionalProperties": true})
}

/// A list.
pub(crate) fn list(items: Value) -> Value {
    json!({"type": "array", "items": items})
}

/// The same schema, or null.
pub(crate) fn maybe(mut schema: Value) -> Value {
    let is_closed = schema.get("enum").is_some() || schema.get("const").is_some();
    match schema.get("type").cloned() {
        _ if takes_null(&schema) => schema,
        Some(kind @ Value::String(_)) if !is_closed => {
            schema["type"] = json!([kind, "null"]);
            schema
        }
        Some(Value::Array(mut kinds)) if !is_closed => {
            kinds.push("null".into());
            schema["type"] = kinds.into();
            schema
        }
        _ => json!({"oneOf": [schema, {"type": "null"}]}),
    }
}

/// Whether null is one of the values of a schema.
fn takes_null(schema: &Value) -> bool {
    let is_null = |kind: &Value| kind == "null";
    match (schema.get("type"), schema.get("oneOf").and_then(Value::as_array)) {
        (Some(Value::Array(kinds)), _) => kinds.iter().any(is_null),
        (Some(kind), _) => is_null(kind),
        (None, Some(choices)) => choices.iter().any(takes_null),
        (None, None) => schema.as_object().is_some_and(|members| members.keys().all(|name| name == "description")),
    }
}

/// The same schema, with a description.
pub(crate) fn said(schema: Value, sentence: &str) -> Value {
    let mut schema = schema;
    schema["description"] = sentence.into();
    schema
}

/// An object that has all of these members.
pub(crate) fn object(members: Properties) -> Value {
    let required: Vec<&str> = members.iter().map(|(name, _)| *name).collect();
    let mut schema = some(members.clone());
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    schema
}

/// An object that may have these members.
pub(crate) fn some(members: Properties) -> Value {
    let properties: Map<String, Value> = members.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
    json!({"type": "object", "properties": properties})
}

/// An object of the API, with all its attributes and relationships.
pub(crate) fn resource(kind: &str, attributes: Properties, relationships: Properties) -> Value {
    let mut members = vec![("type", json!({"const": kind, "type": "string"})), ("id", text())];
    members.push(("attributes", object(attributes)));
    if !relationships.is_empty() {
        members.push(("relationships", object(relationships)));
    }
    object(members)
}

fn pointer(kind: Option<&str>) -> Value {
    let kind = kind.map_or_else(text, |kind| json!({"const": kind, "type": "string"}));
    object(vec![("type", kind), ("id", text())])
}

/// A relationship to one object of a kind.
pub(crate) fn to_one(kind: &str) -> Value {
    object(vec![("data", pointer(Some(kind)))])
}

/// A relationship to one object or to none.
pub(crate) fn to_maybe(kind: Option<&str>) -> Value {
    object(vec![("data", maybe(pointer(kind)))])
}

/// A relationship to many objects.
pub(crate) fn to_many(kind: Option<&str>) -> Value {
    object(vec![("data", list(pointer(kind)))])
}

/// A request's body: `data.attributes` and `meta`, and which of their members are required.
///
/// Every optional member may be null, which operations read as absent. A required text is not empty.
#[derive(Clone, Debug, Default)]
pub(crate) struct Body {
    attributes: Properties,
    meta: Properties,
    required: Vec<&'static str>,
    one_of: Option<(&'static [&'static str], Value)>,
    names_its_object: bool,
}

impl Body {
    /// An empty body.
    pub fn new() -> Self {
        Self::default()
    }

    /// The body of a request about an existing object: it may repeat the object's id.
    pub fn of_object() -> Self {
        Self { names_its_object: true, ..Self::default() }
    }

    /// Adds a required attribute.
    pub fn must(mut self, name: &'static str, schema: Value) -> Self {
        self.required.push(name);
        self.attributes.push((name, not_empty(schema)));
        self
    }

    /// Adds an optional attribute.
    pub fn may(mut self, name: &'static str, schema: Value) -> Self {
        self.attributes.push((name, maybe(schema)));
        self
    }

    /// Requires one of these attributes, with this schema.
    pub fn must_one_of(mut self, names: &'static [&'static str], schema: Value) -> Self {
        self.one_of = Some((names, schema));
        self
    }

    /// Adds a required member of `meta`.
    pub fn must_meta(mut self, name: &'static str, schema: Value) -> Self {
        self.required.push(name);
        self.meta.push((name, not_empty(schema)));
        self
    }

    /// Adds an optional member of `meta`.
    pub fn may_meta(mut self, name: &'static str, schema: Value) -> Self {
        self.meta.push((name, maybe(schema)));
        self
    }

    /// The schema; closed if unknown members are refused.
    pub fn schema(self, is_closed: bool) -> Value {
        let required = |members: &Properties| {
            members.iter().map(|(name, _)| *name).filter(|name| self.required.contains(name)).collect::<Vec<_>>()
        };
        let part = |schema: Value, required: &[&str]| {
            let mut schema = schema;
            if !required.is_empty() {
                schema["required"] = json!(required);
            }
            if is_closed {
                schema["additionalProperties"] = false.into();
            }
            schema
        };
        // An optional part may be null.
        let inner = |schema: Value, must: bool| if must { schema } else { maybe(schema) };
        let (of_attributes, of_meta) = (required(&self.attributes), required(&self.meta));
        let mut attributes = part(some(self.attributes.clone()), &of_attributes);
        if let Some((names, schema)) = &self.one_of {
            let one = |name: &&str| json!({"required": [name], "properties": {*name: schema}});
            attributes["anyOf"] = names.iter().map(one).collect();
        }
        let must_attributes = !of_attributes.is_empty() || self.one_of.is_some();
        let mut data = vec![("type", maybe(text()))];
        data.extend(self.names_its_object.then(|| ("id", maybe(text()))));
        data.extend((!self.attributes.is_empty()).then(|| ("attributes", inner(attributes, must_attributes))));
        let data = part(some(data), if must_attributes { &["attributes"] } else { &[] });
        let (mut members, mut wanted) = (vec![("data", inner(data, must_attributes))], Vec::new());
        wanted.extend(must_attributes.then_some("data"));
        if !self.meta.is_empty() {
            let must_meta = !of_meta.is_empty();
            members.push(("meta", inner(part(some(self.meta.clone()), &of_meta), must_meta)));
            wanted.extend(must_meta.then_some("meta"));
        }
        part(some(members), &wanted)
    }
}

/// The same schema; a text is not empty.
fn not_empty(mut schema: Value) -> Value {
    if schema.get("type").is_some_and(|kind| kind == "string") && schema.get("enum").is_none() {
        let least = schema.get("minLength").and_then(Value::as_u64).unwrap_or_default().max(1);
        schema["minLength"] = least.into();
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_added_once_where_it_is_missing() {
        let table = [
            (text(), json!({"type": ["string", "null"]})),
            (maybe(text()), json!({"type": ["string", "null"]})),
            (json!({"type": ["object", "string"]}), json!({"type": ["object", "string", "null"]})),
            (json!({"type": "null"}), json!({"type": "null"})),
            (maybe(word(&["a"])), json!({"oneOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}]})),
            (
                json!({"const": "a", "type": "string"}),
                json!({"oneOf": [{"const": "a", "type": "string"}, {"type": "null"}]}),
            ),
            (anything(), json!({})),
            (said(anything(), "Anything."), json!({"description": "Anything."})),
        ];
        for (schema, expected) in table {
            assert_eq!(maybe(schema), expected);
        }
    }

    #[test]
    fn a_text_that_must_be_there_is_not_empty_and_what_may_be_left_out_may_be_null() {
        let body = Body::new().must("name", text()).may("note", short(9)).may_meta("tags", list(text()));
        let schema = body.schema(true);

        let attributes = &schema["properties"]["data"]["properties"]["attributes"];
        assert_eq!(attributes["properties"]["name"], json!({"type": "string", "minLength": 1}));
        assert_eq!(attributes["properties"]["note"]["type"], json!(["string", "null"]));
        assert_eq!(attributes["type"], "object");
        assert_eq!(schema["properties"]["meta"]["type"], json!(["object", "null"]));
        assert_eq!(schema["required"], json!(["data"]));
        for closed in [&schema, attributes, &schema["properties"]["meta"]] {
            assert_eq!(closed["additionalProperties"], false);
        }
    }
}
