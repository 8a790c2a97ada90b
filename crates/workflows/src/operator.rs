//! The table of operators, their meaning, and the reference page generated from it.

use std::cmp::Ordering;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use docket_kernel::fold;

pub use crate::compare::NotATime;
use crate::compare::{equal, equal_in_any_case, is_among_in_any_case, order, times};

/// How a row of a condition compares. Serializes as its name, `does_not_equal`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the table OPERATORS says what each means, in the words users read")]
pub enum Operator {
    EqualsAnyCase,
    DoesNotEqualAnyCase,
    IsInAnyCase,
    IsNotInAnyCase,
    ContainsAnyCase,
    DoesNotContainAnyCase,
    Equals,
    DoesNotEqual,
    IsIn,
    IsNotIn,
    Contains,
    DoesNotContain,
    GreaterThan,
    GreaterThanOrEqual,
    LessThan,
    LessThanOrEqual,
    Before,
    After,
    IsBlank,
    IsNotBlank,
    IsTrue,
    IsFalse,
}

/// A family of values that compare with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Text.
    Text,
    /// Numbers, whole or with a fraction.
    Number,
    /// True or false.
    Boolean,
    /// A calendar date.
    Date,
    /// A point in time.
    DateTime,
    /// A list.
    Array,
    /// An object, such as a case or a value that an organization defines.
    Object,
}

impl Family {
    /// The label in sentences and on the reference page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::DateTime => "date-time",
            Self::Array => "list",
            Self::Object => "object",
        }
    }
}

/// What an operator compares the field with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// No value: the row has no `value`.
    Nothing,
    /// A value of the field's own family.
    Alike,
    /// A list of such values.
    ListOfAlike,
    /// A part of the field's text, or an item of the field's list.
    PartOf,
}

impl Right {
    /// Whether the row needs a `value`.
    pub const fn is_needed(self) -> bool {
        !matches!(self, Self::Nothing)
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Nothing => "none",
            Self::Alike => "one, of the same type",
            Self::ListOfAlike => "a list of values of the same type",
            Self::PartOf => "a text, or an item",
        }
    }
}

/// One line of the published table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct OperatorEntry {
    /// The operator.
    pub operator: Operator,
    /// Its name in a definition: `does_not_equal`.
    pub name: &'static str,
    /// Its label in the editor: `does not equal`.
    pub label: &'static str,
    /// The families of fields it applies to.
    pub applies_to: &'static [Family],
    /// The kind of value it compares the field with.
    pub value: Right,
    /// Its meaning, in one or two sentences.
    pub doc: &'static str,
}

const SCALARS: &[Family] = &[Family::Text, Family::Number, Family::Boolean, Family::Date, Family::DateTime];
const ALL: &[Family] =
    &[Family::Text, Family::Number, Family::Boolean, Family::Date, Family::DateTime, Family::Array, Family::Object];
const HOLDERS: &[Family] = &[Family::Text, Family::Array];
const NUMBERS: &[Family] = &[Family::Number];
const TIMES: &[Family] = &[Family::Date, Family::DateTime];
const BOOLEANS: &[Family] = &[Family::Boolean];

/// Every operator, in the order of the editor and the reference page.
pub const OPERATORS: &[OperatorEntry] = &[
    entry(
        Operator::EqualsAnyCase,
        ("equals_any_case", "equals (any case)"),
        SCALARS,
        Right::Alike,
        "The two are equal; text compares by the rule for names: case, composed letters and spaces make no difference.",
    ),
    entry(
        Operator::DoesNotEqualAnyCase,
        ("does_not_equal_any_case", "does not equal (any case)"),
        SCALARS,
        Right::Alike,
        "Both have a value, and they are not equal in any case.",
    ),
    entry(
        Operator::IsInAnyCase,
        ("is_in_any_case", "is in (any case)"),
        SCALARS,
        Right::ListOfAlike,
        "The list has an item that equals the field in any case.",
    ),
    entry(
        Operator::IsNotInAnyCase,
        ("is_not_in_any_case", "is not in (any case)"),
        SCALARS,
        Right::ListOfAlike,
        "The field has a value, and no item of the list equals it in any case.",
    ),
    entry(
        Operator::ContainsAnyCase,
        ("contains_any_case", "contains (any case)"),
        HOLDERS,
        Right::PartOf,
        "The text contains the value, or the list has an item that equals it, in any case.",
    ),
    entry(
        Operator::DoesNotContainAnyCase,
        ("does_not_contain_any_case", "does not contain (any case)"),
        HOLDERS,
        Right::PartOf,
        "The field is a text or a list, and the value is not in it, in any case.",
    ),
    entry(
        Operator::Equals,
        ("equals", "equals"),
        SCALARS,
        Right::Alike,
        "The two are equal: text letter by letter, numbers by value (1 equals 1.0), date-times with an offset by the \
         instant.",
    ),
    entry(
        Operator::DoesNotEqual,
        ("does_not_equal", "does not equal"),
        SCALARS,
        Right::Alike,
        "Both have a value, and they are not equal.",
    ),
    entry(
        Operator::IsIn,
        ("is_in", "is in"),
        SCALARS,
        Right::ListOfAlike,
        "The list has an item that equals the field.",
    ),
    entry(
        Operator::IsNotIn,
        ("is_not_in", "is not in"),
        SCALARS,
        Right::ListOfAlike,
        "The field has a value, and no item of the list equals it.",
    ),
    entry(
        Operator::Contains,
        ("contains", "contains"),
        HOLDERS,
        Right::PartOf,
        "The text contains the value, letter by letter; or the list has an item that equals the value. With every \
         operator, tags compare by the rule for names.",
    ),
    entry(
        Operator::DoesNotContain,
        ("does_not_contain", "does not contain"),
        HOLDERS,
        Right::PartOf,
        "The field is a text or a list, and the value is not in it.",
    ),
    entry(
        Operator::GreaterThan,
        ("greater_than", "is greater than"),
        NUMBERS,
        Right::Alike,
        "The number is above the value.",
    ),
    entry(
        Operator::GreaterThanOrEqual,
        ("greater_than_or_equal", "is greater than or equal to"),
        NUMBERS,
        Right::Alike,
        "The number is above the value or equal to it.",
    ),
    entry(Operator::LessThan, ("less_than", "is less than"), NUMBERS, Right::Alike, "The number is below the value."),
    entry(
        Operator::LessThanOrEqual,
        ("less_than_or_equal", "is less than or equal to"),
        NUMBERS,
        Right::Alike,
        "The number is below the value or equal to it.",
    ),
    entry(
        Operator::Before,
        ("before", "is before"),
        TIMES,
        Right::Alike,
        "The field's day or instant is earlier than the value's.",
    ),
    entry(
        Operator::After,
        ("after", "is after"),
        TIMES,
        Right::Alike,
        "The field's day or instant is later than the value's.",
    ),
    entry(
        Operator::IsBlank,
        ("is_blank", "is blank"),
        ALL,
        Right::Nothing,
        "The field is absent, null, an empty text, an empty list or an empty object.",
    ),
    entry(
        Operator::IsNotBlank,
        ("is_not_blank", "is not blank"),
        ALL,
        Right::Nothing,
        "The field has a value that is not blank; false and 0 are such values.",
    ),
    entry(
        Operator::IsTrue,
        ("is_true", "is true"),
        BOOLEANS,
        Right::Nothing,
        "The field is true; the text \"true\" is not.",
    ),
    entry(
        Operator::IsFalse,
        ("is_false", "is false"),
        BOOLEANS,
        Right::Nothing,
        "The field is false; an absent field and 0 are not.",
    ),
];

const fn entry(
    operator: Operator,
    (name, label): (&'static str, &'static str),
    applies_to: &'static [Family],
    value: Right,
    doc: &'static str,
) -> OperatorEntry {
    OperatorEntry { operator, name, label, applies_to, value, doc }
}

impl Operator {
    /// The operator with this name, `does_not_equal`.
    pub fn named(name: &str) -> Option<Self> {
        OPERATORS.iter().find(|entry| entry.name == name).map(|entry| entry.operator)
    }

    /// Its line of the table.
    pub fn entry(self) -> &'static OperatorEntry {
        // The table has the order of the enum; a test checks this.
        &OPERATORS[self as usize]
    }

    /// Whether it holds for a field's value and the row's value.
    ///
    /// Null holds only for `is_blank`, on either side; values that cannot be compared never hold. A text with the form
    /// of a date or a date-time that is not valid can't be ordered, which is an error.
    pub fn holds(self, left: &Value, right: &Value) -> Result<bool, NotATime> {
        Ok(match self {
            Self::IsBlank => is_blank(left),
            Self::IsNotBlank => !is_blank(left),
            Self::IsTrue => left == &Value::Bool(true),
            Self::IsFalse => left == &Value::Bool(false),
            _ if left.is_null() || right.is_null() => false,
            Self::EqualsAnyCase => equal_in_any_case(left, right),
            Self::DoesNotEqualAnyCase => !equal_in_any_case(left, right),
            Self::IsInAnyCase => is_in_any_case(left, right) == Some(true),
            Self::IsNotInAnyCase => is_in_any_case(left, right) == Some(false),
            Self::ContainsAnyCase => contains_in_any_case(left, right) == Some(true),
            Self::DoesNotContainAnyCase => contains_in_any_case(left, right) == Some(false),
            Self::Equals => equal(left, right),
            Self::DoesNotEqual => !equal(left, right),
            Self::IsIn => is_among(left, right) == Some(true),
            Self::IsNotIn => is_among(left, right) == Some(false),
            Self::Contains => contains(left, right) == Some(true),
            Self::DoesNotContain => contains(left, right) == Some(false),
            Self::GreaterThan => numbers(left, right) == Some(Ordering::Greater),
            Self::GreaterThanOrEqual => matches!(numbers(left, right), Some(Ordering::Greater | Ordering::Equal)),
            Self::LessThan => numbers(left, right) == Some(Ordering::Less),
            Self::LessThanOrEqual => matches!(numbers(left, right), Some(Ordering::Less | Ordering::Equal)),
            Self::Before => times(left, right)? == Some(Ordering::Less),
            Self::After => times(left, right)? == Some(Ordering::Greater),
        })
    }

    /// The operator that compares tags in place of this one: tags are names.
    pub(crate) const fn of_names(self) -> Self {
        match self {
            Self::Equals => Self::EqualsAnyCase,
            Self::DoesNotEqual => Self::DoesNotEqualAnyCase,
            Self::IsIn => Self::IsInAnyCase,
            Self::IsNotIn => Self::IsNotInAnyCase,
            Self::Contains => Self::ContainsAnyCase,
            Self::DoesNotContain => Self::DoesNotContainAnyCase,
            other => other,
        }
    }

    /// Whether it tests equality.
    pub(crate) const fn is_of_sameness(self) -> bool {
        matches!(
            self,
            Self::EqualsAnyCase
                | Self::DoesNotEqualAnyCase
                | Self::IsInAnyCase
                | Self::IsNotInAnyCase
                | Self::Equals
                | Self::DoesNotEqual
                | Self::IsIn
                | Self::IsNotIn
        )
    }

    /// The cost of a comparison in a condition's budget: one, plus one for each item it may compare.
    pub(crate) fn cost(self, left: &Value, right: &Value) -> usize {
        match self {
            Self::IsIn | Self::IsNotIn | Self::IsInAnyCase | Self::IsNotInAnyCase => 1 + items(right),
            Self::Contains | Self::DoesNotContain | Self::ContainsAnyCase | Self::DoesNotContainAnyCase => {
                1 + items(left)
            }
            Self::Equals | Self::DoesNotEqual | Self::EqualsAnyCase | Self::DoesNotEqualAnyCase => {
                1 + items(left).min(items(right))
            }
            _ => 1,
        }
    }
}

fn items(value: &Value) -> usize {
    value.as_array().map_or(0, Vec::len)
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn is_among(value: &Value, list: &Value) -> Option<bool> {
    list.as_array().map(|items| items.iter().any(|item| equal(value, item)))
}

fn contains(holder: &Value, part: &Value) -> Option<bool> {
    match (holder, part) {
        (Value::String(text), Value::String(part)) => Some(text.contains(part.as_str())),
        (Value::Array(items), part) => Some(items.iter().any(|item| equal(item, part))),
        _ => None,
    }
}

fn numbers(left: &Value, right: &Value) -> Option<Ordering> {
    let (Value::Number(left), Value::Number(right)) = (left, right) else { return None };
    order(left, right)
}

fn is_in_any_case(value: &Value, list: &Value) -> Option<bool> {
    list.as_array().map(|items| is_among_in_any_case(value, items))
}

fn contains_in_any_case(holder: &Value, part: &Value) -> Option<bool> {
    match (holder, part) {
        (Value::String(text), Value::String(part)) => Some(fold(text).contains(&fold(part))),
        (Value::Array(items), part) => Some(is_among_in_any_case(part, items)),
        _ => None,
    }
}

/// The reference page of operators, `docs/reference/operators.md`, generated from the table.
pub fn reference_page() -> String {
    let mut page = String::from(PAGE_HEAD);
    for entry in OPERATORS {
        let types: Vec<&str> = entry.applies_to.iter().map(|family| family.label()).collect();
        let types = if entry.applies_to == ALL { "any".to_owned() } else { types.join(", ") };
        let (label, name) = (entry.label, entry.name);
        let _ = writeln!(page, "| {label} | `{name}` | {types} | {} | {} |", entry.value.label(), entry.doc);
    }
    page.push_str(PAGE_TAIL);
    page
}

const PAGE_HEAD: &str = "\
# Operators

<!-- Made from the table in crates/workflows/src/operator.rs; change it there. -->

A row of a condition names a field, an operator and, for most operators, a value:

```yaml
when:
  any:
    - { field: trigger.fields.match, is: is_true }
    - all:
        - { field: trigger.fields.country, is: is_in, value: [NO, SE] }
        - { field: trigger.fields.amount, is: greater_than, value: 1000 }
    - not: { field: trigger.account.reference_id, is: is_blank }
```

`all` holds when every row under it holds, `any` when at least one does, `not` when the condition under it does not. They nest.
The value may be a reference, `{ ref: create_case.status }`, or a text with references in it, `\"{{ trigger.status }}\"`.

| Operator | Name | Fields of type | Value | Holds when |
|---|---|---|---|---|
";

const PAGE_TAIL: &str = "
## Nothing

A field that is absent is null, which is never an error. Null on either side makes every operator false, including the negative
ones (`does_not_equal`, `is_not_in`, `does_not_contain`, in any case or not); only `is_blank` is true for it. So \"the country is not Norway\"
does not hold for an account without a country; write `any: [ …is_blank, …does_not_equal ]` to let it through. `not`
inverts the condition under it: `not` over a row that null made false holds. A null written as a value, or in a list, is a
problem of the definition.

## Types

- **Text** compares by the rule for names with the operators *in any case*: `Approve ` is `approve`, `Straße` is `STRASSE`, a
  composed `é` is a decomposed one, a no-break space is a space, and invisible characters don't count; accents do. The folding
  follows no language: the Turkish `İ` is `i` with a dot above, and `ı` is not `i`. The other operators compare letter by
  letter: case, spaces and accents count.
- The **status of a case** compares by identity: the operators for equality match its names by the rule for names, as everywhere
  in Docket, and a name from before a rename, or of a removed status with a successor, still matches. A name that none of the
  cases can have is a problem of the definition, as in a step. A workflow that listens to events of cases in a vendor's system,
  which a [source](../guide/sources.md) has to be allowed to report and the trigger's `origin` has to ask for, needs a case
  template with their statuses.
- The **tags** of an object are names too: `contains` and `does_not_contain` match them as Tag Object does.
- **Numbers** compare by value. Whole numbers of up to 64 bits keep every digit.
- **Dates** (`2024-05-01`, up to `9999-12-31`) and **date-times** (`2024-05-01T09:30:00+02:00`) are ISO 8601. With `before` and
  `after`, two dates compare as days of the calendar and two date-times as instants; where a date meets a date-time, the date is
  its first moment in UTC. A date-time without an offset is taken in UTC. A value that looks like a date or a date-time and is
  not valid (`2023-02-29`, the year 10000, the offset `+25:00`) is an error of the step, or of the trigger, never *false*. So is a
  date-time that names a time zone (`2024-05-01T09:30:00[America/New_York]`); write its offset instead. `equals`
  takes two date-times with offsets as instants, and everything else as text; a date, which is a whole day, never equals a
  date-time, and checking the workflow says so.
- `before` and `after` take no field that is known to be text, whatever its content: give a parameter that holds a date the
  type `date` or `datetime`. A field whose type is not known before a run, such as a vendor's, is compared if it turns out
  to hold one.
- Values of types that do not compare, such as a text with a number, hold for no operator but `does_not_equal`. Where the
  types are known before a run, checking the workflow lists such a row as a problem.
- An **object** such as a case does not compare; compare its `id`. A list of objects contains one by its type and id.
";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_table_has_the_order_of_the_enum_and_names_serialize() {
        for (index, entry) in OPERATORS.iter().enumerate() {
            assert_eq!(entry.operator as usize, index, "{}", entry.name);
            assert_eq!(serde_json::to_value(entry.operator).expect("a name"), json!(entry.name));
            assert_eq!(Operator::named(entry.name), Some(entry.operator));
        }
        assert_eq!(OPERATORS.len(), 22);
        let of_text = OPERATORS.iter().filter(|entry| entry.applies_to.contains(&Family::Text));
        assert!(of_text.take(6).all(|entry| entry.name.ends_with("_any_case")), "in any case is offered first");
        assert_eq!(Operator::named("=="), None);
    }

    #[test]
    fn null_holds_for_is_blank_alone() {
        for entry in OPERATORS {
            for right in [json!(null), json!("a"), json!(1), json!(["a"]), json!([null])] {
                let holds = entry.operator.holds(&Value::Null, &right).expect("comparable");
                assert_eq!(holds, entry.operator == Operator::IsBlank, "null {} {right}", entry.name);
            }
            if entry.value.is_needed() {
                for left in [json!("a"), json!(1), json!([null]), json!(true), json!("2024-01-01")] {
                    assert_eq!(entry.operator.holds(&left, &Value::Null), Ok(false), "{left} {} null", entry.name);
                }
            }
        }
    }

    #[test]
    fn each_operator_matches_its_description() {
        for (left, name, right, expected) in [
            (json!("a"), "equals", json!("a"), true),
            (json!("a"), "equals", json!("A"), false),
            (json!(1), "equals", json!(1.0), true),
            (json!(1), "equals", json!("1"), false),
            (json!(true), "equals", json!(true), true),
            (json!("a"), "does_not_equal", json!("b"), true),
            (json!(1), "does_not_equal", json!(1.0), false),
            (json!(1), "does_not_equal", json!("1"), true),
            (json!("a"), "is_in", json!(["b", "a"]), true),
            (json!(2), "is_in", json!([1, 2.0]), true),
            (json!("a"), "is_in", json!([]), false),
            (json!("a"), "is_in", json!("abc"), false),
            (json!("a"), "is_not_in", json!(["b"]), true),
            (json!("a"), "is_not_in", json!(["a"]), false),
            (json!("a"), "is_not_in", json!([]), true),
            (json!("a"), "is_not_in", json!("b"), false),
            (json!("watchlist"), "contains", json!("list"), true),
            (json!("watchlist"), "contains", json!("List"), false),
            (json!(["x", 1]), "contains", json!(1.0), true),
            (json!(["watchlist"]), "contains", json!("list"), false),
            (json!(12), "contains", json!("1"), false),
            (json!("a"), "does_not_contain", json!("b"), true),
            (json!("a"), "does_not_contain", json!("a"), false),
            (json!([]), "does_not_contain", json!("a"), true),
            (json!(12), "does_not_contain", json!("3"), false),
            (json!(2), "greater_than", json!(1), true),
            (json!(2), "greater_than", json!(2.0), false),
            (json!("2"), "greater_than", json!(1), false),
            (json!(9_007_199_254_740_993_u64), "greater_than", json!(9_007_199_254_740_992_u64), true),
            (json!(2), "greater_than_or_equal", json!(2.0), true),
            (json!(1), "greater_than_or_equal", json!(2), false),
            (json!(1), "less_than", json!(1.5), true),
            (json!(2), "less_than", json!(2), false),
            (json!(2), "less_than_or_equal", json!(2), true),
            (json!(3), "less_than_or_equal", json!(2), false),
            (json!("2024-05-01"), "before", json!("2024-05-01T00:00:01Z"), true),
            (json!("2024-05-01"), "before", json!("2024-05-01"), false),
            (json!("2024-05-01T10:00:00+02:00"), "before", json!("2024-05-01T09:00:00Z"), true),
            (json!("2024-05-02"), "after", json!("2024-05-01"), true),
            (json!("someday"), "after", json!("2024-05-01"), false),
            (json!(5), "after", json!("2024-05-01"), false),
            (json!("9999-12-31"), "after", json!("2026-01-01"), true),
            (json!("9999-12-30"), "before", json!("9999-12-31"), true),
            (json!(""), "is_blank", json!(null), true),
            (json!([]), "is_blank", json!(null), true),
            (json!({}), "is_blank", json!(null), true),
            (json!(" "), "is_blank", json!(null), false),
            (json!(0), "is_blank", json!(null), false),
            (json!(false), "is_blank", json!(null), false),
            (json!(false), "is_not_blank", json!(null), true),
            (json!(""), "is_not_blank", json!(null), false),
            (json!(true), "is_true", json!(null), true),
            (json!("true"), "is_true", json!(null), false),
            (json!(1), "is_true", json!(null), false),
            (json!(false), "is_false", json!(null), true),
            (json!(0), "is_false", json!(null), false),
        ] {
            holds(&left, name, &right, expected);
        }
    }

    #[test]
    fn an_operator_of_any_case_compares_texts_as_names_are_compared() {
        for (left, name, right, expected) in [
            (json!("Approve "), "equals_any_case", json!("approve"), true),
            (json!("Approve "), "does_not_equal_any_case", json!("approve"), false),
            (json!(1), "equals_any_case", json!(1.0), true),
            (json!("no"), "is_in_any_case", json!(["SE", "NO"]), true),
            (json!("no"), "is_not_in_any_case", json!(["SE", "NO"]), false),
            (json!("no"), "is_not_in_any_case", json!("NO"), false),
            (json!("Große Straße"), "contains_any_case", json!("STRASSE"), true),
            (json!(["Watchlist"]), "contains_any_case", json!("watchlist"), true),
            (json!(["Watchlist"]), "contains_any_case", json!("watch"), false),
            (json!("Watchlist"), "does_not_contain_any_case", json!("LIST"), false),
            (json!(12), "does_not_contain_any_case", json!("3"), false),
        ] {
            holds(&left, name, &right, expected);
        }
    }

    fn holds(left: &Value, name: &str, right: &Value, expected: bool) {
        let operator = Operator::named(name).expect("an operator");
        assert_eq!(operator.holds(left, right), Ok(expected), "{left} {name} {right}");
    }

    #[test]
    fn an_invalid_time_is_an_error() {
        for (left, right) in [("2023-02-29", "2024-01-01"), ("2024-01-01", "2024-01-01T00:00:00+25:00")] {
            for operator in [Operator::Before, Operator::After] {
                assert!(operator.holds(&json!(left), &json!(right)).is_err(), "{left} {right}");
            }
        }
    }

    #[test]
    fn the_reference_page_is_fresh() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/operators.md");
        if std::env::var_os("DOCKET_WRITE_DOCS").is_some() {
            std::fs::write(file, reference_page()).expect("written");
        }

        let committed = std::fs::read_to_string(file).expect("docs/reference/operators.md");

        assert!(
            committed == reference_page(),
            "docs/reference/operators.md is stale; run DOCKET_WRITE_DOCS=1 cargo test -p docket-workflows operator"
        );
    }
}
