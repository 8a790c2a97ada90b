//! References such as `create_case.status`, and how they are resolved.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::limits::{HOP_BYTES, REFERENCE_CHARS_MAX, REFERENCE_SEGMENTS_MAX};
use crate::names;
use crate::problem::quote;
pub use crate::tree::tree_of;

/// The root that names the trigger of the run.
pub const TRIGGER: &str = "trigger";

/// The segment after a step's id that reaches the step's error.
pub const ERROR: &str = "error";

/// The segment after an object that reaches the list of the cases that hold it.
pub const CASES: &str = "cases";

/// The segment after [`CASES`] that selects the open cases of the list.
pub const OPEN: &str = "open";

/// The segments for any list, besides the index of an item.
pub const FIRST: &str = "first";
/// The last item of a list.
pub const LAST: &str = "last";
/// The number of items of a list.
pub const COUNT: &str = "count";

/// A path `root(.segment)*`: the root is `trigger` or a step's id; a segment is a key, or for a list the index of an
/// item, `first`, `last` or `count`.
///
/// Serializes as the text it is written as.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference {
    root: String,
    segments: Vec<String>,
}

impl Reference {
    /// Reads a reference. The error is a sentence for its author.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.chars().nth(REFERENCE_CHARS_MAX).is_some() {
            return Err(format!(
                "the reference {} is longer than {REFERENCE_CHARS_MAX} characters; shorten it",
                quote(text)
            ));
        }
        let mut segments = text.split('.').map(str::to_owned).collect::<Vec<_>>();
        if let Some(bad) = segments.iter().find(|s| !is_segment(s)) {
            let what = if bad.is_empty() { "an empty part".to_owned() } else { format!("the part {}", quote(bad)) };
            return Err(format!(
                "the reference {} has {what}; write names of letters, digits, '_' and '-', or an item's index, with dots \
                 between them, such as trigger.fields.name_first",
                quote(text)
            ));
        }
        let root = segments.remove(0);
        if segments.len() > REFERENCE_SEGMENTS_MAX {
            return Err(format!(
                "the reference {} has {} parts after its root; at most {REFERENCE_SEGMENTS_MAX} are allowed: shorten \
                 it",
                quote(text),
                segments.len()
            ));
        }
        Ok(Self { root, segments })
    }

    /// `trigger` or a step's id, as written.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// The segments after the root, as written.
    pub fn segments(&self) -> &[String] {
        &self.segments
    }

    /// Its first segments: for `open.fields.amount`, the first 0 are `open`.
    pub(crate) fn up_to(&self, segments: usize) -> Self {
        Self { root: self.root.clone(), segments: self.segments.iter().take(segments).cloned().collect() }
    }

    /// A sibling of its last segment, or a value inside that sibling: for `open.status`, `["template", "id"]` is
    /// `open.template.id`. `None` for a bare root.
    pub(crate) fn beside(&self, rest: &[&str]) -> Option<Self> {
        let (_, before) = self.segments.split_last()?;
        let rest = rest.iter().map(|segment| (*segment).to_owned());
        Some(Self { root: self.root.clone(), segments: before.iter().cloned().chain(rest).collect() })
    }
}

/// Whether a segment selects an item of a list.
pub(crate) fn is_item(segment: &str) -> bool {
    segment.parse::<usize>().is_ok() || names::same(segment, FIRST) || names::same(segment, LAST)
}

/// Whether a name can be written as one segment of a reference.
pub fn is_segment(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.root)?;
        self.segments.iter().try_for_each(|segment| write!(f, ".{segment}"))
    }
}

impl TryFrom<String> for Reference {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.to_string()
    }
}

/// The current value of a root during a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Root<'a> {
    /// The trigger's tree, or the output of a step that succeeded: a tree, or an object reference to follow.
    Value(Cow<'a, Value>),
    /// A step that failed while the run continued: null itself, but `.error` reaches this value.
    Failed {
        /// `{code, title, details}`.
        error: Cow<'a, Value>,
    },
    /// A step that did not run, or not yet: null.
    NotReached,
    /// An unknown root: null. The check of the definition refuses it earlier.
    Unknown,
}

/// A case in the list of an object's cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseListed {
    /// Its id.
    pub id: String,
    /// Whether it has not reached an end status.
    pub is_open: bool,
}

/// Access to roots and live objects. An error stops the resolution and is returned unchanged, so that a row that is not
/// in memory yet can be loaded and the resolution repeated.
pub trait Lookup {
    /// Why a value is not available yet.
    type Error;

    /// The root with this name.
    fn root(&mut self, name: &str) -> Result<Root<'_>, Self::Error>;

    /// The live reference tree (see [`tree_of`]) of an object, or `None` if the object does not exist.
    fn object(&mut self, kind: &str, id: &str) -> Result<Option<Cow<'_, Value>>, Self::Error>;

    /// The cases that lead back to an object, in the order of their creation, or `None` if objects of the kind are in
    /// no cases. The kind is empty if only an id is available.
    fn cases(&mut self, kind: &str, id: &str) -> Result<Option<Vec<CaseListed>>, Self::Error> {
        let _ = (kind, id);
        Ok(None)
    }

    /// Whether two names resolve to the same status of a case template: ignoring case, and including former names.
    fn is_same_status(&mut self, template: &str, one: &str, other: &str) -> Result<bool, Self::Error> {
        let _ = (template, one, other);
        Ok(false)
    }
}

/// The value of a reference; null if there is none.
///
/// An object reference on the path (`{type, id}` and nothing else) is followed to the live object, unless the next
/// segment is its `type` or `id`. An object reference at the end of the path is the value.
pub fn resolve<L: Lookup + ?Sized>(reference: &Reference, lookup: &mut L) -> Result<Value, L::Error> {
    follow(reference, lookup, &mut Way::default())
}

/// Like [`resolve`], and adds the cost of the path to `work`, in bytes of a bound: each live object, each listed case,
/// and each name compared if no name matches exactly.
pub(crate) fn reach<L: Lookup + ?Sized>(
    reference: &Reference,
    lookup: &mut L,
    work: &mut usize,
) -> Result<Value, L::Error> {
    let mut way = Way::default();
    let value = follow(reference, lookup, &mut way)?;
    *work += way.work;
    Ok(value)
}

/// Why a reference has no value, as far as its path shows; `None` if it has one.
pub(crate) fn why_blank<L: Lookup + ?Sized>(reference: &Reference, lookup: &mut L) -> Result<Option<Blank>, L::Error> {
    let mut way = Way::default();
    let value = follow(reference, lookup, &mut way)?;
    Ok(way.blank.filter(|_| value.is_null()))
}

/// Why there is no value at the end of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Blank {
    /// The object is in no case, or in no open case.
    NoCase {
        /// The object's type; empty if it is not known.
        kind: String,
        /// Its id.
        id: String,
        /// How many cases it is in, if an open case was wanted.
        resolved: Option<usize>,
    },
    /// No object has this id.
    NoObject(String),
    /// There is no value after this many segments, although the path continues.
    After(usize),
}

/// The cost of following a reference, and where it ended if it has no value.
#[derive(Debug, Default)]
struct Way {
    work: usize,
    blank: Option<Blank>,
}

fn follow<L: Lookup + ?Sized>(reference: &Reference, lookup: &mut L, way: &mut Way) -> Result<Value, L::Error> {
    let segments = reference.segments.as_slice();
    let is_step = reference.root != TRIGGER;
    let mut reached = match (lookup.root(&reference.root)?, segments) {
        (Root::Value(_), [first, ..]) if is_step && first == ERROR => return Ok(Value::Null),
        (Root::Value(tree), _) => walk(&tree, segments, Start::Anything, way),
        (Root::Failed { error }, [first, rest @ ..]) if first == ERROR => walk(&error, rest, Start::Anything, way),
        _ => return Ok(Value::Null),
    };
    loop {
        reached = match reached {
            Reached::Value(value) => return Ok(value),
            Reached::Blank { rest } => {
                way.blank.get_or_insert(Blank::After(segments.len() - rest));
                return Ok(Value::Null);
            }
            Reached::Object { kind, id, rest } => {
                way.work += HOP_BYTES;
                match lookup.object(&kind, &id)? {
                    Some(tree) => walk(&tree, rest, Start::Loaded, way),
                    None => {
                        way.blank.get_or_insert(Blank::NoObject(id));
                        return Ok(Value::Null);
                    }
                }
            }
            Reached::Cases { kind, id, own, rest } => match lookup.cases(&kind, &id)? {
                Some(cases) => {
                    way.work += HOP_BYTES + cases.len() * CASE_BYTES;
                    of_cases(&kind, &id, cases, rest, way)
                }
                // For other kinds it is an ordinary attribute.
                None => match own {
                    Some(own) => walk(&own, rest, Start::Anything, way),
                    None => {
                        way.blank.get_or_insert(Blank::NoObject(id));
                        return Ok(Value::Null);
                    }
                },
            },
        };
    }
}

/// Continues in the list of an object's cases, or of its open cases.
fn of_cases<'s>(kind: &str, id: &str, mut cases: Vec<CaseListed>, rest: &'s [String], way: &mut Way) -> Reached<'s> {
    let all = cases.len();
    let (rest, wants_open) = match rest {
        [open, rest @ ..] if names::same(open, OPEN) => (rest, true),
        rest => (rest, false),
    };
    cases.retain(|case| case.is_open || !wants_open);
    if cases.is_empty() {
        let resolved = wants_open.then_some(all);
        way.blank = Some(Blank::NoCase { kind: kind.to_owned(), id: id.to_owned(), resolved });
    }
    let list = cases.into_iter().map(|case| json!({"type": "case", "id": case.id})).collect();
    walk(&Value::Array(list), rest, Start::Anything, way)
}

enum Reached<'s> {
    Value(Value),
    /// No value, with this many segments left.
    Blank {
        rest: usize,
    },
    Object {
        kind: String,
        id: String,
        rest: &'s [String],
    },
    /// The cases of an object, and the attribute with this name in its own tree.
    Cases {
        kind: String,
        id: String,
        own: Option<Value>,
        rest: &'s [String],
    },
}

/// A tree that was just loaded is never treated as a reference to itself, so every hop consumes a segment and hops end.
#[derive(Clone, Copy, PartialEq)]
enum Start {
    Anything,
    Loaded,
}

fn walk<'s>(tree: &Value, segments: &'s [String], start: Start, way: &mut Way) -> Reached<'s> {
    let mut here = tree;
    for (index, segment) in segments.iter().enumerate() {
        let (is_root, rest) = (index == 0, &segments[index + 1..]);
        if names::same(segment, CASES)
            && let Some((kind, id)) = has_cases(here, is_root)
        {
            let own = child(here, segment, way).cloned();
            return Reached::Cases { kind: kind.to_owned(), id: id.to_owned(), own, rest };
        }
        let may_hop = !is_root || start == Start::Anything;
        if let (true, Some((kind, id))) = (may_hop, object_reference(here))
            && segment != "type"
            && segment != "id"
        {
            return Reached::Object { kind: kind.to_owned(), id: id.to_owned(), rest: &segments[index..] };
        }
        if let (Value::Array(items), true) = (here, names::same(segment, COUNT)) {
            return Reached::Value(if rest.is_empty() { items.len().into() } else { Value::Null });
        }
        match child(here, segment, way) {
            Some(Value::Null) | None if !rest.is_empty() => return Reached::Blank { rest: rest.len() },
            Some(next) => here = next,
            None => return Reached::Value(Value::Null),
        }
    }
    Reached::Value(here.clone())
}

/// The object of a value to which cases may lead back: a whole tree, a reference, or an id.
fn has_cases(value: &Value, is_root: bool) -> Option<(&str, &str)> {
    match value {
        Value::String(id) => Some(("", id)),
        whole if is_root => object_of(whole),
        other => object_reference(other),
    }
}

fn child<'v>(value: &'v Value, segment: &str, way: &mut Way) -> Option<&'v Value> {
    match value {
        Value::Object(map) => map.get(segment).or_else(|| {
            way.work += map.len() / NAMES_A_BYTE;
            names::member(map, segment)
        }),
        Value::Array(items) if names::same(segment, FIRST) => items.first(),
        Value::Array(items) if names::same(segment, LAST) => items.last(),
        Value::Array(items) => items.get(segment.parse::<usize>().ok()?),
        _ => None,
    }
}

/// The cost of a case in a list of cases, in bytes of a bound.
const CASE_BYTES: usize = 64;

/// The number of names that are compared for one byte of a bound.
const NAMES_A_BYTE: usize = 4;

/// The type and id of an object reference: an object with exactly the text members `type` and `id`.
pub fn object_reference(value: &Value) -> Option<(&str, &str)> {
    let map = value.as_object().filter(|map| map.len() == 2)?;
    type_and_id(map)
}

/// The type and id of an object in a value that is an object reference or a whole reference tree.
pub fn object_of(value: &Value) -> Option<(&str, &str)> {
    type_and_id(value.as_object()?)
}

fn type_and_id(map: &Map<String, Value>) -> Option<(&str, &str)> {
    Some((map.get("type")?.as_str()?, map.get("id")?.as_str()?))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::HashMap;
    use std::convert::Infallible;

    use serde_json::json;

    use super::*;

    /// A test world with known `roots` and live `objects`, keyed by `type id`; counts the objects read.
    #[derive(Default)]
    pub(crate) struct World {
        pub(crate) roots: HashMap<String, Root<'static>>,
        pub(crate) objects: HashMap<String, Value>,
        pub(crate) cases: HashMap<String, Vec<CaseListed>>,
        pub(crate) read: usize,
    }

    impl World {
        pub(crate) fn triggered_by(trigger: Value) -> Self {
            Self::default().with("trigger", trigger)
        }

        pub(crate) fn with(mut self, name: &str, value: Value) -> Self {
            self.roots.insert(name.to_owned(), Root::Value(Cow::Owned(value)));
            self
        }

        pub(crate) fn holding(mut self, key: &str, tree: Value) -> Self {
            self.objects.insert(key.to_owned(), tree);
            self
        }

        fn leading(mut self, key: &str, cases: Vec<CaseListed>) -> Self {
            self.cases.insert(key.to_owned(), cases);
            self
        }
    }

    impl Lookup for World {
        type Error = Infallible;

        fn root(&mut self, name: &str) -> Result<Root<'_>, Infallible> {
            Ok(self.roots.get(name).cloned().unwrap_or(Root::Unknown))
        }

        fn object(&mut self, kind: &str, id: &str) -> Result<Option<Cow<'_, Value>>, Infallible> {
            self.read += 1;
            Ok(self.objects.get(&format!("{kind} {id}")).map(Cow::Borrowed))
        }

        fn cases(&mut self, kind: &str, id: &str) -> Result<Option<Vec<CaseListed>>, Infallible> {
            Ok(self.cases.get(&format!("{kind} {id}")).cloned())
        }
    }

    pub(crate) fn reference(text: &str) -> Reference {
        Reference::parse(text).expect("a reference")
    }

    fn reach(world: &mut World, text: &str) -> Value {
        let Ok(value) = resolve(&reference(text), world);
        value
    }

    #[test]
    fn a_reference_is_a_root_and_segments() {
        for good in ["trigger", "trigger.fields.name-first", "a.0.b", "a.größe", "trigger.fields.1099_x"] {
            assert_eq!(reference(good).to_string(), good);
        }
        let long = "a".repeat(513);
        let many = format!("a{}", ".b".repeat(17));
        for bad in ["", ".", "a.", ".a", "a..b", "a b", "a.b()", "a[0]", "a.{b}", &long, &many] {
            let message = Reference::parse(bad).expect_err(bad);
            assert!(message.contains("reference"), "{message}");
        }
        assert!(Reference::parse(&format!("a{}", ".b".repeat(16))).is_ok());
    }

    #[test]
    fn keys_match_in_any_casing_and_items_by_index() {
        let mut world =
            World::triggered_by(json!({"fields": {"name-first": "Ada", "tags": ["x", {"aB": 1}], "2": "two"}}));

        for (path, value) in [
            ("trigger.fields.name_first", json!("Ada")),
            ("trigger.fields.nameFirst", json!("Ada")),
            ("trigger.fields.tags.0", json!("x")),
            ("trigger.fields.tags.1.a_b", json!(1)),
            ("trigger.fields.tags.9", json!(null)),
            ("trigger.fields.tags.x", json!(null)),
            ("trigger.fields.2", json!("two")),
            ("trigger.fields.name_first.more", json!(null)),
            ("trigger.nothing.at.all", json!(null)),
            ("nobody.knows", json!(null)),
        ] {
            assert_eq!(reach(&mut world, path), value, "{path}");
        }
    }

    #[test]
    fn an_object_reference_on_the_way_is_followed_to_the_live_object() {
        let mut world = World::triggered_by(json!({"id": "inq_1", "account": {"type": "account", "id": "act_1"}}))
            .with("create_case", json!({"type": "case", "id": "case_1"}))
            .holding("account act_1", json!({"id": "act_1", "reference_id": "r", "owner": {"type": "user", "id": "u"}}))
            .holding("case case_1", json!({"status": "Open", "objects": [{"type": "account", "id": "act_1"}]}))
            .holding("user u", json!({"name": "Ben"}));

        for (path, value) in [
            ("trigger.account.reference_id", json!("r")),
            ("trigger.account.owner.name", json!("Ben")),
            ("create_case.status", json!("Open")),
            ("create_case.objects.0.owner.name", json!("Ben")),
            ("create_case.objects.0", json!({"type": "account", "id": "act_1"})),
            ("create_case", json!({"type": "case", "id": "case_1"})),
        ] {
            assert_eq!(reach(&mut world, path), value, "{path}");
        }
    }

    #[test]
    fn a_list_has_a_first_a_last_and_a_count() {
        let mut world = World::triggered_by(json!({"tags": ["a", "b", "c"], "none": [], "deep": [{"x": [1]}]}));

        for (path, value) in [
            ("trigger.tags.first", json!("a")),
            ("trigger.tags.last", json!("c")),
            ("trigger.tags.count", json!(3)),
            ("trigger.tags.count.more", json!(null)),
            ("trigger.none.first", json!(null)),
            ("trigger.none.count", json!(0)),
            ("trigger.deep.last.x.count", json!(1)),
        ] {
            assert_eq!(reach(&mut world, path), value, "{path}");
        }
    }

    #[test]
    fn cases_lead_back_to_objects_given_whole_by_reference_or_by_id() {
        let list = |open: [bool; 2]| {
            let case = |(place, is_open): (usize, bool)| CaseListed { id: format!("case_{place}"), is_open };
            open.into_iter().enumerate().map(case).collect::<Vec<_>>()
        };
        let trigger = json!({"type": "inquiry", "id": "inq_1", "status": "x", "cases": "the vendor's own",
            "account": {"type": "account", "id": "act_1"}, "device": {"type": "device", "id": "dev_1"},
            "fields": {"ref": "inq_1"}});
        let mut world = World::triggered_by(trigger)
            .with("open", json!({"type": "case", "id": "case_1"}))
            .holding("case case_1", json!({"status": "Open"}))
            .holding("device dev_1", json!({"type": "device", "id": "dev_1", "cases": 7}))
            .leading("inquiry inq_1", list([false, true]))
            .leading("account act_1", Vec::new())
            .leading(" inq_1", list([true, true]));

        for (path, value) in [
            ("trigger.cases", json!([{"type": "case", "id": "case_0"}, {"type": "case", "id": "case_1"}])),
            ("trigger.cases.count", json!(2)),
            ("trigger.cases.open.count", json!(1)),
            ("trigger.cases.open.first", json!({"type": "case", "id": "case_1"})),
            ("trigger.cases.open.first.status", json!("Open")),
            ("trigger.cases.first.id", json!("case_0")),
            ("trigger.Cases.Open.last.id", json!("case_1")),
            ("trigger.account.cases.count", json!(0)),
            ("trigger.account.cases.open.first", json!(null)),
            ("trigger.fields.ref.cases.open.count", json!(2)),
            ("trigger.status.cases.count", json!(null)),
        ] {
            assert_eq!(super::resolve(&reference(path), &mut world), Ok(value), "{path}");
        }
    }

    #[test]
    fn a_reference_to_nothing_says_why() {
        let trigger = json!({"type": "inquiry", "id": "inq_1", "account": null, "fields": {"ref": "inq_x"}});
        let mut world = World::triggered_by(trigger)
            .with("lost", json!({"type": "case", "id": "case_9"}))
            .leading("inquiry inq_1", vec![CaseListed { id: "case_0".into(), is_open: false }]);
        let no_case = |resolved| Blank::NoCase { kind: "inquiry".into(), id: "inq_1".into(), resolved };

        for (path, why) in [
            ("trigger.cases.open.first", Some(no_case(Some(1)))),
            ("trigger.cases.open.first.status", Some(no_case(Some(1)))),
            ("trigger.cases.open", None),
            ("trigger.account.cases.first", Some(Blank::After(1))),
            ("trigger.fields.ref.cases.first", Some(Blank::NoObject("inq_x".into()))),
            ("lost.status", Some(Blank::NoObject("case_9".into()))),
            ("trigger.account", None),
        ] {
            assert_eq!(why_blank(&reference(path), &mut world), Ok(why), "{path}");
        }
    }

    #[test]
    fn the_type_and_id_of_an_object_are_read_without_loading_it() {
        let mut world = World::triggered_by(json!({"template": {"type": "inquiry-template", "id": "itmpl_1"}}));

        assert_eq!(reach(&mut world, "trigger.template.id"), json!("itmpl_1"));
        assert_eq!(reach(&mut world, "trigger.template.type"), json!("inquiry-template"));
        assert_eq!(world.read, 0);
        assert_eq!(reach(&mut world, "trigger.template.name"), json!(null));
        assert_eq!(world.read, 1);
    }

    #[test]
    fn an_object_that_refers_to_itself_is_not_followed_forever() {
        let itself = json!({"type": "a", "id": "1"});
        let mut world = World::triggered_by(itself.clone()).holding("a 1", itself);

        assert_eq!(reach(&mut world, "trigger.b.c.d"), json!(null));
        assert_eq!(world.read, 1);
    }

    #[test]
    fn a_failed_step_is_null_and_has_an_error() {
        let mut world = World::triggered_by(json!({"error": "mine"})).with("good", json!({"type": "case", "id": "c"}));
        let error = Cow::Owned(json!({"code": "unknown_status", "title": "t", "details": "d"}));
        world.roots.insert("bad".to_owned(), Root::Failed { error });
        world.roots.insert("late".to_owned(), Root::NotReached);

        for (path, value) in [
            ("bad", json!(null)),
            ("bad.status", json!(null)),
            ("bad.error.code", json!("unknown_status")),
            ("bad.error", json!({"code": "unknown_status", "title": "t", "details": "d"})),
            ("good.error", json!(null)),
            ("good.error.code", json!(null)),
            ("late", json!(null)),
            ("late.error.code", json!(null)),
            ("trigger.error", json!("mine")),
        ] {
            assert_eq!(reach(&mut world, path), value, "{path}");
        }
        assert_eq!(world.read, 0, "the error of a step that succeeded needs no object");
    }

    #[test]
    fn an_error_of_a_lookup_is_passed_on() {
        struct Missing;
        impl Lookup for Missing {
            type Error = &'static str;
            fn root(&mut self, _: &str) -> Result<Root<'_>, &'static str> {
                Ok(Root::Value(Cow::Owned(json!({"type": "case", "id": "c"}))))
            }
            fn object(&mut self, _: &str, _: &str) -> Result<Option<Cow<'_, Value>>, &'static str> {
                Err("not in memory")
            }
        }

        assert_eq!(resolve(&reference("a.status"), &mut Missing), Err("not in memory"));
    }

    #[test]
    fn an_object_is_identified_by_its_type_and_id() {
        assert_eq!(object_reference(&json!({"type": "case", "id": "c"})), Some(("case", "c")));
        assert_eq!(object_reference(&json!({"type": "case", "id": "c", "status": "Open"})), None);
        assert_eq!(object_of(&json!({"type": "case", "id": "c", "status": "Open"})), Some(("case", "c")));
        assert_eq!(object_of(&json!({"type": 1, "id": "c"})), None);
    }
}
