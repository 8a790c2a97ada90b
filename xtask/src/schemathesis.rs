//! Schemathesis: valid and invalid requests generated from the API's own description, sent to a running server.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, ExitCode, Stdio};

use crate::commands::root;
use crate::{Fallible, web};

/// The release that the settings are written for; another release may have other checks.
const PACKAGE: &str = "schemathesis==4.32.5";
/// The settings, with the accepted exceptions and their reasons.
const SETTINGS: &str = "tests/schemathesis/schemathesis.toml";
/// The code that signs requests, and accepts single responses with reasons.
const HOOKS: &str = "tests/schemathesis/hooks.py";
/// The code that creates the objects for the requests.
const WORLD: &str = "tests/schemathesis/world.py";
/// The password of the trial's user.
const PASSWORD: &str = "a password of a trial";
/// The types of requests: valid and invalid. Each gets its own run with all of the examples.
const MODES: [&str; 2] = ["positive", "negative"];
/// The one operation outside of the API's base path.
const INGEST: &str = "/ingest/{source}";
/// The line that the server prints once it answers.
const LISTENING: &str = "Docket is listening on ";

/// The result of a run.
pub enum Outcome {
    /// Every operation was tested; true if there were no findings.
    Ran(bool),
    /// It can't run on this machine.
    Skipped(String),
}

/// Runs it on request, for the operations whose path matches an expression if one is given. If it can't run here, that
/// is a failure.
pub fn by_hand(chosen: &[String]) -> Fallible<ExitCode> {
    match run_on(chosen.first().map(String::as_str))? {
        Outcome::Ran(true) => Ok(ExitCode::SUCCESS),
        Outcome::Ran(false) => Ok(ExitCode::FAILURE),
        Outcome::Skipped(why) => Err(why.into()),
    }
}

/// Tests a server with sample data, built from this checkout, with its own database.
pub fn run() -> Fallible<Outcome> {
    run_on(None)
}

fn run_on(chosen: Option<&str>) -> Fallible<Outcome> {
    let folder = folder()?;
    let venv = folder.join("venv");
    let program = match install(&venv) {
        Ok(program) => program,
        Err(why) => return Ok(Outcome::Skipped(format!("Schemathesis can't run: {why}"))),
    };
    let docket = web::docket()?;
    let trial = folder.join(process::id().to_string());
    let held = in_each_mode(&venv, &docket, &trial, |begun, mode| begun.test(&program, mode, chosen));
    fs::remove_dir_all(&trial)?;
    held.map(Outcome::Ran)
}

/// A separate server for each mode: requests of one mode archive objects that requests of the other need.
fn in_each_mode(
    venv: &Path,
    docket: &Path,
    trial: &Path,
    test: impl Fn(&Trial, &str) -> Fallible<bool>,
) -> Fallible<bool> {
    let mut held = true;
    for mode in MODES {
        let folder = trial.join(mode);
        fs::create_dir_all(&folder)?;
        held &= test(&Trial::begin(venv, docket, &folder)?, mode)?;
    }
    Ok(held)
}

/// A folder in the build folder: a second run reuses the installed package.
fn folder() -> Fallible<PathBuf> {
    let here = env::current_exe()?;
    let profile = here.parent().ok_or("this program is not in a folder")?;
    Ok(profile.join("schemathesis"))
}

/// Installs the package into a virtual environment unless it exists, and returns the path of its program.
fn install(venv: &Path) -> Fallible<PathBuf> {
    let (program, stamp) = (venv.join("bin/schemathesis"), venv.join("installed"));
    if program.is_file() && fs::read_to_string(&stamp).is_ok_and(|installed| installed == PACKAGE) {
        return Ok(program);
    }
    println!("Installing {PACKAGE} into {}.", venv.display());
    succeed(Command::new("python3").args(["-m", "venv", "--clear"]).arg(venv), "python3 with its venv module")?;
    let mut pip = Command::new(venv.join("bin/pip"));
    succeed(pip.args(["install", "--quiet", "--disable-pip-version-check", PACKAGE]), PACKAGE)?;
    fs::write(stamp, PACKAGE)?;
    Ok(program)
}

fn succeed(command: &mut Command, needed: &str) -> Fallible<()> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{needed} is not available here ({status})").into()),
        Err(why) => Err(format!("{needed} is not available here ({why})").into()),
    }
}

/// A server with test objects, and the settings that name them.
struct Trial {
    server: Server,
    folder: PathBuf,
    key: String,
    secret: String,
}

impl Trial {
    fn begin(venv: &Path, docket: &Path, folder: &Path) -> Fallible<Self> {
        let data = folder.join("data");
        fs::write(folder.join("openapi.json"), answer_of(Command::new(docket).arg("openapi"))?)?;
        let mut setup = of_folder(docket, "setup", &data);
        setup.args(["--organization", "Lumen Bank", "--email", "ada@lumen.example", "--sample-data", "--json"]);
        answer_of(setup.env("DOCKET_PASSWORD", PASSWORD))?;
        let server = Server::start(of_folder(docket, "serve", &data))?;
        let mut world = Command::new(venv.join("bin/python"));
        world.arg(root().join(WORLD)).arg(&server.origin).env("DOCKET_PASSWORD", PASSWORD);
        let world = answer_of(&mut world)?;
        let parts = world.split_once('\n').and_then(|(key, rest)| Some((key, rest.split_once('\n')?)));
        let (key, (secret, dictionaries)) = parts.ok_or("no test objects were created")?;
        let settings = fs::read_to_string(root().join(SETTINGS))?;
        fs::write(folder.join("settings.toml"), format!("{settings}\n{dictionaries}"))?;
        Ok(Self { server, folder: folder.to_owned(), key: key.to_owned(), secret: secret.to_owned() })
    }

    /// All operations below the API's base path, and the one at the root of the server.
    fn test(&self, program: &Path, mode: &str, chosen: Option<&str>) -> Fallible<bool> {
        let mut held = true;
        // This one first: the requests that try passwords use up the limit for a second run's sign-ins.
        if chosen.is_none_or(|chosen| INGEST.contains(chosen)) {
            let mut ingest = self.command(program, mode);
            ingest.args(["--url", &self.server.origin, "--include-path", INGEST]);
            held &= ingest.status()?.success();
        }
        let mut api = self.command(program, mode);
        api.args(["--url", &format!("{}/api/v1", self.server.origin), "--exclude-path", INGEST]);
        api.args(["--header", &format!("Authorization: Bearer {}", self.key)]);
        if let Some(chosen) = chosen {
            api.args(["--include-path-regex", chosen]);
        }
        held &= api.status()?.success();
        Ok(held)
    }

    fn command(&self, program: &Path, mode: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.folder).args(["--config-file", "settings.toml", "--no-color", "run", "openapi.json"]);
        command.args(["--workers", "1", "--mode", mode]).env("SCHEMATHESIS_HOOKS", root().join(HOOKS));
        command.env("DOCKET_ORIGIN", &self.server.origin).env("DOCKET_PASSWORD", PASSWORD);
        command.env("DOCKET_SOURCE_SECRET", &self.secret);
        command
    }
}

/// A command of the server's binary on a data folder, even if the environment names a database.
fn of_folder(docket: &Path, command: &str, data: &Path) -> Command {
    let mut order = Command::new(docket);
    order.env_remove("DOCKET_DATABASE_URL").env_remove("DOCKET_PUBLIC_URL").arg(command).arg("--data").arg(data);
    order
}

fn answer_of(command: &mut Command) -> Fallible<String> {
    let output = command.stderr(Stdio::inherit()).output()?;
    if output.status.success() {
        Ok(String::from_utf8(output.stdout)?)
    } else {
        Err(format!("{command:?} failed ({})", output.status).into())
    }
}

/// A server that is stopped when this value is dropped.
struct Server {
    process: Child,
    origin: String,
}

impl Server {
    fn start(mut command: Command) -> Fallible<Self> {
        command.args(["--listen", "127.0.0.1:0", "--rate-limit", "0", "--log", "error"]).stdout(Stdio::piped());
        let mut server = Self { process: command.spawn()?, origin: String::new() };
        let output = server.process.stdout.take().ok_or("the server has no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        server.origin = origin_in(&line).ok_or_else(|| format!("the server did not start: {line}"))?;
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(why) = self.process.kill().and_then(|()| self.process.wait()) {
            eprintln!("could not stop the server: {why}");
        }
    }
}

fn origin_in(line: &str) -> Option<String> {
    line.trim_end().strip_prefix(LISTENING).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_is_read_from_the_line_that_the_server_prints() {
        let line = "Docket is listening on http://127.0.0.1:40001\n";

        assert_eq!(origin_in(line).as_deref(), Some("http://127.0.0.1:40001"));
        assert_eq!(origin_in("docket: the database is newer\n"), None);
    }

    #[test]
    fn the_reason_names_what_is_not_available() {
        let missing = succeed(&mut Command::new("docket-has-no-such-program"), "python3");
        let failing = succeed(&mut Command::new("false"), PACKAGE);

        assert!(missing.expect_err("it is missing").to_string().starts_with("python3 is not available here"));
        assert!(failing.expect_err("it fails").to_string().starts_with(PACKAGE));
    }

    #[test]
    fn the_settings_exist_at_their_path() {
        assert!([SETTINGS, HOOKS, WORLD].iter().all(|file| root().join(file).is_file()));
    }
}
