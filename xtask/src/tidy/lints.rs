//! Every package uses the workspace's lints: a package without them could unwrap, print and omit reasons.

use super::Breach;
use super::tree::Tree;

/// Returns every package that does not use the workspace's lints.
pub fn check(tree: &Tree) -> Vec<Breach> {
    let packages = tree
        .files()
        .iter()
        .filter(|file| file.path.ends_with("Cargo.toml") && file.text.lines().any(|line| line.trim() == "[package]"));
    let without = packages.filter(|file| !takes_lints(&file.text));
    let words = "use the workspace's lints: `[lints]` and below it `workspace = true`";
    without.map(|file| Breach::new(&file.path, 1, words)).collect()
}

fn takes_lints(manifest: &str) -> bool {
    let lines: Vec<&str> = manifest.lines().map(str::trim).collect();
    lines.windows(2).any(|pair| pair == ["[lints]", "workspace = true"])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn breaches(manifest: &str) -> usize {
        check(&Tree::of(&[("crates/cases/Cargo.toml", manifest)])).len()
    }

    #[test]
    fn a_package_without_the_lints_of_the_workspace_is_a_violation() {
        assert_eq!(breaches("[package]\nname = \"docket-cases\"\n"), 1);
        assert_eq!(breaches("[package]\nname = \"docket-cases\"\n\n[lints.clippy]\nunwrap_used = \"allow\"\n"), 1);
        assert_eq!(breaches("[package]\nname = \"docket-cases\"\n\n# [lints]\nworkspace = true\n"), 1);
    }

    #[test]
    fn a_package_with_the_lints_and_a_workspace_are_valid() {
        assert_eq!(breaches("[package]\nname = \"docket-cases\"\n\n[lints]\nworkspace = true\n"), 0);
        assert_eq!(breaches("[workspace]\nmembers = []\n"), 0);
    }
}
