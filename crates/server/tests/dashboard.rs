//! The dashboard served by the real binary, directly and below a path that a proxy adds.

mod support;

use docket_testkit::On;
use reqwest::Response;
use support::{Installation, Server, client};

const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

async fn open(server: &Server, path: &str) -> Response {
    let request = client().get(format!("{}{path}", server.url)).header("accept", BROWSER);
    request.header("accept-encoding", "br, gzip").send().await.expect("an answer")
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// The URLs of scripts, styles and images in a page.
fn named_in(html: &str) -> Vec<&str> {
    let marks = ["src=\"", "href=\""];
    let named = marks.iter().flat_map(|mark| html.split(mark).skip(1).filter_map(|rest| rest.split('"').next()));
    named.filter(|name| name.contains('.') && !name.ends_with('/')).collect()
}

#[tokio::test]
async fn a_browser_gets_the_dashboard_or_a_page_on_how_to_build_it() {
    let server = Installation::bare(On::Sqlite).await.serve().await;

    let response = open(&server, "/cases/case_01").await;

    assert!(header(&response, "content-security-policy").contains("frame-ancestors 'none'"));
    assert_eq!(header(&response, "x-content-type-options"), "nosniff");
    let (status, html) = (response.status(), response.text().await.expect("a page"));
    if status == 503 {
        assert!(html.contains("cargo xtask web"), "{html}");
        support::skip("the dashboard is not built here");
        return;
    }
    assert!(html.contains("<base href=\"../\" />"), "{html}");
}

#[tokio::test]
async fn every_file_of_the_page_exists_compressed_and_cacheable() {
    let server = Installation::bare(On::Sqlite).await.serve().await;
    let page = open(&server, "/").await;
    if page.status() == 503 {
        return support::skip("the dashboard is not built here");
    }
    let etag = header(&page, "etag").to_owned();
    let html = page.text().await.expect("a page");

    let named = named_in(&html);
    assert!(named.len() >= 4, "{named:?}");
    for name in named {
        let file = open(&server, &format!("/{}", name.trim_start_matches("./"))).await;
        assert_eq!(file.status(), 200, "{name}");
        assert!(!header(&file, "content-type").starts_with("text/html"), "{name}");
        if name.contains("assets/") {
            assert!(header(&file, "cache-control").contains("immutable"), "{name}");
            let (encoding, bytes) = (header(&file, "content-encoding").to_owned(), file.bytes().await.expect("a file"));
            // Files of a few hundred bytes are not compressed, because nothing would be saved.
            assert!(encoding == "br" || bytes.len() < 512, "{name}: {encoding}, {} bytes", bytes.len());
        }
    }
    let again = client().get(&server.url).header("accept", BROWSER).header("if-none-match", etag).send().await;
    assert_eq!(again.expect("an answer").status(), 304);
}

#[tokio::test]
async fn the_api_keeps_its_answers_for_programs_and_browsers() {
    let server = Installation::bare(On::Sqlite).await.serve().await;

    let unknown = open(&server, "/api/v1/nothing").await;
    let for_a_program = client().get(format!("{}/cases", server.url)).send().await.expect("an answer");

    assert_eq!(unknown.status(), 401);
    assert_eq!(header(&unknown, "content-type"), "application/json; charset=utf-8");
    assert_eq!(for_a_program.status(), 401);
}
