//! The origin of a browser's request. Browsers also send a cookie with requests that other sites make; the `Origin`
//! header distinguishes them, and no page can set it.

use axum::http::{HeaderMap, header};

use crate::app::Settings;
use crate::cookie::Secure;
use crate::error::ErrorDocument;

/// Refuses (403) a request that does not come from one of Docket's pages: its `Origin` must be present and must name
/// the request's host or the public address.
pub(crate) fn is_ours(headers: &HeaderMap, settings: &Settings) -> Result<(), ErrorDocument> {
    let Some(origin) = text(headers, header::ORIGIN.as_str()) else {
        return Err(refused("a change made with a session needs the Origin header that browsers send"));
    };
    let Some((scheme, host)) = origin.split_once("://") else {
        return Err(refused("the Origin of this request is not a valid address; use Docket from its own pages"));
    };
    let is_public = settings.public_url.as_deref().is_some_and(|url| origin_of(url) == origin.to_ascii_lowercase());
    let is_here = ["host", "x-forwarded-host"]
        .into_iter()
        .filter_map(|name| text(headers, name))
        .any(|here| without_port(scheme, here).eq_ignore_ascii_case(without_port(scheme, host)));
    if is_public || is_here {
        return Ok(());
    }
    Err(refused("this request comes from the pages of another site; use Docket from its own pages"))
}

/// The same check if the browser sends an `Origin`; programs do not send one.
pub(crate) fn is_not_foreign(headers: &HeaderMap, settings: &Settings) -> Result<(), ErrorDocument> {
    if headers.contains_key(header::ORIGIN) { is_ours(headers, settings) } else { Ok(()) }
}

/// Whether the browser connects over TLS.
pub(crate) fn secure(headers: &HeaderMap, settings: &Settings) -> Secure {
    let is_https = |url: &str| url.to_ascii_lowercase().starts_with("https://");
    let is_tls = text(headers, header::ORIGIN.as_str()).is_some_and(is_https)
        || settings.public_url.as_deref().is_some_and(is_https);
    if is_tls { Secure::Yes } else { Secure::No }
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// Scheme and host of an address, without the rest.
fn origin_of(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let host = rest.split('/').next().unwrap_or_default();
    format!("{scheme}://{}", without_port(scheme, host)).to_ascii_lowercase()
}

/// A host without the port that its scheme implies, which browsers leave out.
fn without_port<'h>(scheme: &str, host: &'h str) -> &'h str {
    let usual = if scheme.eq_ignore_ascii_case("https") { ":443" } else { ":80" };
    host.strip_suffix(usual).unwrap_or(host)
}

fn refused(details: &str) -> ErrorDocument {
    ErrorDocument::forbidden(details).coded("origin")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_request_of_our_own_pages_names_our_host() {
        let public = Settings { public_url: Some("https://Docket.bank.example/app".into()), ..Settings::default() };
        let table = [
            ("http://127.0.0.1:8080", "127.0.0.1:8080", true),
            ("https://docket.example", "docket.example", true),
            ("https://docket.example", "docket.example:443", true),
            ("http://docket.example", "docket.example:80", true),
            ("https://DOCKET.example", "docket.example", true),
            ("https://docket.bank.example", "10.0.0.7:8080", true),
            ("https://docket.bank.example.evil.example", "10.0.0.7:8080", false),
            ("http://docket.bank.example", "10.0.0.7:8080", false),
            ("http://evil.example", "127.0.0.1:8080", false),
            ("http://127.0.0.1:9090", "127.0.0.1:8080", false),
            ("null", "127.0.0.1:8080", false),
            ("", "127.0.0.1:8080", false),
        ];
        for (origin, host, ours) in table {
            let judged = is_ours(&headers(&[("origin", origin), ("host", host)]), &public);
            assert_eq!(judged.is_ok(), ours, "{origin} at {host}");
        }
        assert!(is_ours(&headers(&[("host", "a")]), &public).is_err());
        assert!(is_not_foreign(&headers(&[("host", "a")]), &public).is_ok());
        let proxied = headers(&[("origin", "https://a.example"), ("host", "b"), ("x-forwarded-host", "a.example")]);
        assert!(is_ours(&proxied, &Settings::default()).is_ok());
    }

    #[test]
    fn a_cookie_is_for_tls_where_the_browser_comes_over_tls() {
        let plain = Settings::default();
        assert_eq!(secure(&headers(&[("origin", "https://a.example")]), &plain), Secure::Yes);
        assert_eq!(secure(&headers(&[("origin", "http://a.example")]), &plain), Secure::No);
        let public = Settings { public_url: Some("https://a.example".into()), ..plain };
        assert_eq!(secure(&headers(&[]), &public), Secure::Yes);
    }
}
