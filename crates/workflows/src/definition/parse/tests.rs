//! The valid and invalid forms of a definition.

use serde_json::json;

use super::*;
use crate::limits::PROBLEMS_MAX;

fn with_steps(steps: &Value) -> Value {
    json!({"trigger": {"on": ["inquiry.completed"]}, "steps": steps})
}

fn with_trigger(trigger: &Value) -> Value {
    json!({"trigger": trigger, "steps": []})
}

fn found(tree: &Value) -> Vec<(String, &'static str)> {
    parse(tree).problems.into_iter().map(|problem| (problem.path, problem.code)).collect()
}

fn one(path: &str, code: &'static str) -> Vec<(String, &'static str)> {
    vec![(path.to_owned(), code)]
}

#[test]
fn every_problem_of_a_step_is_reported_at_its_path() {
    let when = || json!({"field": "trigger.x", "is": "is_true"});
    for (step, path, code) in [
        (json!({"do": "object.tag"}), "steps[0].id", "missing"),
        (json!({"id": 1, "do": "object.tag"}), "steps[0].id", "bad_id"),
        (json!({"id": "Create", "do": "object.tag"}), "steps[0].id", "bad_id"),
        (json!({"id": "créer", "do": "object.tag"}), "steps[0].id", "bad_id"),
        (json!({"id": "a".repeat(65), "do": "object.tag"}), "steps[0].id", "bad_id"),
        (json!({"id": "trigger", "do": "object.tag"}), "steps[0].id", "reserved_id"),
        (json!({"id": "output", "do": "object.tag"}), "steps[0].id", "reserved_id"),
        (json!({"id": "error", "do": "object.tag"}), "steps[0].id", "reserved_id"),
        (json!({"id": "a"}), "steps[0]", "missing"),
        (json!({"id": "a", "do": ""}), "steps[0].do", "wrong_type"),
        (json!({"id": "a", "do": "object.tag", "choose": []}), "steps[0].choose", "ambiguous_step"),
        (json!({"id": "a", "do": "object.tag", "with": []}), "steps[0].with", "wrong_type"),
        (json!({"id": "a", "do": "object.tag", "with": {"x": {"ref": ".."}}}), "steps[0].with.x.ref", "bad_reference"),
        (json!({"id": "a", "do": "object.tag", "on_error": "ignore"}), "steps[0].on_error", "bad_choice"),
        (json!({"id": "a", "do": "object.tag", "disabled": "yes"}), "steps[0].disabled", "wrong_type"),
        (json!({"id": "a", "do": "object.tag", "name": "x".repeat(129)}), "steps[0].name", "too_long"),
        (json!({"id": "a", "do": "object.tag", "nmae": "x"}), "steps[0].nmae", "unknown_member"),
        (json!({"id": "a", "do": "object.tag", "retry": {}}), "steps[0].retry", "not_available"),
        (json!({"id": "a", "do": "object.tag", "timeout": 3}), "steps[0].timeout", "not_available"),
        (json!({"id": "a", "parallel": {"branches": []}}), "steps[0].parallel", "not_available"),
        (json!({"id": "a", "wait": {"for": "1d"}}), "steps[0].wait", "not_available"),
        (json!({"id": "a", "loop": {}, "mode": "x"}), "steps[0].loop", "not_available"),
        (json!({"id": "a", "module": "x"}), "steps[0].module", "not_available"),
        (json!({"id": "a", "end": {}}), "steps[0].end", "not_available"),
        (json!({"id": "a", "choose": {}}), "steps[0].choose", "wrong_type"),
        (json!({"id": "a", "choose": []}), "steps[0].choose", "empty"),
        (json!({"id": "a", "choose": [1]}), "steps[0].choose[0]", "wrong_type"),
        (json!({"id": "a", "choose": [{"when": when(), "steps": []}]}), "steps[0].choose[0].label", "missing"),
        (json!({"id": "a", "choose": [{"label": "x", "when": when()}]}), "steps[0].choose[0].steps", "missing"),
        (json!({"id": "a", "on_error": 5, "choose": [{"label": "x", "steps": []}]}), "steps[0].on_error", "bad_choice"),
        (
            json!({"id": "a", "choose": [{"label": "Else", "steps": []}, {"label": "x", "when": when(), "steps": []}]}),
            "steps[0].choose[1]",
            "unreachable",
        ),
        (
            json!({"id": "a", "choose": [{"label": "x", "when": {"any": [{"field": "a", "is": "~"}]}, "steps": []}]}),
            "steps[0].choose[0].when.any[0].is",
            "unknown_operator",
        ),
        (json!("tag it"), "steps[0]", "wrong_type"),
    ] {
        assert_eq!(found(&with_steps(&json!([step]))), one(path, code), "{step}");
    }
}

#[test]
fn every_problem_of_a_trigger_is_reported_at_its_path() {
    for (trigger, path, code) in [
        (json!("inquiry.completed"), "trigger", "wrong_type"),
        (json!({}), "trigger.on", "missing"),
        (json!({"on": "inquiry.completed"}), "trigger.on", "wrong_type"),
        (json!({"on": []}), "trigger.on", "empty"),
        (json!({"on": ["completed"]}), "trigger.on[0]", "bad_event"),
        (json!({"on": [null]}), "trigger.on[0]", "bad_event"),
        (json!({"on": ["a.b", "a.b"]}), "trigger.on[1]", "duplicate_event"),
        (json!({"on": ["api", "a.b"], "parameters": []}), "trigger.on", "ambiguous_trigger"),
        (json!({"on": ["schedule"], "object": "case"}), "trigger.on[0]", "not_available"),
        (json!({"on": ["recurring"], "cron": "0 0 * * *", "timezone": "UTC"}), "trigger.on[0]", "not_available"),
        (json!({"on": ["click"], "object": "case", "parameters": []}), "trigger.on[0]", "not_available"),
        (json!({"on": ["manual"]}), "trigger.on[0]", "not_available"),
        (json!({"on": ["a.b"], "cron": "x"}), "trigger.cron", "unknown_member"),
        (json!({"on": ["a.b"], "parameters": []}), "trigger.parameters", "not_needed"),
        (json!({"on": ["a.b"], "origin": "docket"}), "trigger.origin", "wrong_type"),
        (json!({"on": ["a.b"], "origin": []}), "trigger.origin", "wrong_type"),
        (json!({"on": ["a.b"], "origin": ["Docket"]}), "trigger.origin[0]", "bad_origin"),
        (json!({"on": ["a.b"], "origin": ["source: "]}), "trigger.origin[0]", "bad_origin"),
        (json!({"on": ["a.b"], "origin": ["sources", "sources"]}), "trigger.origin[1]", "duplicate_origin"),
        (json!({"on": ["a.b"], "origin": vec!["x"; 51]}), "trigger.origin", "too_many_origins"),
        (json!({"on": ["api"], "parameters": [], "origin": ["docket"]}), "trigger.origin", "not_needed"),
        (json!({"on": ["a.b"], "allow_reentry": 1}), "trigger.allow_reentry", "wrong_type"),
        (json!({"on": ["a.b"], "where": {"all": "x"}}), "trigger.where.all", "wrong_type"),
        (json!({"on": ["api"]}), "trigger.parameters", "missing"),
        (json!({"on": ["api"], "parameters": {}}), "trigger.parameters", "wrong_type"),
        (json!({"on": ["api"], "parameters": [3]}), "trigger.parameters[0]", "wrong_type"),
        (json!({"on": ["api"], "parameters": [{"type": "string"}]}), "trigger.parameters[0].name", "missing"),
        (
            json!({"on": ["api"], "parameters": [{"name": "a b", "type": "string"}]}),
            "trigger.parameters[0].name",
            "bad_name",
        ),
        (json!({"on": ["api"], "parameters": [{"name": "a"}]}), "trigger.parameters[0].type", "missing"),
        (
            json!({"on": ["api"], "parameters": [{"name": "a", "type": "text"}]}),
            "trigger.parameters[0].type",
            "bad_choice",
        ),
        (
            json!({"on": ["api"], "parameters": [{"name": "aB", "type": "any"}, {"name": "a_b", "type": "any"}]}),
            "trigger.parameters[1].name",
            "duplicate_parameter",
        ),
        (
            json!({"on": ["api"], "parameters": [], "where": {"field": "trigger.x", "is": "is_true"}}),
            "trigger.where",
            "not_needed",
        ),
    ] {
        assert_eq!(found(&with_trigger(&trigger)), one(path, code), "{trigger}");
    }
}

#[test]
fn every_problem_of_the_whole_definition_is_reported() {
    for (tree, path, code) in [
        (json!(null), "", "wrong_type"),
        (json!([]), "", "wrong_type"),
        (json!({"steps": []}), "trigger", "missing"),
        (json!({"trigger": {"on": ["a.b"]}, "steps": [], "output": {"a": {"literal": {"<<": 1}}}}), "", "merge_key"),
        (json!({"trigger": {"on": ["a.b"]}}), "steps", "missing"),
        (json!({"trigger": {"on": ["a.b"]}, "steps": {}}), "steps", "wrong_type"),
        (json!({"trigger": {"on": ["a.b"]}, "steps": [], "step": 1}), "step", "unknown_member"),
        (json!({"trigger": {"on": ["a.b"]}, "steps": [], "output": []}), "output", "wrong_type"),
        (json!({"trigger": {"on": ["a.b"]}, "steps": [], "output": {"A": 1}}), "output.A", "bad_name"),
        (json!({"trigger": {"on": ["a.b"]}, "steps": [], "output": {"a": "{{"}}), "output.a", "bad_template"),
    ] {
        assert_eq!(found(&tree), one(path, code), "{tree}");
    }
}

#[test]
fn all_problems_are_listed_at_once_and_the_rest_is_read() {
    let parsed = parse(&json!({
        "trigger": {"on": ["x"]},
        "steps": [{"do": "a.b"}, {"id": "good", "do": "a.b"}, {"id": "good", "do": "a.b", "retry": 1}, 7],
        "more": 1
    }));

    let codes: Vec<_> = parsed.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["unknown_member", "bad_event", "missing", "duplicate_id", "not_available", "wrong_type"]);
    assert_eq!(parsed.program.steps().len(), 3);
    assert!(parsed.program.get("good").is_some());
}

#[test]
fn ids_are_unique_over_the_whole_tree() {
    let steps = json!([
        {"id": "m", "choose": [{"label": "Else", "steps": [{"id": "a", "do": "object.tag"}]}]},
        {"id": "a", "do": "object.tag"}
    ]);

    let problems = parse(&with_steps(&steps)).problems;

    assert_eq!(problems.len(), 1);
    assert_eq!((problems[0].path.as_str(), problems[0].code), ("steps[1].id", "duplicate_id"));
    assert!(problems[0].message.contains("steps[0].choose[0].steps[0]"), "{}", problems[0].message);
}

#[test]
fn a_definition_has_at_most_250_steps() {
    let of = |count: usize| {
        let steps: Vec<_> = (0..count).map(|i| json!({"id": format!("s{i}"), "do": "object.tag"})).collect();
        found(&with_steps(&json!(steps)))
    };

    assert_eq!(of(STEPS_MAX), []);
    assert_eq!(of(STEPS_MAX + 1), one("steps", "too_many_steps"));
}

#[test]
fn names_ids_parameters_and_events_are_limited_in_length_and_number() {
    let step = |id: usize, name: usize| json!([{"id": "a".repeat(id), "name": "é".repeat(name), "do": "object.tag"}]);
    let parameter =
        |n: usize, length: usize| json!({"name": format!("{}{n:03}", "p".repeat(length - 3)), "type": "any"});
    let api = |count: usize, length: usize| json!({"on": ["api"], "parameters": (0..count).map(|n| parameter(n, length)).collect::<Vec<_>>()});
    let events = |count: usize| json!({"on": (0..count).map(|n| format!("a.b{n}")).collect::<Vec<_>>()});

    assert_eq!(found(&with_steps(&step(64, 128))), []);
    assert_eq!(found(&with_steps(&step(65, 128))), one("steps[0].id", "bad_id"));
    assert_eq!(found(&with_steps(&step(64, 129))), one("steps[0].name", "too_long"));
    assert_eq!(found(&with_trigger(&api(250, 64))), []);
    assert_eq!(found(&with_trigger(&api(1, 65))), one("trigger.parameters[0].name", "bad_name"));
    assert_eq!(found(&with_trigger(&api(251, 64))), one("trigger.parameters", "too_many_parameters"));
    assert_eq!(found(&with_trigger(&events(250))), []);
    assert_eq!(found(&with_trigger(&events(251))), one("trigger.on", "too_many_events"));
}

#[test]
fn a_definition_is_at_most_512_kib() {
    let of = |filling: usize| with_steps(&json!([{"id": "a", "do": "object.tag", "with": {"x": "é".repeat(filling)}}]));
    let empty = of(0).to_string().len();
    let most = (DEFINITION_BYTES_MAX - empty) / 2;

    assert_eq!(found(&of(most)), []);
    assert_eq!(found(&of(most + 1)), one("", "too_large"));
}

#[test]
fn routes_nest_at_most_16_deep() {
    let of = |depth: usize| {
        let mut steps = json!([{"id": "last", "do": "object.tag"}]);
        for level in 0..depth {
            steps = json!([{"id": format!("c{level}"), "choose": [{"label": "Else", "steps": steps}]}]);
        }
        found(&with_steps(&steps)).into_iter().map(|(_, code)| code).collect::<Vec<_>>()
    };

    assert!(of(ROUTE_DEPTH_MAX).is_empty());
    assert_eq!(of(ROUTE_DEPTH_MAX + 1), ["too_deep"]);
}

#[test]
fn a_tree_that_is_nested_too_deeply_is_refused_without_overflow() {
    let mut deep = json!(1);
    for _ in 0..2_000 {
        deep = Value::Array(vec![deep]);
    }
    let mut tree = with_steps(&json!([]));
    tree["steps"] = deep;

    assert_eq!(found(&tree), one("", "too_deep"));
}

#[test]
fn a_thousand_problems_are_listed_up_to_the_bound() {
    let steps = vec![json!(0); 1_000];

    assert_eq!(parse(&with_steps(&json!(steps))).problems.len(), PROBLEMS_MAX + 1);
}

#[test]
fn names_may_be_in_any_script() {
    let steps = json!([{"id": "a", "name": "審査 🕵️", "do": "object.tag", "with": {"größe": "Ж"}}]);

    assert_eq!(found(&with_steps(&steps)), []);
}
