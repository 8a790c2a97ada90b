//! Fills a database with cases as an organization would have after some years, past the writer, in bulk.

use std::fmt::Write;

use crate::args::On;
use crate::world::World;

/// Of a hundred cases, how many are of each template.
const TEMPLATES: [u32; 4] = [55, 10, 20, 15];
/// Of a hundred cases, how many stand at each status: open, in review, escalated, approved, declined.
const STATUSES: [u32; 5] = [8, 7, 5, 55, 25];
/// Microseconds between two cases.
const APART: u64 = 60_000_000;
/// The newest of them.
const NEWEST: u64 = 1_767_225_600_000_000;

/// The statements that add so many cases, and an account for every fourth.
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
            "left(md5(n::text), 16)",
            "::jsonb",
        ),
    };
    let environment = &world.environment;
    let truth = if on == On::Sqlite { "0" } else { "FALSE" };
    let created = format!("({NEWEST} - ({cases} - n) * {APART})");
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
         attachments, creator_id, creator_type, created_at, updated_at, resolved_at) \
         SELECT 'case_00' || {padded}, '{environment}', 4, {template}, {status}, {key} || '-' || n, {resolution}, \
         '{{\"source\":\"Onboarding\"}}'{cast}, '[\"watchlist\"]'{cast}, '[]'{cast}, 'bench@docket.example', 'user', \
         {created}, {created} + 3600000000, {resolved} FROM {numbers}"
    );
    let mut texts = vec![accounts, cases_sql];
    for (_, key, _) in &world.templates {
        texts.push(format!(
            "INSERT INTO sequence (scope, name, next) VALUES ('{environment}', 'case:{key}', {})",
            cases + 1
        ));
    }
    texts.push("ANALYZE".to_owned());
    texts
}

/// A choice by how a number below a hundred lies among shares.
fn chosen(number: &str, shares: &[u32], value: impl Fn(usize) -> String) -> String {
    let mut text = "CASE".to_owned();
    let mut below = 0;
    for (place, share) in shares.iter().enumerate() {
        below += share;
        let _ = write!(text, " WHEN {number} < {below} THEN {}", value(place));
    }
    text + " END"
}
