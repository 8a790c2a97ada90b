//! The layers of the dashboard: their permitted imports, and the rule that no screen contains the name of a step.

use super::Breach;
use super::tree::{File, Tree};

const SOURCE: &str = "web/src/";

/// Each layer and the layers it may import from. A new layer must be added here.
const ROOMS: &[(&str, &[&str])] = &[
    ("words", &[]),
    ("api", &["words"]),
    ("ui", &["words"]),
    ("forms", &["words", "api", "ui"]),
    ("features", &["words", "api", "ui", "forms"]),
    ("app", &["words", "api", "ui", "forms", "features"]),
    ("testing", &["words", "api", "ui", "forms", "features", "app"]),
];

/// Returns every import that is not permitted, and every name of a step type.
pub fn check(tree: &Tree) -> Vec<Breach> {
    let names = step_names(tree);
    let files = tree.files().iter().filter(|file| file.path.starts_with(SOURCE) && (file.is("ts") || file.is("tsx")));
    files.flat_map(|file| check_imports(file).into_iter().chain(check_names(file, &names))).collect()
}

fn check_imports(file: &File) -> Vec<Breach> {
    let inside = &file.path[SOURCE.len()..];
    let Some((room, allowed)) = ROOMS.iter().find(|(room, _)| Some(*room) == inside.split('/').next()) else {
        let words = "this file is in no layer of the dashboard; add one in xtask/src/tidy/web.rs";
        return vec![Breach::new(&file.path, 1, words)];
    };
    let mut breaches = Vec::new();
    for (above, line) in file.text.lines().enumerate() {
        for target in imported(line).filter_map(|path| resolve(inside, path)) {
            let target_room = target.split('/').next().unwrap_or_default();
            let is_allowed = allowed.contains(&target_room) || (is_test(inside) && target_room == "testing");
            if target_room == *room {
                if *room == "features" && feature(&target) != feature(inside) {
                    let words = "features can't import each other: move shared code to forms or ui";
                    breaches.push(Breach::new(&file.path, above + 1, words));
                }
            } else if !is_allowed {
                let words = format!("{room} may not import from {target_room}: not in its list");
                breaches.push(Breach::new(&file.path, above + 1, words));
            }
        }
    }
    breaches
}

fn is_test(path: &str) -> bool {
    path.contains(".test.ts")
}

/// The feature of a path: `cases` for `features/cases/…`.
fn feature(path: &str) -> Option<&str> {
    path.split('/').nth(1)
}

/// The relative paths that a line imports: `from '../ui/page'`, `import './base.css'`, `import('./shell/shell')`.
fn imported(line: &str) -> impl Iterator<Item = &str> {
    ["from '", "import '", "import('", "new URL('"].into_iter().flat_map(move |mark| {
        line.match_indices(mark).filter_map(move |(at, mark)| line[at + mark.len()..].split('\'').next())
    })
}

/// The target of a file's relative path, relative to `web/src`; `None` for packages and paths outside.
fn resolve(from: &str, path: &str) -> Option<String> {
    if !path.starts_with('.') {
        return None;
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The keys and labels of the step types, as their files declare them.
fn step_names(tree: &Tree) -> Vec<String> {
    let steps = tree.rust().filter(|file| file.path.starts_with("crates/steps/src/"));
    let lines = steps.flat_map(|file| file.before_tests().lines());
    lines
        .filter_map(|line| line.trim().strip_prefix("key: \"").or_else(|| line.trim().strip_prefix("label: \"")))
        .filter_map(|rest| rest.split('"').next().map(str::to_owned))
        .collect()
}

fn check_names(file: &File, names: &[String]) -> Vec<Breach> {
    if is_test(&file.path) || file.path.ends_with("api/schema.ts") {
        return Vec::new();
    }
    let mut breaches = Vec::new();
    for (above, line) in file.text.lines().enumerate() {
        for name in names {
            let is_named = ['\'', '"', '`'].iter().any(|quote| line.contains(&format!("{quote}{name}{quote}")));
            if is_named {
                let words = format!("the code names the step type '{name}': use the data of /step-types");
                breaches.push(Breach::new(&file.path, above + 1, words));
            }
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(path: &str, text: &str) -> Vec<String> {
        let step = ("crates/steps/src/case/close.rs", "        key: \"case.close\",\n        label: \"Close Case\",\n");
        check(&Tree::of(&[(path, text), step])).iter().map(|breach| breach.words.clone()).collect()
    }

    fn breaks(path: &str, import: &str) -> bool {
        !words(path, &format!("import {{ a }} from '{import}'\n")).is_empty()
    }

    #[test]
    fn layers_import_only_from_the_layers_below_them() {
        assert!(!breaks("web/src/ui/page.tsx", "../words/time"));
        assert!(!breaks("web/src/forms/a.tsx", "../ui/page"));
        assert!(!breaks("web/src/features/cases/a.tsx", "../../forms/a"));
        assert!(!breaks("web/src/app/shell/a.tsx", "../../features/cases/a"));
        assert!(breaks("web/src/ui/page.tsx", "../api/client"));
        assert!(breaks("web/src/words/time.ts", "../ui/page"));
        assert!(breaks("web/src/forms/a.tsx", "../features/cases/a"));
        assert!(breaks("web/src/features/cases/a.tsx", "../../app/words"));
    }

    #[test]
    fn features_do_not_import_each_other() {
        assert!(breaks("web/src/features/cases/a.tsx", "../workflows/b"));
        assert!(!breaks("web/src/features/cases/a.tsx", "./parts/b"));
        assert!(breaks("web/src/features/cases/parts/a.tsx", "../../workflows/b"));
        assert!(!breaks("web/src/features/cases/parts/a.tsx", "../b"));
    }

    #[test]
    fn every_notation_of_an_import_is_read() {
        for line in ["import '../app/a.css'", "const a = () => import('../app/a')", "export { a } from '../app/a'"] {
            assert_eq!(words("web/src/ui/a.ts", line).len(), 1, "{line}");
        }
        assert!(words("web/src/ui/a.ts", "import { a } from 'react'").is_empty());
    }

    #[test]
    fn tests_may_import_test_helpers() {
        assert!(!breaks("web/src/ui/a.test.tsx", "../testing/render"));
        assert!(breaks("web/src/ui/a.tsx", "../testing/render"));
    }

    #[test]
    fn a_file_outside_of_the_layers_is_reported() {
        assert!(words("web/src/attic/a.ts", "")[0].contains("in no layer"));
    }

    #[test]
    fn no_screen_names_a_step() {
        assert_eq!(words("web/src/forms/a.ts", "if (key === 'case.close') {}").len(), 1);
        assert_eq!(words("web/src/forms/a.ts", "label: \"Close Case\"").len(), 1);
        assert!(words("web/src/forms/a.ts", "'case.closed' 'Close'").is_empty());
        assert!(words("web/src/forms/a.test.ts", "'case.close'").is_empty());
    }
}
