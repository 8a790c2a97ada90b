//! Every bound of a definition and of its evaluation, with its reason.

/// Steps in one definition, all routes included: more are unreadable for people, and a run records each of them.
pub const STEPS_MAX: usize = 250;

/// Bytes of a definition as compact JSON (512 KiB): it is loaded with every run that is not in memory yet.
pub const DEFINITION_BYTES_MAX: usize = 512 * 1024;

/// Bytes of a definition's text before reading (1 MiB): comments and indentation may double the tree.
pub const TEXT_BYTES_MAX: usize = 1024 * 1024;

/// Routes within routes: a step of the top list has depth 0, one in a route of a route has depth 2.
pub const ROUTE_DEPTH_MAX: usize = 16;

/// Nested `all`, `any` and `not`: evaluation recurses, and deeper nesting is unreadable.
pub const CONDITION_DEPTH_MAX: usize = 32;

/// Nested arrays and objects of one input, for the same reason.
pub const INPUT_DEPTH_MAX: usize = 32;

/// Nested JSON values of a whole definition: common JSON readers stop at 128, and an export must be readable.
pub const TREE_DEPTH_MAX: usize = 120;

/// Bytes times opening brackets of a YAML text, below which its reader takes less than about a second.
pub const YAML_WORK_MAX: usize = 200_000_000;

/// Characters of a step's name or a label: what fits a drawn step.
pub const NAME_CHARS_MAX: usize = 128;

/// Characters of a step id, a parameter's name or an output's name: they are words of references.
pub const ID_CHARS_MAX: usize = 64;

/// Characters of one reference.
pub const REFERENCE_CHARS_MAX: usize = 512;

/// Segments after a reference's root. Each may lead from one object to another, so this also bounds the objects read.
pub const REFERENCE_SEGMENTS_MAX: usize = 16;

/// Bytes of a rendered template (64 KiB): a template is a sentence or a letter, not a file.
pub const RENDERED_BYTES_MAX: usize = 64 * 1024;

/// Bytes, roughly as compact JSON, of all inputs of one step together (1 MiB): a small definition may repeat a large value.
pub const RESOLVED_BYTES_MAX: usize = 1024 * 1024;

/// Rows and array elements that the conditions of one step may evaluate: other requests wait during evaluation.
pub const EVALUATION_STEPS_MAX: usize = 10_000;

/// Bytes, roughly as compact JSON, of the values that one step's conditions may read (1 MiB): the history stores them.
pub const EVALUATION_BYTES_MAX: usize = 1024 * 1024;

/// Bytes, roughly as compact JSON, that a run reads and outputs in all its steps (10 MiB): its history stores them.
pub const RUN_BYTES_MAX: usize = 10 * 1024 * 1024;

/// Bytes of these bounds that following a reference to a live object costs: about the size of such an object.
pub const HOP_BYTES: usize = 1024;

/// Parameters of an API trigger: a longer form is not practical.
pub const PARAMETERS_MAX: usize = 250;

/// Events that one trigger listens to: more than exist.
pub const EVENTS_MAX: usize = 250;

/// Origins in one trigger.
pub const ORIGINS_MAX: usize = 50;

/// Events that all workflows of an environment listen to, together: publishing counts them.
pub const LISTENED_MAX: usize = 5_000;

/// Workflows of an environment that listen to one event: each is evaluated, and may start, in the event's commit.
pub const LISTENERS_MAX: usize = 500;

/// Workflows of an environment that listen to one event of workflows and runs: a cause that starts many runs starts
/// each of these as often, in the same commit.
pub const WATCHERS_MAX: usize = 20;

/// Status names in one workflow: more than templates have, and each is a row that removing a status queries.
pub const NAMED_MAX: u32 = 1_000;

/// Stored saves of a draft, per workflow: a day's work of one person.
pub const DRAFT_SAVES_MAX: u32 = 50;

/// Bytes of the stored saves of a draft, per workflow (4 MiB): a save reads all of them.
pub const DRAFT_SAVES_BYTES_MAX: i64 = 4 * 1024 * 1024;

/// People who may have one workflow open at once.
pub const OPEN_EDITORS_MAX: u32 = 200;

/// Seconds after the last report until a person no longer counts as having a workflow open: three report intervals.
pub const OPEN_EDITOR_SECONDS: i64 = 60;

/// Attempts for a run that can neither continue nor be recorded as failed, over about four minutes; then it is parked.
pub const FAULT_TRIES_MAX: i64 = 8;

/// Seconds that a fault that was not parked is kept after its last attempt.
pub const FAULT_SECONDS: i64 = 3_600;

/// Characters of the name or id of a status: a longer text can't name one.
pub const STATUS_CHARS_MAX: usize = 64;

/// Characters of the key of a case's field: a longer text can't name one.
pub const FIELD_CHARS_MAX: usize = 64;

/// Problems that suggest the nearest known names: comparing names is the expensive part of a problem.
pub const HINTS_MAX: usize = 50;

/// Names listed in one sentence.
pub const NAMES_LISTED_MAX: usize = 50;

/// Problems listed at once: a longer list is not useful, and the last entry states that there are more.
pub const PROBLEMS_MAX: usize = 500;
