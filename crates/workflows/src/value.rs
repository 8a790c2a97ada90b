//! Inputs of steps: literals, references and templates, and their resolution.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::limits::{
    EVALUATION_BYTES_MAX, EVALUATION_STEPS_MAX, INPUT_DEPTH_MAX, RENDERED_BYTES_MAX, RESOLVED_BYTES_MAX,
};
use crate::problem::{At, Problem, Problems, quote};
use crate::reference::{Lookup, Reference, reach};
use crate::template::Template;

/// One value written by an author: a literal, or the place to take it from.
///
/// In JSON: a bare scalar or `{literal: …}` is a literal, `{ref: path}` is a reference, a text with `{{ path }}` in it
/// is a template; other lists and objects contain further inputs.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A literal value.
    Literal(Value),
    /// The value of a reference.
    Ref(Reference),
    /// A text with references in it.
    Template(Template),
    /// A list of inputs.
    Array(Vec<Input>),
    /// An object of inputs.
    Object(BTreeMap<String, Input>),
}

/// Why inputs or a condition have no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unresolved<E> {
    /// The lookup returned an error, passed on unchanged.
    Lookup(E),
    /// A rendered template exceeds [`RENDERED_BYTES_MAX`].
    TemplateTooLong,
    /// The inputs of one step together exceed [`RESOLVED_BYTES_MAX`].
    InputTooLarge,
    /// The conditions of one step evaluated more than [`EVALUATION_STEPS_MAX`] rows and items, or more than
    /// [`EVALUATION_BYTES_MAX`] of values.
    ConditionTooLong,
    /// A condition compares times, and one of the values has the form of a time but is not valid.
    NotATime {
        /// The field of the row.
        field: String,
        /// The value.
        value: String,
    },
}

impl<E> Unresolved<E> {
    /// A stable code, or `None` for the lookup's own error.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Lookup(_) => None,
            Self::TemplateTooLong => Some("template_too_long"),
            Self::InputTooLarge => Some("input_too_large"),
            Self::ConditionTooLong => Some("condition_too_long"),
            Self::NotATime { .. } => Some("not_a_time"),
        }
    }

    /// The exceeded bound and what to do, or `None` for the lookup's own error.
    pub fn sentence(&self) -> Option<String> {
        Some(match self {
            Self::Lookup(_) => return None,
            Self::TemplateTooLong => {
                format!("the text would be longer than {RENDERED_BYTES_MAX} bytes; refer to shorter values")
            }
            Self::InputTooLarge => {
                format!("the values together would have more than {RESOLVED_BYTES_MAX} bytes; refer to smaller ones")
            }
            Self::ConditionTooLong => format!(
                "the conditions would evaluate more than {EVALUATION_STEPS_MAX} rows and items, or more than \
                 {EVALUATION_BYTES_MAX} bytes; compare with shorter lists and smaller values"
            ),
            Self::NotATime { field, value } => not_a_time(field, &quote(value)),
        })
    }

    /// The same without the value: what is said of a workflow, and not of the run that read the value, outlasts a redaction.
    pub fn sentence_without_values(&self) -> Option<String> {
        match self {
            Self::NotATime { field, .. } => Some(not_a_time(field, "its value")),
            other => other.sentence(),
        }
    }
}

fn not_a_time(field: &str, value: &str) -> String {
    format!(
        "{field} is compared as a time, and {value} looks like one but is not valid: dates range from 0001-01-01 to \
         9999-12-31, offsets up to 23:59; correct the value"
    )
}

impl Input {
    /// Reads an input; the paths of problems are relative to this value.
    pub fn parse(value: &Value) -> Result<Self, Vec<Problem>> {
        let mut problems = Problems::default();
        let input = Self::read(value, &At::root(), &mut problems);
        let list = problems.into_list();
        if list.is_empty() { Ok(input) } else { Err(list) }
    }

    /// Reads an input and adds its problems; a broken part becomes null.
    pub(crate) fn read(value: &Value, at: &At<'_>, problems: &mut Problems) -> Self {
        read_nested(value, at, 1, problems)
    }

    /// The value, if it is known without a run: the input contains no reference.
    pub fn constant(&self) -> Option<Value> {
        match self {
            Self::Literal(value) => Some(value.clone()),
            Self::Ref(_) | Self::Template(_) => None,
            Self::Array(items) => items.iter().map(Self::constant).collect::<Option<_>>().map(Value::Array),
            Self::Object(members) => {
                let members = members.iter().map(|(name, input)| Some((name.clone(), input.constant()?)));
                members.collect::<Option<_>>().map(Value::Object)
            }
        }
    }

    /// The reference, if the input is a reference and nothing else; its value keeps its type.
    pub fn lone(&self) -> Option<&Reference> {
        match self {
            Self::Ref(reference) => Some(reference),
            Self::Template(template) => template.lone(),
            _ => None,
        }
    }

    /// Every reference in it, including templates and nested inputs.
    pub fn references(&self) -> Vec<&Reference> {
        match self {
            Self::Literal(_) => Vec::new(),
            Self::Ref(reference) => vec![reference],
            Self::Template(template) => template.references().collect(),
            Self::Array(items) => items.iter().flat_map(Self::references).collect(),
            Self::Object(members) => members.values().flat_map(Self::references).collect(),
        }
    }

    /// Its current value. References without a value are null.
    pub fn resolve<L: Lookup + ?Sized>(&self, lookup: &mut L) -> Result<Value, Unresolved<L::Error>> {
        self.resolve_within(lookup, &mut Room::of(RESOLVED_BYTES_MAX))
    }

    pub(crate) fn resolve_within<L: Lookup + ?Sized>(
        &self,
        lookup: &mut L,
        room: &mut Room,
    ) -> Result<Value, Unresolved<L::Error>> {
        Ok(match self {
            Self::Literal(value) => return room.take(value).map(|()| value.clone()),
            Self::Ref(reference) => room.reach(reference, lookup)?,
            Self::Template(template) => template.render_within(lookup, room)?,
            Self::Array(items) => items
                .iter()
                .map(|item| item.resolve_within(lookup, room))
                .collect::<Result<_, _>>()
                .map(Value::Array)?,
            Self::Object(members) => resolve_members(members, lookup, room).map(Value::Object)?,
        })
    }

    /// The input in its canonical written form.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Literal(value) if stands_bare(value) => value.clone(),
            Self::Literal(value) => json!({"literal": value}),
            Self::Ref(reference) => json!({"ref": reference.to_string()}),
            Self::Template(template) => Value::String(template.to_string()),
            Self::Array(items) => items.iter().map(Self::to_json).collect(),
            Self::Object(members) => members.iter().map(|(name, input)| (name.clone(), input.to_json())).collect(),
        }
    }
}

/// All inputs of a step, resolved together: they share one bound.
pub fn resolve_all<L: Lookup + ?Sized>(
    inputs: &BTreeMap<String, Input>,
    lookup: &mut L,
) -> Result<Map<String, Value>, Unresolved<L::Error>> {
    resolve_all_within(inputs, lookup, RESOLVED_BYTES_MAX)
}

/// Like [`resolve_all`], within fewer bytes.
pub(crate) fn resolve_all_within<L: Lookup + ?Sized>(
    inputs: &BTreeMap<String, Input>,
    lookup: &mut L,
    bytes: usize,
) -> Result<Map<String, Value>, Unresolved<L::Error>> {
    resolve_members(inputs, lookup, &mut Room::of(bytes.min(RESOLVED_BYTES_MAX)))
}

fn resolve_members<L: Lookup + ?Sized>(
    members: &BTreeMap<String, Input>,
    lookup: &mut L,
    room: &mut Room,
) -> Result<Map<String, Value>, Unresolved<L::Error>> {
    members.iter().map(|(name, input)| Ok((name.clone(), input.resolve_within(lookup, room)?))).collect()
}

/// The bytes left for resolved values and the paths to them.
#[derive(Debug)]
pub(crate) struct Room {
    bytes_left: usize,
}

impl Room {
    pub(crate) const fn of(bytes: usize) -> Self {
        Self { bytes_left: bytes }
    }

    /// Subtracts the size of a value.
    pub(crate) fn take<E>(&mut self, value: &Value) -> Result<(), Unresolved<E>> {
        self.take_bytes(weight(value))
    }

    /// The value of a reference; the cost of its path is subtracted too.
    pub(crate) fn reach<L: Lookup + ?Sized>(
        &mut self,
        reference: &Reference,
        lookup: &mut L,
    ) -> Result<Value, Unresolved<L::Error>> {
        let mut work = 0;
        let value = reach(reference, lookup, &mut work).map_err(Unresolved::Lookup)?;
        self.take_bytes(work + weight(&value))?;
        Ok(value)
    }

    fn take_bytes<E>(&mut self, bytes: usize) -> Result<(), Unresolved<E>> {
        self.bytes_left = self.bytes_left.checked_sub(bytes).ok_or(Unresolved::InputTooLarge)?;
        Ok(())
    }
}

/// The approximate size of a value as compact JSON, in bytes.
pub(crate) fn weight(value: &Value) -> usize {
    const SCALAR_BYTES: usize = 4;
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => SCALAR_BYTES,
        Value::String(text) => text.len() + 2,
        Value::Array(items) => 2 + items.iter().map(|item| 1 + weight(item)).sum::<usize>(),
        Value::Object(members) => 2 + members.iter().map(|(key, item)| key.len() + 4 + weight(item)).sum::<usize>(),
    }
}

/// Whether a literal written bare is read back as itself.
fn stands_bare(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.contains("{{"),
        Value::Array(_) | Value::Object(_) => false,
        _ => true,
    }
}

fn read_nested(value: &Value, at: &At<'_>, depth: usize, problems: &mut Problems) -> Input {
    if depth > INPUT_DEPTH_MAX {
        problems.add(at, "too_deep", format!("the value nests deeper than {INPUT_DEPTH_MAX} levels; flatten it"));
        return Input::Literal(Value::Null);
    }
    match value {
        Value::String(text) => read_text(text, at, problems),
        Value::Array(items) => Input::Array(
            items.iter().enumerate().map(|(i, item)| read_nested(item, &at.item(i), depth + 1, problems)).collect(),
        ),
        Value::Object(members) => read_object(members, at, depth, problems),
        scalar => Input::Literal(scalar.clone()),
    }
}

fn read_text(text: &str, at: &At<'_>, problems: &mut Problems) -> Input {
    if !text.contains("{{") {
        return Input::Literal(Value::String(text.to_owned()));
    }
    match Template::parse(text) {
        Ok(template) => match template.plain() {
            Some(plain) => Input::Literal(Value::String(plain.to_owned())),
            None => Input::Template(template),
        },
        Err(message) => {
            problems.add(at, "bad_template", message);
            Input::Literal(Value::Null)
        }
    }
}

fn read_object(members: &Map<String, Value>, at: &At<'_>, depth: usize, problems: &mut Problems) -> Input {
    for word in ["literal", "ref"] {
        let Some(inner) = members.get(word) else { continue };
        if members.len() > 1 {
            let others: Vec<&str> = members.keys().map(String::as_str).filter(|name| *name != word).collect();
            let message = format!(
                "an object with '{word}' has no other members, and this one has {} too; for an object with a member \
                 of that name, write {{literal: …}} around it",
                quote(&others.join(", "))
            );
            problems.add(at, "ambiguous_input", message);
            return Input::Literal(Value::Null);
        }
        return if word == "ref" { read_ref(inner, &at.member(word), problems) } else { Input::Literal(inner.clone()) };
    }
    let read = |(name, inner): (&String, &Value)| {
        let input = read_nested(inner, &at.member(name), depth + 1, problems);
        (name.clone(), input)
    };
    Input::Object(members.iter().map(read).collect())
}

fn read_ref(path: &Value, at: &At<'_>, problems: &mut Problems) -> Input {
    match path.as_str().map(Reference::parse) {
        Some(Ok(reference)) => return Input::Ref(reference),
        Some(Err(message)) => problems.add(at, "bad_reference", message),
        None => problems.add(at, "wrong_type", "a reference is a text such as trigger.fields.name_first; write one"),
    }
    Input::Literal(Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::tests::World;

    fn input(value: &Value) -> Input {
        Input::parse(value).expect("an input")
    }

    #[test]
    fn inputs_resolve_to_values() {
        let mut world =
            World::triggered_by(json!({"type": "inquiry", "id": "inq_1", "fields": {"name": "Ada", "n": 3}}));

        for (written, value) in [
            (json!("Pending"), json!("Pending")),
            (json!(null), json!(null)),
            (json!({"literal": "{{not.a.ref}}"}), json!("{{not.a.ref}}")),
            (json!({"literal": {"ref": "trigger"}}), json!({"ref": "trigger"})),
            (json!({"ref": "trigger.fields.n"}), json!(3)),
            (json!("{{trigger.fields.n}}"), json!(3)),
            (json!("\\{{x}}"), json!("{{x}}")),
            (json!([{"ref": "trigger.id"}, "b", 1]), json!(["inq_1", "b", 1])),
            (
                json!({"name": {"ref": "trigger.fields.name"}, "deep": {"list": ["{{trigger.id}}!"]}}),
                json!({"name": "Ada", "deep": {"list": ["inq_1!"]}}),
            ),
            (json!({"ref": "trigger"}), json!({"type": "inquiry", "id": "inq_1", "fields": {"name": "Ada", "n": 3}})),
            (json!({}), json!({})),
            (json!([]), json!([])),
            (json!(9_007_199_254_740_993_i64), json!(9_007_199_254_740_993_i64)),
        ] {
            assert_eq!(input(&written).resolve(&mut world).expect("resolved"), value, "{written}");
        }
    }

    #[test]
    fn an_input_is_written_as_it_is_read() {
        for written in [
            json!("a"),
            json!("\\{{x}}"),
            json!("x {{a.b}}"),
            json!("{{a}}"),
            json!({"literal": [1]}),
            json!({"literal": {"ref": "a"}}),
            json!({"ref": "a.b"}),
            json!([1, {"ref": "a"}, ["b"]]),
            json!({"b": 1, "a": {"c": null}}),
        ] {
            let read = input(&written);

            assert_eq!(input(&read.to_json()), read, "{written}");
        }
    }

    #[test]
    fn broken_inputs_are_listed_each_with_its_place() {
        let written = json!({
            "a": [{"ref": "x y"}], "b": "{{", "c": {"ref": 1}, "d": {"ref": "x", "more": 1}, "e": {"literal": 1, "x": 2}
        });

        let problems = Input::parse(&written).expect_err("broken");

        let found: Vec<_> = problems.iter().map(|p| (p.path.as_str(), p.code)).collect();
        assert_eq!(
            found,
            [
                ("a[0].ref", "bad_reference"),
                ("b", "bad_template"),
                ("c.ref", "wrong_type"),
                ("d", "ambiguous_input"),
                ("e", "ambiguous_input")
            ]
        );
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |levels: usize| (1..levels).fold(json!(1), |inner, _| json!([inner]));

        assert!(Input::parse(&nested(INPUT_DEPTH_MAX)).is_ok());
        assert_eq!(Input::parse(&nested(INPUT_DEPTH_MAX + 1)).expect_err("too deep")[0].code, "too_deep");
    }

    #[test]
    fn a_small_definition_cannot_resolve_to_much() {
        let mut world = World::triggered_by(json!({"long": "x".repeat(100_000)}));
        let inputs = |count: usize| {
            BTreeMap::from([("a".to_owned(), Input::Array(vec![input(&json!({"ref": "trigger.long"})); count]))])
        };

        assert!(resolve_all(&inputs(10), &mut world).is_ok());
        assert_eq!(resolve_all(&inputs(11), &mut world), Err(Unresolved::InputTooLarge));
    }

    #[test]
    fn a_constant_is_known_without_a_run() {
        assert_eq!(input(&json!({"a": [1, {"literal": "b"}]})).constant(), Some(json!({"a": [1, "b"]})));
        assert_eq!(input(&json!({"a": [{"ref": "x"}]})).constant(), None);
        assert_eq!(input(&json!([{"ref": "x"}, "{{y}} {{z}}"])).references().len(), 3);
    }
}
