//! Reads definition texts, JSON or YAML, into a tree.
//!
//! Both readers refuse texts that would silently lose or multiply data: duplicate keys, numbers that JSON cannot
//! represent, YAML tags, and aliases that expand to more than a definition may contain.

use std::cell::Cell;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, EnumAccess, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::limits::{DEFINITION_BYTES_MAX, TEXT_BYTES_MAX, TREE_DEPTH_MAX, YAML_WORK_MAX};
use crate::problem::{At, Problem};

mod written;

pub use written::to_yaml;

/// Reads a text that is JSON or YAML. A text that starts like JSON is first read as JSON, because YAML can't express
/// some of it, such as characters written as two `\u` escapes.
pub fn text(text: &str) -> Result<Value, Problem> {
    either(text, Bound::DEFINITION)
}

/// Reads a JSON or YAML text that contains more than one definition, up to this many bytes.
pub fn document(text: &str, bytes_max: usize) -> Result<Value, Problem> {
    either(text, Bound { text_bytes: bytes_max, tree_bytes: bytes_max })
}

fn either(text: &str, bound: Bound) -> Result<Value, Problem> {
    let begins_as_json =
        text.trim_start().strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with(['"', '}']));
    if !begins_as_json {
        return yaml_within(text, bound);
    }
    json_within(text, bound).or_else(|problem| yaml_within(text, bound).map_err(|_| problem))
}

/// Reads a JSON text. The problem's code is `not_json`, `too_large` or `too_deep`.
pub fn json(text: &str) -> Result<Value, Problem> {
    json_within(text, Bound::DEFINITION)
}

fn json_within(text: &str, bound: Bound) -> Result<Value, Problem> {
    bound.admits(text)?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let unfolding = Unfolding::new("JSON", bound);
    let tree = unfolding.seed().deserialize(&mut reader).map_err(|e| unfolding.problem("not_json", &e))?;
    reader.end().map_err(|e| unfolding.problem("not_json", &e))?;
    Ok(tree)
}

/// Reads a YAML text of one document. The problem's code is `not_yaml`, `too_large` or `too_deep`.
pub fn yaml(text: &str) -> Result<Value, Problem> {
    yaml_within(text, Bound::DEFINITION)
}

fn yaml_within(text: &str, bound: Bound) -> Result<Value, Problem> {
    bound.admits(text)?;
    readable_soon(text)?;
    let unfolding = Unfolding::new("YAML", bound);
    unfolding
        .seed()
        .deserialize(serde_yaml_ng::Deserializer::from_str(text))
        .map_err(|e| unfolding.problem("not_yaml", &e))
}

/// The size limits of a text.
#[derive(Clone, Copy)]
struct Bound {
    text_bytes: usize,
    tree_bytes: usize,
}

impl Bound {
    const DEFINITION: Self = Self { text_bytes: TEXT_BYTES_MAX, tree_bytes: DEFINITION_BYTES_MAX };

    fn admits(self, text: &str) -> Result<(), Problem> {
        let (bytes, most) = (text.len(), self.text_bytes);
        if bytes <= most {
            return Ok(());
        }
        let message = format!("the text has {bytes} bytes; at most {most} are allowed: split its content");
        Err(At::root().problem("too_large", message))
    }
}

/// Refuses a text that could keep the YAML reader busy for a long time: for each character it scans every open bracket.
/// Only the reader could determine which brackets are open, so all are counted.
fn readable_soon(text: &str) -> Result<(), Problem> {
    let brackets = text.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count();
    if text.len().saturating_mul(brackets) <= YAML_WORK_MAX {
        return Ok(());
    }
    Err(At::root().problem(
        "too_large",
        format!(
            "the text has {brackets} brackets and braces, too many to read as YAML; write one member per line, or use \
             JSON"
        ),
    ))
}

/// The remaining size for expansion, and the limit that was exceeded.
struct Unfolding {
    bound: Bound,
    bytes_left: Cell<usize>,
    met: Cell<Option<&'static str>>,
    language: &'static str,
}

impl Unfolding {
    fn new(language: &'static str, bound: Bound) -> Self {
        Self { bound, bytes_left: Cell::new(bound.tree_bytes), met: Cell::new(None), language }
    }

    fn seed(&self) -> Tree<'_> {
        Tree { unfolding: self, depth: 1 }
    }

    fn take<E: Error>(&self, bytes: usize) -> Result<(), E> {
        if let Some(left) = self.bytes_left.get().checked_sub(bytes) {
            self.bytes_left.set(left);
            return Ok(());
        }
        self.met.set(Some("too_large"));
        Err(E::custom("too large"))
    }

    fn problem(&self, code: &'static str, error: &impl fmt::Display) -> Problem {
        let language = self.language;
        let (code, message) = match self.met.get() {
            Some(code @ "too_large") => {
                (code, format!("the text expands to more than {} bytes; split its content", self.bound.tree_bytes))
            }
            Some(code) => (code, format!("the text nests deeper than {TREE_DEPTH_MAX} levels; flatten it")),
            None => (code, format!("the text is not {language}: {error}; correct it there")),
        };
        At::root().problem(code, message)
    }
}

/// Reads one value of the tree.
#[derive(Clone, Copy)]
struct Tree<'u> {
    unfolding: &'u Unfolding,
    depth: usize,
}

impl Tree<'_> {
    fn deeper(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }

    fn scalar<E: Error>(self, value: Value, bytes: usize) -> Result<Value, E> {
        self.unfolding.take(bytes)?;
        Ok(value)
    }
}

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        if self.depth > TREE_DEPTH_MAX {
            self.unfolding.met.set(Some("too_deep"));
            return Err(D::Error::custom("too deep"));
        }
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a number, true, false, null, a list or an object")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        self.scalar(Value::Bool(value), 5)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        self.scalar(value.into(), 4)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        self.scalar(value.into(), 4)
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<Value, E> {
        Err(E::custom(format!("the whole number {value} exceeds 64 bits; write it as text")))
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Value, E> {
        Err(E::custom(format!("the whole number {value} exceeds 64 bits; write it as text")))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value)
            .ok_or_else(|| E::custom(format!("{value} is not a number that JSON can represent")))?;
        self.scalar(Value::Number(number), 4)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        self.unfolding.take(value.len() + 2)?;
        Ok(Value::String(value.to_owned()))
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        self.scalar(Value::Null, 4)
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        self.deserialize(reader)
    }

    fn visit_enum<A: EnumAccess<'de>>(self, _: A) -> Result<Value, A::Error> {
        Err(A::Error::custom("tags (!name) are not supported here; remove them"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let deeper = self.deeper();
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(deeper)? {
            self.unfolding.take(1)?;
            list.push(item);
        }
        self.scalar(Value::Array(list), 2)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let deeper = self.deeper();
        let mut map = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            self.unfolding.take(key.len() + 4)?;
            if map.contains_key(&key) {
                return Err(A::Error::custom(format!("the key '{key}' is written twice")));
            }
            map.insert(key, members.next_value_seed(deeper)?);
        }
        self.scalar(Value::Object(map), 2)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use serde_json::json;

    use super::*;

    #[test]
    fn json_and_yaml_are_the_same_tree() {
        let from_yaml =
            yaml("on: [api, yes]\nsteps:\n  - id: a\n    n: 1.5\n    big: -3\n    none:\n").expect("readable");
        let from_json = json(r#"{"on": ["api", "yes"], "steps": [{"id": "a", "n": 1.5, "big": -3, "none": null}]}"#)
            .expect("readable");

        assert_eq!(from_yaml, from_json);
        assert_eq!(from_yaml["on"], json!(["api", "yes"]));
    }

    #[test]
    fn plain_words_stay_words_and_numbers_are_the_ones_json_has() {
        for (text, value) in [
            ("NO", json!("NO")),
            ("no", json!("no")),
            ("off", json!("off")),
            ("y", json!("y")),
            ("Yes", json!("Yes")),
            ("1:30", json!("1:30")),
            ("22:22:22", json!("22:22:22")),
            ("1_000", json!("1_000")),
            ("007", json!("007")),
            ("2024-05-01", json!("2024-05-01")),
            ("2024-05-01T10:00:00Z", json!("2024-05-01T10:00:00Z")),
            ("1.10", json!(1.1)),
            ("'1.10'", json!("1.10")),
            ("~", json!(null)),
            ("true", json!(true)),
        ] {
            assert_eq!(yaml(&format!("a: {text}")).expect("readable")["a"], value, "{text}");
        }
    }

    #[test]
    fn an_anchor_repeats_and_a_merge_key_is_a_key_like_any_other() {
        let repeated = yaml("a: &x [1, 2]\nb: *x\n").expect("readable");
        let merged = yaml("a: &x {b: 1}\nc:\n  <<: *x\n  d: 2\n").expect("readable");

        assert_eq!(repeated, json!({"a": [1, 2], "b": [1, 2]}));
        assert_eq!(merged["c"], json!({"<<": {"b": 1}, "d": 2}));
    }

    #[test]
    fn json_and_yaml_texts_are_recognized() {
        let large: Vec<_> = (0..2_000).map(|n| json!({"id": format!("s{n}"), "note": ["x".repeat(100)]})).collect();
        let large = json!({"steps": large});

        assert_eq!(text("{\"a\": \"\\ud83d\\udd75\", \"b\": \"\\/\"}").expect("JSON"), json!({"a": "🕵", "b": "/"}));
        assert_eq!(text("\n\t{\n\t\"a\": 1}").expect("JSON with tabs"), json!({"a": 1}));
        assert_eq!(text("{a: [b, no]}").expect("YAML in braces"), json!({"a": ["b", "no"]}));
        assert_eq!(text("{\"a\": b}").expect("YAML with quotes"), json!({"a": "b"}));
        assert_eq!(text("a:\n  - b").expect("YAML"), json!({"a": ["b"]}));
        assert_eq!(text(&large.to_string()).expect("large JSON"), large);
        assert_eq!(text("{\"a\": 1,}}").expect_err("neither").code, "not_json");
        assert_eq!(text("a: [").expect_err("neither").code, "not_yaml");
    }

    #[test]
    fn a_text_has_a_mebibyte_and_a_tree_120_levels() {
        let long = |bytes: usize| format!("# {}\na: 1", "x".repeat(bytes - 7));
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));

        assert!(yaml(&long(TEXT_BYTES_MAX)).is_ok());
        assert_eq!(yaml(&long(TEXT_BYTES_MAX + 1)).expect_err("too long").code, "too_large");
        assert!(json(&deep(TREE_DEPTH_MAX)).is_ok());
        assert_eq!(json(&deep(TREE_DEPTH_MAX + 1)).expect_err("too deep").code, "too_deep");
    }

    #[test]
    fn a_key_written_twice_is_refused() {
        for (problem, code) in [(yaml("a: 1\nb: 2\na: 3\n"), "not_yaml"), (json(r#"{"a":{"b":1,"b":2}}"#), "not_json")]
        {
            let problem = problem.expect_err("refused");

            assert_eq!(problem.code, code);
            assert!(problem.message.contains("written twice"), "{}", problem.message);
        }
    }

    #[test]
    fn hostile_texts_are_refused_without_expansion() {
        let mut bomb = String::from("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
        for level in 1..12 {
            let below = vec![format!("*a{}", level - 1); 10].join(", ");
            writeln!(bomb, "a{level}: &a{level} [{below}]").expect("written");
        }
        let wide = format!("a: &a \"{}\"\nb: [{}]\n", "x".repeat(20_000), vec!["*a"; 100].join(", "));
        let deep_yaml = format!("a: {}{}\n", "[".repeat(125), "]".repeat(125));
        let deep_json = format!("{}{}", "[".repeat(125), "]".repeat(125));
        let very_deep = "[".repeat(200_000);
        let very_deep_maps = "{a: ".repeat(50_000);
        let long = format!("a: {}", "x".repeat(TEXT_BYTES_MAX));

        assert!(matches!(yaml(&bomb).expect_err("refused").code, "too_large" | "not_yaml"));
        assert_eq!(yaml(&wide).expect_err("refused").code, "too_large");
        assert_eq!(yaml(&deep_yaml).expect_err("refused").code, "too_deep");
        assert_eq!(json(&deep_json).expect_err("refused").code, "too_deep");
        assert_eq!(yaml(&very_deep).expect_err("refused").code, "too_large");
        assert_eq!(yaml(&very_deep_maps).expect_err("refused").code, "too_large");
        assert!(json(&very_deep).is_err());
        assert_eq!(yaml(&long).expect_err("refused").code, "too_large");
    }

    #[test]
    fn an_alias_that_contains_itself_is_refused() {
        assert!(yaml("a: &a [*a]\n").is_err());
    }

    #[test]
    fn what_json_cannot_hold_is_refused() {
        for text in ["a: .nan", "a: .inf", "a: 123456789012345678901234567890", "a: !secret x", "a: 1\n---\nb: 2", ""] {
            let read = yaml(text);
            assert!(read.is_err() || text.is_empty(), "{text}: {read:?}");
        }
        assert!(json("{} {}").is_err());
        assert_eq!(yaml("a: 18446744073709551615").expect("readable")["a"], json!(u64::MAX));
    }

    #[test]
    fn unicode_survives_a_round_trip() {
        let tree = json!({"name": "Überprüfung 🕵️ 審査", "on": "no", "n": "1", "t": "2024-01-01"});

        assert_eq!(yaml(&to_yaml(&tree)).expect("readable"), tree);
    }
}
