//! The migration that gives slugs to existing case templates, statuses and workflows.

use docket_storage::Database;
use docket_testkit::{FreshDatabase, engines};

/// The last schema without slugs.
const BEFORE: i64 = 7;

async fn with_rows(fresh: &FreshDatabase, names: &[&str]) {
    fresh
        .run(
            "INSERT INTO organization (id, version, name, plan, created_at) VALUES ('org_1', 1, 'Lumen', 'growth', 1);
             INSERT INTO environment (id, organization_id, version, kind, created_at)
               VALUES ('env_1', 'org_1', 1, 'sandbox', 1), ('env_2', 'org_1', 1, 'production', 1)",
        )
        .await;
    for environment in ["env_1", "env_2"] {
        for (place, name) in names.iter().enumerate() {
            let (id, name) = (format!("{environment}_{place:02}"), name.replace('\'', "''"));
            let key = format!("K{}", char::from(b'A' + u8::try_from(place).expect("few templates")));
            fresh
                .run(&format!(
                    "INSERT INTO case_template (id, environment_id, version, name, key, fields, retired, created_at,
                       updated_at) VALUES ('ctmpl_{id}', '{environment}', 7, '{name}', '{key}', '[]', '[]', {place}, 1);
                     INSERT INTO case_status (id, environment_id, version, template_id, position, name, folded, type,
                       require_comment, former_names) VALUES ('cst_{id}', '{environment}', 1,
                       'ctmpl_{environment}_00', {place}, '{name}', '{name}', 'end', false, '[]');
                     INSERT INTO workflow (id, environment_id, version, name, state, draft_id, draft_number,
                       published_count, created_at, updated_at) VALUES ('wfl_{id}', '{environment}', 3, '{name}',
                       'draft', 'wfv_{id}', 1, 0, {place}, 1)"
                ))
                .await;
        }
    }
}

#[tokio::test]
async fn existing_rows_get_unique_slugs_derived_from_their_names() {
    let long = "Long ".repeat(12);
    let names = [
        "KYC review",
        "kyc  Review!",
        "KYC-review 2",
        "KYC-review",
        "Überprüfung Straße",
        "審査",
        "!!!",
        &long,
        "o'Neil & Söhne",
    ];
    for engine in engines() {
        let fresh = FreshDatabase::at_schema(engine, BEFORE).await;
        with_rows(&fresh, &names).await;

        Database::migrate(&fresh.place()).await.unwrap();

        for (table, nameless) in
            [("case_template", "case-template"), ("case_status", "status"), ("workflow", "workflow")]
        {
            for environment in ["env_1", "env_2"] {
                let query = format!(
                    "SELECT slug AS value FROM {table} WHERE environment_id = '{environment}' ORDER BY id LIMIT 1000"
                );
                let slugs = fresh.read(&query).await;
                let named: Vec<String> = names.iter().map(|name| docket_kernel::slug_of(name, nameless)).collect();
                let number = |slug: &str, number: usize| format!("{slug}--{number}");
                let wanted = [
                    named[0].clone(),
                    number(&named[1], 2),
                    named[2].clone(),
                    number(&named[3], 3),
                    named[4].clone(),
                    named[5].clone(),
                    number(&named[6], 2),
                    named[7].clone(),
                    named[8].clone(),
                ];
                assert_eq!(slugs, wanted, "{engine}: {table}");
                assert!(slugs.iter().all(|slug| docket_kernel::is_slug(slug)), "{engine}: {slugs:?}");
            }
        }
        let twice = fresh.try_run("UPDATE workflow SET slug = 'kyc-review' WHERE id = 'wfl_env_1_04'").await;
        assert!(twice.is_err(), "{engine}: a slug exists twice");
    }
}
