//! The cookie that holds a session's token.

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use docket_access::{SESSION_SECONDS_MAX, first_organization};
use docket_kernel::Scope;
use docket_storage::ReadError;

use crate::app::App;

/// The beginning of its name; an installation's suffix follows, because all ports of a host share their cookies.
pub(crate) const NAME: &str = "docket_session";
/// A token is 64 hexadecimal digits; a longer text can't be one.
const TOKEN_BYTES_MAX: usize = 128;

/// The cookie's name in this installation. It is looked up until an organization is set up; there is no session before.
pub(crate) async fn name_of(app: &App) -> Result<Arc<str>, ReadError> {
    if let Some(name) = app.cookie.get() {
        return Ok(Arc::clone(name));
    }
    let Some(organization) = app.reader.view(Scope::Installation, first_organization).await? else {
        return Ok(Arc::from(NAME));
    };
    let name = named_by(organization.as_str());
    Ok(Arc::clone(app.cookie.get_or_init(|| name)))
}

fn named_by(organization: &str) -> Arc<str> {
    let own = organization.rsplit('_').next().unwrap_or_default();
    format!("{NAME}_{own}").into()
}

/// The token in the cookies of this request.
pub(crate) async fn token_in(app: &App, headers: &HeaderMap) -> Result<Option<String>, ReadError> {
    if !headers.contains_key(header::COOKIE) {
        return Ok(None);
    }
    let name = name_of(app).await?;
    Ok(token_of(headers, &name).map(str::to_owned))
}

fn token_of<'h>(headers: &'h HeaderMap, own: &str) -> Option<&'h str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let token = pairs.find(|(name, _)| *name == own)?.1;
    (!token.is_empty() && token.len() <= TOKEN_BYTES_MAX).then_some(token)
}

/// Whether the browser sends a cookie only over TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Secure {
    Yes,
    No,
}

/// The header that sets a token in a browser, hidden from scripts and not sent with requests of other sites.
pub(crate) fn given(name: &str, token: &str, secure: Secure) -> String {
    written(name, token, SESSION_SECONDS_MAX, secure)
}

/// The header that removes the token.
pub(crate) fn taken_back(name: &str, secure: Secure) -> String {
    written(name, "", 0, secure)
}

fn written(name: &str, token: &str, seconds: i64, secure: Secure) -> String {
    let secure = if secure == Secure::Yes { "; Secure" } else { "" };
    format!("{name}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_token_is_found_among_other_cookies() {
        let table = [
            ("docket_session_a1=abc", Some("abc")),
            ("theme=dark; docket_session_b2=other; docket_session_a1=abc; x=1", Some("abc")),
            ("docket_session_a1=", None),
            ("docket_session_b2=other", None),
            ("docket_session=abc", None),
            ("xdocket_session_a1=abc", None),
            ("", None),
        ];
        for (line, token) in table {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_static(line));
            assert_eq!(token_of(&headers, &named_by("org_a1")), token, "{line}");
        }
    }

    #[test]
    fn a_cookie_is_hidden_from_scripts_and_secure_over_tls() {
        assert_eq!(
            given("docket_session_a1", "t", Secure::No),
            "docket_session_a1=t; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax"
        );
        assert!(given("docket_session_a1", "t", Secure::Yes).ends_with("; Secure"));
        assert!(taken_back("docket_session_a1", Secure::No).starts_with("docket_session_a1=; Path=/; Max-Age=0;"));
    }
}
