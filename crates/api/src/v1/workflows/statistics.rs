//! `GET /workflows/statistics`: counts the runs of workflows day by day.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, Response};
use docket_kernel::{Entity, Moment, Permission};
use docket_storage::{CountQuery, DayCount, ReadError};
use docket_workflows::{Run, RunState};
use serde_json::{Value, json};

use crate::app::App;
use crate::custom_operation::{Asked, CustomOperation};
use crate::document::Resource;
use crate::error::ErrorDocument;
use crate::openapi::OperationDoc;
use crate::operation::OperationInfo;
use crate::pipeline::Admitted;
use crate::query::Query;
use crate::refusal::of_read;
use crate::schema::{self, list, object, text, whole};
use crate::time::iso;

/// Counts runs.
pub const STATISTICS: CustomOperation = CustomOperation::producing(
    OperationInfo::ours(
        "workflow-statistics",
        "GET",
        "/workflows/statistics",
        Permission::WorkflowRead,
        "Counts the runs of workflows on each of the last seven days (UTC), and those that failed or met errors.",
    ),
    CustomOperation::JSON,
)
.documented(|| {
    let day = object(vec![("date", text()), ("runs", whole()), ("failures", whole())]);
    let attributes = vec![("runs", whole()), ("failures", whole()), ("days", list(day))];
    OperationDoc::whole(schema::resource("workflow-statistics", attributes, Vec::new()))
        .filtered(&[("workflow-id", "The ids of the workflows, at most 100.")])
        .needing_filter("[^,\\s]")
});

/// The number of days counted; the last is today.
const DAYS: i64 = 7;
/// The most workflows in one request.
const WORKFLOWS_MAX: usize = 100;

/// Returns the counts.
pub async fn statistics(State(app): State<App>, request: Request<Body>) -> Response<Body> {
    let asked = match Asked::of(&app, request, &STATISTICS).await {
        Ok(asked) => asked,
        Err(response) => return response,
    };
    let found = match wanted(&asked.query) {
        Ok(ids) => count(&app, &asked.admitted, &ids).await.map_err(|error| of_read(&error)),
        Err(document) => Err(document),
    };
    asked.tell(found)
}

fn wanted(query: &Query) -> Result<Vec<Arc<str>>, ErrorDocument> {
    let ids: Vec<Arc<str>> = query.filter("workflow-id").iter().map(|id| Arc::from(id.as_str())).collect();
    match ids.len() {
        1..=WORKFLOWS_MAX => Ok(ids),
        count => Err(ErrorDocument::bad_request(format!(
            "filter[workflow-id] names 1 to {WORKFLOWS_MAX} workflows, not {count}"
        ))),
    }
}

async fn count(app: &App, admitted: &Admitted, ids: &[Arc<str>]) -> Result<Vec<Resource>, ReadError> {
    let today = app.now().0.div_euclid(Moment::DAY);
    let query = CountQuery {
        table: Run::TABLE,
        by: "workflow_id",
        among: ids.to_vec(),
        and: "state",
        since: Moment((today - DAYS + 1) * Moment::DAY),
    };
    let tallied = app.reader.count_by_day(admitted.actor().environment.key(), query).await?;
    Ok(ids.iter().map(|id| shown(id, today, tallied.iter().filter(|one| *one.by == **id))).collect())
}

fn shown<'t>(id: &str, today: i64, tallied: impl Iterator<Item = &'t DayCount>) -> Resource {
    let mut days: BTreeMap<i64, (i64, i64)> = (today - DAYS + 1..=today).map(|day| (day, (0, 0))).collect();
    let is_failure = |state: &str| {
        [RunState::Errored, RunState::CompletedWithErrors].iter().any(|failure| failure.as_str() == state)
    };
    for one in tallied {
        if let Some((runs, failures)) = days.get_mut(&one.day) {
            *runs += one.count;
            *failures += if is_failure(&one.and) { one.count } else { 0 };
        }
    }
    let date = |day: i64| iso(day * Moment::DAY).chars().take(10).collect::<String>();
    let doc: Vec<Value> = days
        .iter()
        .map(|(day, (runs, failures))| json!({"date": date(*day), "runs": runs, "failures": failures}))
        .collect();
    let mut resource = Resource::new("workflow-statistics", id);
    resource.attributes.set("runs", days.values().map(|(runs, _)| runs).sum::<i64>());
    resource.attributes.set("failures", days.values().map(|(_, failures)| failures).sum::<i64>());
    resource.attributes.set("days", doc);
    resource
}
