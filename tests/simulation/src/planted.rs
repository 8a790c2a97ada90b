//! Planted bugs: they show that the simulator finds bugs.

use crate::database::Plant;
use crate::seeds::{outcome, replay};

/// A planted bug that was found: the seed, and the first violated invariant.
pub struct Found {
    pub seed: u64,
    pub invariant: String,
}

/// Runs seeds until the bug is found.
#[expect(clippy::print_stdout, reason = "the output shows which invariant found the planted bug")]
pub fn find(plant: Plant, seeds: u64) -> Found {
    for seed in 0..seeds {
        let wrong = outcome(seed, Some(plant)).wrong;
        if let Some(first) = wrong.first() {
            println!("{plant:?}: {}", replay(seed, Some(plant), &wrong));
            return Found { seed, invariant: first.split(':').next().unwrap_or_default().to_owned() };
        }
    }
    panic!("{plant:?} was not found within {seeds} seeds");
}

/// The maximum number of seeds until a bug is found, and the test of the bug.
pub const FOUND: [(Plant, u64, &str); 13] = [
    (Plant::AnswerBeforeCommit, 200, "an_answer_before_the_commit_is_found"),
    (Plant::ClaimWithoutLock, 200, "a_claim_without_a_lock_is_found"),
    (Plant::QuestionWithoutParentLock, 200, "a_question_without_its_parents_lock_is_found"),
    (Plant::FlushWithoutEvents, 20, "a_flush_without_events_is_found"),
    (Plant::AttemptKeeps, 50, "an_attempt_that_undoes_nothing_is_found"),
    (Plant::CommitDenied, 200, "a_commit_reported_as_failed_is_found"),
    (Plant::NoUniqueKeys, 300, "unique_keys_that_nobody_guards_are_found"),
    (Plant::NoVersionCheck, 300, "versions_that_nobody_checks_are_found"),
    (Plant::ScopeIgnored, 50, "rows_of_other_environments_that_are_seen_are_found"),
    (Plant::BusyReadsAsAbsent, 200, "a_busy_row_taken_for_an_absent_one_is_found"),
    (Plant::UnderWayForgotten, 500, "a_batch_that_forgets_the_one_under_way_is_found"),
    (Plant::SourceReportsAnything, 50, "a_source_that_may_report_events_of_cases_is_found"),
    (Plant::RedactionForgetsEndedRuns, 50, "a_redaction_that_forgets_ended_runs_is_found"),
];

/// Finds the bug of this test.
fn found(test: &str) -> Found {
    let (plant, seeds, _) = FOUND.into_iter().find(|(_, _, name)| *name == test).expect("a planted bug");
    find(plant, seeds)
}

macro_rules! found {
    ($($test:ident)*) => { $(#[test] fn $test() { found(stringify!($test)); })* };
}

found! {
    an_answer_before_the_commit_is_found
    a_claim_without_a_lock_is_found
    a_question_without_its_parents_lock_is_found
    a_flush_without_events_is_found
    an_attempt_that_undoes_nothing_is_found
    a_commit_reported_as_failed_is_found
    unique_keys_that_nobody_guards_are_found
    versions_that_nobody_checks_are_found
    a_busy_row_taken_for_an_absent_one_is_found
    a_batch_that_forgets_the_one_under_way_is_found
    a_source_that_may_report_events_of_cases_is_found
}

#[test]
fn a_redaction_that_forgets_ended_runs_is_found() {
    let found = found("a_redaction_that_forgets_ended_runs_is_found");

    assert_eq!(found.invariant, "redacted-is-blank");
}

#[test]
fn rows_of_other_environments_that_are_seen_are_found() {
    let found = found("rows_of_other_environments_that_are_seen_are_found");

    assert!(["case-holds", "own-environment", "same-environment", "no-mistakes"].contains(&found.invariant.as_str()));
}
