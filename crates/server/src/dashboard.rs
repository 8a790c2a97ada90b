//! The dashboard: the built `web/`, embedded in the binary.
//!
//! It works below any path that a proxy adds: a page contains the relative path to the root (`page.rs`), and all other
//! URLs are relative to it. A file with its hash in its name never changes; the page is revalidated at every request.

mod encoding;
mod files;
mod page;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, Response, StatusCode};
use axum::middleware::{Next, from_fn};

use files::File;

/// The first path segments that never belong to the dashboard, whatever the request accepts.
const NOT_OURS: &[&str] = &["api", "ingest", "livez", "readyz", "metrics"];

/// Paths at which people look for the guide, and the guide's first page relative to each, whatever path a proxy adds.
const TO_THE_GUIDE: &[(&str, &str)] = &[
    ("docs", "docs/guide/README.html"),
    ("docs/", "guide/README.html"),
    ("docs/guide", "guide/README.html"),
    ("docs/guide/", "README.html"),
];

/// The content security policy of the dashboard's pages: only resources of the same origin.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; \
    connect-src 'self'; worker-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

/// Serves the dashboard to browsers that request pages, and passes all other requests to the router.
pub fn beside(router: Router) -> Router {
    router.layer(from_fn(serve))
}

async fn serve(request: Request, next: Next) -> Response<Body> {
    match answer(request.method(), request.uri().path(), request.headers()) {
        Some(response) => response,
        None => next.run(request).await,
    }
}

/// The response, if the request is for the dashboard.
fn answer(method: &Method, path: &str, headers: &HeaderMap) -> Option<Response<Body>> {
    let name = path.strip_prefix('/')?;
    let first = name.split('/').next().unwrap_or_default();
    if (method != Method::GET && method != Method::HEAD) || NOT_OURS.contains(&first) {
        return None;
    }
    if let Some((_, first)) = TO_THE_GUIDE.iter().find(|(known, _)| *known == name) {
        return Some(guarded(lead_to(first)));
    }
    if let Some(file) = File::find(name) {
        return Some(guarded(send_file(file, headers)));
    }
    // The URL of a screen; the router in the page resolves it. Programs that do not accept HTML get a 404.
    wants_page(headers).then(|| guarded(send_page(path, headers)))
}

fn lead_to(place: &str) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::FOUND;
    set(&mut response, header::LOCATION, place);
    response
}

fn wants_page(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.contains("text/html")
}

fn send_file(file: File, headers: &HeaderMap) -> Response<Body> {
    let cache = if file.is_forever() { "public, max-age=31536000, immutable" } else { "no-cache" };
    let etag = file.etag();
    if is_known(headers, &etag) {
        return not_modified(&etag, cache);
    }
    let kind = file.kind();
    let (encoding, bytes) = file.into_encoded(encoding::accepted(headers));
    let mut response = Response::new(Body::from(bytes));
    set(&mut response, header::CONTENT_TYPE, kind);
    set(&mut response, header::CACHE_CONTROL, cache);
    set(&mut response, header::ETAG, &etag);
    set(&mut response, header::VARY, "accept-encoding");
    if let Some(encoding) = encoding {
        set(&mut response, header::CONTENT_ENCODING, encoding);
    }
    response
}

fn send_page(path: &str, headers: &HeaderMap) -> Response<Body> {
    let Some(page) = page::at(path) else {
        let mut response = Response::new(Body::from(page::NOT_BUILT));
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        set(&mut response, header::CONTENT_TYPE, "text/html; charset=utf-8");
        set(&mut response, header::CACHE_CONTROL, "no-store");
        return response;
    };
    if is_known(headers, &page.etag) {
        return not_modified(&page.etag, "no-cache");
    }
    let mut response = Response::new(Body::from(page.html));
    set(&mut response, header::CONTENT_TYPE, "text/html; charset=utf-8");
    set(&mut response, header::CACHE_CONTROL, "no-cache");
    set(&mut response, header::ETAG, &page.etag);
    response
}

fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    known.split(',').any(|one| one.trim().trim_start_matches("W/") == etag)
}

fn not_modified(etag: &str, cache: &str) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    set(&mut response, header::ETAG, etag);
    set(&mut response, header::CACHE_CONTROL, cache);
    response
}

/// Adds the headers that protect a page and its reader.
fn guarded(mut response: Response<Body>) -> Response<Body> {
    set(&mut response, header::CONTENT_SECURITY_POLICY, POLICY);
    set(&mut response, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(&mut response, header::X_FRAME_OPTIONS, "DENY");
    set(&mut response, header::REFERRER_POLICY, "same-origin");
    set(&mut response, HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    response
}

fn set(response: &mut Response<Body>, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_opens_at_every_path_that_redirects_to_it() {
        for (path, place) in [
            ("/docs", "docs/guide/README.html"),
            ("/docs/", "guide/README.html"),
            ("/docs/guide", "guide/README.html"),
            ("/docs/guide/", "README.html"),
        ] {
            let response = answer(&Method::GET, path, &HeaderMap::new()).expect("an answer");

            assert_eq!(response.status(), StatusCode::FOUND, "{path}");
            assert_eq!(response.headers()[header::LOCATION], place, "{path}");
        }
    }

    fn asked(path: &str, accept: &str) -> Option<Response<Body>> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_str(accept).expect("a header"));
        answer(&Method::GET, path, &headers)
    }

    const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

    #[test]
    fn a_browser_gets_a_page_at_every_address_of_a_screen() {
        for path in ["/", "/cases", "/cases/case_01", "/runs/wfr_01/"] {
            let response = asked(path, BROWSER).expect("a page");

            let kind = response.headers()[header::CONTENT_TYPE].to_str().expect("text");
            assert!(kind.starts_with("text/html"), "{path}: {kind}");
        }
    }

    #[test]
    fn the_dashboard_does_not_answer_programs_and_the_api() {
        for (path, accept) in
            [("/cases", "*/*"), ("/api/v1/cases", BROWSER), ("/ingest/src_01", BROWSER), ("/readyz", BROWSER)]
        {
            assert!(asked(path, accept).is_none(), "{path}");
        }
        assert!(answer(&Method::POST, "/", &HeaderMap::new()).is_none());
    }

    #[test]
    fn every_response_has_the_security_headers() {
        let response = asked("/", BROWSER).expect("a page");

        let headers = response.headers();
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().expect("text");
        assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        assert!(!policy.contains("unsafe"));
    }

    #[test]
    fn an_unchanged_file_is_not_sent_again() {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static("\"one\", W/\"two\""));

        assert!(is_known(&headers, "\"one\"") && is_known(&headers, "\"two\"") && !is_known(&headers, "\"three\""));
    }
}
