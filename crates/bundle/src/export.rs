//! Exports the definitions of an environment as a bundle.

use std::collections::BTreeSet;

use docket_kernel::{Actor, Permission, Refusal, RefusalKind, UnitOfWork, Verb};
use docket_workflows::names::listed;
use docket_workflows::{Version, WorkflowState};

use crate::document::{BYTES_MAX, Bundle, TEMPLATES_MAX, WORKFLOWS_MAX};
use crate::entry::{of_template, of_workflow};
use crate::here::{AT_ONCE, Here, live};
use crate::reference::{Found, to_slugs};

/// The objects to export; if nothing is chosen, everything that is not archived.
#[derive(Clone, Debug, Default)]
pub struct Chosen {
    /// Slugs of case templates.
    pub case_templates: Vec<String>,
    /// Slugs of workflows; everything they refer to is exported too.
    pub workflows: Vec<String>,
    /// Whether drafts are exported instead of live versions.
    pub drafts: bool,
}

/// A part of a definition that a bundle can't contain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The slug of the workflow.
    pub workflow: String,
    /// The path in its definition.
    pub at: String,
    /// The problem, and what to do.
    pub message: String,
}

/// A bundle, and warnings about what it can't contain.
#[derive(Clone, Debug)]
pub struct Exported {
    /// The bundle.
    pub bundle: Bundle,
    /// What the bundle can't contain.
    pub warnings: Vec<Warning>,
}

/// Exports the definitions of the environment, or the chosen ones with everything they need. For each workflow the live
/// version is exported, or its draft if it has no live version.
pub fn export(work: &mut UnitOfWork, actor: &Actor, chosen: &Chosen) -> Verb<Exported> {
    actor.may(Permission::CaseTemplateRead)?;
    actor.may(Permission::WorkflowRead)?;
    let slugs = chosen.workflows.iter().map(String::as_str).collect();
    let mut here = Here::of(work, &actor.environment, &slugs)?;
    let is_all = chosen.case_templates.is_empty() && chosen.workflows.is_empty();
    if is_all && here.are_more {
        let sentence = "this environment has too many workflows, or too large drafts, for one setup bundle: choose some of \
                        the workflows";
        return Err(too_large(sentence).into());
    }
    let mut wanted = if is_all { all(&here) } else { known(&here, chosen)? };
    let mut ids = here.ids();
    let (mut bundle, mut warnings, mut done) = (Bundle::default(), Vec::new(), BTreeSet::new());
    let mut bytes = 0;
    bounded_count(&wanted)?;
    while let Some(path) = wanted.pop_first() {
        if !done.insert(path.clone()) {
            continue;
        }
        let mut parts = path.split('/');
        match (parts.next(), parts.next()) {
            (Some("case-templates"), Some(slug)) => {
                bundle.case_templates.extend(here.templates.get(slug).map(of_template));
            }
            (Some("workflows"), Some(slug)) => {
                let Some(workflow) = here.workflows.get(slug).cloned() else { continue };
                hint_versions(work, &here, &path, &wanted);
                let (draft, live) = (workflow.draft.as_deref().cloned(), live(work, &workflow)?);
                let drawn = if chosen.drafts { draft.or(live) } else { live.or(draft) };
                let Some(drawn) = drawn else {
                    warnings.push(warning(slug, "", "it has no definition yet and is not exported".to_owned()));
                    continue;
                };
                here.find_named(work, &drawn, &mut ids)?;
                let (definition, needs, odd) = to_slugs(&drawn, &ids);
                // Stop loading as soon as the bundle is too large.
                bytes += definition.to_string().len();
                if bytes > BYTES_MAX {
                    let sentence = format!(
                        "a setup bundle can have up to {BYTES_MAX} bytes as JSON, and this one would have more: choose \
                         some of the workflows"
                    );
                    return Err(too_large(sentence).into());
                }
                let needs = needs.iter().map(|path| path.split('/').take(2).collect::<Vec<_>>().join("/"));
                wanted.extend(needs);
                warnings.extend(odd.iter().map(|found| without_slug(slug, found)));
                bundle.workflows.push(of_workflow(&workflow, definition));
            }
            _ => {}
        }
    }
    bundle.case_templates.sort_by(|one, other| one.slug.cmp(&other.slug));
    bundle.workflows.sort_by(|one, other| one.slug.cmp(&other.slug));
    bounded(&bundle)?;
    Ok(Exported { bundle, warnings })
}

fn all(here: &Here) -> BTreeSet<String> {
    let templates = here.templates.iter().filter(|(_, statuses)| statuses.template().archived_at.is_none());
    let workflows = here.workflows.iter().filter(|(_, workflow)| workflow.state != WorkflowState::Archived);
    let templates = templates.map(|(slug, _)| format!("case-templates/{slug}"));
    templates.chain(workflows.map(|(slug, _)| format!("workflows/{slug}"))).collect()
}

/// The chosen objects, or a refusal that names the unknown slugs.
fn known(here: &Here, chosen: &Chosen) -> Result<BTreeSet<String>, Refusal> {
    let mut findings = Vec::new();
    for slug in chosen.case_templates.iter().filter(|slug| !here.templates.contains_key(*slug)) {
        let there = listed(here.templates.keys().map(String::as_str));
        let sentence = format!("this environment has no case template with the slug '{slug}'; it has {there}");
        findings.push(Refusal::new(RefusalKind::Malformed, "unknown-slug", sentence));
    }
    for slug in chosen.workflows.iter().filter(|slug| !here.workflows.contains_key(*slug)) {
        let there = listed(here.workflows.keys().map(String::as_str));
        let sentence = format!("this environment has no workflow with the slug '{slug}'; it has {there}");
        findings.push(Refusal::new(RefusalKind::Malformed, "unknown-slug", sentence));
    }
    if let Some(refusal) = Refusal::of_all(findings) {
        return Err(refusal);
    }
    let templates = chosen.case_templates.iter().map(|slug| format!("case-templates/{slug}"));
    Ok(templates.chain(chosen.workflows.iter().map(|slug| format!("workflows/{slug}"))).collect())
}

/// Hints at the live versions of the next workflows, as many as are loaded at once.
fn hint_versions(work: &mut UnitOfWork, here: &Here, path: &str, wanted: &BTreeSet<String>) {
    let paths = std::iter::once(path).chain(wanted.iter().map(String::as_str));
    let slugs = paths.filter_map(|path| path.strip_prefix("workflows/"));
    let ids = slugs.filter_map(|slug| here.workflows.get(slug)?.live_version_id.as_ref());
    ids.take(AT_ONCE).for_each(|id| work.hint::<Version>(id.as_str()));
}

fn too_large(sentence: impl AsRef<str>) -> Refusal {
    Refusal::new(RefusalKind::Malformed, "bundle-too-large", sentence.as_ref())
}

/// Refuses more than a bundle can have before any definition is loaded.
fn bounded_count(wanted: &BTreeSet<String>) -> Result<(), Refusal> {
    let workflows = wanted.iter().filter(|path| path.starts_with("workflows/")).count();
    counted(wanted.len() - workflows, workflows)
}

fn counted(templates: usize, workflows: usize) -> Result<(), Refusal> {
    if templates <= TEMPLATES_MAX && workflows <= WORKFLOWS_MAX {
        return Ok(());
    }
    Err(too_large(format!(
        "a setup bundle can have up to {TEMPLATES_MAX} case templates and {WORKFLOWS_MAX} workflows, and this one would \
         have {templates} and {workflows}: choose some of them"
    )))
}

fn without_slug(workflow: &str, found: &Found) -> Warning {
    let message = format!(
        "{} exists in this environment only and is exported as it is: choose another object after the import",
        found.what
    );
    warning(workflow, &found.at, message)
}

fn warning(workflow: &str, at: &str, message: String) -> Warning {
    Warning { workflow: workflow.to_owned(), at: at.to_owned(), message }
}

fn bounded(bundle: &Bundle) -> Result<(), Refusal> {
    counted(bundle.case_templates.len(), bundle.workflows.len())?;
    let bytes = bundle.to_json().to_string().len();
    if bytes > BYTES_MAX {
        return Err(too_large(format!(
            "a setup bundle can have up to {BYTES_MAX} bytes as JSON, and this one would have {bytes}: choose some of the workflows"
        )));
    }
    Ok(())
}
