//! The first steps of somebody new: kept for each person, so that they are ticked in whichever browser.

use std::sync::Arc;

use docket_kernel::{Refusal, UnitOfWork, UserId, Verb};

use crate::organization::User;

docket_kernel::text_enum! {
    /// Something that somebody new does once.
    pub enum FirstStep {
        /// They looked at a case.
        OpenCase = "open-case",
        /// They set a status.
        ChangeStatus = "change-status",
        /// They looked at a workflow.
        OpenWorkflow = "open-workflow",
        /// They ran one.
        RunWorkflow = "run-workflow",
        /// They published one.
        PublishWorkflow = "publish-workflow",
        /// They put the list of these away.
        Dismissed = "dismissed",
    }
}

/// Notes steps that a person has taken. One that is noted already stays so.
pub fn note_first_steps(work: &mut UnitOfWork, user: &UserId, steps: &[FirstStep]) -> Verb<Arc<User>> {
    let known = work.existing::<User>("user", user.as_str())?;
    let new: Vec<FirstStep> = FirstStep::ALL
        .iter()
        .copied()
        .filter(|step| steps.contains(step) && !known.first_steps.contains(step))
        .collect();
    if new.is_empty() {
        return Ok(known);
    }
    work.change::<User>(user.as_str(), |user| user.first_steps.edit().extend(new))
}

/// The step of a word.
pub fn first_step(word: &str) -> Result<FirstStep, Refusal> {
    FirstStep::parse(word).ok_or_else(|| {
        let all: Vec<&str> = FirstStep::ALL.iter().map(|step| step.as_str()).collect();
        Refusal::rule(
            "unknown-step",
            format_args!("'{word}' is not a first step; the first steps are {}", all.join(", ")),
        )
    })
}
