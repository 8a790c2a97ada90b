//! Removed statuses, as setup bundles carry them: their names resolve to the statuses that replaced them.

use std::collections::BTreeSet;
use std::sync::Arc;

use docket_kernel::{CaseTemplateId, Refusal, StatusId, UnitOfWork, Verb, numbered_slug, slug_of};
use serde::{Deserialize, Serialize};

use crate::status::{CaseStatus, Statuses};
use crate::template::{CaseTemplate, Retired};

/// A removed status, identified by slugs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetiredInput {
    /// Its slug.
    pub slug: String,
    /// Every name it had.
    pub names: Vec<String>,
    /// The slug of the status that replaces it.
    pub successor: String,
}

/// The removed statuses of a template, each with the status that replaces it now.
pub fn retired_of(statuses: &Statuses) -> Vec<RetiredInput> {
    let retired = &statuses.template().retired;
    let mut taken: BTreeSet<String> = statuses.list().iter().map(|status| status.slug.clone()).collect();
    taken.extend(retired.iter().filter_map(|retired| retired.slug.clone()));
    let mut found = Vec::new();
    for one in retired.iter() {
        let Some(successor) = in_place_of(statuses, one) else { continue };
        let slug = one.slug.clone().unwrap_or_else(|| {
            // The status was removed before slugs existed.
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

/// The status that replaces a removed one, across any number of removals.
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

/// Records statuses that were removed in another environment as if they had been removed here.
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
