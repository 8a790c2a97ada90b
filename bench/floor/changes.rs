//! A status set by hand and the run that it triggers, written as the rows that must exist afterwards.

use rusqlite::Connection;
use serde_json::Value;
use tokio_postgres::Client;

use super::cases::prepared;
use crate::Fallible;

/// A status to set: its name and the case.
pub struct Change {
    case: String,
    status: String,
    id: String,
}

/// The status that triggers the hard-wired workflow.
const TRIGGER: &str = "In review";
const THEN: &str = "Escalated";

impl Change {
    /// Parses the change of a request.
    pub fn of(case: &str, body: &[u8]) -> Fallible<Self> {
        let body: Value = serde_json::from_slice(body)?;
        let status = body.pointer("/meta/status").and_then(Value::as_str).ok_or("no status")?.to_owned();
        let mut id = [0; 12];
        getrandom(&mut id);
        let id = id.iter().fold(String::new(), |id, byte| format!("{id}{byte:02x}"));
        Ok(Self { case: case.to_owned(), status, id })
    }

    /// Whether it triggers the run.
    pub fn triggers(&self) -> bool {
        self.status == TRIGGER
    }
}

fn getrandom(bytes: &mut [u8]) {
    use docket_kernel::{Rng, SystemRng};
    let length = bytes.len();
    bytes.copy_from_slice(&SystemRng.seed().0[..length]);
}

const SET: &str = "UPDATE case_record SET status_id = (SELECT s.id FROM case_status s \
     WHERE s.template_id = case_record.template_id AND s.name = ?2), version = version + 1, updated_at = ?3 WHERE id = ?1";
const RECORD: &str = "INSERT INTO event (id, environment_id, name, object_type, object_id, object_version, actor_type, \
     actor_id, depth, from_value, to_value, context, payload, created_at) \
     SELECT ?1, environment_id, 'case.status-updated', 'case', id, version, 'api-key', 'bench', 0, 'Open', ?3, '{}', \
     '{\"data\":{\"type\":\"case\",\"attributes\":{\"status\":\"Open\",\"name\":\"' || name || '\",\"fields\":' || fields || '}}}', \
     ?4 FROM case_record WHERE id = ?2";
const RUN: &str = "INSERT INTO workflow_run (id, environment_id, version, workflow_id, version_id, state, trigger, \
     progress, depth, chain, created_at, completed_at) \
     SELECT ?1, environment_id, 2, workflow_id, id, 'completed', '{\"object\":\"case\",\"event\":\"case.status-updated\"}', \
     '{\"outputs\":{},\"cursor\":[]}', 1, '[]', ?2, ?2 FROM workflow_version LIMIT 1";
const HISTORY: &str = "INSERT INTO run_segment (id, environment_id, run_id, ordinal, steps, created_at) \
     SELECT ?1, environment_id, id, 1, '[{\"id\":\"is_onboarding\",\"state\":\"succeeded\"},\
     {\"id\":\"escalate\",\"state\":\"succeeded\"}]', ?3 FROM workflow_run WHERE id = ?2";

/// Writes a change, with or without its run.
pub fn on_sqlite(connection: &Connection, change: &Change, now: i64, runs: bool) -> Fallible<()> {
    let Change { case, status, id } = change;
    connection.prepare_cached(SET)?.execute((case, status, now))?;
    connection.prepare_cached(RECORD)?.execute((format!("evt_a{id}"), case, status, now))?;
    if runs {
        let run = format!("run_{id}");
        connection.prepare_cached(SET)?.execute((case, THEN, now))?;
        connection.prepare_cached(RECORD)?.execute((format!("evt_b{id}"), case, THEN, now))?;
        connection.prepare_cached(RUN)?.execute((&run, now))?;
        connection.prepare_cached(HISTORY)?.execute((format!("seg_{id}"), &run, now))?;
    }
    Ok(())
}

const SET_MANY: &str = "UPDATE case_record c SET status_id = s.id, version = c.version + 1, updated_at = v.now \
     FROM unnest($1::text[], $2::text[], $3::bigint[]) AS v(id, status, now), case_status s \
     WHERE c.id = v.id AND s.template_id = c.template_id AND s.name = v.status";
const RECORD_MANY: &str = "INSERT INTO event (id, environment_id, name, object_type, object_id, object_version, actor_type, \
     actor_id, depth, from_value, to_value, context, payload, created_at) \
     SELECT v.event, c.environment_id, 'case.status-updated', 'case', c.id, c.version, 'api-key', 'bench', 0, 'Open', \
     v.status, '{}', jsonb_build_object('data', jsonb_build_object('type', 'case', 'attributes', \
     jsonb_build_object('status', 'Open', 'name', c.name, 'fields', c.fields))), v.now \
     FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS v(event, id, status, now) \
     JOIN case_record c ON c.id = v.id";
const RUN_MANY: &str = "INSERT INTO workflow_run (id, environment_id, version, workflow_id, version_id, state, trigger, \
     progress, depth, chain, created_at, completed_at) \
     SELECT v.run, w.environment_id, 2, w.workflow_id, w.id, 'completed', '{\"object\":\"case\"}', \
     '{\"outputs\":{},\"cursor\":[]}', 1, '[]', v.now, v.now \
     FROM unnest($1::text[], $2::bigint[]) AS v(run, now), (SELECT * FROM workflow_version LIMIT 1) AS w";
const HISTORY_MANY: &str = "INSERT INTO run_segment (id, environment_id, run_id, ordinal, steps, created_at) \
     SELECT v.id, r.environment_id, r.id, 1, '[{\"id\":\"is_onboarding\",\"state\":\"succeeded\"},\
     {\"id\":\"escalate\",\"state\":\"succeeded\"}]', v.now \
     FROM unnest($1::text[], $2::text[], $3::bigint[]) AS v(id, run, now) JOIN workflow_run r ON r.id = v.run";

/// Writes changes, each with or without its run, in one transaction, with one statement for all rows of a table.
pub async fn on_postgres(client: &Client, changes: &[(Change, i64, bool)]) -> Fallible<()> {
    let column = |runs: bool, of: &dyn Fn(&Change) -> String| -> Vec<String> {
        changes.iter().filter(|(_, _, run)| *run || !runs).map(|(change, ..)| of(change)).collect()
    };
    let times = |runs: bool| -> Vec<i64> {
        changes.iter().filter(|(_, _, run)| *run || !runs).map(|(_, now, _)| *now).collect()
    };
    let case = |change: &Change| change.case.clone();
    client.batch_execute("BEGIN").await?;
    for (runs, event) in [(false, "evt_a"), (true, "evt_b")] {
        let (cases, now) = (column(runs, &case), times(runs));
        let status = |change: &Change| if runs { THEN.to_owned() } else { change.status.clone() };
        let statuses = column(runs, &status);
        let events = column(runs, &|change| format!("{event}{}", change.id));
        if cases.is_empty() {
            continue;
        }
        client.execute(&prepared(client, SET_MANY).await?, &[&cases, &statuses, &now]).await?;
        client.execute(&prepared(client, RECORD_MANY).await?, &[&events, &cases, &statuses, &now]).await?;
        if runs {
            let (ids, segments) = (
                column(true, &|change| format!("run_{}", change.id)),
                column(true, &|change| format!("seg_{}", change.id)),
            );
            client.execute(&prepared(client, RUN_MANY).await?, &[&ids, &now]).await?;
            client.execute(&prepared(client, HISTORY_MANY).await?, &[&segments, &ids, &now]).await?;
        }
    }
    Ok(client.batch_execute("COMMIT").await?)
}
