//! What conditions compare with: numbers, dates and texts in order.

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::{Number, Value};

use crate::reference::{object_of, object_reference};

/// Whether two values are the same: numbers by their worth (1 = 1.0), two points in time with an offset by the instant,
/// other texts letter by letter, lists and objects part by part, and where one is an object reference by type and id.
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
    written_as_instant(a)
        && written_as_instant(b)
        && matches!((a.parse::<Timestamp>(), b.parse::<Timestamp>()), (Ok(a), Ok(b)) if a == b)
}

/// How two numbers stand to each other, whole numbers without loss.
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

/// The instant an ISO 8601 text names: a date-time with an offset, or without one (taken as UTC), or a date (its first
/// moment in UTC).
pub(crate) fn instant(text: &str) -> Option<Timestamp> {
    if is_date(text) {
        let midnight = text.parse::<Date>().ok()?.to_datetime(jiff::civil::Time::midnight());
        return midnight.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    }
    if !is_date_time_shape(text) {
        return None;
    }
    let with_offset = text.parse::<Timestamp>().ok();
    with_offset.or_else(|| text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp()))
}

/// Whether the text is a calendar date, `2024-05-01`.
pub(crate) fn is_date(text: &str) -> bool {
    text.len() == 10 && text.as_bytes()[4] == b'-' && text.parse::<Date>().is_ok()
}

/// Whether the text is a date-time, `2024-05-01T09:30:00Z`, with or without an offset.
pub(crate) fn is_date_time(text: &str) -> bool {
    is_date_time_shape(text) && instant(text).is_some()
}

fn is_date_time_shape(text: &str) -> bool {
    const CHARS_MAX: usize = 40;
    (16..=CHARS_MAX).contains(&text.len()) && matches!(text.as_bytes()[10], b'T' | b't' | b' ')
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
    fn numbers_stand_in_order_without_loss() {
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
    fn values_are_equal_by_worth() {
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
    fn dates_and_date_times_are_instants() {
        for (a, b) in [
            ("2024-05-01", "2024-05-01T00:00:00Z"),
            ("2024-05-01T10:00:00", "2024-05-01T10:00:00Z"),
            ("2024-05-01T10:00:00.000Z", "2024-05-01T12:00+02:00"),
            ("2024-05-01 10:00:00", "2024-05-01T10:00Z"),
        ] {
            assert!(instant(a).is_some(), "{a}");
            assert_eq!(instant(a), instant(b), "{a} {b}");
        }
        for bad in
            ["", "today", "2024-13-01", "2024-05-01T25:00:00Z", "20240501", "1", "2024-05", "éééééééééé", "2023-02-29"]
        {
            assert_eq!(instant(bad), None, "{bad}");
        }
    }
}
