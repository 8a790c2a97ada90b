//! The OpenAPI description, built from the operations: the newest version, in kebab casing.

mod operation_doc;

use docket_workflows::Engine;
use serde_json::{Map, Value, json};

pub use operation_doc::OperationDoc;
pub(crate) use operation_doc::{Pages, Shown};

use crate::answer::KEY_CHARACTERS_MAX;
use crate::custom_operation::{CustomOperation, Guard};
use crate::error::Surface;
use crate::operation::OperationInfo;
use crate::query::{PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX};
use crate::schema::{anything, filled, list, maybe, object, one_line, said, short, some, text, theirs, time, word};
use crate::v1;

/// The description as OpenAPI 3.1.
pub fn document(engine: &Engine) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in v1::routes() {
        let entry = paths.entry(route.about.path.to_owned()).or_insert_with(|| json!({}));
        entry[route.about.method.to_lowercase()] = described(&route.about, &(route.doc)());
    }
    paths.insert("/ingest/{source}".to_owned(), ingest());
    for (custom_operation, _) in v1::custom_operations() {
        let entry = paths.entry(custom_operation.about.path.to_owned()).or_insert_with(|| json!({}));
        entry[custom_operation.about.method.to_lowercase()] = described_apart(&custom_operation);
    }
    let steps: Map<String, Value> =
        engine.catalogue.entries().map(|entry| (entry.about.key.to_owned(), json!(entry.config))).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Docket", "version": env!("CARGO_PKG_VERSION"), "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"key": []}, {"session": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer"},
                "session": {
                    "type": "apiKey", "in": "cookie", "name": crate::cookie::NAME,
                    "description": "An underscore and a suffix specific to the installation follow the name.",
                },
            },
            "parameters": parameters(),
            "headers": headers(),
            "schemas": {
                "Document": document_schema(), "Resource": resource_schema(), "Links": links_schema(),
                "Errors": errors_schema(),
            },
            "x-step-types": steps,
        },
    })
}

const DESCRIPTION: &str = "Responses are described as returned to a request without a version, casing, fields or \
    include. `Persona-Version` and `Key-Inflection` change them; with `fields[type]`, the other attributes are left \
    out, including those listed as required here. A body is JSON or a form (multipart/form-data), with names in \
    kebab, snake or camel case. JSON has up to 1 MiB and 100,000 values (a setup bundle 8 MiB and 800,000); a form of \
    an operation that takes files has up to 40 MiB; without a credential, a body has up to 16 KiB. The credential, the \
    object in the path and the permission are checked before the body is read. A response lists up to 20 errors, and \
    one more that gives the number of the others.";

const SHARED_HEADERS: [&str; 6] = [
    "Request-Id",
    "Persona-Environment-Id",
    "Persona-Organization-Id",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
];

/// The part of the description that all operations have.
fn operation(about: &OperationInfo) -> Value {
    let parts = about.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<Value> =
        parts.map(|name| json!({"name": name, "in": "path", "required": true, "schema": filled()})).collect();
    parameters.extend(["Key-Inflection", "Persona-Version"].map(parameter));
    if matches!(about.method, "POST" | "DELETE") {
        parameters.push(parameter("Idempotency-Key"));
    }
    let mut doc = json!({
        "operationId": about.id,
        "summary": about.summary,
        "x-permission": about.permission,
        "parameters": parameters,
        "responses": {about.success.to_string(): {"description": "done", "headers": shared(&[]), "content": json_of("Document")}},
    });
    for (status, description) in refusals(about) {
        doc["responses"][status.to_string()] = refusal(status, description);
    }
    doc
}

/// The reason of a failed precondition.
const CHANGED: &str = "the object changed since the version in If-Match";

/// The refusals that an operation can return.
fn refusals(about: &OperationInfo) -> Vec<(u16, &'static str)> {
    let (is_writing, has_target) = (about.method != "GET", about.path.contains('{'));
    let table = [
        (400, true, "the request is malformed"),
        (401, true, "the key is missing or invalid"),
        (403, true, "the key lacks the permission"),
        (404, true, "the object is not in the key's environment"),
        (408, is_writing, "the body did not arrive in time"),
        (409, is_writing, "the current state does not allow this"),
        (412, is_writing && has_target, CHANGED),
        (413, is_writing, "the body is too large"),
        (415, is_writing, "the body is neither JSON nor a form"),
        (422, is_writing, "the request breaks a rule"),
        (429, true, "the key sent too many requests; see Retry-After"),
        (503, true, "temporarily unavailable; see Retry-After"),
    ];
    table.into_iter().filter(|(_, applies, _)| *applies).map(|(status, _, words)| (status, words)).collect()
}

fn refusal(status: u16, description: &str) -> Value {
    let headers = match status {
        401 => json!({"Request-Id": header("Request-Id")}),
        // These are also returned before the caller is identified.
        408 => json!({}),
        503 => json!({"Retry-After": header("Retry-After")}),
        429 => shared(&["Retry-After"]),
        _ => shared(&[]),
    };
    json!({"description": description, "headers": headers, "content": json_of("Errors")})
}

/// The complete description of an operation of the pipeline.
fn described(about: &OperationInfo, doc: &OperationDoc) -> Value {
    let mut operation = operation(about);
    let mut parameters: Vec<Value> = Vec::new();
    let is_page = matches!(doc.shown, Shown::Many(_, Pages::Paged));
    if is_page {
        parameters.extend(["page[after]", "page[before]", "page[size]"].map(parameter));
    }
    for (name, sentence) in doc.all_filters() {
        let schema = match doc.needed_filter {
            Some(pattern) => json!({"type": "string", "pattern": pattern}),
            None if OperationDoc::is_about_time(name) => moment(),
            None => text(),
        };
        parameters.push(json!({
            "name": format!("filter[{name}]"), "in": "query", "required": doc.needed_filter.is_some(),
            "description": sentence, "schema": schema,
        }));
    }
    for asked in &doc.asked {
        parameters.push(json!({
            "name": asked.name, "in": asked.place, "description": asked.sentence, "schema": asked.schema,
        }));
    }
    if !doc.includes.is_empty() {
        let names = doc.includes.join(", ");
        let description = format!(
            "Related objects to add, separated by commas: {names}. A dot continues to related objects of these, over \
             up to three relationships."
        );
        parameters.push(json!({"name": "include", "in": "query", "description": description, "schema": text()}));
    }
    if doc.has_ranges {
        let sentence = "One range of bytes, as in 'bytes=0-1023', selects a part.";
        parameters.push(json!({"name": "Range", "in": "header", "description": sentence, "schema": text()}));
        operation["responses"]["416"] = refusal(416, "the Range header selects nothing");
    }
    parameters.push(parameter("fields"));
    // A PATCH without an object in its path changes the only object of its kind.
    if about.method != "GET" && (about.path.contains('{') || about.method == "PATCH") {
        operation["responses"]["412"] = refusal(412, CHANGED);
        let mut if_match = parameter("If-Match");
        if doc.needs_if_match {
            if_match = json!({"name": "If-Match", "in": "header", "required": true, "schema": filled()});
            operation["responses"]["428"] = refusal(428, "If-Match is missing");
        }
        parameters.push(if_match);
    }
    if let Some(list) = operation["parameters"].as_array_mut() {
        list.extend(parameters);
    }
    let kept = doc.is_kept.then_some("ETag");
    let more: Vec<&str> = kept.into_iter().chain(doc.headers.iter().copied()).collect();
    let success = json!({
        "description": "done", "headers": shared(&more),
        "content": {"application/json": {"schema": answer(doc)}},
    });
    for status in doc.also.into_iter().chain([about.success]) {
        operation["responses"][status.to_string()] = success.clone();
    }
    if let (Some(body), true) = (&doc.body, about.method != "GET") {
        let schema = body.clone().schema(about.surface == Surface::Ours);
        let required = schema.get("required").is_some();
        operation["requestBody"] = json!({"required": required, "content": {"application/json": {"schema": schema}}});
    }
    operation
}

/// The complete description of an operation outside the pipeline.
fn described_apart(custom_operation: &CustomOperation) -> Value {
    let CustomOperation { about, guard, produces, doc } = custom_operation;
    let mut operation = described(about, &doc());
    let success = about.success.to_string();
    match *produces {
        _ if about.success == 204 => {
            drop(operation["responses"][&success].as_object_mut().map(|doc| doc.remove("content")));
        }
        CustomOperation::JSON => {}
        other => {
            for status in doc().also.into_iter().chain([about.success]) {
                operation["responses"][status.to_string()]["content"] = json!({other: {"schema": {"type": "string"}}});
            }
        }
    }
    match guard {
        Guard::Permission => {}
        Guard::Session => operation["security"] = json!([{"session": []}]),
        Guard::Anybody => operation["security"] = json!([]),
    }
    if *guard == Guard::Anybody {
        // No caller is identified: there is no 401, no environment and no rate limit.
        drop(operation["responses"].as_object_mut().map(|responses| responses.remove("401")));
        for (_, response) in operation["responses"].as_object_mut().into_iter().flatten() {
            if let Some(headers) = response["headers"].as_object_mut() {
                headers.retain(|name, _| !SHARED_HEADERS[1..].contains(&name.as_str()));
            }
        }
    }
    if *guard != Guard::Permission {
        operation["x-permission"] = Value::Null;
    }
    operation
}

/// The document that an operation returns.
fn answer(doc: &OperationDoc) -> Value {
    let mut members = match &doc.shown {
        Shown::Anything => return json!({"$ref": "#/components/schemas/Document"}),
        Shown::Bare(schema) => return schema.clone(),
        Shown::One(schema) => vec![("data", schema.clone())],
        Shown::Many(schema, _) => {
            vec![("data", list(schema.clone())), ("links", json!({"$ref": "#/components/schemas/Links"}))]
        }
    };
    if !doc.meta.is_empty() {
        members.push(("meta", object(doc.meta.clone())));
    }
    let mut schema = object(members);
    if !doc.includes.is_empty() {
        schema["properties"]["included"] = list(json!({"$ref": "#/components/schemas/Resource"}));
    }
    schema
}

fn parameter(name: &str) -> Value {
    json!({"$ref": format!("#/components/parameters/{}", key(name))})
}

fn header(name: &str) -> Value {
    json!({"$ref": format!("#/components/headers/{name}")})
}

/// A date, or a date-time with an offset; blank means none.
fn moment() -> Value {
    json!({"anyOf": [time(), {"type": "string", "format": "date"}, {"type": "string", "maxLength": 0}]})
}

/// The headers of every authenticated response, and more.
fn shared(more: &[&str]) -> Value {
    SHARED_HEADERS.iter().chain(more).map(|name| ((*name).to_owned(), header(name))).collect::<Map<_, _>>().into()
}

fn json_of(schema: &str) -> Value {
    json!({"application/json": {"schema": {"$ref": format!("#/components/schemas/{schema}")}}})
}

/// A parameter's name as a key of the components, without brackets, which are not allowed there.
fn key(name: &str) -> String {
    name.replace('[', "-").replace(']', "")
}

fn parameters() -> Value {
    let size = json!({"type": "integer", "minimum": 1, "maximum": PAGE_SIZE_MAX, "default": PAGE_SIZE_DEFAULT});
    let table = [
        (
            "Key-Inflection",
            "header",
            "The casing of names in the response.",
            json!({"type": "string", "enum": ["kebab", "snake", "camel"], "default": "kebab"}),
        ),
        (
            "Persona-Version",
            "header",
            "A date: the response follows the contract version in force on that day.",
            json!({"type": "string", "format": "date"}),
        ),
        (
            "Idempotency-Key",
            "header",
            "A request repeated with the same key within a day takes effect once and gets the same response. \
             Successes and short refusals by a rule (409, 422) are remembered, up to 64 MiB; any other refusal leaves \
             the key free.",
            // Some clients and proxies change other characters.
            json!({"type": "string", "maxLength": KEY_CHARACTERS_MAX, "pattern": "^[ -~]*$"}),
        ),
        (
            "If-Match",
            "header",
            "The ETag of the version you read; the request is refused if the object changed since.",
            text(),
        ),
        ("page[after]", "query", "The id of the object after which the page starts, newest first.", text()),
        ("page[before]", "query", "The id of the object before which the page ends, newest first.", text()),
        ("page[size]", "query", "The number of objects on the page.", size),
    ];
    let mut parameters: Map<String, Value> = table
        .into_iter()
        .map(|(name, place, sentence, schema)| {
            (key(name), json!({"name": name, "in": place, "description": sentence, "schema": schema}))
        })
        .collect();
    let fields = json!({
        "name": "fields", "in": "query", "style": "deepObject", "explode": true,
        "description": "For a type of object, the attributes to show, separated by commas: fields[case]=status,name.",
        "schema": {"type": "object", "additionalProperties": {"type": "string"}},
    });
    parameters.insert("fields".to_owned(), fields);
    parameters.into()
}

fn headers() -> Value {
    let table = [
        ("Request-Id", "The id of this request, as in the log.", text()),
        ("Persona-Environment-Id", "The environment of the key.", text()),
        ("Persona-Organization-Id", "The organization of the key.", text()),
        (
            "RateLimit-Limit",
            "The number of requests the key may send in a window of one minute.",
            json!({"type": "integer"}),
        ),
        ("RateLimit-Remaining", "The number of requests left in this window.", json!({"type": "integer"})),
        ("RateLimit-Reset", "The number of seconds until the window ends.", json!({"type": "integer"})),
        ("Retry-After", "The number of seconds to wait before a retry.", json!({"type": "integer"})),
        ("ETag", "The version of the object, for If-Match.", text()),
        ("Set-Cookie", "The cookie of the session.", text()),
        ("Content-Disposition", "`attachment`, so that browsers save the response as a file.", text()),
    ];
    let header = |(name, sentence, schema): (&str, &str, Value)| {
        (name.to_owned(), json!({"description": sentence, "required": true, "schema": schema}))
    };
    table.into_iter().map(header).collect::<Map<_, _>>().into()
}

/// The longest id or name from a vendor.
const VENDOR_TEXT_CHARACTERS_MAX: usize = 256;

/// The object of a vendor's event, in the form of vendors that follow the contract. Any other value is ignored, and the
/// rest of the event is recorded.
fn payload() -> Value {
    let id = || short(VENDOR_TEXT_CHARACTERS_MAX);
    let mut resource = object(vec![("type", id()), ("id", id())]);
    resource["properties"]["attributes"] = some(vec![("fields", theirs()), ("tags", list(text()))]);
    let pointer = object(vec![("type", id()), ("id", id())]);
    let relation = object(vec![("data", maybe(json!({"anyOf": [pointer.clone(), list(pointer)]})))]);
    resource["properties"]["relationships"] = json!({"type": "object", "additionalProperties": relation});
    let mut usual = object(vec![("data", resource.clone())]);
    usual["properties"]["included"] = list(resource);
    json!({"description": "The object of the event, and related objects.", "anyOf": [usual, {}]})
}

/// The webhook endpoint for vendors, which is outside the API's base path and needs no key.
fn ingest() -> Value {
    let mut attributes = object(vec![("name", short(VENDOR_TEXT_CHARACTERS_MAX))]);
    attributes["properties"]["created-at"] =
        said(anything(), "The time of the event; if missing, invalid or far ahead, the time of receipt is used.");
    attributes["properties"]["payload"] = payload();
    let event = object(vec![("id", one_line(VENDOR_TEXT_CHARACTERS_MAX)), ("attributes", attributes)]);
    let adjusted = object(vec![("code", text()), ("pointer", text()), ("detail", text())]);
    let mut taken = object(vec![
        (
            "data",
            json!({"oneOf": [object(vec![("type", json!({"const": "event", "type": "string"})), ("id", text())]), {"type": "null"}]}),
        ),
        (
            "meta",
            object(vec![
                ("received", json!({"type": "string", "enum": ["recorded", "before", "ignored"]})),
                ("adjusted", list(adjusted)),
            ]),
        ),
    ]);
    taken["properties"]["meta"]["properties"]["ignored"] = said(
        object(vec![("reason", word(&["kind", "name", "another-source", "redacted"])), ("detail", text())]),
        "Why the event was ignored.",
    );
    let only_id = json!({"Request-Id": header("Request-Id")});
    let mut responses = json!({
        "200": {"description": "received, now or earlier", "headers": only_id, "content": {"application/json": {"schema": taken}}},
    });
    for (status, words) in [
        (400, "the body is not an event document"),
        (401, "the source is unknown, or its signature is missing or wrong"),
        (408, "the body did not arrive in time"),
        (413, "the body is too large"),
        (422, "the request breaks a rule"),
        (429, "too many large bodies of this source at once; see Retry-After"),
        (503, "temporarily unavailable; see Retry-After"),
    ] {
        let headers = match status {
            408 => json!({}),
            429 | 503 => json!({"Retry-After": header("Retry-After")}),
            _ => only_id.clone(),
        };
        responses[status.to_string()] = json!({"description": words, "headers": headers, "content": json_of("Errors")});
    }
    json!({"servers": [{"url": "/"}], "post": {
        "operationId": "take-in-a-webhook",
        "summary": "Receives a vendor's signed webhook; responds after the commit.",
        "security": [],
        "parameters": [
            {"name": "source", "in": "path", "required": true, "schema": filled()},
            {"name": "Persona-Signature", "in": "header", "required": true, "schema": filled(),
                "description": "t=<seconds>,v1=<hexadecimal HMAC-SHA256 of '<seconds>.<body>'>; several, separated by \
                    spaces, while a secret is rotated."},
        ],
        "requestBody": {"required": true, "content": {"application/json": {"schema": object(vec![("data", event)])}}},
        "responses": responses,
    }})
}

fn resource_schema() -> Value {
    let mut schema = object(vec![("type", text()), ("id", text()), ("attributes", some(Vec::new()))]);
    for name in ["relationships", "meta"] {
        schema["properties"][name] = some(Vec::new());
    }
    schema
}

fn links_schema() -> Value {
    let address = |sentence: &str| json!({"type": ["string", "null"], "description": sentence});
    object(vec![
        ("prev", address("The relative address of the newer page.")),
        ("next", address("The relative address of the older page.")),
    ])
}

fn document_schema() -> Value {
    let resource = json!({"$ref": "#/components/schemas/Resource"});
    let mut schema = object(vec![("data", json!({"oneOf": [resource, list(resource.clone())]}))]);
    schema["properties"]["included"] = list(resource);
    schema["properties"]["links"] = json!({"$ref": "#/components/schemas/Links"});
    schema["properties"]["meta"] = some(Vec::new());
    schema
}

fn errors_schema() -> Value {
    let mut item = object(vec![("title", text())]);
    for (name, schema) in
        [("details", text()), ("code", text()), ("source", some(vec![("pointer", text())])), ("meta", some(Vec::new()))]
    {
        item["properties"][name] = schema;
    }
    object(vec![("errors", json!({"type": "array", "minItems": 1, "items": item}))])
}
