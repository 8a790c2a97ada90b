//! The description of the API, made from its operations.

use docket_workflows::Engine;
use serde_json::{Map, Value, json};

use crate::operation::About;
use crate::v1;

/// The description, as OpenAPI 3.1.
pub fn document(engine: &Engine) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in v1::routes() {
        let entry = paths.entry(route.about.path.to_owned()).or_insert_with(|| json!({}));
        entry[route.about.method.to_lowercase()] = operation(&route.about);
    }
    let steps: Map<String, Value> =
        engine.catalogue.entries().map(|entry| (entry.about.key.to_owned(), json!(entry.config))).collect();
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Docket", "version": env!("CARGO_PKG_VERSION"), "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "servers": [{"url": "/api/v1"}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Document": document_schema(), "Errors": errors_schema()},
            "x-step-types": steps,
        },
    })
}

fn operation(about: &About) -> Value {
    let parts = about.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<Value> =
        parts.map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}})).collect();
    for (name, description) in [
        ("Key-Inflection", "kebab, snake or camel"),
        ("Persona-Version", "the dated version of the contract to answer in"),
    ] {
        parameters
            .push(json!({"name": name, "in": "header", "description": description, "schema": {"type": "string"}}));
    }
    if about.method == "POST" {
        parameters
            .push(json!({"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 255}}));
    }
    let body =
        |schema: &str| json!({"application/json": {"schema": {"$ref": format!("#/components/schemas/{schema}")}}});
    let errors = json!({"description": "refused", "content": body("Errors")});
    let mut told = json!({
        "operationId": about.id,
        "summary": about.summary,
        "x-permission": about.permission,
        "parameters": parameters,
        "responses": {
            about.success.to_string(): {"description": "done", "content": body("Document")},
            "4XX": errors,
            "503": {"description": "not now; see Retry-After", "content": body("Errors")},
        },
    });
    if about.method != "GET" {
        told["requestBody"] = json!({"content": {"application/json": {"schema": {"type": "object"}}}});
    }
    told
}

fn document_schema() -> Value {
    let resource = json!({
        "type": "object",
        "required": ["type", "id"],
        "properties": {
            "type": {"type": "string"}, "id": {"type": "string"},
            "attributes": {"type": "object"}, "relationships": {"type": "object"}, "meta": {"type": "object"},
        },
    });
    json!({
        "type": "object",
        "required": ["data"],
        "properties": {
            "data": {"oneOf": [resource, {"type": "array", "items": resource}]},
            "included": {"type": "array", "items": resource},
            "links": {"type": "object"},
            "meta": {"type": "object"},
        },
    })
}

fn errors_schema() -> Value {
    json!({
        "type": "object",
        "required": ["errors"],
        "properties": {"errors": {"type": "array", "items": {
            "type": "object",
            "required": ["title"],
            "properties": {
                "title": {"type": "string"}, "details": {"type": "string"}, "code": {"type": "string"},
                "source": {"type": "object", "properties": {"pointer": {"type": "string"}}},
                "meta": {"type": "object"},
            },
        }}},
    })
}
