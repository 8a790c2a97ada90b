//! Workflows: what a workflow is, when it starts, and what each of its steps reads and decides.
//!
//! These modules are pure: values in, values out. None of them uses a clock, a database or randomness, so the same code
//! checks a draft, runs a published version and replays a past run.

/// Executing a run's next step.
mod advance;
/// Why an input of a step has no value.
mod blank;
/// The references that give an object of a type, most likely first.
pub mod choices;
/// Comparisons in conditions: numbers, dates and texts in order.
mod compare;
/// Conditions: rows of field, operator and value under `all`, `any` and `not`, and their evaluation.
pub mod condition;
/// The definition of a workflow as a program that a run's cursor walks through.
pub mod definition;
/// Changing the name and the description of a workflow.
mod describe;
/// Creating a workflow and saving its draft.
mod draft;
/// The engine, with the step catalog and access to live objects.
mod engine;
/// Recording a failed step on the objects it was about.
mod failure;
/// Work that failed and needs a person's attention.
mod fault;
/// Kinds of values before a run, and the information about steps, events and attributes that a check needs.
pub mod kind;
/// Every bound of a definition and of its evaluation, with its reason.
pub mod limits;
/// Names in any casing: comparing, converting and finding the nearest.
pub mod names;
/// The table of operators, their meaning, and the reference page generated from it.
pub mod operator;
/// Problems of a definition, and their paths.
pub mod problem;
/// Reading definition texts, JSON or YAML, into a tree.
pub mod read;
/// References such as `create_case.status`, and how they are resolved.
pub mod reference;
/// Texts with `{{references}}` in them.
pub mod template;
/// The reference tree of an API resource.
pub mod tree;
/// Triggers: what starts a run and with which parameters.
pub mod trigger;
/// The check of a whole definition against its environment.
pub mod validate;
/// Inputs of steps: literals, references and templates, and their resolution.
pub mod value;

mod draft_saves;
mod known;
mod listening;
mod lookup;
/// Merging two drafts that are based on the same one.
pub mod merge;
mod naming;
mod presence;
mod publish;
/// The possible continuations of a reference, for editors.
pub mod reachable;
mod react;
mod redact;
mod retain;
mod run;
mod start;
/// The contract of a step type, and the catalog of step types.
pub mod step_type;
/// The tables of this crate, and the queries on them.
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
pub use engine::{Engine, LiveObjects, TemplateFields, TreeMembers};
pub use failure::STEP_FAILED;
pub use fault::{Fault, FaultState, fault_of_run, park, retry, unjudged_events};
pub use naming::{fields_named, name_anew, statuses_named, workflows_naming, workflows_naming_field};
pub use presence::{close_editor, report_editor};
pub use publish::{archive, pause, publish, resume};
pub use react::{CHAIN_RUNS_MAX, hint, react, skipped_events};
pub use redact::{BlankedSegments, blank_run, blank_segments, blanked_run, blanked_step, hint_hidden, is_hidden};
pub use retain::{may_be_retained, retain_run, retain_segments, retained_run, retained_step};
pub use run::{Cursor, Run, RunProgress, RunRead, RunState, Segment, StepError, StepResult, StepRun, StepState};
pub use start::{start_by_api, start_for_event};
pub use workflow::{
    DraftSave, DraftSaveKind, NamedField, NamedStatus, Naming, OpenEditor, Subscription, Version, Workflow,
    WorkflowState,
};
pub use workflow_template::WorkflowTemplate;
