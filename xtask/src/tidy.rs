//! The rules of the repository that no compiler checks. Each rule is in its own file, with a test tree that breaks it:
//! a rule that cannot fail proves nothing.

mod arrows;
mod catalogue;
mod lexer;
mod lints;
mod marks;
mod papers;
mod retired_names;
mod retired_words;
mod sizes;
mod sql;
mod swallowed;
mod tree;
mod web;

use std::fmt;
use std::path::Path;
use std::process::ExitCode;

use crate::Fallible;
use tree::Tree;

/// One violation of a rule, with the way to fix it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Breach {
    path: String,
    line: usize,
    words: String,
}

impl Breach {
    fn new(path: &str, line: usize, words: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, words: words.into() }
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.words)
    }
}

/// A rule checks the whole tree and returns every violation.
type Rule = fn(&Tree) -> Vec<Breach>;

const RULES: &[Rule] = &[
    arrows::check,
    sql::check,
    sizes::check,
    catalogue::check,
    swallowed::check,
    marks::check,
    lints::check,
    web::check,
    papers::check,
    retired_names::check,
    retired_words::check,
];

/// Checks the checkout and prints every violation.
pub fn inspect(root: &Path) -> Fallible<ExitCode> {
    let tree = Tree::read(root)?;
    let breaches = breaches(&tree);
    for breach in &breaches {
        println!("{breach}");
    }
    println!("{} files, {} violations of the rules", tree.files().len(), breaches.len());
    Ok(if breaches.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn breaches(tree: &Tree) -> Vec<Breach> {
    let mut breaches: Vec<Breach> = RULES.iter().flat_map(|rule| rule(tree)).collect();
    breaches.sort();
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_of_every_rule_is_found() {
        let tree = Tree::of(&[
            ("crates/kernel/Cargo.toml", "[dependencies]\ndocket-server.workspace = true\n"),
            ("crates/cases/src/find.rs", "const Q: &str = \"SELECT 1\";\n// FIXME: soon\n"),
        ]);

        let found: Vec<String> =
            breaches(&tree).iter().map(|breach| format!("{}:{}", breach.path, breach.line)).collect();

        assert_eq!(found, ["crates/cases/src/find.rs:1", "crates/cases/src/find.rs:2", "crates/kernel/Cargo.toml:2"]);
    }
}
