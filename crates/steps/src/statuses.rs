//! The statuses that a case can have, as far as a definition determines them: for status names written in steps and
//! conditions.

use std::cell::OnceCell;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use docket_cases::store::{STATUSES_OF_TEMPLATE, TEMPLATES_OF_ENVIRONMENT};
use docket_cases::{CaseTemplate, Statuses};
use docket_kernel::{EnvironmentId, UnitOfWork, Verb, fold};
use docket_workflows::definition::{Position, Program};
use docket_workflows::names::listed;
use docket_workflows::validate::StatusOfCase;
use docket_workflows::value::Input;

/// The statuses that a case can have.
pub(crate) struct Choice {
    templates: Vec<Statuses>,
    /// Their names, listed when another name is refused.
    names: OnceCell<String>,
}

impl Choice {
    /// The statuses of the template the case is created from, if it is known and exists; otherwise of every template.
    pub(crate) fn of(work: &mut UnitOfWork, environment: &EnvironmentId, template: Option<&str>) -> Verb<Self> {
        let one = match template {
            Some(id) => work.get::<CaseTemplate>(id)?,
            None => None,
        };
        let templates = match one {
            Some(template) => vec![template],
            // A missing template is reported where it is named.
            None => work.ask::<CaseTemplate>(&TEMPLATES_OF_ENVIRONMENT, environment.as_str())?,
        };
        for template in &templates {
            work.hint_ask(&STATUSES_OF_TEMPLATE, template.id.as_str());
        }
        let templates = templates.iter().map(|template| Statuses::of(work, &template.id)).collect::<Verb<_>>()?;
        Ok(Self { templates, names: OnceCell::new() })
    }

    /// Whether every status with this name requires a comment from workflows.
    pub(crate) fn wants_comment(&self, status: &str) -> bool {
        let mut named = self.templates.iter().filter_map(|statuses| statuses.named(status).ok()).peekable();
        named.peek().is_some() && named.all(|status| status.require_comment && status.comment_binds_workflows)
    }

    /// Why a case can't have a status with this name, if so.
    pub(crate) fn lacks(&self, status: &str) -> Option<String> {
        if self.templates.iter().any(|statuses| statuses.has(status)) {
            return None;
        }
        let whose = match self.templates.as_slice() {
            [one] => format!("the case template '{}' does not have it", one.template().name),
            _ => "no case template has it".to_owned(),
        };
        let names = self.names.get_or_init(|| {
            let mut seen = BTreeSet::new();
            let names = self.templates.iter().flat_map(Statuses::list).map(|status| status.name.as_str());
            listed(names.filter(|name| seen.insert(fold(name))))
        });
        Some(format!("there is no status '{status}': {whose}; choose one of {names}"))
    }
}

/// The statuses named in a definition that their case can't have, each with the reason.
pub(crate) fn unknown(
    work: &mut UnitOfWork,
    environment: &EnvironmentId,
    program: &Program,
    named: BTreeSet<StatusOfCase>,
) -> Verb<BTreeMap<StatusOfCase, String>> {
    let mut choices: BTreeMap<Option<String>, Choice> = BTreeMap::new();
    let mut unknown = BTreeMap::new();
    for named in named {
        let template = template_of(program, named.place, &Input::Ref(named.case.clone()));
        let choice = match choices.entry(template) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let choice = Choice::of(work, environment, place.key().as_deref())?;
                place.insert(choice)
            }
        };
        if let Some(why) = choice.lacks(&named.status) {
            unknown.insert(named, why);
        }
    }
    Ok(unknown)
}

/// The template of the case, if the definition determines it: by a condition above the place, by an earlier step that
/// creates the case from a literal template, or by following the output of a step that changed the case.
pub(crate) fn template_of(program: &Program, place: Position, case: &Input) -> Option<String> {
    let mut case = case;
    // Each step refers to an earlier one, otherwise the definition is refused.
    for _ in 0..=program.steps().len() {
        let reference = case.lone()?;
        if let Some(template) = program.template_at(place, reference) {
            return Some(template.to_owned());
        }
        let action = program.get(reference.root())?.action()?;
        let segments: Vec<&str> = reference.segments().iter().map(String::as_str).collect();
        match (action.step_type.as_str(), segments.as_slice()) {
            ("case.create", [] | ["id"]) => {
                return action.with.get("template")?.constant()?.as_str().map(str::to_owned);
            }
            ("case.update_status", ["case"] | ["case", "id"]) => case = action.with.get("case")?,
            _ => return None,
        }
    }
    None
}
