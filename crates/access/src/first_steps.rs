//! The first steps of a new person: stored for each person, so that they are ticked in every browser.

use std::sync::Arc;

use docket_kernel::{Refusal, UnitOfWork, UserId, Verb};

use crate::organization::User;

docket_kernel::text_enum! {
    /// Something that a new person does once.
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

/// Records steps that a person has taken. A recorded step stays recorded. Each is a change of its own, which
/// [`User::settings_version`] does not count.
pub fn note_first_steps(work: &mut UnitOfWork, user: &UserId, steps: &[FirstStep]) -> Verb<Arc<User>> {
    let known = work.existing::<User>("user", user.as_str())?;
    let new: Vec<FirstStep> = FirstStep::ALL
        .iter()
        .copied()
        .filter(|step| steps.contains(step) && !known.first_steps.contains(step))
        .collect();
    let mut noted = known;
    for step in new {
        noted = work.change::<User>(user.as_str(), |user| user.first_steps.edit().push(step))?;
    }
    Ok(noted)
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
