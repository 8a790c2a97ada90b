//! SQL stays where reviewers expect it: in the stores, and in the code that builds or tests the database.

use super::Breach;
use super::lexer::take_apart;
use super::tree::Tree;

const ROOMS_OF_SQL: &[&str] = &["crates/storage/", "crates/testkit/", "migrations/", "bench/", "xtask/", "tests/"];

/// Returns every string with a statement outside of these places.
pub fn check(tree: &Tree) -> Vec<Breach> {
    let elsewhere = tree.rust().filter(|file| !may_hold_sql(&file.path));
    elsewhere
        .flat_map(|file| {
            let statements = take_apart(&file.text).strings.into_iter().filter(|string| is_statement(&string.text));
            let words = "SQL belongs in this room's store.rs, which declares its tables and questions";
            statements.map(move |string| Breach::new(&file.path, string.line, words))
        })
        .collect()
}

fn may_hold_sql(path: &str) -> bool {
    let in_folder = |folder: &str| path.contains(&format!("/{folder}/"));
    ROOMS_OF_SQL.iter().any(|room| path.starts_with(room))
        || path.ends_with("/store.rs")
        || in_folder("store")
        || (path.starts_with("crates/") && path.split('/').nth(2) == Some("tests"))
}

/// Whether a string begins like a statement. English can too ("select a status"), so lower case needs more evidence.
fn is_statement(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().take(12).collect();
    let at = |index: usize| words.get(index).copied().unwrap_or_default();
    let says = |index: usize, word: &str| at(index).eq_ignore_ascii_case(word);
    let is_shouted = at(0).len() > 1 && at(0).chars().all(|c| c.is_ascii_uppercase());
    match at(0).to_ascii_lowercase().as_str() {
        "select" => words.len() > 1 && (is_shouted || at(1).contains([',', '*', '(', '.']) || says(2, "from")),
        "insert" => says(1, "into") || (says(1, "or") && says(3, "into")),
        "delete" => says(1, "from") && (is_shouted || words.len() == 3 || says(3, "where")),
        "update" => words.iter().skip(2).any(|word| *word == "SET" || (*word == "set" && text.contains('='))),
        "create" | "alter" | "drop" => {
            let kinds = ["table", "index", "unique", "view", "trigger", "temp", "temporary", "sequence"];
            kinds.iter().any(|kind| says(1, kind)) && (is_shouted || says(1, "table"))
        }
        "with" => is_shouted && words.len() > 2,
        "pragma" | "truncate" => is_shouted && words.len() > 1,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        check(&Tree::of(&[(path, text)])).iter().map(|breach| breach.line).collect()
    }

    #[test]
    fn a_statement_outside_a_store_is_a_violation() {
        let text =
            "const A: &str = \"SELECT id FROM cases\";\n\nconst B: &str = r#\"\n  insert into cases values (1)\"#;\n";

        assert_eq!(lines("crates/cases/src/update_status.rs", text), [1, 3]);
        assert_eq!(lines("crates/api/src/v1/cases/list.rs", text), [1, 3]);
    }

    #[test]
    fn stores_and_the_database_crates_may_contain_sql() {
        for path in [
            "crates/cases/src/store.rs",
            "crates/cases/src/store/queues.rs",
            "crates/cases/tests/store.rs",
            "crates/storage/src/sqlite.rs",
            "crates/testkit/src/lib.rs",
            "tests/faults/src/main.rs",
            "bench/src/main.rs",
        ] {
            assert!(lines(path, "f(\"DELETE FROM cases\")").is_empty(), "{path}");
        }
        assert_eq!(lines("crates/cases/src/restore.rs", "f(\"DELETE FROM cases\")"), [1]);
    }

    #[test]
    fn every_type_of_statement_is_detected() {
        for statement in [
            "SELECT 1",
            "select id, label from statuses",
            "select count(*) from statuses",
            "INSERT INTO cases (id) VALUES ($1)",
            "INSERT OR IGNORE INTO cases VALUES (1)",
            "UPDATE cases SET status = $1",
            "update cases set status = $1",
            "DELETE FROM cases",
            "delete from cases where id = 1",
            "CREATE TABLE cases (id text)",
            "CREATE UNIQUE INDEX a ON b (c)",
            "WITH due AS (SELECT 1) SELECT 1",
            "PRAGMA journal_mode = WAL",
        ] {
            assert!(is_statement(statement), "{statement}");
        }
    }

    #[test]
    fn a_sentence_that_begins_like_a_statement_is_not_a_statement() {
        for sentence in [
            "select a status",
            "Select the case template to use",
            "Update Case Status",
            "update the status set by the template",
            "delete from the list those that are closed",
            "Create Case",
            "create a table of rules",
            "With a comment",
            "DELETE",
            "",
        ] {
            assert!(!is_statement(sentence), "{sentence}");
        }
    }

    #[test]
    fn a_statement_in_a_comment_is_valid() {
        assert!(lines("crates/cases/src/find.rs", "// \"SELECT id FROM cases\" would scan\n").is_empty());
    }
}
