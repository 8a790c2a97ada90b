//! The dashboard: its packages, its build, its checks, and its stories in a browser. Each is done again only when what it
//! is made from has changed.

mod stale;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::commands::{self, cargo, root, tee};
use crate::needs::{self, Purpose};
use crate::{Fallible, needs::browser};

/// What a stamp beside installed packages is called; it holds the lock file that they were installed from.
const STAMP: &str = ".docket-installed";
/// What the dashboard is made from, from the root.
const SOURCES: &[&str] = &[
    "docs/glossary.md",
    "docs/guide",
    "docs/reference",
    "package-lock.json",
    "web/build",
    "web/index.html",
    "web/package.json",
    "web/public",
    "web/src",
    "web/tsconfig.json",
    "web/vite.config.ts",
];
/// The last file that a build writes.
const BUILT: &str = "web/dist/index.html";
const SCHEMA: &str = "web/src/api/schema.ts";

/// Builds the dashboard if it is not as its sources are.
pub fn build() -> Fallible<ExitCode> {
    needs::meet(Purpose::Run)?;
    ensure()?;
    Ok(ExitCode::SUCCESS)
}

/// Installs the packages and builds the dashboard, where that is due.
pub fn ensure() -> Fallible<()> {
    install(&root())?;
    if stale::is_built(&root(), SOURCES, BUILT)? {
        return Ok(());
    }
    println!("Building the dashboard.");
    succeed(
        npx(&["vite", "build", "web", "--config", "web/vite.config.ts", "--logLevel", "warn"]),
        "build the dashboard",
    )
}

/// `npm ci`, if the packages there are not those of the lock file.
fn install(folder: &Path) -> Fallible<()> {
    let lock = fs::read(folder.join("package-lock.json"))?;
    let stamp = folder.join("node_modules").join(STAMP);
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    println!("Installing the packages of {}.", folder.display());
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"]);
    succeed(npm.current_dir(folder), "install the packages")?;
    Ok(fs::write(stamp, lock)?)
}

/// Format, lints and types of everything that is TypeScript or CSS.
pub fn lint() -> Fallible<bool> {
    install(&root())?;
    let is_clean = npx(&["biome", "check", "--error-on-warnings", "."]).status()?.success();
    let is_typed = npx(&["tsc", "--project", "web"]).status()?.success();
    let are_stories_typed = npx(&["tsc", "--project", "tests/stories"]).status()?.success();
    Ok(is_clean && is_typed && are_stories_typed)
}

/// The tests of the dashboard's own code, each line of their output handed on.
pub fn test(each: impl FnMut(&str)) -> Fallible<bool> {
    install(&root())?;
    Ok(tee(npx(&["vitest", "run", "--root", "web"]).env("NO_COLOR", "1"), each)?.success())
}

/// The stories in a browser: a real server, real clicks. Words after the command choose among them.
pub fn stories(chosen: &[String], each: impl FnMut(&str)) -> Fallible<bool> {
    ensure()?;
    let docket = docket()?;
    let mut command = npx(&["vitest", "run", "--root", "tests/stories"]);
    command.args(chosen).env("NO_COLOR", "1").env("DOCKET_BINARY", docket).env("DOCKET_BROWSER", browser()?);
    Ok(tee(&mut command, each)?.success())
}

/// The stories by hand.
pub fn tell_stories(chosen: &[String]) -> Fallible<ExitCode> {
    needs::meet(Purpose::Test)?;
    let held = stories(chosen, |_| ())?;
    Ok(if held { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A picture of every screen, light and dark, in a folder that git ignores.
pub fn screenshots() -> Fallible<ExitCode> {
    take("every-screen", "DOCKET_SCREENSHOTS", &root().join("screenshots"))
}

/// The pictures of the guide and of the README, which are committed.
pub fn pictures() -> Fallible<ExitCode> {
    take("guide.story", "DOCKET_PICTURES", &root().join("docs/guide/pictures"))
}

/// What the editor and the list of cases take when there is much of everything.
pub fn weigh() -> Fallible<ExitCode> {
    needs::meet(Purpose::Test)?;
    ensure()?;
    let mut command = npx(&["vitest", "run", "--root", "tests/stories", "--config", "measure.config.ts"]);
    Ok(commands::code(command.env("DOCKET_BINARY", docket()?).env("DOCKET_BROWSER", browser()?).status()?))
}

/// Tells a story that makes pictures where a variable says.
fn take(story: &str, variable: &str, folder: &Path) -> Fallible<ExitCode> {
    needs::meet(Purpose::Test)?;
    ensure()?;
    let mut command = npx(&["vitest", "run", "--root", "tests/stories", story]);
    command.env(variable, folder).env("DOCKET_BINARY", docket()?).env("DOCKET_BROWSER", browser()?);
    let status = command.status()?;
    println!("The pictures are in {}.", folder.display());
    Ok(commands::code(status))
}

/// Writes the types of the API again, from the description that the binary gives.
pub fn client() -> Fallible<ExitCode> {
    needs::meet(Purpose::Run)?;
    fs::write(root().join(SCHEMA), schema()?)?;
    println!("{SCHEMA} is as the API describes itself.");
    Ok(ExitCode::SUCCESS)
}

/// Whether the types of the API are as the API describes itself.
pub fn is_client_fresh() -> Fallible<bool> {
    let is_fresh = fs::read_to_string(root().join(SCHEMA))? == schema()?;
    if !is_fresh {
        println!("{SCHEMA} is not as the API describes itself: cargo xtask client");
    }
    Ok(is_fresh)
}

fn schema() -> Fallible<String> {
    let tools = root().join("web/tools");
    install(&tools)?;
    let described = Command::new(docket()?).arg("openapi").output()?;
    let file = env::temp_dir().join(format!("docket-openapi-{}.json", std::process::id()));
    fs::write(&file, described.stdout)?;
    let mut generator = Command::new("node");
    generator.current_dir(&tools).arg("node_modules/openapi-typescript/bin/cli.js");
    // The file first: the generator would take it for the value of the flag.
    let output = generator.arg(&file).arg("--empty-objects-unknown").output()?;
    fs::remove_file(&file)?;
    if output.status.success() {
        Ok(String::from_utf8(output.stdout)?)
    } else {
        Err(format!("the types of the API could not be made: {}", String::from_utf8_lossy(&output.stderr)).into())
    }
}

/// Builds the server and finds its binary, which lies beside the one of this tool.
pub fn docket() -> Fallible<PathBuf> {
    let here = env::current_exe()?;
    let profile = here.parent().ok_or("this program lies in no folder")?;
    let target = profile.parent().ok_or("this program lies in no build folder")?;
    let mut command = cargo();
    command.args(["build", "--locked", "--package", "docket-server"]).env("CARGO_TARGET_DIR", target);
    if !command.status()?.success() {
        return Err("Docket does not build; the compiler's words are above".into());
    }
    let docket = target.join("debug/docket");
    if docket.is_file() { Ok(docket) } else { Err(format!("the build made no {}", docket.display()).into()) }
}

fn npx(arguments: &[&str]) -> Command {
    let mut command = Command::new("npx");
    command.arg("--no-install").args(arguments).current_dir(root());
    command
}

fn succeed(mut command: impl std::borrow::BorrowMut<Command>, deed: &str) -> Fallible<()> {
    let status = command.borrow_mut().status().map_err(|why| format!("{deed}: {why}"))?;
    if status.success() { Ok(()) } else { Err(format!("could not {deed}; the words are above").into()) }
}
