//! Texts with `{{references}}` in them.

use std::fmt;

use serde_json::Value;

use crate::limits::{RENDERED_BYTES_MAX, RESOLVED_BYTES_MAX};
use crate::problem::quote;
use crate::reference::{Lookup, Reference};
use crate::value::{Room, Unresolved};

/// A text in which `{{ reference }}` is replaced by a value; `\{{` is a literal `{{`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Literal text.
    Text(String),
    /// A reference to be replaced by its value.
    Ref(Reference),
}

impl Template {
    /// Reads a text. The error is a sentence for its author.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(open) = rest.find("{{") {
            let (before, after) = (&rest[..open], &rest[open + 2..]);
            if let Some(before) = before.strip_suffix('\\') {
                plain.push_str(before);
                plain.push_str("{{");
                rest = after;
                continue;
            }
            plain.push_str(before);
            let Some(close) = after.find("}}") else {
                return Err(format!(
                    "the text {} opens a reference with {{{{ and never closes it; add }}}}, or write \\{{{{ for plain braces",
                    quote(text)
                ));
            };
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain)));
            }
            parts.push(Part::Ref(Reference::parse(after[..close].trim())?));
            rest = &after[close + 2..];
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self { parts })
    }

    /// Its parts, in order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The references in it, in order.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.parts.iter().filter_map(|part| match part {
            Part::Ref(reference) => Some(reference),
            Part::Text(_) => None,
        })
    }

    /// The reference, if the whole text is one reference and nothing else: it keeps its value's type.
    pub fn lone(&self) -> Option<&Reference> {
        match self.parts.as_slice() {
            [Part::Ref(reference)] => Some(reference),
            _ => None,
        }
    }

    /// The text, if it contains no reference.
    pub fn plain(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The value of a lone reference, otherwise the text with every reference replaced by its value as text.
    ///
    /// Numbers are plain, null is empty, lists and objects are compact JSON. More than [`RENDERED_BYTES_MAX`] bytes are
    /// refused.
    pub fn render<L: Lookup + ?Sized>(&self, lookup: &mut L) -> Result<Value, Unresolved<L::Error>> {
        self.render_within(lookup, &mut Room::of(RESOLVED_BYTES_MAX))
    }

    pub(crate) fn render_within<L: Lookup + ?Sized>(
        &self,
        lookup: &mut L,
        room: &mut Room,
    ) -> Result<Value, Unresolved<L::Error>> {
        if let Some(reference) = self.lone() {
            return room.reach(reference, lookup);
        }
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Ref(reference) => push(&mut text, &room.reach(reference, lookup)?),
            }
            if text.len() > RENDERED_BYTES_MAX {
                return Err(Unresolved::TemplateTooLong);
            }
        }
        Ok(Value::String(text))
    }
}

fn push(text: &mut String, value: &Value) {
    match value {
        Value::Null => {}
        Value::String(inner) => text.push_str(inner),
        other => text.push_str(&other.to_string()),
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(&escaped(text)),
            Part::Ref(reference) => write!(f, "{{{{{reference}}}}}"),
        })
    }
}

/// Literal text as it is written in a template. Of three braces the last two are the pair, so that the text
/// after them is parsed independently.
fn escaped(text: &str) -> String {
    let mut written = String::with_capacity(text.len() + 2);
    let mut rest = text;
    while let Some(open) = rest.find("{{") {
        let (before, braces) = rest.split_at(open);
        let count = braces.len() - braces.trim_start_matches('{').len();
        written.push_str(before);
        written.push_str(&"{".repeat(count % 2));
        written.push_str(&"\\{{".repeat(count / 2));
        rest = &braces[count..];
    }
    written.push_str(rest);
    written
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::reference::tests::World;

    fn rendered(text: &str) -> Value {
        let mut world = World::triggered_by(json!({
            "name": "Ada", "age": 36, "half": 0.5, "whole": 1.0, "big": u64::MAX, "yes": true, "none": null,
            "list": [1, "a"], "object": {"a": 1}, "braces": "{{trigger.name}}"
        }));
        Template::parse(text).expect("a template").render(&mut world).expect("short")
    }

    #[test]
    fn values_become_text_inside_text() {
        for (text, expected) in [
            ("", ""),
            ("plain", "plain"),
            ("Dear {{trigger.name}}!", "Dear Ada!"),
            ("Dear {{  trigger.name  }}", "Dear Ada"),
            ("{{trigger.name}}{{trigger.age}}", "Ada36"),
            ("{{trigger.half}} {{trigger.big}}", "0.5 18446744073709551615"),
            ("is {{trigger.yes}}", "is true"),
            ("[{{trigger.none}}{{trigger.absent}}{{nobody}}]", "[]"),
            ("{{trigger.list}} {{trigger.object}}", "[1,\"a\"] {\"a\":1}"),
            ("審査 {{trigger.name}} 🕵️", "審査 Ada 🕵️"),
            ("\\{{trigger.name}}", "{{trigger.name}}"),
            ("\\{{ {{trigger.name}}", "{{ Ada"),
            ("not: {trigger.name} }}", "not: {trigger.name} }}"),
            ("x{{trigger.braces}}", "x{{trigger.name}}"),
            ("a\\b", "a\\b"),
        ] {
            assert_eq!(rendered(text), json!(expected), "{text}");
        }
    }

    #[test]
    fn a_lone_reference_keeps_its_type() {
        for (text, expected) in [
            ("{{trigger.age}}", json!(36)),
            ("{{ trigger.list }}", json!([1, "a"])),
            ("{{trigger.none}}", json!(null)),
            ("{{trigger.yes}}", json!(true)),
            (" {{trigger.age}}", json!(" 36")),
        ] {
            assert_eq!(rendered(text), expected, "{text}");
        }
    }

    #[test]
    fn a_broken_template_is_refused_with_a_sentence() {
        for (text, words) in [
            ("{{", "never closes"),
            ("a {{trigger.name", "never closes"),
            ("{{}}", "empty part"),
            ("{{ a b }}", "the part"),
            ("{{{a}}}", "the part"),
            ("{{a.trim()}}", "the part"),
        ] {
            let message = Template::parse(text).expect_err(text);
            assert!(message.contains(words), "{text}: {message}");
        }
    }

    #[test]
    fn a_template_is_written_as_it_is_read() {
        for text in [
            "",
            "a",
            "{{a}}",
            "x {{a.b}} y",
            "\\{{a}}",
            "\\{{{{a}}",
            "\\{{{",
            "\\{{\\{{ {{b}}}",
            "{\\{{{{b}}",
            "a\\b \\ {",
        ] {
            let template = Template::parse(text).expect("a template");

            assert_eq!(Template::parse(&template.to_string()).expect("again"), template, "{text}");
        }
    }

    #[test]
    fn a_rendered_template_is_at_most_64_kib() {
        let template = Template::parse("a{{trigger.long}}").expect("a template");
        let of = |length: usize| World::triggered_by(json!({"long": "x".repeat(length)}));

        let fits = template.render(&mut of(RENDERED_BYTES_MAX - 1));
        let too_long = template.render(&mut of(RENDERED_BYTES_MAX));

        assert_eq!(fits.expect("fits").as_str().map(str::len), Some(RENDERED_BYTES_MAX));
        assert_eq!(too_long, Err(Unresolved::TemplateTooLong));
    }
}
