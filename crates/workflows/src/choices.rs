//! The references that give an object of a type, most likely first: the editor offers them for a step's input, and
//! preselects the first.

use docket_events::object_type_of;

use crate::engine::Engine;
use crate::kind::{Attribute, OutputShape, ValueKind};
use crate::reference::TRIGGER;

/// A whole reference that gives an object of the requested type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// From its root: `trigger.cases.open.first`, `create_case`.
    pub path: String,
    /// Its display name: "the inquiry's first open case".
    pub label: String,
    /// The type of the object.
    pub object_type: String,
}

/// The references that give an object of the wanted type (`*` for any) to a step after these steps (id and type), if
/// any of these events starts the run. In this order: the trigger's object itself, objects created by earlier steps
/// (nearest first), objects directly related to the trigger's object, its open case, that of its account, and the rest.
pub fn choices(engine: &Engine, events: &[String], steps: &[(String, String)], wanted: &str) -> Vec<Choice> {
    let trigger = OfTrigger::of(engine, events);
    let mut found = Choices { wanted: ValueKind::of_type(wanted), list: Vec::new() };
    if let (Some(object_type), true) = (trigger.types.first(), trigger.is_one_of(&found.wanted)) {
        found.take(TRIGGER, &trigger.noun, object_type);
    }
    for (id, step_type) in steps.iter().rev() {
        if let Some(OutputShape::Value(ValueKind::Object(object_type))) = output(engine, step_type) {
            found.take(id, &format!("{} of {id}", words(object_type)), object_type);
        }
    }
    for (id, step_type) in steps.iter().rev() {
        let Some(OutputShape::Fields(fields)) = output(engine, step_type) else { continue };
        for (name, kind) in fields {
            if let ValueKind::Object(object_type) = kind {
                found.take(&format!("{id}.{name}"), &format!("{} of {id}", words(name)), object_type);
            }
        }
    }
    trigger.add_to(&mut found);
    found.list
}

fn output<'e>(engine: &'e Engine, step_type: &str) -> Option<&'e OutputShape> {
    engine.catalogue.get(step_type).map(|entry| &entry.shape.output)
}

/// The words for a name in a sentence.
fn words(name: &str) -> String {
    name.split('/').next().unwrap_or_default().replace(['_', '-'], " ")
}

struct Choices {
    wanted: ValueKind,
    list: Vec<Choice>,
}

impl Choices {
    fn take(&mut self, path: &str, label: &str, object_type: &str) {
        let fits = fits(&self.wanted, object_type);
        if fits && self.list.iter().all(|choice| choice.path != path) {
            let (path, object_type) = (path.to_owned(), object_type.to_owned());
            self.list.push(Choice { path, label: format!("the {label}"), object_type });
        }
    }
}

fn fits(wanted: &ValueKind, object_type: &str) -> bool {
    wanted.may_take(&ValueKind::Object(object_type.to_owned()))
}

/// The known attributes of the trigger's object, for all of the events.
struct OfTrigger<'e> {
    types: Vec<&'e str>,
    noun: String,
    has_cases: bool,
    /// Related objects and lists of related objects: name and type.
    related: Vec<(&'static str, String)>,
    lists: Vec<(&'static str, String)>,
    related_with_cases: Vec<&'static str>,
}

impl<'e> OfTrigger<'e> {
    fn of(engine: &Engine, events: &'e [String]) -> Self {
        let mut types: Vec<&str> = events.iter().filter_map(|event| object_type_of(event)).collect();
        types.sort_unstable();
        types.dedup();
        let noun = match types.as_slice() {
            [one] => words(one),
            _ => "trigger's object".to_owned(),
        };
        let is_case = types.iter().all(|object_type| *object_type == "case");
        let has_cases = !is_case && types.iter().all(|object_type| engine.objects.has_cases(object_type));
        let (mut related, mut lists) = (Vec::new(), Vec::new());
        for (name, attribute) in types.first().map(|first| engine.objects.members(first).known).into_iter().flatten() {
            let path = [name.to_owned()];
            if !types.iter().all(|object_type| engine.objects.attribute(object_type, &path) == attribute) {
                continue;
            }
            match attribute {
                Attribute::Known(ValueKind::Object(object_type)) => related.push((name, object_type)),
                Attribute::Known(ValueKind::Array(item)) => {
                    lists.extend(item.object_type().map(|object_type| (name, object_type.to_owned())));
                }
                _ => {}
            }
        }
        let leads = |(_, object_type): &&(&str, String)| object_type != "case" && engine.objects.has_cases(object_type);
        let related_with_cases = related.iter().filter(leads).map(|(name, _)| *name).collect();
        Self { types, noun, has_cases, related, lists, related_with_cases }
    }

    fn is_one_of(&self, wanted: &ValueKind) -> bool {
        self.types.iter().all(|object_type| fits(wanted, object_type))
    }

    fn add_to(&self, found: &mut Choices) {
        let (noun, types) = (&self.noun, &self.types);
        for (name, object_type) in &self.related {
            found.take(&format!("{TRIGGER}.{name}"), &format!("{noun}'s {}", words(name)), object_type);
        }
        if types.is_empty() {
            return;
        }
        for (way, label) in [
            ("cases.open.first", "first open case"),
            ("cases.open.last", "last open case"),
            ("cases.last", "last case"),
        ] {
            if self.has_cases {
                found.take(&format!("{TRIGGER}.{way}"), &format!("{noun}'s {label}"), "case");
            }
            for name in &self.related_with_cases {
                let label = format!("{noun}'s {}'s {label}", words(name));
                found.take(&format!("{TRIGGER}.{name}.{way}"), &label, "case");
            }
        }
        for (name, object_type) in &self.lists {
            let label = format!("{noun}'s first {}", words(object_type));
            found.take(&format!("{TRIGGER}.{name}.first"), &label, object_type);
        }
    }
}
