//! Chooses among the encodings of a file that a browser accepts.

use axum::http::header::{self, HeaderMap};

/// An encoding in which a file is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// The smallest encoding.
    Brotli,
    /// The encoding that every browser accepts.
    Gzip,
    /// No encoding.
    Plain,
}

impl Encoding {
    /// The suffix of a file's name in this encoding.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
            Self::Plain => "",
        }
    }

    /// Its name in `Content-Encoding`.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Plain => None,
        }
    }
}

/// The encodings that may be sent, best first.
pub fn accepted(headers: &HeaderMap) -> Vec<Encoding> {
    let said = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut forms: Vec<Encoding> = [Encoding::Brotli, Encoding::Gzip]
        .into_iter()
        .filter(|form| form.name().is_some_and(|name| said.split(',').any(|one| takes(one, name))))
        .collect();
    forms.push(Encoding::Plain);
    forms
}

/// Whether one entry, such as `gzip;q=0.8`, names this encoding and does not refuse it with `q=0`.
fn takes(entry: &str, name: &str) -> bool {
    let mut parts = entry.split(';').map(str::trim);
    let is_named = parts.next().is_some_and(|named| named.eq_ignore_ascii_case(name));
    let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Ok(1.0), str::parse::<f32>);
    is_named && weight.is_ok_and(|weight| weight > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn forms(said: &'static str) -> Vec<Encoding> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(said));
        accepted(&headers)
    }

    #[test]
    fn the_smallest_accepted_encoding_comes_first() {
        assert_eq!(forms("gzip, deflate, br, zstd"), [Encoding::Brotli, Encoding::Gzip, Encoding::Plain]);
        assert_eq!(forms("gzip"), [Encoding::Gzip, Encoding::Plain]);
        assert_eq!(forms("identity"), [Encoding::Plain]);
    }

    #[test]
    fn a_refused_encoding_is_not_sent() {
        assert_eq!(forms("br;q=0, gzip;q=0.5"), [Encoding::Gzip, Encoding::Plain]);
    }
}
