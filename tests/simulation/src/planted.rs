//! Planted bugs: what the simulator is worth is what it finds.

use crate::database::Plant;
use crate::seeds::outcome;

/// Runs seeds until the bug is found; answers the seed and the invariant that found it.
#[expect(clippy::print_stdout, reason = "which invariant found a planted bug is what one wants to read")]
fn found(plant: Plant, seeds: u64) -> (u64, String) {
    for seed in 0..seeds {
        if let Some(first) = outcome(seed, Some(plant)).wrong.first() {
            println!("{plant:?} was found at seed {seed} by {first}");
            return (seed, first.split(':').next().unwrap_or_default().to_owned());
        }
    }
    panic!("{plant:?} was not found within {seeds} seeds");
}

#[test]
fn an_answer_before_the_commit_is_found() {
    found(Plant::AnswerBeforeCommit, 200);
}

#[test]
fn a_claim_without_a_lock_is_found() {
    found(Plant::ClaimWithoutLock, 200);
}

#[test]
fn a_question_without_its_parents_lock_is_found() {
    found(Plant::QuestionWithoutParentLock, 200);
}

#[test]
fn a_flush_without_events_is_found() {
    found(Plant::FlushWithoutEvents, 20);
}

#[test]
fn an_attempt_that_undoes_nothing_is_found() {
    found(Plant::AttemptKeeps, 50);
}

#[test]
fn a_commit_reported_as_failed_is_found() {
    found(Plant::CommitDenied, 200);
}

#[test]
#[ignore = "takes a minute: most rows that must be unique are also locked"]
fn unique_keys_that_nobody_guards_are_found() {
    found(Plant::NoUniqueKeys, 2_000);
}

#[test]
#[ignore = "takes a minute: only workflows and templates have nothing but their version"]
fn versions_that_nobody_checks_are_found() {
    found(Plant::NoVersionCheck, 5_000);
}
