//! The page that all screens begin from.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::files::File;

/// Stands in the page where the way up to the root goes.
const BASE: &str = "<base href=\"./\" />";

/// What a browser is shown where the dashboard was not built.
pub const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Docket</title>\
    <h1>This Docket was built without its dashboard</h1>\
    <p>The API and the command line work. To build the dashboard, run <code>cargo xtask web</code>, then build Docket \
    again; <code>make run</code> does both.</p></html>\n";

/// The page for one address.
pub struct Page {
    /// What it holds.
    pub html: String,
    /// Its tag.
    pub etag: String,
}

/// The page as it must be at this path: everything in it is named from the root, and only the path tells how far up that
/// is. A proxy may have taken a part off the front; what is left still counts right.
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
    fn the_way_up_is_as_long_as_the_path() {
        for (path, up) in [("/", "./"), ("/cases", "./"), ("/cases/case_01", "../"), ("/objects/accounts/a", "../../")]
        {
            assert_eq!(way_up(path), up, "{path}");
        }
    }
}
