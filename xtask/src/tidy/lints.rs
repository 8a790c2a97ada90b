//! The lints of the house hold in every package: one that does not take them may unwrap, print and forget to say why.

use super::Breach;
use super::tree::Tree;

/// Names every package that does not take the workspace's lints.
pub fn check(tree: &Tree) -> Vec<Breach> {
    let packages = tree
        .files()
        .iter()
        .filter(|file| file.path.ends_with("Cargo.toml") && file.text.lines().any(|line| line.trim() == "[package]"));
    let without = packages.filter(|file| !takes_lints(&file.text));
    let words = "take the lints of the house: `[lints]` and below it `workspace = true`";
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
    fn a_package_without_the_lints_of_the_house_is_a_breach() {
        assert_eq!(breaches("[package]\nname = \"docket-cases\"\n"), 1);
        assert_eq!(breaches("[package]\nname = \"docket-cases\"\n\n[lints.clippy]\nunwrap_used = \"allow\"\n"), 1);
        assert_eq!(breaches("[package]\nname = \"docket-cases\"\n\n# [lints]\nworkspace = true\n"), 1);
    }

    #[test]
    fn a_package_that_takes_them_and_a_workspace_are_none() {
        assert_eq!(breaches("[package]\nname = \"docket-cases\"\n\n[lints]\nworkspace = true\n"), 0);
        assert_eq!(breaches("[workspace]\nmembers = []\n"), 0);
    }
}
