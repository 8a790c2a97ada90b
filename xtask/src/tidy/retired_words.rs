//! Documents and comments use plain technical English: STYLE.md, "English", lists the retired words.

use super::Breach;
use super::lexer::{Piece, take_apart};
use super::tree::{File, Tree};

/// In lower case.
const RETIRED: &[&str] = &["told", "whoever", "somebody", "nobody", "mend", "shall"];

/// How many retired words are left in comments. Lower it when comments are rewritten, and never raise it.
const LEFT_IN_COMMENTS: usize = 0;

/// Paths that the rule skips: the style guide quotes the words, and test runs write the reports.
const SKIPPED: &[&str] = &["STYLE.md", "docs/reports/"];

/// Reports every retired word in a document, and those in comments if there are more than are left.
pub fn check(tree: &Tree) -> Vec<Breach> {
    let mut breaches = in_documents(tree);
    breaches.extend(in_comments(tree, LEFT_IN_COMMENTS));
    breaches
}

fn in_documents(tree: &Tree) -> Vec<Breach> {
    let is_skipped = |file: &File| SKIPPED.iter().any(|path| file.path.starts_with(path));
    let documents = tree.files().iter().filter(|file| file.is("md") && !is_skipped(file));
    documents.flat_map(|file| places(file, &prose(&file.text))).collect()
}

fn in_comments(tree: &Tree, left: usize) -> Vec<Breach> {
    let found: Vec<Breach> = tree.files().iter().flat_map(|file| places(file, &comments(file))).collect();
    if found.len() > left { found } else { Vec::new() }
}

/// One breach for each retired word on each line.
fn places(file: &File, lines: &[Piece]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for line in lines {
        let text = without_code_spans(&line.text).to_lowercase();
        let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        for retired in RETIRED.iter().filter(|retired| words.contains(retired)) {
            let advice =
                format!("\"{retired}\" is a retired word: name the component and the action (STYLE.md, English)");
            breaches.push(Breach::new(&file.path, line.line, advice));
        }
    }
    breaches
}

/// What is between backticks is a name, not prose.
fn without_code_spans(text: &str) -> String {
    text.split('`').step_by(2).collect::<Vec<_>>().join(" ")
}

/// The lines of a document without its blocks of code.
fn prose(text: &str) -> Vec<Piece> {
    let mut lines = Vec::new();
    let mut is_code = false;
    for (above, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        } else if !is_code && !line.starts_with("    ") {
            lines.push(Piece { line: above + 1, text: line.to_owned() });
        }
    }
    lines
}

/// The comments of a source file. Those of migrations do not count: an applied migration never changes.
fn comments(file: &File) -> Vec<Piece> {
    if file.is("rs") {
        return take_apart(&file.text).comments;
    }
    if !["ts", "tsx", "js", "mjs", "css"].iter().any(|kind| file.is(kind)) {
        return Vec::new();
    }
    let lines = file.text.lines().enumerate();
    lines.filter_map(|(above, line)| Some(Piece { line: above + 1, text: comment_of(line)?.to_owned() })).collect()
}

/// The comment on a line of TypeScript or CSS.
fn comment_of(line: &str) -> Option<&str> {
    let start = line.trim_start();
    let is_comment = ["//", "/*", "{/*", "* "].iter().any(|mark| start.starts_with(mark));
    if is_comment { Some(start) } else { line.split_once(" // ").map(|(_, comment)| comment) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)], left: usize) -> Vec<String> {
        let tree = Tree::of(files);
        let breaches = in_documents(&tree).into_iter().chain(in_comments(&tree, left));
        breaches.map(|breach| format!("{}:{}", breach.path, breach.line)).collect()
    }

    #[test]
    fn a_retired_word_in_a_document_is_a_breach() {
        let document = ("docs/guide/a.md", "Nobody may write.\n\nThe caller is told.\n");

        assert_eq!(found(&[document], 0), ["docs/guide/a.md:1", "docs/guide/a.md:3"]);
        assert_eq!(found(&[document], 9).len(), 2);
    }

    #[test]
    fn a_retired_word_in_a_comment_is_a_breach() {
        let files = [
            ("crates/a/src/b.rs", "fn a() {}\n/// Whoever asks.\n"),
            ("web/src/app/a.tsx", "/** Shown.\n * Shall close. */\nconst a = 1 // somebody\n"),
        ];

        assert_eq!(found(&files, 0), ["crates/a/src/b.rs:2", "web/src/app/a.tsx:2", "web/src/app/a.tsx:3"]);
    }

    #[test]
    fn as_many_as_are_left_in_comments_are_none_and_one_more_shows_them_all() {
        let two = ("crates/a/src/b.rs", "// told\n// mend\n");
        let one = ("crates/a/src/c.rs", "// shall\n");

        assert!(found(&[two], 2).is_empty());
        assert_eq!(found(&[two, one], 2).len(), 3);
    }

    #[test]
    fn code_is_no_prose() {
        let files = [
            ("crates/a/src/b.rs", "let told = \"nobody\"; // see `told`\n"),
            ("docs/a.md", "`told` was a name.\n```rust\nfn told() {}\n```\n    mend\n"),
            ("web/src/app/a.ts", "const told = 'somebody'\n"),
        ];

        assert!(found(&files, 0).is_empty());
    }

    #[test]
    fn a_part_of_a_longer_word_is_none() {
        assert!(found(&[("docs/a.md", "Amend it, shallow, untold, told_to.\n")], 0).is_empty());
    }

    #[test]
    fn the_style_guide_reports_and_migrations_are_skipped() {
        let files = [
            ("STYLE.md", "Not: told.\n"),
            ("docs/reports/faults.md", "It was told so.\n"),
            ("migrations/sqlite/0001.sql", "-- nobody\n"),
        ];

        assert!(found(&files, 0).is_empty());
    }
}
