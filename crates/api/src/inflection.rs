//! Casing of names: kebab inside; kebab, snake or camel outside.

use std::borrow::Cow;

use serde_json::{Map, Value};

/// The members of request bodies whose inner names belong to the organization and are never changed.
pub const NAMES_OF_OTHERS: &[&[&str]] = &[
    &["data", "attributes", "fields"],
    &["data", "attributes", "definition"],
    &["data", "attributes", "base-definition"],
    &["data", "attributes", "choices"],
    &["data", "attributes", "bundle"],
    &["meta", "params"],
    &["meta", "successors"],
    &["meta", "field-choices"],
];

/// The casing a response's names are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Inflection {
    /// `created-at`, the form in which names are stored: writing them costs nothing.
    #[default]
    Kebab,
    /// `created_at`
    Snake,
    /// `createdAt`
    Camel,
}

/// Two names of one object that mean the same member, such as `created-at` and `createdAt`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SameNameTwice {
    /// JSON pointer to the second name, in kebab casing.
    pub pointer: String,
}

impl Inflection {
    /// Reads a `Key-Inflection` header; an unknown word is ignored.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim() {
            "kebab" => Some(Self::Kebab),
            "snake" => Some(Self::Snake),
            "camel" => Some(Self::Camel),
            _ => None,
        }
    }

    /// The casing that a request names, or the key's own if it names none or an unknown one.
    pub fn of_request(header: Option<&str>, of_the_key: Self) -> Self {
        header.and_then(Self::parse).unwrap_or(of_the_key)
    }

    /// The word that names this casing in the header and in a key's settings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kebab => "kebab",
            Self::Snake => "snake",
            Self::Camel => "camel",
        }
    }

    /// Writes one of Docket's own names, which are lowercase kebab.
    pub fn name(self, kebab: &str) -> Cow<'_, str> {
        if self == Self::Kebab || !kebab.contains('-') {
            return Cow::Borrowed(kebab);
        }
        Cow::Owned(match self {
            Self::Kebab | Self::Snake => kebab.replace('-', "_"),
            Self::Camel => camel(kebab),
        })
    }

    /// Writes a name that may come in any casing, such as the key of a custom field.
    pub fn any_name(self, name: &str) -> Cow<'_, str> {
        match kebab(name) {
            Cow::Borrowed(kebab) => self.name(kebab),
            Cow::Owned(kebab) => Cow::Owned(self.name(&kebab).into_owned()),
        }
    }
}

/// Converts a name in any casing to lowercase kebab.
///
/// A name without separators is split at capitals and before digits, because the contract writes `address-street-1` and
/// a camel client sends `addressStreet1`.
pub fn kebab(name: &str) -> Cow<'_, str> {
    let bytes = name.as_bytes();
    let has_separator = bytes.iter().any(|byte| matches!(byte, b'-' | b'_'));
    let is_kebab = bytes.iter().enumerate().all(|(at, byte)| match byte {
        b'_' | b'A'..=b'Z' => false,
        b'0'..=b'9' => has_separator || at == 0 || bytes[at - 1].is_ascii_digit(),
        _ => true,
    });
    if is_kebab {
        return Cow::Borrowed(name);
    }
    let mut out = String::with_capacity(name.len() + 8);
    for (at, character) in name.char_indices() {
        if at > 0 && starts_word(bytes, at, has_separator) {
            out.push('-');
        }
        out.push(if character == '_' { '-' } else { character.to_ascii_lowercase() });
    }
    Cow::Owned(out)
}

/// Whether two names mean the same member: they differ only in casing and separators.
pub fn is_same_name(one: &str, other: &str) -> bool {
    squashed(one).eq(squashed(other))
}

fn squashed(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().filter(|byte| !is_separator(*byte)).map(|byte| byte.to_ascii_lowercase())
}

/// Removes casing and separators from a name, so that names with the same meaning are equal text.
pub fn squash(name: &str) -> String {
    name.chars()
        .filter(|character| !matches!(character, '-' | '_'))
        .map(|character| character.to_ascii_lowercase())
        .collect()
}

/// Converts every name of a request body to kebab, except inside the members that `of_others` points to.
///
/// Refuses a body in which two names of one object become the same. Nothing inside an array is matched against
/// `of_others`; a body nested no deeper than the parser allows is walked once.
pub fn normalise(body: Value, of_others: &[&[&str]]) -> Result<Value, SameNameTwice> {
    match body {
        Value::Object(members) => normalise_members(members, of_others).map(Value::Object),
        Value::Array(items) => items
            .into_iter()
            .enumerate()
            .map(|(at, item)| normalise(item, &[]).map_err(|twice| twice.under(&at.to_string())))
            .collect::<Result<_, _>>()
            .map(Value::Array),
        scalar => Ok(scalar),
    }
}

impl SameNameTwice {
    fn under(self, name: &str) -> Self {
        Self { pointer: format!("/{}{}", escape(name), self.pointer) }
    }
}

/// Escapes one name for use in a JSON pointer.
pub fn escape(name: &str) -> Cow<'_, str> {
    if name.contains(['~', '/']) {
        return Cow::Owned(name.replace('~', "~0").replace('/', "~1"));
    }
    Cow::Borrowed(name)
}

fn normalise_members(members: Map<String, Value>, of_others: &[&[&str]]) -> Result<Map<String, Value>, SameNameTwice> {
    let mut out = Map::with_capacity(members.len());
    for (name, value) in members {
        let name = match kebab(&name) {
            Cow::Borrowed(_) => name,
            Cow::Owned(kebab) => kebab,
        };
        let within: Vec<&[&str]> = of_others
            .iter()
            .filter_map(|path| path.split_first().filter(|(first, _)| **first == name).map(|(_, rest)| rest))
            .collect();
        let value = if within.iter().any(|rest| rest.is_empty()) {
            value
        } else {
            normalise(value, &within).map_err(|twice| twice.under(&name))?
        };
        if out.contains_key(&name) {
            return Err(SameNameTwice { pointer: String::new() }.under(&name));
        }
        out.insert(name, value);
    }
    Ok(out)
}

fn camel(kebab: &str) -> String {
    let mut out = String::with_capacity(kebab.len());
    let mut starts_word = false;
    for character in kebab.chars() {
        if character == '-' && !out.is_empty() {
            starts_word = true;
        } else if starts_word {
            out.push(character.to_ascii_uppercase());
            starts_word = false;
        } else {
            out.push(character);
        }
    }
    out
}

fn starts_word(bytes: &[u8], at: usize, has_separator: bool) -> bool {
    let before = bytes[at - 1];
    match bytes[at] {
        b'A'..=b'Z' if before.is_ascii_uppercase() => bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase),
        b'A'..=b'Z' => !is_separator(before),
        b'0'..=b'9' => !has_separator && before.is_ascii_alphabetic(),
        _ => false,
    }
}

const fn is_separator(byte: u8) -> bool {
    matches!(byte, b'-' | b'_')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn our_own_names_are_written_in_the_casing_asked_for() {
        let table = [
            ("created-at", "created_at", "createdAt"),
            ("status", "status", "status"),
            ("address-street-1", "address_street_1", "addressStreet1"),
            ("social-security-number-last-4", "social_security_number_last_4", "socialSecurityNumberLast4"),
        ];
        for (kebab, snake, camel) in table {
            assert_eq!(Inflection::Kebab.name(kebab), kebab);
            assert_eq!(Inflection::Snake.name(kebab), snake);
            assert_eq!(Inflection::Camel.name(kebab), camel);
        }
    }

    #[test]
    fn every_casing_reads_back_as_kebab() {
        let table = [
            ("created-at", "created-at"),
            ("created_at", "created-at"),
            ("createdAt", "created-at"),
            ("CreatedAt", "created-at"),
            ("addressStreet1", "address-street-1"),
            ("address_street_1", "address-street-1"),
            ("ageEstimated18Plus", "age-estimated-18-plus"),
            ("redirectURI", "redirect-uri"),
            ("IDNumber", "id-number"),
            ("risk_v2", "risk-v2"),
            ("größeInCm", "größe-in-cm"),
            ("", ""),
            ("a", "a"),
            ("2fa", "2fa"),
        ];
        for (name, as_kebab) in table {
            assert_eq!(kebab(name), as_kebab, "{name}");
            assert!(is_same_name(name, as_kebab), "{name}");
            assert_eq!(squash(name), squash(as_kebab), "{name}");
        }
    }

    #[test]
    fn a_kebab_name_is_not_copied() {
        assert!(matches!(kebab("created-at"), Cow::Borrowed(_)));
        assert!(matches!(Inflection::Kebab.name("created-at"), Cow::Borrowed(_)));
        assert!(matches!(Inflection::Kebab.any_name("created-at"), Cow::Borrowed(_)));
    }

    #[test]
    fn an_organizations_own_name_may_be_inflected_from_any_casing() {
        for name in ["risk_score", "risk-score", "riskScore"] {
            assert_eq!(Inflection::Kebab.any_name(name), "risk-score");
            assert_eq!(Inflection::Snake.any_name(name), "risk_score");
            assert_eq!(Inflection::Camel.any_name(name), "riskScore");
        }
    }

    #[test]
    fn an_unknown_inflection_is_ignored() {
        for word in ["snake_case", "", "SNAKE", "pascal"] {
            assert_eq!(Inflection::of_request(Some(word), Inflection::Camel), Inflection::Camel);
        }
        assert_eq!(Inflection::of_request(None, Inflection::Snake), Inflection::Snake);
        for inflection in [Inflection::Kebab, Inflection::Snake, Inflection::Camel] {
            assert_eq!(Inflection::of_request(Some(inflection.as_str()), Inflection::Kebab), inflection);
        }
    }

    #[test]
    fn a_body_is_read_in_any_casing_and_custom_fields_keep_theirs() {
        let body = json!({
            "data": {"attributes": {"caseTemplateId": "t", "fields": {"riskScore": {"a_b": 1}}, "attachments": [{"file_name": "x"}]}},
            "meta": {"object_ids": ["act_A"], "params": {"someThing": 1}},
        });
        let read = json!({
            "data": {"attributes": {"case-template-id": "t", "fields": {"riskScore": {"a_b": 1}}, "attachments": [{"file-name": "x"}]}},
            "meta": {"object-ids": ["act_A"], "params": {"someThing": 1}},
        });
        assert_eq!(normalise(body, NAMES_OF_OTHERS), Ok(read));
    }

    #[test]
    fn fields_outside_the_attributes_are_normalized() {
        let body = json!({"fields": {"riskScore": 1}, "data": [{"attributes": {"fields": {"riskScore": 1}}}]});
        let read = json!({"fields": {"risk-score": 1}, "data": [{"attributes": {"fields": {"risk-score": 1}}}]});
        assert_eq!(normalise(body, NAMES_OF_OTHERS), Ok(read));
    }

    #[test]
    fn the_same_member_in_two_casings_is_refused() {
        let body = json!({"data": {"attributes": [{"a/b": {"objectIds": 1, "object_ids": 2}}]}});
        let twice = normalise(body, NAMES_OF_OTHERS).unwrap_err();
        assert_eq!(twice.pointer, "/data/attributes/0/a~1b/object-ids");
    }

    #[test]
    fn order_of_members_is_kept() {
        let read = normalise(json!({"zA": 1, "b": 2, "aC": 3}), &[]).unwrap();
        assert_eq!(read.to_string(), r#"{"z-a":1,"b":2,"a-c":3}"#);
    }
}
