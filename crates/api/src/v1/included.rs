//! The objects included in a response: the only code that follows the relationship paths of `include`.
//!
//! A path starts at the objects in the response: its names are those in `relationships`, so no operation needs a list
//! of what leads to which objects.

use std::collections::{BTreeMap, HashSet};

use docket_cases::{CaseComment, CaseTemplate};
use docket_events::Event;
use docket_kernel::{Moment, UnitOfWork, Verb};
use docket_objects::{Object, key, tree};
use docket_workflows::{Version, Workflow};
use serde_json::Value;

use crate::document::{Document, Linkage, Member, Ref, Resource};
use crate::operation::Context;
use crate::room::{AT_ONCE, ResponseRoom};
use crate::shapes::account_type::AccountTypeView;
use crate::shapes::case::Actor;
use crate::shapes::case_comment::CaseCommentView;
use crate::shapes::inquiry_template::InquiryTemplateView;
use crate::v1::case_templates::shown::resource as case_template;
use crate::v1::events::shown::resource as event;
use crate::v1::workflow_versions::list::published;
use crate::v1::workflows::shown::contract_resource as workflow;
use crate::views::{ACCOUNT_TYPE, resource_of};

/// The most relationships in a path; names after them are ignored. Objects can refer to each other in cycles.
const LEVELS_MAX: usize = 3;
/// The most paths followed; paths after them are ignored. Many paths can lead to the same objects.
const PATHS_MAX: usize = 20;

/// A document with one object and the objects that the request asks to include; `usually` are those included before
/// 2025-10-27 if the request does not say.
pub fn document(context: &Context, work: &mut UnitOfWork, resource: Resource, usually: &[&str]) -> Verb<Document> {
    let paths = match &context.query.include {
        Some(asked) => Paths::of(asked.iter().map(|path| path.iter().map(String::as_str))),
        None if context.style.version.includes_by_default() && !usually.is_empty() => {
            Paths::of(usually.iter().map(|name| std::iter::once(*name)))
        }
        None => return Ok(Document::one(resource)),
    };
    let included = followed(context, work, &resource, &paths)?;
    Ok(Document::one(resource).including(included))
}

/// The objects that the request asks to include inside another, such as an event's payload; `None` without a request.
pub fn inside(context: &Context, work: &mut UnitOfWork, resource: &Resource) -> Verb<Option<Vec<Resource>>> {
    match &context.query.include {
        Some(asked) => {
            let paths = Paths::of(asked.iter().map(|path| path.iter().map(String::as_str)));
            followed(context, work, resource, &paths).map(Some)
        }
        None => Ok(None),
    }
}

/// The objects that the paths lead to, as many as the response has room for.
fn followed(context: &Context, work: &mut UnitOfWork, from: &Resource, paths: &Paths<'_>) -> Verb<Vec<Resource>> {
    let itself = from.reference();
    let view = View { context, beside: beside(&itself.kind) };
    let mut room = ResponseRoom::of(context);
    room.takes(from);
    let mut found = Found { seen: HashSet::from([itself]), included: Vec::new(), room };
    view.follow(work, std::slice::from_ref(from), paths, &mut found)?;
    Ok(found.included)
}

/// The objects to include that were found so far.
struct Found<'c> {
    seen: HashSet<Ref>,
    included: Vec<Resource>,
    room: ResponseRoom<'c>,
}

/// Relationship paths as a tree: each name once, with the names that follow it.
#[derive(Default)]
struct Paths<'p>(BTreeMap<&'p str, Self>);

impl<'p> Paths<'p> {
    fn of(paths: impl Iterator<Item = impl Iterator<Item = &'p str>>) -> Self {
        let mut tree = Self::default();
        for path in paths.take(PATHS_MAX) {
            let mut at = &mut tree;
            for name in path.take(LEVELS_MAX) {
                at = at.0.entry(name).or_default();
            }
        }
        tree
    }
}

/// The kinds that the contract allows in `included` for an object of this kind.
fn beside(kind: &str) -> &'static [&'static str] {
    match kind {
        "account" => &["account-type"],
        "case" => &["account", "case-comment", "case-template", "inquiry", "report", "transaction", "verification"],
        "inquiry" => &[
            "account",
            "document",
            "inquiry-session",
            "inquiry-template",
            "report",
            "selfie",
            "transaction",
            "verification",
        ],
        "workflow-run" => &["event", "workflow", "workflow-version"],
        _ => &[],
    }
}

fn noun(kind: &str) -> &str {
    kind.split('/').next().unwrap_or_default()
}

/// The objects that one response may include.
struct View<'c> {
    context: &'c Context,
    beside: &'static [&'static str],
}

impl View<'_> {
    /// Adds the objects that the paths lead to from these objects, each once; nearer objects come before farther ones.
    fn follow(&self, work: &mut UnitOfWork, from: &[Resource], paths: &Paths<'_>, found: &mut Found<'_>) -> Verb<()> {
        for name in paths.0.keys() {
            for (_, to) in self.linked(from, name).iter().take(AT_ONCE) {
                self.hint(work, to);
            }
        }
        for (name, further) in &paths.0 {
            let level = self.level(work, from, name, found)?;
            self.follow(work, &level, further, found)?;
        }
        Ok(())
    }

    /// The objects linked from these under this name. Includes those that are new, as long as there is room.
    fn level(
        &self,
        work: &mut UnitOfWork,
        from: &[Resource],
        name: &str,
        found: &mut Found<'_>,
    ) -> Verb<Vec<Resource>> {
        let mut level = Vec::new();
        for some in self.linked(from, name).chunks(AT_ONCE) {
            if !found.room.is_full() {
                for (_, to) in some {
                    self.hint(work, to);
                }
            }
            for (from, to) in some {
                // It is neither loaded nor followed further.
                if found.room.is_full() && !found.seen.contains(*to) {
                    continue;
                }
                let Some(shown) = self.shown(work, from, to)? else { continue };
                let reference = shown.reference();
                if !found.seen.contains(&reference) {
                    if !found.room.takes(&shown) {
                        continue;
                    }
                    found.seen.insert(reference);
                    found.included.push(shown.clone());
                }
                level.push(shown);
            }
        }
        Ok(level)
    }

    /// The objects linked from these under this name that may be included, each once, with an object that links to it.
    fn linked<'r>(&self, from: &'r [Resource], name: &str) -> Vec<(&'r Resource, &'r Ref)> {
        let mut seen = HashSet::new();
        let mut linked = Vec::new();
        for from in from {
            let to = match from.relationships.as_ref().and_then(|to| to.get(name)) {
                Some(Linkage::One(Some(to))) => std::slice::from_ref(to),
                Some(Linkage::Many(to)) => to,
                Some(Linkage::One(None)) | None => &[],
            };
            linked.extend(to.iter().filter(|to| self.is_open(&to.kind) && seen.insert(*to)).map(|to| (from, to)));
        }
        linked
    }

    /// Whether an object of this kind may be included in this response, for this caller.
    fn is_open(&self, kind: &str) -> bool {
        self.beside.contains(&noun(kind)) && self.context.may_read(kind)
    }

    /// Hints that an object will be shown, so that one load fetches all of them.
    fn hint(&self, work: &mut UnitOfWork, to: &Ref) {
        match noun(&to.kind) {
            "account-type" | "inquiry-template" => {}
            "case-comment" => work.hint::<CaseComment>(&to.id),
            "case-template" => work.hint::<CaseTemplate>(&to.id),
            "event" => work.hint::<Event>(&to.id),
            "workflow" => work.hint::<Workflow>(&to.id),
            "workflow-version" => work.hint::<Version>(&to.id),
            _ => work.hint::<Object>(&key(&self.context.actor.environment, &to.id)),
        }
    }

    /// The linked object, if it exists.
    fn shown(&self, work: &mut UnitOfWork, from: &Resource, to: &Ref) -> Verb<Option<Resource>> {
        let found = match noun(&to.kind) {
            "account-type" => Some(account_type(from, &to.id)),
            "inquiry-template" => Some(inquiry_template(&to.id)),
            "case-comment" => match work.get::<CaseComment>(&to.id)? {
                Some(found) => {
                    let shown = docket_cases::comment_shown(work, &found)?;
                    Some(comment(&shown))
                }
                None => None,
            },
            "case-template" => match work.get::<CaseTemplate>(&to.id)? {
                Some(found) => Some(case_template(work, &found)?),
                None => None,
            },
            "event" => match work.get::<Event>(&to.id)? {
                Some(found) => Some(event(self.context, work, &found)?),
                None => None,
            },
            "workflow" => work.get::<Workflow>(&to.id)?.map(|found| workflow(&found)),
            "workflow-version" => workflow_version(work, &to.id)?,
            _ => Object::named(work, &self.context.actor.environment, &to.id)?.map(|found| object(&found)),
        };
        // The stored object may be of another kind than the linking object says.
        Ok(found.filter(|found| self.is_open(&found.kind)))
    }
}

/// An object in the contract's form: its account is left out if the contract has no such relationship for its kind.
fn object(object: &Object) -> Resource {
    let mut resource = resource_of(&tree(object));
    let relates = matches!(noun(&object.kind), "account" | "inquiry" | "report");
    if let Some(to) = resource.relationships.as_mut().filter(|_| !relates) {
        to.0.retain(|(name, _)| name != "account");
    }
    resource
}

fn workflow_version(work: &mut UnitOfWork, id: &str) -> Verb<Option<Resource>> {
    let Some(version) = work.get::<Version>(id)? else { return Ok(None) };
    let workflow = work.get::<Workflow>(version.workflow_id.as_str())?;
    Ok(workflow.map(|workflow| published(&workflow, &version)))
}

/// A comment in the contract's form; Docket's own operations use their own.
fn comment(comment: &CaseComment) -> Resource {
    let (id, kind) = (comment.creator_id.clone(), comment.creator_type.clone());
    CaseCommentView {
        id: comment.id.to_string(),
        message: comment.body.clone(),
        created_at: comment.created_at.0,
        updated_at: comment.created_at.0,
        commenter: id.zip(kind).map(|(id, kind)| Actor { id, kind }),
    }
    .into_resource()
}

/// The type of an account. Only what the account itself contains about its type is stored.
fn account_type(account: &Resource, id: &str) -> Resource {
    let said = |name: &str| match account.attributes.get(name) {
        Some(Member::Ours(Value::String(text))) => Some(text.as_str()),
        _ => None,
    };
    AccountTypeView {
        id: id.to_owned(),
        name: said("account-type-name").unwrap_or(ACCOUNT_TYPE.1).to_owned(),
        created_at: said("created-at").and_then(Moment::parse).unwrap_or_default().0,
        updated_at: None,
        field_schemas: Vec::new(),
    }
    .into_resource()
}

/// The template of an inquiry. Only its id is stored.
fn inquiry_template(id: &str) -> Resource {
    InquiryTemplateView {
        id: id.to_owned(),
        status: "active".into(),
        name: id.to_owned(),
        latest_published_version_id: None,
    }
    .into_resource()
}
