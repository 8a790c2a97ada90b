//! The preview of a change of retention.

use docket_kernel::{Actor, Aged, Moment, UnitOfWork, Verb};

use crate::retention::{Periods, RetainedKind, judge_periods};

/// The maximum number of rows of a kind that a preview counts.
pub const PREVIEWED_MAX: u32 = 100_000;

/// The effect of a change of one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindPreview {
    /// The kind.
    pub kind: RetainedKind,
    /// The current period.
    pub from: Option<i64>,
    /// The previewed period.
    pub to: Option<i64>,
    /// Data from before this instant would be removed now; `None` if nothing would be.
    pub before: Option<Moment>,
    /// The number of rows from before it.
    pub count: i64,
    /// Whether there are more rows than were counted.
    pub is_at_least: bool,
    /// The time of the oldest one.
    pub oldest_at: Option<Moment>,
}

/// The effect of a change of periods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetentionPreview {
    /// The policy's revision.
    pub revision: i64,
    /// The confirmation that the change needs.
    pub confirmation: String,
    /// The kinds whose period would change.
    pub kinds: Vec<KindPreview>,
}

/// Previews periods. Nothing is written. `by_age` returns the question that finds the rows of a kind: other crates own their
/// tables.
pub fn preview_retention(
    work: &mut UnitOfWork,
    actor: &Actor,
    periods: &Periods,
    by_age: fn(RetainedKind) -> &'static Aged,
) -> Verb<RetentionPreview> {
    let (policy, confirmation) = judge_periods(work, actor, periods)?;
    let now = work.now();
    let mut kinds = Vec::new();
    for kind in RetainedKind::ALL.iter().copied().filter(|kind| policy.periods.of(*kind) != periods.of(*kind)) {
        let before = periods.ends(kind, now);
        let (mut count, mut is_at_least, mut oldest_at) = (0, false, None);
        if let Some(before) = before {
            let place = &policy.progress.of(kind).place;
            (count, is_at_least) = work.count_aged(by_age(kind), place, before, PREVIEWED_MAX)?;
            let oldest = work.aged(by_age(kind), place, before, 1)?;
            oldest_at = oldest.first().map(|place| place.at).filter(|_| count > 0);
        }
        let (from, to) = (policy.periods.of(kind), periods.of(kind));
        kinds.push(KindPreview { kind, from, to, before, count, is_at_least, oldest_at });
    }
    Ok(RetentionPreview { revision: policy.revision, confirmation, kinds })
}
