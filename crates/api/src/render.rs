//! Writes documents straight to their output, in a caller's casing and version.

use std::borrow::Cow;
use std::collections::HashSet;

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::document::{Data, Document, Linkage, Member, Members, Ref, Relationships, Resource, Style};
use crate::inflection::Inflection;
use crate::query::Links;

/// A value together with the style to write it in.
pub(crate) struct Styled<'a, T: ?Sized> {
    pub(crate) item: &'a T,
    pub(crate) style: Style,
}

impl<T: ?Sized> Styled<'_, T> {
    fn with<'a, U: ?Sized>(&self, item: &'a U) -> Styled<'a, U> {
        Styled { item, style: self.style }
    }
}

impl Serialize for Styled<'_, Document> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let document = self.item;
        let mut map = out.serialize_map(None)?;
        match &document.data {
            Data::One(resource) => map.serialize_entry("data", &self.with(resource.as_ref()))?,
            Data::Many(resources) => map.serialize_entry("data", &self.with(resources.as_slice()))?,
        }
        if let Some(included) = &document.included {
            map.serialize_entry("included", &self.with(included.as_slice()))?;
        }
        if let Some(links) = &document.links {
            map.serialize_entry("links", &self.with(links))?;
        }
        if !document.meta.is_empty() {
            map.serialize_entry("meta", &self.with(&document.meta))?;
        }
        map.end()
    }
}

/// A page of a list, from objects that are already rendered.
pub(crate) fn page_bytes<'o>(objects: impl Iterator<Item = &'o [u8]> + Clone, links: &Links, style: Style) -> Vec<u8> {
    let bytes: usize = objects.clone().map(|object| object.len() + 1).sum();
    let mut page = Vec::with_capacity(bytes + 256);
    page.extend_from_slice(b"{\"data\":[");
    for (place, object) in objects.enumerate() {
        if place > 0 {
            page.push(b',');
        }
        page.extend_from_slice(object);
    }
    page.extend_from_slice(b"],\"links\":");
    page.extend(serde_json::to_vec(&Styled { item: links, style }).unwrap_or_default());
    page.push(b'}');
    page
}

impl Serialize for Styled<'_, [Resource]> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut list = out.serialize_seq(Some(self.item.len()))?;
        for resource in self.item {
            list.serialize_element(&self.with(resource))?;
        }
        list.end()
    }
}

impl Serialize for Styled<'_, Links> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(Some(2))?;
        map.serialize_entry("prev", &self.item.prev)?;
        map.serialize_entry("next", &self.item.next)?;
        map.end()
    }
}

impl Serialize for Styled<'_, Resource> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let resource = self.item;
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("type", &resource.kind)?;
        map.serialize_entry("id", &resource.id)?;
        map.serialize_entry("attributes", &self.with(&resource.attributes))?;
        if let Some(relationships) = &resource.relationships {
            map.serialize_entry("relationships", &self.with(relationships))?;
        }
        if !resource.meta.is_empty() {
            map.serialize_entry("meta", &self.with(&resource.meta))?;
        }
        map.end()
    }
}

impl Serialize for Styled<'_, Relationships> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(Some(self.item.0.len()))?;
        for (name, linkage) in &self.item.0 {
            map.serialize_entry(&self.style.inflection.name(name), &self.with(linkage))?;
        }
        map.end()
    }
}

impl Serialize for Styled<'_, Linkage> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(Some(1))?;
        match self.item {
            Linkage::One(reference) => map.serialize_entry("data", &reference.as_ref().map(Pointer))?,
            Linkage::Many(references) => {
                map.serialize_entry("data", &references.iter().map(Pointer).collect::<Vec<_>>())?;
            }
        }
        map.end()
    }
}

struct Pointer<'a>(&'a Ref);

impl Serialize for Pointer<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(Some(2))?;
        map.serialize_entry("type", &self.0.kind)?;
        map.serialize_entry("id", &self.0.id)?;
        map.end()
    }
}

impl Serialize for Styled<'_, Members> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(Some(self.item.0.len()))?;
        for (name, member) in &self.item.0 {
            map.serialize_entry(&self.style.inflection.name(name), &self.with(member))?;
        }
        map.end()
    }
}

impl Serialize for Styled<'_, Member> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let inflection = self.style.inflection;
        match self.item {
            Member::Ours(value) if inflection != Inflection::Kebab => Cased { value, inflection }.serialize(out),
            Member::Fields(value) if self.style.version.inflects_fields() => Cased { value, inflection }.serialize(out),
            Member::Ours(value) | Member::Theirs(value) | Member::Fields(value) => value.serialize(out),
            Member::Nested(members) => self.with(members).serialize(out),
            Member::Object(resource) => self.with(resource.as_ref()).serialize(out),
            Member::Objects(resources) => self.with(resources.as_slice()).serialize(out),
        }
    }
}

/// A JSON value whose names take the caller's casing, at every depth.
struct Cased<'a> {
    value: &'a Value,
    inflection: Inflection,
}

impl Serialize for Cased<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self.value {
            Value::Object(members) => {
                let mut map = out.serialize_map(Some(members.len()))?;
                for (name, value) in cased_names(members, self.inflection) {
                    map.serialize_entry(&name, &Self { value, inflection: self.inflection })?;
                }
                map.end()
            }
            Value::Array(items) => {
                let mut list = out.serialize_seq(Some(items.len()))?;
                for value in items {
                    list.serialize_element(&Self { value, inflection: self.inflection })?;
                }
                list.end()
            }
            scalar => scalar.serialize(out),
        }
    }
}

/// Inflects the names of one object. A name whose inflected form is taken keeps its own spelling, because an object
/// can't have two members with the same name.
fn cased_names(members: &Map<String, Value>, inflection: Inflection) -> Vec<(Cow<'_, str>, &Value)> {
    let mut names: Vec<Cow<'_, str>> = members.keys().map(|name| inflection.any_name(name)).collect();
    if names.iter().any(|name| matches!(name, Cow::Owned(_))) {
        let mut seen = HashSet::with_capacity(names.len());
        let is_taken: Vec<bool> = names
            .iter()
            .zip(members.keys())
            .map(|(cased, name)| {
                cased != name && (members.contains_key(cased.as_ref()) || !seen.insert(cased.as_ref()))
            })
            .collect();
        for ((cased, name), is_taken) in names.iter_mut().zip(members.keys()).zip(is_taken) {
            if is_taken {
                *cased = Cow::Borrowed(name);
            }
        }
    }
    names.into_iter().zip(members.values()).collect()
}
