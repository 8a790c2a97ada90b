//! The fields a template defines for its cases.

use docket_kernel::{Moment, Refusal, is_blank, same_key};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

docket_kernel::text_enum! {
    /// The type of a field's values.
    pub enum FieldType {
        /// Text of up to 1,024 characters.
        String = "string",
        /// A whole number.
        Integer = "integer",
        /// A number.
        Number = "number",
        /// True or false.
        Boolean = "boolean",
        /// `YYYY-MM-DD`.
        Date = "date",
        /// ISO-8601 with an offset.
        Datetime = "datetime",
        /// One of the options.
        Choices = "choices",
    }
}

/// A field of a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldSchema {
    /// The key, as the organization writes it.
    pub key: String,
    /// The type of its values.
    pub r#type: FieldType,
    /// The label that people read.
    #[serde(default)]
    pub label: Option<String>,
    /// Whether every case must have a value.
    #[serde(default)]
    pub required: bool,
    /// The options, for choices.
    #[serde(default)]
    pub options: Vec<String>,
    /// Whether it is archived: its values can be read and cleared, and no new values are accepted.
    #[serde(default)]
    pub archived: bool,
    /// When it was archived, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<i64>,
    /// The key of the field that its values moved to when it was archived, if they did.
    #[serde(default)]
    pub successor: Option<String>,
}

const TEXT_CHARACTERS_MAX: usize = 1_024;
/// The maximum length of a field's key, in characters.
const KEY_CHARACTERS_MAX: usize = 64;
/// The maximum number of fields of a template.
pub const FIELDS_MAX: usize = 250;

impl FieldSchema {
    /// A field with this key and type, and defaults for everything else.
    pub fn new(key: impl Into<String>, r#type: FieldType) -> Self {
        let key = key.into();
        let (label, options) = (None, Vec::new());
        Self { key, r#type, label, required: false, options, archived: false, archived_at: None, successor: None }
    }

    /// These fields, each archived one with its archiving time: the time it had before, or now.
    pub(crate) fn dated(fields: &[Self], before: &[Self], now: Moment) -> Vec<Self> {
        let known = |key: &str| before.iter().find(|field| field.key == key)?.archived_at;
        let dated = |field: &Self| {
            let archived_at = field.archived.then(|| known(&field.key).unwrap_or(now.0));
            Self { archived_at, ..field.clone() }
        };
        fields.iter().map(dated).collect()
    }

    /// The same field, archived.
    pub(crate) fn archived(&self, successor: Option<String>) -> Self {
        Self { archived: true, required: false, successor, ..self.clone() }
    }

    /// The sentence that explains why an archived field accepts no value.
    pub fn archived_words(&self) -> String {
        let key = &self.key;
        match &self.successor {
            Some(successor) => format!("field '{key}' is archived and takes no new values; use '{successor}' instead"),
            None => format!("field '{key}' is archived and takes no new values; leave it out"),
        }
    }

    /// Whether a value fits; the sentence says why not.
    pub(crate) fn judge(&self, value: &Value) -> Result<(), String> {
        let fits = match (self.r#type, value) {
            (_, Value::Null) => {
                return if self.required && !self.archived {
                    Err("is required and can't be null".into())
                } else {
                    Ok(())
                };
            }
            (_, Value::String(text)) if self.required && is_blank(text) => {
                return Err("is required and can't be blank".into());
            }
            (FieldType::String, Value::String(text)) if text.chars().count() > TEXT_CHARACTERS_MAX => {
                return Err(format!("is longer than {TEXT_CHARACTERS_MAX} characters"));
            }
            (FieldType::String, Value::String(_))
            | (FieldType::Number, Value::Number(_))
            | (FieldType::Boolean, Value::Bool(_)) => true,
            (FieldType::Integer, Value::Number(number)) => docket_kernel::is_whole(number),
            (FieldType::Date, Value::String(text)) => docket_kernel::calendar_date(text).is_some(),
            (FieldType::Datetime, Value::String(text)) => docket_kernel::Moment::parse(text).is_some(),
            (FieldType::Choices, Value::String(text)) => {
                if !self.options.contains(text) {
                    return Err(format!("is not one of {}", self.options.join(", ")));
                }
                true
            }
            _ => false,
        };
        if fits { Ok(()) } else { Err(format!("must be {}", self.r#type.described())) }
    }
}

impl FieldType {
    pub(crate) const fn described(self) -> &'static str {
        match self {
            Self::String => "text",
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Date => "a date such as 2026-01-31",
            Self::Datetime => "a date and time such as 2026-01-31T09:30:00Z",
            Self::Choices => "one of the options",
        }
    }
}

fn pointer(key: &str) -> String {
    format!("/data/attributes/fields/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// Checks the fields of a request against a template; `complete` if required fields must be present.
pub fn checked_fields(schemas: &[FieldSchema], given: &Map<String, Value>, complete: bool) -> Result<(), Refusal> {
    let mut findings: Vec<Refusal> = given.iter().filter_map(|(key, value)| misfit(schemas, key, value)).collect();
    for schema in schemas
        .iter()
        .filter(|schema| complete && schema.required && !schema.archived && !given.contains_key(&schema.key))
    {
        let sentence = format!("field '{}' is required", schema.key);
        findings.push(Refusal::rule("field-required", sentence).at(pointer(&schema.key)));
    }
    Refusal::of_all(findings).map_or(Ok(()), Err)
}

/// Checks a change of the fields of a case with these values. Held values can be read and cleared whatever has happened
/// to the field: sending a held value again is no change, and null clears a value whose field the template no longer
/// has or that the field no longer accepts.
pub(crate) fn checked_change(
    schemas: &[FieldSchema],
    given: &Map<String, Value>,
    held: &Map<String, Value>,
) -> Result<(), Refusal> {
    let is_change = |key: &str, value: &Value| held.get(key).is_some_and(|old| old != value && !value.is_null());
    let is_judged = |key: &str, value: &Value| match schemas.iter().find(|schema| schema.key == key) {
        Some(schema) if schema.required && value.is_null() => true,
        _ => !held.contains_key(key) || is_change(key, value),
    };
    let judged = given.iter().filter(|(key, value)| is_judged(key, value));
    let findings = judged.filter_map(|(key, value)| misfit(schemas, key, value)).collect();
    Refusal::of_all(findings).map_or(Ok(()), Err)
}

/// Why a template does not accept a value of a field.
fn misfit(schemas: &[FieldSchema], key: &str, value: &Value) -> Option<Refusal> {
    let Some(schema) = schemas.iter().find(|schema| schema.key == *key) else {
        let known = schemas.iter().filter(|schema| !schema.archived).map(|schema| schema.key.as_str());
        let known = known.collect::<Vec<_>>().join(", ");
        let known = if known.is_empty() { "none".to_owned() } else { known };
        let sentence = format!("the case template has no field '{key}'; it has {known}");
        return Some(Refusal::rule("unknown-field", sentence).at(pointer(key)));
    };
    if schema.archived && !value.is_null() {
        return Some(Refusal::rule("field-archived", schema.archived_words()).at(pointer(key)));
    }
    let reason = schema.judge(value).err()?;
    Some(Refusal::rule("field-value", format!("field '{key}' {reason}")).at(pointer(key)))
}

/// Whether a reference can name a field with this key.
fn is_key(key: &str) -> bool {
    let is_inside = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    key.len() <= KEY_CHARACTERS_MAX
        && key.starts_with(|first: char| first.is_ascii_alphabetic())
        && key.bytes().all(is_inside)
}

/// Checks the fields that a template is to define. The keys of `present` fields are not checked: they may predate the
/// current rule for keys.
pub(crate) fn checked_schemas(schemas: &[FieldSchema], present: &[FieldSchema]) -> Vec<Refusal> {
    let is_known = |key: &str| present.iter().any(|field| field.key == key);
    let mut findings = Vec::new();
    if schemas.len() > FIELDS_MAX {
        let sentence = format!("a case template has at most {FIELDS_MAX} fields, not {}", schemas.len());
        findings.push(Refusal::rule("too-many-fields", sentence).at("/data/attributes/fields"));
    }
    for (place, schema) in schemas.iter().enumerate() {
        let at = |member: &str| format!("/data/attributes/fields/{place}/{member}");
        if !is_known(&schema.key) && !is_key(&schema.key) {
            let sentence = format!(
                "a field's key begins with a letter and has 1 to {KEY_CHARACTERS_MAX} letters (a to z, A to Z), digits, \
                 hyphens and underscores, such as risk_level: workflows refer to the field by it. Write what people read in \
                 the label"
            );
            findings.push(Refusal::rule("field-key", sentence).at(at("key")));
        }
        let is_twin = |other: &&FieldSchema| {
            other.key == schema.key
                || (same_key(&other.key, &schema.key) && !(is_known(&other.key) && is_known(&schema.key)))
        };
        if let Some(other) = schemas[..place].iter().find(is_twin) {
            let sentence = format!(
                "the keys of the fields '{}' and '{}' are the same: case, hyphens and underscores make no difference; \
                 change one of them",
                other.key, schema.key
            );
            findings.push(Refusal::rule("field-twice", sentence).at(at("key")));
        }
        if schema.r#type == FieldType::Choices && schema.options.is_empty() {
            findings.push(Refusal::rule("field-options", "choices need options").at(at("options")));
        }
        let twice =
            |(place, option): (usize, &String)| schema.options[..place].contains(option).then(|| option.clone());
        if let Some(option) = schema.options.iter().enumerate().find_map(twice) {
            let sentence = format!("the option '{option}' appears twice");
            findings.push(Refusal::rule("field-options", sentence).at(at("options")));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema(r#type: FieldType) -> FieldSchema {
        FieldSchema { options: vec!["a".into(), "b".into()], ..FieldSchema::new("k", r#type) }
    }

    #[test]
    fn a_new_key_must_be_one_that_a_reference_can_name() {
        let codes = |keys: &[&str], present: &[&str]| -> Vec<String> {
            let of =
                |keys: &[&str]| keys.iter().map(|key| FieldSchema::new(*key, FieldType::String)).collect::<Vec<_>>();
            checked_schemas(&of(keys), &of(present)).iter().map(|finding| finding.code.clone()).collect()
        };

        for good in ["a", "riskLevel", "risk-level", "risk_level_2", &"a".repeat(64)] {
            assert!(codes(&[good], &[]).is_empty(), "{good}");
        }
        for bad in ["", "risk level", "a.b", "größe", "1st", "_a", "a/b", &"a".repeat(65)] {
            assert_eq!(codes(&[bad], &[]), ["field-key"], "{bad}");
            assert!(codes(&[bad], &[bad]).is_empty(), "{bad} already exists");
        }
        assert_eq!(codes(&["riskLevel", "risk_level"], &[]), ["field-twice"]);
        assert_eq!(codes(&["riskLevel", "risk_level"], &["riskLevel"]), ["field-twice"]);
        assert!(codes(&["riskLevel", "risk_level"], &["risk_level", "riskLevel"]).is_empty());
    }

    #[test]
    fn each_type_takes_its_own_values_and_no_others() {
        let values = [
            (json!("x"), [FieldType::String].as_slice()),
            (json!(5), &[FieldType::Integer, FieldType::Number]),
            (json!(5.5), &[FieldType::Number]),
            (json!(true), &[FieldType::Boolean]),
            (json!("2026-01-31"), &[FieldType::String, FieldType::Date]),
            (json!("2026-02-31"), &[FieldType::String]),
            (json!("9999-12-31"), &[FieldType::String, FieldType::Date]),
            (json!("2026-01-31T09:30:00+25:00"), &[FieldType::String]),
            (json!("2026-01-31T09:30:00+02:00"), &[FieldType::String, FieldType::Datetime]),
            (json!("a"), &[FieldType::String, FieldType::Choices]),
            (json!(null), FieldType::ALL),
            (json!([]), &[]),
            (json!({}), &[]),
        ];
        for (value, takers) in values {
            for kind in FieldType::ALL {
                assert_eq!(schema(*kind).judge(&value).is_ok(), takers.contains(kind), "{kind} {value}");
            }
        }
    }

    #[test]
    fn a_required_text_is_not_met_by_blanks() {
        let required = FieldSchema { required: true, ..schema(FieldType::String) };
        for (text, is_met) in [("", false), (" \t\n", false), ("\u{a0}\u{200b}", false), ("-", true), (" x ", true)] {
            assert_eq!(required.judge(&json!(text)).is_ok(), is_met, "{text:?}");
            assert!(schema(FieldType::String).judge(&json!(text)).is_ok(), "{text:?}");
        }
    }

    #[test]
    fn a_held_value_can_be_cleared_whatever_happened_to_its_field() {
        let archived = FieldSchema { key: "old".into(), ..schema(FieldType::Integer) }.archived(Some("k".into()));
        let required = FieldSchema { key: "must".into(), required: true, ..schema(FieldType::Integer) };
        let schemas = [schema(FieldType::Integer), archived, required];
        // An archived field, a field with another type now, a field the template no longer has, a required field.
        let held = json!({"old": 5, "k": "five", "gone": "x", "must": "five"});
        for (given, code) in [
            (json!({"old": null, "k": null, "gone": null}), None),
            (json!({"old": 5, "k": "five", "gone": "x"}), None),
            (json!({"old": 6}), Some("field-archived")),
            (json!({"k": "six"}), Some("field-value")),
            (json!({"k": 6, "must": 6}), None),
            (json!({"gone": "y"}), Some("unknown-field")),
            (json!({"never": null}), Some("unknown-field")),
            (json!({"must": null}), Some("field-value")),
        ] {
            let judged = checked_change(&schemas, given.as_object().unwrap(), held.as_object().unwrap());
            assert_eq!(judged.err().map(|refusal| refusal.code.clone()), code.map(str::to_owned), "{given}");
        }
        let fresh = checked_fields(&schemas, json!({"old": 1, "must": 1}).as_object().unwrap(), true).unwrap_err();
        assert!(fresh.sentence.contains("use 'k' instead"), "{}", fresh.sentence);
    }

    #[test]
    fn every_wrong_field_is_named_at_once_with_its_pointer() {
        let mut amount = schema(FieldType::Integer);
        amount.key = "amount".into();
        amount.required = true;
        let given = json!({"amuont": 1, "a/b": 2});

        let refusal = checked_fields(&[amount], given.as_object().unwrap(), true).unwrap_err();

        let pointers: Vec<_> = refusal.all().filter_map(|finding| finding.pointer.as_deref()).collect();
        assert_eq!(
            pointers,
            ["/data/attributes/fields/amuont", "/data/attributes/fields/a~1b", "/data/attributes/fields/amount"]
        );
    }
}
