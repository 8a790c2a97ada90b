//! The dashboard: its packages, build, checks, and stories in a browser. Installing and building are repeated only if
//! their sources changed.

mod stale;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::commands::{self, cargo, root, tee};
use crate::needs::{self, Purpose};
use crate::{Fallible, needs::browser};

/// The name of the stamp next to installed packages; it contains the lock file from which they were installed.
const STAMP: &str = ".docket-installed";
/// The sources of the dashboard, relative to the root.
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

/// Builds the dashboard if its sources changed.
pub fn build() -> Fallible<ExitCode> {
    needs::meet(Purpose::Run)?;
    ensure()?;
    Ok(ExitCode::SUCCESS)
}

/// Installs the packages and builds the dashboard, if necessary.
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

/// Runs `npm ci` if the installed packages do not match the lock file.
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

/// Runs the tests of the dashboard's own code, and passes on each line of their output.
pub fn test(each: impl FnMut(&str)) -> Fallible<bool> {
    install(&root())?;
    Ok(tee(npx(&["vitest", "run", "--root", "web"]).env("NO_COLOR", "1"), each)?.success())
}

/// Runs the stories in a browser: a real server, real clicks. The arguments select stories.
pub fn stories(chosen: &[String], each: impl FnMut(&str)) -> Fallible<bool> {
    ensure()?;
    let docket = docket()?;
    let mut command = npx(&["vitest", "run", "--root", "tests/stories"]);
    command.args(chosen).env("NO_COLOR", "1").env("DOCKET_BINARY", docket).env("DOCKET_BROWSER", browser()?);
    Ok(tee(&mut command, each)?.success())
}

/// Runs the stories on request.
pub fn tell_stories(chosen: &[String]) -> Fallible<ExitCode> {
    needs::meet(Purpose::Test)?;
    let held = stories(chosen, |_| ())?;
    Ok(if held { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Takes a picture of every screen, light and dark, into a folder that git ignores.
pub fn screenshots() -> Fallible<ExitCode> {
    take("every-screen", "DOCKET_SCREENSHOTS", &root().join("screenshots"))
}

/// Takes the pictures of the guide and of the README, which are committed.
pub fn pictures() -> Fallible<ExitCode> {
    take("guide.story", "DOCKET_PICTURES", &root().join("docs/guide/pictures"))
}

/// Measures the editor and the list of cases with large amounts of data.
pub fn weigh() -> Fallible<ExitCode> {
    needs::meet(Purpose::Test)?;
    ensure()?;
    let mut command = npx(&["vitest", "run", "--root", "tests/stories", "--config", "measure.config.ts"]);
    Ok(commands::code(command.env("DOCKET_BINARY", docket()?).env("DOCKET_BROWSER", browser()?).status()?))
}

/// Runs a story that saves pictures to the folder in a variable.
fn take(story: &str, variable: &str, folder: &Path) -> Fallible<ExitCode> {
    needs::meet(Purpose::Test)?;
    ensure()?;
    let mut command = npx(&["vitest", "run", "--root", "tests/stories", story]);
    command.env(variable, folder).env("DOCKET_BINARY", docket()?).env("DOCKET_BROWSER", browser()?);
    let status = command.status()?;
    println!("The pictures are in {}.", folder.display());
    Ok(commands::code(status))
}

/// Generates the types of the API again, from the description that the binary prints.
pub fn client() -> Fallible<ExitCode> {
    needs::meet(Purpose::Run)?;
    fs::write(root().join(SCHEMA), schema()?)?;
    println!("{SCHEMA} matches the API's description.");
    Ok(ExitCode::SUCCESS)
}

/// Whether the types of the API match its description.
pub fn is_client_fresh() -> Fallible<bool> {
    let is_fresh = fs::read_to_string(root().join(SCHEMA))? == schema()?;
    if !is_fresh {
        println!("{SCHEMA} does not match the API's description: cargo xtask client");
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
    // The file comes first: otherwise the generator would read it as the value of the flag.
    let output = generator.arg(&file).arg("--empty-objects-unknown").output()?;
    fs::remove_file(&file)?;
    if output.status.success() {
        Ok(String::from_utf8(output.stdout)?)
    } else {
        Err(format!("the types of the API could not be generated: {}", String::from_utf8_lossy(&output.stderr)).into())
    }
}

/// Builds the server and returns the path of its binary, which is next to the one of this tool.
pub fn docket() -> Fallible<PathBuf> {
    let here = env::current_exe()?;
    let profile = here.parent().ok_or("this program is not in a folder")?;
    let target = profile.parent().ok_or("this program is not in a build folder")?;
    let mut command = cargo();
    command.args(["build", "--locked", "--package", "docket-server"]).env("CARGO_TARGET_DIR", target);
    if !command.status()?.success() {
        return Err("Docket does not build; the compiler's output is above".into());
    }
    let docket = target.join("debug/docket");
    if docket.is_file() { Ok(docket) } else { Err(format!("the build did not create {}", docket.display()).into()) }
}

fn npx(arguments: &[&str]) -> Command {
    let mut command = Command::new("npx");
    command.arg("--no-install").args(arguments).current_dir(root());
    command
}

fn succeed(mut command: impl std::borrow::BorrowMut<Command>, deed: &str) -> Fallible<()> {
    let status = command.borrow_mut().status().map_err(|why| format!("{deed}: {why}"))?;
    if status.success() { Ok(()) } else { Err(format!("could not {deed}; the output is above").into()) }
}
