//! Pieces of JSON schema, with which the description of the API is written.

use serde_json::{Map, Value, json};

/// Members of an object: a name and a schema each.
pub(crate) type Members = Vec<(&'static str, Value)>;

/// Text.
pub(crate) fn text() -> Value {
    json!({"type": "string"})
}

/// Text of at most so many characters.
pub(crate) fn short(characters: usize) -> Value {
    json!({"type": "string", "minLength": 1, "maxLength": characters})
}

/// One of these words.
pub(crate) fn word(words: &[&str]) -> Value {
    json!({"type": "string", "enum": words})
}

/// A moment.
pub(crate) fn time() -> Value {
    json!({"type": "string", "format": "date-time"})
}

/// Moments of these names, each of which may not have come yet.
pub(crate) fn maybe_times(names: &[&'static str]) -> Members {
    names.iter().map(|name| (*name, maybe(time()))).collect()
}

/// Texts of these names, each of which may be null.
pub(crate) fn maybe_texts(names: &[&'static str]) -> Members {
    names.iter().map(|name| (*name, maybe(text()))).collect()
}

/// A number, whole or not.
pub(crate) fn number() -> Value {
    json!({"type": "number"})
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

/// The same, or null.
pub(crate) fn maybe(schema: Value) -> Value {
    match schema.get("type").cloned() {
        Some(kind @ Value::String(_)) if schema.get("enum").is_none() => {
            let mut schema = schema;
            schema["type"] = json!([kind, "null"]);
            schema
        }
        _ => json!({"oneOf": [schema, {"type": "null"}]}),
    }
}

/// The same, with a sentence about it.
pub(crate) fn said(schema: Value, sentence: &str) -> Value {
    let mut schema = schema;
    schema["description"] = sentence.into();
    schema
}

/// An object that has all of these members.
pub(crate) fn object(members: Members) -> Value {
    let required: Vec<&str> = members.iter().map(|(name, _)| *name).collect();
    let mut schema = some(members.clone());
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    schema
}

/// An object that may have these members.
pub(crate) fn some(members: Members) -> Value {
    let properties: Map<String, Value> = members.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
    json!({"type": "object", "properties": properties})
}

/// An object of the API, with all its attributes and relationships.
pub(crate) fn resource(kind: &str, attributes: Members, relationships: Members) -> Value {
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

/// A relationship to one object, or to none.
pub(crate) fn to_maybe(kind: Option<&str>) -> Value {
    object(vec![("data", maybe(pointer(kind)))])
}

/// A relationship to many objects.
pub(crate) fn to_many(kind: Option<&str>) -> Value {
    object(vec![("data", list(pointer(kind)))])
}

/// A request's body: `data.attributes` and `meta`, and which of their members must be there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Body {
    attributes: Members,
    meta: Members,
    required: Vec<&'static str>,
    one_of: Option<(&'static [&'static str], Value)>,
    names_its_object: bool,
}

impl Body {
    /// A body with nothing in it yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A body about an object that is there: it may repeat the object's id.
    pub fn of_object() -> Self {
        Self { names_its_object: true, ..Self::default() }
    }

    /// With an attribute it must have.
    pub fn must(mut self, name: &'static str, schema: Value) -> Self {
        self.required.push(name);
        self.may(name, schema)
    }

    /// With an attribute it may have.
    pub fn may(mut self, name: &'static str, schema: Value) -> Self {
        self.attributes.push((name, schema));
        self
    }

    /// One of these attributes must be there, as this schema has it.
    pub fn must_one_of(mut self, names: &'static [&'static str], schema: Value) -> Self {
        self.one_of = Some((names, schema));
        self
    }

    /// With a member of `meta` it must have.
    pub fn must_meta(mut self, name: &'static str, schema: Value) -> Self {
        self.required.push(name);
        self.may_meta(name, schema)
    }

    /// With a member of `meta` it may have.
    pub fn may_meta(mut self, name: &'static str, schema: Value) -> Self {
        self.meta.push((name, schema));
        self
    }

    /// The schema; a closed one where members nobody knows are refused.
    pub fn schema(self, is_closed: bool) -> Value {
        let required = |members: &Members| {
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
        let (of_attributes, of_meta) = (required(&self.attributes), required(&self.meta));
        let mut attributes = part(some(self.attributes.clone()), &of_attributes);
        if let Some((names, schema)) = &self.one_of {
            let one = |name: &&str| json!({"required": [name], "properties": {*name: schema}});
            attributes["anyOf"] = names.iter().map(one).collect();
        }
        let must_attributes = !of_attributes.is_empty() || self.one_of.is_some();
        let mut data = vec![("type", text())];
        data.extend(self.names_its_object.then(|| ("id", text())));
        data.extend((!self.attributes.is_empty()).then_some(("attributes", attributes)));
        let data = part(some(data), if must_attributes { &["attributes"] } else { &[] });
        let (mut members, mut wanted) = (Vec::new(), Vec::new());
        if !self.attributes.is_empty() || is_closed {
            members.push(("data", data));
            wanted.extend(must_attributes.then_some("data"));
        }
        if !self.meta.is_empty() {
            members.push(("meta", part(some(self.meta.clone()), &of_meta)));
            wanted.extend((!of_meta.is_empty()).then_some("meta"));
        }
        part(some(members), &wanted)
    }
}
