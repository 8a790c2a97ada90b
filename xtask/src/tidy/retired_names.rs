//! Identifiers that were renamed stay renamed. STYLE.md, "English", lists the old names and their replacements.

use super::Breach;
use super::lexer::take_apart;
use super::tree::{File, Tree};

/// A retired identifier, its replacement, and the folder in which the rule applies ("" for every folder).
struct Retired(&'static str, &'static str, &'static str);

const STORAGE: &str = "crates/storage/src/";
const SERVER: &str = "crates/server/src/";
const SAMPLE: &str = "crates/server/src/sample";

const RETIRED: &[Retired] = &[
    Retired("Pen", "WriteConnection", ""),
    Retired("write_aside", "commit_in_background", ""),
    Retired("AsideWriter", "CommitThread", ""),
    Retired("WRITES_ASIDE", "PIPELINED", ""),
    Retired("Telling", "CommitCallbacks", STORAGE),
    Retired("Flight", "BatchEntry", ""),
    Retired("flight", "entry", STORAGE),
    Retired("flights", "entries", STORAGE),
    Retired("fly", "run_rounds", STORAGE),
    Retired("Fate", "RetryMode", STORAGE),
    Retired("fate", "retry_mode", STORAGE),
    Retired("fallen", "failed_batch", STORAGE),
    Retired("mend", "retry_failed", STORAGE),
    Retired("insist", "run_with_retries", STORAGE),
    Retired("fn alone", "fn run_isolated", STORAGE),
    Retired("Looks", "CheckpointWindow", ""),
    Retired("TheWriterMay", "ReadersOpen", ""),
    Retired("NobodyOfOurs", "ReadersClosed", ""),
    Retired("tell_through", "signal_finished", ""),
    Retired("heard_through", "clear_finished", ""),
    Retired("is_through", "is_finished", ""),
    Retired("Happening", "NewEvent", ""),
    Retired("happening", "new_event", ""),
    Retired("happenings", "new_events", ""),
    Retired("Given", "StepResult", "crates/workflows/src/"),
    Retired("fn keep", "fn append_history", "crates/workflows/src/advance"),
    Retired("fn act", "fn run_action", "crates/workflows/src/advance"),
    Retired("Door", "HttpListener", SERVER),
    Retired("Presence", "ServerInfoFile", SERVER),
    Retired("There", "ServerInfo", SERVER),
    Retired("mod watch", "mod middleware", SERVER),
    Retired("Order", "OperatorCommand", "crates/server/src/order"),
    Retired("obey", "execute", SERVER),
    Retired("folk", "people", SERVER),
    Retired("script", "scenario", SAMPLE),
    Retired("stage", "loader", "crates/server/src/sample.rs"),
    Retired("Stage", "Loader", SAMPLE),
    Retired("Player", "ActorKind", SERVER),
    Retired("Act", "Action", SAMPLE),
    Retired("Turn", "PageDirection", STORAGE),
    Retired("Filter::Through", "Filter::Join", ""),
    Retired("Beginning", "PrefixQuery", STORAGE),
    Retired("tally", "count_by_day", STORAGE),
    Retired("Told", "OperationDoc", "crates/api/src/"),
    Retired("fn told", "fn doc", "crates/api/src/"),
    Retired("Apart", "CustomOperation", ""),
    Retired("v1::apart", "v1::custom_operations", ""),
    Retired("Order", "PreparedRequest", "crates/api/src/pipeline.rs"),
];

/// Reports every use of a retired identifier in the code of a Rust file.
pub fn check(tree: &Tree) -> Vec<Breach> {
    tree.rust().flat_map(uses).collect()
}

fn uses(file: &File) -> Vec<Breach> {
    let code = take_apart(&file.text).code;
    let mut breaches = Vec::new();
    for Retired(old, new, folder) in RETIRED {
        if file.path.starts_with(folder) {
            let words = format!("`{old}` is a retired name: write `{new}` (STYLE.md, English)");
            breaches.extend(lines_with(&code, old).map(|line| Breach::new(&file.path, line, words.as_str())));
        }
    }
    breaches
}

/// The lines of the code that contain the name as a whole word.
fn lines_with(code: &str, name: &str) -> impl Iterator<Item = usize> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(name)
        .filter(move |(at, _)| !code[..*at].ends_with(is_part) && !code[at + name.len()..].starts_with(is_part))
        .map(move |(at, _)| code[..at].matches('\n').count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        check(&Tree::of(&[(path, text)])).iter().map(|breach| breach.line).collect()
    }

    #[test]
    fn a_retired_name_is_a_breach_that_gives_the_new_one() {
        let found = check(&Tree::of(&[("crates/events/src/event.rs", "use x::NewEvent;\nfn a(b: &Happening) {}\n")]));

        let words = "`Happening` is a retired name: write `NewEvent` (STYLE.md, English)";
        assert_eq!(found, [Breach::new("crates/events/src/event.rs", 2, words)]);
    }

    #[test]
    fn a_retired_function_is_found_where_it_is_declared() {
        assert_eq!(lines("crates/api/src/v1/cases/get.rs", "impl A {\n    fn told() -> B {}\n}\n"), [2]);
        assert!(lines("crates/api/src/v1/cases/get.rs", "let told = a.doc();\n").is_empty());
    }

    #[test]
    fn a_part_of_a_longer_name_is_none() {
        assert!(lines("crates/storage/src/a.rs", "PenName, OpenPen_, in_flight, flying, pen::a()").is_empty());
    }

    #[test]
    fn a_string_or_a_comment_is_no_use_of_a_name() {
        assert!(lines("crates/storage/src/a.rs", "// Pen\n/* Looks */ let a = \"Happening\";\n").is_empty());
    }

    #[test]
    fn a_name_that_is_retired_in_one_folder_is_free_in_the_others() {
        assert_eq!(lines("crates/server/src/serve/a.rs", "struct Presence;"), [1]);
        assert!(lines("crates/kernel/src/want.rs", "Want::Presence").is_empty());
    }

    #[test]
    fn no_new_name_is_itself_retired() {
        for Retired(_, new, folder) in RETIRED {
            let code = format!("{new} {{}}");
            let path = format!("{folder}/a.rs");

            assert!(lines(&path, &code).is_empty(), "{new}");
        }
    }
}
