//! The signature of a vendor's webhook: `t=<seconds>,v1=<hex>`, where `v1` is HMAC-SHA256 over `<t>.<raw body>`.
//! During a rotation a vendor sends several sets, separated by a space.

use docket_kernel::{Moment, hex, unhex};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The maximum difference between a signature's time and the server's time, in seconds, in either direction.
const TOLERANCE_SECONDS: i64 = 300;
/// The maximum number of sets that are checked.
const SETS_MAX: usize = 8;

/// The result of verifying a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The signature was made with one of the secrets, at an acceptable time.
    Holds,
    /// The signature or its time is invalid. All failures have the same result, so that a forger learns nothing.
    Fails,
}

fn mac(secret: &str, seconds: i64, body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(seconds.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    Some(mac)
}

/// Signs a body like a vendor.
pub fn sign(secret: &str, now: Moment, body: &[u8]) -> String {
    let seconds = now.seconds();
    let tag = mac(secret, seconds, body).map(|mac| mac.finalize().into_bytes()).unwrap_or_default();
    format!("t={seconds},v1={}", hex(&tag))
}

/// Verifies a signature over the raw bytes of a body, in constant time.
pub fn verify(secrets: &[&str], header: &str, body: &[u8], now: Moment) -> Verdict {
    let holds = header.split_ascii_whitespace().take(SETS_MAX).any(|set| {
        let Some((seconds, tag)) = parse(set) else { return false };
        if seconds.abs_diff(now.seconds()) > TOLERANCE_SECONDS.unsigned_abs() {
            return false;
        }
        secrets
            .iter()
            .filter(|secret| !secret.is_empty())
            .any(|secret| mac(secret, seconds, body).is_some_and(|mac| mac.verify_slice(&tag).is_ok()))
    });
    if holds { Verdict::Holds } else { Verdict::Fails }
}

fn parse(set: &str) -> Option<(i64, Vec<u8>)> {
    let (mut seconds, mut tag) = (None, None);
    for part in set.split(',') {
        match part.split_once('=')? {
            ("t", value) => seconds = Some(value.parse().ok()?),
            ("v1", value) => tag = Some(unhex(value)?),
            _ => {}
        }
    }
    Some((seconds?, tag?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment(1_700_000_000_000_000);

    fn judged(header: &str, body: &[u8]) -> Verdict {
        verify(&["old", "new"], header, body, NOW)
    }

    #[test]
    fn a_body_signed_with_either_live_secret_holds() {
        assert_eq!(judged(&sign("old", NOW, b"{}"), b"{}"), Verdict::Holds);
        assert_eq!(judged(&sign("new", NOW, b"{}"), b"{}"), Verdict::Holds);
        let both = format!("{} {}", sign("gone", NOW, b"{}"), sign("new", NOW, b"{}"));
        assert_eq!(judged(&both, b"{}"), Verdict::Holds);
    }

    #[test]
    fn the_signature_matches_another_implementation() {
        // HMAC-SHA256("secret", "1700000000.{}"), computed with another implementation.
        assert_eq!(
            sign("secret", NOW, b"{}"),
            "t=1700000000,v1=b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163"
        );
    }

    #[test]
    fn anything_else_fails() {
        let good = sign("old", NOW, b"{}");
        for (header, body) in [
            (good.as_str(), b"{} ".as_slice()),
            (&sign("other", NOW, b"{}"), b"{}"),
            (&sign("old", NOW.plus_seconds(-301), b"{}"), b"{}"),
            (&sign("old", NOW.plus_seconds(301), b"{}"), b"{}"),
            (&good[..good.len() - 2], b"{}"),
            (&format!("{good}00"), b"{}"),
            ("", b"{}"),
            ("t=1700000000", b"{}"),
            ("v1=00", b"{}"),
            ("t=x,v1=y", b"{}"),
        ] {
            assert_eq!(judged(header, body), Verdict::Fails, "{header}");
        }
    }

    #[test]
    fn an_empty_secret_signs_nothing() {
        assert_eq!(verify(&[""], &sign("", NOW, b"{}"), b"{}", NOW), Verdict::Fails);
    }

    #[test]
    fn a_signature_within_five_minutes_is_accepted() {
        for seconds in [-300, 300] {
            assert_eq!(judged(&sign("old", NOW.plus_seconds(seconds), b"{}"), b"{}"), Verdict::Holds);
        }
    }
}
