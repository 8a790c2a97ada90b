//! What applying a bundle would change, and the problems that prevent it. The plan applies the bundle and rolls it back.

use std::collections::BTreeSet;
use std::sync::Arc;

use docket_kernel::{Actor, Moment, Permission, Refusal, UnitOfWork, Verb, hex};
use docket_workflows::{Engine, Version, Workflow, WorkflowState};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::apply::perform;
use crate::diff::{Change, changes};
use crate::document::{Bundle, TemplateEntry, WorkflowEntry};
use crate::entry::{of_template, of_workflow};
use crate::here::{AT_ONCE, Here, live};
use crate::merge::{Extras, extras, merged};
use crate::reference::{Ids, to_slugs};

/// How a bundle is applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether its workflows are published; otherwise they are saved as drafts.
    pub publish: bool,
    /// Whether statuses and fields that its case templates do not contain are removed.
    pub prune: bool,
}

/// The kind of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Noun {
    /// A case template.
    CaseTemplate,
    /// A workflow.
    Workflow,
}

impl Noun {
    /// The name of the kind, as the type of a resource.
    pub const fn word(self) -> &'static str {
        match self {
            Self::CaseTemplate => "case-template",
            Self::Workflow => "workflow",
        }
    }

    /// The name of the kind in a sentence.
    pub const fn words(self) -> &'static str {
        match self {
            Self::CaseTemplate => "case template",
            Self::Workflow => "workflow",
        }
    }
}

/// What happens to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It is created.
    Create,
    /// It is changed.
    Change,
    /// It already matches the bundle.
    Unchanged,
    /// Only the environment has it, and it stays as it is.
    OnlyHere,
}

impl Action {
    /// The name of the action.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Change => "change",
            Self::Unchanged => "unchanged",
            Self::OnlyHere => "only-here",
        }
    }
}

/// A case template or a workflow, and what happens to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Its kind.
    pub noun: Noun,
    /// Its slug.
    pub slug: String,
    /// The display name.
    pub name: String,
    /// What happens to it.
    pub action: Action,
    /// The changes of an existing item.
    pub changes: Vec<Change>,
    /// Parts that only the environment has and that stay.
    pub only_here: Vec<String>,
    /// Whether the workflow is published.
    pub publishes: bool,
    /// Whether an existing draft is replaced.
    pub replaces_draft: bool,
}

impl Item {
    /// The item as a JSON tree, for display.
    pub fn to_json(&self) -> Value {
        let change = |change: &Change| json!({"at": change.at, "before": change.before, "after": change.after});
        json!({
            "type": self.noun.word(),
            "slug": self.slug,
            "name": self.name,
            "action": self.action.word(),
            "changes": self.changes.iter().map(change).collect::<Vec<_>>(),
            "kept": self.only_here,
            "publishes": self.publishes,
            "overwrites": self.replaces_draft,
        })
    }
}

impl Fault {
    /// The fault as a JSON tree, for display.
    pub fn to_json(&self) -> Value {
        json!({
            "type": self.noun.word(),
            "slug": self.slug,
            "at": self.at,
            "code": self.code,
            "message": self.message,
            "blocks": self.blocks,
        })
    }
}

/// A problem of an item, or a warning about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The kind of the item.
    pub noun: Noun,
    /// The slug of the item.
    pub slug: String,
    /// The path in the item.
    pub at: String,
    /// A stable code.
    pub code: String,
    /// The problem, and what to do.
    pub message: String,
    /// Whether it prevents the bundle from being applied.
    pub blocks: bool,
}

/// The effects of applying a bundle.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What happens to each item.
    pub items: Vec<Item>,
    /// Its problems.
    pub faults: Vec<Fault>,
    /// Identifies the bundle, the options and the state the plan was made from: with it, exactly this plan is applied.
    pub digest: String,
    /// Whether the environment has workflows that are not listed.
    pub are_more: bool,
}

impl Plan {
    /// Whether anything is created or changed.
    pub fn changes_something(&self) -> bool {
        self.items.iter().any(|item| matches!(item.action, Action::Create | Action::Change))
    }

    /// Whether it can be applied.
    pub fn is_applicable(&self) -> bool {
        !self.faults.iter().any(|fault| fault.blocks)
    }
}

/// A template of the bundle, paired with that of the environment.
pub(crate) struct TemplateStep {
    pub(crate) entry: TemplateEntry,
    pub(crate) here: Option<(TemplateEntry, bool)>,
    pub(crate) changes: Vec<Change>,
}

/// A workflow of the bundle, paired with that of the environment.
pub(crate) struct WorkflowStep {
    pub(crate) entry: WorkflowEntry,
    pub(crate) here: Option<Arc<Workflow>>,
    pub(crate) changes: Vec<Change>,
    pub(crate) saves: bool,
    pub(crate) publishes: bool,
}

/// A bundle compared with an environment.
pub(crate) struct Compared {
    pub(crate) templates: Vec<TemplateStep>,
    pub(crate) workflows: Vec<WorkflowStep>,
    pub(crate) plan: Plan,
}

/// Computes what applying a bundle here would change, and the problems that prevent it. Nothing is written.
pub fn plan(engine: &Engine, work: &mut UnitOfWork, actor: &Actor, bundle: &Bundle, options: Options) -> Verb<Plan> {
    let mut compared = compare(work, actor, bundle, options)?;
    let mark = work.mark();
    let faults = perform(engine, work, actor, &compared);
    work.undo_to(mark);
    compared.plan.faults = faults?;
    Ok(compared.plan)
}

/// Compares the bundle with the environment.
pub(crate) fn compare(work: &mut UnitOfWork, actor: &Actor, bundle: &Bundle, options: Options) -> Verb<Compared> {
    actor.may(Permission::CaseTemplateWrite)?;
    actor.may(Permission::WorkflowWrite)?;
    let mut here = Here::beside(work, &actor.environment, bundle.workflows.iter())?;
    let mut ids = here.ids();
    let extras = if options.prune { Extras::Go } else { Extras::Stay };
    let templates: Vec<_> = bundle.case_templates.iter().map(|entry| template_step(&here, entry, extras)).collect();
    let mut workflows = Vec::with_capacity(bundle.workflows.len());
    for entries in bundle.workflows.chunks(AT_ONCE) {
        for id in entries.iter().filter_map(|entry| here.workflows.get(&entry.slug)?.live_version_id.as_ref()) {
            work.hint::<Version>(id.as_str());
        }
        for entry in entries {
            workflows.push(workflow_step(work, &mut here, &mut ids, entry, options)?);
        }
    }
    let mut items: Vec<Item> = templates.iter().map(|step| template_item(step, bundle)).collect();
    items.extend(workflows.iter().map(workflow_item));
    items.extend(only_here(&here, bundle));
    let digest = digest(work.now(), bundle, options, &templates, &workflows);
    let plan = Plan { items, faults: Vec::new(), digest, are_more: here.are_more };
    Ok(Compared { templates, workflows, plan })
}

fn template_step(here: &Here, entry: &TemplateEntry, extras: Extras) -> TemplateStep {
    let Some(statuses) = here.templates.get(&entry.slug) else {
        return TemplateStep { entry: entry.clone(), here: None, changes: Vec::new() };
    };
    let present = of_template(statuses);
    let entry = merged(&present, entry, extras);
    let changes = changes(&present.to_json(), &entry.to_json());
    TemplateStep { entry, here: Some((present, statuses.template().archived_at.is_some())), changes }
}

fn workflow_step(
    work: &mut UnitOfWork,
    here: &mut Here,
    ids: &mut Ids,
    entry: &WorkflowEntry,
    options: Options,
) -> Verb<WorkflowStep> {
    let Some(workflow) = here.workflows.get(&entry.slug).cloned() else {
        let (entry, publishes) = (entry.clone(), options.publish);
        return Ok(WorkflowStep { entry, here: None, changes: Vec::new(), saves: true, publishes });
    };
    let live = live(work, &workflow)?;
    for definition in workflow.draft.as_deref().into_iter().chain(&live) {
        here.find_named(work, definition, ids)?;
    }
    let slugged = |definition: &Value| to_slugs(definition, ids).0;
    let (draft, live) = (workflow.draft.as_deref().map(slugged), live.as_ref().map(slugged));
    let is_wanted = |definition: &Option<Value>| definition.as_ref() == Some(&entry.definition);
    let (is_live, is_drafted) = (is_wanted(&live), is_wanted(&draft));
    let drawn = if is_live { live } else { draft.or(live) }.unwrap_or_default();
    let present = of_workflow(&workflow, drawn);
    let changes = changes(&present.to_json(), &entry.to_json());
    let (saves, publishes) = (!is_live && !is_drafted, options.publish && !is_live);
    Ok(WorkflowStep { entry: entry.clone(), here: Some(workflow), changes, saves, publishes })
}

fn template_item(step: &TemplateStep, bundle: &Bundle) -> Item {
    let action = match &step.here {
        None => Action::Create,
        Some(_) if step.changes.is_empty() => Action::Unchanged,
        Some(_) => Action::Change,
    };
    let wanted = bundle.case_templates.iter().find(|entry| entry.slug == step.entry.slug);
    let only_here = match (&step.here, wanted) {
        (Some((present, _)), Some(wanted)) => {
            let kept = |part: &String| {
                let (kind, name) = part.split_once('/').unwrap_or_default();
                let is_status = step.entry.statuses.iter().any(|status| status.slug == name);
                if kind == "statuses" { is_status } else { step.entry.fields.iter().any(|field| field.key == name) }
            };
            extras(present, wanted).into_iter().filter(kept).collect()
        }
        _ => Vec::new(),
    };
    Item {
        noun: Noun::CaseTemplate,
        slug: step.entry.slug.clone(),
        name: step.entry.name.clone(),
        action,
        changes: step.changes.clone(),
        only_here,
        publishes: false,
        replaces_draft: false,
    }
}

fn workflow_item(step: &WorkflowStep) -> Item {
    let action = match &step.here {
        None => Action::Create,
        Some(_) if step.changes.is_empty() && !step.publishes => Action::Unchanged,
        Some(_) => Action::Change,
    };
    Item {
        noun: Noun::Workflow,
        slug: step.entry.slug.clone(),
        name: step.entry.name.clone(),
        action,
        changes: step.changes.clone(),
        only_here: Vec::new(),
        publishes: step.publishes,
        replaces_draft: step.saves && step.here.as_ref().is_some_and(|here| here.draft.is_some()),
    }
}

/// Items that the bundle does not contain. They stay.
fn only_here(here: &Here, bundle: &Bundle) -> Vec<Item> {
    let in_bundle: BTreeSet<(Noun, &str)> = bundle
        .case_templates
        .iter()
        .map(|entry| (Noun::CaseTemplate, entry.slug.as_str()))
        .chain(bundle.workflows.iter().map(|entry| (Noun::Workflow, entry.slug.as_str())))
        .collect();
    let templates = here.templates.iter().filter(|(_, statuses)| statuses.template().archived_at.is_none());
    let templates = templates.map(|(slug, statuses)| (Noun::CaseTemplate, slug, &statuses.template().name));
    let workflows = here.workflows.iter().filter(|(_, workflow)| workflow.state != WorkflowState::Archived);
    let workflows = workflows.map(|(slug, workflow)| (Noun::Workflow, slug, &workflow.name));
    let others = templates.chain(workflows).filter(|(noun, slug, _)| !in_bundle.contains(&(*noun, slug.as_str())));
    let item = |(noun, slug, name): (Noun, &String, &String)| Item {
        noun,
        slug: slug.clone(),
        name: name.clone(),
        action: Action::OnlyHere,
        changes: Vec::new(),
        only_here: Vec::new(),
        publishes: false,
        replaces_draft: false,
    };
    others.map(item).collect()
}

/// The digest of a plan: the bundle, the options, the state of the environment, and the time of the plan.
fn digest(
    now: Moment,
    bundle: &Bundle,
    options: Options,
    templates: &[TemplateStep],
    workflows: &[WorkflowStep],
) -> String {
    let wanted = json!([bundle.to_json(), options.publish, options.prune]);
    let templates: Vec<_> = templates
        .iter()
        .filter_map(|step| step.here.as_ref().map(|(here, is_archived)| json!([here.to_json(), is_archived])))
        .collect();
    let workflows: Vec<_> = workflows
        .iter()
        .filter_map(|step| step.here.as_ref())
        .map(|here| json!([here.slug, here.name, here.description, here.draft, here.live_version_id, here.state]))
        .collect();
    format!("{}-{}-{:x}", short(&wanted), short(&json!([templates, workflows])), now.0)
}

fn short(tree: &Value) -> String {
    hex(&Sha256::digest(tree.to_string())[..10])
}

/// Refuses to apply anything but the plan, and lists what has changed since.
pub(crate) fn as_planned(
    planned: &str,
    compared: &Compared,
    here: &[(String, Moment, Option<String>)],
) -> Result<(), Refusal> {
    let parts = |digest: &str| {
        let mut parts = digest.splitn(3, '-').map(str::to_owned);
        (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
    };
    let (now, then) = (parts(&compared.plan.digest), parts(planned));
    if now.0 != then.0 {
        let sentence = "this plan was made from a different setup bundle or with different options: make a new plan, review it, then apply it";
        return Err(Refusal::new(docket_kernel::RefusalKind::Conflict, "other-plan", sentence).at("/meta/plan"));
    }
    if now.1 == then.1 {
        return Ok(());
    }
    let since = i64::from_str_radix(&then.2, 16).unwrap_or(i64::MAX);
    let changed = here.iter().filter(|(_, at, _)| at.0 >= since);
    let changed: Vec<String> = changed
        .map(|(what, at, by)| {
            format!("{what} at {at}{}", by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default())
        })
        .collect();
    let what = if changed.is_empty() { "an object of this plan".to_owned() } else { changed.join(", ") };
    let sentence =
        format!("this environment changed after the plan was made ({what}): make a new plan, review it, then apply it");
    let refusal = Refusal::new(docket_kernel::RefusalKind::Conflict, "plan-is-stale", sentence).at("/meta/plan");
    Err(refusal.with(json!({"changed": changed, "plan": compared.plan.digest})))
}
