//! The wanted list of a template's statuses.

use std::collections::BTreeSet;
use std::sync::Arc;

use docket_kernel::{
    Json, Refusal, StatusId, UnitOfWork, Verb, checked_name, fold, numbered_slug, same_name, slug_of, tidied_name,
};
use serde::{Deserialize, Serialize};

use crate::status::{CaseStatus, StatusType};
use crate::template::{CaseTemplate, checked_slug};

/// The maximum number of statuses of a template.
pub const STATUSES_MAX: usize = 50;
/// The maximum length of a status's name, in characters.
const NAME_CHARACTERS_MAX: usize = 64;

/// A status in the wanted list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct StatusInput {
    /// Its id, if it already exists.
    #[serde(default)]
    pub id: Option<StatusId>,
    /// The slug in setup bundles, unique within the template; derived from the name if absent.
    #[serde(default)]
    pub slug: Option<String>,
    /// The display name, 1 to 64 characters; no two statuses of a template have the same name.
    pub name: String,
    /// Its type: exactly one status is `initial`, at least one is `end`.
    pub r#type: StatusType,
    /// A color, as `#rrggbb`.
    #[serde(default)]
    pub color: Option<String>,
    /// Whether a person must give a reason.
    #[serde(default)]
    pub require_comment: bool,
    /// Whether an API key must give a reason too, if a person must.
    #[serde(default)]
    pub comment_binds_keys: bool,
    /// Whether a workflow must give a reason too, if a person must.
    #[serde(default)]
    pub comment_binds_workflows: bool,
    /// Names or ids of the only statuses that may follow; absent for any.
    #[serde(default)]
    pub allowed_next: Option<Vec<String>>,
    /// Former names that also resolve to it, for a list from another environment; absent keeps those it has.
    #[serde(default)]
    pub former_names: Option<Vec<String>>,
}

impl StatusInput {
    /// A status with this name and type, and defaults for everything else.
    pub fn new(name: &str, r#type: StatusType) -> Self {
        Self {
            id: None,
            slug: None,
            name: name.to_owned(),
            r#type,
            color: None,
            require_comment: false,
            comment_binds_keys: false,
            comment_binds_workflows: false,
            allowed_next: None,
            former_names: None,
        }
    }
}

/// The statuses of a template that is created without a list.
pub fn default_statuses() -> Vec<StatusInput> {
    vec![
        StatusInput::new("Open", StatusType::Initial),
        StatusInput::new("Pending", StatusType::Intermediate),
        StatusInput::new("Approved", StatusType::End),
        StatusInput::new("Declined", StatusType::End),
    ]
}

/// All problems of a list of statuses, each with its pointer. A name that one of the `present` statuses keeps is not
/// checked: it may predate the current naming rule.
pub fn checked_statuses(statuses: &[StatusInput], present: &[Arc<CaseStatus>]) -> Vec<Refusal> {
    const LIST: &str = "/data/attributes/statuses";
    let mut findings = Vec::new();
    if statuses.len() > STATUSES_MAX {
        let sentence = format!("a case template has at most {STATUSES_MAX} statuses, not {}", statuses.len());
        findings.push(Refusal::rule("too-many-statuses", sentence).at(LIST));
    }
    let of = |wanted: StatusType| statuses.iter().filter(move |status| status.r#type == wanted).count();
    if of(StatusType::Initial) != 1 {
        let sentence = format!(
            "a case template has exactly one status of type initial, where cases start, not {}",
            of(StatusType::Initial)
        );
        findings.push(Refusal::rule("initial-status", sentence).at(LIST));
    }
    if of(StatusType::End) == 0 {
        let sentence = "a case template has at least one status of type end, or its cases could never be resolved";
        findings.push(Refusal::rule("end-status", sentence).at(LIST));
    }
    for (place, status) in statuses.iter().enumerate() {
        let at = |member: &str| format!("{LIST}/{place}/{member}");
        let keeps = keeps_its_name(status, present);
        if !keeps && let Err(sentence) = checked_name("a status's name", &status.name, NAME_CHARACTERS_MAX) {
            findings.push(Refusal::rule("status-name", sentence).at(at("name")));
        }
        let is_twin =
            |other: &StatusInput| !(keeps && keeps_its_name(other, present)) && same_name(&other.name, &status.name);
        if let Some(other) = statuses[..place].iter().find(|other| is_twin(other)) {
            let sentence = format!(
                "the names of the statuses '{}' and '{}' are the same: case, composed letters and spaces make no \
                 difference; rename one of them",
                other.name, status.name
            );
            findings.push(Refusal::rule("status-twice", sentence).at(at("name")));
        }
        if status.id.is_some() && statuses[..place].iter().any(|other| other.id == status.id) {
            findings.push(Refusal::rule("status-twice", "this status id appears twice").at(at("id")));
        }
        if status.color.as_deref().is_some_and(|color| !is_color(color)) {
            findings.push(Refusal::rule("status-color", "a color is written as #rrggbb").at(at("color")));
        }
        if let Some(slug) = &status.slug {
            findings.extend(checked_slug(slug).err().map(|refusal| refusal.at(at("slug"))));
            if statuses[..place].iter().any(|other| other.slug.as_ref() == Some(slug)) {
                let sentence = format!("the slug '{slug}' is used more than once");
                findings.push(Refusal::rule("slug-twice", sentence).at(at("slug")));
            }
        }
        for next in status.allowed_next.iter().flatten() {
            if find(statuses, next).is_none() {
                let sentence = format!("'{next}', which may follow '{}', is not in the list", status.name);
                findings.push(Refusal::rule("allowed-next", sentence).at(at("allowed-next")));
            }
        }
    }
    findings
}

/// Whether a status keeps its current name.
fn keeps_its_name(status: &StatusInput, present: &[Arc<CaseStatus>]) -> bool {
    present.iter().any(|known| Some(&known.id) == status.id.as_ref() && known.name == status.name)
}

/// The index of a status in a list, by its id or its name; `None` if the name is ambiguous.
pub(crate) fn find(statuses: &[StatusInput], name: &str) -> Option<usize> {
    let is_id = |status: &StatusInput| status.id.as_ref().is_some_and(|id| id.as_str() == name);
    let exact = statuses.iter().position(is_id).or_else(|| statuses.iter().position(|status| status.name == name));
    exact.or_else(|| {
        let folded = fold(name);
        let mut same = (0..statuses.len()).filter(|place| fold(&statuses[*place].name) == folded);
        same.next().filter(|_| same.next().is_none())
    })
}

fn is_color(color: &str) -> bool {
    color.len() == 7 && color.starts_with('#') && color[1..].bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Inserts the statuses of a new template.
pub(crate) fn insert_statuses(work: &mut UnitOfWork, template: &CaseTemplate, statuses: &[StatusInput]) -> Verb<()> {
    if let Some(known) = statuses.iter().find_map(|status| status.id.as_ref()) {
        let sentence = format!("a new template's statuses get new ids; leave out {known}");
        return Err(Refusal::rule("status-id", sentence).at("/data/attributes/statuses").into());
    }
    let ids: Vec<StatusId> = statuses.iter().map(|_| StatusId::of(work.new_id(StatusId::PREFIX))).collect();
    let slugs = slugs_of(template, &[], statuses, &ids);
    for place in 0..statuses.len() {
        work.insert(as_wanted(template, statuses, &ids, &slugs, place));
    }
    Ok(())
}

/// The slugs of a list of statuses: the existing slug, or the requested one, or one derived from the name.
pub(crate) fn slugs_of(
    template: &CaseTemplate,
    present: &[Arc<CaseStatus>],
    statuses: &[StatusInput],
    ids: &[StatusId],
) -> Vec<String> {
    let known = |id: &StatusId| present.iter().find(|status| status.id == *id).map(|status| status.slug.clone());
    let mut slugs: Vec<Option<String>> =
        statuses.iter().zip(ids).map(|(status, id)| known(id).or_else(|| status.slug.clone())).collect();
    let mut taken: BTreeSet<String> = slugs.iter().flatten().cloned().collect();
    // The slug of a removed status stays reserved, so that another status cannot be mistaken for it.
    taken.extend(present.iter().map(|status| status.slug.clone()));
    taken.extend(template.retired.iter().filter_map(|retired| retired.slug.clone()));
    for (slug, status) in slugs.iter_mut().zip(statuses).filter(|(slug, _)| slug.is_none()) {
        let named = slug_of(&status.name, "status");
        let numbered = (2..).map(|number| numbered_slug(&named, number));
        let free = std::iter::once(named.clone()).chain(numbered).find(|slug| !taken.contains(slug));
        taken.extend(free.clone());
        *slug = free;
    }
    slugs.into_iter().flatten().collect()
}

/// The row of a wanted status. `ids` and `slugs` are those of the whole list, in its order.
pub(crate) fn as_wanted(
    template: &CaseTemplate,
    statuses: &[StatusInput],
    ids: &[StatusId],
    slugs: &[String],
    place: usize,
) -> CaseStatus {
    let status = &statuses[place];
    CaseStatus {
        id: ids[place].clone(),
        environment_id: template.environment_id.clone(),
        version: 0,
        template_id: template.id.clone(),
        position: i64::try_from(place).unwrap_or(i64::MAX),
        name: tidied_name(&status.name),
        folded: fold(&status.name),
        slug: slugs[place].clone(),
        r#type: status.r#type,
        color: status.color.clone(),
        require_comment: status.require_comment,
        comment_binds_keys: status.comment_binds_keys,
        comment_binds_workflows: status.comment_binds_workflows,
        allowed_next: status.allowed_next.as_ref().map(|next| {
            Json::new(next.iter().filter_map(|name| find(statuses, name)).map(|place| ids[place].clone()).collect())
        }),
        former_names: Json::new(status.former_names.clone().unwrap_or_default()),
        past_names: Json::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(statuses: &[StatusInput]) -> Vec<(String, String)> {
        checked_statuses(statuses, &[])
            .iter()
            .map(|f| (f.code.clone(), f.pointer.clone().unwrap_or_default()))
            .collect()
    }

    #[test]
    fn the_default_statuses_are_valid() {
        assert!(codes(&default_statuses()).is_empty());
    }

    #[test]
    fn each_breach_has_its_pointer() {
        let mut twice = default_statuses();
        twice[1].name = " oPEN ".into();
        twice[2].color = Some("red".into());
        twice[3].allowed_next = Some(vec!["Nowhere".into()]);
        assert_eq!(
            codes(&twice),
            [
                ("status-twice".into(), "/data/attributes/statuses/1/name".into()),
                ("status-color".into(), "/data/attributes/statuses/2/color".into()),
                ("allowed-next".into(), "/data/attributes/statuses/3/allowed-next".into()),
            ]
        );
        let mut ends = default_statuses();
        ends.truncate(2);
        ends[0].r#type = StatusType::Intermediate;
        let found: Vec<_> = codes(&ends).into_iter().map(|(code, _)| code).collect();
        assert_eq!(found, ["initial-status", "end-status"]);
    }

    #[test]
    fn existing_twins_may_stay_and_new_ones_are_refused() {
        let known = |id: &str, name: &str| StatusInput {
            id: Some(StatusId::of(id)),
            ..StatusInput::new(name, StatusType::Intermediate)
        };
        let row = |id: &str, name: &str| {
            let template = crate::template::tests::any();
            let wanted = [known(id, name)];
            let mut row = as_wanted(&template, &wanted, &[StatusId::of(id)], &["s".into()], 0);
            row.name = name.to_owned();
            Arc::new(row)
        };
        let present = [row("cst_1", "On hold"), row("cst_2", "On\u{a0}hold"), row("cst_3", "Op\u{200b}en")];
        let of = |more: &[StatusInput]| -> Vec<String> {
            let all = [default_statuses(), more.to_vec()].concat();
            checked_statuses(&all, &present).into_iter().map(|finding| finding.code.clone()).collect()
        };
        let kept = [known("cst_1", "On hold"), known("cst_2", "On\u{a0}hold")];

        assert!(of(&kept).is_empty());
        assert_eq!(of(&[known("cst_3", "Op\u{200b}en")]), ["status-twice"], "a new Open beside it");
        assert_eq!(of(&[kept.as_slice(), &[StatusInput::new("ON HOLD", StatusType::End)]].concat()), ["status-twice"]);
        assert_eq!(of(&[known("cst_1", "On\u{2003}hold"), known("cst_2", "On\u{a0}hold")]), ["status-twice"]);
        assert_eq!(of(&[StatusInput::new("Do\u{200b}ne", StatusType::End)]), ["status-name"]);
    }

    #[test]
    fn an_ambiguous_name_in_a_list_resolves_to_no_status() {
        let twins = [StatusInput::new("Straße", StatusType::End), StatusInput::new("Strasse", StatusType::End)];

        assert_eq!(find(&twins, "Strasse"), Some(1));
        assert_eq!(find(&twins, "STRASSE"), None);
        assert_eq!(find(&twins[..1], "STRASSE"), Some(0));
    }

    #[test]
    fn fifty_statuses_of_sixty_four_characters_are_allowed_and_one_more_is_not() {
        let mut statuses = default_statuses();
        statuses.extend((4..50).map(|n| StatusInput::new(&format!("{n:0>64}"), StatusType::Intermediate)));
        assert!(codes(&statuses).is_empty());

        statuses.push(StatusInput::new("one more", StatusType::Intermediate));
        assert_eq!(codes(&statuses)[0].0, "too-many-statuses");
        let mut long = default_statuses();
        long[0].name = "x".repeat(65);
        assert_eq!(codes(&long)[0].0, "status-name");
    }
}
