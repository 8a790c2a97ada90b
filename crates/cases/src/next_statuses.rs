//! The statuses that a case can have next, for its page.

use std::sync::Arc;

use docket_kernel::{Refusal, UnitOfWork, Verb};

use crate::case::Case;
use crate::status::{CaseStatus, Move, Statuses, decide};

/// A status of a case's template, relative to the case.
#[derive(Clone, Debug)]
pub struct NextStatus {
    /// The status.
    pub status: Arc<CaseStatus>,
    /// Whether the case has this status.
    pub is_current: bool,
    /// Why the case can't change to it; `None` if it can.
    pub refusal: Option<Refusal>,
}

/// Every status of the case's template, in order. Uses the rule of `update_status`, as if a reason were given.
pub fn next_statuses(work: &mut UnitOfWork, case: &Case) -> Verb<Vec<NextStatus>> {
    let statuses = Statuses::of(work, &case.template_id)?;
    let from = statuses
        .by_id(&case.status_id)
        .ok_or_else(|| Refusal::internal(format_args!("case {} has a status its template lacks", case.id)))?;
    let seen = |status: &Arc<CaseStatus>| {
        let judged = decide(from, status, &statuses, true);
        NextStatus {
            status: Arc::clone(status),
            is_current: matches!(judged, Ok(Move::AlreadyThere)),
            refusal: judged.err(),
        }
    };
    Ok(statuses.list().iter().map(seen).collect())
}
