//! Which statuses a case can have next, as its page shows them.

use std::sync::Arc;

use docket_kernel::{Refusal, UnitOfWork, Verb};

use crate::case::Case;
use crate::status::{CaseStatus, Move, Statuses, decide};

/// A status of a case's template, as the case sees it.
#[derive(Clone, Debug)]
pub struct NextStatus {
    /// The status.
    pub status: Arc<CaseStatus>,
    /// Whether the case has it.
    pub is_current: bool,
    /// Why it can't follow; `None` where it can.
    pub refusal: Option<Refusal>,
}

/// Every status of the case's template, in their order. It is the rule itself that is asked, as if a reason were given.
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
