//! The cost of a new step type: one file, its `mod` line and its entry. The rest of the product then supports it.

use docket_api::Settings;
use docket_steps::{Live, entries, reference};
use docket_storage::Bounds;
use docket_testkit::engines;
use docket_workflows::Engine;
use docket_workflows::step_type::{Catalogue, Entry};
use serde_json::{Value, json};

use crate::things::{case, published, template};
use crate::world::{World, attributes, on_each_engine};

#[path = "../../../../crates/steps/tests/catalogue/toy.rs"]
mod toy;

fn with_the_toy() -> Engine {
    let mut all = entries();
    all.push(Entry::of::<toy::Toy>());
    Engine::new(Catalogue::new(all), Box::new(Live))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_toy_step_in_one_file_and_two_lines_is_listed_checked_run_and_documented() {
    for on in engines() {
        let world = World::made(on, Settings::default(), Bounds::default(), with_the_toy()).await;
        let definition = |number: Value| {
            json!({
                "trigger": {"on": ["api"], "parameters": [{"name": "n", "type": "integer"}]},
                "steps": [{"id": "twice", "do": "toy.double", "with": {"number": number}}],
                "output": {"doubled": {"ref": "twice.doubled"}},
            })
        };

        let listed = world.get("/step-types").await.expect(200);
        let wrong = json!({"name": "W", "definition": definition(json!("many"))});
        let checked = world.post("/workflows", attributes(wrong)).await.expect(201);
        let id = published(&world, "Double", definition(json!({"ref": "trigger.fields.n"}))).await;
        let run = world.post(&format!("/workflows/{id}/trigger"), attributes(json!({"fields": {"n": 21}}))).await;
        let nothing = world.post(&format!("/workflows/{id}/trigger"), attributes(json!({"fields": {}}))).await;

        let entries = listed.body["data"].as_array().expect("a list");
        let entry = entries.iter().find(|entry| entry["id"] == "toy.double").expect("it is listed");
        let told = &entry["attributes"];
        assert_eq!((&told["label"], &told["category"]), (&json!("Double"), &json!("Toy")), "{told}");
        assert_eq!(told["config"]["properties"]["number"]["description"], "The number to double.");
        assert_eq!(told["output"]["properties"]["doubled"]["type"], "integer");
        assert!(told["docs"].as_str().is_some_and(|docs| docs.starts_with("Doubles a number.")), "{told}");
        assert_eq!(checked.at("/meta/problems/0/path"), "steps[0].with.number", "{}", checked.told());
        let steps = world.get(&format!("/workflow-runs/{}/steps", run.expect(200).id())).await.expect(200);
        assert_eq!(steps.at("/meta/run/output/doubled"), 42, "{}", steps.told());
        let steps = world.get(&format!("/workflow-runs/{}/steps", nothing.expect(200).id())).await.expect(200);
        let error = &steps.at("/data/0/attributes/error");
        assert_eq!((&error["code"], &error["pointer"]), (&json!("missing-value"), &json!("/with/number")));
        let engine = with_the_toy();
        let page = reference::page(engine.catalogue.get("toy.double").expect("the toy"), None);
        assert!(page.contains("| `number` | a whole number | yes | The number to double. |"), "{page}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_step_type_tells_what_it_takes_and_what_it_gives() {
    on_each_engine(async |world| {
        let listed = world.get("/step-types").await.expect(200);

        let told: Vec<_> = listed.body["data"].as_array().expect("a list").iter().map(|e| &e["attributes"]).collect();
        assert_eq!(told.len(), entries().len());
        for entry in told {
            assert!(entry["config"]["properties"].as_object().is_some_and(|inputs| !inputs.is_empty()), "{entry}");
            let output = &entry["output"];
            assert!(output["properties"].is_object() || output["x-object"].is_string(), "{entry}");
            for name in ["startup", "essential", "growth", "enterprise"] {
                assert!(entry["plans"][name].is_string(), "{entry}");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_error_of_a_step_names_the_input_that_caused_it() {
    on_each_engine(async |world| {
        let case = case(&world, &template(&world).await).await.id();
        let x = || json!({"ref": "trigger.fields.x"});
        let moved = |case: Value, status: Value| json!({"case": case, "status": status});
        for (step_type, with, x, code, pointer) in [
            ("case.update_status", moved(x(), json!("Pending")), "case_nobodys", "not-found", "/with/case"),
            ("case.update_status", moved(json!(case), x()), "Nowhere", "unknown-status", "/with/status"),
            ("case.create", json!({"template": x()}), "ctmpl_nobodys", "unknown-template", "/with/template"),
            ("object.tag", json!({"object": x(), "tags": ["new"]}), "acc_nobodys", "not-found", "/with/object"),
            ("object.tag", json!({"object": case, "tags": [x()]}), " ", "tag", "/with/tags"),
        ] {
            let definition = json!({
                "trigger": {"on": ["api"], "parameters": [{"name": "x", "type": "string"}]},
                "steps": [{"id": "it", "do": step_type, "with": with}],
            });
            let id = published(&world, &format!("{step_type} {pointer}"), definition).await;

            let run = world.post(&format!("/workflows/{id}/trigger"), attributes(json!({"fields": {"x": x}}))).await;

            let steps = world.get(&format!("/workflow-runs/{}/steps", run.expect(200).id())).await.expect(200);
            let error = steps.at("/data/0/attributes/error");
            assert_eq!((&error["code"], &error["pointer"]), (&json!(code), &json!(pointer)), "{step_type}: {error}");
        }
    })
    .await;
}
