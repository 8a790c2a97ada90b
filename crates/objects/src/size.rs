//! The size limits of an object. The API refuses a larger object; a webhook's excess parts are left out and reported. A
//! page of objects is therefore never larger than a hundred objects of maximum size.

use docket_kernel::Refusal;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::inquiry::DECISION;
use crate::object::Object;

/// The maximum size of an object's content as JSON, in bytes. With names and dates, an object is shown in up to 64 KiB.
pub const OBJECT_BYTES_MAX: usize = 60 * 1024;
/// The maximum number of fields of an object.
pub const FIELDS_MAX: usize = 250;
/// The maximum length of a field's key, in characters.
pub const FIELD_KEY_CHARACTERS_MAX: usize = 64;

/// The bytes around a value that is shown beside its type: `{"type":"integer","value":}`.
const TYPE_BYTES: usize = 28;
/// The bytes around a relation, without its name: `{"data":}`.
const RELATION_BYTES: usize = 9;
/// The bytes of the quotes, the colon and the comma of a member.
const MEMBER_BYTES: usize = 4;

/// The size of a value as JSON, in bytes.
pub fn json_bytes(value: &(impl Serialize + ?Sized)) -> usize {
    struct Count(usize);
    impl std::io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    // Writing a JSON value into a counter does not fail.
    drop(serde_json::to_writer(&mut count, value));
    count.0
}

/// The size of a field's value as it is shown, in bytes: everything inside a hash or a list is shown beside its type.
fn shown_bytes(value: &Value) -> usize {
    match value {
        Value::Array(items) => 2 + items.iter().map(|item| shown_bytes(item) + TYPE_BYTES + 1).sum::<usize>(),
        Value::Object(members) => {
            let shown = |(name, value): (&String, &Value)| member_bytes(name) + shown_bytes(value) + TYPE_BYTES;
            2 + members.iter().map(shown).sum::<usize>()
        }
        scalar => json_bytes(scalar),
    }
}

fn member_bytes(name: &str) -> usize {
    json_bytes(name) + MEMBER_BYTES - 2
}

/// A part of an object that can be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Attribute,
    Field,
    Relation,
}

impl Part {
    fn bytes(self, name: &str, value: &Value) -> usize {
        member_bytes(name)
            + match self {
                Self::Attribute => json_bytes(value),
                Self::Field => TYPE_BYTES + shown_bytes(value.get("value").unwrap_or(value)),
                Self::Relation => RELATION_BYTES + json_bytes(value),
            }
    }

    fn members(self, object: &Object) -> &Map<String, Value> {
        match self {
            Self::Attribute => &object.attributes,
            Self::Field => &object.fields,
            Self::Relation => &object.relationships,
        }
    }
}

const PARTS: [Part; 3] = [Part::Attribute, Part::Field, Part::Relation];

/// The parts of an object with their sizes in bytes. Decisions made by people are not included: they have their own
/// limits, and no webhook undoes them.
fn parts(object: &Object) -> impl Iterator<Item = (usize, Part, &String)> {
    PARTS.into_iter().flat_map(move |part| {
        let is_decision = move |name: &str| part == Part::Attribute && DECISION.contains(&name);
        let members = part.members(object).iter().filter(move |(name, _)| !is_decision(name));
        members.map(move |(name, value)| (part.bytes(name, value), part, name))
    })
}

/// The size of an object's content in bytes, without the parts that [`parts`] lists.
fn other_bytes(object: &Object) -> usize {
    let texts = [&object.status, &object.reference_id, &object.template_id];
    json_bytes(&*object.tags) + texts.into_iter().flatten().map(|text| json_bytes(text.as_str())).sum::<usize>()
}

/// The size of an object's content, in bytes.
fn content_bytes(object: &Object) -> usize {
    other_bytes(object) + parts(object).map(|(bytes, _, _)| bytes).sum::<usize>()
}

/// Refuses an object that is too large.
pub(crate) fn checked_size(object: &Object) -> Result<(), Refusal> {
    let bytes = content_bytes(object);
    if bytes <= OBJECT_BYTES_MAX {
        return Ok(());
    }
    let noun = object.kind.split('/').next().unwrap_or_default();
    let sentence =
        format!("the {noun} would contain {bytes} bytes, and at most {OBJECT_BYTES_MAX} are allowed; send less");
    Err(Refusal::rule("object-too-large", sentence).at("/data/attributes/fields"))
}

/// Refuses more fields than an object may have, and keys that are too long or not a single line.
pub(crate) fn checked_fields(fields: &Map<String, Value>) -> Result<(), Refusal> {
    const AT: &str = "/data/attributes/fields";
    if fields.len() > FIELDS_MAX {
        let sentence = format!("an object has at most {FIELDS_MAX} fields, not {}", fields.len());
        return Err(Refusal::rule("too-many-fields", sentence).at(AT));
    }
    match fields.keys().find(|key| !is_key(key)) {
        Some(key) => {
            let shown: String = key.chars().take(FIELD_KEY_CHARACTERS_MAX).collect();
            let sentence = format!(
                "the key of a field is one line of 1 to {FIELD_KEY_CHARACTERS_MAX} characters; '{}' is not",
                shown.escape_debug()
            );
            Err(Refusal::rule("field-key", sentence).at(AT))
        }
        None => Ok(()),
    }
}

/// Whether a text is valid as the key of a field.
pub(crate) fn is_key(key: &str) -> bool {
    is_line(key) && key.chars().count() <= FIELD_KEY_CHARACTERS_MAX
}

/// Whether a text is a single nonempty line without control characters.
pub(crate) fn is_line(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
}

/// Leaves out the largest parts of an object until it is within the size limit, and returns their names.
pub(crate) fn cut(object: &mut Object) -> Vec<String> {
    let mut bytes = content_bytes(object);
    if bytes <= OBJECT_BYTES_MAX {
        return Vec::new();
    }
    let mut largest: Vec<(usize, Part, String)> =
        parts(object).map(|(bytes, part, name)| (bytes, part, name.clone())).collect();
    largest.sort_by(|(one, _, name), (other, _, another)| other.cmp(one).then_with(|| name.cmp(another)));
    let mut left_out = Vec::new();
    for (of_part, part, name) in largest {
        if bytes <= OBJECT_BYTES_MAX {
            break;
        }
        bytes -= of_part;
        let (members, within) = match part {
            Part::Attribute => (&mut object.attributes, "attributes"),
            Part::Field => (&mut object.fields, "fields"),
            Part::Relation => (&mut object.relationships, "relationships"),
        };
        members.edit().shift_remove(&name);
        left_out.push(format!("{within}.{name}"));
    }
    left_out
}

#[cfg(test)]
mod tests {
    use docket_kernel::{EnvironmentId, Json, Moment};
    use serde_json::json;

    use super::*;

    fn object(fields: Value) -> Object {
        let mut object = Object::new(&EnvironmentId::of("env_1"), "act_1", "account", Moment(0));
        object.fields = Json::new(crate::object::typed_fields(fields.as_object().unwrap()));
        object
    }

    fn of_size(bytes: usize) -> Object {
        let empty = content_bytes(&object(json!({"small": "s", "large": ""})));
        object(json!({"small": "s", "large": "x".repeat(bytes - empty)}))
    }

    #[test]
    fn the_largest_part_of_an_object_over_60_kibibytes_is_left_out() {
        let mut largest = of_size(OBJECT_BYTES_MAX);
        let mut larger = of_size(OBJECT_BYTES_MAX + 1);

        assert!(checked_size(&largest).is_ok() && checked_size(&larger).is_err());
        assert_eq!(cut(&mut largest), [""; 0]);
        assert_eq!(cut(&mut larger), ["fields.large"]);
        assert_eq!(larger.fields.keys().collect::<Vec<_>>(), ["small"]);
    }

    #[test]
    fn values_inside_a_hash_count_with_the_types_that_are_shown_beside_them() {
        let nested = object(json!({"list": vec![0; 3_000]}));

        assert!(checked_size(&nested).is_err(), "{}", content_bytes(&nested));
    }

    #[test]
    fn decisions_are_never_left_out() {
        let mut inquiry = of_size(OBJECT_BYTES_MAX);
        inquiry.attributes.edit().insert("reviewer_comment".into(), "x".repeat(65_536).into());

        assert_eq!(cut(&mut inquiry), [""; 0]);
    }

    #[test]
    fn an_object_has_250_fields_with_keys_of_64_characters() {
        let fields = |count: usize| (0..count).map(|n| (format!("f{n}"), Value::Null)).collect();
        assert!(checked_fields(&fields(250)).is_ok() && checked_fields(&fields(251)).is_err());
        for (key, is_good) in
            [("x".repeat(64), true), ("x".repeat(65), false), ("a\nb".into(), false), (String::new(), false)]
        {
            assert_eq!(checked_fields(&Map::from_iter([(key.clone(), Value::Null)])).is_ok(), is_good, "{key:?}");
        }
    }
}
