//! `docket workflow`

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::builder::FalseyValueParser;
use clap::{Args, Subcommand};
use docket_workflows::problem::Problem;
use docket_workflows::read;
use serde_json::{Map, Value};

use super::print::{answer, say};
use super::{At, In, text};
use crate::failure::Failure;
use crate::order::Act;

const APPLY_EXAMPLES: &str = "\
Examples:
  docket workflow apply review.yaml                save it as a draft
  docket workflow apply review.yaml --publish      let it run
  docket workflow apply - --name Review < review.json

The file is YAML or JSON: `name`, `description`, `trigger`, `steps`, `output`. A workflow with that name is changed;
otherwise a new one is created. A draft with problems is saved, and each problem is listed with its location. With
--publish, a file with problems changes nothing.
Works with a running server: the server applies the file.";

const EXPORT_EXAMPLES: &str = "\
Example:
  docket workflow export 'Review' > review.yaml

The output can be applied again. Works with a running server.";

/// Apply and export workflows as files.
#[derive(Debug, Subcommand)]
pub enum Workflow {
    Apply(Apply),
    Export(Export),
}

/// Create a workflow from a file, or change the workflow with that name.
#[derive(Debug, Args)]
#[command(after_help = APPLY_EXAMPLES)]
pub struct Apply {
    /// The file; - for standard input
    file: PathBuf,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    home: In,
    /// The workflow's name, if the file has none
    #[arg(long, env = "DOCKET_NAME")]
    name: Option<String>,
    /// Publish the workflow
    #[arg(long, env = "DOCKET_PUBLISH", value_parser = FalseyValueParser::new())]
    publish: bool,
}

/// Print a workflow as YAML: its draft, or its live version if there is no draft.
#[derive(Debug, Args)]
#[command(after_help = EXPORT_EXAMPLES)]
pub struct Export {
    /// The workflow's id or name
    workflow: String,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    home: In,
}

impl Workflow {
    /// Runs the command.
    pub async fn run(self, as_json: bool) -> Result<(), Failure> {
        match self {
            Self::Apply(apply) => apply.run(as_json).await,
            Self::Export(export) => export.run(as_json).await,
        }
    }
}

impl Apply {
    async fn run(self, as_json: bool) -> Result<(), Failure> {
        let act = wanted(read_file(&self.file)?, self.name, &self.file, self.publish)?;
        let done = self
            .at
            .order(&self.home.environment, act)
            .await
            .map_err(|failure| Failure::new(format_args!("{} was not applied:\n{failure}", self.file.display())))?;
        answer(as_json, &done, || {
            let published = if done["published"] == true { " and published" } else { "" };
            let (name, id, outcome) = (text(&done, "name"), text(&done, "id"), text(&done, "outcome"));
            let mut said = format!("Workflow '{name}' ({id}) is {outcome}{published}; it is {}.", text(&done, "state"));
            let problems: Vec<&str> =
                done["problems"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            if !problems.is_empty() {
                said.push_str("\nIts draft can't be published yet:");
            }
            for problem in problems {
                said.push_str("\n  ");
                said.push_str(problem);
            }
            said
        })
    }
}

impl Export {
    async fn run(self, as_json: bool) -> Result<(), Failure> {
        let found = self.at.order(&self.home.environment, Act::ReadWorkflow { workflow: self.workflow }).await?;
        if as_json {
            return say(&found);
        }
        let mut file = Map::from_iter([("name".to_owned(), found["name"].clone())]);
        file.extend(found["description"].as_str().map(|words| ("description".to_owned(), words.into())));
        file.extend(found["definition"].as_object().cloned().unwrap_or_default());
        say(read::to_yaml(&Value::Object(file)).trim_end())
    }
}

fn read_file(file: &Path) -> Result<Value, Failure> {
    let mut words = String::new();
    let done = if file == Path::new("-") {
        std::io::stdin().read_to_string(&mut words).map(drop)
    } else {
        std::fs::read_to_string(file).map(|whole| words = whole)
    };
    done.map_err(|error| Failure::new(format_args!("can't read {}: {error}", file.display())))?;
    let is_json = file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let tree = if is_json { read::json(&words) } else { read::yaml(&words) };
    tree.map_err(|Problem { message, .. }| Failure::new(format_args!("{}: {message}", file.display())))
}

/// Separates the file's own members from the definition.
fn wanted(tree: Value, name: Option<String>, file: &Path, publish: bool) -> Result<Act, Failure> {
    let Value::Object(mut members) = tree else {
        return Err(Failure::new(format_args!("{}: a workflow has a trigger and steps", file.display())));
    };
    let mut own = |member: &str| match members.shift_remove(member) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(words)) => Ok(Some(words)),
        Some(other) => Err(Failure::new(format_args!("{}: {member} is text, not {other}", file.display()))),
    };
    let (in_file, description) = (own("name")?, own("description")?);
    let name = name.or(in_file).ok_or_else(|| {
        Failure::new(format_args!("{} has no name; write `name: …` in it, or give --name", file.display()))
    })?;
    Ok(Act::ApplyWorkflow { name, description, definition: Value::Object(members), publish })
}
