//! The documents of the API, and how they are written in a caller's version and casing.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::fieldset::{Fieldsets, Wanted};
use crate::inflection::Inflection;
use crate::older;
use crate::query::Links;
use crate::render::Styled;
use crate::version::ApiVersion;

/// How a caller wants documents written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// The casing of names.
    pub inflection: Inflection,
    /// The version of the contract.
    pub version: ApiVersion,
}

impl Default for Style {
    fn default() -> Self {
        Self { inflection: Inflection::Kebab, version: ApiVersion::NEWEST }
    }
}

/// The content of one member, and who owns the names inside it.
#[derive(Clone, Debug, PartialEq)]
pub enum Member {
    /// Names inside are Docket's and take the caller's casing.
    Ours(Value),
    /// Names inside belong to the organization and stay as they are.
    Theirs(Value),
    /// Custom fields: their names take the caller's casing before 2025-10-27 and stay as they are since then.
    Fields(Value),
    /// Members inside this member.
    Nested(Members),
    /// A whole object inside a member, as in an event's payload.
    Object(Box<Resource>),
    /// Whole objects inside a member, such as those that an event's payload includes.
    Objects(Vec<Resource>),
}

/// Members in order, under lowercase kebab names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Members(pub(crate) Vec<(Cow<'static, str>, Member)>);

impl Members {
    /// No members, with capacity for this many.
    pub fn with_capacity(count: usize) -> Self {
        Self(Vec::with_capacity(count))
    }

    /// Adds a member whose inner names are Docket's.
    pub fn set(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) {
        self.0.push((name.into(), Member::Ours(value.into())));
    }

    /// Adds a member whose inner names are never changed.
    pub fn set_theirs(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) {
        self.0.push((name.into(), Member::Theirs(value.into())));
    }

    /// Adds a member of any kind.
    pub fn add(&mut self, name: impl Into<Cow<'static, str>>, member: Member) {
        self.0.push((name.into(), member));
    }

    /// The member with that name.
    pub fn get(&self, name: &str) -> Option<&Member> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, member)| member)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A pointer to an object: its type and id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ref {
    /// The type, such as `account` or `report/watchlist`.
    pub kind: Cow<'static, str>,
    /// The id.
    pub id: String,
}

impl Ref {
    /// A pointer to an object.
    pub fn new(kind: impl Into<Cow<'static, str>>, id: impl Into<String>) -> Self {
        Self { kind: kind.into(), id: id.into() }
    }
}

/// What a relationship points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Linkage {
    /// One object, or none.
    One(Option<Ref>),
    /// A list of objects.
    Many(Vec<Ref>),
}

/// Relationships in order, under lowercase kebab names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relationships(pub(crate) Vec<(Cow<'static, str>, Linkage)>);

impl Relationships {
    /// Adds a relationship to one object, or to none.
    pub fn one(&mut self, name: impl Into<Cow<'static, str>>, kind: &'static str, id: Option<String>) {
        self.link(name, Linkage::One(id.map(|id| Ref::new(kind, id))));
    }

    /// Adds a relationship to many objects of one type.
    pub fn many(&mut self, name: impl Into<Cow<'static, str>>, kind: &'static str, ids: Vec<String>) {
        self.link(name, Linkage::Many(ids.into_iter().map(|id| Ref::new(kind, id)).collect()));
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a relationship of any kind.
    pub fn link(&mut self, name: impl Into<Cow<'static, str>>, linkage: Linkage) {
        self.0.push((name.into(), linkage));
    }

    /// What the relationship with that name points to.
    pub fn get(&self, name: &str) -> Option<&Linkage> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, linkage)| linkage)
    }
}

/// One object as the API shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// The type, which no casing changes.
    pub kind: Cow<'static, str>,
    /// The id.
    pub id: String,
    /// Its attributes.
    pub attributes: Members,
    /// Its relationships; left out when the type has none.
    pub relationships: Option<Relationships>,
    /// Its `meta`; left out when empty.
    pub meta: Members,
}

impl Resource {
    /// An object without attributes yet.
    pub fn new(kind: impl Into<Cow<'static, str>>, id: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            id: id.into(),
            attributes: Members::with_capacity(24),
            relationships: None,
            meta: Members::default(),
        }
    }

    /// The pointer to this object.
    pub fn reference(&self) -> Ref {
        Ref { kind: self.kind.clone(), id: self.id.clone() }
    }

    /// The object in the casing and version of storage: kebab and newest. [`Resource::from_value`] reads it back.
    pub fn to_value(&self) -> Value {
        serde_json::to_value(Styled { item: self, style: Style::default() }).unwrap_or_default()
    }

    /// Reads back what [`Resource::to_value`] wrote; `None` if the value is not an object with a type and an id.
    pub fn from_value(value: Value) -> Option<Self> {
        let Value::Object(mut members) = value else {
            return None;
        };
        let kind = text(members.remove("type")?)?;
        let id = text(members.remove("id")?)?;
        let attributes = object(members.remove("attributes")).unwrap_or_default();
        let relationships = object(members.remove("relationships")).map(|members| {
            Relationships(
                members.into_iter().filter_map(|(name, value)| Some((name.into(), linkage(value)?))).collect(),
            )
        });
        let meta = object(members.remove("meta")).unwrap_or_default();
        Some(Self {
            attributes: Members(attributes.into_iter().map(|(name, value)| stored(&kind, name, value)).collect()),
            meta: Members(meta.into_iter().map(|(name, value)| (name.into(), Member::Ours(value))).collect()),
            kind: kind.into(),
            id,
            relationships,
        })
    }

    /// Renders the object as a list item: adds the version's members, selects the caller's fields, applies the casing.
    pub(crate) fn into_bytes(mut self, style: Style, wanted: &Fieldsets) -> Vec<u8> {
        self.prepare(style, wanted);
        serde_json::to_vec(&Styled { item: &self, style }).unwrap_or_default()
    }

    fn prepare(&mut self, style: Style, wanted: &Fieldsets) {
        older::fit(self, style.version);
        self.restrict(wanted);
    }

    /// Keeps only the attributes that a caller wants; relationships always stay, as the contract defines.
    pub fn restrict(&mut self, wanted: &Fieldsets) {
        let Some(set) = wanted.of(&self.kind) else {
            return;
        };
        self.attributes.0.retain_mut(|(name, member)| match set.wants(name) {
            Wanted::Whole => true,
            Wanted::Nothing => false,
            Wanted::Part(part) => {
                if let Member::Ours(Value::Object(inside))
                | Member::Theirs(Value::Object(inside))
                | Member::Fields(Value::Object(inside)) = member
                {
                    inside.retain(|name, _| part.wants(name));
                }
                true
            }
        });
    }
}

/// The primary data of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// One object.
    One(Box<Resource>),
    /// A page of a list.
    Many(Vec<Resource>),
}

/// A whole document.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The primary data.
    pub data: Data,
    /// The related objects; left out when none were asked for, and on lists.
    pub included: Option<Vec<Resource>>,
    /// The links to the pages before and after this one; always present on lists.
    pub links: Option<Links>,
    /// The document's `meta`; left out when empty.
    pub meta: Members,
}

impl Document {
    /// A document with one object.
    pub fn one(resource: Resource) -> Self {
        Self { data: Data::One(Box::new(resource)), included: None, links: None, meta: Members::default() }
    }

    /// A document with a page of a list.
    pub fn many(resources: Vec<Resource>, links: Links) -> Self {
        Self { data: Data::Many(resources), included: None, links: Some(links), meta: Members::default() }
    }

    /// Adds the related objects, each once.
    #[must_use]
    pub fn including(mut self, mut included: Vec<Resource>) -> Self {
        let mut seen = std::collections::HashSet::new();
        included.retain(|resource| seen.insert(resource.reference()));
        self.included = Some(included);
        self
    }

    /// Adds one member to `meta`.
    #[must_use]
    pub fn with_meta(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.meta.set(name, value);
        self
    }

    /// Adds a member of `meta` that has members of its own.
    #[must_use]
    pub fn with_nested_meta(mut self, name: &'static str, members: Members) -> Self {
        self.meta.add(name, Member::Nested(members));
        self
    }

    /// Renders the document as bytes: adds the version's members, selects the caller's fields, applies the casing.
    pub fn into_bytes(self, style: Style, wanted: &Fieldsets) -> Vec<u8> {
        let prepared = self.prepare(style, wanted);
        serde_json::to_vec(&Styled { item: &prepared, style }).unwrap_or_default()
    }

    /// Renders the document as a JSON value; for tests and for stored responses.
    pub fn into_value(self, style: Style, wanted: &Fieldsets) -> Value {
        let prepared = self.prepare(style, wanted);
        serde_json::to_value(Styled { item: &prepared, style }).unwrap_or_default()
    }

    fn prepare(mut self, style: Style, wanted: &Fieldsets) -> Self {
        let primary = match &mut self.data {
            Data::One(resource) => std::slice::from_mut(resource.as_mut()),
            Data::Many(resources) => resources.as_mut_slice(),
        };
        for resource in primary.iter_mut().chain(self.included.iter_mut().flatten()) {
            resource.prepare(style, wanted);
        }
        self
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn object(value: Option<Value>) -> Option<Map<String, Value>> {
    match value {
        Some(Value::Object(members)) => Some(members),
        _ => None,
    }
}

fn linkage(value: Value) -> Option<Linkage> {
    let reference = |value: Value| {
        let mut members = object(Some(value))?;
        Some(Ref::new(text(members.remove("type")?)?, text(members.remove("id")?)?))
    };
    match object(Some(value))?.remove("data")? {
        Value::Array(items) => Some(Linkage::Many(items.into_iter().filter_map(reference).collect())),
        one => Some(Linkage::One(reference(one))),
    }
}

/// Restores who owns the names inside a stored attribute.
fn stored(kind: &str, name: String, value: Value) -> (Cow<'static, str>, Member) {
    let member = match (kind, name.as_str()) {
        ("account", "fields") => Member::Theirs(value),
        (_, "fields") => Member::Fields(value),
        _ => Member::Ours(value),
    };
    (name.into(), member)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn style(inflection: Inflection, version: &str) -> Style {
        Style { inflection, version: ApiVersion::parse(version).unwrap() }
    }

    fn account() -> Resource {
        let mut account = Resource::new("account", "act_1");
        account.attributes.set("created-at", "2026-01-02T03:04:05.678Z");
        account.attributes.set_theirs(
            "fields",
            json!({
                "name": {"type": "hash", "value": {"first": {"type": "string", "value": "Jo"}}},
                "birthdate": {"type": "date", "value": "1994-04-12"},
                "identification_numbers": {"type": "array", "value": [{"type": "hash", "value": {
                    "identification_class": {"type": "string", "value": "pp"},
                    "identification_number": {"type": "string", "value": "X1"},
                    "issuing_country": {"type": "string", "value": "NZ"},
                }}]},
            }),
        );
        account
    }

    fn case() -> Resource {
        let mut case = Resource::new("case", "case_1");
        case.attributes.set("created-at", "2026-01-02T03:04:05.678Z");
        case.attributes.add("fields", Member::Fields(json!({"risk_score": {"byYear": 1}, "note": "a_b"})));
        case.attributes.set("attachments", json!([{"byte-size": 1}]));
        let mut to = Relationships::default();
        to.one("case-queue", "case-queue", None);
        to.link("reports", Linkage::Many(vec![Ref::new("report/watchlist", "rep_1")]));
        case.relationships = Some(to);
        case
    }

    fn written(resource: Resource, style: Style) -> Value {
        Document::one(resource).into_value(style, &Fieldsets::default())["data"].take()
    }

    #[test]
    fn names_take_the_callers_casing_and_types_and_custom_fields_do_not() {
        let snake = written(case(), style(Inflection::Snake, "2025-12-08"));
        let camel = written(case(), style(Inflection::Camel, "2025-12-08"));

        assert_eq!(
            snake,
            json!({
                "type": "case", "id": "case_1",
                "attributes": {
                    "created_at": "2026-01-02T03:04:05.678Z",
                    "fields": {"risk_score": {"byYear": 1}, "note": "a_b"},
                    "attachments": [{"byte_size": 1}],
                },
                "relationships": {
                    "case_queue": {"data": null},
                    "reports": {"data": [{"type": "report/watchlist", "id": "rep_1"}]},
                },
            })
        );
        assert_eq!(camel["relationships"]["caseQueue"], json!({"data": null}));
        assert_eq!(camel["attributes"]["attachments"], json!([{"byteSize": 1}]));
    }

    #[test]
    fn custom_fields_take_the_callers_casing_before_27_october_2025() {
        let table = [
            (Inflection::Kebab, json!({"risk-score": {"by-year": 1}, "note": "a_b"})),
            (Inflection::Snake, json!({"risk_score": {"by_year": 1}, "note": "a_b"})),
            (Inflection::Camel, json!({"riskScore": {"byYear": 1}, "note": "a_b"})),
        ];
        for (inflection, fields) in table {
            assert_eq!(written(case(), style(inflection, "2025-10-26"))["attributes"]["fields"], fields);
        }
    }

    #[test]
    fn a_custom_field_keeps_its_name_when_the_inflected_one_is_taken() {
        let mut resource = Resource::new("case", "case_1");
        resource.attributes.add("fields", Member::Fields(json!({"a_b": 1, "aB": 2, "a-b": 3, "cD": 4, "c_d": 5})));
        let fields = written(resource, style(Inflection::Kebab, "2023-01-05"))["attributes"]["fields"].take();
        assert_eq!(fields, json!({"a_b": 1, "aB": 2, "a-b": 3, "c-d": 4, "c_d": 5}));
    }

    #[test]
    fn older_versions_repeat_a_persons_details_beside_the_fields() {
        let older = written(account(), style(Inflection::Kebab, "2023-01-05"))["attributes"].take();
        let newer = written(account(), style(Inflection::Kebab, "2025-10-27"))["attributes"].take();

        assert_eq!((&older["name-first"], &older["birthdate"]), (&json!("Jo"), &json!("1994-04-12")));
        assert_eq!(older["address-city"], Value::Null);
        assert_eq!(
            older["identification-numbers"],
            json!({"pp": [{
                "issuing-country": "NZ", "identification-class": "pp", "identification-number": "X1",
                "created-at": "2026-01-02T03:04:05.678Z",
            }]})
        );
        assert_eq!(newer.as_object().map(Map::len), Some(2));
    }

    #[test]
    fn a_birth_date_that_is_no_date_is_null_where_a_date_is_promised() {
        let mut inquiry = Resource::new("inquiry", "inq_1");
        inquiry.attributes.add("fields", Member::Fields(json!({"birthdate": {"type": "string", "value": "12/4/94"}})));
        let attributes = written(inquiry, style(Inflection::Kebab, "2023-01-05"))["attributes"].take();
        assert_eq!(attributes["birthdate"], Value::Null);
        assert_eq!(attributes["fields"]["birthdate"]["value"], "12/4/94");
    }

    #[test]
    fn an_object_inside_an_event_is_written_as_it_would_be_alone() {
        let mut event = Resource::new("event", "evt_1");
        let mut payload = Members::default();
        payload.add("data", Member::Object(Box::new(account())));
        event.attributes.add("payload", Member::Nested(payload));
        for version in ["2023-01-05", "2025-12-08"] {
            let style = style(Inflection::Camel, version);
            assert_eq!(written(event.clone(), style)["attributes"]["payload"]["data"], written(account(), style));
        }
    }

    #[test]
    fn a_caller_sees_the_attributes_they_want_and_every_relationship() {
        let mut wanted = Fieldsets::default();
        wanted.want("case", "createdAt,fields.riskScore");
        let document = Document::one(case()).including(vec![account()]);
        let value = document.into_value(style(Inflection::Kebab, "2023-01-05"), &wanted);

        let attributes = value["data"]["attributes"].as_object().unwrap();
        assert_eq!(attributes.keys().collect::<Vec<_>>(), ["created-at", "fields"]);
        assert_eq!(attributes["fields"], json!({"risk-score": {"by-year": 1}}));
        assert_eq!(value["data"]["relationships"].as_object().map(Map::len), Some(2));
        assert_eq!(value["included"][0]["attributes"]["name-first"], "Jo");
    }

    #[test]
    fn an_attribute_that_only_older_versions_have_may_be_all_a_caller_wants() {
        let mut wanted = Fieldsets::default();
        wanted.want("account", "name-first");
        let value = Document::one(account()).into_value(style(Inflection::Kebab, "2023-01-05"), &wanted);
        assert_eq!(value["data"]["attributes"], json!({"name-first": "Jo"}));
    }

    #[test]
    fn a_list_has_links_even_where_there_is_no_other_page() {
        let document = Document::many(vec![], Links::default()).with_meta("total-count", 0);
        let value = document.into_value(style(Inflection::Camel, "2025-12-08"), &Fieldsets::default());
        assert_eq!(value, json!({"data": [], "links": {"prev": null, "next": null}, "meta": {"totalCount": 0}}));
    }

    #[test]
    fn an_included_object_appears_once() {
        let value = Document::one(case())
            .including(vec![account(), account()])
            .into_value(Style::default(), &Fieldsets::default());
        assert_eq!(value["included"].as_array().map(Vec::len), Some(1));
        let none = Document::one(case()).including(vec![]).into_value(Style::default(), &Fieldsets::default());
        assert_eq!(none["included"], json!([]));
    }

    #[test]
    fn bytes_and_value_are_the_same_document() {
        let bytes = Document::one(case()).into_bytes(Style::default(), &Fieldsets::default());
        let value = Document::one(case()).into_value(Style::default(), &Fieldsets::default());
        assert_eq!(String::from_utf8(bytes).unwrap(), value.to_string());
    }

    #[test]
    fn a_stored_object_reads_back_the_same_for_every_caller() {
        for resource in [case(), account()] {
            let back = Resource::from_value(resource.to_value()).unwrap();
            for inflection in [Inflection::Kebab, Inflection::Snake, Inflection::Camel] {
                for version in ["2023-01-05", "2025-12-08"] {
                    let style = style(inflection, version);
                    assert_eq!(written(back.clone(), style), written(resource.clone(), style));
                }
            }
        }
        assert_eq!(Resource::from_value(json!({"type": "case"})), None);
    }
}
