//! Sets the status of a case.
//!
//! Choose the **Case** (the trigger's case, a case created by an earlier step, the open case of the event's object, or a
//! reference to a case's id) and the new **Status**. The step finds the status by name among the statuses of
//! the case's template; upper and lower case make no difference, and a name from before a rename still works.
//!
//! - If the case already has the status, nothing is written, and `changed` is false. This is not an error.
//! - Reaching a status of type *end* resolves the case; leaving one reopens it. Each is recorded as a separate event.
//! - The step fails if the case's template does not have the status, or does not allow it after the current one. With
//!   **Continue on error** the run continues, and later steps can read the reason from `<step>.error`.
//! - The **Comment** is kept with the change and shown on the case, with the workflow that set the status. If the status
//!   *requires a comment* and its template applies this to workflows too, a step without a comment fails.
//! - If a reference leads to no case, such as `trigger.cases.open.first` of an object in no open case, the step fails with
//!   the code `no-case`; to handle this, put a conditional on `trigger.cases.open.count` before the step.
//! - A fixed status is checked when the workflow is published: among the statuses of the case's template if the
//!   workflow names it (an earlier step creates the case, or a condition above the step compares `template.id` of the
//!   case), and otherwise among those of every template. A status from a reference is checked when the step runs.

use docket_cases::update_status;
use docket_kernel::{CaseId, Verb, is_blank};
use docket_workflows::definition::Position;
use docket_workflows::problem::Problem;
use docket_workflows::step_type::{About, Availability, CheckContext, Outcome, Plans, StepContext, StepType};
use docket_workflows::value::Input;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::inputs::{CaseInput, CaseOutput, reference};
use crate::statuses::{Choice, template_of};

/// Update Case Status.
pub struct UpdateCaseStatus;

/// What Update Case Status takes.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Config {
    /// The case to update.
    pub case: CaseInput,
    /// The name of the new status.
    #[schemars(extend("x-widget" = "case-status"))]
    pub status: String,
    /// The reason for the change, kept with it; some statuses require it.
    #[serde(default)]
    pub comment: Option<String>,
}

/// What later steps may read of Update Case Status.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    /// The case.
    pub case: CaseOutput,
    /// The name of the status before the step.
    pub previous_status: String,
    /// The name of the status after the step.
    pub status: String,
    /// Whether the status changed.
    pub changed: bool,
}

impl StepType for UpdateCaseStatus {
    const ABOUT: About = About {
        key: "case.update_status",
        category: "Case",
        label: "Update Case Status",
        synonyms: &["set status", "approve case", "decline case", "resolve", "reopen", "escalate"],
        source: include_str!("update_case_status.rs"),
        plans: Plans {
            startup: Availability::Limited,
            essential: Availability::Available,
            growth: Availability::Available,
            enterprise: Availability::Available,
        },
    };
    type Config = Config;
    type Output = Output;

    fn example() -> Value {
        json!({"case": reference("trigger"), "status": "Pending"})
    }

    fn run(context: &mut StepContext<'_>, config: Config) -> Verb<Outcome<Output>> {
        let case = CaseId::of(&config.case.0);
        let comment = config.comment.as_deref().filter(|comment| !is_blank(comment)).map(str::trim);
        let change = update_status(context.work, context.actor, &case, &config.status, comment)?;
        Ok(Outcome::Done(Output {
            case: CaseOutput::of(&change.case.id),
            previous_status: change.from,
            status: change.to,
            changed: change.changed,
        }))
    }

    fn check(context: &mut CheckContext<'_, '_>) -> Verb<Vec<Problem>> {
        let Some(Value::String(status)) = context.step.with.get("status").and_then(Input::constant) else {
            return Ok(Vec::new());
        };
        // The missing value is already reported.
        if is_blank(&status) {
            return Ok(Vec::new());
        }
        let case = context.step.with.get("case");
        let node = context.program.get(context.step.id);
        let template =
            case.zip(node).and_then(|(case, node)| template_of(context.program, Position::Step(node.index()), case));
        let choice = Choice::of(context.work, context.environment, template.as_deref())?;
        let mut problems = Vec::new();
        if let Some(message) = choice.lacks(&status) {
            problems.push(context.step.problem(&["status"], "unknown_status", message));
        }
        if choice.wants_comment(&status) && context.step.with.get("comment").is_none_or(says_nothing) {
            let message = format!("the status '{status}' requires a comment from workflows too; fill in Comment");
            problems.push(context.step.problem(&["comment"], "comment_required", message));
        }
        Ok(problems)
    }
}

/// Whether an input is written as null or blank text.
fn says_nothing(input: &Input) -> bool {
    match input.constant() {
        Some(Value::String(text)) => is_blank(&text),
        constant => constant.is_some_and(|value| value.is_null()),
    }
}
