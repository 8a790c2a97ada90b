//! Checks Docket against the published contract: finds the contract, and validates responses with its schemas.
//!
//! The contract is in the folder that `DOCKET_CONTRACT` names, by default in `../shared/contract` beside the
//! repository. If it is not available, a test that needs it skips and reports that: see [`Contract::or_skip`].

use std::collections::{BTreeSet, HashMap};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jsonschema::{Draft, Registry, Validator};
use serde_json::{Value, json};

/// The versions published as documents, newest first.
pub const VERSIONS: [&str; 2] = ["2025-12-08", "2023-01-05"];

/// Further versions that are used for validation if their documents are available, newest first.
pub const MORE_VERSIONS: [&str; 5] = ["2025-10-27", "2022-09-01", "2021-07-05", "2021-05-14", "2020-05-18"];

const ADDRESS: &str = "contract:document";
const METHODS: [&str; 7] = ["get", "post", "put", "patch", "delete", "head", "options"];

/// One published version of the contract.
pub struct Contract {
    version: &'static str,
    document: &'static Value,
    registry: Registry<'static>,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

/// One operation of the contract.
#[derive(Clone, Copy)]
pub struct Operation<'a> {
    contract: &'a Contract,
    /// The method in lowercase.
    pub method: &'static str,
    /// The path as the contract spells it, such as `/cases/{case-id}`.
    pub path: &'a str,
    document: &'a Value,
}

impl Contract {
    /// Loads one version, once per process; `None` if the contract is not available.
    ///
    /// # Panics
    /// If the document exists but is not a valid contract.
    pub fn load(version: &str) -> Option<&'static Self> {
        const ALL: usize = VERSIONS.len() + MORE_VERSIONS.len();
        static LOADED: [OnceLock<Option<Contract>>; ALL] = [const { OnceLock::new() }; ALL];
        let (at, version) =
            VERSIONS.into_iter().chain(MORE_VERSIONS).enumerate().find(|(_, known)| *known == version)?;
        LOADED[at].get_or_init(|| Self::read(version)).as_ref()
    }

    /// Loads every version, or skips the test of that name and records the skip.
    ///
    /// The record is a line in the file named by `DOCKET_TEST_SKIPS`, so that a build can count its skips.
    ///
    /// # Panics
    /// If the skip can't be recorded.
    pub fn or_skip(test: &str) -> Vec<&'static Self> {
        let contracts: Vec<_> = VERSIONS.iter().filter_map(|version| Self::load(version)).collect();
        if contracts.len() == VERSIONS.len() {
            return contracts;
        }
        let line = format!("contract: {test} skipped, the published contract is not at hand\n");
        eprint!("{line}");
        if let Some(path) = std::env::var_os("DOCKET_TEST_SKIPS") {
            let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
            file.and_then(|mut file| file.write_all(line.as_bytes())).expect("the skip is recorded");
        }
        vec![]
    }

    fn read(version: &'static str) -> Option<Self> {
        let path = folder().join(format!("persona-openapi-{version}.json"));
        let text = std::fs::read(&path).ok()?;
        let mut document = serde_json::from_slice(&text).expect("the contract is JSON");
        let_kinds_overlap(&mut document);
        Some(Self::of(version, document))
    }

    /// A description to validate with: the contract's or Docket's own. It is kept until the process ends.
    ///
    /// # Panics
    /// If it is not a document of schemas.
    pub fn of(version: &'static str, document: Value) -> Self {
        let document: &'static Value = Box::leak(Box::new(document));
        let registry = Registry::new()
            .draft(Draft::Draft202012)
            .add(ADDRESS, document)
            .and_then(jsonschema::RegistryBuilder::prepare)
            .expect("the contract is a document of schemas");
        Self { version, document, registry, validators: Mutex::default() }
    }

    /// The date of this version.
    pub const fn version(&self) -> &'static str {
        self.version
    }

    /// Finds an operation by its path as the contract spells it, or by an actual path.
    ///
    /// `/api/v1` and a query string are removed; if several paths match, the one with fewer parameters is used.
    pub fn operation(&self, method: &str, path: &str) -> Option<Operation<'_>> {
        let method = METHODS.into_iter().find(|known| known.eq_ignore_ascii_case(method))?;
        let path = path.split('?').next().unwrap_or_default();
        let path = path.strip_prefix("/api/v1").unwrap_or(path);
        let paths = self.document["paths"].as_object()?;
        let fitting = paths.iter().filter(|(known, item)| fits(known, path) && item.get(method).is_some());
        let (path, item) = fitting.min_by_key(|(known, _)| known.matches('{').count())?;
        Some(Operation { contract: self, method, path, document: item.get(method)? })
    }

    /// Every operation of the contract.
    pub fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        let paths = self.document["paths"].as_object().into_iter().flatten();
        paths.flat_map(move |(path, item)| {
            METHODS.into_iter().filter_map(move |method| {
                let document = item.get(method)?;
                Some(Operation { contract: self, method, path, document })
            })
        })
    }

    /// The names of every webhook, such as `inquiry.completed`.
    pub fn webhooks(&self) -> impl Iterator<Item = &str> {
        self.document["webhooks"].as_object().into_iter().flatten().map(|(name, _)| name.as_str())
    }

    /// Lists all deviations of a response from the contract; empty if it conforms.
    pub fn validate_response(
        &self,
        method: &str,
        path: &str,
        status: u16,
        content_type: &str,
        body: &Value,
    ) -> Vec<String> {
        let Some(operation) = self.operation(method, path) else {
            return vec![format!("{method} {path} is not in the contract of {}", self.version)];
        };
        let Some((pointer, response)) = operation.response(status) else {
            return vec![format!("{method} {path} has no answer {status} in the contract of {}", self.version)];
        };
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        if response["content"][media_type].get("schema").is_none() {
            return vec![format!("{method} {path} {status} does not answer in '{media_type}'")];
        }
        self.validate(&format!("{pointer}/content/{}/schema", escape(media_type)), body)
    }

    /// Lists all deviations of a request body from the contract.
    pub fn validate_request(&self, method: &str, path: &str, body: &Value) -> Vec<String> {
        let Some(operation) = self.operation(method, path) else {
            return vec![format!("{method} {path} is not in the contract of {}", self.version)];
        };
        let at = format!("{}/requestBody", operation.pointer());
        let (at, request) = self.follow(at, &operation.document["requestBody"]);
        if request["content"]["application/json"].get("schema").is_none() {
            return vec![format!("{method} {path} takes no JSON body")];
        }
        self.validate(&format!("{at}/content/application~1json/schema"), body)
    }

    /// Lists all deviations of a webhook's body from the contract.
    pub fn validate_webhook(&self, event: &str, body: &Value) -> Vec<String> {
        if self.document["webhooks"].get(event).is_none() {
            return vec![format!("there is no webhook '{event}' in the contract of {}", self.version)];
        }
        self.validate(&format!("/webhooks/{}/post/requestBody/content/application~1json/schema", escape(event)), body)
    }

    /// Lists all deviations of one object from a schema such as `case` or `user`.
    pub fn validate_schema(&self, name: &str, value: &Value) -> Vec<String> {
        if self.document["components"]["schemas"].get(name).is_none() {
            return vec![format!("there is no schema '{name}' in the contract of {}", self.version)];
        }
        self.validate(&format!("/components/schemas/{}", escape(name)), value)
    }

    /// The contract's own example of an operation's response, if it has one.
    pub fn example(&self, method: &str, path: &str, status: u16) -> Option<&Value> {
        let (_, response) = self.operation(method, path)?.response(status)?;
        self.first_example(&response["content"]["application/json"])
    }

    /// The contract's own example of an operation's request body, if it has one.
    pub fn request_example(&self, method: &str, path: &str) -> Option<&Value> {
        let operation = self.operation(method, path)?;
        let (_, request) = self.follow(String::new(), operation.document.get("requestBody")?);
        self.first_example(&request["content"]["application/json"])
    }

    /// The contract's own example of a webhook's body, such as `inquiry.completed`.
    pub fn webhook_example(&self, event: &str) -> Option<&Value> {
        let post = self.document["webhooks"].get(event)?.get("post")?;
        self.first_example(&post["requestBody"]["content"]["application/json"])
    }

    fn first_example<'a>(&'a self, content: &'a Value) -> Option<&'a Value> {
        if let Some(example) = content.get("example") {
            return Some(example);
        }
        let (_, example) = self.follow(String::new(), content.get("examples")?.as_object()?.values().next()?);
        example.get("value")
    }

    /// Follows a reference, if `thing` is one; returns the final pointer and value.
    fn follow<'a>(&'a self, pointer: String, thing: &'a Value) -> (String, &'a Value) {
        let target = thing.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
        match target.and_then(|target| Some((target, self.document.pointer(target)?))) {
            Some((target, thing)) => self.follow(target.to_owned(), thing),
            None => (pointer, thing),
        }
    }

    /// The members of a schema, including those of its parts.
    fn properties<'a>(&'a self, schema: &'a Value) -> Vec<(&'a str, &'a Value)> {
        let (_, schema) = self.follow(String::new(), schema);
        let own = schema["properties"].as_object().into_iter().flatten().map(|(name, member)| (name.as_str(), member));
        let parts = ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|name| schema[name].as_array()).flatten();
        own.chain(parts.flat_map(|part| self.properties(part))).collect()
    }

    fn validate(&self, pointer: &str, value: &Value) -> Vec<String> {
        let validator = self.validator(pointer);
        validator.iter_errors(value).map(|error| format!("{}: {}", error.instance_path(), error.masked())).collect()
    }

    /// Compiles the schema at a pointer on first use: a process validates few of the contract's operations.
    fn validator(&self, pointer: &str) -> Arc<Validator> {
        let mut validators = self.validators.lock().unwrap_or_else(PoisonError::into_inner);
        let compile = || {
            let schema = json!({ "$ref": format!("{ADDRESS}#{}", escape_fragment(pointer)) });
            let options = jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true);
            Arc::new(options.with_registry(&self.registry).build(&schema).expect("the contract's schema compiles"))
        };
        validators.entry(pointer.to_owned()).or_insert_with(compile).clone()
    }
}

impl<'a> Operation<'a> {
    /// The statuses the contract documents, with `default` left out.
    pub fn statuses(&self) -> Vec<u16> {
        let responses = self.document["responses"].as_object().into_iter().flatten();
        responses.filter_map(|(status, _)| status.parse().ok()).collect()
    }

    /// The names of the headers of a response, in the contract's order.
    pub fn headers(&self, status: u16) -> Vec<&'a str> {
        let headers = self.response(status).and_then(|(_, response)| response["headers"].as_object());
        headers.into_iter().flatten().map(|(name, _)| name.as_str()).collect()
    }

    /// The group it belongs to, such as `Cases`.
    pub fn group(&self) -> &'a str {
        self.document["tags"][0].as_str().unwrap_or_default()
    }

    /// The parameters of a request: `filter[…]` of its query, `data.attributes.…` and `meta.…` of its body.
    pub fn takes(&self) -> BTreeSet<String> {
        let mut taken = BTreeSet::new();
        for parameter in self.document["parameters"].as_array().into_iter().flatten() {
            let (_, parameter) = self.contract.follow(String::new(), parameter);
            match parameter["name"].as_str() {
                Some("filter") => {
                    let filters = self.contract.properties(&parameter["schema"]);
                    taken.extend(filters.into_iter().map(|(name, _)| format!("filter[{name}]")));
                }
                Some(name) if name.starts_with("filter[") => drop(taken.insert(name.to_owned())),
                _ => {}
            }
        }
        let (_, request) = self.contract.follow(String::new(), &self.document["requestBody"]);
        for (name, part) in self.contract.properties(&request["content"]["application/json"]["schema"]) {
            let (prefix, inner) = match name {
                "data" => {
                    let members = self.contract.properties(part);
                    let attributes = members.into_iter().find(|(name, _)| *name == "attributes");
                    ("data.attributes", attributes.map_or(&Value::Null, |(_, attributes)| attributes))
                }
                "meta" => ("meta", part),
                _ => continue,
            };
            let members = self.contract.properties(inner);
            taken.extend(members.into_iter().map(|(name, _)| format!("{prefix}.{name}")));
        }
        taken
    }

    fn pointer(&self) -> String {
        format!("/paths/{}/{}", escape(self.path), self.method)
    }

    fn response(&self, status: u16) -> Option<(String, &'a Value)> {
        let response = self.document["responses"].get(status.to_string())?;
        Some(self.contract.follow(format!("{}/responses/{status}", self.pointer()), response))
    }
}

fn folder() -> PathBuf {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/contract");
    std::env::var_os("DOCKET_CONTRACT").map_or_else(beside, PathBuf::from)
}

fn fits(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    loop {
        match (template.next(), path.next()) {
            (None, None) => return true,
            (Some(hole), Some(step)) if hole == step || (hole.starts_with('{') && !step.is_empty()) => {}
            _ => return false,
        }
    }
}

fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The contract lists kinds of objects as `oneOf`, and some of them differ only in optional members: an object that
/// matches two such kinds conforms to the contract.
fn let_kinds_overlap(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if let Some(kinds) = members.remove("oneOf") {
                members.insert("anyOf".into(), kinds);
            }
            members.values_mut().for_each(let_kinds_overlap);
        }
        Value::Array(items) => items.iter_mut().for_each(let_kinds_overlap),
        _ => {}
    }
}

/// Escapes a JSON pointer for the fragment of an address; braces of paths are not allowed there.
fn escape_fragment(pointer: &str) -> String {
    pointer.replace('%', "%25").replace('{', "%7B").replace('}', "%7D")
}
