//! The workflows room: what a workflow is, when it starts, and what each of its steps reads and decides.
//!
//! These modules are the pure heart: values in, values out. Nothing here asks a clock, a database or chance, so the same
//! code checks a draft, runs a published version and replays a past run.

/// A run's next step.
mod advance;
/// Why an input of a step has no value.
mod blank;
/// Which references give an object of a type, the most likely one first.
pub mod choices;
/// What conditions compare with: numbers, dates and texts in order.
mod compare;
/// Conditions: rows of field, operator and value under `all`, `any` and `not`, and their evaluation.
pub mod condition;
/// The definition of a workflow as a program a run's cursor can walk.
pub mod definition;
/// Naming a workflow, and saying what it is for.
mod describe;
/// Making a workflow and saving its draft.
mod draft;
/// What the engine is handed: the catalogue and the live objects.
mod engine;
/// What a failed step records on the objects it was about.
mod failure;
/// Work that could not be done.
mod fault;
/// Kinds of values known before a run, and what the surroundings tell a check about steps, events and attributes.
pub mod kind;
/// Every bound of a definition and of its evaluation, with its reason.
pub mod limits;
/// Names in any casing: comparing, converting and finding the nearest.
pub mod names;
/// The table of operators, their meaning, and the reference page made from it.
pub mod operator;
/// What is wrong with a definition, and where.
pub mod problem;
/// Definition texts, JSON or YAML, read into one tree.
pub mod read;
/// References such as `create_case.status` and how they reach a value.
pub mod reference;
/// Texts with `{{references}}` in them.
pub mod template;
/// The reference tree of an API resource.
pub mod tree;
/// Triggers: what starts a run and with which parameters.
pub mod trigger;
/// The check of a whole definition against what exists around it.
pub mod validate;
/// Inputs of steps: literals, references, templates and what they resolve to.
pub mod value;

mod draft_saves;
mod known;
mod listening;
mod lookup;
/// Merging two drafts that were drawn on the same one.
pub mod merge;
mod naming;
mod presence;
mod publish;
/// What references can go on with: for whoever writes one.
pub mod reachable;
mod react;
mod redact;
mod run;
mod start;
/// The contract of a step type, and the catalogue of them.
pub mod step_type;
/// The tables this room owns, and the questions asked of them.
pub mod store;
mod subjects;
mod workflow;
mod workflow_template;

pub use advance::{RUN, advance, defer, fail};
pub use describe::{Description, WORKFLOW_NAME_CHARACTERS_MAX, describe};
pub use draft::{
    Drafted, Edit, MergedWith, WorkflowRequest, create_workflow, discard_draft, merge_draft, problems_of,
    problems_of_draft, save_draft,
};
pub use engine::{Engine, LiveObjects, Members, TemplateFields};
pub use fault::{Fault, FaultState, fault_of_run, park, retry, unjudged_events};
pub use naming::{fields_named, name_anew, statuses_named, workflows_naming, workflows_naming_field};
pub use presence::{close_editor, report_editor};
pub use publish::{archive, pause, publish, resume};
pub use react::{CHAIN_RUNS_MAX, hint, react, skipped_events};
pub use redact::{BlankedSegments, blank_run, blank_segments, blanked_run, blanked_step, hint_hidden, is_hidden};
pub use run::{Cursor, Given, Run, RunProgress, RunRead, RunState, Segment, StepError, StepRun, StepState};
pub use start::{start_by_api, start_for_event};
pub use workflow::{
    DraftSave, DraftSaveKind, NamedField, NamedStatus, Naming, OpenEditor, Subscription, Version, Workflow,
    WorkflowState,
};
pub use workflow_template::WorkflowTemplate;
