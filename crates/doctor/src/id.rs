//! Compact ids and texts, because the doctor stores very many of them.

use std::collections::HashMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const PREFIX_BYTES: usize = 7;

/// An id of a row. An id in Docket's own format takes no memory besides this value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Id {
    /// A prefix, padded with zeros, and 128 bits.
    Ours([u8; PREFIX_BYTES], [u8; 16]),
    /// Any other text.
    Other(Box<str>),
}

impl Id {
    pub fn of(text: &str) -> Self {
        Self::ours(text).unwrap_or_else(|| Self::Other(text.into()))
    }

    fn ours(text: &str) -> Option<Self> {
        let (prefix, rest) = text.split_once('_')?;
        if prefix.len() > PREFIX_BYTES || prefix.contains('\0') || rest.len() != 26 {
            return None;
        }
        let mut bits: u128 = 0;
        for digit in rest.bytes() {
            let value = ALPHABET.iter().position(|known| *known == digit)?;
            bits = bits.checked_mul(32)?.checked_add(value as u128)?;
        }
        let mut padded = [0; PREFIX_BYTES];
        padded[..prefix.len()].copy_from_slice(prefix.as_bytes());
        Some(Self::Ours(padded, bits.to_be_bytes()))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ours(prefix, bits) => {
                let prefix = String::from_utf8_lossy(prefix);
                let bits = u128::from_be_bytes(*bits);
                let digit = |place: u32| char::from(ALPHABET[usize::try_from((bits >> (place * 5)) & 31).unwrap_or(0)]);
                let digits: String = (0..26_u32).rev().map(digit).collect();
                write!(f, "{}_{digits}", prefix.trim_end_matches('\0'))
            }
            Self::Other(text) => f.write_str(text),
        }
    }
}

/// A hash of a text.
pub(crate) fn hash(text: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Texts that many rows share, each stored once: names of events, statuses, steps, environments.
#[derive(Debug)]
pub(crate) struct Words {
    places: HashMap<Arc<str>, u32>,
    words: Vec<Arc<str>>,
}

/// The index of one of the [`Words`]; 0 is no word.
pub(crate) type Word = u32;

impl Default for Words {
    fn default() -> Self {
        let none: Arc<str> = Arc::from("");
        Self { places: HashMap::from([(Arc::clone(&none), 0)]), words: vec![none] }
    }
}

impl Words {
    pub fn add(&mut self, text: &str) -> Word {
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        let (place, text) = (u32::try_from(self.words.len()).unwrap_or(u32::MAX), Arc::<str>::from(text));
        self.places.insert(Arc::clone(&text), place);
        self.words.push(text);
        place
    }

    pub fn add_some(&mut self, text: Option<&str>) -> Word {
        text.map_or(0, |text| self.add(text))
    }

    pub fn get(&self, word: Word) -> &str {
        self.words.get(word as usize).map_or("", |text| text)
    }

    /// The word, or `None` for 0.
    pub fn some(&self, word: Word) -> Option<&str> {
        (word != 0).then(|| self.get(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_back_as_they_are_written() {
        let ids = [
            "case_01h455vb4pex5vsknk084sn02q",
            "cmt_7zzzzzzzzzzzzzzzzzzzzzzzzz",
            "evt_8zzzzzzzzzzzzzzzzzzzzzzzzz",
            "inq_abc",
            "longprefix_01h455vb4pex5vsknk084sn02q",
            "_00000000000000000000000000",
            "case_01H455VB4PEX5VSKNK084SN02Q",
            "",
            "env_1/act_2",
        ];
        for id in ids {
            assert_eq!(Id::of(id).to_string(), id);
        }
        assert!(matches!(Id::of(ids[0]), Id::Ours(..)));
        assert_eq!(size_of::<Id>(), 24);
    }
}
