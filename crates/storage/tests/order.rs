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

/// What a database of the schema with redactions holds of a case that was worked on: its events, whose ids are not in the
/// order of their times, a run that has ended and its history, and comments.
const WORKED_ON: &str = "
    INSERT INTO organization (id, version, name, plan, created_at) VALUES ('org_1', 1, 'Lumen', 'growth', 0);
    INSERT INTO environment (id, organization_id, version, kind, created_at) VALUES ('env_1', 'org_1', 1, 'sandbox', 0);
    INSERT INTO case_template (id, environment_id, version, name, key, slug, fields, retired, created_at, updated_at)
      VALUES ('ctmpl_1', 'env_1', 1, 'KYC', 'KYC', 'kyc', '[]', '[]', 0, 0);
    INSERT INTO case_status (id, environment_id, version, template_id, position, name, folded, slug, type,
        require_comment, former_names)
      VALUES ('cst_1', 'env_1', 1, 'ctmpl_1', 0, 'Open', 'open', 'open', 'initial', false, '[]');
    INSERT INTO case_record (id, environment_id, version, template_id, status_id, name, fields, tags, attachments,
        created_at)
      VALUES ('case_1', 'env_1', 3, 'ctmpl_1', 'cst_1', 'KYC-1', '{\"amount\": 7}', '[]', '[]', 0);
    INSERT INTO case_comment (id, environment_id, case_id, body, created_at)
      VALUES ('ccmt_1', 'env_1', 'case_1', 'Looked at it.', 5), ('ccmt_2', 'env_1', 'case_1', 'And again.', 6);
    INSERT INTO workflow (id, environment_id, version, name, folded, slug, state, draft_id, draft_number, published_count,
        created_at, updated_at)
      VALUES ('wfl_1', 'env_1', 1, 'Review', 'review', 'review', 'running', 'wfv_2', 0, 1, 0, 0);
    INSERT INTO workflow_version (id, environment_id, workflow_id, number, definition, permissions, created_at,
        published_at)
      VALUES ('wfv_1', 'env_1', 'wfl_1', 1, '{}', '[]', 0, 0);
    INSERT INTO workflow_run (id, environment_id, version, workflow_id, version_id, state, \"trigger\", progress, depth,
        chain, created_at, completed_at, subject_id)
      VALUES ('wfr_1', 'env_1', 4, 'wfl_1', 'wfv_1', 'completed', '{\"type\": \"case\", \"id\": \"case_1\"}', '{}', 0,
        '[]', 7, 9, 'case_1');
    INSERT INTO run_segment (id, environment_id, run_id, ordinal, steps, created_at)
      VALUES ('wfg_1', 'env_1', 'wfr_1', 0, '[{\"id\": \"set\"}]', 8);
    INSERT INTO event (id, environment_id, name, object_type, object_id, object_version, actor_type, depth, context,
        payload, content_of, salt, digest, created_at)
      VALUES ('evt_c', 'env_1', 'case.created', 'case', 'case_1', 1, 'system', 0, '{}', '{\"n\": 1}', 'case_1', 's', 'd', 1),
        ('evt_a', 'env_1', 'case.updated', 'case', 'case_1', 2, 'system', 0, '{}', '{\"n\": 2}', 'case_1', 's', 'd', 2),
        ('evt_b', 'env_1', 'case.updated', 'case', 'case_1', 3, 'system', 0, '{}', '{\"n\": 3}', 'case_1', 's', 'd', 2),
        ('evt_d', 'env_1', 'workflow-run.completed', 'workflow-run', 'wfr_1', 4, 'system', 0, '{}', '{}', NULL, NULL,
          NULL, 9);
    UPDATE event SET payload = '{}', context = '{}', redaction_id = 'red_1', version = 2, salt = NULL, content_of = NULL
      WHERE id = 'evt_a';";

/// All that must be as it was, in an order of its own.
const CONTENT: &str = "
    SELECT value FROM (
      SELECT 'event ' || id || ' ' || name || ' ' || object_id || ' ' || CAST(payload AS TEXT) || ' '
        || coalesce(digest, '-') || ' ' || coalesce(redaction_id, '-') || ' ' || created_at AS value FROM event
      UNION ALL SELECT 'comment ' || id || ' ' || body || ' ' || created_at FROM case_comment
      UNION ALL SELECT 'run ' || id || ' ' || state || ' ' || CAST(\"trigger\" AS TEXT) || ' ' || completed_at
        FROM workflow_run
      UNION ALL SELECT 'segment ' || id || ' ' || CAST(steps AS TEXT) FROM run_segment
      UNION ALL SELECT 'case ' || id || ' ' || version || ' ' || CAST(fields AS TEXT) FROM case_record
    ) AS everything ORDER BY value";

/// Changes that the schema refuses, whatever the migrations did to it.
const FORBIDDEN: [&str; 9] = [
    "UPDATE event SET name = 'case.forged' WHERE id = 'evt_b'",
    "UPDATE event SET object_ordinal = 9 WHERE id = 'evt_b'",
    "UPDATE event SET payload = '{}' WHERE id = 'evt_a'",
    "DELETE FROM event WHERE id = 'evt_b'",
    "UPDATE workflow_run SET state = 'running', completed_at = NULL WHERE id = 'wfr_1'",
    "UPDATE run_segment SET steps = '[]' WHERE id = 'wfg_1'",
    "DELETE FROM run_segment WHERE id = 'wfg_1'",
    "UPDATE case_comment SET body = 'Never seen.' WHERE id = 'ccmt_1'",
    "DELETE FROM case_comment WHERE id = 'ccmt_1'",
];

#[tokio::test]
async fn what_happened_before_keeps_its_content_is_numbered_by_time_and_is_guarded_still() {
    for engine in engines() {
        let fresh = FreshDatabase::at_schema(engine, 24).await;
        fresh.run(WORKED_ON).await;
        let before = fresh.read(CONTENT).await;
        assert_eq!(before.len(), 9, "{engine}: {before:?}");

        Database::migrate(&fresh.place()).await.unwrap();

        assert_eq!(fresh.read(CONTENT).await, before, "{engine}");
        let ordinals = fresh.read("SELECT id || ' ' || object_ordinal FROM event ORDER BY id").await;
        assert_eq!(ordinals, ["evt_a 2", "evt_b 3", "evt_c 1", "evt_d 1"], "{engine}");
        for (table, count) in [("case_record", 3), ("workflow_run", 1), ("case_comment", 0)] {
            let counted = fresh.count(&format!("SELECT max(event_ordinal) FROM {table}")).await;
            assert_eq!(counted, count, "{engine}: {table}");
        }
        let numbers = fresh.read("SELECT event_id FROM event_sequence ORDER BY number").await;
        assert_eq!(numbers.len(), 4, "{engine}: {numbers:?}");
        for change in FORBIDDEN {
            assert!(fresh.try_run(change).await.is_err(), "{engine}: {change}");
        }
        let blanked = "UPDATE case_comment SET body = '', redaction_id = 'red_1', version = 2 WHERE id = 'ccmt_2'";
        fresh.run(blanked).await;
        assert_eq!(fresh.read("SELECT body FROM case_comment ORDER BY id").await, ["Looked at it.", ""], "{engine}");
    }
}
