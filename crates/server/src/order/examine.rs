//! Runs the doctor on a database.

use docket_doctor::{Doctor, TABLES};
use docket_kernel::{Row, Table};
use docket_storage::Reader;
use serde_json::{Value, json};

use crate::failure::Failure;

/// Checks every row in one snapshot, and returns each violation.
pub async fn examine(reader: &Reader) -> Result<Value, Failure> {
    let damage = reader.damage().await?;
    let damaged = |words: &String| json!({"invariant": "undamaged", "at": "the database file", "words": words});
    let mut violations: Vec<Value> = damage.iter().map(damaged).collect();
    let take: fn(&mut Doctor, &'static Table, Row) = Doctor::take;
    let looked_at = match reader.walk(TABLES, Doctor::default(), take, Doctor::again).await {
        Ok(doctor) => {
            let found = doctor.violations();
            violations.extend(found.iter().map(|v| json!({"invariant": v.invariant, "at": v.at, "words": v.words})));
            Some(doctor.looked_at())
        }
        // A damaged file may not be readable to its end; the damage is reported instead.
        Err(_) if !damage.is_empty() => None,
        Err(error) => return Err(error.into()),
    };
    Ok(json!({"rows": looked_at, "violations": violations}))
}
