//! The cookie that holds a session's token.

use axum::http::{HeaderMap, header};
use docket_access::SESSION_SECONDS_MAX;

/// What it is called.
pub(crate) const NAME: &str = "docket_session";
/// A token is 64 hexadecimal digits; anything longer is none of ours.
const TOKEN_BYTES_MAX: usize = 128;

/// The token in a request's cookies.
pub(crate) fn token_of(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let token = pairs.find(|(name, _)| *name == NAME)?.1;
    (!token.is_empty() && token.len() <= TOKEN_BYTES_MAX).then_some(token)
}

/// Whether the browser sends a cookie over TLS alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Secure {
    Yes,
    No,
}

/// The header that gives a browser a token, out of the reach of scripts and of other sites' requests.
pub(crate) fn given(token: &str, secure: Secure) -> String {
    written(token, SESSION_SECONDS_MAX, secure)
}

/// The header that takes it back.
pub(crate) fn taken_back(secure: Secure) -> String {
    written("", 0, secure)
}

fn written(token: &str, seconds: i64, secure: Secure) -> String {
    let secure = if secure == Secure::Yes { "; Secure" } else { "" };
    format!("{NAME}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_token_is_found_among_other_cookies() {
        let table = [
            ("docket_session=abc", Some("abc")),
            ("theme=dark; docket_session=abc; x=1", Some("abc")),
            ("docket_session=", None),
            ("xdocket_session=abc", None),
            ("", None),
        ];
        for (line, token) in table {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_static(line));
            assert_eq!(token_of(&headers), token, "{line}");
        }
    }

    #[test]
    fn a_cookie_is_out_of_reach_and_over_tls_where_there_is_tls() {
        assert_eq!(given("t", Secure::No), "docket_session=t; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax");
        assert!(given("t", Secure::Yes).ends_with("; Secure"));
        assert!(taken_back(Secure::No).starts_with("docket_session=; Path=/; Max-Age=0;"));
    }
}
