//! Links in the documents lead to existing files, and pictures are small, for readers with slow connections.

use super::Breach;
use super::tree::{File, Tree};

const PICTURE_BYTES_MAX: u64 = 300 * 1000;
const PICTURES: &[&str] = &[".png", ".jpg", ".svg", ".gif", ".webp"];

/// Returns every link without a target, every picture that is too large, and every picture that no document shows.
pub fn check(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let mut shown = Vec::new();
    for paper in tree.files().iter().filter(|file| file.is("md")) {
        for (line, link) in links(paper) {
            let target = resolved(&paper.path, &link);
            if !tree.holds(&target) {
                breaches.push(Breach::new(&paper.path, line, format!("there is no {target}: fix the link")));
            }
            shown.push(target);
        }
    }
    for (path, bytes) in tree.sizes().filter(|(path, _)| is_picture(path)) {
        if bytes > PICTURE_BYTES_MAX {
            let words = format!("{bytes} bytes, {PICTURE_BYTES_MAX} at most: show less of the screen");
            breaches.push(Breach::new(path, 1, words));
        }
        if !shown.iter().any(|target| target == path) {
            breaches.push(Breach::new(path, 1, "no document shows this picture: remove it, or show it"));
        }
    }
    breaches
}

fn is_picture(path: &str) -> bool {
    path.starts_with("docs/") && PICTURES.iter().any(|ending| path.ends_with(ending))
}

/// The links of a document into this checkout, each with its line. Text in a code block is not a link.
fn links(paper: &File) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut is_code = false;
    for (above, line) in paper.text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        }
        if is_code || line.starts_with("    ") {
            continue;
        }
        for after in line.split("](").skip(1) {
            let link = after.split([')', '#', ' ']).next().unwrap_or_default();
            if !link.is_empty() && !link.contains(':') {
                found.push((above + 1, link.to_owned()));
            }
        }
    }
    found
}

/// The target of a file's link, as a path from the root.
fn resolved(from: &str, link: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.trim_end_matches('/').split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(files: &[(&str, &str)]) -> Vec<String> {
        check(&Tree::of(files)).into_iter().map(|breach| format!("{}:{}", breach.path, breach.line)).collect()
    }

    #[test]
    fn a_link_without_a_target_is_a_violation() {
        let tree = [
            ("README.md", "[a](docs/guide/a.md)\n[b](docs/guide/gone.md#part) [c](docs/guide)\n"),
            ("docs/guide/a.md", "[up](../../README.md) [far](https://example.com/x)\n    [code](nowhere.md)\n"),
        ];

        assert_eq!(words(&tree), ["README.md:2"]);
    }

    #[test]
    fn a_picture_that_is_too_large_or_not_shown_is_a_violation() {
        let heavy = "x".repeat(300_001);
        let tree = [
            ("docs/a.md", "![a](pictures/a.png) ![b](pictures/b.png)\n"),
            ("docs/pictures/a.png", "x"),
            ("docs/pictures/b.png", &heavy),
            ("docs/pictures/c.png", "x"),
        ];

        assert_eq!(words(&tree), ["docs/pictures/b.png:1", "docs/pictures/c.png:1"]);
    }
}
