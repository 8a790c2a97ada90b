//! What counts as a whole number.

use serde_json::Number;

/// Beyond this, a number with a point or an exponent may have lost digits when it was read.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// Whether a number is whole and was read without loss: `5`, `5.0` and `5e2` are; `0.5` and twenty-five digits are not.
pub fn is_whole(number: &Number) -> bool {
    let is_exact = |number: f64| number.fract() == 0.0 && number.abs() <= EXACT_MAX;
    number.is_i64() || number.is_u64() || number.as_f64().is_some_and(is_exact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_those_that_lost_nothing() {
        let whole = |text: &str| is_whole(&serde_json::from_str(text).unwrap());

        for text in ["0", "-5", "5.0", "1e2", "9223372036854775807", "18446744073709551615", "9007199254740992.0"] {
            assert!(whole(text), "{text}");
        }
        for text in ["0.5", "18446744073709551616", "123456789012345678901234567890", "-9223372036854775809"] {
            assert!(!whole(text), "{text}");
        }
    }
}
