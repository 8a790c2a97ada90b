//! Setup bundles: the definitions of an environment, moved to another by slugs.

use docket_access::{Plan, SetupRequest, setup};
use docket_kernel::Scope;
use docket_storage::Command;
use docket_testkit::engines;
use serde_json::{Map, Value, json};

use crate::things::{called, case, published};
use crate::world::{Answer, Call, World, attributes, on_each_engine};

/// The target of a bundle: the production environment, which is empty.
fn there(world: &World) -> String {
    world.foreign_key.clone()
}

async fn exported(world: &World, key: &str, filters: &str) -> Answer {
    world.call(Call::get(&format!("/bundle{filters}")).key(key)).await.expect(200)
}

async fn document(world: &World, key: &str) -> Value {
    exported(world, key, "").await.attribute("document").clone()
}

async fn sent(world: &World, key: &str, deed: &str, bundle: &Value, meta: Value) -> Answer {
    let mut body = attributes(json!({"bundle": bundle}));
    body["meta"] = meta;
    world.call(Call::post(&format!("/bundle/{deed}")).key(key).json(body)).await
}

/// The lines of a plan: the action on each item, and its changes.
fn lines(plan: &Answer) -> Vec<String> {
    let mut lines = Vec::new();
    for item in plan.attribute("items").as_array().into_iter().flatten() {
        let text = |name: &str| item[name].as_str().unwrap_or_default();
        let flags = ["publishes", "overwrites"].into_iter().filter(|flag| item[*flag] == true);
        let flags: String = flags.flat_map(|flag| [", ", flag]).collect();
        lines.push(format!("{} {} {}{flags}", text("action"), text("type"), text("slug")));
        for change in item["changes"].as_array().into_iter().flatten() {
            lines.push(format!(
                "  {}: {} > {}",
                change["at"].as_str().unwrap_or_default(),
                change["before"],
                change["after"]
            ));
        }
        for kept in item["kept"].as_array().into_iter().flatten() {
            lines.push(format!("  stays: {}", kept.as_str().unwrap_or_default()));
        }
    }
    lines
}

fn problems(plan: &Answer) -> Vec<String> {
    let text = |problem: &Value| {
        format!(
            "{}, {}: {}",
            problem["slug"].as_str().unwrap_or_default(),
            problem["at"].as_str().unwrap_or_default(),
            problem["code"].as_str().unwrap_or_default()
        )
    };
    plan.attribute("problems").as_array().into_iter().flatten().map(text).collect()
}

/// Every row that a bundle could write, to show that nothing was written.
async fn rows(world: &World) -> Vec<String> {
    world
        .fresh
        .read(
            "SELECT concat('case_template ', id, ' ', version) AS value FROM case_template
             UNION ALL SELECT concat('case_status ', id, ' ', version) FROM case_status
             UNION ALL SELECT concat('workflow ', id, ' ', version) FROM workflow
             UNION ALL SELECT concat('workflow_version ', id) FROM workflow_version
             UNION ALL SELECT concat('event ', id) FROM event ORDER BY 1",
        )
        .await
}

/// A template with changed statuses: one renamed, one removed.
async fn template_with_a_past(world: &World) -> String {
    let status = |name: &str, kind: &str| json!({"name": name, "type": kind});
    let mut statuses =
        vec![status("Open", "initial"), status("Waiting", "intermediate"), status("Parked", "intermediate")];
    statuses.extend([status("Approved", "end"), status("Declined", "end")]);
    let fields = json!([
        {"key": "amount", "type": "integer", "required": true},
        {"key": "riskLevel", "type": "choices", "label": "Risk", "options": ["low", "no", "on"]},
    ]);
    let body = attributes(json!({"name": "Know your customer", "fields": fields, "statuses": statuses}));
    let id = world.post("/case-templates", body).await.expect(201).id();
    let shown = world.get(&format!("/case-templates/{id}/statuses")).await.expect(200);
    let waiting = shown.at("/data/1/id").clone();
    let mut changed = vec![
        status("Open", "initial"),
        json!({"id": waiting, "name": "On hold", "type": "intermediate", "color": "#aabbcc"}),
        status("Approved", "end"),
        json!({"name": "Declined", "type": "end", "require-comment": true, "allowed-next": ["Open"]}),
    ];
    changed.swap(2, 3);
    let mut body = attributes(json!({"name": "KYC review", "statuses": changed}));
    body["meta"] = json!({"successors": {"Parked": "On hold"}});
    world.patch(&format!("/case-templates/{id}"), body).await.expect(200).id()
}

/// A sandbox with templates and workflows of every form.
async fn set_up(world: &World) -> String {
    let template = template_with_a_past(world).await;
    let kinds = attributes(json!({"name": "Überprüfung", "key": "UP"}));
    world.post("/case-templates", kinds).await.expect(201);
    let mut live = called(&template);
    live["steps"][1]["choose"][0]["steps"][0]["with"]["status"] = json!("Parked");
    let id = published(world, "Open and move", live).await;
    let newer = json!({"trigger": {"on": ["api"], "parameters": []}, "steps": []});
    let put = Call::new("PUT", &format!("/workflows/{id}/draft")).with("if-match", "*");
    world.call(put.json(attributes(json!({"definition": newer})))).await.expect(200);
    let listens = json!({
        "trigger": {"on": ["workflow-run.completed"], "where": {"all": [{"field": "trigger.workflow.id", "is": "equals", "value": id}]}},
        "steps": [{"id": "open", "do": "case.create", "with": {"template": {"literal": template}, "fields": {"amount": 3}}}],
    });
    let draft = attributes(json!({"name": "After it", "description": "Follows.", "definition": listens}));
    world.post("/workflows", draft).await.expect(201);
    template
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_exported_is_what_another_environment_exports_once_it_is_applied() {
    on_each_engine(async |world| {
        set_up(&world).await;
        let from = exported(&world, &world.key, "").await;
        let bundle = from.attribute("document").clone();
        let there = there(&world);

        let before = rows(&world).await;
        let plan = sent(&world, &there, "plan", &bundle, json!({"publish": true})).await.expect(200);
        assert_eq!(rows(&world).await, before);
        let created = ["create case-template know-your-customer", "create case-template uberprufung"];
        let workflows = ["create workflow after-it, publishes", "create workflow open-and-move, publishes"];
        assert_eq!(lines(&plan), [created, workflows].concat());
        assert_eq!((problems(&plan), plan.attribute("applicable")), (vec![], &json!(true)));
        let digest = json!({"publish": true, "plan": plan.attribute("digest")});
        let applied = sent(&world, &there, "apply", &bundle, digest).await.expect(200);

        assert_eq!(lines(&applied), lines(&plan));
        let to = exported(&world, &there, "").await;
        assert_eq!(to.attribute("document"), &bundle);
        assert_eq!(to.attribute("yaml"), from.attribute("yaml"));
        assert_eq!((from.at("/meta/warnings"), to.at("/meta/warnings")), (&json!([]), &json!([])));
        let yaml = from.attribute("yaml").as_str().unwrap_or_default().to_owned();
        assert!(!yaml.contains("ctmpl_") && !yaml.contains("wfl_"), "{yaml}");
        assert!(yaml.contains("\"on\":") && yaml.contains("- \"no\""), "{yaml}");

        let written = rows(&world).await;
        for meta in [json!({"publish": true}), json!({})] {
            let again = sent(&world, &there, "apply", &json!(yaml), meta).await.expect(200);
            assert_eq!(again.attribute("changes"), &json!(false), "{}", again.told());
        }
        assert_eq!(rows(&world).await, written);
        world.is_in_order().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workflow_that_was_carried_does_there_what_it_did_here() {
    on_each_engine(async |world| {
        set_up(&world).await;
        let (bundle, there) = (document(&world, &world.key).await, there(&world));
        sent(&world, &there, "apply", &bundle, json!({"publish": true})).await.expect(200);

        let statuses = ran(&world, &there, "open-and-move").await;

        // The workflow that listens to its runs created another case.
        assert_eq!(statuses, ["Open", "On hold"]);
    })
    .await;
}

/// Starts the workflow with this slug in the key's environment, and returns the statuses of the cases there.
async fn ran(world: &World, key: &str, slug: &str) -> Vec<Value> {
    let listed = world.call(Call::get("/workflows").key(key)).await.expect(200);
    let all = listed.at("/data").as_array().cloned().unwrap_or_default();
    let found = all.iter().find(|workflow| workflow["attributes"]["slug"] == slug).expect("the workflow");
    let path = format!("/workflows/{}/trigger", found["id"].as_str().unwrap_or_default());
    let run = attributes(json!({"fields": {"amount": 11}}));
    world.call(Call::post(&path).key(key).json(run)).await.expect_success();
    let cases = world.call(Call::get("/cases").key(key)).await.expect(200);
    let cases = cases.at("/data").as_array().cloned().unwrap_or_default();
    cases.iter().map(|case| case["attributes"]["status"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_setup_moves_between_installations_on_either_engine_and_runs_there() {
    for from in engines() {
        for to in engines() {
            let (here, there) = (World::on(from).await, World::on(to).await);
            set_up(&here).await;
            let bundle = exported(&here, &here.key, "").await;

            let yaml = bundle.attribute("yaml");
            let plan = sent(&there, &there.key, "plan", yaml, json!({"publish": true})).await.expect(200);
            let exactly = json!({"publish": true, "plan": plan.attribute("digest")});
            sent(&there, &there.key, "apply", yaml, exactly).await.expect(200);

            let back = exported(&there, &there.key, "").await;
            assert_eq!(back.attribute("document"), bundle.attribute("document"), "{from:?} to {to:?}");
            assert_eq!(back.attribute("yaml"), yaml, "{from:?} to {to:?}");
            let returned = sent(&here, &here.key, "plan", back.attribute("yaml"), json!({})).await.expect(200);
            assert_eq!(returned.attribute("changes"), &json!(false), "{:?}", lines(&returned));
            assert_eq!(ran(&there, &there.key, "open-and-move").await, ["Open", "On hold"], "{from:?} to {to:?}");
            there.is_in_order().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_setup_moves_to_another_organization_and_runs_there() {
    on_each_engine(async |world| {
        set_up(&world).await;
        let request = SetupRequest {
            organization: "Harbor Bank".into(),
            email: "hans@harbor.example".into(),
            password_hash: "none".into(),
            plan: Plan::Enterprise,
        };
        let second = Command::new("setup", Scope::Installation, move |work| setup(work, &request));
        let made = world.database.writer().submit(second).await.expect("a second organization");
        let key = made.sandbox.api_key;
        let (bundle, before) = (document(&world, &world.key).await, ran(&world, &world.key, "open-and-move").await);

        let plan = sent(&world, &key, "plan", &bundle, json!({"publish": true})).await.expect(200);
        assert_eq!(plan.attribute("items").as_array().map(Vec::len), Some(4), "{:?}", lines(&plan));
        sent(&world, &key, "apply", &bundle, json!({"publish": true})).await.expect(200);

        assert_eq!(document(&world, &key).await, bundle);
        assert_eq!(ran(&world, &key, "open-and-move").await, ["Open", "On hold"]);
        let cases = world.get("/cases").await.expect(200);
        assert_eq!(cases.ids().len(), before.len(), "the first organization keeps its cases");
        world.is_in_order().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_a_file_is_said_in_plain_sentences() {
    let world = World::sqlite().await;
    let twice = of_statuses(&[("open", "Open", "initial"), ("open", "Done", "end")]);
    let mut odd = of_statuses(&[("open", "Open", "initial"), ("done", "Done", "end")]);
    odd["case_templates"][0]["statuses"][0]["colour"] = json!("red");
    for (bundle, sentence) in [
        (json!("name: A workflow"), "this is not a setup bundle: a setup bundle starts with `docket: bundle`"),
        (json!("docket: bundle\n"), "the setup bundle has no version: add `version: 1`"),
        (
            json!({"docket": "bundle", "version": 2}),
            "version 2 of setup bundles is not supported: this release of Docket reads version 1",
        ),
        (
            json!({"docket": "bundle", "version": 1, "people": []}),
            "unknown member 'people': a setup bundle has the members docket, version, case_templates and workflows",
        ),
        (json!({"docket": "bundle", "version": 1, "workflows": {}}), "workflows must be a list"),
        (twice, "the slug 'open' is used more than once (case_templates/0/statuses/1/slug)"),
        (
            json!({"docket": "bundle", "version": 1, "workflows": [{"slug": "Not A", "name": "A", "definition": {}}]}),
            "'Not A' is not a valid slug: use 1 to 64 lowercase letters, digits and hyphens (workflows/0/slug)",
        ),
        (
            json!({"docket": "bundle", "version": 1, "workflows": [{"name": "A"}]}),
            "missing member `slug` (workflows/0)",
        ),
    ] {
        let refused = sent(&world, &world.key, "plan", &bundle, json!({})).await.expect(422);
        assert_eq!(refused.details(), sentence);
    }
    let refused = sent(&world, &world.key, "plan", &odd, json!({})).await.expect(422);
    assert!(refused.details().starts_with("unknown member `colour`, expected one of"), "{}", refused.details());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chosen_workflows_come_with_what_they_need() {
    let world = World::sqlite().await;
    set_up(&world).await;

    let one = exported(&world, &world.key, "?filter[workflow]=after-it").await;
    let drafts = exported(&world, &world.key, "?filter[drafts]=true").await;
    let kind = exported(&world, &world.key, "?filter[case-template]=uberprufung").await;
    let odd = world.get("/bundle?filter[workflow]=none").await.expect(400);

    let slugs = |answer: &Answer, member: &str| -> Vec<String> {
        let items = answer.attribute("document")[member].as_array().cloned().unwrap_or_default();
        items.iter().map(|item| item["slug"].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(slugs(&one, "case_templates"), ["know-your-customer"]);
    assert_eq!(slugs(&one, "workflows"), ["after-it", "open-and-move"]);
    assert_eq!(drafts.attribute("document")["workflows"][1]["definition"]["steps"], json!([]));
    assert_eq!((slugs(&kind, "case_templates").len(), slugs(&kind, "workflows").len()), (1, 0));
    assert!(odd.told().contains("it has after-it, open-and-move"), "{}", odd.told());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rename_is_known_by_the_slug_and_only_what_differs_changes() {
    on_each_engine(async |world| {
        set_up(&world).await;
        let there = there(&world);
        sent(&world, &there, "apply", &document(&world, &world.key).await, json!({"publish": true})).await.expect(200);
        let mut bundle = document(&world, &world.key).await;
        bundle["case_templates"][0]["name"] = json!("Customers");
        bundle["case_templates"][0]["statuses"][1]["name"] = json!("Held");
        bundle["case_templates"][0]["statuses"][1]["color"] = json!("#000000");
        bundle["workflows"][0]["description"] = json!("Comes after.");
        let listed = world.call(Call::get("/case-templates").key(&there)).await.expect(200);
        let place = usize::from(listed.at("/data/0/attributes/slug") != "know-your-customer");
        let template = listed.text(&format!("/data/{place}/id"));
        let open = attributes(json!({"case-template-id": template, "fields": {"amount": 1}}));
        let opened = world.call(Call::post("/cases").key(&there).json(open)).await.expect(201).id();
        let mut set = attributes(json!({}));
        set["meta"] = json!({"status": "On hold"});
        world.call(Call::post(&format!("/cases/{opened}/set-status")).key(&there).json(set)).await.expect_success();

        let plan = sent(&world, &there, "plan", &bundle, json!({"publish": true})).await.expect(200);
        sent(&world, &there, "apply", &bundle, json!({"publish": true})).await.expect(200);

        assert_eq!(
            lines(&plan),
            [
                "change case-template know-your-customer",
                r#"  name: "KYC review" > "Customers""#,
                r#"  statuses/waiting/name: "On hold" > "Held""#,
                r##"  statuses/waiting/color: "#aabbcc" > "#000000""##,
                "unchanged case-template uberprufung",
                "change workflow after-it",
                r#"  description: "Follows." > "Comes after.""#,
                "unchanged workflow open-and-move",
            ]
        );
        let shown = world.call(Call::get(&format!("/cases/{opened}")).key(&there)).await.expect(200);
        assert_eq!(shown.attribute("status"), "Held");
        let again = sent(&world, &there, "apply", &bundle, json!({})).await.expect(200);
        assert_eq!(again.attribute("changes"), &json!(false), "{:?}", lines(&again));
        world.is_in_order().await;
    })
    .await;
}

/// A bundle of one template with these statuses.
fn of_statuses(statuses: &[(&str, &str, &str)]) -> Value {
    let status = |(slug, name, kind): &(&str, &str, &str)| json!({"slug": slug, "name": name, "type": kind});
    let statuses: Vec<_> = statuses.iter().map(status).collect();
    let template = json!({"slug": "kyc", "name": "KYC", "key": "KYC", "statuses": statuses});
    json!({"docket": "bundle", "version": 1, "case_templates": [template], "workflows": []})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_only_the_environment_has_stays_unless_it_is_to_go() {
    on_each_engine(async |world| {
        let more =
            of_statuses(&[("open", "Open", "initial"), ("held", "Held", "intermediate"), ("done", "Done", "end")]);
        sent(&world, &world.key, "apply", &more, json!({})).await.expect(200);
        world.post("/workflows", attributes(json!({"name": "Own"}))).await.expect(201);
        let listed = world.get("/case-templates").await.expect(200);
        let opened = case(&world, &listed.text("/data/0/id")).await.id();
        let mut set = attributes(json!({}));
        set["meta"] = json!({"status": "Held"});
        world.post(&format!("/cases/{opened}/set-status"), set).await.expect_success();
        let mut less = of_statuses(&[("open", "Open", "initial"), ("done", "Done", "end")]);

        let kept = sent(&world, &world.key, "plan", &less, json!({})).await.expect(200);
        let refused = sent(&world, &world.key, "apply", &less, json!({"prune": true})).await.expect(422);
        less["case_templates"][0]["retired"] = json!([{"slug": "held", "names": ["Held"], "successor": "open"}]);
        let pruned = sent(&world, &world.key, "apply", &less, json!({"prune": true})).await.expect(200);

        assert_eq!(lines(&kept), ["unchanged case-template kyc", "  stays: statuses/held", "only-here workflow own"]);
        assert!(refused.told().contains("can't be removed without a successor"), "{}", refused.told());
        assert_eq!(lines(&pruned)[0], "change case-template kyc");
        let shown = world.get(&format!("/cases/{opened}")).await.expect(200);
        assert_eq!(shown.attribute("status"), "Open");
        let again = sent(&world, &world.key, "apply", &less, json!({"prune": true})).await.expect(200);
        assert_eq!(again.attribute("changes"), &json!(false), "{:?}", lines(&again));
        world.is_in_order().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_in_the_last_workflow_leaves_nothing_of_the_bundle() {
    on_each_engine(async |world| {
        set_up(&world).await;
        let (there, mut bundle) = (there(&world), document(&world, &world.key).await);
        let broken = json!({"trigger": {"on": ["api"], "parameters": []}, "steps": [{"id": "x", "do": "case.crate", "with": {}}]});
        bundle["workflows"].as_array_mut().unwrap().push(json!({"slug": "zuletzt", "name": "Last", "definition": broken}));
        let before = rows(&world).await;

        let plan = sent(&world, &there, "plan", &bundle, json!({"publish": true})).await.expect(200);
        let refused = sent(&world, &there, "apply", &bundle, json!({"publish": true})).await.expect(422);
        assert_eq!(problems(&plan), ["zuletzt, steps[0].do: unknown-step-type"], "{}", plan.told());
        assert_eq!(plan.attribute("applicable"), &json!(false));
        assert!(refused.told().contains("workflow zuletzt, steps[0]"), "{}", refused.told());

        let nowhere = json!({"$slug": "case-templates/none"});
        bundle["workflows"][0]["definition"]["steps"][0]["with"]["template"] = nowhere;
        let refused = sent(&world, &there, "apply", &bundle, json!({})).await.expect(422);
        assert!(refused.told().contains("case-templates/none is neither"), "{}", refused.told());
        assert_eq!(rows(&world).await, before);

        bundle["workflows"].as_array_mut().unwrap().remove(0);
        let drafts = sent(&world, &there, "apply", &bundle, json!({})).await.expect(200);
        assert_eq!(problems(&drafts), ["zuletzt, steps[0].do: unknown-step-type"]);
        world.is_in_order().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_was_planned_is_applied() {
    on_each_engine(async |world| {
        let bundle = of_statuses(&[("open", "Open", "initial"), ("done", "Done", "end")]);
        sent(&world, &world.key, "apply", &bundle, json!({})).await.expect(200);
        let mut changed = bundle.clone();
        changed["case_templates"][0]["name"] = json!("Renamed");
        let plan = sent(&world, &world.key, "plan", &changed, json!({})).await.expect(200);
        let digest = plan.attribute("digest").clone();

        let other = sent(&world, &world.key, "apply", &bundle, json!({"plan": digest})).await.expect(409);
        let options =
            sent(&world, &world.key, "apply", &changed, json!({"plan": digest, "publish": true})).await.expect(409);
        let id = world.get("/case-templates").await.expect(200).text("/data/0/id");
        world.patch(&format!("/case-templates/{id}"), attributes(json!({"name": "Meanwhile"}))).await.expect(200);
        let stale = sent(&world, &world.key, "apply", &changed, json!({"plan": digest})).await.expect(409);
        let anew = sent(&world, &world.key, "plan", &changed, json!({})).await.expect(200);
        let meta = json!({"plan": anew.attribute("digest")});
        sent(&world, &world.key, "apply", &changed, meta).await.expect(200);

        assert!(other.told().contains("a different setup bundle") && options.told().contains("different options"));
        assert!(stale.told().contains("case template 'Meanwhile' at "), "{}", stale.told());
        assert_eq!(lines(&anew)[1], r#"  name: "Meanwhile" > "Renamed""#);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_without_a_slug_is_told_at_both_ends() {
    let world = World::sqlite().await;
    let template = template_with_a_past(&world).await;
    let opened = world
        .post("/cases", attributes(json!({"case-template-id": template, "fields": {"amount": 1}})))
        .await
        .expect(201)
        .id();
    let step = json!({"id": "move", "do": "case.update_status", "with": {"case": opened, "status": "Open"}});
    let definition = json!({"trigger": {"on": ["api"], "parameters": []}, "steps": [step]});
    published(&world, "One case", definition).await;

    let from = exported(&world, &world.key, "").await;
    let plan = sent(&world, &there(&world), "plan", from.attribute("document"), json!({})).await.expect(200);

    assert_eq!(from.at("/meta/warnings/0/at"), "steps/move/with/case");
    assert!(from.text("/meta/warnings/0/message").starts_with(&opened), "{}", from.told());
    assert_eq!(problems(&plan), ["one-case, steps/move/with/case: id-without-slug"]);
    assert_eq!(plan.attribute("applicable"), &json!(true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stands_in_the_way_is_named_and_archived_things_stay_so() {
    let world = World::sqlite().await;
    let bundle = of_statuses(&[("open", "Open", "initial"), ("done", "Done", "end")]);
    world.post("/case-templates", attributes(json!({"name": "Other", "key": "KYC"}))).await.expect(201);
    let prefix = sent(&world, &world.key, "plan", &bundle, json!({})).await.expect(200);
    assert_eq!(problems(&prefix), ["kyc, : key-taken"]);

    let definition = json!({"trigger": {"on": ["api"], "parameters": []}, "steps": []});
    let id = published(&world, "Gone", definition.clone()).await;
    world.call(Call::post(&format!("/workflows/{id}/archive"))).await.expect(200);
    assert_eq!(exported(&world, &world.key, "").await.attribute("document")["workflows"], json!([]));
    let gone = json!({"slug": "gone", "name": "Gone again", "definition": definition});
    let bundle = json!({"docket": "bundle", "version": 1, "workflows": [gone]});
    let archived = sent(&world, &world.key, "apply", &bundle, json!({})).await.expect(422);
    assert!(archived.told().contains("archived"), "{}", archived.told());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_no_bundle_is_refused_with_its_place() {
    let world = World::sqlite().await;
    let usual = || of_statuses(&[("open", "Open", "initial"), ("done", "Done", "end")]);
    let with = |change: &dyn Fn(&mut Value)| {
        let mut bundle = usual();
        change(&mut bundle);
        bundle
    };
    let at = |place: &str| format!("/data/attributes/bundle/{place}");
    for (bundle, place) in [
        (json!({"name": "A workflow"}), at("docket")),
        (with(&|b| b["version"] = json!(2)), at("version")),
        (with(&|b| b["people"] = json!([])), at("people")),
        (with(&|b| b["case_templates"] = json!({})), at("case_templates")),
        (with(&|b| b["case_templates"][0]["colour"] = json!("red")), at("case_templates/0")),
        (with(&|b| b["case_templates"][0]["slug"] = json!("A b")), at("case_templates/0/slug")),
        (
            with(&|b| b["case_templates"][0]["statuses"][1]["slug"] = json!("open")),
            at("case_templates/0/statuses/1/slug"),
        ),
        (
            with(&|b| b["case_templates"][0]["statuses"][1]["allowed_next"] = json!(["x"])),
            at("case_templates/0/statuses"),
        ),
        (
            with(&|b| b["case_templates"][0]["fields"] = json!([{"key": "a", "type": "string", "lable": "A"}])),
            at("case_templates/0/fields/0/lable"),
        ),
        (
            with(&|b| b["workflows"] = json!([{"slug": "w", "name": "W", "definition": 3}])),
            at("workflows/0/definition"),
        ),
        (json!("docket: bundle\nversion: 1\nx: ["), "/data/attributes/bundle".into()),
    ] {
        let refused = sent(&world, &world.key, "plan", &bundle, json!({})).await.expect(422);
        assert_eq!(refused.pointers()[0], place, "{}", refused.told());
    }
    let key = world.new_key(vec![docket_kernel::Permission::WorkflowWrite], None).await;
    sent(&world, &key, "plan", &usual(), json!({})).await.expect(403);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bundle_has_4_mebibytes_as_text_and_as_json() {
    let world = World::sqlite().await;
    let bytes = 4 << 20;
    let text = |bytes: usize| {
        let head = "docket: bundle\nversion: 1\n# ";
        json!(format!("{head}{}", "x".repeat(bytes - head.len())))
    };
    let tree = |bytes: usize| {
        let sized = |texts: &[String]| {
            let workflow = |(n, text): (usize, &String)| json!({"slug": format!("w{n}"), "name": "W", "definition": {"trigger": {"on": ["api"], "parameters": []}, "steps": [], "note": text}});
            let workflows: Vec<Value> = texts.iter().enumerate().map(workflow).collect();
            json!({"docket": "bundle", "version": 1, "case_templates": [], "workflows": workflows})
        };
        // A definition has up to half a mebibyte.
        let mut texts = vec!["x".repeat(400 << 10); 10];
        texts.push(String::new());
        let rest = bytes - sized(&texts).to_string().len();
        texts[10] = "x".repeat(rest);
        sized(&texts)
    };
    for (bundle, status) in [(text(bytes), 200), (text(bytes + 1), 422), (tree(bytes), 200), (tree(bytes + 1), 422)] {
        let answer = sent(&world, &world.key, "plan", &bundle, json!({})).await.expect(status);
        assert!(status == 200 || answer.pointers() == ["/data/attributes/bundle"], "{}", answer.told());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_with_a_bundle_has_8_mebibytes() {
    let world = World::sqlite().await;
    let body = attributes(json!({"bundle": {"docket": "bundle", "version": 1}})).to_string();
    for (bytes, status) in [(8 << 20, 200), ((8 << 20) + 1, 413)] {
        for deed in ["plan", "apply"] {
            let padded = format!("{body}{}", " ".repeat(bytes - body.len()));
            let call = Call::post(&format!("/bundle/{deed}")).raw("application/json", padded);
            let answer = world.call(call).await.expect(status);
            assert!(status == 200 || answer.details().contains("8388608 bytes"), "{}", answer.told());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_templates_and_two_hundred_and_fifty_workflows_are_one_bundle() {
    let world = World::sqlite().await;
    let template = of_statuses(&[("open", "Open", "initial"), ("done", "Done", "end")])["case_templates"][0].clone();
    let templates: Vec<Value> = (0..100_u8)
        .map(|n| {
            let mut one = template.clone();
            one["slug"] = json!(format!("t{n}"));
            one["key"] = json!(format!("K{}{}", char::from(b'A' + n / 10), char::from(b'A' + n % 10)));
            one
        })
        .collect();
    let workflow = |n: usize| {
        let with = json!({"template": {"$slug": format!("case-templates/t{}", n % 100)}});
        let definition = json!({"trigger": {"on": ["api"], "parameters": []}, "steps": [{"id": "open", "do": "case.create", "with": with}]});
        json!({"slug": format!("w{n:03}"), "name": "Many", "definition": definition})
    };
    let workflows: Vec<Value> = (0..250).map(workflow).collect();
    let mut sorted = templates.clone();
    sorted.sort_by_key(|one| one["slug"].as_str().map(str::to_owned));
    let bundle = json!({"docket": "bundle", "version": 1, "case_templates": templates, "workflows": workflows});

    let done = sent(&world, &world.key, "apply", &bundle, json!({"publish": true})).await.expect(200);

    assert_eq!(problems(&done), Vec::<String>::new());
    let found = document(&world, &world.key).await;
    assert_eq!((&found["case_templates"], &found["workflows"]), (&json!(sorted), &bundle["workflows"]));
    published(&world, "One more", json!({"trigger": {"on": ["api"], "parameters": []}, "steps": []})).await;
    let refused = world.get("/bundle").await.expect(400);
    assert!(refused.told().contains("251"), "{}", refused.told());
    let mut more = bundle.clone();
    more["case_templates"].as_array_mut().unwrap().push(json!({}));
    let refused = sent(&world, &world.key, "plan", &more, json!({})).await.expect(422);
    assert!(refused.details().contains("up to 100 case templates, and this one has 101"), "{}", refused.details());
    let mut more = bundle;
    more["workflows"].as_array_mut().unwrap().push(json!({}));
    let refused = sent(&world, &world.key, "plan", &more, json!({})).await.expect(422);
    assert!(refused.details().contains("up to 250 workflows, and this one has 251"), "{}", refused.details());
}

/// Pseudorandom numbers that are the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % bound
    }

    fn of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.below(texts.len())]
    }
}

const NAMES: &[&str] =
    &["NO", "1:30", "on", "Überprüfung ß", "審査", "a: b", "- x", "#1", "\"q\"", "two words", "🕵", "{{trigger.id}}"];

fn any_template(chance: &mut Chance, place: usize) -> Value {
    let mut statuses = vec![json!({"slug": "s0", "name": "0", "type": "initial"})];
    for n in 1..2 + chance.below(5) {
        let kind = if n == 1 { "end" } else { chance.of(&["intermediate", "end"]) };
        let mut status = json!({"slug": format!("s{n}"), "name": format!("{} {n}", chance.of(NAMES)), "type": kind});
        if chance.below(2) == 0 {
            status["require_comment"] = json!(true);
            status["color"] = json!("#12abEF");
        }
        if chance.below(2) == 0 {
            status["allowed_next"] = json!((0..chance.below(n)).map(|n| format!("s{n}")).collect::<Vec<_>>());
        }
        if chance.below(3) == 0 {
            status["former_names"] = json!([format!("was {n}"), chance.of(NAMES)]);
        }
        statuses.push(status);
    }
    let mut template = json!({"slug": format!("t{place}"), "name": chance.of(NAMES), "key": format!("K{}", char::from(b'A' + u8::try_from(place).unwrap_or(0)))});
    let fields: Vec<Value> = (0..chance.below(4))
        .map(|n| match chance.below(3) {
            0 => json!({"key": format!("f{n}"), "type": "choices", "options": ["no", "1e5", chance.of(NAMES)]}),
            1 => json!({"key": format!("g{n}"), "type": "date", "required": true, "label": chance.of(NAMES)}),
            _ => json!({"key": format!("f{n}"), "type": "number"}),
        })
        .collect();
    if !fields.is_empty() {
        template["fields"] = json!(fields);
    }
    template["statuses"] = json!(statuses);
    if chance.below(2) == 0 {
        template["retired"] = json!([{"slug": "old", "names": ["Old", chance.of(NAMES)], "successor": "s1"}]);
    }
    template
}

fn any_value(chance: &mut Chance, depth: usize) -> Value {
    match chance.below(if depth == 0 { 7 } else { 10 }) {
        0 => json!(null),
        1 => json!(chance.below(2) == 0),
        2 => json!(1e21 + 0.5),
        3 => json!({"$slug": "case-templates/t0/statuses/s0"}),
        4 => json!({"$slug": "workflows/w0"}),
        5 => json!({"$$slug": "really"}),
        6 => json!(chance.of(NAMES)),
        7 => json!([]),
        8 => (0..chance.below(4)).map(|_| any_value(chance, depth - 1)).collect(),
        _ => {
            (0..chance.below(4)).map(|n| (format!("m{n}"), any_value(chance, depth - 1))).collect::<Map<_, _>>().into()
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_bundle_that_is_applied_to_an_empty_environment_is_exported_again_as_it_was() {
    for seed in 0..12 {
        on_each_engine(async |world| {
            let mut chance = Chance(seed);
            let templates: Vec<Value> = (0..=chance.below(3)).map(|place| any_template(&mut chance, place)).collect();
            let workflow = |chance: &mut Chance, n: usize| {
                let with = any_value(chance, 4);
                let old_form = json!({"on": ["api"], "parameters": []});
                let definition = json!({"trigger": old_form, "steps": [{"id": "a", "name": chance.of(NAMES), "do": "object.tag", "with": with}]});
                json!({"slug": format!("w{n}"), "name": chance.of(NAMES), "definition": definition})
            };
            let workflows: Vec<Value> = (0..=chance.below(4)).map(|n| workflow(&mut chance, n)).collect();
            let bundle = json!({"docket": "bundle", "version": 1, "case_templates": templates, "workflows": workflows});

            sent(&world, &world.key, "apply", &bundle, json!({})).await.expect(200);

            let first = exported(&world, &world.key, "").await;
            assert_eq!(first.attribute("document"), &bundle, "seed {seed}");
            let again = sent(&world, &there(&world), "apply", first.attribute("yaml"), json!({})).await.expect(200);
            assert_eq!(again.attribute("changes"), &json!(true));
            assert_eq!(document(&world, &there(&world)).await, bundle, "seed {seed}");
            let unchanged = sent(&world, &world.key, "plan", first.attribute("yaml"), json!({})).await.expect(200);
            assert_eq!(unchanged.attribute("changes"), &json!(false), "seed {seed}: {:?}", lines(&unchanged));
        })
        .await;
    }
}

/// Rows of workflows past the writer, with these ids, names of their own and this draft.
async fn with_workflows(world: &World, numbers: std::ops::Range<usize>, draft: &str) -> Vec<String> {
    let environment = world.set_up().sandbox.id.clone();
    let ids: Vec<String> = numbers.clone().map(|n| format!("wfl_0{n:025}")).collect();
    for some in numbers.collect::<Vec<_>>().chunks(if draft.len() > 10_000 { 1 } else { 500 }) {
        let rows: Vec<String> = some
            .iter()
            .map(|n| {
                format!(
                    "('wfl_0{n:025}', '{environment}', 1, 'Row {n}', 'row {n}', 'row-{n}', 'draft', 'wfv_0{n:025}', 1, \
                     '{draft}', 0, {n}, {n})"
                )
            })
            .collect();
        world
            .fresh
            .run(&format!(
                "INSERT INTO workflow (id, environment_id, version, name, folded, slug, state, draft_id, draft_number, draft, \
                 published_count, created_at, updated_at) VALUES {}",
                rows.join(", ")
            ))
            .await;
    }
    ids
}

const EMPTY: &str = r#"{"trigger": {"on": ["api"], "parameters": []}, "steps": []}"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn references_beyond_the_workflows_that_are_listed_have_slugs_too() {
    on_each_engine(async |world| {
        let ids = with_workflows(&world, 0..3_000, EMPTY).await;
        // The first, the last and some between: no list of a thousand has all of them.
        let named: Vec<&String> = ids.iter().step_by(300).chain(ids.last()).collect();
        let step = json!({"id": "tag", "do": "object.tag", "with": {"object": "x", "tags": named}});
        let definition = json!({"trigger": {"on": ["api"], "parameters": []}, "steps": [step]});
        world.post("/workflows", attributes(json!({"name": "Names all", "definition": definition}))).await.expect(201);

        let one = exported(&world, &world.key, "?filter[workflow]=names-all").await;
        let plan = sent(&world, &world.key, "plan", one.attribute("document"), json!({})).await.expect(200);

        assert_eq!(one.at("/meta/warnings"), &json!([]), "{}", one.told());
        let bundled = one.attribute("document")["workflows"].as_array().cloned().unwrap_or_default();
        assert_eq!(bundled.len(), named.len() + 1, "what it refers to comes with it");
        let tags = &bundled[0]["definition"]["steps"][0]["with"]["tags"];
        assert_eq!(tags[1], json!({"$slug": "workflows/row-300"}), "{tags}");
        assert_eq!(problems(&plan), Vec::<String>::new());
        let changed = lines(&plan).into_iter().filter(|line| !line.starts_with("only-here"));
        assert!(changed.clone().all(|line| line.starts_with("unchanged")), "{:?}", changed.collect::<Vec<_>>());
        assert_eq!(plan.attribute("complete"), &json!(false));
        let mut alone = one.attribute("document").clone();
        alone["workflows"] = json!([bundled[0]]);
        let plan = sent(&world, &world.key, "plan", &alone, json!({})).await.expect(200);
        assert_eq!(problems(&plan), Vec::<String>::new(), "they are in the environment");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn drafts_that_are_too_large_together_are_listed_in_part_and_applied_in_parts() {
    on_each_engine(async |world| {
        let draft = format!(r#"{{"trigger": {{"on": ["api"], "parameters": []}}, "steps": [], "note": "{}"}}"#, "x".repeat(500_000));
        with_workflows(&world, 0..140, &draft).await;
        let bundle = |count: usize| {
            let definition: Value = serde_json::from_str(EMPTY).unwrap();
            let workflow = |n| json!({"slug": format!("row-{n}"), "name": format!("Row {n}"), "definition": definition});
            json!({"docket": "bundle", "version": 1, "case_templates": [], "workflows": (0..count).map(workflow).collect::<Vec<_>>()})
        };

        let all = world.get("/bundle").await.expect(400);
        let listed = world.get("/workflows?page[size]=100").await.expect(200);
        let some = sent(&world, &world.key, "plan", &bundle(2), json!({})).await.expect(200);
        let too_many = sent(&world, &world.key, "apply", &bundle(140), json!({})).await.expect(422);
        let part = sent(&world, &world.key, "apply", &bundle(20), json!({})).await.expect(200);

        assert!(all.details().contains("choose some of the workflows"), "{}", all.details());
        assert!(!listed.ids().is_empty());
        assert_eq!(some.attribute("complete"), &json!(false));
        assert_eq!(too_many.at("/errors/0/code"), "too-large", "{}", too_many.told());
        assert!(too_many.details().contains("split it into several requests"), "{}", too_many.details());
        assert_eq!(problems(&part), Vec::<String>::new());
        let first = world.get("/bundle?filter[workflow]=row-1").await.expect(200);
        assert_eq!(first.attribute("document")["workflows"][0]["definition"]["steps"], json!([]));
        world.is_in_order().await;
    })
    .await;
}
