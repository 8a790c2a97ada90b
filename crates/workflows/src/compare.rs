//! Comparisons in conditions: numbers, dates and texts in order.

use std::cmp::Ordering;

use docket_kernel::{Point, fold, same_name};
use serde_json::{Number, Value};

use crate::reference::{object_of, object_reference};

/// Whether two values are equal: numbers by value (1 = 1.0), two times with an offset by the instant, other texts
/// exactly, lists and objects part by part, and if one is an object reference, by type and id.
pub(crate) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => order(a, b) == Some(Ordering::Equal),
        (Value::String(a), Value::String(b)) => a == b || same_instant(a, b),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Object(_), Value::Object(_)) if is_reference(a) || is_reference(b) => object_of(a) == object_of(b),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| equal(a, b)))
        }
        _ => a == b,
    }
}

fn is_reference(value: &Value) -> bool {
    object_reference(value).is_some()
}

fn same_instant(a: &str, b: &str) -> bool {
    let written_as_instant = |text: &str| matches!(text.as_bytes().get(10), Some(b'T' | b't'));
    let instant = |text: &str| match Point::of(text) {
        Ok(Some(Point::Instant { nanoseconds, has_offset: true })) => Some(nanoseconds),
        _ => None,
    };
    written_as_instant(a) && written_as_instant(b) && matches!((instant(a), instant(b)), (Some(a), Some(b)) if a == b)
}

/// The order of two numbers; whole numbers are compared without loss.
pub(crate) fn order(a: &Number, b: &Number) -> Option<Ordering> {
    match (a.as_i128(), b.as_i128()) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        (Some(whole), None) => Some(order_mixed(whole, b.as_f64()?)),
        (None, Some(whole)) => Some(order_mixed(whole, a.as_f64()?).reverse()),
        (None, None) => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the whole part is within 64 bits where it is cast")]
fn order_mixed(whole: i128, float: f64) -> Ordering {
    const BEYOND_EVERY_WHOLE: f64 = 18_446_744_073_709_551_616.0;
    if float >= BEYOND_EVERY_WHOLE {
        return Ordering::Less;
    }
    if float <= -BEYOND_EVERY_WHOLE {
        return Ordering::Greater;
    }
    let truncated = float.trunc();
    let fraction = float - truncated;
    whole.cmp(&(truncated as i128)).then_with(|| 0.0_f64.total_cmp(&(fraction + 0.0)))
}

/// A text with the form of a date or a date-time that is not a valid one: it can't be ordered against another time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotATime(pub String);

/// The order of two texts as times: two dates as calendar days, everything else as instants, where a date is its first
/// instant in UTC. `None` if one does not have the form of a time.
pub(crate) fn times(a: &Value, b: &Value) -> Result<Option<Ordering>, NotATime> {
    let (Some(a), Some(b)) = (a.as_str(), b.as_str()) else { return Ok(None) };
    let point = |text: &str| Point::of(text).map_err(|_| NotATime(text.to_owned()));
    Ok(match (point(a)?, point(b)?) {
        (Some(Point::Date(a)), Some(Point::Date(b))) => Some(a.cmp(&b)),
        (Some(a), Some(b)) => Some(a.nanoseconds().cmp(&b.nanoseconds())),
        _ => None,
    })
}

/// Whether two values are equal if the case of texts is ignored, by the rule for comparing names.
pub(crate) fn equal_in_any_case(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) => same_name(a, b) || same_instant(a, b),
        _ => equal(a, b),
    }
}

/// Whether a list has an item equal to a value, ignoring the case of texts.
pub(crate) fn is_among_in_any_case(value: &Value, items: &[Value]) -> bool {
    let Value::String(text) = value else { return items.iter().any(|item| equal(value, item)) };
    let folded = fold(text);
    let is_it = |item: &Value| item.as_str().is_some_and(|item| fold(item) == folded || same_instant(item, text));
    items.iter().any(is_it)
}

/// Whether the text is a calendar date, `2024-05-01`.
pub(crate) fn is_date(text: &str) -> bool {
    matches!(Point::of(text), Ok(Some(Point::Date(_))))
}

/// Whether the text is a date-time, `2024-05-01T09:30:00Z`, with or without an offset.
pub(crate) fn is_date_time(text: &str) -> bool {
    matches!(Point::of(text), Ok(Some(Point::Instant { .. })))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn compared(a: &Value, b: &Value) -> Option<Ordering> {
        let (Value::Number(a), Value::Number(b)) = (a, b) else { return None };
        order(a, b)
    }

    #[test]
    fn numbers_are_ordered_without_loss() {
        use Ordering::{Equal, Greater, Less};
        for (a, b, expected) in [
            (json!(1), json!(1.0), Equal),
            (json!(0), json!(-0.0), Equal),
            (json!(1), json!(1.5), Less),
            (json!(-1), json!(-1.5), Greater),
            (json!(9_007_199_254_740_993_i64), json!(9_007_199_254_740_992_i64), Greater),
            (json!(9_007_199_254_740_993_i64), json!(9_007_199_254_740_992.0), Greater),
            (json!(u64::MAX), json!(i64::MIN), Greater),
            (json!(u64::MAX), json!(18_446_744_073_709_551_616.0), Less),
            (json!(i64::MIN), json!(-1e300), Greater),
            (json!(1e308), json!(1), Greater),
            (json!(0.1), json!(0.2), Less),
            (json!(5e-324), json!(0), Greater),
        ] {
            assert_eq!(compared(&a, &b), Some(expected), "{a} {b}");
            assert_eq!(compared(&b, &a), Some(expected.reverse()), "{b} {a}");
        }
    }

    #[test]
    fn numbers_and_instants_are_equal_in_any_notation() {
        for (a, b, expected) in [
            (json!("a"), json!("a"), true),
            (json!("a"), json!("A"), false),
            (json!("é"), json!("e\u{301}"), false),
            (json!("1"), json!(1), false),
            (json!(true), json!("true"), false),
            (json!([1, {"a": 2}]), json!([1.0, {"a": 2.0}]), true),
            (json!([1, 2]), json!([2, 1]), false),
            (json!({"a": 1}), json!({"a": 1, "b": null}), false),
            (json!({"type": "case", "id": "c"}), json!({"type": "case", "id": "c", "status": "Open"}), true),
            (json!({"type": "case", "id": "c"}), json!({"type": "case", "id": "d", "status": "Open"}), false),
            (json!({"type": "case", "id": "c"}), json!({"status": "Open"}), false),
            (json!("2024-05-01T00:00:00Z"), json!("2024-05-01T02:00:00.000+02:00"), true),
            (json!("2024-05-01"), json!("2024-05-01T00:00:00Z"), false),
            (json!("2024-05-01T00:00:00"), json!("2024-05-01T00:00:00Z"), false),
        ] {
            assert_eq!(equal(&a, &b), expected, "{a} {b}");
        }
    }

    #[test]
    fn dates_compare_as_days_and_everything_else_as_instants() {
        use Ordering::{Equal, Greater, Less};
        for (a, b, expected) in [
            ("9999-12-31", "2026-01-01", Greater),
            ("9999-12-30", "9999-12-31", Less),
            ("2024-05-01", "2024-05-01", Equal),
            ("9999-12-31T23:59:59Z", "9999-12-31", Greater),
            ("2024-05-01", "2024-05-01T00:00:00Z", Equal),
            ("2024-05-01T01:00:00+02:00", "2024-05-01", Less),
            ("2024-05-01T10:00:00", "2024-05-01T12:00:00+02:00", Equal),
        ] {
            assert_eq!(times(&json!(a), &json!(b)), Ok(Some(expected)), "{a} {b}");
            assert_eq!(times(&json!(b), &json!(a)), Ok(Some(expected.reverse())), "{b} {a}");
        }
        for other in [json!("someday"), json!(5), json!(null), json!("")] {
            assert_eq!(times(&json!("2024-05-01"), &other), Ok(None), "{other}");
        }
        for bad in ["2023-02-29", "10000-01-01", "2024-05-01T10:00:00+25:00"] {
            assert_eq!(times(&json!(bad), &json!("2024-05-01")), Err(NotATime(bad.into())), "{bad}");
            assert_eq!(times(&json!("2024-05-01"), &json!(bad)), Err(NotATime(bad.into())), "{bad}");
        }
    }

    #[test]
    fn texts_in_any_case_are_compared_like_names() {
        for (a, b, expected) in [
            (json!("Approve "), json!("approve"), true),
            (json!("é"), json!("E\u{301}"), true),
            (json!("Straße"), json!("STRASSE"), true),
            (json!("a"), json!("b"), false),
            (json!(1), json!(1.0), true),
            (json!(1), json!("1"), false),
            (json!("2024-05-01T00:00:00Z"), json!("2024-05-01T02:00:00+02:00"), true),
        ] {
            assert_eq!(equal_in_any_case(&a, &b), expected, "{a} {b}");
            assert_eq!(is_among_in_any_case(&a, std::slice::from_ref(&b)), expected, "{a} {b}");
        }
    }
}
