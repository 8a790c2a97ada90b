//! The events that workflows listen to: one row for each, maintained when a workflow is published, paused or archived.

use std::collections::{BTreeMap, BTreeSet};

use docket_events::object_type_of;
use docket_kernel::{Refusal, SubscriptionId, UnitOfWork, Verb, VersionId};

use crate::definition::Program;
use crate::fault::forget_workflow;
use crate::limits::{LISTENED_MAX, LISTENERS_MAX, WATCHERS_MAX};
use crate::store::{SUBSCRIPTIONS_OF_ENVIRONMENT, SUBSCRIPTIONS_OF_WORKFLOW};
use crate::trigger::On;
use crate::workflow::{Subscription, Workflow};

/// Makes a version the one that listens, or removes all subscriptions of the workflow.
pub(crate) fn listen(
    work: &mut UnitOfWork,
    workflow: &Workflow,
    live: Option<(&VersionId, &Program)>,
    is_paused: bool,
) -> Verb<()> {
    forget_workflow(work, &workflow.id)?;
    let mut had: BTreeSet<String> = BTreeSet::new();
    for old in work.ask::<Subscription>(&SUBSCRIPTIONS_OF_WORKFLOW, workflow.id.as_str())? {
        work.remove::<Subscription>(old.id.as_str())?;
        had.insert(old.event_name.clone());
    }
    let Some((version, program)) = live else { return Ok(()) };
    let On::Events(names) = &program.trigger().on else { return Ok(()) };
    let names: BTreeSet<&String> = names.iter().collect();
    let mut listeners: BTreeMap<String, usize> = BTreeMap::new();
    for other in work.ask::<Subscription>(&SUBSCRIPTIONS_OF_ENVIRONMENT, workflow.environment_id.as_str())? {
        *listeners.entry(other.event_name.clone()).or_default() += 1;
    }
    // Existing subscriptions do not count as new: a workflow can be paused even if the limits are exceeded.
    let more: BTreeSet<&String> = names.iter().copied().filter(|name| !had.contains(*name)).collect();
    if let Some(refusal) = too_many(&more, names.len(), &listeners) {
        return Err(refusal.at("/data/attributes/definition/trigger/on").into());
    }
    for name in names {
        let id = SubscriptionId::of(work.new_id(SubscriptionId::PREFIX));
        work.insert(Subscription {
            id,
            environment_id: workflow.environment_id.clone(),
            version: 0,
            workflow_id: workflow.id.clone(),
            version_id: version.clone(),
            event_name: name.clone(),
            is_paused,
        });
    }
    Ok(())
}

/// Stops a workflow whose live version can't be read from starting runs: its subscriptions are marked as paused.
pub(crate) fn mute(work: &mut UnitOfWork, workflow: &Workflow) -> Verb<()> {
    forget_workflow(work, &workflow.id)?;
    for row in work.ask::<Subscription>(&SUBSCRIPTIONS_OF_WORKFLOW, workflow.id.as_str())? {
        work.change::<Subscription>(row.id.as_str(), |row| row.is_paused = true)?;
    }
    Ok(())
}

/// Why a workflow can't listen to these additional events, and to this many in all, given the listeners of each.
fn too_many(more: &BTreeSet<&String>, all: usize, listeners: &BTreeMap<String, usize>) -> Option<Refusal> {
    let others: usize = listeners.values().sum();
    if !more.is_empty() && others + all > LISTENED_MAX {
        let sentence = format!(
            "this workflow would listen to {all} events and the others of this environment listen to {others} already; at \
             most {LISTENED_MAX} are allowed together: archive workflows or list fewer events"
        );
        return Some(Refusal::rule("too-much-listened-to", sentence));
    }
    let (name, most) = more
        .iter()
        .map(|name| (name, listeners_max(name)))
        .find(|(name, most)| listeners.get(**name).is_some_and(|count| count >= most))?;
    let sentence = format!(
        "{most} workflows of this environment already listen to '{name}', which is the most allowed: archive one of \
         them, or add these steps to one of them"
    );
    Some(Refusal::rule("too-many-listeners", sentence))
}

/// How many workflows of an environment may listen to an event.
fn listeners_max(event: &str) -> usize {
    match object_type_of(event) {
        Some("workflow" | "workflow-run") => WATCHERS_MAX,
        _ => LISTENERS_MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn existing_subscriptions_of_a_workflow_are_not_limited() {
        let name = "case.created".to_owned();
        let listeners = BTreeMap::from([(name.clone(), LISTENED_MAX)]);

        assert!(too_many(&BTreeSet::new(), 1, &listeners).is_none());
        assert!(too_many(&BTreeSet::from([&name]), 1, &listeners).is_some());
    }
}
