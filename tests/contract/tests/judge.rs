//! Tests of the validation itself: it must find the contract's operations and must reject invalid documents.

use docket_contract::Contract;
use serde_json::{Value, json};

const JSON: &str = "application/json";

const OPERATIONS: [(&str, &str, u16); 23] = [
    ("POST", "/cases", 201),
    ("GET", "/cases", 200),
    ("GET", "/cases/{case-id}", 200),
    ("PATCH", "/cases/{case-id}", 200),
    ("POST", "/cases/{case-id}/set-status", 200),
    ("POST", "/cases/{case-id}/add-objects", 200),
    ("GET", "/case-templates/{case-template-id}", 200),
    ("POST", "/workflows/{workflow-id}/trigger", 200),
    ("GET", "/workflow-runs", 200),
    ("GET", "/workflow-runs/{workflow-run-id}", 200),
    ("GET", "/workflow-versions", 200),
    ("GET", "/events", 200),
    ("GET", "/events/{event-id}", 200),
    ("POST", "/accounts", 200),
    ("POST", "/accounts", 201),
    ("GET", "/accounts", 200),
    ("GET", "/accounts/{account-id}", 200),
    ("POST", "/inquiries", 201),
    ("GET", "/inquiries", 200),
    ("GET", "/inquiries/{inquiry-id}", 200),
    ("POST", "/inquiries/{inquiry-id}/approve", 200),
    ("POST", "/inquiries/{inquiry-id}/decline", 200),
    ("POST", "/inquiries/{inquiry-id}/mark-for-review", 200),
];

#[test]
fn every_operation_we_answer_is_in_the_contract_with_its_example_and_headers() {
    for contract in Contract::or_skip("every_operation_we_answer_is_in_the_contract_with_its_example_and_headers") {
        for (method, path, status) in OPERATIONS {
            let operation = contract.operation(method, path).unwrap_or_else(|| panic!("{method} {path}"));
            assert_eq!(operation.path, path);
            assert!(operation.statuses().contains(&status), "{method} {path} {status}");
            assert!(contract.example(method, path, status).is_some(), "{method} {path} {status}");
            assert_eq!(
                operation.headers(status),
                [
                    "RateLimit-Limit",
                    "RateLimit-Remaining",
                    "RateLimit-Reset",
                    "Request-Id",
                    "Persona-Environment-Id",
                    "Persona-Organization-Id"
                ],
                "{method} {path} {status}"
            );
        }
        assert!(contract.operations().count() > 100);
    }
}

#[test]
fn an_actual_path_finds_the_operation_with_the_fewest_holes() {
    for contract in Contract::or_skip("an_actual_path_finds_the_operation_with_the_fewest_holes") {
        let table = [
            ("GET", "/api/v1/cases/case_1?include=accounts", Some("/cases/{case-id}")),
            ("post", "/cases/case_1/set-status", Some("/cases/{case-id}/set-status")),
            ("POST", "/cases/search", Some("/cases/search")),
            ("GET", "/cases/", None),
            ("GET", "/nowhere", None),
            ("BREW", "/cases", None),
        ];
        for (method, path, found) in table {
            assert_eq!(contract.operation(method, path).map(|operation| operation.path), found, "{method} {path}");
        }
    }
}

#[test]
fn the_contracts_own_webhook_example_is_at_hand() {
    for contract in Contract::or_skip("the_contracts_own_webhook_example_is_at_hand") {
        let body = contract.webhook_example("inquiry.completed").expect("the contract prints one");
        assert_eq!(body["data"]["attributes"]["name"], "inquiry.completed");
        assert_eq!(contract.validate_webhook("inquiry.completed", body), Vec::<String>::new());
        assert!(!contract.validate_webhook("inquiry.completed", &json!({"data": {"type": "case"}})).is_empty());
        assert!(contract.webhook_example("inquiry.sneezed").is_none());
    }
}

#[test]
fn the_contracts_own_requests_and_answers_are_sound() {
    for contract in Contract::or_skip("the_contracts_own_requests_and_answers_are_sound") {
        for (method, path, status) in
            [("POST", "/cases", 201), ("GET", "/workflow-versions", 200), ("GET", "/events", 200)]
        {
            let example = contract.example(method, path, status).expect("the contract prints one");
            assert_eq!(contract.validate_response(method, path, status, JSON, example), Vec::<String>::new());
        }
        let request = contract.request_example("POST", "/cases").expect("the contract prints one");
        assert_eq!(contract.validate_request("POST", "/cases", request), Vec::<String>::new());
        assert!(!contract.validate_request("POST", "/cases", &json!({"data": {"attributes": {}}})).is_empty());
    }
}

/// Copies of a valid response, each with one error.
fn spoiled(sound: &Value) -> Vec<(&'static str, Value)> {
    let spoil = |change: fn(&mut Value)| {
        let mut value = sound.clone();
        change(&mut value);
        value
    };
    let remove = |value: &mut Value, name: &str| drop(value.as_object_mut().and_then(|members| members.remove(name)));
    let mut no_status = sound.clone();
    remove(&mut no_status["data"]["attributes"], "status");
    let mut no_data = sound.clone();
    remove(&mut no_data, "data");
    vec![
        ("an extra attribute", spoil(|value| value["data"]["attributes"]["mood"] = json!("good"))),
        ("an extra relationship", spoil(|value| value["data"]["relationships"]["friends"] = json!({"data": []}))),
        ("an extra member beside data", spoil(|value| value["extra"] = json!(1))),
        ("a missing required attribute", no_status),
        ("a missing required member", no_data),
        ("a wrong type", spoil(|value| value["data"]["attributes"]["tags"] = json!("one"))),
        ("a wrong word", spoil(|value| value["data"]["type"] = json!("case"))),
        ("a wrong time", spoil(|value| value["data"]["attributes"]["created-at"] = json!("yesterday"))),
        ("a list instead of one object", spoil(|value| value["data"] = json!([]))),
    ]
}

#[test]
fn an_answer_that_is_not_as_the_contract_has_it_is_refused() {
    for contract in Contract::or_skip("an_answer_that_is_not_as_the_contract_has_it_is_refused") {
        let judge = |body: &Value| contract.validate_response("GET", "/inquiries/inq_1", 200, JSON, body);
        let mut sound = contract.example("GET", "/inquiries/inq_1", 200).expect("the contract prints one").clone();
        sound.as_object_mut().expect("an object").remove("included");
        assert_eq!(judge(&sound), Vec::<String>::new());
        for (what, body) in spoiled(&sound) {
            assert!(!judge(&body).is_empty(), "{what} must be refused in {}", contract.version());
        }
    }
}

#[test]
fn an_answer_the_contract_does_not_document_is_refused() {
    for contract in Contract::or_skip("an_answer_the_contract_does_not_document_is_refused") {
        let table = [
            ("GET", "/cases", 418, JSON, "no answer 418"),
            ("GET", "/cases", 200, "text/html", "does not answer in"),
            ("GET", "/nowhere", 200, JSON, "not in the contract"),
        ];
        for (method, path, status, content_type, words) in table {
            let said = contract.validate_response(method, path, status, content_type, &json!({}));
            assert!(said.len() == 1 && said[0].contains(words), "{said:?}");
        }
    }
}
