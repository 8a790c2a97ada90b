//! What holds for every step type of the catalog, and what a new step type requires.

mod conformance;
mod schemas;
mod toy;
mod world;

use docket_kernel::{EnvironmentId, Json, Moment, Scope, Seed, UnitOfWork, VersionId, WorkflowId};
use docket_steps::{engine, entries, reference};
use docket_workflows::step_type::{Catalogue, Entry};
use docket_workflows::validate::check;
use docket_workflows::{Engine, Version};
use serde_json::{Value, json};

/// The widgets that the editor supports.
const WIDGETS: &[&str] = &["case", "case-fields", "case-status", "case-template", "object", "objects", "tags"];

/// Every step type, and the toy.
fn all() -> Vec<Entry> {
    let mut all = entries();
    // The two lines that a step type requires: `mod toy;` above, and this entry.
    all.push(Entry::of::<toy::Toy>());
    all
}

fn definition(entry: &Entry) -> Value {
    json!({
        "trigger": {"on": ["case.created"]},
        "steps": [{"id": "the_step", "name": entry.about.label, "do": entry.about.key, "with": entry.example}],
    })
}

#[test]
fn keys_are_never_renamed() {
    let keys: Vec<_> = entries().iter().map(|entry| entry.about.key).collect();

    assert_eq!(keys, ["case.create", "case.update_status", "object.tag"]);
}

#[test]
fn the_example_of_every_step_type_can_be_published() {
    let engine = engine();
    for entry in entries() {
        let parsed = check(&definition(&entry), &engine);

        assert!(parsed.problems.is_empty(), "{}: {:#?}", entry.about.key, parsed.problems);
    }
}

#[test]
fn every_input_has_help_and_a_widget_of_the_editor() {
    for entry in entries() {
        for input in &entry.shape.inputs {
            assert!(!input.doc.is_empty(), "{} › {} has no help text", entry.about.key, input.name);
        }
        let properties = entry.config.get("properties").and_then(Value::as_object).unwrap();
        for (name, property) in properties {
            if let Some(widget) = property.get("x-widget").and_then(Value::as_str) {
                assert!(WIDGETS.contains(&widget), "{} › {name} uses the unknown widget {widget}", entry.about.key);
            }
        }
    }
}

#[test]
fn every_step_type_has_a_description_and_a_category() {
    for entry in entries() {
        assert!(entry.docs().lines().next().is_some_and(|line| line.ends_with('.')), "{}", entry.about.key);
        assert!(!entry.about.category.is_empty() && !entry.about.label.is_empty());
        assert!(entry.about.key.contains('.'));
    }
}

#[test]
fn the_reference_pages_are_fresh() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/steps");
    let mut expected: Vec<String> = Vec::new();
    for entry in entries() {
        let guide = Some(reference::guide_name(&entry)).filter(|name| folder.join("../../guide").join(name).is_file());
        let (name, page) = (reference::file_name(&entry), reference::page(&entry, guide.as_deref()));
        if schemas::accepts() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join(&name), &page).unwrap();
        }
        let committed = std::fs::read_to_string(folder.join(&name)).unwrap_or_default();
        assert_eq!(committed, page, "{name} is stale: {}", schemas::ACCEPT);
        expected.push(name);
    }
    let mut found: Vec<String> =
        std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected, "a page without a step type, or a step type without a page");
}

#[test]
fn a_step_type_is_one_file_and_two_lines() {
    let engine = Engine::new(Catalogue::new(all()), Box::new(docket_steps::Live));
    let entry = engine.catalogue.get("toy.double").unwrap();

    assert_eq!(entry.to_json()["label"], "Double");
    assert_eq!(entry.to_json()["config"]["properties"]["number"]["description"], "The number to double.");
    assert!(reference::page(entry, None).contains("Doubles a number."));
    assert!(check(&definition(entry), &engine).problems.is_empty());
    let misspelt = json!({
        "trigger": {"on": ["case.created"]},
        "steps": [{"id": "a", "do": "toy.doubel", "with": {"number": 1}}],
    });
    let problem = &check(&misspelt, &engine).problems[0];
    assert!(problem.message.contains("toy.double"), "{}", problem.message);
}

/// The id of the first step of a version, as the engine would run it.
fn first_step(engine: &Engine, work: &mut UnitOfWork, entry: &Entry, step: &str, now: i64) -> Option<String> {
    let mut definition = definition(entry);
    definition["steps"][0]["id"] = json!(step);
    work.begin_batch(Moment(now));
    work.begin_stage(&Scope::Installation, Seed([1; 32]), 0, 0);
    work.insert(Version {
        id: VersionId::of("wfv_draft"),
        environment_id: EnvironmentId::of("env_1"),
        workflow_id: WorkflowId::of("wfl_1"),
        number: 1,
        definition: Json::new(definition),
        description: None,
        publisher_email: None,
        permissions: Json::default(),
        created_at: Moment(1),
        published_at: Moment(now),
    });
    let (_, program) = engine.program(work, &VersionId::of("wfv_draft")).ok()?;
    program.first().map(|step| step.id.clone())
}

#[test]
fn a_draft_whose_publishing_fell_with_its_batch_is_read_anew_when_it_is_published_again() {
    let (engine, mut work, entries) = (engine(), UnitOfWork::default(), entries());

    assert_eq!(first_step(&engine, &mut work, &entries[0], "before", 10).as_deref(), Some("before"));
    assert_eq!(first_step(&engine, &mut work, &entries[0], "after", 11).as_deref(), Some("after"));
}
