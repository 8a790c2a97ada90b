//! What counts as a whole number.

use serde_json::Number;

/// Whether a number is written as whole, and in so few digits that none is lost: `5` is, and `5.0`, `5e2` and twenty-five
/// digits are not. Whoever reads it back as a whole number can.
pub fn is_whole(number: &Number) -> bool {
    number.is_i64() || number.is_u64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_those_that_are_read_back_as_such() {
        let whole = |text: &str| is_whole(&serde_json::from_str(text).unwrap());

        for text in ["0", "-5", "9223372036854775807", "-9223372036854775808", "18446744073709551615"] {
            assert!(whole(text), "{text}");
        }
        for text in ["0.5", "5.0", "1e2", "9007199254740993.0", "18446744073709551616", "-9223372036854775809"] {
            assert!(!whole(text), "{text}");
        }
    }
}
