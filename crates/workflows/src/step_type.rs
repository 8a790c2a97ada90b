//! The contract of a step type, and the catalog of step types. A step type is one file in the steps crate; its form,
//! schema, docs, checks and behavior are derived from that file through this contract.

use std::collections::BTreeMap;

use docket_kernel::{Actor, EnvironmentId, Halt, Moment, Refusal, UnitOfWork, Verb};
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::definition::{ActionAt, Program};
use crate::kind::{InputShape, OutputShape, StepShape, ValueKind};
use crate::problem::{Problem, shown};

/// The availability of a step type in a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Availability {
    /// Available.
    Available,
    /// Available with limits.
    Limited,
    /// Not available.
    Unavailable,
}

/// The availability of a step type in each plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Plans {
    /// The Startup Program.
    pub startup: Availability,
    /// Essential.
    pub essential: Availability,
    /// Growth.
    pub growth: Availability,
    /// Enterprise.
    pub enterprise: Availability,
}

/// The metadata of a step type.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// The key stored in definitions, never renamed: `case.update_status`.
    pub key: &'static str,
    /// The group in *Find Action*: `Case`.
    pub category: &'static str,
    /// The name in *Find Action*: `Update Case Status`.
    pub label: &'static str,
    /// Search words for it.
    pub synonyms: &'static [&'static str],
    /// The source of its file, whose module documentation is its reference page.
    pub source: &'static str,
    /// Its availability in each plan.
    pub plans: Plans,
}

/// The context of a step besides its inputs.
#[derive(Debug)]
pub struct StepContext<'w> {
    /// The unit of work.
    pub work: &'w mut UnitOfWork,
    /// The run as the actor.
    pub actor: &'w Actor,
}

/// The context of a check when a definition is saved or published.
#[derive(Debug)]
pub struct CheckContext<'w, 'p> {
    /// The unit of work, for reading.
    pub work: &'w mut UnitOfWork,
    /// The environment in which the workflow will run.
    pub environment: &'p EnvironmentId,
    /// The definition.
    pub program: &'p Program,
    /// The step to check.
    pub step: ActionAt<'p>,
}

/// What running a step leads to. Nothing else suspends a run.
#[derive(Debug)]
pub enum Outcome<T> {
    /// The step is done and has this output.
    Done(T),
    /// The step waits.
    Wait(Wait),
    /// The step needs a call that leaves the process, which is made after the commit.
    Effect(Effect),
}

/// What a waiting step waits for: one of some events of an object, or a time, whichever comes first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wait {
    /// The id of the object.
    pub object: Option<String>,
    /// The names of its events.
    pub events: Vec<String>,
    /// The time.
    pub until: Option<Moment>,
}

/// A call that leaves the process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// What is called: `http`, `email`.
    pub kind: &'static str,
    /// The request.
    pub request: Value,
}

impl<T> Outcome<T> {
    /// The same outcome with another output.
    pub fn map<U, E>(self, change: impl FnOnce(T) -> Result<U, E>) -> Result<Outcome<U>, E> {
        Ok(match self {
            Self::Done(output) => Outcome::Done(change(output)?),
            Self::Wait(wait) => Outcome::Wait(wait),
            Self::Effect(effect) => Outcome::Effect(effect),
        })
    }
}

/// A step type.
pub trait StepType: Send + Sync + 'static {
    /// Its metadata.
    const ABOUT: About;
    /// Its inputs, after references were resolved. Doc comments are the help text of each field.
    type Config: DeserializeOwned + JsonSchema;
    /// Its output for later steps.
    type Output: Serialize + JsonSchema;

    /// A realistic input, shown in the docs and used by the conformance tests.
    fn example() -> Value;

    /// Runs the step in the engine's own commit. It touches only the unit of work; whatever leaves the process is an effect.
    fn run(context: &mut StepContext<'_>, config: Self::Config) -> Verb<Outcome<Self::Output>>;

    /// Checks what is known before a run and no schema can express, such as a literal status that no template has.
    fn check(context: &mut CheckContext<'_, '_>) -> Verb<Vec<Problem>> {
        let _ = context;
        Ok(Vec::new())
    }
}

type Runner = Box<dyn Fn(&mut StepContext<'_>, Value) -> Verb<Outcome<Value>> + Send + Sync>;
type Checker = Box<dyn Fn(&mut CheckContext<'_, '_>) -> Verb<Vec<Problem>> + Send + Sync>;

/// A step type of the catalog.
pub struct Entry {
    /// Its metadata.
    pub about: About,
    /// The schema of its inputs.
    pub config: Schema,
    /// The schema of its output.
    pub output: Schema,
    /// A realistic input.
    pub example: Value,
    /// Its inputs and output, in the form that definitions are checked against.
    pub shape: StepShape,
    run: Runner,
    check: Checker,
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry").field("key", &self.about.key).finish_non_exhaustive()
    }
}

impl Entry {
    /// The entry of a step type.
    pub fn of<S: StepType>() -> Self {
        let config = schemars::schema_for!(S::Config);
        let output = schemars::schema_for!(S::Output);
        let shape = StepShape { inputs: inputs_of(&config), output: output_of(&output) };
        let run: Runner = Box::new(|context, input| {
            let config = serde_json::from_value::<S::Config>(input).map_err(|error| {
                Refusal::rule("invalid-input", format_args!("the step's inputs can't be used: {error}"))
            })?;
            let outcome = S::run(context, config)?;
            Ok(outcome.map(serde_json::to_value).map_err(Refusal::internal)?)
        });
        Self { about: S::ABOUT, config, output, example: S::example(), shape, run, check: Box::new(S::check) }
    }

    /// Reduces each object among the inputs to its type and id.
    pub(crate) fn name_objects(&self, input: &mut Map<String, Value>) {
        for shape in &self.shape.inputs {
            if let Some(value) = input.get_mut(&shape.name) {
                shape.kind.name_objects(value);
            }
        }
    }

    /// Runs the step with resolved inputs. A null where a value is required is refused, naming the input.
    pub(crate) fn run(&self, context: &mut StepContext<'_>, input: &Map<String, Value>) -> Verb<Outcome<Value>> {
        for shape in self.shape.inputs.iter().filter(|shape| shape.required) {
            if input.get(&shape.name).is_none_or(Value::is_null) {
                let name = &shape.name;
                let sentence = format!("the input '{name}' has no value: what it refers to is missing or null");
                return Err(Refusal::rule("missing-value", sentence).at(format!("/with/{name}")).into());
            }
        }
        for shape in &self.shape.inputs {
            if let Some(misfit) = input.get(&shape.name).and_then(|value| misfit(shape, value)) {
                return Err(misfit.into());
            }
        }
        (self.run)(context, Value::Object(input.clone())).map_err(|halt| match halt {
            Halt::Refused(refusal) => Halt::Refused(self.placed(refusal)),
            missing @ Halt::Missing(_) => missing,
        })
    }

    /// The same step type, but it refuses after its work is done: for tests that only this step is rolled back.
    #[doc(hidden)]
    #[must_use]
    pub fn refusing_after(self) -> Self {
        let run = self.run;
        let run: Runner = Box::new(move |context, input| {
            run(context, input)?;
            Err(Refusal::rule("refused-after", "it refuses after it is done").into())
        });
        Self { run, ..self }
    }

    /// The same step type, which suspends its run once it has done what it does.
    #[doc(hidden)]
    #[must_use]
    pub fn suspending_after(self, outcome: fn() -> Outcome<Value>) -> Self {
        let run = self.run;
        let run: Runner = Box::new(move |context, input| run(context, input).map(|_| outcome()));
        Self { run, ..self }
    }

    /// A verb's refusal points into a request; here it points at the input that it means, or nowhere.
    fn placed(&self, refusal: Refusal) -> Refusal {
        match &refusal.pointer {
            Some(pointer) if pointer.starts_with("/with/") => refusal,
            Some(pointer) => match self.meant_by(pointer) {
                Some(place) => refusal.at(place),
                None => refusal.nowhere(),
            },
            // In a request the path identifies the object of a verb, so a verb that does not find it names no place.
            None if refusal.kind == docket_kernel::RefusalKind::Unknown => match self.subject() {
                Some(input) => refusal.at(format!("/with/{}", input.name)),
                None => refusal,
            },
            None => refusal,
        }
    }

    /// The place in the inputs that corresponds to a pointer into a request: in the input with the same name, or at the
    /// input for the object whose id the request has there. A step may add to the objects in its input, so for a list
    /// the result is the whole input.
    fn meant_by(&self, pointer: &str) -> Option<String> {
        let segments: Vec<&str> = pointer.split('/').collect();
        let inputs = &self.shape.inputs;
        let same = segments.iter().position(|segment| inputs.iter().any(|input| input.name == *segment));
        if let Some(place) = same {
            return Some(format!("/with/{}", segments[place..].join("/")));
        }
        let takes = |input: &&InputShape| segments.iter().any(|segment| is_id_of(segment, &input.kind));
        inputs.iter().find(takes).map(|input| format!("/with/{}", input.name))
    }

    /// The input with the object that the step works on: its only required object.
    fn subject(&self) -> Option<&InputShape> {
        let is_object = |kind: &ValueKind| matches!(kind, ValueKind::Object(_) | ValueKind::AnyObject);
        let mut objects = self.shape.inputs.iter().filter(|input| input.required && is_object(&input.kind));
        objects.next().filter(|_| objects.next().is_none())
    }

    /// Checks what is known about a step before a run.
    pub(crate) fn check(&self, context: &mut CheckContext<'_, '_>) -> Verb<Vec<Problem>> {
        (self.check)(context)
    }

    /// Its reference page, in Markdown: the module documentation of its file.
    pub fn docs(&self) -> String {
        let lines = self.about.source.lines().map_while(|line| line.strip_prefix("//!"));
        lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n")
    }

    /// The names of the inputs with this widget: `case`, `case-status`.
    pub fn inputs_with(&self, widget: &str) -> impl Iterator<Item = &str> {
        properties(&self.config)
            .filter(move |(_, schema)| schema.get("x-widget").and_then(Value::as_str) == Some(widget))
            .map(|(name, _)| name)
    }

    /// The entry in the form of the API.
    pub fn to_json(&self) -> Value {
        let About { key, category, label, synonyms, plans, .. } = self.about;
        json!({
            "name": key, "category": category, "label": label, "synonyms": synonyms, "docs": self.docs(),
            "plans": plans, "config": self.config, "output": self.output, "example": self.example,
        })
    }
}

/// All step types.
#[derive(Debug, Default)]
pub struct Catalogue(BTreeMap<&'static str, Entry>);

impl Catalogue {
    /// The catalog of these entries.
    pub fn new(entries: Vec<Entry>) -> Self {
        Self(entries.into_iter().map(|entry| (entry.about.key, entry)).collect())
    }

    /// The step type with this key.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.0.get(key)
    }

    /// All entries, by key.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.0.values()
    }
}

/// Whether a name in a request is that of the id of an object of a kind, `case-template-id`, or of several ids.
fn is_id_of(name: &str, kind: &ValueKind) -> bool {
    match kind {
        ValueKind::Object(object) => name.strip_suffix("-id") == Some(object),
        ValueKind::AnyObject => name == "object-id",
        ValueKind::Array(item) => name.strip_suffix('s').is_some_and(|name| is_id_of(name, item)),
        _ => false,
    }
}

/// Why a resolved value does not fit an input. Null fits where it is allowed.
fn misfit(shape: &InputShape, value: &Value) -> Option<Refusal> {
    let name = &shape.name;
    if let (ValueKind::Array(item), Value::Array(items)) = (&shape.kind, value) {
        let fits = |value: &Value| (value.is_null() && shape.takes_null_items) || item.admits(value);
        let (place, value) = items.iter().enumerate().find(|(_, value)| !fits(value))?;
        let sentence = if value.is_null() {
            format!("item {place} of the input '{name}' has no value: what it refers to is missing or null")
        } else {
            format!("item {place} of the input '{name}' takes {item}, and {} is not", shown(value))
        };
        return Some(Refusal::rule("invalid-input", sentence).at(format!("/with/{name}/{place}")));
    }
    if value.is_null() || shape.kind.admits(value) {
        return None;
    }
    let sentence = format!("the input '{name}' takes {}, and {} is not", shape.kind, shown(value));
    Some(Refusal::rule("invalid-input", sentence).at(format!("/with/{name}")))
}

fn properties(schema: &Schema) -> impl Iterator<Item = (&str, &Value)> {
    let members = schema.get("properties").and_then(Value::as_object);
    members.into_iter().flatten().map(|(name, schema)| (name.as_str(), schema))
}

fn inputs_of(schema: &Schema) -> Vec<InputShape> {
    let required = schema.get("required").and_then(Value::as_array);
    let is_required = |name: &str| required.is_some_and(|names| names.iter().any(|known| known == name));
    properties(schema)
        .map(|(name, property)| InputShape {
            name: name.to_owned(),
            kind: kind_of(property),
            required: is_required(name),
            takes_null_items: property.get("items").is_some_and(takes_null),
            doc: property.get("description").and_then(Value::as_str).unwrap_or_default().to_owned(),
        })
        .collect()
}

/// Whether a schema allows null.
fn takes_null(schema: &Value) -> bool {
    let is_null = |schema: &Value| schema.get("type").is_some_and(|kind| kind == "null");
    let named =
        schema.get("type").and_then(Value::as_array).is_some_and(|kinds| kinds.iter().any(|kind| kind == "null"));
    named || schema.get("anyOf").and_then(Value::as_array).is_some_and(|any| any.iter().any(is_null))
}

fn output_of(schema: &Schema) -> OutputShape {
    match schema.get("x-object").and_then(Value::as_str) {
        Some("*") => OutputShape::Value(ValueKind::AnyObject),
        Some(kind) => OutputShape::Value(ValueKind::Object(kind.to_owned())),
        None => OutputShape::Fields(properties(schema).map(|(name, p)| (name.to_owned(), kind_of(p))).collect()),
    }
}

/// The kind of value of a schema property. `x-object` names the object type; `*` means any type.
fn kind_of(property: &Value) -> ValueKind {
    match property.get("x-object").and_then(Value::as_str) {
        Some("*") => return ValueKind::AnyObject,
        Some(kind) => return ValueKind::Object(kind.to_owned()),
        None => {}
    }
    let named = match property.get("type") {
        Some(Value::String(name)) => Some(name.as_str()),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).find(|name| *name != "null"),
        _ => None,
    };
    match (named, property.get("format").and_then(Value::as_str)) {
        (Some("string"), Some("date")) => ValueKind::Date,
        (Some("string"), Some("date-time")) => ValueKind::DateTime,
        (Some("string"), _) => ValueKind::Text,
        (Some("integer"), _) => ValueKind::Integer,
        (Some("number"), _) => ValueKind::Number,
        (Some("boolean"), _) => ValueKind::Boolean,
        (Some("array"), _) => ValueKind::Array(Box::new(property.get("items").map_or(ValueKind::Any, kind_of))),
        (Some("object"), _) => ValueKind::Members,
        _ => ValueKind::Any,
    }
}
