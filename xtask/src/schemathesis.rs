//! Schemathesis: requests made from the API's own description, valid and invalid, against a running server.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, ExitCode, Stdio};

use crate::commands::root;
use crate::{Fallible, json, web};

/// The release that the settings are written for; another one may know other checks.
const PACKAGE: &str = "schemathesis==4.32.5";
/// The settings, with the accepted exceptions and their reasons.
const SETTINGS: &str = "tests/schemathesis/schemathesis.toml";
/// What the server prints once it answers.
const LISTENING: &str = "Docket is listening on ";

/// How a run ended.
pub enum Outcome {
    /// Every operation was tested; true when nothing was found.
    Ran(bool),
    /// It can't run on this machine.
    Skipped(String),
}

/// Runs it by hand. That it can't run here is a failure then.
pub fn by_hand() -> Fallible<ExitCode> {
    match run()? {
        Outcome::Ran(true) => Ok(ExitCode::SUCCESS),
        Outcome::Ran(false) => Ok(ExitCode::FAILURE),
        Outcome::Skipped(why) => Err(why.into()),
    }
}

/// Tests a server with sample data, built from this checkout, on a database of its own.
pub fn run() -> Fallible<Outcome> {
    let folder = folder()?;
    let program = match install(&folder.join("venv")) {
        Ok(program) => program,
        Err(why) => return Ok(Outcome::Skipped(format!("Schemathesis can't run: {why}"))),
    };
    let docket = web::docket()?;
    let trial = folder.join(process::id().to_string());
    fs::create_dir_all(&trial)?;
    let held = test(&program, &docket, &trial);
    fs::remove_dir_all(&trial)?;
    held.map(Outcome::Ran)
}

/// In the build folder: a second run finds the installed package.
fn folder() -> Fallible<PathBuf> {
    let here = env::current_exe()?;
    let profile = here.parent().ok_or("this program lies in no folder")?;
    Ok(profile.join("schemathesis"))
}

/// Installs the package into a virtual environment unless it is there, and answers with its program.
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
        Ok(status) => Err(format!("{needed} is not to be had here ({status})").into()),
        Err(why) => Err(format!("{needed} is not to be had here ({why})").into()),
    }
}

fn test(program: &Path, docket: &Path, trial: &Path) -> Fallible<bool> {
    let (data, description) = (trial.join("data"), trial.join("openapi.json"));
    fs::write(&description, answer_of(Command::new(docket).arg("openapi"))?)?;
    let mut setup = of_folder(docket, "setup", &data);
    setup.args(["--organization", "Lumen Bank", "--email", "ada@lumen.example", "--sample-data", "--json"]);
    let made = answer_of(setup.env("DOCKET_PASSWORD", "a password of a trial"))?;
    let key =
        json::text_at(&made, &["environments", "sandbox", "api_key"]).ok_or("the set-up answered without a key")?;
    let server = Server::start(of_folder(docket, "serve", &data))?;

    let mut command = Command::new(program);
    command.current_dir(trial).arg("--config-file").arg(root().join(SETTINGS)).args(["--no-color", "run"]);
    command.arg(&description).args(["--origin", &server.origin, "--header", &format!("Authorization: Bearer {key}")]);
    Ok(command.status()?.success())
}

/// A command of the server's binary on a data folder, whatever database the environment names.
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

/// A server that ends with this value.
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
    fn the_origin_stands_in_the_line_that_the_server_prints() {
        let line = "Docket is listening on http://127.0.0.1:40001\n";

        assert_eq!(origin_in(line).as_deref(), Some("http://127.0.0.1:40001"));
        assert_eq!(origin_in("docket: the database is newer\n"), None);
    }

    #[test]
    fn the_reason_names_what_is_not_to_be_had() {
        let missing = succeed(&mut Command::new("docket-has-no-such-program"), "python3");
        let failing = succeed(&mut Command::new("false"), PACKAGE);

        assert!(missing.expect_err("it is missing").to_string().starts_with("python3 is not to be had here"));
        assert!(failing.expect_err("it fails").to_string().starts_with(PACKAGE));
    }

    #[test]
    fn the_settings_lie_where_they_are_looked_for() {
        assert!(root().join(SETTINGS).is_file());
    }
}
