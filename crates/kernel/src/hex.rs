//! Bytes as hexadecimal text.

use sha2::{Digest, Sha256};

/// Bytes as lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| char::from(DIGITS[usize::from(half & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

/// The SHA-256 of bytes, as lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The bytes of a hexadecimal text; `None` for any other text.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let half = |digit: u8| char::from(digit).to_digit(16).and_then(|half| u8::try_from(half).ok());
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| <[u8; 2]>::try_from(pair).ok().and_then(|[a, b]| Some(half(a)? << 4 | half(b)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_survive_a_round_trip_through_hexadecimal() {
        let bytes: Vec<u8> = (0..=255).collect();

        assert_eq!(unhex(&hex(&bytes)), Some(bytes));
        assert_eq!(hex(&[0, 255]), "00ff");
        for odd in ["0", "0g", "+1", "é"] {
            assert_eq!(unhex(odd), None, "{odd}");
        }
    }
}
