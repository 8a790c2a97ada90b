//! Applies a bundle through the verbs of the nouns: all of it in one commit, or nothing.

use std::collections::HashMap;
use std::sync::Arc;

use docket_cases::{LiveUses, TemplateChange, change_template, create_template, template};
use docket_kernel::{Actor, Halt, Refusal, RefusalKind, UnitOfWork, Verb, WorkflowId};
use docket_workflows::problem::Problem;
use docket_workflows::{
    Description, Engine, Workflow, WorkflowRequest, create_workflow, describe, problems_of, publish, save_draft,
    workflows_naming, workflows_naming_field,
};
use serde_json::Value;

use crate::document::Bundle;
use crate::here::Here;
use crate::plan::{Compared, Fault, Noun, Options, Plan, TemplateStep, WorkflowStep, as_planned, compare};
use crate::reference::{Ids, to_ids};

/// Applies a bundle: creates or changes its objects, and publishes its workflows or saves them as drafts. With the
/// digest of a plan, applies exactly that plan or nothing. Objects that already match the bundle are not written again.
pub fn apply(
    engine: &Engine,
    work: &mut UnitOfWork,
    actor: &Actor,
    bundle: &Bundle,
    options: Options,
    planned: Option<&str>,
) -> Verb<Plan> {
    let mut compared = compare(work, actor, bundle, options)?;
    if let Some(planned) = planned {
        let here = changed_when(work, &compared)?;
        as_planned(planned, &compared, &here)?;
    }
    let faults = perform(engine, work, actor, &compared)?;
    let blocking: Vec<Refusal> = faults.iter().filter(|fault| fault.blocks).map(Fault::refusal).collect();
    if let Some(refusal) = Refusal::of_all(blocking) {
        return Err(refusal.into());
    }
    compared.plan.faults = faults;
    Ok(compared.plan)
}

impl Fault {
    fn refusal(&self) -> Refusal {
        let place = if self.at.is_empty() { String::new() } else { format!(", {}", self.at) };
        let sentence = format!("{} {}{place}: {}", self.noun.words(), self.slug, self.message);
        Refusal::new(RefusalKind::Rule, &self.code, sentence).at("/data/attributes/bundle")
    }

    fn of(noun: Noun, slug: &str, refusal: &Refusal) -> Vec<Self> {
        let fault = |code: &str, message: &str| Self {
            noun,
            slug: slug.to_owned(),
            at: String::new(),
            code: code.to_owned(),
            message: message.to_owned(),
            blocks: true,
        };
        refusal.all().map(|finding| fault(&finding.code, &finding.sentence)).collect()
    }
}

/// The objects that the plan covers: when each last changed, and by whose change.
fn changed_when(
    work: &mut UnitOfWork,
    compared: &Compared,
) -> Verb<Vec<(String, docket_kernel::Moment, Option<String>)>> {
    let mut all = Vec::new();
    for step in compared.templates.iter().filter(|step| step.here.is_some()) {
        if let Some(found) = work.find::<docket_cases::CaseTemplate>("slug", &step.entry.slug)? {
            all.push((format!("case template '{}'", found.name), found.updated_at, None));
        }
    }
    for here in compared.workflows.iter().filter_map(|step| step.here.as_ref()) {
        all.push((format!("workflow '{}'", here.name), here.updated_at, here.updater_email.clone()));
    }
    Ok(all)
}

/// Applies the compared bundle and returns its problems. A refused part is rolled back alone, so that all are found.
pub(crate) fn perform(engine: &Engine, work: &mut UnitOfWork, actor: &Actor, compared: &Compared) -> Verb<Vec<Fault>> {
    let mut faults = Vec::new();
    each(
        work,
        &compared.templates,
        &mut faults,
        |step| (Noun::CaseTemplate, &step.entry.slug),
        |work, step| write_template(work, actor, step),
    )?;
    let entries = || compared.workflows.iter().map(|step| &step.entry);
    let ids = Here::beside(work, &actor.environment, entries())?.ids();
    let missing: Vec<_> = compared.workflows.iter().filter(|step| step.here.is_none()).collect();
    each(
        work,
        &missing,
        &mut faults,
        |step| (Noun::Workflow, &step.entry.slug),
        |work, step| make_workflow(engine, work, actor, step, &ids),
    )?;
    // Workflows may refer to each other: all missing ones are created first, so that their ids exist.
    let here = Here::beside(work, &actor.environment, entries())?;
    let ids = here.ids();
    let mut found = Vec::new();
    let there: Vec<_> =
        compared.workflows.iter().filter(|step| here.workflows.contains_key(&step.entry.slug)).collect();
    each(
        work,
        &there,
        &mut faults,
        |step| (Noun::Workflow, &step.entry.slug),
        |work, step| {
            found.extend(write_workflow(engine, work, actor, step, &here, &ids)?);
            Ok(())
        },
    )?;
    faults.extend(found);
    Ok(faults)
}

/// Runs `act` for each step and continues after a refusal. Missing rows of all steps are requested together.
fn each<S>(
    work: &mut UnitOfWork,
    steps: &[S],
    faults: &mut Vec<Fault>,
    name: impl Fn(&S) -> (Noun, &String),
    mut act: impl FnMut(&mut UnitOfWork, &S) -> Verb<()>,
) -> Verb<()> {
    let mut halted: Option<Halt> = None;
    for step in steps {
        match work.attempt(|work| act(work, step)) {
            Ok(Ok(())) => {}
            Ok(Err(refusal)) => {
                let (noun, slug) = name(step);
                faults.extend(Fault::of(noun, slug, &refusal));
            }
            Err(halt) => halted = Some(halt),
        }
    }
    halted.map_or(Ok(()), Err)
}

fn write_template(work: &mut UnitOfWork, actor: &Actor, step: &TemplateStep) -> Verb<()> {
    let Some((present, is_archived)) = &step.here else {
        return create_template(work, actor, &step.entry.request()).map(drop);
    };
    if *is_archived {
        let sentence = "it is archived in this environment: give it a different slug in the bundle to create a new one";
        return Err(Refusal::rule("template-archived", sentence).into());
    }
    if step.changes.is_empty() {
        return Ok(());
    }
    let found = work.find::<docket_cases::CaseTemplate>("slug", &step.entry.slug)?;
    let Some(found) = found else { return Err(Refusal::unknown("case template", &step.entry.slug).into()) };
    let template = template(work, &found.id)?;
    let entry = &step.entry;
    let statuses = (present.statuses != entry.statuses).then(|| entry.status_inputs());
    let is_kept = |slug: &str| entry.statuses.iter().any(|status| status.slug == slug);
    let removed = present.statuses.iter().filter(|status| !is_kept(&status.slug));
    let name_of =
        |slug: &str| entry.statuses.iter().find(|status| status.slug == slug).map(|status| status.name.clone());
    let successor = |status: &crate::document::StatusEntry| {
        let retired = entry.retired.iter().find(|retired| retired.slug == status.slug)?;
        Some((status.name.clone(), name_of(&retired.successor)?))
    };
    let change = TemplateChange {
        name: (present.name != entry.name).then(|| entry.name.clone()),
        key: (present.key != entry.key).then(|| entry.key.clone()),
        fields: (present.fields != entry.fields).then(|| entry.fields.clone()),
        successors: removed.filter_map(successor).collect::<HashMap<_, _>>(),
        statuses,
        field_choices: HashMap::new(),
        remembered: if present.retired == entry.retired { Vec::new() } else { entry.retired.clone() },
    };
    let uses = LiveUses { statuses: &workflows_naming, fields: &workflows_naming_field };
    change_template(work, actor, &template.id, &change, uses).map(drop)
}

fn make_workflow(engine: &Engine, work: &mut UnitOfWork, actor: &Actor, step: &WorkflowStep, ids: &Ids) -> Verb<()> {
    let (definition, unknown, _) = to_ids(&step.entry.definition, ids);
    let request = WorkflowRequest {
        name: step.entry.name.clone(),
        slug: Some(step.entry.slug.clone()),
        description: step.entry.description.clone(),
        definition: unknown.is_empty().then_some(definition),
    };
    create_workflow(engine, work, actor, &request).map(drop)
}

/// Changes an existing workflow to match the bundle; returns the problems of the result.
fn write_workflow(
    engine: &Engine,
    work: &mut UnitOfWork,
    actor: &Actor,
    step: &WorkflowStep,
    here: &Here,
    ids: &Ids,
) -> Verb<Vec<Fault>> {
    let slug = &step.entry.slug;
    let Some(workflow) = here.workflows.get(slug) else { return Ok(Vec::new()) };
    let (definition, unknown, odd) = to_ids(&step.entry.definition, ids);
    let fault = |at: &str, code: &str, message: String, blocks| Fault {
        noun: Noun::Workflow,
        slug: slug.clone(),
        at: at.to_owned(),
        code: code.to_owned(),
        message,
        blocks,
    };
    if !unknown.is_empty() {
        let sentence =
            |what: &str| format!("{what} is neither in this environment nor in the setup bundle: add it to the bundle");
        return Ok(unknown.iter().map(|found| fault(&found.at, "unknown-slug", sentence(&found.what), true)).collect());
    }
    let sentence = |what: &str| {
        format!(
            "{what} is an id that exists in one environment only: choose an object of this environment after the import"
        )
    };
    let mut faults: Vec<Fault> =
        odd.iter().map(|found| fault(&found.at, "id-without-slug", sentence(&found.what), false)).collect();
    describe_anew(work, actor, step, workflow)?;
    let problems = drafted(engine, work, actor, step, &workflow.id, &definition)?;
    let is_sound = problems.is_empty();
    faults.extend(problems.into_iter().map(|problem| {
        let code = problem.code.replace('_', "-");
        fault(&problem.path, &code, problem.message, step.publishes)
    }));
    if step.publishes && is_sound {
        publish(engine, work, actor, &workflow.id, Some("Setup bundle"))?;
    }
    Ok(faults)
}

fn describe_anew(work: &mut UnitOfWork, actor: &Actor, step: &WorkflowStep, here: &Workflow) -> Verb<()> {
    let entry = &step.entry;
    if here.name == entry.name && here.description == entry.description {
        return Ok(());
    }
    let wanted = Description { name: Some(entry.name.clone()), description: Some(entry.description.clone()) };
    describe(work, actor, &here.id, &wanted).map(drop)
}

/// Saves the definition as the draft unless it is the draft already; returns its problems.
fn drafted(
    engine: &Engine,
    work: &mut UnitOfWork,
    actor: &Actor,
    step: &WorkflowStep,
    id: &WorkflowId,
    definition: &Value,
) -> Verb<Vec<Problem>> {
    let present: Arc<Workflow> = work.existing("workflow", id.as_str())?;
    if !step.saves || present.draft.as_deref() == Some(definition) {
        return problems_of(engine, work, actor, definition);
    }
    save_draft(engine, work, actor, id, Some(present.version), definition).map(|(_, problems)| problems)
}
