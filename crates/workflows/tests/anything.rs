//! Properties of any text, any tree and any valid definition, tested with many generated ones.

use std::borrow::Cow;
use std::convert::Infallible;

use docket_workflows::condition::Condition;
use docket_workflows::definition::{Program, parse};
use docket_workflows::kind::{Attribute, DefinitionContext, InputShape, OutputShape, StepShape, ValueKind};
use docket_workflows::operator::{OPERATORS, Operator};
use docket_workflows::read;
use docket_workflows::reference::{Lookup, Root};
use docket_workflows::template::Template;
use docket_workflows::validate::check;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Map, Value, json};

/// An environment with one step type and two events, in which nothing else is certain.
struct Somewhere(StepShape);

fn somewhere() -> Somewhere {
    let input = |name: &str, kind, required| InputShape {
        name: name.into(),
        kind,
        required,
        takes_null_items: false,
        doc: String::new(),
    };
    let inputs = vec![
        input("object", ValueKind::AnyObject, true),
        input("tags", ValueKind::Array(Box::new(ValueKind::Text)), true),
        input("n", ValueKind::Integer, false),
    ];
    Somewhere(StepShape { inputs, output: OutputShape::Value(ValueKind::Object("case".into())) })
}

impl DefinitionContext for Somewhere {
    fn step(&self, step_type: &str) -> Option<&StepShape> {
        (step_type == "object.tag").then_some(&self.0)
    }

    fn step_types(&self) -> Vec<&str> {
        vec!["object.tag"]
    }

    fn event(&self, name: &str) -> Option<&str> {
        self.events().contains(&name).then_some("case")
    }

    fn events(&self) -> Vec<&str> {
        vec!["case.created", "case.resolved"]
    }

    fn attribute(&self, _: &str, path: &[String]) -> Attribute {
        match path[0].as_str() {
            "status" => Attribute::Known(ValueKind::Text),
            "created_at" => Attribute::Known(ValueKind::DateTime),
            "tags" => Attribute::Known(ValueKind::Array(Box::new(ValueKind::Text))),
            "account" => Attribute::Known(ValueKind::Object("account".into())),
            "fields" => Attribute::Open,
            _ => Attribute::Unknown,
        }
    }
}

/// A run in which every root and every object is the same tree.
struct Everywhere(Value);

impl Lookup for Everywhere {
    type Error = Infallible;

    fn root(&mut self, _: &str) -> Result<Root<'_>, Infallible> {
        Ok(Root::Value(Cow::Borrowed(&self.0)))
    }

    fn object(&mut self, _: &str, _: &str) -> Result<Option<Cow<'_, Value>>, Infallible> {
        Ok(Some(Cow::Borrowed(&self.0)))
    }
}

/// Words with a meaning in definitions, so that generated trees resemble real ones.
const WORDS: &[&str] = &[
    "trigger",
    "steps",
    "output",
    "on",
    "where",
    "parameters",
    "allow_reentry",
    "origin",
    "docket",
    "sources",
    "id",
    "name",
    "do",
    "with",
    "choose",
    "label",
    "when",
    "on_error",
    "disabled",
    "all",
    "any",
    "not",
    "field",
    "is",
    "value",
    "ref",
    "literal",
    "type",
    "required",
    "api",
    "case.created",
    "stop",
    "continue",
    "object.tag",
    "object",
    "tags",
    "equals",
    "is_in",
    "before",
    "is_blank",
    "contains",
    "greater_than",
    "trigger.status",
    "trigger.fields.x",
    "{{trigger.id}}",
    "{{",
    "\\{{",
    "s1",
    "error",
    "",
    " ",
    "é",
    "\u{1F575}",
    "2024-05-01",
    "2024-05-01T10:00:00+02:00",
    "NaN",
    "null",
    "no",
    "~",
    "1",
];

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_filter_map("a number JSON holds", |n| serde_json::Number::from_f64(n).map(Value::Number)),
        prop::sample::select(WORDS).prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ]
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![4 => prop::sample::select(WORDS).prop_map(str::to_owned), 1 => ".{0,6}"]
}

fn tree() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(8, 96, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map(key(), inner, 0..6).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn reference() -> impl Strategy<Value = String> {
    let parts = ["status", "fields", "created_at", "tags", "0", "error", "code", "account", "x-y", "größe"];
    (prop::sample::select(vec!["trigger", "s0", "s1", "s2"]), vec(prop::sample::select(parts.to_vec()), 0..4))
        .prop_map(|(root, rest)| std::iter::once(root).chain(rest).collect::<Vec<_>>().join("."))
}

fn template() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        reference().prop_map(|reference| format!("{{{{ {reference} }}}}")),
        prop::sample::select(vec!["\\{{", "{", "}", "}}", "\\", "é", " ", "a\nb", "\"", "'", "#", ": "])
            .prop_map(str::to_owned),
        ".{0,4}",
    ];
    vec(piece, 0..5).prop_map(|pieces| pieces.concat()).prop_filter("a template", |text| Template::parse(text).is_ok())
}

/// Whether a member is named like YAML's merge keys, which a definition may not contain.
fn has_merge_key(tree: &Value) -> bool {
    match tree {
        Value::Array(items) => items.iter().any(has_merge_key),
        Value::Object(members) => members.iter().any(|(name, member)| name == "<<" || has_merge_key(member)),
        _ => false,
    }
}

fn input() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        scalar().prop_filter("no broken template", |v| v.as_str().is_none_or(|text| Template::parse(text).is_ok())),
        reference().prop_map(|reference| json!({"ref": reference})),
        tree().prop_filter("no merge key", |tree| !has_merge_key(tree)).prop_map(|tree| json!({"literal": tree})),
        template().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let name = "[a-z]{1,3}".prop_filter("no word of inputs", |name| name != "ref");
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(name, inner, 0..4).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn condition() -> impl Strategy<Value = Value> {
    let row = (reference(), 0..OPERATORS.len(), input()).prop_map(|(field, operator, value)| {
        let entry = &OPERATORS[operator];
        let mut row = json!({"field": field, "is": entry.name});
        if entry.value.is_needed() {
            row["value"] = value;
        }
        row
    });
    row.prop_recursive(6, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 1..4).prop_map(|parts| json!({"all": parts})),
            vec(inner.clone(), 1..4).prop_map(|parts| json!({"any": parts})),
            inner.prop_map(|part| json!({"not": part})),
        ]
    })
}

/// Steps without ids, which are assigned later.
fn steps() -> impl Strategy<Value = Vec<Value>> {
    let action = (btree_map("[a-z]{1,4}", input(), 0..4), any::<(bool, bool, bool)>()).prop_map(
        |(with, (goes_on, disabled, named))| {
            let mut step = json!({"do": "object.tag", "with": with});
            if goes_on {
                step["on_error"] = json!("continue");
            }
            if disabled {
                step["disabled"] = json!(true);
            }
            if named {
                step["name"] = json!("Étape: \"1\" # no");
            }
            step
        },
    );
    vec(action, 0..4).prop_recursive(4, 40, 4, |inner| {
        let route =
            (condition(), inner.clone()).prop_map(|(when, steps)| json!({"label": "NO", "when": when, "steps": steps}));
        let choose = (vec(route, 1..3), prop::option::of(inner.clone())).prop_map(|(mut routes, otherwise)| {
            routes.extend(otherwise.map(|steps| json!({"label": "Else", "steps": steps})));
            json!({"choose": routes})
        });
        (inner, vec(choose, 0..3)).prop_map(|(before, chooses)| before.into_iter().chain(chooses).collect())
    })
}

fn number(steps: &mut Value, next: &mut usize) {
    for step in steps.as_array_mut().into_iter().flatten() {
        step["id"] = json!(format!("s{next}"));
        *next += 1;
        for route in step.get_mut("choose").and_then(Value::as_array_mut).into_iter().flatten() {
            number(&mut route["steps"], next);
        }
    }
}

fn definition() -> impl Strategy<Value = Value> {
    let trigger = prop_oneof![
        (prop::option::of(condition()), any::<bool>()).prop_map(|(criteria, again)| {
            let mut trigger = json!({"on": ["case.created", "case.resolved"]});
            if let Some(criteria) = criteria {
                trigger["where"] = criteria;
            }
            if again {
                trigger["origin"] = json!(["docket", "source:Lumen"]);
                trigger["allow_reentry"] = json!(true);
            }
            trigger
        }),
        Just(json!({"on": ["api"], "parameters": [{"name": "größe", "type": "number", "label": "yes"}]})),
    ];
    (trigger, steps(), btree_map("[a-z]{1,4}", input(), 0..3)).prop_map(|(trigger, steps, output)| {
        let mut steps = Value::from(steps);
        number(&mut steps, &mut 0);
        json!({"trigger": trigger, "steps": steps, "output": output})
    })
}

/// The same cases at every run; in the long tier twenty times as many, new ones each time.
fn tried() -> ProptestConfig {
    let is_long = std::env::var_os("DOCKET_LONG").is_some();
    ProptestConfig {
        cases: if is_long { 5_120 } else { 256 },
        rng_seed: if is_long { RngSeed::Random } else { RngSeed::Fixed(1) },
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(tried())]

    #[test]
    fn no_text_makes_a_reader_panic(text in ".{0,200}") {
        let _ = (read::json(&text), read::yaml(&text), read::text(&text));
        let _ = Template::parse(&text);
    }

    #[test]
    fn no_yaml_makes_the_reader_panic(lines in vec(prop::sample::select(vec![
        "a: ", "- ", "  ", "&x ", "*x", "{", "}", "[", "]", "|", ">", "'", "\"", "!t ", "---\n", "...\n", "? ", ": ",
        "<<: ", "\n", "#", "%YAML 1.2\n", "~", "1", ".inf", "0o7", "0x", "é", "\u{feff}", "\t",
    ]), 0..40)) {
        let _ = read::text(&lines.concat());
    }

    #[test]
    fn no_tree_makes_the_check_panic_and_a_program_without_problems_is_sound(tree in tree()) {
        let checked = check(&tree, &somewhere());
        let written = checked.program.to_json();
        if parse(&tree).problems.is_empty() {
            prop_assert_eq!(parse(&written).problems, []);
        }
    }

    #[test]
    fn no_tree_under_a_definition_makes_the_check_panic(trigger in tree(), steps in vec(tree(), 0..4), output in tree()) {
        let whole = json!({"trigger": trigger, "steps": steps, "output": output});
        let problems = check(&whole, &somewhere()).problems;
        prop_assert!(problems.iter().all(|p| p.pointer.is_empty() || whole.pointer(&p.pointer).is_some()
            || whole.pointer(p.pointer.rsplit_once('/').map_or("", |(parent, _)| parent)).is_some()
            || p.code == "missing_input"), "{:?}", problems);
    }

    #[test]
    fn what_is_written_is_read_as_the_same_definition(tree in definition()) {
        let parsed = parse(&tree);
        prop_assert_eq!(&parsed.problems, &[]);
        let written = parsed.program.to_json();
        prop_assert_eq!(Program::from_json(&written).expect("sound").to_json(), written.clone());
        prop_assert_eq!(read::json(&written.to_string()).expect("JSON"), written.clone());
        prop_assert_eq!(read::text(&serde_json::to_string_pretty(&written).expect("a text")).expect("a text"), written.clone());
        prop_assert_eq!(read::yaml(&parsed.program.to_yaml()).expect("YAML"), written.clone());
        let _ = check(&written, &somewhere());
    }

    #[test]
    fn a_condition_is_decided_whatever_stands_in_the_world(written in condition(), world in tree()) {
        let condition = Condition::parse(&written).expect("a condition");
        let once = condition.evaluate(&mut Everywhere(world.clone()));
        prop_assert_eq!(&once, &condition.evaluate(&mut Everywhere(world)));
    }

    #[test]
    fn a_row_over_nothing_never_holds_but_for_is_blank(field in reference(), operator in 0..OPERATORS.len(), value in tree()) {
        let entry = &OPERATORS[operator];
        let mut row = json!({"field": field, "is": entry.name});
        if entry.value.is_needed() {
            row["value"] = json!({"literal": value});
        }
        let outcome = Condition::parse(&row).expect("a row").evaluate(&mut Everywhere(Value::Object(Map::new())));
        if field.contains('.') {
            prop_assert_eq!(outcome.expect("decided").holds, entry.operator == Operator::IsBlank);
        }
    }

    #[test]
    fn operators_agree_with_each_other(left in tree(), right in tree()) {
        let answer = |name: &str, left: &Value, right: &Value| {
            Operator::named(name).expect(name).holds(left, right).map_err(drop)
        };
        for (one, mirrored) in [
            ("equals", "equals"), ("does_not_equal", "does_not_equal"), ("greater_than", "less_than"),
            ("greater_than_or_equal", "less_than_or_equal"), ("before", "after"),
            ("equals_any_case", "equals_any_case"), ("does_not_equal_any_case", "does_not_equal_any_case"),
        ] {
            prop_assert_eq!(answer(one, &left, &right), answer(mirrored, &right, &left), "{} {} {}", left, one, right);
        }
        let holds = |name: &str, left: &Value, right: &Value| answer(name, left, right).expect("no times");
        let both = !left.is_null() && !right.is_null();
        prop_assert_eq!(holds("equals", &left, &right) || holds("does_not_equal", &left, &right), both);
        let among = json!([right]);
        prop_assert_eq!(holds("is_in", &left, &among), holds("equals", &left, &right));
        prop_assert_eq!(holds("is_not_in", &left, &among), !left.is_null() && !holds("equals", &left, &right));
        prop_assert!(left.is_null() || holds("equals", &left, &left), "{}", left);
        prop_assert!(!holds("equals", &left, &right) || holds("equals_any_case", &left, &right), "{} {}", left, right);
        prop_assert_eq!(holds("is_in_any_case", &left, &among), holds("equals_any_case", &left, &right));
        if left.is_number() && right.is_number() {
            let ways = ["less_than", "equals", "greater_than"].iter().filter(|way| holds(way, &left, &right)).count();
            prop_assert_eq!(ways, 1, "{} {}", left, right);
        }
    }
}
