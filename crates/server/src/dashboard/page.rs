//! The page of all screens.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::files::File;

/// The placeholder in the page for the relative path to the root.
const BASE: &str = "<base href=\"./\" />";

/// The page shown if the dashboard was not built.
pub const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Docket</title>\
    <h1>This Docket was built without its dashboard</h1>\
    <p>The API and the command line work. To build the dashboard, run <code>cargo xtask web</code>, then build Docket \
    again; <code>make run</code> does both.</p></html>\n";

/// The page for one URL.
pub struct Page {
    /// Its HTML.
    pub html: String,
    /// Its ETag.
    pub etag: String,
}

/// The page for this path. All URLs in the page are relative to the root, and only the path determines how far up the
/// root is. If a proxy removed a prefix of the path, the remaining path still gives the right result.
pub fn at(path: &str) -> Option<Page> {
    let built = File::page()?;
    let html = String::from_utf8_lossy(&built).replacen(BASE, &format!("<base href=\"{}\" />", way_up(path)), 1);
    let mut hasher = DefaultHasher::new();
    html.hash(&mut hasher);
    Some(Page { etag: format!("\"{:016x}\"", hasher.finish()), html })
}

fn way_up(path: &str) -> String {
    match path.matches('/').count() {
        0 | 1 => "./".to_owned(),
        steps => "../".repeat(steps - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_relative_root_depends_on_the_depth_of_the_path() {
        for (path, up) in [("/", "./"), ("/cases", "./"), ("/cases/case_01", "../"), ("/objects/accounts/a", "../../")]
        {
            assert_eq!(way_up(path), up, "{path}");
        }
    }
}
