//! A step file in the catalogue's folder must be in the catalogue: a file without its two lines would not be compiled.

use super::Breach;
use super::lexer::take_apart;
use super::tree::Tree;

const ROOM: &str = "crates/steps/src/";
const LIST: &str = "crates/steps/src/lib.rs";

/// Returns every step file that is not in the catalogue.
pub fn check(tree: &Tree) -> Vec<Breach> {
    let list = tree.files().iter().find(|file| file.path == LIST);
    let code = list.map(|file| take_apart(file.before_tests()).code).unwrap_or_default();
    tree.rust()
        .filter_map(|file| {
            let (category, step) = file.path.strip_prefix(ROOM)?.strip_suffix(".rs")?.split_once('/')?;
            // A folder below a category contains the parts of one step; the step's own file declares them.
            (!step.contains('/')).then(|| missing_lines(&code, &file.path, category, step))
        })
        .flatten()
        .collect()
}

fn missing_lines(code: &str, path: &str, category: &str, step: &str) -> Vec<Breach> {
    let mut breaches = Vec::new();
    if !block_of(code, category).is_some_and(|block| has_words(block, &format!("mod {step}"))) {
        breaches.push(Breach::new(path, 1, format!("add `mod {step};` to `mod {category}` in {LIST}")));
    }
    if !has_words(code, &format!("{category}::{step}")) {
        breaches.push(Breach::new(path, 1, format!("add {category}::{step} to the list of steps in {LIST}")));
    }
    breaches
}

/// The text between the braces of `mod category { … }`.
fn block_of<'a>(code: &'a str, category: &str) -> Option<&'a str> {
    let opening = format!("mod {category} {{");
    let start = code.find(&opening)? + opening.len();
    let mut depth = 1_usize;
    for (at, character) in code[start..].char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(&code[start..start + at]);
        }
    }
    None
}

/// Whether the code contains these words completely, not as parts of longer ones.
fn has_words(code: &str, words: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(words)
        .any(|(at, _)| !code[..at].ends_with(is_part) && !code[at + words.len()..].starts_with(is_part))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: (&str, &str) = ("crates/steps/src/case/update_case_status.rs", "");

    fn words(list: &str) -> Vec<String> {
        check(&Tree::of(&[STEP, (LIST, list)])).into_iter().map(|breach| breach.words).collect()
    }

    #[test]
    fn a_step_with_both_lines_is_in_the_catalogue() {
        let list = "mod case {\n    pub mod update_case_status;\n}\nstatic ALL: &[S] = &[step::<case::update_case_status::Config>()];";

        assert!(words(list).is_empty());
    }

    #[test]
    fn a_step_without_its_module_line_is_named() {
        let elsewhere = "mod user { mod update_case_status; }\nmod case { mod update_case_status_twice; }\nf(case::update_case_status)";

        assert_eq!(words(elsewhere), ["add `mod update_case_status;` to `mod case` in crates/steps/src/lib.rs"]);
    }

    #[test]
    fn a_step_that_is_not_listed_is_named() {
        let list =
            "mod case { mod update_case_status; }\n// case::update_case_status\nf(case::update_case_status_twice)";

        assert_eq!(words(list), ["add case::update_case_status to the list of steps in crates/steps/src/lib.rs"]);
    }

    #[test]
    fn an_unlisted_step_lacks_both_lines() {
        assert_eq!(words("//! The catalogue.").len(), 2);
        assert_eq!(check(&Tree::of(&[STEP])).len(), 2);
    }

    #[test]
    fn files_that_are_not_steps_need_no_line() {
        let tree = Tree::of(&[("crates/steps/src/config.rs", ""), ("crates/steps/src/case/copy/parts.rs", "")]);

        assert!(check(&tree).is_empty());
    }
}
