//! Finding rows by age on PostgreSQL.

use std::sync::Arc;

use docket_kernel::{AgePosition, AgedFound, Moment, Want};

use super::connect::{Call, Given, engine_error};
use crate::aged;
use crate::engine::EngineError;
use crate::sql::Dialect;

/// The statements of a want: one, and one more to count the blank rows.
pub(crate) fn calls(want: &Want) -> Vec<Call<'_>> {
    let Want::Aged { question, scope, after, before, limit, is_counted } = want else { return Vec::new() };
    let texts = aged::texts(Dialect::Postgres, question);
    let which = || -> Vec<Given<'_>> {
        vec![Box::new(&**scope), Box::new(after.at.0), Box::new(&*after.key), Box::new(before.0)]
    };
    let limited = || {
        let mut given = which();
        given.push(Box::new(i64::from(*limit)));
        given
    };
    if !is_counted {
        return vec![Call::new(texts.rows, limited())];
    }
    let count = Call::new(texts.count, limited());
    std::iter::once(count).chain(texts.blank.map(|text| Call::new(text, which()))).collect()
}

/// The result of these statements.
pub(crate) fn found(want: &Want, answers: &[Vec<tokio_postgres::Row>]) -> Result<AgedFound, EngineError> {
    let count = |at: usize| match answers.get(at).and_then(|rows| rows.first()) {
        Some(row) => row.try_get::<_, i64>(0).map_err(|error| engine_error(&error)),
        None => Ok(0),
    };
    if matches!(want, Want::Aged { is_counted: true, .. }) {
        return Ok(AgedFound::Count((count(0)?, count(1)?)));
    }
    let place = |row: &tokio_postgres::Row| -> Result<AgePosition, tokio_postgres::Error> {
        Ok(AgePosition { at: Moment(row.try_get(0)?), key: Arc::from(row.try_get::<_, String>(1)?) })
    };
    let places = answers.first().into_iter().flatten().map(place).collect::<Result<Vec<_>, _>>();
    places.map(|places| AgedFound::Rows(Arc::new(places))).map_err(|error| engine_error(&error))
}
