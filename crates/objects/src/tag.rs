//! Tags: short names on objects and cases.

use std::sync::Arc;

use docket_events::{NewEvent, record};
use docket_kernel::{Actor, Permission, Refusal, UnitOfWork, Verb, checked_name, same_name};

use crate::object::{Object, key, tree};
use crate::size::checked_size;

/// The maximum number of tags of an object.
pub const TAGS_MAX: usize = 100;
/// The maximum length of a tag, in characters.
pub const TAG_CHARACTERS_MAX: usize = 64;

/// Checks a tag, a name of 1 to 64 characters, and returns it as it is stored.
pub fn checked_tag(tag: &str) -> Result<String, Refusal> {
    checked_name("a tag", tag, TAG_CHARACTERS_MAX).map_err(|sentence| Refusal::rule("tag", sentence))
}

/// The tags that an object does not have yet; tags are compared like names.
pub fn added_tags(carried: &[String], tags: &[String]) -> Result<Vec<String>, Refusal> {
    let mut added: Vec<String> = Vec::new();
    for tag in tags {
        let tag = checked_tag(tag)?;
        if !carried.iter().chain(&added).any(|known| same_name(known, &tag)) {
            added.push(tag);
        }
    }
    if carried.len() + added.len() > TAGS_MAX {
        return Err(Refusal::rule("too-many-tags", format_args!("an object has at most {TAGS_MAX} tags")));
    }
    Ok(added)
}

fn permission_for(kind: &str) -> Permission {
    match kind {
        "account" => Permission::AccountWrite,
        _ => Permission::InquiryWrite,
    }
}

/// Adds tags to an object and returns the new ones. Tags the object already has change nothing.
pub fn tag_object(work: &mut UnitOfWork, actor: &Actor, id: &str, tags: &[String]) -> Verb<(Arc<Object>, Vec<String>)> {
    let key = key(&actor.environment, id);
    let Some(object) = work.get::<Object>(&key)? else { return Err(Refusal::unknown("object", id).into()) };
    actor.may(permission_for(&object.kind))?;
    let added = added_tags(&object.tags, tags).map_err(|refusal| refusal.at("/meta/tags"))?;
    if added.is_empty() {
        return Ok((object, added));
    }
    object.takes_content()?;
    let mut tagged = (*object).clone();
    tagged.tags.edit().extend(added.iter().cloned());
    tagged.updated_at = work.now();
    checked_size(&tagged).map_err(|refusal| refusal.at("/meta/tags"))?;
    let object = work.change::<Object>(&key, |object| *object = tagged)?;
    let noun = object.kind.split('/').next().unwrap_or_default();
    let new_event = NewEvent::about(&*object, format!("{noun}.updated-tags"), tree(&object));
    record(work, actor, new_event.with("added-tags", added.clone()).with("removed-tags", Vec::<String>::new()));
    Ok((object, added))
}
