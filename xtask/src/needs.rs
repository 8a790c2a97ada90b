//! The programs that a machine needs before anything is built, and how they get installed.
//!
//! `TOOLS` are programs that every contributor has already; a missing one is reported with the command that installs
//! it. `HELPERS` are needed only for tests; for root they are installed, other users get the command to install them. A
//! new helper is one more row.

use std::env;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Fallible;
use crate::postgres;

/// The purpose of the check.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// Building the product and starting it.
    Run,
    /// Running the tests.
    Test,
}

struct Tool {
    name: &'static str,
    /// Tried in order; the first one that runs determines the version.
    probes: &'static [&'static [&'static str]],
    oldest: (u32, u32),
    remedy: &'static str,
}

const TOOLS: &[Tool] = &[
    Tool {
        name: "Rust 1.95 or newer",
        probes: &[&["rustc", "--version"]],
        oldest: (1, 95),
        remedy: "rustup update stable   (no rustup: https://rustup.rs)",
    },
    Tool {
        name: "clippy",
        probes: &[&["cargo", "clippy", "--version"]],
        oldest: (0, 0),
        remedy: "rustup component add clippy",
    },
    Tool {
        name: "rustfmt",
        probes: &[&["cargo", "fmt", "--version"]],
        oldest: (0, 0),
        remedy: "rustup component add rustfmt",
    },
    Tool {
        name: "Node 20.19 or newer",
        probes: &[&["node", "--version"]],
        oldest: (20, 19),
        remedy: "apt-get install nodejs npm   (Debian 12 and older: https://nodejs.org/en/download)",
    },
    Tool { name: "npm", probes: &[&["npm", "--version"]], oldest: (0, 0), remedy: "apt-get install npm" },
    Tool { name: "git", probes: &[&["git", "--version"]], oldest: (0, 0), remedy: "apt-get install git" },
    Tool { name: "make", probes: &[&["make", "--version"]], oldest: (0, 0), remedy: "apt-get install make" },
    Tool {
        name: "a C compiler",
        probes: &[&["cc", "--version"]],
        oldest: (0, 0),
        remedy: "apt-get install gcc libc6-dev",
    },
];

struct Helper {
    name: &'static str,
    purposes: &'static [Purpose],
    packages: &'static [&'static str],
    is_here: fn() -> bool,
    before_install: fn() -> Fallible<()>,
}

const HELPERS: &[Helper] = &[
    Helper {
        name: "PostgreSQL",
        purposes: &[Purpose::Test],
        packages: &["postgresql"],
        is_here: || postgres::named().is_some() || postgres::binaries().is_some(),
        before_install: want_no_default_cluster,
    },
    Helper {
        name: "Chromium",
        purposes: &[Purpose::Test],
        packages: &["chromium", "fonts-liberation"],
        is_here: || browser().is_ok(),
        before_install: || Ok(()),
    },
];

/// The environment variable with the path of a different browser.
const BROWSER_VARIABLE: &str = "DOCKET_BROWSER";
const BROWSERS: &[&str] = &["chromium", "chromium-browser", "google-chrome"];

/// The browser for the stories.
pub fn browser() -> Fallible<PathBuf> {
    if let Some(named) = env::var_os(BROWSER_VARIABLE).filter(|named| !named.is_empty()) {
        return Ok(PathBuf::from(named));
    }
    let folders: Vec<PathBuf> = env::var_os("PATH").iter().flat_map(env::split_paths).collect();
    let mut places = BROWSERS.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    places.find(|place| place.is_file()).ok_or_else(|| "there is no Chromium here".into())
}

/// Checks that everything needed is installed, and installs missing helpers if possible.
pub fn meet(purpose: Purpose) -> Fallible<()> {
    let missing: Vec<String> = TOOLS.iter().filter_map(lack).collect();
    if !missing.is_empty() {
        return Err(format!("this machine lacks:\n{}", missing.join("\n")).into());
    }
    let absent: Vec<&Helper> = absent(HELPERS, purpose);
    if absent.is_empty() { Ok(()) } else { provide(&absent, purpose) }
}

fn absent(helpers: &'static [Helper], purpose: Purpose) -> Vec<&'static Helper> {
    helpers.iter().filter(|helper| helper.purposes.contains(&purpose) && !(helper.is_here)()).collect()
}

fn lack(tool: &Tool) -> Option<String> {
    let found = tool.probes.iter().find_map(|probe| ask_version(probe));
    match found {
        Some(version) if version >= tool.oldest => None,
        Some((major, minor)) => Some(format!("  {} (found {major}.{minor}): {}", tool.name, tool.remedy)),
        None => Some(format!("  {}: {}", tool.name, tool.remedy)),
    }
}

fn ask_version(probe: &[&str]) -> Option<(u32, u32)> {
    let (program, arguments) = probe.split_first()?;
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| version_in(&String::from_utf8_lossy(&output.stdout)))
}

/// The first `major.minor` in a tool's version output; 0.0 if there is none.
fn version_in(text: &str) -> (u32, u32) {
    let numbers = |word: &str| {
        let (major, rest) = word.trim_start_matches('v').split_once('.')?;
        let minor = rest.split(|c: char| !c.is_ascii_digit()).next()?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    };
    text.split_whitespace().find_map(numbers).unwrap_or_default()
}

fn provide(absent: &[&Helper], purpose: Purpose) -> Fallible<()> {
    let names = absent.iter().map(|helper| helper.name).collect::<Vec<_>>().join(", ");
    let packages: Vec<&str> = absent.iter().flat_map(|helper| helper.packages).copied().collect();
    let by_hand = format!("apt-get install --no-install-recommends {}", packages.join(" "));
    if !postgres::am_root()? {
        return Err(format!("the tests need {names}, which is not installed; please run\n  sudo {by_hand}").into());
    }
    if !Path::new("/usr/bin/apt-get").is_file() {
        return Err(format!("the tests need {names}; there is no apt-get here to install it with").into());
    }
    println!("The tests need {names}. Installing from Debian: {}", packages.join(" "));
    for helper in absent {
        (helper.before_install)()?;
    }
    apt(&["update"])?;
    apt(&[&["install", "--yes", "--no-install-recommends"], packages.as_slice()].concat())?;
    match HELPERS.iter().find(|helper| helper.purposes.contains(&purpose) && !(helper.is_here)()) {
        Some(helper) => Err(format!("{} was installed but is still not found", helper.name).into()),
        None => Ok(()),
    }
}

fn apt(arguments: &[&str]) -> Fallible<()> {
    let mut command = Command::new("apt-get");
    // A machine that has just started may be running its own updates: wait for the lock. Never ask about configuration.
    command.args(["--quiet", "--option", "DPkg::Lock::Timeout=300"]);
    command.args(["--option", "Dpkg::Options::=--force-confdef", "--option", "Dpkg::Options::=--force-confold"]);
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").env("UCF_FORCE_CONFFOLD", "1");
    let status = command.stdin(Stdio::null()).status()?;
    if status.success() { Ok(()) } else { Err(format!("apt-get {} failed: {status}", arguments.join(" ")).into()) }
}

/// Prevents Debian from starting its default database server, unless the machine's owner has configured this already.
fn want_no_default_cluster() -> Fallible<()> {
    let file = Path::new("/etc/postgresql-common/createcluster.conf");
    fs::create_dir_all("/etc/postgresql-common")?;
    match OpenOptions::new().write(true).create_new(true).open(file) {
        Ok(mut settings) => {
            println!("Writing {}: PostgreSQL comes without its default cluster.", file.display());
            Ok(settings.write_all(b"create_main_cluster = false\n")?)
        }
        Err(why) if why.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(why) => Err(format!("write {}: {why}", file.display()).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_from_the_output_of_a_tool() {
        assert_eq!(version_in("rustc 1.95.0 (f2d3ce0bd 2026-03-21)"), (1, 95));
        assert_eq!(version_in("v20.20.2\n"), (20, 20));
        assert_eq!(version_in("cc (Debian 12.2.0-14+deb12u1) 12.2.0"), (12, 2));
        assert_eq!(version_in("no number"), (0, 0));
    }

    #[test]
    fn a_missing_tool_is_named_with_its_remedy() {
        let tool = Tool {
            name: "a loom",
            probes: &[&["docket-no-such-loom", "--version"]],
            oldest: (1, 0),
            remedy: "buy a loom",
        };

        assert_eq!(lack(&tool).as_deref(), Some("  a loom: buy a loom"));
    }

    #[test]
    fn an_outdated_tool_is_named_with_the_version_found() {
        let tool =
            Tool { name: "echo 3 or newer", probes: &[&["echo", "echo 2.7"]], oldest: (3, 0), remedy: "shout louder" };

        assert_eq!(lack(&tool).as_deref(), Some("  echo 3 or newer (found 2.7): shout louder"));
    }

    #[test]
    fn a_helper_is_needed_only_for_its_purpose() {
        const MISSING: &[Helper] = &[Helper {
            name: "an anvil",
            purposes: &[Purpose::Test],
            packages: &["anvil"],
            is_here: || false,
            before_install: || Ok(()),
        }];

        assert_eq!(absent(MISSING, Purpose::Test).len(), 1);
        assert_eq!(absent(MISSING, Purpose::Run).len(), 0);
    }
}
