//! Conversion of a value to the type of another field, where this loses nothing.

use std::collections::HashMap;

use serde_json::{Number, Value};

use crate::fields::{FieldSchema, FieldType};

/// The value in the form that the field accepts; `None` if it can't be converted. Mapped options are replaced first.
pub(crate) fn converted(value: &Value, to: &FieldSchema, options: &HashMap<String, String>) -> Option<Value> {
    let renamed = value.as_str().and_then(|text| options.get(text)).map(|option| Value::String(option.clone()));
    let value = renamed.as_ref().unwrap_or(value);
    if to.judge(value).is_ok() {
        return Some(value.clone());
    }
    let new = match (to.r#type, value) {
        (FieldType::String, Value::Number(_) | Value::Bool(_)) => Value::String(value.to_string()),
        (FieldType::Integer, Value::Number(number)) => {
            let whole = number.as_f64().filter(|float| float.fract() == 0.0)?;
            Value::Number(format!("{whole:.0}").parse::<i64>().ok()?.into())
        }
        (FieldType::Integer, Value::String(text)) => Value::Number(text.trim().parse::<i64>().ok()?.into()),
        (FieldType::Number, Value::String(text)) => number(text.trim())?,
        (FieldType::Boolean, Value::String(text)) => match text.trim().to_lowercase().as_str() {
            "true" | "yes" => Value::Bool(true),
            "false" | "no" => Value::Bool(false),
            _ => return None,
        },
        (FieldType::Date, Value::String(text)) => Value::String(text.trim().get(..10)?.to_owned()),
        (FieldType::Datetime, Value::String(text)) => Value::String(format!("{}T00:00:00Z", text.trim())),
        _ => return None,
    };
    // Only a date and time converts to a date.
    let is_cut = to.r#type == FieldType::Date
        && value.as_str().is_some_and(|text| docket_kernel::Moment::parse(text.trim()).is_none());
    (!is_cut && to.judge(&new).is_ok()).then_some(new)
}

/// A number as it is written. A floating-point number preserves 15 digits reliably; a longer one would change.
fn number(text: &str) -> Option<Value> {
    const DIGITS_KEPT: usize = 15;
    let whole = text.parse::<i64>().map(Number::from).or_else(|_| text.parse::<u64>().map(Number::from));
    if let Ok(whole) = whole {
        return Some(Value::Number(whole));
    }
    let written = text.split(['e', 'E']).next().unwrap_or_default();
    let digits = written.bytes().filter(u8::is_ascii_digit).skip_while(|digit| *digit == b'0').count();
    let float = text.parse::<f64>().ok().filter(|float| digits <= DIGITS_KEPT && (float.is_normal() || digits == 0))?;
    Number::from_f64(float).map(Value::Number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_converted_where_nothing_is_lost() {
        let field =
            |kind: FieldType| FieldSchema { options: vec!["low".into(), "high".into()], ..FieldSchema::new("k", kind) };
        let options = HashMap::from([("severe".to_owned(), "high".to_owned())]);
        for (value, to, new) in [
            (json!(5), FieldType::String, json!("5")),
            (json!(true), FieldType::String, json!("true")),
            (json!(5.0), FieldType::Integer, json!(5)),
            (json!(5.5), FieldType::Integer, json!(null)),
            (json!(" 7 "), FieldType::Integer, json!(7)),
            (json!("seven"), FieldType::Integer, json!(null)),
            (json!("7.25"), FieldType::Number, json!(7.25)),
            (json!("inf"), FieldType::Number, json!(null)),
            (json!("-0.00"), FieldType::Number, json!(-0.0)),
            (json!("0.00123456789012345"), FieldType::Number, json!(0.001_234_567_890_123_45)),
            (json!("0.001234567890123456"), FieldType::Number, json!(null)),
            (json!("18446744073709551615"), FieldType::Number, json!(u64::MAX)),
            (json!("18446744073709551616"), FieldType::Number, json!(null)),
            (json!("1e-400"), FieldType::Number, json!(null)),
            (json!("1e400"), FieldType::Number, json!(null)),
            (json!("Yes"), FieldType::Boolean, json!(true)),
            (json!("perhaps"), FieldType::Boolean, json!(null)),
            (json!(1), FieldType::Boolean, json!(null)),
            (json!("2026-01-31T09:30:00Z"), FieldType::Date, json!("2026-01-31")),
            (json!("2026-01-31 or so"), FieldType::Date, json!(null)),
            (json!("2026-01-31"), FieldType::Datetime, json!("2026-01-31T00:00:00Z")),
            (json!("low"), FieldType::Choices, json!("low")),
            (json!("severe"), FieldType::Choices, json!("high")),
            (json!("other"), FieldType::Choices, json!(null)),
        ] {
            let wanted = if new.is_null() { None } else { Some(new) };
            assert_eq!(converted(&value, &field(to), &options), wanted, "{value} to {to}");
        }
    }
}
