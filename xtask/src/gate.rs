//! The gate: every check, cheap ones first, and one final line.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Command, ExitCode};
use std::time::Duration;

use crate::commands::{cargo, root, tee};
use crate::needs::{self, Purpose};
use crate::postgres::{self, Cluster};
use crate::schemathesis::{self, Outcome};
use crate::{Fallible, clock, tidy, web};

/// The environment variable with the path of a file: a test that can't run here appends a line with the reason.
pub const SKIPS_VARIABLE: &str = "DOCKET_TEST_SKIPS";
/// The environment variable with the folder of the published API description, which contract tests compare with.
const CONTRACT_VARIABLE: &str = "DOCKET_CONTRACT";

/// The reports that the long tests write, each one completely new.
const REPORTS: &[&str] = &["simulation.md", "faults.md"];

/// The extent of the tests.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// Before every commit.
    Short,
    /// On request, at full count: faults, seeds, millions of rows.
    Long,
}

/// Runs the whole gate. Continues after a failure, so that one run reports all failures.
pub fn judge(tier: Tier) -> Fallible<ExitCode> {
    needs::meet(Purpose::Test)?;
    let contract = contract()?;
    let mut verdict = Verdict::default();

    verdict.step("format", |_| Ok(cargo().args(["fmt", "--all", "--check"]).status()?.success()));
    verdict.step("tidy", |_| Ok(tidy::inspect(&root())? == ExitCode::SUCCESS));
    verdict.step("lints", |_| {
        let lints = ["clippy", "--workspace", "--all-targets", "--locked", "--", "--deny", "warnings"];
        Ok(cargo().args(lints).status()?.success())
    });
    verdict.step("dashboard: format, lints, types", |_| web::lint());
    verdict.step("dashboard: tests", |tally| web::test(|line| tally.read(line)));
    verdict.step("dashboard: build", |_| web::ensure().map(|()| true));
    verdict.step("tests", |tally| test(tier, contract.as_deref(), tally));
    verdict.step("dashboard: types of the API", |_| web::is_client_fresh());
    verdict.step("dashboard: stories in a browser", |tally| web::stories(&[], |line| tally.read(line)));

    if tier == Tier::Long {
        verdict.step("the API against its description", |tally| match schemathesis::run()? {
            Outcome::Ran(held) => Ok(held),
            Outcome::Skipped(why) => {
                tally.skipped.push(why);
                Ok(true)
            }
        });
    }

    Ok(verdict.close())
}

/// The folder of the published API description, if it is on this machine.
fn contract() -> Fallible<Option<PathBuf>> {
    if let Some(named) = env::var_os(CONTRACT_VARIABLE).filter(|named| !named.is_empty()) {
        let folder = fs::canonicalize(&named);
        return match folder {
            Ok(folder) if folder.is_dir() => Ok(Some(folder)),
            _ => Err(format!("{CONTRACT_VARIABLE} names {}, which is not a folder", named.display()).into()),
        };
    }
    Ok(fs::canonicalize(root().join("../shared/contract")).ok().filter(|folder| folder.is_dir()))
}

fn test(tier: Tier, contract: Option<&Path>, tally: &mut Tally) -> Fallible<bool> {
    let cluster = Cluster::start()?;
    let skips = Skips::open()?;
    let mut command = cargo();
    command.args(["test", "--workspace", "--locked", "--no-fail-fast"]);
    command.env(postgres::URL_VARIABLE, cluster.url()).env(SKIPS_VARIABLE, &skips.file);
    match contract {
        Some(folder) => command.env(CONTRACT_VARIABLE, folder),
        None => command.env_remove(CONTRACT_VARIABLE),
    };
    let reports = root().join("docs/reports");
    let before = if tier == Tier::Long { ask_for_everything(&mut command, &reports)? } else { BTreeSet::new() };

    let succeeded = tee(&mut command, |line| tally.read(line))?.success();

    if tier == Tier::Long {
        tell_reports(&reports, &before)?;
    }
    tally.skip(skips.reasons()?, contract.is_some());
    Ok(succeeded && tally.failed == 0)
}

fn ask_for_everything(command: &mut Command, reports: &Path) -> Fallible<BTreeSet<(PathBuf, Duration)>> {
    fs::create_dir_all(reports)?;
    command.env("DOCKET_LONG", "1").env("DOCKET_REPORTS", reports).args(["--", "--include-ignored"]);
    listing(reports)
}

fn tell_reports(reports: &Path, before: &BTreeSet<(PathBuf, Duration)>) -> Fallible<()> {
    let after = listing(reports)?;
    let written: Vec<&PathBuf> = after.difference(before).map(|(report, _)| report).collect();
    for report in &written {
        println!("report: {}", report.display());
    }
    match unwritten(&written) {
        missing if missing.is_empty() => Ok(()),
        missing => Err(format!("no test wrote {}: the existing one is of an earlier run", missing.join(", ")).into()),
    }
}

/// The reports that are not among these files.
fn unwritten(written: &[&PathBuf]) -> Vec<&'static str> {
    let is_written = |name: &str| written.iter().any(|file| file.file_name().is_some_and(|file| file == name));
    REPORTS.iter().copied().filter(|name| !is_written(name)).collect()
}

/// The files of a folder with their modification times.
fn listing(folder: &Path) -> Fallible<BTreeSet<(PathBuf, Duration)>> {
    let mut files = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let changed = entry.metadata()?.modified()?.duration_since(std::time::UNIX_EPOCH)?;
        files.insert((entry.path(), changed));
    }
    Ok(files)
}

/// The numbers of the final line, and their details.
#[derive(Default)]
struct Tally {
    passed: u64,
    failed: u64,
    ignored: u64,
    skipped: Vec<String>,
    complaints: Vec<String>,
}

impl Tally {
    /// Adds the numbers of a line such as `test result: ok. 5 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out`,
    /// or, for the dashboard's tests and stories, `Tests  1 failed | 5 passed | 2 skipped (8)`.
    fn read(&mut self, line: &str) {
        let (counts, between) = match (line.strip_prefix("test result: "), line.trim().strip_prefix("Tests ")) {
            (Some(result), _) => (result.split_once(". ").map_or(result, |(_, counts)| counts), "; "),
            (None, Some(result)) => (result.split('(').next().unwrap_or(result), "|"),
            (None, None) => return,
        };
        for count in counts.split(between).map(str::trim) {
            match count.split_once(' ').map(|(number, word)| (number.parse::<u64>(), word)) {
                Some((Ok(number), "passed")) => self.passed += number,
                Some((Ok(number), "failed")) => self.failed += number,
                Some((Ok(number), "ignored" | "skipped" | "todo")) => self.ignored += number,
                _ => {}
            }
        }
    }

    /// Moves the tests that gave a reason from passed to skipped; if the contract is here, its tests must not skip.
    fn skip(&mut self, reasons: Vec<String>, has_contract: bool) {
        if has_contract {
            let idle = reasons.iter().filter(|reason| reason.starts_with("contract:"));
            self.complaints.extend(idle.map(|reason| format!("the contract is here, but a test skipped: {reason}")));
        }
        self.passed = self.passed.saturating_sub(reasons.len() as u64);
        self.skipped.extend(reasons);
    }

    fn closing_line(&self) -> String {
        let failed = self.failed + self.complaints.len() as u64;
        let skipped = self.ignored + self.skipped.len() as u64;
        format!("{} passed, {failed} failed, {skipped} skipped", self.passed)
    }
}

#[derive(Default)]
struct Verdict {
    tally: Tally,
    steps: Vec<String>,
}

impl Verdict {
    /// Runs one step under its heading. A step that fails without a failed test counts as one failure.
    fn step(&mut self, name: &str, act: impl FnOnce(&mut Tally) -> Fallible<bool>) {
        println!("\n== {name} ==");
        let begun = clock::now();
        let failed_before = self.tally.failed;
        let held = match act(&mut self.tally) {
            Ok(held) => {
                if !held && self.tally.failed == failed_before {
                    self.tally.complaints.push(format!("{name}: see above"));
                }
                held
            }
            Err(why) => {
                self.tally.complaints.push(format!("{name}: {why}"));
                false
            }
        };
        let line = format!("{} {name}, {:.1} s", if held { "ok    " } else { "FAILED" }, begun.elapsed().as_secs_f64());
        println!("{line}");
        self.steps.push(line);
    }

    fn close(&self) -> ExitCode {
        println!("\n== summary ==\n{}", self.steps.join("\n"));
        for reason in &self.tally.skipped {
            println!("skipped: {reason}");
        }
        if self.tally.ignored > 0 {
            println!("skipped: {} tests marked as ignored, which `make test-long` runs", self.tally.ignored);
        }
        for complaint in &self.tally.complaints {
            println!("failed: {complaint}");
        }
        println!("{}", self.tally.closing_line());
        let holds = self.tally.failed == 0 && self.tally.complaints.is_empty();
        if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// The file to which tests write their reasons, removed when the gate ends.
struct Skips {
    file: PathBuf,
}

impl Skips {
    /// Creates it next to this tool's binary: if a killed gate leaves the file behind, it is in a build folder.
    fn open() -> Fallible<Self> {
        let folder = env::current_exe()?.parent().map(Path::to_path_buf).ok_or("this program is not in a folder")?;
        let file = folder.join(format!("xtask-skips-{}", process::id()));
        fs::write(&file, "")?;
        Ok(Self { file })
    }

    fn reasons(&self) -> Fallible<Vec<String>> {
        Ok(reasons_in(&fs::read_to_string(&self.file)?))
    }
}

impl Drop for Skips {
    fn drop(&mut self) {
        if let Err(why) = fs::remove_file(&self.file) {
            eprintln!("could not remove {}: {why}", self.file.display());
        }
    }
}

fn reasons_in(text: &str) -> Vec<String> {
    let reasons = text.lines().map(str::trim).filter(|line| !line.is_empty());
    reasons.map(|line| line.strip_prefix("SKIPPED:").unwrap_or(line).trim().to_owned()).collect()
}

/// Records that the calling test could not run here, so that the gate does not count it as passed.
#[cfg(test)]
pub fn count_as_skipped(reason: &str) {
    use std::io::Write;

    eprintln!("SKIPPED: {reason}");
    if let Some(file) = env::var_os(SKIPS_VARIABLE) {
        let written = fs::OpenOptions::new().append(true).open(file).and_then(|mut file| writeln!(file, "{reason}"));
        written.expect("the gate's list of skipped tests is writable");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally_of(lines: &[&str]) -> Tally {
        let mut tally = Tally::default();
        for line in lines {
            tally.read(line);
        }
        tally
    }

    #[test]
    fn the_results_of_all_test_binaries_are_added_up() {
        let tally = tally_of(&[
            "running 3 tests",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s",
        ]);

        assert_eq!(tally.closing_line(), "7 passed, 2 failed, 1 skipped");
    }

    #[test]
    fn the_results_of_the_dashboards_tests_are_added_up() {
        let tally =
            tally_of(&[" Test Files  1 failed | 3 passed (4)", "      Tests  1 failed | 12 passed | 2 skipped (15)"]);

        assert_eq!(tally.closing_line(), "12 passed, 1 failed, 2 skipped");
    }

    #[test]
    fn a_test_that_gave_a_reason_counts_as_skipped_and_not_as_passed() {
        let mut tally = tally_of(&["test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out"]);

        tally.skip(reasons_in("SKIPPED: no user namespace\n\ncontract: no description\n"), false);

        assert_eq!(tally.skipped, ["no user namespace", "contract: no description"]);
        assert_eq!(tally.closing_line(), "1 passed, 0 failed, 2 skipped");
    }

    #[test]
    fn a_contract_test_must_not_skip_if_the_contract_is_available() {
        let mut tally = tally_of(&["test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out"]);

        tally.skip(reasons_in("contract: no description\nno user namespace\n"), true);

        assert_eq!(tally.closing_line(), "1 passed, 1 failed, 2 skipped");
    }

    #[test]
    fn a_long_test_that_writes_no_report_is_named() {
        let (faults, other) = (PathBuf::from("docs/reports/faults.md"), PathBuf::from("docs/reports/other.md"));

        assert_eq!(unwritten(&[&faults, &other]), ["simulation.md"]);
        assert!(unwritten(&[&faults, &PathBuf::from("docs/reports/simulation.md")]).is_empty());
    }

    #[test]
    fn a_step_that_fails_without_a_failed_test_is_one_failure() {
        let mut verdict = Verdict::default();

        verdict.step("format", |_| Ok(false));

        assert_eq!(verdict.tally.closing_line(), "0 passed, 1 failed, 0 skipped");
        assert_eq!(verdict.close(), ExitCode::FAILURE);
    }

    #[test]
    fn a_step_that_could_not_run_is_one_failure() {
        let mut verdict = Verdict::default();

        verdict.step("tests", |_| Err("no PostgreSQL".into()));

        assert_eq!(verdict.tally.complaints, ["tests: no PostgreSQL"]);
        assert_eq!(verdict.close(), ExitCode::FAILURE);
    }

    #[test]
    fn failed_tests_are_counted_once() {
        let mut verdict = Verdict::default();

        let act = |tally: &mut Tally| {
            tally.read("test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out");
            Ok(false)
        };
        verdict.step("tests", act);

        assert_eq!(verdict.tally.closing_line(), "1 passed, 2 failed, 0 skipped");
    }

    #[test]
    fn a_gate_without_a_failure_succeeds() {
        let mut verdict = Verdict::default();

        verdict.step("tidy", |_| Ok(true));

        assert_eq!(verdict.close(), ExitCode::SUCCESS);
    }
}
