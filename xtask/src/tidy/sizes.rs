//! The size limit of files: each one should be readable in one sitting. Tests are not counted: more tests are welcome.

use super::Breach;
use super::tree::{File, Tree};

const LINES_MAX: usize = 500;

/// Returns every file over the limit.
pub fn check(tree: &Tree) -> Vec<Breach> {
    let sized = tree.files().iter().filter(|file| is_written_by_hand(file) && !are_tests_of_another(tree, file));
    sized
        .filter_map(|file| {
            let lines = file.before_tests().lines().count();
            let words = || format!("{lines} lines before its tests, {LINES_MAX} at most: split it");
            (lines > LINES_MAX).then(|| Breach::new(&file.path, LINES_MAX + 1, words()))
        })
        .collect()
}

/// Whether the file contains the tests of a file next to it, which declares it.
fn are_tests_of_another(tree: &Tree, file: &File) -> bool {
    let Some((folder, name)) = file.path.rsplit_once('/') else { return false };
    let line = format!("#[cfg(test)]\n#[path = \"{name}\"]\n");
    let beside = |other: &&File| other.path.rsplit_once('/').is_some_and(|(own, _)| own == folder);
    tree.rust().filter(beside).any(|other| other.text.contains(&line))
}

fn is_written_by_hand(file: &File) -> bool {
    let is_source = ["rs", "ts", "tsx"].iter().any(|kind| file.is(kind));
    let is_test = file.path.contains(".test.ts") || file.path.contains("/tests/");
    let is_generated =
        file.path.contains("/generated/") || file.path.contains(".gen.") || file.path == "web/src/api/schema.ts";
    is_source && !is_test && !is_generated
}

#[cfg(test)]
mod tests {
    use super::*;

    fn breaches(path: &str, lines: usize, tests: usize) -> usize {
        let text = format!("{}#[cfg(test)]\n{}", "//\n".repeat(lines), "//\n".repeat(tests));
        check(&Tree::of(&[(path, &text)])).len()
    }

    #[test]
    fn a_file_over_the_limit_is_a_violation() {
        assert_eq!(breaches("crates/cases/src/case.rs", 501, 0), 1);
        assert_eq!(breaches("web/src/app/main.tsx", 501, 0), 1);
    }

    #[test]
    fn a_files_tests_do_not_count() {
        assert_eq!(breaches("crates/cases/src/case.rs", 500, 900), 0);
        assert_eq!(breaches("crates/storage/tests/nodes.rs", 900, 0), 0);
    }

    #[test]
    fn the_tests_of_a_file_may_be_in_a_file_next_to_it() {
        let tests = ("crates/cases/src/case_tests.rs", "//\n".repeat(900));
        let breaches = |path: &str, text: &str| check(&Tree::of(&[(tests.0, &tests.1), (path, text)])).len();
        let declared = "#[cfg(test)]\n#[path = \"case_tests.rs\"]\nmod tests;\n";

        assert_eq!(breaches("crates/cases/src/case.rs", declared), 0);
        assert_eq!(breaches("crates/cases/src/case.rs", "mod case_tests;\n"), 1);
        assert_eq!(breaches("crates/events/src/case.rs", declared), 1);
    }

    #[test]
    fn generated_files_may_be_long() {
        assert_eq!(breaches("web/src/api/schema.ts", 9000, 0), 0);
        assert_eq!(breaches("web/src/forms/form.test.tsx", 900, 0), 0);
    }
}
