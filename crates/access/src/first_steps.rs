//! The first steps of a new person: stored per person, so that every browser shows the same completed steps.

use std::sync::Arc;

use docket_kernel::{Refusal, UnitOfWork, UserId, Verb};

use crate::organization::User;

docket_kernel::text_enum! {
    /// An action that a new person does once.
    pub enum FirstStep {
        /// The person opened a case.
        OpenCase = "open-case",
        /// The person set a status.
        ChangeStatus = "change-status",
        /// The person opened a workflow.
        OpenWorkflow = "open-workflow",
        /// The person ran a workflow.
        RunWorkflow = "run-workflow",
        /// The person published a workflow.
        PublishWorkflow = "publish-workflow",
        /// The person dismissed the list of first steps.
        Dismissed = "dismissed",
    }
}

/// Records the steps that a person has taken. A recorded step stays recorded. Each step is a separate change, which
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

/// The first step with this name.
pub fn first_step(word: &str) -> Result<FirstStep, Refusal> {
    FirstStep::parse(word).ok_or_else(|| {
        let all: Vec<&str> = FirstStep::ALL.iter().map(|step| step.as_str()).collect();
        Refusal::rule(
            "unknown-step",
            format_args!("'{word}' is not a first step; the first steps are {}", all.join(", ")),
        )
    })
}
