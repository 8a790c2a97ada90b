//! Workflow templates: definitions that a user reviews, changes and publishes.

use serde_json::Value;

use crate::read;
use crate::step_type::Catalogue;

/// A definition to start from.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkflowTemplate {
    /// Its id: the name of its file.
    pub id: &'static str,
    /// The display name.
    pub name: String,
    /// The description.
    pub description: String,
    /// The definition.
    pub definition: Value,
}

impl WorkflowTemplate {
    /// Reads a template: a definition with `name` and `description` beside it.
    pub fn read(id: &'static str, text: &str) -> Option<Self> {
        let mut definition = read::yaml(text).ok()?;
        let members = definition.as_object_mut()?;
        let mut take = |member: &str| Some(members.remove(member)?.as_str()?.to_owned());
        let (name, description) = (take("name")?, take("description")?);
        Some(Self { id, name, description, definition })
    }

    /// The definition with other values for the inputs with these widgets; an input without a value is removed.
    pub fn with(&self, catalogue: &Catalogue, values: &[(&str, Option<&str>)]) -> Value {
        let mut definition = self.definition.clone();
        for (widget, value) in values {
            put(&mut definition, catalogue, widget, *value);
        }
        definition
    }

    /// The value of the first input with a widget.
    pub fn named(&self, catalogue: &Catalogue, widget: &str) -> Option<String> {
        named(&self.definition, catalogue, widget)
    }
}

fn steps_of(list: &Value) -> impl Iterator<Item = &Value> {
    list.get("steps").and_then(Value::as_array).into_iter().flatten()
}

fn inputs<'c>(step: &Value, catalogue: &'c Catalogue, widget: &str) -> Vec<&'c str> {
    let entry = step.get("do").and_then(Value::as_str).and_then(|step_type| catalogue.get(step_type));
    entry.map(|entry| entry.inputs_with(widget).collect()).unwrap_or_default()
}

fn named(list: &Value, catalogue: &Catalogue, widget: &str) -> Option<String> {
    steps_of(list).find_map(|step| {
        let own = inputs(step, catalogue, widget).into_iter().find_map(|name| step["with"][name].as_str());
        let routes = step.get("choose").and_then(Value::as_array).into_iter().flatten();
        own.map(ToOwned::to_owned).or_else(|| routes.into_iter().find_map(|route| named(route, catalogue, widget)))
    })
}

fn put(list: &mut Value, catalogue: &Catalogue, widget: &str, value: Option<&str>) {
    for step in list.get_mut("steps").and_then(Value::as_array_mut).into_iter().flatten() {
        for name in inputs(step, catalogue, widget) {
            if let Some(with) = step.get_mut("with").and_then(Value::as_object_mut) {
                match value {
                    Some(value) => drop(with.insert(name.to_owned(), Value::from(value))),
                    None => drop(with.remove(name)),
                }
            }
        }
        for route in step.get_mut("choose").and_then(Value::as_array_mut).into_iter().flatten() {
            put(route, catalogue, widget, value);
        }
    }
}
