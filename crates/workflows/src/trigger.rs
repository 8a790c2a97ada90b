//! Triggers: how a run is started, and with which parameters.

use std::borrow::Cow;
use std::convert::Infallible;

use docket_events::Origin;
use docket_kernel::{is_blank, same_name};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::condition::{Condition, Evaluated};
use crate::kind::ValueKind;
use crate::names;
use crate::problem::{At, Problem, Problems, quote, shown};
use crate::reference::{CaseListed, Lookup, Root, TRIGGER};
use crate::value::Unresolved;

/// Types of objects that Docket records events about itself and that a vendor may have too.
const DOCKETS_OWN: [&str; 6] = ["case", "case-comment", "case-template", "workflow", "workflow-run", "user"];

/// The trigger of a workflow.
#[derive(Debug, Clone, PartialEq)]
pub struct Trigger {
    /// Events, or an API call.
    pub on: On,
    /// The allowed origins of events (`origin`); if empty, the default rule of [`Trigger::takes_from`] applies.
    pub origin: Vec<EventOrigin>,
    /// The condition on the event's object (`where`); `None` means always.
    pub criteria: Option<Condition>,
    /// Whether a run may start another one of the same workflow in its own chain of causes.
    pub allow_reentry: bool,
}

/// The kinds of triggers.
#[derive(Debug, Clone, PartialEq)]
pub enum On {
    /// Any of these events.
    Events(Vec<String>),
    /// A call of the API with these parameters.
    Api(Vec<Parameter>),
}

/// The origin of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventOrigin {
    /// Docket recorded it.
    Docket,
    /// Docket recorded what a person did.
    People,
    /// Docket recorded what a program did with an API key.
    ApiKeys,
    /// Docket recorded what a run of a workflow did.
    Workflows,
    /// Any source reported it.
    AnySource,
    /// This source reported it, by its name or its id.
    Source(String),
}

impl EventOrigin {
    /// The prefix before a source's name or id.
    pub const SOURCE: &'static str = "source:";

    /// Reads an origin as written in a definition.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "docket" => Some(Self::Docket),
            "people" => Some(Self::People),
            "api-keys" => Some(Self::ApiKeys),
            "workflows" => Some(Self::Workflows),
            "sources" => Some(Self::AnySource),
            other => {
                let name = other.strip_prefix(Self::SOURCE)?.trim();
                (!name.is_empty()).then(|| Self::Source(name.to_owned()))
            }
        }
    }

    /// The origin as written in a definition.
    pub fn written(&self) -> String {
        match self {
            Self::Docket => "docket".to_owned(),
            Self::People => "people".to_owned(),
            Self::ApiKeys => "api-keys".to_owned(),
            Self::Workflows => "workflows".to_owned(),
            Self::AnySource => "sources".to_owned(),
            Self::Source(name) => format!("{}{name}", Self::SOURCE),
        }
    }

    fn is(&self, origin: Origin<'_>) -> bool {
        match (self, origin) {
            (Self::Docket, Origin::Docket { .. }) | (Self::AnySource, Origin::Source { .. }) => true,
            (Self::People, Origin::Docket { actor }) => actor == "user",
            (Self::ApiKeys, Origin::Docket { actor }) => actor == "api-key",
            (Self::Workflows, Origin::Docket { actor }) => actor == "workflow-run",
            (Self::Source(named), Origin::Source { id, name }) => {
                named == id || name.is_some_and(|name| same_name(name, named))
            }
            _ => false,
        }
    }
}

/// A parameter of an API trigger; its value is read at `trigger.fields.<name>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name, in the casing references should use.
    pub name: String,
    /// The kind of value it takes.
    pub kind: ParameterKind,
    /// Whether a call without it, or with null, is refused.
    pub required: bool,
    /// Its label in forms.
    pub label: Option<String>,
    /// Its help text.
    pub description: Option<String>,
}

/// The kind of value a parameter takes. Serializes as the word written in a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "each is the word for itself")]
pub enum ParameterKind {
    String,
    Number,
    Integer,
    Boolean,
    Date,
    DateTime,
    Array,
    Object,
    Json,
    Any,
}

impl ParameterKind {
    /// Every kind with its word.
    pub const ALL: [(&'static str, Self); 10] = [
        ("string", Self::String),
        ("number", Self::Number),
        ("integer", Self::Integer),
        ("boolean", Self::Boolean),
        ("date", Self::Date),
        ("datetime", Self::DateTime),
        ("array", Self::Array),
        ("object", Self::Object),
        ("json", Self::Json),
        ("any", Self::Any),
    ];

    /// The kind of its values.
    pub fn kind(self) -> ValueKind {
        match self {
            Self::String => ValueKind::Text,
            Self::Number => ValueKind::Number,
            Self::Integer => ValueKind::Integer,
            Self::Boolean => ValueKind::Boolean,
            Self::Date => ValueKind::Date,
            Self::DateTime => ValueKind::DateTime,
            Self::Array => ValueKind::Array(Box::new(ValueKind::Any)),
            Self::Object => ValueKind::Members,
            Self::Json => ValueKind::Json,
            Self::Any => ValueKind::Any,
        }
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("any", |(word, _)| word)
    }
}

impl Trigger {
    /// Whether an event with this name may start a run, regardless of its object.
    pub fn listens_to(&self, event_name: &str) -> bool {
        matches!(&self.on, On::Events(names) if names.iter().any(|name| name == event_name))
    }

    /// Whether an event of this origin may start a run. A trigger without origins accepts events from anywhere, except
    /// for types that Docket records itself, such as cases. Of these it accepts only Docket's own events; events that a
    /// source reports about cases in a vendor's system are accepted only if the trigger names that origin.
    pub fn takes_from(&self, origin: Origin<'_>, object_type: &str) -> bool {
        if self.origin.is_empty() {
            let family = object_type.split('/').next().unwrap_or_default();
            return matches!(origin, Origin::Docket { .. }) || !DOCKETS_OWN.contains(&family);
        }
        self.origin.iter().any(|from| from.is(origin))
    }

    /// The parameters of an API trigger, or `None` if the API cannot start a run.
    pub fn api(&self) -> Option<&[Parameter]> {
        match &self.on {
            On::Api(parameters) => Some(parameters),
            On::Events(_) => None,
        }
    }

    /// The trigger in its canonical written form.
    pub fn to_json(&self) -> Value {
        let mut written = Map::new();
        match &self.on {
            On::Events(names) => {
                written.insert("on".into(), json!(names));
                if !self.origin.is_empty() {
                    written.insert("origin".into(), self.origin.iter().map(EventOrigin::written).collect());
                }
            }
            On::Api(parameters) => {
                written.insert("on".into(), json!(["api"]));
                written.insert("parameters".into(), parameters.iter().map(Parameter::to_json).collect());
            }
        }
        if let Some(criteria) = &self.criteria {
            written.insert("where".into(), criteria.to_json());
        }
        if self.allow_reentry {
            written.insert("allow_reentry".into(), Value::Bool(true));
        }
        Value::Object(written)
    }
}

impl Parameter {
    fn to_json(&self) -> Value {
        let mut written =
            Map::from_iter([("name".to_owned(), json!(self.name)), ("type".to_owned(), json!(self.kind))]);
        if self.required {
            written.insert("required".into(), Value::Bool(true));
        }
        for (name, text) in [("label", &self.label), ("description", &self.description)] {
            if let Some(text) = text {
                written.insert(name.into(), json!(text));
            }
        }
        Value::Object(written)
    }
}

/// Whether an event starts a run, and the values on which this was decided.
///
/// `trigger.…` reads the event's frozen reference tree; related objects are read from `lookup`, whose roots are not
/// used (see [`Frozen`] for a lookup without objects). An event that the trigger does not listen to starts nothing.
pub fn starts<L: Lookup + ?Sized>(
    trigger: &Trigger,
    event_name: &str,
    tree: &Value,
    lookup: &mut L,
) -> Result<Evaluated, Unresolved<L::Error>> {
    if !trigger.listens_to(event_name) {
        return Ok(Evaluated::without_rows(false));
    }
    match &trigger.criteria {
        Some(criteria) => criteria.evaluate(&mut OfEvent { tree, lookup }),
        None => Ok(Evaluated::without_rows(true)),
    }
}

/// The event's tree as the only root, combined with the objects of another lookup.
pub(crate) struct OfEvent<'a, L: ?Sized> {
    pub(crate) tree: &'a Value,
    pub(crate) lookup: &'a mut L,
}

impl<L: Lookup + ?Sized> Lookup for OfEvent<'_, L> {
    type Error = L::Error;

    fn root(&mut self, name: &str) -> Result<Root<'_>, L::Error> {
        Ok(if name == TRIGGER { Root::Value(Cow::Borrowed(self.tree)) } else { Root::Unknown })
    }

    fn object(&mut self, kind: &str, id: &str) -> Result<Option<Cow<'_, Value>>, L::Error> {
        self.lookup.object(kind, id)
    }

    fn cases(&mut self, kind: &str, id: &str) -> Result<Option<Vec<CaseListed>>, L::Error> {
        self.lookup.cases(kind, id)
    }

    fn is_same_status(&mut self, template: &str, one: &str, other: &str) -> Result<bool, L::Error> {
        self.lookup.is_same_status(template, one, other)
    }
}

/// An empty lookup: for conditions that read only the event.
#[derive(Debug, Clone, Copy, Default)]
pub struct Frozen;

impl Lookup for Frozen {
    type Error = Infallible;

    fn root(&mut self, _: &str) -> Result<Root<'_>, Infallible> {
        Ok(Root::Unknown)
    }

    fn object(&mut self, _: &str, _: &str) -> Result<Option<Cow<'_, Value>>, Infallible> {
        Ok(None)
    }
}

/// The values of a call's parameters under their declared names, or all problems of them.
///
/// Names match in any casing. Absent optional parameters stay absent. The problems' pointers are under
/// `/data/attributes/fields`, their codes `not_api_triggered`, `missing`, `unknown_parameter`, `duplicate_parameter` and
/// `wrong_type`.
pub fn parameters(trigger: &Trigger, given: &Map<String, Value>) -> Result<Map<String, Value>, Vec<Problem>> {
    let fields = At::base("fields", "/data/attributes/fields");
    let Some(declared) = trigger.api() else {
        let message = "this workflow has no api trigger; its events start it";
        return Err(vec![fields.problem("not_api_triggered", message)]);
    };
    let mut values = Map::new();
    let mut problems = Problems::default();
    for (name, value) in given {
        if problems.is_full() {
            break;
        }
        let at = fields.member(name);
        match declared.iter().find(|parameter| names::same(&parameter.name, name)) {
            None => problems.add(&at, "unknown_parameter", unknown_parameter(name, declared)),
            Some(parameter) if values.contains_key(&parameter.name) => {
                let message = format!("the parameter '{}' is given twice; give it once", parameter.name);
                problems.add(&at, "duplicate_parameter", message);
            }
            Some(parameter) => {
                values.insert(parameter.name.clone(), value.clone());
                mistyped(parameter, value, &at, &mut problems);
            }
        }
    }
    for parameter in declared.iter().filter(|parameter| parameter.required && !values.contains_key(&parameter.name)) {
        let message = format!("the parameter '{}' is required; give {}", parameter.name, parameter.kind.kind());
        problems.add(&fields.member(&parameter.name), "missing", message);
    }
    let problems = problems.into_list();
    if problems.is_empty() { Ok(values) } else { Err(problems) }
}

fn unknown_parameter(name: &str, declared: &[Parameter]) -> String {
    if declared.is_empty() {
        return format!("{} is not a parameter of this workflow, which takes none; remove it", quote(name));
    }
    let known = names::listed(declared.iter().map(|parameter| parameter.name.as_str()));
    format!("{} is not a parameter of this workflow, which takes {known}; remove or rename it", quote(name))
}

fn mistyped(parameter: &Parameter, value: &Value, at: &At<'_>, problems: &mut Problems) {
    let (name, kind) = (&parameter.name, parameter.kind.kind());
    if value.is_null() && parameter.required {
        problems.add(at, "missing", format!("the parameter '{name}' is required and is null; give {kind}"));
    } else if parameter.required && value.as_str().is_some_and(is_blank) {
        problems.add(at, "missing", format!("the parameter '{name}' is required and is blank; give {kind}"));
    } else if !value.is_null() && !kind.admits(value) {
        let message = format!("the parameter '{name}' takes {kind}, and {} is not; change it", shown(value));
        problems.add(at, "wrong_type", message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::tests::World;

    fn on_events(names: &[&str], criteria: Option<Value>) -> Trigger {
        Trigger {
            on: On::Events(names.iter().map(|name| (*name).to_owned()).collect()),
            criteria: criteria.map(|written| Condition::parse(&written).expect("a condition")),
            origin: Vec::new(),
            allow_reentry: false,
        }
    }

    fn on_api(declared: &[(&str, ParameterKind, bool)]) -> Trigger {
        let parameter = |(name, kind, required): &(&str, ParameterKind, bool)| Parameter {
            name: (*name).to_owned(),
            kind: *kind,
            required: *required,
            label: None,
            description: None,
        };
        Trigger {
            on: On::Api(declared.iter().map(parameter).collect()),
            origin: Vec::new(),
            criteria: None,
            allow_reentry: false,
        }
    }

    fn given(value: &Value) -> Map<String, Value> {
        value.as_object().cloned().expect("an object")
    }

    #[test]
    fn an_event_starts_a_run_when_it_is_listed_and_its_object_fits() {
        let criteria = json!({"field": "trigger.template.id", "is": "equals", "value": "itmpl_1"});
        let trigger = on_events(&["inquiry.completed", "inquiry.failed"], Some(criteria));
        let inquiry = |template: &str| json!({"id": "inq_1", "template": {"type": "inquiry-template", "id": template}});

        for (event, template, expected, rows) in [
            ("inquiry.completed", "itmpl_1", true, 1),
            ("inquiry.failed", "itmpl_1", true, 1),
            ("inquiry.failed", "itmpl_2", false, 1),
            ("inquiry.created", "itmpl_1", false, 0),
            ("api", "itmpl_1", false, 0),
        ] {
            let Ok(outcome) = starts(&trigger, event, &inquiry(template), &mut Frozen) else { panic!("{event}") };
            assert_eq!((outcome.holds, outcome.rows.len()), (expected, rows), "{event} {template}");
        }
        let always = starts(&on_events(&["a.b"], None), "a.b", &json!({}), &mut Frozen);
        assert_eq!(always, Ok(Evaluated::without_rows(true)));
        assert_eq!(starts(&on_api(&[]), "api", &json!({}), &mut Frozen), Ok(Evaluated::without_rows(false)));
    }

    #[test]
    fn a_trigger_accepts_events_of_its_origins_and_by_default_no_vendor_cases() {
        let source = Origin::Source { id: "src_1", name: Some("Lumen") };
        let docket = Origin::Docket { actor: "user" };
        for (asked, object_type, from_docket, from_source) in [
            (&[][..], "inquiry", true, true),
            (&[], "case", true, false),
            (&["docket"], "inquiry", true, false),
            (&["sources"], "inquiry", false, true),
            (&["sources"], "case", false, true),
            (&["source:lumen"], "case", false, true),
            (&["source:src_1"], "inquiry", false, true),
            (&["source:Other"], "inquiry", false, false),
            (&["docket", "source:Other"], "case", true, false),
            (&["people"], "case", true, false),
            (&["api-keys", "sources"], "case", false, true),
        ] {
            let mut trigger = on_events(&["a.b"], None);
            trigger.origin = asked.iter().map(|text| EventOrigin::parse(text).expect("an origin")).collect();

            let takes = |origin| trigger.takes_from(origin, object_type);
            assert_eq!((takes(docket), takes(source)), (from_docket, from_source), "{asked:?} {object_type}");
        }
    }

    #[test]
    fn a_trigger_tells_people_from_programs_and_from_workflows() {
        for (asked, taken) in [
            ("people", &["user"][..]),
            ("api-keys", &["api-key"]),
            ("workflows", &["workflow-run"]),
            ("docket", &["user", "api-key", "workflow-run", "case-assignment-policy", "system"]),
            ("sources", &[]),
        ] {
            let mut trigger = on_events(&["a.b"], None);
            trigger.origin = EventOrigin::parse(asked).into_iter().collect();

            for actor in ["user", "api-key", "workflow-run", "case-assignment-policy", "system"] {
                let takes = trigger.takes_from(Origin::Docket { actor }, "case");
                assert_eq!(takes, taken.contains(&actor), "{asked} of {actor}");
            }
            assert_eq!(trigger.origin[0].written(), asked);
        }
    }

    #[test]
    fn criteria_read_the_events_tree_and_related_objects_live() {
        let criteria = json!({"field": "trigger.account.tier", "is": "equals", "value": "gold"});
        let trigger = on_events(&["inquiry.completed"], Some(criteria));
        let tree = json!({"account": {"type": "account", "id": "act_1"}});
        let mut world = World::triggered_by(json!("another tree")).holding("account act_1", json!({"tier": "gold"}));

        let outcome = starts(&trigger, "inquiry.completed", &tree, &mut world).expect("evaluated");

        assert!(outcome.holds);
    }

    #[test]
    fn parameters_match_in_any_casing_and_keep_their_declared_names() {
        let trigger = on_api(&[
            ("address_street_1", ParameterKind::String, true),
            ("isVip", ParameterKind::Boolean, false),
            ("amount", ParameterKind::Number, false),
        ]);

        let values = parameters(&trigger, &given(&json!({"addressStreet1": "Kirkegata", "is-vip": false})));

        assert_eq!(values, Ok(given(&json!({"address_street_1": "Kirkegata", "isVip": false}))));
    }

    #[test]
    fn every_problem_with_parameters_is_listed_with_its_pointer() {
        let trigger = on_api(&[
            ("name", ParameterKind::String, true),
            ("born", ParameterKind::Date, true),
            ("age", ParameterKind::Integer, false),
            ("note", ParameterKind::String, true),
        ]);

        let problems =
            parameters(&trigger, &given(&json!({"name": 1, "Name": "twice", "age": 1.5, "note": null, "a/b": 1})));

        let problems = problems.expect_err("refused");
        let found: Vec<_> = problems.iter().map(|p| (p.pointer.as_str(), p.code)).collect();
        assert_eq!(
            found,
            [
                ("/data/attributes/fields/name", "wrong_type"),
                ("/data/attributes/fields/Name", "duplicate_parameter"),
                ("/data/attributes/fields/age", "wrong_type"),
                ("/data/attributes/fields/note", "missing"),
                ("/data/attributes/fields/a~1b", "unknown_parameter"),
                ("/data/attributes/fields/born", "missing"),
            ]
        );
    }

    #[test]
    fn every_type_takes_its_values_and_no_others() {
        for (word, takes, refuses) in [
            ("string", json!("a"), json!(1)),
            ("number", json!(1.5), json!("1")),
            ("integer", json!(u64::MAX), json!(0.5)),
            ("boolean", json!(false), json!("false")),
            ("date", json!("2024-05-01"), json!("01.05.2024")),
            ("datetime", json!("2024-05-01T00:00:00Z"), json!("2024-05-01")),
            ("array", json!([1, "a"]), json!({})),
            ("object", json!({"a": 1}), json!([])),
            ("json", json!({"a": 1}), json!(null)),
            ("any", json!("x"), json!(null)),
        ] {
            let kind: ParameterKind = serde_json::from_value(json!(word)).expect(word);
            let trigger = on_api(&[("x", kind, true)]);

            assert_eq!(kind.word(), word);
            assert!(parameters(&trigger, &given(&json!({"x": takes}))).is_ok(), "{word} {takes}");
            assert!(parameters(&trigger, &given(&json!({"x": refuses}))).is_err(), "{word} {refuses}");
        }
    }

    #[test]
    fn an_optional_parameter_may_be_null_or_absent() {
        let trigger = on_api(&[("x", ParameterKind::Integer, false)]);

        assert_eq!(parameters(&trigger, &Map::new()), Ok(Map::new()));
        assert_eq!(parameters(&trigger, &given(&json!({"x": null}))), Ok(given(&json!({"x": null}))));
    }

    #[test]
    fn a_call_with_a_thousand_problems_gets_the_first_500() {
        let many = (0..1_000).map(|n| (format!("p{n}"), json!(n))).collect();

        let problems = parameters(&on_api(&[]), &many).expect_err("refused");

        assert_eq!(problems.len(), crate::limits::PROBLEMS_MAX + 1);
    }

    #[test]
    fn a_workflow_started_by_events_takes_no_parameters() {
        let problems = parameters(&on_events(&["a.b"], None), &Map::new()).expect_err("refused");

        assert_eq!(problems[0].code, "not_api_triggered");
    }
}
