//! Reads a request body as JSON, strictly and in one pass.

use std::cell::{Cell, RefCell};
use std::fmt;

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::inflection::{escape, kebab};

/// The most levels of nested objects and arrays.
pub const DEPTH_MAX: usize = 64;
/// The most values in a body of 1 MiB: objects, arrays, texts, numbers, booleans and nulls. Small values take much more
/// memory than their text.
pub const VALUES_MAX: usize = 100_000;

/// The most values in a body with this limit of bytes: a larger limit allows more.
pub(crate) fn values_max(bytes_max: usize) -> usize {
    VALUES_MAX * (bytes_max >> 20).max(1)
}

/// A body that can't be read, and the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyError {
    /// The HTTP status of the response: 400, or 413 for a body that is too large.
    pub status: u16,
    /// What is wrong, for the caller.
    pub message: String,
    /// JSON pointer to the place, if there is one.
    pub pointer: Option<String>,
}

impl BodyError {
    /// A body that has the wrong shape.
    pub fn malformed(message: impl Into<String>, pointer: Option<String>) -> Self {
        Self { status: 400, message: message.into(), pointer }
    }

    /// A body, or a part of it, that is larger than allowed.
    pub fn too_large(message: impl Into<String>, pointer: Option<String>) -> Self {
        Self { status: 413, message: message.into(), pointer }
    }
}

impl fmt::Display for BodyError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.pointer {
            Some(pointer) => write!(out, "{} at {pointer}", self.message),
            None => out.write_str(&self.message),
        }
    }
}

impl std::error::Error for BodyError {}

/// Reads the body of a request, as strictly as [`read`] does. The parts that operations read must have the types that
/// the API's description gives them, whether or not the operation reads them.
pub fn parse(body: &[u8]) -> Result<Value, BodyError> {
    parse_within(body, VALUES_MAX)
}

/// The same with another limit on the number of values.
pub(crate) fn parse_within(body: &[u8], values_max: usize) -> Result<Value, BodyError> {
    let value = read_within(body, values_max)?;
    check_parts(&value)?;
    Ok(value)
}

/// The type that each part of a body must have if it is present.
const PARTS: [(&[&str], PartKind); 5] = [
    (&["data"], PartKind::Object),
    (&["data", "type"], PartKind::Text),
    (&["data", "id"], PartKind::Text),
    (&["data", "attributes"], PartKind::Object),
    (&["meta"], PartKind::Object),
];

#[derive(Clone, Copy)]
enum PartKind {
    Object,
    Text,
}

fn check_parts(body: &Value) -> Result<(), BodyError> {
    for (path, kind) in PARTS {
        let part = path.iter().try_fold(body, |part, name| {
            part.as_object()?.iter().find(|(known, _)| kebab(known) == *name).map(|(_, member)| member)
        });
        let (holds, expected) = match (part, kind) {
            (None | Some(Value::Null), _) => continue,
            (Some(part), PartKind::Object) => (part.is_object(), "an object"),
            (Some(part), PartKind::Text) => (part.is_string(), "text"),
        };
        if !holds {
            let pointer = format!("/{}", path.join("/"));
            return Err(BodyError::malformed(format!("{} must be {expected}", path.join(".")), Some(pointer)));
        }
    }
    Ok(())
}

/// Reads one JSON value, keeping the order of members.
///
/// Refuses an empty body, invalid UTF-8, invalid JSON, anything after the value, the same name twice in one
/// object, more than [`DEPTH_MAX`] levels, more than [`VALUES_MAX`] values, and NUL in any text, which no database column
/// could hold.
pub fn read(body: &[u8]) -> Result<Value, BodyError> {
    read_within(body, VALUES_MAX)
}

fn read_within(body: &[u8], values_max: usize) -> Result<Value, BodyError> {
    let text = std::str::from_utf8(body).map_err(|error| {
        BodyError::malformed(format!("body is not UTF-8 from byte {} on", error.valid_up_to()), None)
    })?;
    // A byte order mark is not part of the JSON; editors and scripts of one platform write it.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(BodyError::malformed("body is empty; send a JSON object", None));
    }
    let bounds = Bounds { values_max, values_left: Cell::new(values_max), refusal: RefCell::new(None) };
    let mut reader = serde_json::Deserializer::from_str(text);
    let place = JsonPath { step: Step::Root, parent: None, depth: 0, bounds: &bounds };
    let read = place.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    read.map_err(|error| {
        bounds
            .refusal
            .into_inner()
            .unwrap_or_else(|| BodyError::malformed(format!("body is not valid JSON: {error}"), None))
    })
}

/// The limits of one body, and the reason for its refusal.
struct Bounds {
    values_max: usize,
    values_left: Cell<usize>,
    refusal: RefCell<Option<BodyError>>,
}

/// The current place of the reader: a linked chain of steps on the stack, written out only for a refusal.
#[derive(Clone, Copy)]
struct JsonPath<'a> {
    step: Step<'a>,
    parent: Option<&'a JsonPath<'a>>,
    depth: usize,
    bounds: &'a Bounds,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Name(&'a str),
    Item(usize),
}

impl<'a> JsonPath<'a> {
    fn below(&'a self, step: Step<'a>) -> Self {
        Self { step, parent: Some(self), depth: self.depth + 1, bounds: self.bounds }
    }

    fn pointer(&self) -> String {
        let mut out = self.parent.map(JsonPath::pointer).unwrap_or_default();
        match self.step {
            Step::Root => {}
            Step::Name(name) => {
                out.push('/');
                out.push_str(&escape(name));
            }
            Step::Item(at) => {
                out.push('/');
                out.push_str(&at.to_string());
            }
        }
        out
    }

    /// Stores the refusal where [`read`] finds it: a serde error has no room for a pointer.
    fn refuse<E: serde::de::Error>(&self, message: &str) -> E {
        let pointer = Some(self.pointer()).filter(|pointer| !pointer.is_empty());
        *self.bounds.refusal.borrow_mut() = Some(BodyError::malformed(message, pointer));
        E::custom(message)
    }

    /// Counts a value.
    fn count<E: serde::de::Error>(&self) -> Result<(), E> {
        match self.bounds.values_left.get().checked_sub(1) {
            Some(left) => {
                self.bounds.values_left.set(left);
                Ok(())
            }
            None => {
                let message = format!("body has more than the {} values allowed", self.bounds.values_max);
                *self.bounds.refusal.borrow_mut() = Some(BodyError::too_large(message, None));
                Err(E::custom("too many values"))
            }
        }
    }

    fn check_depth<E: serde::de::Error>(&self) -> Result<(), E> {
        if self.depth < DEPTH_MAX {
            return Ok(());
        }
        Err(self.refuse("body is nested too deeply; 64 levels are allowed"))
    }

    fn check_text<E: serde::de::Error>(&self, text: &str) -> Result<(), E> {
        if text.as_bytes().contains(&0) {
            return Err(self.refuse("text must not contain the NUL character (\\u0000)"));
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for JsonPath<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        self.count()?;
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for JsonPath<'_> {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Value, E> {
        self.check_text(text)?;
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E: serde::de::Error>(self, text: String) -> Result<Value, E> {
        self.check_text(&text)?;
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        self.check_depth()?;
        let mut out = Vec::new();
        while let Some(item) = items.next_element_seed(self.below(Step::Item(out.len())))? {
            out.push(item);
        }
        Ok(Value::Array(out))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        self.check_depth()?;
        let mut out = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            self.check_text(&name)?;
            let place = self.below(Step::Name(&name));
            if out.contains_key(&name) {
                return Err(place.refuse("the same name appears twice in one object"));
            }
            let value = members.next_value_seed(place)?;
            out.insert(name, value);
        }
        Ok(Value::Object(out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(depth: usize) -> Vec<u8> {
        format!("{}1{}", "[".repeat(depth), "]".repeat(depth)).into_bytes()
    }

    #[test]
    fn a_valid_body_reads_as_serde_reads_it() {
        let table = [
            r#"{"z": [1, -2, 2.5, 1e3, true, null, "ä\u00e9\ud83d\ude00"], "a": {"b": {}}}"#,
            "[]",
            " 0 ",
            "\u{feff}{\"a\": 1}",
            r#""text""#,
            "18446744073709551615",
        ];
        for text in table {
            assert_eq!(
                parse(text.as_bytes()).unwrap(),
                serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')).unwrap(),
                "{text}"
            );
        }
    }

    #[test]
    fn order_of_members_is_kept() {
        assert_eq!(parse(br#"{"z":1,"a":2,"m":3}"#).unwrap().to_string(), r#"{"z":1,"a":2,"m":3}"#);
    }

    #[test]
    fn an_invalid_body_is_refused_with_a_message_and_a_pointer() {
        let table: [(&[u8], &str, Option<&str>); 14] = [
            (b"", "empty", None),
            (b" \n", "empty", None),
            (b"{\"a\": \"\xff\"}", "not UTF-8 from byte 7", None),
            (b"{\"a\": 1", "not valid JSON", None),
            (b"{\"a\": 1} x", "trailing", None),
            (b"{\"a\": 1}{}", "trailing", None),
            (b"{\"a\": 01}", "not valid JSON", None),
            (b"{\"a\": 1e999}", "not valid JSON", None),
            (b"{\"a\": \"\\ud800\"}", "not valid JSON", None),
            (b"{\"a\": {\"b\": 1, \"c\": 2, \"b\": 3}}", "twice", Some("/a/b")),
            (b"{\"x/y\": [0, {\"n~\": 1, \"n~\": 1}]}", "twice", Some("/x~1y/1/n~0")),
            (b"{\"a\": [\"ok\", \"no\\u0000\"]}", "NUL", Some("/a/1")),
            (b"{\"a\": {\"n\\u0000\": 1}}", "NUL", Some("/a")),
            (b"\"\\u0000\"", "NUL", None),
        ];
        for (body, words, pointer) in table {
            let error = parse(body).unwrap_err();
            assert_eq!(error.status, 400);
            assert!(error.message.contains(words), "{error}");
            assert_eq!(error.pointer.as_deref(), pointer, "{error}");
        }
    }

    #[test]
    fn the_parts_of_a_body_must_have_their_described_types() {
        let wrong = [
            (r#"{"data": 5}"#, "data must be an object", "/data"),
            (r#"{"data": []}"#, "data must be an object", "/data"),
            (r#"{"data": {"type": 5}}"#, "data.type must be text", "/data/type"),
            (r#"{"data": {"id": {}}}"#, "data.id must be text", "/data/id"),
            (r#"{"Data": {"Attributes": "a"}}"#, "data.attributes must be an object", "/data/attributes"),
            (r#"{"meta": "a"}"#, "meta must be an object", "/meta"),
        ];
        for (body, message, pointer) in wrong {
            let error = parse(body.as_bytes()).unwrap_err();
            assert_eq!((error.status, error.message.as_str()), (400, message), "{body}");
            assert_eq!(error.pointer.as_deref(), Some(pointer), "{body}");
        }
        for right in [r#"{"data": null, "meta": null}"#, r#"{"data": {"type": null, "attributes": {}}}"#, "5", "{}"] {
            assert!(parse(right.as_bytes()).is_ok(), "{right}");
        }
    }

    #[test]
    fn the_most_values_are_read_and_one_more_is_refused() {
        // The list itself counts as a value.
        let body = |values: usize| format!("[{}1]", "1,".repeat(values - 2)).into_bytes();
        assert!(parse(&body(VALUES_MAX)).is_ok());
        let error = parse(&body(VALUES_MAX + 1)).unwrap_err();
        assert_eq!((error.status, error.message.as_str()), (413, "body has more than the 100000 values allowed"));
        assert!(parse_within(br#"{"a": [1, {}]}"#, 4).is_ok());
        assert!(parse_within(br#"{"a": [1, {}]}"#, 3).is_err());
    }

    #[test]
    fn sixty_four_levels_are_read_and_sixty_five_are_refused() {
        assert!(parse(&nested(DEPTH_MAX)).is_ok());
        let error = parse(&nested(DEPTH_MAX + 1)).unwrap_err();
        assert!(error.message.contains("too deeply"));
        assert_eq!(error.pointer.unwrap().matches("/0").count(), DEPTH_MAX);
        assert!(parse(&nested(100_000)).is_err());
    }
}
