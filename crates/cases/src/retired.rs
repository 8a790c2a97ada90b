//! Statuses that were removed, as setup bundles carry them: their names find the statuses that took their place.

use std::collections::BTreeSet;
use std::sync::Arc;

use docket_kernel::{CaseTemplateId, Refusal, StatusId, UnitOfWork, Verb, numbered_slug, slug_of};
use serde::{Deserialize, Serialize};

use crate::status::{CaseStatus, Statuses};
use crate::template::{CaseTemplate, Retired};

/// A status that was removed, by slugs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetiredInput {
    /// The slug it had.
    pub slug: String,
    /// Every name it had.
    pub names: Vec<String>,
    /// The slug of the status that is in its place.
    pub successor: String,
}

/// The statuses that were removed from a template, each with the one that is in its place now.
pub fn retired_of(statuses: &Statuses) -> Vec<RetiredInput> {
    let retired = &statuses.template().retired;
    let mut taken: BTreeSet<String> = statuses.list().iter().map(|status| status.slug.clone()).collect();
    taken.extend(retired.iter().filter_map(|retired| retired.slug.clone()));
    let mut found = Vec::new();
    for one in retired.iter() {
        let Some(successor) = in_place_of(statuses, one) else { continue };
        let slug = one.slug.clone().unwrap_or_else(|| {
            // It was removed before there were slugs.
            let named = slug_of(one.names.first().map_or("", String::as_str), "status");
            let mut numbered = (2..).map(|number| numbered_slug(&named, number));
            let free = if taken.contains(&named) { numbered.find(|slug| !taken.contains(slug)) } else { None };
            free.unwrap_or(named)
        });
        taken.insert(slug.clone());
        found.push(RetiredInput { slug, names: one.names.clone(), successor: successor.slug.clone() });
    }
    found.sort_by(|one, other| one.slug.cmp(&other.slug));
    found.dedup_by(|one, other| one.slug == other.slug);
    found
}

/// The status that is in the place of a removed one, over however many removals.
fn in_place_of<'s>(statuses: &'s Statuses, retired: &Retired) -> Option<&'s Arc<CaseStatus>> {
    let all = &statuses.template().retired;
    let mut successor = &retired.successor_id;
    for _ in 0..=all.len() {
        if let Some(status) = statuses.by_id(successor) {
            return Some(status);
        }
        successor = &all.iter().find(|next| next.id == *successor)?.successor_id;
    }
    None
}

/// Remembers statuses that another environment removed, as if they had been removed here.
pub(crate) fn retire(work: &mut UnitOfWork, id: &CaseTemplateId, wanted: &[RetiredInput]) -> Verb<Arc<CaseTemplate>> {
    let statuses = Statuses::of(work, id)?;
    let known = retired_of(&statuses);
    let mut retired = (*statuses.template().retired).clone();
    for one in wanted {
        let Some(successor) = statuses.list().iter().find(|status| status.slug == one.successor) else {
            let sentence = format!(
                "the removed status {} has the successor {}, which is no slug of the statuses of '{}'",
                one.slug,
                one.successor,
                statuses.template().name
            );
            return Err(Refusal::rule("unknown-successor", sentence).at("/data/attributes/retired").into());
        };
        let (names, successor_id) = (one.names.clone(), successor.id.clone());
        let place = retired.iter().position(|old| match &old.slug {
            Some(slug) => *slug == one.slug,
            None => known.iter().any(|known| known.slug == one.slug && known.names == old.names),
        });
        let row = |id, past_names| Retired { id, slug: Some(one.slug.clone()), names, past_names, successor_id };
        match place {
            Some(place) => retired[place] = row(retired[place].id.clone(), retired[place].past_names.clone()),
            None => retired.push(row(StatusId::of(work.new_id(StatusId::PREFIX)), Vec::new())),
        }
    }
    work.change::<CaseTemplate>(id.as_str(), |template| template.retired = docket_kernel::Json::new(retired))
}
