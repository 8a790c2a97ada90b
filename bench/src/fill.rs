//! Fills a database with cases as an organization would have them after some years, in bulk and bypassing the writer.

use std::fmt::Write;

use crate::args::On;
use crate::works::{ANALYSTS, CASES_AN_ACCOUNT, EVENTS_EVERY};
use crate::world::World;

/// The number of cases of each template, per hundred.
const TEMPLATES: [u32; 4] = [55, 10, 20, 15];
/// The number of cases in each status, per hundred: open, in review, escalated, approved, declined.
const STATUSES: [u32; 5] = [8, 7, 5, 55, 25];
/// Microseconds between two cases.
const APART: u64 = 60_000_000;
/// The time of the newest case, in microseconds.
const NEWEST: u64 = 1_767_225_600_000_000;

/// The statements that add this many cases, and an account for every fourth.
pub fn statements(on: On, world: &World, cases: u64) -> Vec<String> {
    let (numbers, padded, spread, cast) = match on {
        On::Sqlite => (
            format!(
                "(WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {cases}) \
                 SELECT n FROM numbers) AS numbers"
            ),
            "printf('%024d', n)",
            "printf('%016x', n * 2654435761 % 4294967296)",
            "",
        ),
        On::Postgres => (
            format!("generate_series(1::bigint, {cases}) AS numbers(n)"),
            "lpad(n::text, 24, '0')",
            "lpad(to_hex(n * 2654435761 % 4294967296), 16, '0')",
            "::jsonb",
        ),
    };
    let environment = &world.environment;
    let truth = if on == On::Sqlite { "0" } else { "FALSE" };
    let created = created(cases);
    let accounts = format!(
        "INSERT INTO object (id, environment_id, version, kind, status, reference_id, reference_key, attributes, fields, \
         relationships, tags, is_stub, as_of, created_at, updated_at) \
         SELECT '{environment}/act_' || {spread}, '{environment}', 1, 'account', NULL, 'known-' || n, 'known-' || n, \
         '{{}}'{cast}, '{{\"name-first\":{{\"type\":\"string\",\"value\":\"Ada\"}}}}'{cast}, '{{}}'{cast}, '[]'{cast}, \
         {truth}, {created}, {created}, {created} FROM {numbers} WHERE n % 4 = 0"
    );
    let template = chosen("n % 100", &TEMPLATES, |place| format!("'{}'", world.templates[place].0));
    let key = chosen("n % 100", &TEMPLATES, |place| format!("'{}'", world.templates[place].1));
    let stand = "(n * 37 + n / 100) % 100";
    let status = chosen("n % 100", &TEMPLATES, |template| {
        chosen(stand, &STATUSES, |place| format!("'{}'", world.templates[template].2[place]))
    });
    let resolution = chosen(stand, &STATUSES, |place| match place {
        3 => "'Approved'".to_owned(),
        4 => "'Declined'".to_owned(),
        _ => "NULL".to_owned(),
    });
    let resolved =
        chosen(stand, &STATUSES, |place| if place < 3 { "NULL".to_owned() } else { format!("{created} + 3600000000") });
    let cases_sql = format!(
        "INSERT INTO case_record (id, environment_id, version, template_id, status_id, name, resolution, fields, tags, \
         attachments, creator_id, creator_type, assignee_id, created_at, updated_at, resolved_at) \
         SELECT 'case_00' || {padded}, '{environment}', 4, {template}, {status}, {key} || '-' || n, {resolution}, \
         '{{\"source\":\"Onboarding\"}}'{cast}, '[\"watchlist\"]'{cast}, '[]'{cast}, 'bench@docket.example', 'user', \
         CASE WHEN n % 3 = 0 THEN 'analyst' || (n % {ANALYSTS}) || '@docket.example' END, \
         {created}, {created} + 3600000000, {resolved} FROM {numbers}"
    );
    let of_account = spread.replace("(n *", "(a *").replace("', n *", "', a *");
    let mut texts = vec![accounts, cases_sql];
    texts.extend(held(environment, cases, &numbers, padded, &of_account));
    texts.push(events(environment, cases, &numbers, padded, cast));
    for (_, key, _) in &world.templates {
        texts.push(format!(
            "INSERT INTO sequence (scope, name, next) VALUES ('{environment}', 'case:{key}', {})",
            cases + 1
        ));
    }
    texts.push("ANALYZE".to_owned());
    texts
}

/// The SQL for the creation time of case `n`.
fn created(cases: u64) -> String {
    format!("({NEWEST} - ({cases} - n) * {APART})")
}

/// Adds an account to each case; each account is in many cases.
fn held(environment: &str, cases: u64, numbers: &str, padded: &str, of_account: &str) -> Option<String> {
    let (accounts, created) = (cases / CASES_AN_ACCOUNT, created(cases));
    (accounts > 0).then(|| {
        format!(
            "INSERT INTO case_object (id, environment_id, case_id, object_id, kind, pair, created_at) \
             SELECT 'cobj_00' || {padded}, '{environment}', 'case_00' || {padded}, '{environment}/act_' || {of_account}, \
             'account', 'case_00' || {padded} || ' ' || a, {created} \
             FROM (SELECT n, ((n % {accounts}) + 1) * 4 AS a FROM {numbers}) AS held"
        )
    })
}

/// Adds events to some cases.
fn events(environment: &str, cases: u64, numbers: &str, padded: &str, cast: &str) -> String {
    let created = created(cases);
    format!(
        "INSERT INTO event (id, environment_id, name, object_type, object_id, object_version, actor_type, actor_id, \
         depth, context, payload, created_at) \
         SELECT 'evt_0' || which || {padded}, '{environment}', 'case.updated', 'case', 'case_00' || {padded}, which, \
         'user', 'bench@docket.example', 0, '{{}}'{cast}, \
         ('{{\"data\":{{\"type\":\"case\",\"id\":\"case_00' || {padded} || '\",\"attributes\":{{\"status\":\"Open\",\"fields\":\
         {{\"source\":\"Onboarding\"}},\"tags\":[\"watchlist\"]}}}}}}'){cast}, {created} + which * 1000000 \
         FROM {numbers}, (SELECT 1 AS which UNION ALL SELECT 2 UNION ALL SELECT 3) AS times \
         WHERE n % {EVENTS_EVERY} = 0"
    )
}

/// The creation time of the `n`-th of this many cases.
pub fn made_at(n: u64, cases: u64) -> i64 {
    i64::try_from(NEWEST - (cases - n) * APART).unwrap_or(i64::MAX)
}

/// SQL that maps a number below a hundred to a value, by shares.
fn chosen(number: &str, shares: &[u32], value: impl Fn(usize) -> String) -> String {
    let mut text = "CASE".to_owned();
    let mut below = 0;
    for (place, share) in shares.iter().enumerate() {
        below += share;
        let _ = write!(text, " WHEN {number} < {below} THEN {}", value(place));
    }
    text + " END"
}
