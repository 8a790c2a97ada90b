//! Migrations on PostgreSQL: all under one lock, so that nodes may start together.

use tokio_postgres::Transaction;

use super::connect::{self, Link, Server, words};
use crate::database::OpenError;
use crate::migrate::{self, APPLIED, APPLY, HAS_LEDGER, LEDGER, MigrateError, Rewrite, newest, pending};

/// The key of the lock: "docket" in ASCII.
const LOCK: i64 = 0x646f_636b_6574;

/// Applies the missing migrations up to this number to a database; returns their names.
pub(crate) async fn migrate(url: &str, until: i64) -> Result<Vec<&'static str>, OpenError> {
    let mut link = Server::at(url)?.connect().await?;
    connect::check(&link).await?;
    let unreachable = |error: tokio_postgres::Error| MigrateError::Unreachable(words(&error));
    // Another node may be migrating for a long time; the lock ends with the connection.
    link.client.batch_execute("SET lock_timeout = 0").await.map_err(unreachable)?;
    link.client.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await.map_err(unreachable)?;
    Ok(apply(&mut link, until).await?)
}

/// Refuses a database whose schema does not match this binary.
pub(crate) async fn check(url: &str) -> Result<(), OpenError> {
    let link = Server::at(url)?.connect().await?;
    let number = async |text: &str| -> Result<i64, MigrateError> {
        let row = link.client.query_one(text, &[]).await;
        Ok(row.map_err(|error| MigrateError::Unreachable(words(&error)))?.get(0))
    };
    let found = if number(HAS_LEDGER[1]).await? == 0 { 0 } else { number(APPLIED).await? };
    Ok(migrate::check(found)?)
}

async fn apply(link: &mut Link, until: i64) -> Result<Vec<&'static str>, MigrateError> {
    let unreachable = |error: tokio_postgres::Error| MigrateError::Unreachable(words(&error));
    link.client.batch_execute(LEDGER).await.map_err(unreachable)?;
    let found: i64 = link.client.query_one(APPLIED, &[]).await.map_err(unreachable)?.get(0);
    if found > newest() {
        return Err(MigrateError::Newer { found, known: newest() });
    }
    let mut applied = Vec::new();
    for migration in pending(found, until) {
        let failed =
            |error: tokio_postgres::Error| MigrateError::Failed { name: migration.name, detail: words(&error) };
        let transaction = link.client.transaction().await.map_err(failed)?;
        transaction.batch_execute(migration.postgres).await.map_err(failed)?;
        for rewrite in migration.rewrites {
            self::rewrite(&transaction, rewrite).await.map_err(failed)?;
        }
        transaction.execute(APPLY, &[&migration.number, &migration.name]).await.map_err(failed)?;
        transaction.commit().await.map_err(failed)?;
        applied.push(migration.name);
    }
    Ok(applied)
}

async fn rewrite(transaction: &Transaction<'_>, rewrite: &Rewrite) -> Result<(), tokio_postgres::Error> {
    let rows = transaction.query(&rewrite.read(), &[]).await?;
    let write = transaction.prepare(&rewrite.write()).await?;
    for row in rows {
        let (id, from, to): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        let Some(new) = rewrite.changed(&from, &to) else { continue };
        if transaction.execute(&write, &[&new, &id]).await? > 0
            && let Some(also) = rewrite.also
        {
            transaction.execute(also, &[&new, &to, &id]).await?;
        }
    }
    Ok(())
}
