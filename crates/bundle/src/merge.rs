//! Merges a template of an environment with a bundle: parts that only the environment has stay, unless they are pruned.

use std::collections::{BTreeMap, BTreeSet};

use docket_cases::FieldSchema;
use docket_kernel::fold;

use crate::document::{StatusEntry, TemplateEntry};

/// What happens to statuses and fields that only the environment has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extras {
    /// They stay.
    Stay,
    /// They are removed.
    Go,
}

/// The entry that the template will have.
pub(crate) fn merged(here: &TemplateEntry, wanted: &TemplateEntry, extras: Extras) -> TemplateEntry {
    let mut merged = wanted.clone();
    if extras == Extras::Stay {
        merged.statuses = with_extras(&here.statuses, &wanted.statuses, |status: &StatusEntry| status.slug.as_str());
        merged.fields = with_extras(&here.fields, &wanted.fields, |field: &FieldSchema| field.key.as_str());
    }
    let statuses = merged.statuses.clone();
    // The statuses for each folded name: current statuses of the environment, and statuses after the merge.
    let names: BTreeSet<String> = statuses.iter().map(|status| fold(&status.name)).collect();
    let mut holders: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for status in here.statuses.iter().chain(&statuses) {
        holders.entry(fold(&status.name)).or_default().insert(&status.slug);
    }
    let is_kept = |slug: &str| statuses.iter().any(|status| status.slug == slug);
    let kept: Vec<_> = here.retired.iter().filter(|retired| is_kept(&retired.successor)).cloned().collect();
    let extra = kept.into_iter().filter(|retired| wanted.retired.iter().all(|known| known.slug != retired.slug));
    merged.retired.extend(extra);
    merged.retired.retain(|retired| !is_kept(&retired.slug));
    for retired in &mut merged.retired {
        retired.names.retain(|name| !names.contains(&fold(name)));
    }
    merged.retired.sort_by(|one, other| one.slug.cmp(&other.slug));
    for status in &mut merged.statuses {
        // A name that another status has, or had until now, resolves to that other status.
        let own = fold(&status.name);
        let is_held =
            |folded: &str| holders.get(folded).is_some_and(|slugs| slugs.iter().any(|slug| *slug != status.slug));
        status.former_names.retain(|name| {
            let folded = fold(name);
            folded != own && !is_held(&folded)
        });
        if let Some(known) = here.statuses.iter().find(|known| known.slug == status.slug) {
            keep_names(&mut status.former_names, &known.former_names);
        }
    }
    merged
}

/// The slugs of statuses and the keys of fields that only the environment has.
pub(crate) fn extras(here: &TemplateEntry, wanted: &TemplateEntry) -> Vec<String> {
    let is_status = |status: &&StatusEntry| wanted.statuses.iter().all(|known| known.slug != status.slug);
    let is_field = |field: &&FieldSchema| wanted.fields.iter().all(|known| known.key != field.key);
    let statuses = here.statuses.iter().filter(is_status).map(|status| format!("statuses/{}", status.slug));
    let fields = here.fields.iter().filter(is_field).map(|field| format!("fields/{}", field.key));
    statuses.chain(fields).collect()
}

/// Keeps former names that resolved to a status. Their order has no meaning, so the order of the environment is kept.
fn keep_names(wanted: &mut Vec<String>, here: &[String]) {
    let added = wanted.iter().filter(|name| !here.contains(name)).cloned();
    *wanted = here.iter().cloned().chain(added).collect();
}

/// The wanted items in order; each extra item of the environment follows the item it followed before.
fn with_extras<T: Clone>(here: &[T], wanted: &[T], name: fn(&T) -> &str) -> Vec<T> {
    let is_wanted = |item: &T| wanted.iter().any(|known| name(known) == name(item));
    let mut merged = wanted.to_vec();
    let mut place = 0;
    for item in here {
        if is_wanted(item) {
            place = merged.iter().position(|known| name(known) == name(item)).map_or(place, |found| found + 1);
        } else {
            merged.insert(place, item.clone());
            place += 1;
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use docket_cases::{RetiredInput, StatusType};

    use super::*;

    fn status(slug: &str) -> StatusEntry {
        StatusEntry {
            slug: slug.into(),
            name: slug.to_uppercase(),
            r#type: StatusType::Intermediate,
            color: None,
            require_comment: false,
            comment_binds_keys: false,
            comment_binds_workflows: false,
            allowed_next: None,
            former_names: Vec::new(),
        }
    }

    fn template(statuses: &[&str]) -> TemplateEntry {
        TemplateEntry {
            slug: "kyc".into(),
            name: "KYC".into(),
            key: "KYC".into(),
            fields: Vec::new(),
            statuses: statuses.iter().map(|slug| status(slug)).collect(),
            retired: Vec::new(),
        }
    }

    fn slugs(template: &TemplateEntry) -> Vec<&str> {
        template.statuses.iter().map(|status| status.slug.as_str()).collect()
    }

    #[test]
    fn what_only_the_environment_has_stays_behind_what_it_stood_behind() {
        let here = template(&["x", "a", "y", "b", "z"]);
        let wanted = template(&["b", "new", "a"]);

        assert_eq!(slugs(&merged(&here, &wanted, Extras::Stay)), ["x", "b", "z", "new", "a", "y"]);
        assert_eq!(slugs(&merged(&here, &wanted, Extras::Go)), ["b", "new", "a"]);
        assert_eq!(extras(&here, &wanted), ["statuses/x", "statuses/y", "statuses/z"]);
    }

    #[test]
    fn merging_what_was_merged_changes_nothing() {
        let mut here = template(&["x", "a", "b"]);
        let mut wanted = template(&["b", "a"]);
        here.statuses[1].former_names = vec!["Old".into(), "Older".into()];
        wanted.statuses[1].former_names = vec!["Older".into(), "Before".into()];
        here.retired = vec![RetiredInput { slug: "gone".into(), names: vec!["Gone".into()], successor: "x".into() }];

        let once = merged(&here, &wanted, Extras::Stay);

        assert_eq!(merged(&once, &wanted, Extras::Stay), once);
        assert_eq!(once.statuses[2].former_names, ["Old", "Older", "Before"]);
        assert!(merged(&here, &wanted, Extras::Go).retired.is_empty());
    }
}
