//! Every shape of the API, full and sparse, validated with the contract in both published versions.

mod views;

use docket_api::document::{Document, Resource, Style};
use docket_api::error::{ErrorDocument, ErrorItem, Surface};
use docket_api::fieldset::Fieldsets;
use docket_api::inflection::Inflection;
use docket_api::query::Query;
use docket_api::version::ApiVersion;
use docket_contract::Contract;
use serde_json::Value;

const JSON: &str = "application/json";

fn style(contract: &Contract) -> Style {
    let version = ApiVersion::parse(contract.version()).expect("a published version is a date");
    Style { inflection: Inflection::Kebab, version }
}

/// The operations that return one object, with the noun of each.
const ONE: [(&str, &str, u16, &str); 16] = [
    ("POST", "/cases", 201, "case"),
    ("GET", "/cases/case_1", 200, "case"),
    ("PATCH", "/cases/case_1", 200, "case"),
    ("POST", "/cases/case_1/set-status", 200, "case"),
    ("POST", "/cases/case_1/add-objects", 200, "case"),
    ("GET", "/case-templates/ctmpl_1", 200, "case-template"),
    ("POST", "/workflows/wfl_1/trigger", 200, "workflow-run"),
    ("GET", "/workflow-runs/wfr_1", 200, "workflow-run"),
    ("GET", "/events/evt_1", 200, "event"),
    ("POST", "/accounts", 200, "account"),
    ("POST", "/accounts", 201, "account"),
    ("GET", "/accounts/act_1", 200, "account"),
    ("GET", "/inquiries/inq_1", 200, "inquiry"),
    ("POST", "/inquiries/inq_1/approve", 200, "inquiry"),
    ("POST", "/inquiries/inq_1/decline", 200, "inquiry"),
    ("POST", "/inquiries/inq_1/mark-for-review", 200, "inquiry"),
];

/// The operations that return a list.
const MANY: [(&str, &str); 6] = [
    ("/cases", "case"),
    ("/workflow-runs", "workflow-run"),
    ("/workflow-versions", "workflow-version"),
    ("/events", "event"),
    ("/accounts", "account"),
    ("/inquiries", "inquiry"),
];

fn views_of(noun: &str) -> Vec<Resource> {
    let found: Vec<_> = views::all().into_iter().filter(|resource| resource.kind == noun).collect();
    assert!(found.len() >= 2, "{noun} has a full and a sparse view");
    found
}

#[test]
fn one_object_is_answered_as_the_contract_has_it() {
    for contract in Contract::or_skip("one_object_is_answered_as_the_contract_has_it") {
        for (method, path, status, noun) in ONE {
            for resource in views_of(noun) {
                let body = Document::one(resource).into_value(style(contract), &Fieldsets::default());
                let said = contract.validate_response(method, path, status, JSON, &body);
                assert_eq!(said, Vec::<String>::new(), "{method} {path} in {}: {body:#}", contract.version());
            }
        }
    }
}

#[test]
fn a_list_is_answered_as_the_contract_has_it() {
    let query = Query::parse("page[size]=2").expect("a sound query");
    for contract in Contract::or_skip("a_list_is_answered_as_the_contract_has_it") {
        for (path, noun) in MANY {
            let address = format!("/api/v1{path}");
            for links in [query.links(&address, None, None), query.links(&address, Some("a"), Some("b"))] {
                for resources in [vec![], views_of(noun)] {
                    let body =
                        Document::many(resources, links.clone()).into_value(style(contract), &Fieldsets::default());
                    let said = contract.validate_response("GET", path, 200, JSON, &body);
                    assert_eq!(said, Vec::<String>::new(), "GET {path} in {}: {body:#}", contract.version());
                }
            }
        }
    }
}

#[test]
fn a_new_inquiry_is_answered_with_its_session_and_link_or_nulls() {
    for contract in Contract::or_skip("a_new_inquiry_is_answered_with_its_session_and_link_or_nulls") {
        for link in [Value::Null, Value::from("https://docket.example/verify")] {
            let document = Document::one(views_of("inquiry").remove(0))
                .with_meta("session-token", Value::Null)
                .with_meta("one-time-link", link.clone())
                .with_meta("one-time-link-short", link);
            let body = document.into_value(style(contract), &Fieldsets::default());
            assert_eq!(contract.validate_response("POST", "/inquiries", 201, JSON, &body), Vec::<String>::new());
        }
        let without = Document::one(views_of("inquiry").remove(0)).into_value(style(contract), &Fieldsets::default());
        assert!(!contract.validate_response("POST", "/inquiries", 201, JSON, &without).is_empty());
    }
}

#[test]
fn included_objects_are_as_the_contract_has_them() {
    let table: [(&str, &str, &[&str]); 4] = [
        ("/cases/case_1", "case", &["account", "case-comment", "case-template", "inquiry"]),
        ("/workflow-runs/wfr_1", "workflow-run", &["workflow", "workflow-version", "event", "user"]),
        ("/accounts/act_1", "account", &["account-type"]),
        ("/inquiries/inq_1", "inquiry", &["account", "inquiry-template"]),
    ];
    for contract in Contract::or_skip("included_objects_are_as_the_contract_has_them") {
        for (path, noun, related) in table {
            let included: Vec<_> = related.iter().flat_map(|noun| views_of(noun)).collect();
            for included in [vec![], included] {
                let document = Document::one(views_of(noun).remove(0)).including(included);
                let body = document.into_value(style(contract), &Fieldsets::default());
                let said = contract.validate_response("GET", path, 200, JSON, &body);
                assert_eq!(said, Vec::<String>::new(), "GET {path} in {}", contract.version());
            }
        }
    }
}

#[test]
fn every_shape_is_the_schema_of_its_own_name() {
    for contract in Contract::or_skip("every_shape_is_the_schema_of_its_own_name") {
        for resource in views::all() {
            let noun = resource.kind.clone();
            let body = Document::one(resource).into_value(style(contract), &Fieldsets::default());
            assert_eq!(contract.validate_schema(&noun, &body["data"]), Vec::<String>::new(), "{noun}: {body:#}");
        }
    }
}

#[test]
fn every_member_of_the_contract_is_in_a_shapes_full_view() {
    for contract in Contract::or_skip("every_member_of_the_contract_is_in_a_shapes_full_view") {
        let table = [
            ("POST", "/cases", 201, "case"),
            ("GET", "/accounts/a", 200, "account"),
            ("GET", "/inquiries/i", 200, "inquiry"),
            ("GET", "/workflow-runs/r", 200, "workflow-run"),
            ("GET", "/case-templates/t", 200, "case-template"),
        ];
        for (method, path, status, noun) in table {
            let example = &contract.example(method, path, status).expect("the contract prints one")["data"];
            let full = Document::one(views_of(noun).remove(0)).into_value(style(contract), &Fieldsets::default());
            for part in ["attributes", "relationships"] {
                for (name, _) in example[part].as_object().into_iter().flatten() {
                    assert!(
                        full["data"][part].get(name).is_some(),
                        "{noun} lacks {part}/{name} in {}",
                        contract.version()
                    );
                }
            }
        }
    }
}

#[test]
fn a_refusal_is_answered_as_the_contract_has_it() {
    for contract in Contract::or_skip("a_refusal_is_answered_as_the_contract_has_it") {
        for status in [400, 401, 403, 404, 409, 422, 429, 503] {
            let item = ErrorItem::new("Title", "details").at("/data/attributes/name").coded("code").with("more", 1);
            let body = ErrorDocument::of(status, vec![item.clone(), item]).to_value(Surface::Contract);
            let said = contract.validate_response("POST", "/cases", status, JSON, &body);
            assert_eq!(said, Vec::<String>::new(), "{status} in {}", contract.version());
        }
    }
}

#[test]
fn a_refusal_that_says_more_than_the_contract_has_room_for_is_told() {
    for contract in Contract::or_skip("a_refusal_that_says_more_than_the_contract_has_room_for_is_told") {
        let body = ErrorDocument::bad_request("x").at("/a").to_value(Surface::Ours);
        assert!(!contract.validate_response("POST", "/cases", 400, JSON, &body).is_empty());
    }
}
