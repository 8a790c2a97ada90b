//! Integers in JSON.

use serde_json::Number;

/// Whether a number is an integer literal that fits in 64 bits: `5` is; `5.0`, `5e2` and a literal of 25 digits are
/// not. Such a number can be parsed as an integer without loss.
pub fn is_whole(number: &Number) -> bool {
    number.is_i64() || number.is_u64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_the_literals_that_parse_back_as_integers() {
        let whole = |text: &str| is_whole(&serde_json::from_str(text).unwrap());

        for text in ["0", "-5", "9223372036854775807", "-9223372036854775808", "18446744073709551615"] {
            assert!(whole(text), "{text}");
        }
        for text in ["0.5", "5.0", "1e2", "9007199254740993.0", "18446744073709551616", "-9223372036854775809"] {
            assert!(!whole(text), "{text}");
        }
    }
}
