//! The recorded names of live workflows, in a database created before the current naming rule.

use docket_server::node::Node;
use docket_storage::Bounds;
use docket_testkit::{FreshDatabase, On, engines};
use serde_json::json;

/// A database at schema 13, with a workflow that runs, one that was archived, and one with an unreadable definition.
async fn at_the_thirteenth_schema(engine: On) -> FreshDatabase {
    let fresh = FreshDatabase::at_schema(engine, 13).await;
    fresh
        .run(
            "INSERT INTO organization (id, version, name, plan, created_at) VALUES ('org_1', 1, 'Lumen', 'growth', 0);
             INSERT INTO environment (id, organization_id, version, kind, created_at)
               VALUES ('env_1', 'org_1', 1, 'sandbox', 0);
             INSERT INTO case_template (id, environment_id, version, name, key, slug, fields, retired, created_at,
                                        updated_at)
               VALUES ('ctmpl_1', 'env_1', 1, 'KYC', 'KYC', 'kyc', '[]', '[]', 0, 0);",
        )
        .await;
    let definition = json!({"trigger": {"on": ["case.created"]}, "steps": [
        {"id": "open", "do": "case.create", "with": {"template": "ctmpl_1", "fields": {"amount": 1}}},
        {"id": "move", "do": "case.update_status", "with": {"case": {"ref": "open"}, "status": "Pending"}},
        {"id": "tag", "do": "object.tag", "with": {"object": {"ref": "open"}, "tags": [{"ref": "trigger.fields.riskLevel"}]}},
    ]});
    for (id, state, definition) in [
        ("wfl_1", "running", definition.to_string()),
        ("wfl_2", "archived", definition.to_string()),
        ("wfl_3", "paused", json!({"steps": 5}).to_string()),
    ] {
        fresh
            .run(&format!(
                "INSERT INTO workflow (id, environment_id, version, name, folded, slug, state, draft_id, draft_number,
                                       live_version_id, published_count, created_at, updated_at)
                   VALUES ('{id}', 'env_1', 3, '{id}', '{id}', '{id}', '{state}', '{id}_d', 0, '{id}_v', 1, 0, 0);
                 INSERT INTO workflow_version (id, environment_id, workflow_id, number, definition, permissions, created_at,
                                               published_at)
                   VALUES ('{id}_v', 'env_1', '{id}', 1, '{definition}', '[]', 0, 0);"
            ))
            .await;
    }
    // A name recorded by the older rule, which distinguished the casing of keys.
    fresh
        .run(
            "INSERT INTO named_field (id, environment_id, version, workflow_id, named)
               VALUES ('wfl_1:*/risk_level', 'env_1', 1, 'wfl_1', '*/risk_level')",
        )
        .await;
    fresh
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_records_the_names_of_live_workflows_in_an_older_database() {
    for engine in engines() {
        let fresh = at_the_thirteenth_schema(engine).await;

        let node = Node::open(&fresh.place(), Bounds::default()).await.expect("a node");

        let fields = fresh.read("SELECT workflow_id || ' ' || named FROM named_field ORDER BY named").await;
        assert_eq!(fields, ["wfl_1 */risklevel", "wfl_1 ctmpl_1/amount"], "{engine}");
        let statuses = fresh.read("SELECT workflow_id || ' ' || folded FROM named_status").await;
        assert_eq!(statuses, ["wfl_1 pending"], "{engine}");
        assert_eq!(fresh.count("SELECT count(*) FROM workflow WHERE naming IS NOT NULL").await, 0, "{engine}");
        node.close().await;
        drop(node);
        let versions = fresh.read("SELECT CAST(version AS TEXT) FROM workflow ORDER BY id").await;
        let node = Node::open(&fresh.place(), Bounds::default()).await.expect("a node again");
        let again = fresh.read("SELECT CAST(version AS TEXT) FROM workflow ORDER BY id").await;
        assert_eq!(versions, again, "{engine}: once");
        node.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_are_recorded_for_more_workflows_than_fit_in_one_batch() {
    let fresh = at_the_thirteenth_schema(On::Sqlite).await;
    for place in 10..60 {
        fresh
            .run(&format!(
                "INSERT INTO workflow SELECT 'wfl_{place}', environment_id, version, name, description, state, draft_id,
                   draft_number, draft, draft_base_id, live_version_id, published_count, updater_email, created_at,
                   updated_at, draft_since, folded, 'wfl-{place}' FROM workflow WHERE id = 'wfl_1'"
            ))
            .await;
    }

    let node = Node::open(&fresh.place(), Bounds::default()).await.expect("a node");

    assert_eq!(fresh.count("SELECT count(*) FROM named_field WHERE named = 'ctmpl_1/amount'").await, 51);
    node.close().await;
}
