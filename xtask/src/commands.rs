//! Finding the checkout and calling cargo.

use std::env;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus, Stdio};

/// The root folder of the workspace.
///
/// The environment comes first: with one build folder for several checkouts, the compiled-in path may be another's.
pub fn root() -> PathBuf {
    let manifest = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| OsString::from(env!("CARGO_MANIFEST_DIR")));
    Path::new(&manifest).parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// A cargo call at the root of the workspace.
///
/// Removes the variables that `cargo run` sets about the package `xtask`: some build scripts (ring's) watch them and
/// would be built again each time the gate and a plain `cargo test` alternate.
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.current_dir(root());
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(name);
        }
    }
    if let Some(folder) = ci_target(|name| env::var_os(name)) {
        command.env("CARGO_TARGET_DIR", folder);
    }
    command
}

/// Formats every crate, and the dashboard if its packages are installed.
pub fn format() -> crate::Fallible<ExitCode> {
    let status = cargo().args(["fmt", "--all"]).status()?;
    if !status.success() || !root().join("node_modules").is_dir() {
        return Ok(code(status));
    }
    let mut biome = Command::new("npx");
    let status = biome.args(["--no-install", "biome", "check", "--write", "."]).current_dir(root()).status()?;
    Ok(code(status))
}

/// The build folder on a build machine, so that a new clone need not compile every dependency again.
fn ci_target(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    if set("CI").is_none_or(|ci| ci != "true") || set("CARGO_TARGET_DIR").is_some() {
        return None;
    }
    let cache = set("XDG_CACHE_HOME").map(PathBuf::from).or_else(|| Some(PathBuf::from(set("HOME")?).join(".cache")));
    cache.map(|cache| cache.join("docket/target"))
}

/// The exit code of a finished child process.
pub fn code(status: ExitStatus) -> ExitCode {
    match status.code() {
        Some(code) => u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from),
        None => ExitCode::FAILURE,
    }
}

/// Runs a command, prints its output line by line, and passes each line of its standard output to `each`.
pub fn tee(command: &mut Command, mut each: impl FnMut(&str)) -> io::Result<ExitStatus> {
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    if let Some(output) = child.stdout.take() {
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        while output.read_until(b'\n', &mut line)? > 0 {
            let text = String::from_utf8_lossy(&line);
            print!("{text}");
            each(text.trim_end());
            line.clear();
        }
    }
    child.wait()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target_with(variables: &[(&str, &str)]) -> Option<PathBuf> {
        ci_target(|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value)))
    }

    #[test]
    fn builds_stay_in_the_clone_on_a_developers_machine() {
        assert_eq!(target_with(&[("HOME", "/home/ada")]), None);
        assert_eq!(target_with(&[("HOME", "/home/ada"), ("CI", "")]), None);
    }

    #[test]
    fn a_build_machine_keeps_its_builds_in_the_users_cache() {
        assert_eq!(
            target_with(&[("CI", "true"), ("HOME", "/home/ada")]),
            Some(PathBuf::from("/home/ada/.cache/docket/target"))
        );
        assert_eq!(
            target_with(&[("CI", "true"), ("HOME", "/home/ada"), ("XDG_CACHE_HOME", "/cache")]),
            Some(PathBuf::from("/cache/docket/target"))
        );
    }

    #[test]
    fn a_given_build_folder_is_used() {
        assert_eq!(target_with(&[("CI", "true"), ("HOME", "/home/ada"), ("CARGO_TARGET_DIR", "/t")]), None);
    }

    #[test]
    fn a_tee_passes_on_every_line_and_the_exit_code() {
        let mut lines = Vec::new();

        let status = tee(Command::new("sh").args(["-c", "echo one; printf two; exit 3"]), |l| lines.push(l.to_owned()));

        assert_eq!(lines, ["one", "two"]);
        assert_eq!(status.expect("sh runs").code(), Some(3));
    }
}
