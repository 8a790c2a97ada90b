//! Events from before events were numbered: the migrations number them by time.

use docket_storage::Database;
use docket_testkit::{FreshDatabase, engines};

fn event(id: &str, environment: &str, object: &str, created_at: i64) -> String {
    format!(
        "INSERT INTO event (id, environment_id, name, object_type, object_id, object_version, actor_type, depth, \
         context, payload, created_at) VALUES ('{id}', '{environment}', 'x.y', 'x', '{object}', 1, 'system', 0, '{{}}', \
         '{{}}', {created_at});"
    )
}

#[tokio::test]
async fn older_events_are_numbered_by_time_and_their_objects_count_them() {
    for engine in engines() {
        let fresh = FreshDatabase::at_schema(engine, 19).await;
        let rows = [
            "INSERT INTO organization (id, version, name, plan, created_at) VALUES ('org_1', 1, 'Lumen', 'growth', 0);
             INSERT INTO environment (id, organization_id, version, kind, created_at)
               VALUES ('env_1', 'org_1', 1, 'sandbox', 0);
             INSERT INTO case_template (id, environment_id, version, name, key, slug, fields, retired, created_at, \
               updated_at) VALUES ('ctmpl_1', 'env_1', 1, 'KYC', 'KYC', 'kyc', '[]', '[]', 0, 0);
             INSERT INTO object (id, environment_id, version, kind, attributes, fields, relationships, tags, is_stub, \
               as_of, created_at, updated_at)
               VALUES ('env_1/act_1', 'env_1', 1, 'account', '{}', '{}', '{}', '[]', false, 0, 0, 0);"
                .to_owned(),
            event("evt_a", "env_1", "ctmpl_1", 30),
            event("evt_b", "env_1", "ctmpl_1", 10),
            event("evt_c", "env_1", "act_1", 20),
            event("evt_d", "env_2", "ctmpl_1", 5),
        ];
        fresh.run(&rows.concat()).await;

        Database::migrate(&fresh.place()).await.unwrap();

        let mut ordinals = fresh.read("SELECT id || ' ' || object_ordinal FROM event").await;
        ordinals.sort();
        assert_eq!(ordinals, ["evt_a 2", "evt_b 1", "evt_c 1", "evt_d 1"], "{engine}");
        assert_eq!(fresh.count("SELECT event_ordinal FROM case_template").await, 2, "{engine}");
        assert_eq!(fresh.count("SELECT event_ordinal FROM object").await, 1, "{engine}");
        let numbers = "SELECT environment_id || ' ' || number || ' ' || event_id FROM event_sequence ORDER BY place";
        let numbers = fresh.read(numbers).await;
        assert_eq!(numbers.len(), 4, "{engine}: {numbers:?}");
        assert!(numbers.contains(&"env_2 1 evt_d".to_owned()), "{engine}: {numbers:?}");
        let last = fresh.count("SELECT max(number) FROM event_sequence WHERE environment_id = 'env_1'").await;
        assert_eq!(last, 3, "{engine}");
    }
}
