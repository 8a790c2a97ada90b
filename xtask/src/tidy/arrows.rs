//! The permitted dependencies between the crates, checked against their manifests.

use super::Breach;
use super::tree::{File, Tree};

const GROUND: &[&str] = &["kernel", "events"];

/// Each crate and the crates it may depend on. A new crate must be added here.
const ROOMS: &[(&str, &[&[&str]])] = &[
    ("kernel", &[]),
    ("storage", &[&["kernel"]]),
    ("events", &[&["kernel"]]),
    ("access", &[GROUND]),
    ("objects", &[GROUND]),
    ("cases", &[GROUND, &["objects"]]),
    ("workflows", &[GROUND]),
    ("webhooks", &[GROUND]),
    // Joins the engine to the writer as its reactor.
    ("steps", &[GROUND, NOUNS, &["storage", "erasure"]]),
    // Reads the rows of every noun and changes none.
    ("doctor", &[GROUND, NOUNS]),
    // Transfers the definitions of cases and workflows from one environment to another.
    ("bundle", &[GROUND, &["cases", "workflows"]]),
    // Blanks the copies of redacted content in all nouns.
    ("erasure", &[GROUND, &["objects", "cases", "workflows"]]),
    ("api", &[GROUND, NOUNS, &["storage", "bundle"]]),
    ("server", &[GROUND, NOUNS, &["storage", "steps", "api", "doctor", "bundle", "erasure"]]),
    // Only tests depend on it, so it may depend on every crate.
    ("testkit", &[GROUND, NOUNS, &["storage", "steps", "api", "doctor", "bundle", "erasure", "server"]]),
];
const NOUNS: &[&str] = &["access", "objects", "cases", "workflows", "webhooks"];

const TESTKIT: &str = "testkit";
/// The crates that the tests of any crate may depend on.
const FOR_TESTS: &[&str] = &[TESTKIT, "doctor"];

/// Returns every dependency that is not permitted.
pub fn check(tree: &Tree) -> Vec<Breach> {
    let manifests = tree.files().iter().filter(|file| file.path.ends_with("/Cargo.toml"));
    manifests.flat_map(check_manifest).collect()
}

fn check_manifest(manifest: &File) -> Vec<Breach> {
    let breach = |dependency: &Dependency, words: String| Breach::new(&manifest.path, dependency.line, words);
    let dependencies = dependencies(&manifest.text);
    let Some(room) = manifest.path.strip_prefix("crates/").and_then(|path| path.split('/').next()) else {
        return if manifest.path.starts_with("xtask/") {
            let words = |d: &Dependency| breach(d, format!("xtask inspects docket-{} and may not need it", d.room));
            dependencies.iter().map(words).collect()
        } else {
            // Tests and benchmarks are not part of the product and may depend on every crate.
            Vec::new()
        };
    };
    let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
        let words = format!("the crate '{room}' is not in the list of crates; add it in xtask/src/tidy/arrows.rs");
        return vec![Breach::new(&manifest.path, 1, words)];
    };
    let is_allowed = |dependency: &&Dependency| {
        allowed.iter().any(|group| group.contains(&dependency.room.as_str()))
            || (FOR_TESTS.contains(&dependency.room.as_str()) && dependency.is_for_tests)
    };
    let against = dependencies.iter().filter(|dependency| !is_allowed(dependency));
    against
        .map(|dependency| match dependency.room.as_str() {
            TESTKIT => breach(dependency, "docket-testkit is for tests: move it to [dev-dependencies]".into()),
            other => breach(dependency, format!("{room} may not depend on {other}: not in its list")),
        })
        .collect()
}

struct Dependency {
    room: String,
    line: usize,
    is_for_tests: bool,
}

/// The dependencies on other crates. Reads the few forms of TOML that name a crate, including a table per crate.
fn dependencies(manifest: &str) -> Vec<Dependency> {
    let mut section = "";
    let mut found = Vec::new();
    for (above, line) in manifest.lines().enumerate() {
        let line = line.trim();
        let header = line.strip_prefix('[').and_then(|rest| rest.split(']').next());
        section = header.unwrap_or(section);
        let place = match header {
            Some(header) => header.rsplit_once("dependencies.").map(|(_, name)| name),
            None => section.contains("dependencies").then_some(line),
        };
        if let Some(room) = place.filter(|place| !place.starts_with('#')).and_then(room_named) {
            found.push(Dependency { room, line: above + 1, is_for_tests: section.contains("dev-dependencies") });
        }
    }
    found
}

/// The crate in `docket-cases.workspace = true` as well as in `c = { package = "docket-cases" }`.
fn room_named(place: &str) -> Option<String> {
    let name = match place.split_once("package") {
        Some((_, renamed)) => renamed.trim_start_matches([' ', '=', '"', '\'']),
        None => place.trim_start_matches(['"', '\'']),
    };
    let room = name.strip_prefix("docket-")?;
    Some(room.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(path: &str, manifest: &str) -> Vec<String> {
        check(&Tree::of(&[(path, manifest)])).iter().map(ToString::to_string).collect()
    }

    fn breaks(room: &str, other: &str) -> bool {
        let manifest = format!("[dependencies]\ndocket-{other}.workspace = true\n");
        !words(&format!("crates/{room}/Cargo.toml"), &manifest).is_empty()
    }

    #[test]
    fn crates_depend_only_on_the_crates_below_them() {
        for (room, other) in [("storage", "kernel"), ("cases", "events"), ("steps", "workflows"), ("server", "steps")] {
            assert!(!breaks(room, other), "{room} may depend on {other}");
            assert!(breaks(other, room), "{other} may not depend on {room}");
        }
    }

    #[test]
    fn nouns_do_not_depend_on_each_other_except_cases_on_objects() {
        assert!(!breaks("cases", "objects"));
        for (room, other) in [("objects", "cases"), ("workflows", "cases"), ("cases", "access"), ("webhooks", "cases")]
        {
            assert!(breaks(room, other), "{room} may not depend on {other}");
        }
    }

    #[test]
    fn nouns_declare_their_tables_and_do_not_depend_on_storage() {
        for room in ["events", "access", "objects", "cases", "workflows", "doctor"] {
            assert!(breaks(room, "storage"), "{room} may not depend on storage");
        }
        assert!(!breaks("api", "storage"));
    }

    #[test]
    fn every_crate_is_in_the_architecture() {
        let drawing = std::fs::read_to_string(crate::commands::root().join("ARCHITECTURE.md")).expect("a drawing");
        let built = |room: &str| crate::commands::root().join("crates").join(room).is_dir();

        for (room, _) in ROOMS.iter().filter(|(room, _)| built(room)) {
            assert!(drawing.contains(&format!("| `crates/{room}` |")), "{room} is missing from ARCHITECTURE.md");
        }
    }

    #[test]
    fn the_api_cannot_name_a_step() {
        assert_eq!(
            words(
                "crates/api/Cargo.toml",
                "[package]\nname = \"docket-api\"\n[dev-dependencies]\ndocket-steps.workspace = true\n"
            ),
            ["crates/api/Cargo.toml:4: api may not depend on steps: not in its list"]
        );
    }

    #[test]
    fn only_tests_depend_on_the_testkit() {
        assert!(breaks("cases", "testkit"));
        assert!(breaks("server", "testkit"));
        for test in
            ["[dev-dependencies]\ndocket-testkit.workspace = true", "[dev-dependencies.docket-testkit]\npath = \"x\""]
        {
            assert!(words("crates/cases/Cargo.toml", test).is_empty(), "{test}");
        }
        assert!(words("tests/faults/Cargo.toml", "[dependencies]\ndocket-testkit.workspace = true").is_empty());
        assert!(words("bench/Cargo.toml", "[dependencies]\ndocket-testkit.workspace = true").is_empty());
    }

    #[test]
    fn every_notation_of_a_dependency_is_read() {
        for manifest in [
            "[dependencies]\ndocket-cases = { path = \"../cases\" }",
            "[dependencies]\n\"docket-cases\" = \"1\"",
            "[dependencies]\nfiles = { package = \"docket-cases\", path = \"../cases\" }",
            "[dependencies.docket-cases]\nworkspace = true",
            "[target.'cfg(unix)'.dependencies]\ndocket-cases.workspace = true",
            "[build-dependencies]\ndocket-cases.workspace = true",
        ] {
            assert_eq!(words("crates/kernel/Cargo.toml", manifest).len(), 1, "{manifest}");
        }
        assert!(words("crates/kernel/Cargo.toml", "[dependencies]\n# docket-cases.workspace = true").is_empty());
    }

    #[test]
    fn an_unlisted_crate_is_reported_with_the_list() {
        assert!(words("crates/attic/Cargo.toml", "[dependencies]\n")[0].contains("is not in the list of crates"));
    }

    #[test]
    fn xtask_depends_on_no_crate_that_it_checks() {
        assert_eq!(words("xtask/Cargo.toml", "[dependencies]\ndocket-kernel.workspace = true").len(), 1);
    }
}
