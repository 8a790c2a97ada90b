//! The checks of a definition against its environment.

use serde_json::json;

use super::*;
use crate::kind::{Attribute, OutputShape};

/// A small environment: inquiries and cases, three step types, three events.
struct House {
    steps: Vec<(&'static str, StepShape)>,
}

fn object(name: &str) -> ValueKind {
    ValueKind::Object(name.to_owned())
}

fn input(name: &str, kind: ValueKind, required: bool) -> InputShape {
    InputShape { name: name.to_owned(), kind, required, takes_null_items: false, doc: String::new() }
}

fn house() -> House {
    let update = StepShape {
        inputs: vec![
            input("case", object("case"), true),
            input("status", ValueKind::Text, true),
            input("note", ValueKind::Text, false),
        ],
        output: OutputShape::Fields(vec![("case".into(), object("case")), ("changed".into(), ValueKind::Boolean)]),
    };
    let create = StepShape {
        inputs: vec![
            input("template", object("case-template"), true),
            input("objects", ValueKind::Array(Box::new(ValueKind::AnyObject)), false),
            input("fields", ValueKind::Json, false),
            input("priority", ValueKind::Integer, false),
        ],
        output: OutputShape::Value(object("case")),
    };
    let tag = StepShape {
        inputs: vec![input("object", ValueKind::AnyObject, true), input("tags", ValueKind::of(&json!(["a"])), true)],
        output: OutputShape::Nothing,
    };
    House { steps: vec![("case.create", create), ("case.update_status", update), ("object.tag", tag)] }
}

impl DefinitionContext for House {
    fn step(&self, step_type: &str) -> Option<&StepShape> {
        self.steps.iter().find(|(name, _)| *name == step_type).map(|(_, shape)| shape)
    }

    fn step_types(&self) -> Vec<&str> {
        self.steps.iter().map(|(name, _)| *name).collect()
    }

    fn event(&self, name: &str) -> Option<&str> {
        match name {
            "inquiry.completed" | "inquiry.failed" => Some("inquiry"),
            "case.created" => Some("case"),
            _ => None,
        }
    }

    fn events(&self) -> Vec<&str> {
        vec!["inquiry.completed", "inquiry.failed", "case.created"]
    }

    fn attribute(&self, object_type: &str, path: &[String]) -> Attribute {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        match (object_type, path.as_slice()) {
            ("inquiry" | "case", ["status"]) | ("account", ["reference_id"]) => Attribute::Known(ValueKind::Text),
            ("case", ["fields", "amount"]) => Attribute::Known(ValueKind::Number),
            (_, ["fields", ..]) => Attribute::Open,
            ("inquiry", ["account"]) => Attribute::Known(object("account")),
            ("inquiry" | "case", ["tags"]) => Attribute::Known(ValueKind::Array(Box::new(ValueKind::Text))),
            ("inquiry" | "case", ["created_at"]) => Attribute::Known(ValueKind::DateTime),
            ("case", ["objects"]) => Attribute::Known(ValueKind::Array(Box::new(ValueKind::AnyObject))),
            _ => Attribute::Unknown,
        }
    }
}

fn problems(tree: &Value) -> Vec<Problem> {
    check(tree, &house()).problems
}

fn found(tree: &Value) -> Vec<(String, &'static str)> {
    problems(tree).into_iter().map(|problem| (problem.path, problem.code)).collect()
}

fn with_steps(steps: &Value) -> Value {
    json!({"trigger": {"on": ["inquiry.completed"]}, "steps": steps})
}

fn updating(with: &Value) -> Value {
    with_steps(&json!([
        {"id": "create_case", "do": "case.create", "with": {"template": "ctmpl_1"}},
        {"id": "update", "do": "case.update_status", "with": with}
    ]))
}

fn one(path: &str, code: &'static str) -> Vec<(String, &'static str)> {
    vec![(path.to_owned(), code)]
}

#[test]
fn a_sound_definition_has_no_problems() {
    let tree = json!({
        "trigger": {
            "on": ["inquiry.completed", "inquiry.failed"],
            "where": {"all": [
                {"field": "trigger.status", "is": "is_in", "value": ["completed", "failed"]},
                {"field": "trigger.fields.amount", "is": "greater_than", "value": 10},
                {"field": "trigger.createdAt", "is": "after", "value": "2024-01-01"},
                {"field": "trigger.account.reference_id", "is": "is_not_blank"},
                {"field": "trigger.tags", "is": "contains", "value": "vip"}
            ]}
        },
        "steps": [
            {"id": "create_case", "do": "case.create", "with": {
                "template": "ctmpl_1", "objects": [{"ref": "trigger"}, "{{trigger.account}}", "inq_2"],
                "fields": {"name": {"ref": "trigger.fields.name"}, "n": 1, "t": "{{trigger.id}} x"}, "priority": 2
            }},
            {"id": "match", "choose": [
                {"label": "Hit", "when": {"any": [
                    {"field": "trigger.fields.match", "is": "is_true"},
                    {"not": {"field": "create_case.objects", "is": "contains", "value": {"ref": "trigger"}}}
                ]}, "steps": [
                    {"id": "escalate", "do": "case.update_status", "on_error": "continue", "with": {
                        "case": {"ref": "create_case"}, "status": {"ref": "trigger.fields.next_status"}, "note": null
                    }},
                    {"id": "again", "do": "case.update_status", "with": {
                        "case": {"ref": "escalate.case"}, "status": "After {{escalate.error.code}} {{escalate.error}}"
                    }}
                ]}
            ]},
            {"id": "tag", "do": "object.tag", "with": {
                "object": {"type": "case", "id": {"ref": "trigger.fields.case_id"}}, "tags": ["a", {"ref": "again.case.status"}]
            }}
        ],
        "output": {"decision": {"ref": "create_case.status"}, "amount": {"ref": "create_case.fields.amount"}, "all": {"ref": "escalate"}}
    });

    assert_eq!(problems(&tree), []);
}

#[test]
fn a_definition_written_by_hand_is_read_checked_and_written_again() {
    let text = "\
# Watchlist matches go to a person.
trigger:
  on: [inquiry.completed]
  where: { all: [{ field: trigger.status, is: equals, value: completed }] }
steps:
  - id: open_case
    do: case.create
    with: { template: ctmpl_1, objects: [{ ref: trigger }] }
  - id: match
    choose:
      - label: Watchlist
        when: { field: trigger.fields.watchlist_hit, is: is_true }
        steps:
          - { id: escalate, do: case.update_status, on_error: continue, with: { case: { ref: open_case }, status: Pending } }
output:
  status: { ref: open_case.status }
";

    let checked = check(&crate::read::yaml(text).expect("readable"), &house());

    assert_eq!(checked.problems, []);
    let again = crate::read::yaml(&checked.program.to_yaml()).expect("readable");
    assert_eq!(check(&again, &house()).program.to_json(), checked.program.to_json());
}

#[test]
fn the_inputs_of_a_step_must_exist_and_fit() {
    let case = || json!({"ref": "create_case"});
    for (with, path, code) in [
        (json!({"case": case()}), "status", "missing_input"),
        (json!({"case": case(), "status": null}), "status", "missing_input"),
        (json!({"case": case(), "status": 3}), "status", "wrong_kind"),
        (json!({"case": case(), "status": ["Pending"]}), "status", "wrong_kind"),
        (json!({"case": case(), "status": {"a": 1}}), "status", "wrong_kind"),
        (json!({"case": case(), "status": {"literal": {"a": 1}}}), "status", "wrong_kind"),
        (json!({"case": {"ref": "trigger"}, "status": "x"}), "case.ref", "wrong_kind"),
        (json!({"case": "{{trigger}}", "status": "x"}), "case", "wrong_kind"),
        (json!({"case": true, "status": "x"}), "case", "wrong_kind"),
        (json!({"case": {"ref": "trigger.tags"}, "status": "x"}), "case.ref", "wrong_kind"),
        (json!({"case": {"type": "inquiry", "id": "inq_1"}, "status": "x"}), "case", "wrong_kind"),
        (json!({"case": {"type": "case", "id": case()}, "status": "x"}), "case.id.ref", "wrong_kind"),
        (json!({"case": case(), "status": {"ref": "create_case.fields.amount"}}), "status.ref", "wrong_kind"),
        (json!({"case": case(), "status": "x", "stauts": "y"}), "stauts", "unknown_input"),
        (json!({"case": {"ref": "creat_case"}, "status": "x"}), "case.ref", "unknown_reference"),
        (json!({"case": case(), "status": "{{create_case.state}}"}), "status", "unknown_reference"),
        (json!({"case": case(), "status": "x {{create_case.state}}"}), "status", "unknown_reference"),
        (json!({"case": case(), "status": {"ref": "create_case.status.more"}}), "status.ref", "unknown_reference"),
        (json!({"case": case(), "status": {"ref": "trigger.account.name"}}), "status.ref", "unknown_reference"),
        (json!({"case": case(), "status": {"ref": "trigger.tags.none"}}), "status.ref", "unknown_reference"),
        (json!({"case": case(), "status": {"ref": "create_case.error.why"}}), "status.ref", "unknown_reference"),
        (json!({"case": case(), "status": {"ref": "create_case.error.pointer"}}), "status.ref", "unknown_reference"),
        (json!({"case": case(), "status": {"ref": "update.case.status"}}), "status.ref", "later_step"),
    ] {
        assert_eq!(found(&updating(&with)), one(&format!("steps[1].with.{path}"), code), "{with}");
    }
}

#[test]
fn an_unknown_step_type_names_the_nearest() {
    let problems =
        problems(&with_steps(&json!([{"id": "a", "do": "case.updatestatus", "with": {"x": {"ref": "nope"}}}])));

    assert_eq!(problems.iter().map(|p| p.path.as_str()).collect::<Vec<_>>(), ["steps[0].do", "steps[0].with.x.ref"]);
    assert!(problems[0].message.contains("case.update_status"), "{}", problems[0].message);
}

#[test]
fn events_must_exist_and_the_nearest_are_named() {
    let tree = json!({"trigger": {"on": ["inquiry.complete", "case.created"]}, "steps": []});

    let problems = problems(&tree);

    assert_eq!(problems.len(), 1);
    assert_eq!((problems[0].path.as_str(), problems[0].code), ("trigger.on[0]", "unknown_event"));
    assert!(problems[0].message.contains("inquiry.completed"), "{}", problems[0].message);
}

#[test]
fn a_reference_of_several_events_must_fit_at_least_one() {
    let tree = |field: &str| {
        json!({"trigger": {"on": ["inquiry.completed", "case.created"]}, "steps": [],
            "output": {"x": {"ref": field}}})
    };

    assert_eq!(found(&tree("trigger.account.reference_id")), []);
    assert_eq!(found(&tree("trigger.objects")), []);
    assert_eq!(found(&tree("trigger.nothing")), one("output.x.ref", "unknown_reference"));
}

#[test]
fn a_step_may_refer_to_another_route_but_not_to_a_later_step() {
    let route =
        |steps: Value| json!({"label": "r", "when": {"field": "trigger.status", "is": "is_blank"}, "steps": steps});
    let create = |id: &str| json!({"id": id, "do": "case.create", "with": {"template": "ctmpl_1"}});
    let update = |id: &str, case: &str| json!({"id": id, "do": "case.update_status", "with": {"case": {"ref": case}, "status": "Open"}});
    let tree = with_steps(&json!([
        {"id": "m", "choose": [route(json!([create("a")])), route(json!([update("b", "a"), update("c", "d"), update("e", "m")]))]},
        create("d")
    ]));

    assert_eq!(
        found(&tree),
        [
            ("steps[0].choose[1].steps[1].with.case.ref".to_owned(), "later_step"),
            ("steps[0].choose[1].steps[2].with.case.ref".to_owned(), "no_output")
        ]
    );
}

#[test]
fn a_trigger_decides_before_any_step() {
    let tree = json!({
        "trigger": {"on": ["inquiry.completed"], "where": {"field": "a.status", "is": "is_blank"}},
        "steps": [{"id": "a", "do": "case.create", "with": {"template": "ctmpl_1"}}]
    });

    assert_eq!(found(&tree), one("trigger.where.field", "later_step"));
}

#[test]
fn parameters_are_known_by_name_and_type() {
    let tree = |row: Value| {
        json!({
            "trigger": {"on": ["api"], "parameters": [{"name": "caseId", "type": "string"}, {"name": "n", "type": "integer"}]},
            "steps": [
                {"id": "u", "do": "case.update_status", "with": {"case": {"ref": "trigger.fields.case_id"}, "status": "Open"}},
                {"id": "m", "choose": [{"label": "x", "when": row, "steps": []}]}
            ]
        })
    };
    let row = |field: &str, is: &str| json!({"field": field, "is": is, "value": 1});
    let at = |member: &str| format!("steps[1].choose[0].when.{member}");

    assert_eq!(found(&tree(row("trigger.fields.n", "greater_than"))), []);
    assert_eq!(found(&tree(row("trigger.fields.case_id", "greater_than"))), one(&at("is"), "cannot_compare"));
    assert_eq!(found(&tree(row("trigger.fields.m", "greater_than"))), one(&at("field"), "unknown_reference"));
    assert_eq!(found(&tree(row("trigger.id", "equals"))), one(&at("field"), "unknown_reference"));
}

#[test]
fn before_and_after_take_dates_alone_where_the_type_is_known() {
    let tree = |kind: &str, is: &str| {
        json!({
            "trigger": {"on": ["api"], "parameters": [{"name": "since", "type": kind}]},
            "steps": [{"id": "m", "choose": [
                {"label": "x", "when": {"field": "trigger.fields.since", "is": is, "value": "2024-01-01"}, "steps": []}
            ]}]
        })
    };
    for is in ["before", "after"] {
        for kind in ["date", "datetime", "any", "json"] {
            assert_eq!(found(&tree(kind, is)), [], "{kind} {is}");
        }
        for kind in ["string", "integer", "boolean", "array"] {
            let expected = one("steps[0].choose[0].when.is", "cannot_compare");
            assert_eq!(found(&tree(kind, is)), expected, "{kind} {is}");
        }
    }
    let text = problems(&tree("string", "before"));
    assert!(!text[0].message.contains("after"), "{}", text[0].message);
}

#[test]
fn rows_compare_only_what_can_be_compared() {
    let r = |path: &str| json!({"ref": path});
    for (field, is, value, expected) in [
        ("status", "equals", json!("open"), None),
        ("status", "equals", json!(1), Some("value")),
        ("status", "equals", json!(null), Some("value")),
        ("status", "equals", json!(["open"]), Some("value")),
        ("status", "equals", json!("2024-01-01"), None),
        ("status", "equals", r("trigger.tags"), Some("value")),
        ("status", "equals", r("trigger.fields.x"), None),
        ("status", "equals", r("nobody"), Some("value.ref")),
        ("status", "greater_than", json!(1), Some("is")),
        ("status", "is_true", json!(null), Some("is")),
        ("status", "is_in", json!(["a", "b"]), None),
        ("status", "is_in", json!(["a", 1]), Some("value[1]")),
        ("status", "is_in", json!(["a", null]), Some("value[1]")),
        ("status", "is_not_in", json!([{"literal": null}]), Some("value[0]")),
        ("status", "is_in", json!("a"), Some("value")),
        ("status", "is_in", r("trigger.tags"), None),
        ("status", "is_in", r("trigger.status"), Some("value")),
        ("status", "contains", json!("a"), None),
        ("status", "contains", json!(1), Some("value")),
        ("status", "before", json!("2024-01-01"), Some("is")),
        ("status", "after", r("trigger.created_at"), Some("is")),
        ("created_at", "before", json!("2024-01-01T00:00:00Z"), None),
        ("created_at", "before", json!("someday"), Some("value")),
        ("created_at", "before", json!(5), Some("value")),
        ("created_at", "before", r("trigger.status"), Some("value")),
        ("created_at", "before", json!("{{trigger.status}}"), Some("value")),
        ("created_at", "before", json!("{{trigger.status}}-01-01"), None),
        ("created_at", "before", r("trigger.fields.x"), None),
        ("created_at", "equals", json!("someday"), Some("value")),
        ("created_at", "equals", json!("2024-01-01"), Some("value")),
        ("created_at", "equals", json!("2024-01-01T00:00:00Z"), None),
        ("created_at", "equals", r("trigger.status"), None),
        ("created_at", "is_in", json!(["2024-01-01"]), Some("value[0]")),
        ("created_at", "after", json!("2024-01-01"), None),
        ("created_at", "contains", json!("2024"), Some("is")),
        ("tags", "contains", json!("a"), None),
        ("tags", "contains", json!(1), Some("value")),
        ("tags", "equals", json!("a"), Some("is")),
        ("tags.0", "equals", json!("a"), None),
        ("tags", "is_blank", json!(null), None),
        ("account", "equals", json!("act_1"), Some("is")),
        ("account.id", "equals", json!("act_1"), None),
        ("fields.x", "greater_than", json!(1), None),
        ("fields.x", "greater_than", json!("1"), Some("value")),
        ("fields.x", "before", json!("2024-01-01"), None),
        ("fields.x", "after", r("trigger.status"), Some("value")),
        ("fields.x", "after", r("trigger.fields.y"), None),
        ("fields.x", "before", json!("someday"), Some("value")),
        ("fields.x", "contains", json!(1), None),
        ("fields.x", "equals", json!(true), None),
        ("fields.x", "equals", json!([1]), Some("value")),
        ("fields.x", "is_in", json!([]), Some("value")),
        ("fields.x", "is_not_in_any_case", json!({"literal": []}), Some("value")),
    ] {
        let mut row = json!({"field": format!("trigger.{field}"), "is": is});
        if crate::operator::Operator::named(is).is_some_and(|operator| operator.entry().value.is_needed()) {
            row["value"] = value.clone();
        }
        let tree = json!({"trigger": {"on": ["inquiry.completed"], "where": row}, "steps": []});
        let places: Vec<_> = found(&tree).into_iter().map(|(path, _)| path).collect();

        let expected: Vec<_> = expected.into_iter().map(|place| format!("trigger.where.{place}")).collect();
        assert_eq!(places, expected, "{field} {is} {value}");
    }
}

#[test]
fn statuses_in_conditions_are_found_with_their_places_and_certainty() {
    let tree = |on: Value| {
        json!({
            "trigger": {"on": on, "where": {"all": [
                {"field": "trigger.status", "is": "is_in", "value": ["A", {"ref": "trigger.id"}, "B", 5]},
                {"field": "trigger.id", "is": "equals", "value": "C"}
            ]}},
            "steps": [
                {"id": "move", "do": "case.update_status", "with": {"case": "case_1", "status": "D"}},
                {"id": "m", "choose": [{"label": "x", "steps": [], "when": {"any": [
                    {"not": {"field": "move.case.status", "is": "does_not_equal", "value": "E"}},
                    {"field": "move.status", "is": "contains", "value": "F"},
                    {"field": "move.status", "is": "is_not_in", "value": {"literal": ["G"]}}
                ]}}]}
            ]
        })
    };
    let found = |on: Value| -> Vec<(String, String, String, bool)> {
        let program = check(&tree(on), &house()).program;
        let compared = statuses_compared(&program, &house()).into_iter();
        let told = |one: statuses::StatusCompared| {
            let (case, path) = (one.named.case.to_string(), one.problem("", "").path);
            (one.named.status, case, path, one.is_sure)
        };
        compared.map(told).collect()
    };
    let named = |status: &str, case: &str, path: &str, is_sure| (status.into(), case.into(), path.into(), is_sure);
    let of_step = |path: &str| format!("steps[1].choose[0].when.any{path}");

    let of_case = found(json!(["case.created"]));
    let of_either = found(json!(["inquiry.failed", "case.created"]));

    let expected = [
        named("A", "trigger", "trigger.where.all[0].value[0]", true),
        named("B", "trigger", "trigger.where.all[0].value[2]", true),
        named("E", "move.case", &of_step("[0].not.value"), true),
        named("F", "move.case", &of_step("[1].value"), false),
        named("G", "move.case", &of_step("[2].value"), true),
    ];
    assert_eq!(of_case, expected);
    assert_eq!(of_either.iter().map(|one| one.3).collect::<Vec<_>>(), [false, false, true, false, true]);
    assert_eq!(found(json!(["inquiry.failed"])).len(), 3, "an inquiry's status is not a case's status");
}

#[test]
fn an_object_is_compared_by_its_id_and_the_message_says_so() {
    let row = json!({"field": "trigger.account", "is": "equals", "value": "act_1"});
    let problems = problems(&json!({"trigger": {"on": ["inquiry.completed"], "where": row}, "steps": []}));

    assert!(problems[0].message.contains("trigger.account.id"), "{}", problems[0].message);
}

#[test]
fn a_step_without_output_cannot_be_referred_to() {
    let tree = with_steps(&json!([
        {"id": "tag", "do": "object.tag", "with": {"object": {"ref": "trigger"}, "tags": ["x"]}},
        {"id": "create", "do": "case.create", "with": {"template": "c", "fields": {"x": {"ref": "tag.x"}, "y": {"ref": "tag.error.code"}}}}
    ]));

    assert_eq!(found(&tree), one("steps[1].with.fields.x.ref", "no_output"));
}

#[test]
fn problems_of_form_and_of_references_are_listed_together_without_duplicates() {
    let tree = json!({
        "trigger": {"on": ["inquiry.completed"], "where": {"all": []}},
        "steps": [
            {"id": "a", "do": "case.update_status", "with": {"case": {"ref": "a b"}, "status": "{{"}, "more": 1},
            {"id": "a", "do": "case.updat_status"},
            {"id": "b", "wait": {}}
        ]
    });

    assert_eq!(
        found(&tree),
        [
            ("trigger.where.all".to_owned(), "empty"),
            ("steps[0].more".to_owned(), "unknown_member"),
            ("steps[0].with.case.ref".to_owned(), "bad_reference"),
            ("steps[0].with.status".to_owned(), "bad_template"),
            ("steps[1].id".to_owned(), "duplicate_id"),
            ("steps[2].wait".to_owned(), "not_available"),
            ("steps[1].do".to_owned(), "unknown_step_type"),
        ]
    );
}

#[test]
fn a_large_broken_definition_is_checked_quickly() {
    let with: serde_json::Map<String, Value> =
        (0..4_000).map(|i| (format!("i{i}"), json!({"ref": format!("nobody_{i}.x")}))).collect();

    let problems = problems(&with_steps(&json!([{"id": "a", "do": "case.create", "with": with}])));

    assert_eq!(problems.last().map(|problem| problem.code), Some("more_problems"));
}

#[test]
fn the_worst_definitions_have_a_bounded_list_of_problems() {
    let id = |n: usize| format!("{}{n:04}", "a".repeat(60));
    let unknown: serde_json::Map<String, Value> =
        (0..3_000).map(|n| (format!("i{n}"), json!({"ref": format!("{}{n:04}x", "a".repeat(59))}))).collect();
    let mut steps: Vec<_> = (0..249).map(|n| json!({"id": id(n), "do": "object.none"})).collect();
    steps.push(json!({"id": "last", "do": "case.create", "with": unknown}));
    let parameters: Vec<_> = (0..250).map(|n| json!({"name": id(n), "type": "any"})).collect();
    let absent: serde_json::Map<String, Value> = (0..3_000)
        .map(|n| (format!("i{n}"), json!({"ref": format!("trigger.fields.{}{n:04}x", "a".repeat(59))})))
        .collect();

    let near = problems(&with_steps(&json!(steps)));
    let far = problems(&json!({
        "trigger": {"on": ["api"], "parameters": parameters},
        "steps": [{"id": "last", "do": "object.none", "with": absent}]
    }));

    assert!(near.len() > 500 && far.len() > 500);
    let bytes: usize = near.iter().chain(&far).map(|problem| problem.message.len()).sum();
    assert!(bytes < 4 << 20, "{bytes} bytes of messages");
}
