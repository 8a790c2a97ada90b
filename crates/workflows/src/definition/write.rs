//! Writes a definition in its canonical form.

use serde_json::{Map, Value, json};

use super::{Body, Node, OnError, Program, Route};
use crate::read;

impl Program {
    /// The definition as JSON: members in the order of the guide, inputs by name, defaults left out, and the Else route
    /// always included.
    pub fn to_json(&self) -> Value {
        let mut written = Map::from_iter([("trigger".to_owned(), self.trigger.to_json())]);
        let top = if self.nodes.is_empty() { None } else { Some(0) };
        written.insert("steps".into(), self.written_steps(top));
        if !self.output.is_empty() {
            let output = self.output.iter().map(|(name, input)| (name.clone(), input.to_json()));
            written.insert("output".into(), Value::Object(output.collect()));
        }
        Value::Object(written)
    }

    /// The definition as YAML, with the same tree.
    pub fn to_yaml(&self) -> String {
        read::to_yaml(&self.to_json())
    }

    fn written_steps(&self, first: Option<usize>) -> Value {
        self.list(first).map(|node| self.written_step(node)).collect()
    }

    fn written_step(&self, node: &Node) -> Value {
        let mut written = Map::from_iter([("id".to_owned(), json!(node.id))]);
        if let Some(name) = &node.name {
            written.insert("name".into(), json!(name));
        }
        match &node.body {
            Body::Action(action) => {
                written.insert("do".into(), json!(action.step_type));
                if !action.with.is_empty() {
                    let with = action.with.iter().map(|(name, input)| (name.clone(), input.to_json()));
                    written.insert("with".into(), Value::Object(with.collect()));
                }
            }
            Body::Choose(routes) => {
                written.insert("choose".into(), routes.iter().map(|route| self.written_route(route)).collect());
            }
        }
        if node.on_error == OnError::Continue {
            written.insert("on_error".into(), json!("continue"));
        }
        if node.disabled {
            written.insert("disabled".into(), Value::Bool(true));
        }
        Value::Object(written)
    }

    fn written_route(&self, route: &Route) -> Value {
        let mut written = Map::from_iter([("label".to_owned(), json!(route.label))]);
        if let Some(when) = &route.when {
            written.insert("when".into(), when.to_json());
        }
        written.insert("steps".into(), self.written_steps(route.first));
        Value::Object(written)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_definition_is_written_as_it_is_read() {
        let written = json!({
            "trigger": {
                "on": ["inquiry.completed", "inquiry.failed"],
                "origin": ["docket", "source:Lumen checks"],
                "where": {"all": [{"field": "trigger.template.id", "is": "equals", "value": "itmpl_1"}]},
                "allow_reentry": true
            },
            "steps": [
                {"id": "create_case", "name": "Opprett 📁", "do": "case.create",
                 "with": {"objects": [{"ref": "trigger"}], "template": "ctmpl_1", "x": {"literal": {"ref": "a"}}}},
                {"id": "match", "choose": [
                    {"label": "Hit", "when": {"field": "trigger.fields.match", "is": "is_true"}, "steps": [
                        {"id": "escalate", "do": "case.update_status",
                         "with": {"case": {"ref": "create_case"}, "status": "{{trigger.status}}!"},
                         "on_error": "continue", "disabled": true}
                    ]},
                    {"label": "Else", "steps": []}
                ], "on_error": "continue"}
            ],
            "output": {"decision": {"ref": "create_case.status"}}
        });

        let program = Program::from_json(&written).expect("a program");

        assert_eq!(program.to_json(), written);
        assert_eq!(program.to_json().to_string(), written.to_string(), "members are in the same order");
        assert_eq!(read::yaml(&program.to_yaml()).expect("readable"), written);
    }

    #[test]
    fn an_api_trigger_is_written_with_its_parameters() {
        let written = json!({
            "trigger": {"on": ["api"], "parameters": [
                {"name": "caseId", "type": "string", "required": true, "label": "Case"}, {"name": "x", "type": "datetime"}
            ]},
            "steps": []
        });

        assert_eq!(Program::from_json(&written).expect("a program").to_json(), written);
    }

    #[test]
    fn defaults_are_left_out_and_an_else_is_added() {
        let program = Program::from_json(&json!({
            "trigger": {"on": ["a.b"], "allow_reentry": false},
            "steps": [{"id": "m", "disabled": false, "choose": [
                {"label": "A", "when": {"field": "trigger.x", "is": "is_true"}, "steps": [
                    {"id": "a", "do": "object.tag", "with": {}, "on_error": "stop"}
                ]}
            ]}],
            "output": {}
        }))
        .expect("a program");

        assert_eq!(
            program.to_json(),
            json!({
                "trigger": {"on": ["a.b"]},
                "steps": [{"id": "m", "choose": [
                    {"label": "A", "when": {"field": "trigger.x", "is": "is_true"}, "steps": [{"id": "a", "do": "object.tag"}]},
                    {"label": "Else", "steps": []}
                ]}]
            })
        );
    }

    #[test]
    fn a_definition_of_any_depth_allowed_can_be_read_again() {
        let when = json!({"field": "trigger.x", "is": "is_true"});
        let mut steps = json!([{"id": "last", "do": "object.tag", "with": {"a": [[[["{{trigger.id}}"]]]]}}]);
        for depth in 0..crate::limits::ROUTE_DEPTH_MAX {
            steps = json!([{"id": format!("c{depth}"), "choose": [{"label": "x", "when": when, "steps": steps}]}]);
        }
        let program = Program::from_json(&json!({"trigger": {"on": ["a.b"]}, "steps": steps})).expect("a program");

        assert_eq!(read::json(&program.to_json().to_string()).expect("readable"), program.to_json());
        assert_eq!(read::yaml(&program.to_yaml()).expect("readable"), program.to_json());
    }
}
