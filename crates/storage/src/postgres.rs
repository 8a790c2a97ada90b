//! PostgreSQL: being written.
use crate::engine::EngineError;
use crate::list::ListQuery;
use crate::migrate::MigrateError;
use crate::reader::ReadError;
use crate::writer::{Lane, Parts, Writer};
use docket_kernel::{Loaded, Row, Want};
use std::sync::Arc;

#[derive(Debug)]
pub(crate) struct PostgresReader;
impl PostgresReader {
    pub async fn bring(&self, _: &[Want]) -> Result<Loaded, ReadError> {
        Err(EngineError::Failed("not yet".into()).into())
    }
    pub async fn page(&self, _: &ListQuery, _: &Arc<str>) -> Result<Vec<Row>, ReadError> {
        Err(EngineError::Failed("not yet".into()).into())
    }
    pub async fn counted(&self, _: &str, _: &str) -> Result<i64, ReadError> {
        Err(EngineError::Failed("not yet".into()).into())
    }
}
pub(crate) async fn migrate(_: &str) -> Result<Vec<&'static str>, MigrateError> {
    Err(MigrateError::Unreachable("not yet".into()))
}
pub(crate) async fn start(
    _: &str,
    _: &Writer,
    _: Vec<Lane>,
    _: &Parts,
) -> Result<(Vec<tokio::task::JoinHandle<()>>, PostgresReader), EngineError> {
    Err(EngineError::Failed("not yet".into()))
}
