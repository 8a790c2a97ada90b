//! `make run`: from a clone to a running Docket with sample data, in one command.
//!
//! At the end this process is replaced by the server, so that Ctrl-C, `kill` and the exit code apply to the server
//! itself. A small helper process, started before that, prints the greeting once the server answers.

mod address;
mod announce;
mod credentials;

use std::env;
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{self, Command, ExitCode, Stdio};

use crate::commands::root;
use crate::needs::{self, Purpose};
use crate::{Fallible, json, web};
use address::Others;
use credentials::Credentials;

pub use announce::announce;

/// The internal command by which this tool prints the greeting; not for users.
pub const ANNOUNCE: &str = "announce";

const ORGANIZATION: &str = "Lumen Bank";

/// Builds Docket, sets it up if its data folder is empty, and becomes its server.
pub fn start() -> Fallible<ExitCode> {
    needs::meet(Purpose::Run)?;
    web::ensure()?;
    println!("Building Docket; the first time takes some minutes.");
    let docket = web::docket()?;
    let data = data_folder();
    match state_of(&data)? {
        State::Empty => set_up(&docket, &data)?,
        State::HalfSetUp => {
            return Err(format!(
                "the set-up of {} was interrupted, so it contains none of your data; `make fresh` starts over",
                data.display()
            )
            .into());
        }
        State::SetUp => {}
    }
    serve(&docket, &data)
}

/// Removes the data folder, then starts as if for the first time.
pub fn start_fresh() -> Fallible<ExitCode> {
    let data = data_folder();
    match state_of(&data)? {
        State::Empty => {}
        State::SetUp if !Credentials::file(&data).is_file() => {
            return Err(format!("{} was not made by `make run`; remove it yourself", data.display()).into());
        }
        State::SetUp | State::HalfSetUp if is_in_use(&data) => {
            return Err(format!("a Docket is running on {}; stop it first", data.display()).into());
        }
        State::SetUp | State::HalfSetUp => {
            println!("Removing {} and everything in it.", data.display());
            fs::remove_dir_all(&data)?;
        }
    }
    start()
}

/// Whether a server uses the folder: a running server has a lock on a file in it.
fn is_in_use(data: &Path) -> bool {
    let lock = File::open(data.join("docket.lock"));
    lock.is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock)))
}

fn data_folder() -> PathBuf {
    let named = env::var_os("DOCKET_DATA").filter(|named| !named.is_empty());
    named.map_or_else(|| root().join("docket-data"), PathBuf::from)
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    Empty,
    /// The password exists and the key does not: the setup did not finish.
    HalfSetUp,
    SetUp,
}

fn state_of(data: &Path) -> Fallible<State> {
    let mut entries = match fs::read_dir(data) {
        Ok(entries) => entries,
        Err(why) if why.kind() == ErrorKind::NotFound => return Ok(State::Empty),
        Err(why) => return Err(format!("look into {}: {why}", data.display()).into()),
    };
    if entries.next().is_none() {
        return Ok(State::Empty);
    }
    Ok(match Credentials::load(data)? {
        Some(credentials) if credentials.sandbox_key.is_none() => State::HalfSetUp,
        _ => State::SetUp,
    })
}

/// Creates the organization and its sample data. The password is saved before it is used, the key afterwards.
fn set_up(docket: &Path, data: &Path) -> Fallible<()> {
    println!("Setting up {ORGANIZATION} with sample data in {}.", data.display());
    DirBuilder::new().recursive(true).mode(0o700).create(data)?;
    let mut credentials = Credentials::make()?;
    credentials.save(data)?;
    let mut command = on_folder(docket);
    command.arg("setup").arg("--data").arg(data).args(["--organization", ORGANIZATION]);
    command.args(["--email", &credentials.email, "--sample-data", "--json"]);
    // Not an argument: every user of the machine could see it.
    command.env("DOCKET_PASSWORD", &credentials.password);
    let output = command.stderr(Stdio::inherit()).output()?;
    let answer = String::from_utf8_lossy(&output.stdout);
    credentials.sandbox_key = json::text_at(&answer, &["environments", "sandbox", "api_key"]);
    if !output.status.success() || credentials.sandbox_key.is_none() {
        fs::remove_dir_all(data)?;
        return Err(format!("the set-up failed ({}): {}", output.status, answer.trim()).into());
    }
    credentials.save(data)
}

/// The server's binary, set to use a data folder even if the environment names a database.
fn on_folder(docket: &Path) -> Command {
    let mut command = Command::new(docket);
    command.env_remove("DOCKET_DATABASE_URL");
    command
}

fn serve(docket: &Path, data: &Path) -> Fallible<ExitCode> {
    let others = Others::said(env::var("DOCKET_ALLOW_REMOTE").ok().as_deref());
    let address = address::choose(env::var("DOCKET_LISTEN").ok(), others)?;
    let greet: [OsString; 5] =
        [ANNOUNCE.into(), process::id().to_string().into(), address.to_string().into(), data.into(), docket.into()];
    // Started by a shell that ends at once, so that the helper is no child of the server, which would not reap it.
    let mut herald = Command::new("sh");
    herald.args(["-c", "\"$@\" &", "sh"]).arg(env::current_exe()?).args(greet).stdin(Stdio::null());
    if !herald.status()?.success() {
        return Err("could not start the helper that reports when Docket is ready".into());
    }
    let mut server = on_folder(docket);
    server.arg("serve").arg("--data").arg(data).args(["--listen", &address.to_string()]);
    Err(format!("start {}: {}", docket.display(), server.exec()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = env::temp_dir().join(format!("docket-run-{name}-{}", process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        folder
    }

    #[test]
    fn a_folder_that_is_absent_or_empty_is_set_up() {
        let data = folder("empty");
        assert_eq!(state_of(&data).expect("a state"), State::Empty);

        fs::remove_dir(&data).expect("removed");
        assert_eq!(state_of(&data).expect("a state"), State::Empty);
    }

    #[test]
    fn a_set_up_without_a_key_was_interrupted() {
        let data = folder("half");
        let mut credentials = Credentials::make().expect("credentials");
        credentials.save(&data).expect("saved");
        let half = state_of(&data).expect("a state");
        credentials.sandbox_key = Some("key".into());
        credentials.save(&data).expect("saved");
        let whole = state_of(&data).expect("a state");

        fs::remove_dir_all(&data).expect("removed");
        assert_eq!((half, whole), (State::HalfSetUp, State::SetUp));
    }

    #[test]
    fn a_folder_whose_server_runs_is_not_removed() {
        let data = folder("used");
        let free = is_in_use(&data);
        let lock = File::create(data.join("docket.lock")).expect("a lock");
        let unlocked = is_in_use(&data);
        lock.lock().expect("locked");
        let used = is_in_use(&data);

        fs::remove_dir_all(&data).expect("removed");
        assert_eq!((free, unlocked, used), (false, false, true));
    }

    #[test]
    fn a_folder_from_elsewhere_is_started_and_never_set_up_again() {
        let data = folder("foreign");
        fs::write(data.join("docket.db"), "").expect("written");

        let state = state_of(&data).expect("a state");

        fs::remove_dir_all(&data).expect("removed");
        assert_eq!(state, State::SetUp);
    }
}
