//! The environment that a definition is checked against.

use std::collections::{BTreeMap, BTreeSet};

use docket_events::{EVENTS, object_type_of};
use docket_kernel::{EnvironmentId, UnitOfWork, Verb, same_name};
use serde_json::Value;

use crate::definition::{Action, Parsed, Program, parse, template_named};
use crate::engine::{Engine, TemplateFields};
use crate::kind::{Attribute, DefinitionContext, OutputShape, StepShape, ValueKind};
use crate::limits::NAMED_MAX;
use crate::names::{listed, same};
use crate::naming::FIELDS_WIDGET;
use crate::problem::{At, Problem, Problems, quote};
use crate::step_type::CheckContext;
use crate::trigger::EventOrigin;
use crate::validate::{StatusOfCase, check, statuses_compared};
use crate::value::Input;

impl DefinitionContext for Engine {
    fn step(&self, step_type: &str) -> Option<&StepShape> {
        self.catalogue.get(step_type).map(|entry| &entry.shape)
    }

    fn step_types(&self) -> Vec<&str> {
        self.catalogue.entries().map(|entry| entry.about.key).collect()
    }

    fn event(&self, name: &str) -> Option<&str> {
        object_type_of(name)
    }

    fn events(&self) -> Vec<&str> {
        EVENTS.iter().map(|(name, _)| *name).collect()
    }

    fn attribute(&self, object_type: &str, path: &[String]) -> Attribute {
        self.objects.attribute(object_type, path)
    }
}

/// The type of the objects whose template conditions can determine.
const CASE: &str = "case";
/// The maximum number of templates in conditions that are read: more than any definition needs.
const TEMPLATES_COMPARED_MAX: usize = 100;

/// The engine, and the fields that an environment's templates define for the objects created from them.
struct Here<'e> {
    engine: &'e Engine,
    /// By type and template, `case/ctmpl_…`.
    fields: BTreeMap<String, TemplateFields>,
}

impl<'e> Here<'e> {
    /// Reads the templates that steps and conditions name literally.
    fn of(engine: &'e Engine, work: &mut UnitOfWork, environment: &EnvironmentId, program: &Program) -> Verb<Self> {
        let mut fields = BTreeMap::new();
        for step in program.actions() {
            let Some(entry) = engine.catalogue.get(step.step_type) else { continue };
            let OutputShape::Value(ValueKind::Object(object_type)) = &entry.shape.output else { continue };
            let Some(template) = template_of(step.with) else { continue };
            let name = format!("{object_type}/{template}");
            if !fields.contains_key(&name)
                && let Some(found) = engine.objects.fields_of(work, environment, object_type, &template)?
            {
                fields.insert(name, found);
            }
        }
        let mut of_conditions = BTreeSet::new();
        program.visit_rows(&mut |row, _, _| of_conditions.extend(template_named(row).map(str::to_owned)));
        for template in of_conditions.into_iter().take(TEMPLATES_COMPARED_MAX) {
            let name = format!("{CASE}/{template}");
            if !fields.contains_key(&name)
                && let Some(found) = engine.objects.fields_of(work, environment, CASE, &template)?
            {
                fields.insert(name, found);
            }
        }
        Ok(Self { engine, fields })
    }
}

fn template_of(with: &BTreeMap<String, Input>) -> Option<String> {
    with.get("template")?.constant()?.as_str().map(str::to_owned)
}

impl DefinitionContext for Here<'_> {
    fn step(&self, step_type: &str) -> Option<&StepShape> {
        self.engine.step(step_type)
    }

    fn step_types(&self) -> Vec<&str> {
        self.engine.step_types()
    }

    fn event(&self, name: &str) -> Option<&str> {
        self.engine.event(name)
    }

    fn events(&self) -> Vec<&str> {
        self.engine.events()
    }

    fn attribute(&self, object_type: &str, path: &[String]) -> Attribute {
        match (self.fields.get(object_type), path) {
            (Some(template), [fields, key]) if fields == "fields" => {
                let found = template.fields.iter().find(|(known, _)| same(known, key));
                found.map_or(Attribute::Unknown, |(_, kind)| Attribute::Known(kind.clone()))
            }
            _ => self.engine.attribute(object_type, path),
        }
    }

    fn made(&self, kind: &ValueKind, action: &Action) -> Option<ValueKind> {
        let ValueKind::Object(object_type) = kind else { return None };
        let name = format!("{object_type}/{}", template_of(&action.with)?);
        self.fields.contains_key(&name).then_some(ValueKind::Object(name))
    }

    fn narrowed(&self, object_type: &str, template: &str) -> Option<ValueKind> {
        let name = format!("{object_type}/{template}");
        self.fields.contains_key(&name).then_some(ValueKind::Object(name))
    }

    fn member(&self, action: &Action, input: &str, name: &str) -> Option<ValueKind> {
        let entry = self.engine.catalogue.get(&action.step_type)?;
        entry.inputs_with(FIELDS_WIDGET).find(|known| *known == input)?;
        let OutputShape::Value(made) = &entry.shape.output else { return None };
        let ValueKind::Object(made) = self.made(made, action)? else { return None };
        let field = self.fields.get(&made)?.fields.iter().find(|(key, _)| key == name)?;
        Some(field.1.clone())
    }

    fn described(&self, object_type: &str) -> String {
        let Some(template) = self.fields.get(object_type) else { return object_type.to_owned() };
        let fields = listed(template.fields.iter().map(|(key, _)| key.as_str()));
        format!("the template '{}' (with the fields {fields})", template.name)
    }
}

/// All problems of a definition: its form, what it refers to, and what its steps and conditions name that does not
/// exist in this environment.
pub(crate) fn check_here(
    engine: &Engine,
    work: &mut UnitOfWork,
    environment: &EnvironmentId,
    definition: &Value,
) -> Verb<Vec<Problem>> {
    let Parsed { program, .. } = parse(definition);
    let here = Here::of(engine, work, environment, &program)?;
    let Parsed { program, mut problems } = check(definition, &here);
    for step in program.actions() {
        if let Some(entry) = engine.catalogue.get(step.step_type) {
            problems.extend(entry.check(&mut CheckContext { work, environment, program: &program, step })?);
        }
    }
    problems.extend(unknown_sources(engine, work, environment, &program)?);
    problems.extend(unknown_statuses(engine, work, environment, &program)?);
    Ok(problems)
}

/// Sources in the trigger that this environment does not have.
fn unknown_sources(
    engine: &Engine,
    work: &mut UnitOfWork,
    environment: &EnvironmentId,
    program: &Program,
) -> Verb<Vec<Problem>> {
    let asked: Vec<(usize, &str)> = program.trigger().origin.iter().enumerate().filter_map(named).collect();
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let sources = engine.objects.sources(work, environment)?;
    let is_there = |asked: &str| sources.iter().any(|(id, name)| id == asked || same_name(name, asked));
    let (root, mut problems) = (At::root(), Problems::default());
    let trigger = root.member("trigger");
    let at = trigger.member("origin");
    for (index, asked) in asked.into_iter().filter(|(_, asked)| !is_there(asked)) {
        let known = match sources.as_slice() {
            [] => "this environment has no sources".to_owned(),
            sources => format!("choose one of {}", listed(sources.iter().map(|(_, name)| name.as_str()))),
        };
        problems.add(&at.item(index), "unknown_source", format!("there is no source {}; {known}", quote(asked)));
    }
    Ok(problems.into_list())
}

fn named((index, from): (usize, &EventOrigin)) -> Option<(usize, &str)> {
    match from {
        EventOrigin::Source(name) => Some((index, name)),
        _ => None,
    }
}

/// Statuses in conditions that no such case can have. Checks at most as many names as a live version may have.
fn unknown_statuses(
    engine: &Engine,
    work: &mut UnitOfWork,
    environment: &EnvironmentId,
    program: &Program,
) -> Verb<Vec<Problem>> {
    let mut compared = statuses_compared(program, engine);
    compared.retain(|compared| compared.is_sure);
    let named: BTreeSet<StatusOfCase> = compared.iter().map(|compared| compared.named.clone()).collect();
    let named: BTreeSet<StatusOfCase> = named.into_iter().take(NAMED_MAX as usize).collect();
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let unknown = engine.objects.unknown_statuses(work, environment, program, named)?;
    let mut problems = Problems::default();
    for compared in compared {
        if let Some(message) = unknown.get(&compared.named).filter(|_| !problems.is_full()) {
            problems.push(compared.problem("unknown_status", message));
        }
    }
    Ok(problems.into_list())
}
