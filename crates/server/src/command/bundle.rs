//! `docket bundle`

use std::fmt::Write as _;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::builder::FalseyValueParser;
use clap::{Args, Subcommand};
use docket_bundle::Bundle as Document;
use serde_json::Value;

use super::print::{answer, say};
use super::{At, In, text};
use crate::failure::Failure;
use crate::order::{Act, How};

const EXPORT_EXAMPLES: &str = "\
Examples:
  docket bundle export > setup.yaml
  docket bundle export --workflow review-matches > review.yaml
  docket bundle export --json > setup.json

Case templates, statuses and workflows are named by their slugs, so the file fits every environment. For each workflow
it has the live version, or the draft if there is none. What a bundle can't contain is listed on standard error.
Works with a running server.";

const PLAN_EXAMPLES: &str = "\
Examples:
  docket bundle plan setup.yaml --environment production
  docket bundle plan setup.yaml --environment production --publish --json

Nothing is written. Exit codes: 0 no changes, 2 changes, 1 the bundle can't be applied or the command failed.
Works with a running server.";

const APPLY_EXAMPLES: &str = "\
Examples:
  docket bundle apply setup.yaml --environment production
  docket bundle apply setup.yaml --environment production --publish --plan 3f0c…

The whole file is applied in one commit, or nothing. Items that already match the file are not written again.
Statuses, fields and workflows that exist only in the environment stay. Works with a running server.";

/// Export case templates, statuses and workflows as one file, and apply it elsewhere.
#[derive(Debug, Subcommand)]
pub enum Bundle {
    Export(Export),
    Plan(Plan),
    Apply(Apply),
}

/// Print what an environment defines as a setup bundle.
#[derive(Debug, Args)]
#[command(after_help = EXPORT_EXAMPLES)]
pub struct Export {
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    home: In,
    /// Export only these case templates, by slug, and the workflows given with --workflow
    #[arg(long = "case-template", env = "DOCKET_CASE_TEMPLATE", value_name = "SLUG", value_delimiter = ',')]
    case_templates: Vec<String>,
    /// Export only these workflows, by slug, with everything that they refer to
    #[arg(long = "workflow", env = "DOCKET_WORKFLOW", value_name = "SLUG", value_delimiter = ',')]
    workflows: Vec<String>,
    /// Export the draft of each workflow that has one, instead of the live version
    #[arg(long, env = "DOCKET_DRAFTS", value_parser = FalseyValueParser::new())]
    drafts: bool,
}

/// Show what applying a setup bundle would change.
#[derive(Debug, Args)]
#[command(after_help = PLAN_EXAMPLES)]
pub struct Plan {
    #[command(flatten)]
    input: Input,
}

/// Apply a setup bundle: all of it, or nothing.
#[derive(Debug, Args)]
#[command(after_help = APPLY_EXAMPLES)]
pub struct Apply {
    #[command(flatten)]
    input: Input,
    /// The digest that `docket bundle plan` printed: apply exactly that plan, or nothing
    #[arg(long, env = "DOCKET_PLAN", value_name = "DIGEST")]
    plan: Option<String>,
}

/// A file, its environment, and how it is applied.
#[derive(Debug, Args)]
struct Input {
    /// The file; - for standard input
    file: PathBuf,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    home: In,
    /// Publish the workflows; otherwise they are saved as drafts
    #[arg(long, env = "DOCKET_PUBLISH", value_parser = FalseyValueParser::new())]
    publish: bool,
    /// Remove statuses and fields of its case templates that are not in the bundle
    #[arg(long, env = "DOCKET_PRUNE", value_parser = FalseyValueParser::new())]
    prune: bool,
}

impl Bundle {
    /// Runs the command.
    pub async fn run(self, as_json: bool) -> Result<ExitCode, Failure> {
        match self {
            Self::Export(export) => export.run(as_json).await,
            Self::Plan(plan) => plan.run(as_json).await,
            Self::Apply(apply) => apply.run(as_json).await,
        }
    }
}

impl Export {
    async fn run(self, as_json: bool) -> Result<ExitCode, Failure> {
        let Self { at, home, case_templates, workflows, drafts } = self;
        let found = at.order(&home.environment, Act::ExportBundle { case_templates, workflows, drafts }).await?;
        for warning in list(&found, "warnings") {
            let (workflow, place, message) = (text(warning, "workflow"), text(warning, "at"), text(warning, "message"));
            super::fail(&Failure::new(format_args!("workflow {workflow}, {place}: {message}")));
        }
        if as_json {
            say(format_args!("{:#}", found["document"]))?;
        } else {
            say(text(&found, "yaml").trim_end())?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Plan {
    async fn run(self, as_json: bool) -> Result<ExitCode, Failure> {
        let (bundle, how) = (self.input.read()?, self.input.how());
        let home = &self.input.home.environment;
        let plan = self.input.at.order(home, Act::PlanBundle { bundle, options: how }).await?;
        answer(as_json, &plan, || {
            let mut words = described(&plan);
            if plan["changes"] == true && plan["applicable"] == true {
                let _ = write!(words, "\nTo apply exactly this plan: --plan {}", text(&plan, "digest"));
            }
            words
        })?;
        Ok(match (plan["applicable"] == true, plan["changes"] == true) {
            (false, _) => ExitCode::FAILURE,
            (true, true) => ExitCode::from(2),
            (true, false) => ExitCode::SUCCESS,
        })
    }
}

impl Apply {
    async fn run(self, as_json: bool) -> Result<ExitCode, Failure> {
        let (bundle, how) = (self.input.read()?, self.input.how());
        let act = Act::ApplyBundle { bundle, options: how, plan: self.plan };
        let file = self.input.file.display();
        let done = self.input.at.order(&self.input.home.environment, act).await;
        let done = done.map_err(|failure| Failure::new(format_args!("{file} was not applied:\n{failure}")))?;
        answer(as_json, &done, || {
            let outcome = if done["changes"] == true { "Applied." } else { "Nothing to change." };
            format!("{}\n{outcome}", described(&done))
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Input {
    fn how(&self) -> How {
        How { publish: self.publish, prune: self.prune }
    }

    /// Reads the bundle from the file.
    fn read(&self) -> Result<Value, Failure> {
        let words = read_text(&self.file)?;
        let bundle = Document::from_text(&words).map_err(|refusal| {
            Failure::new(format_args!("{} was not read:\n{}", self.file.display(), Failure::from(refusal)))
        })?;
        Ok(bundle.to_json())
    }
}

fn read_text(file: &Path) -> Result<String, Failure> {
    let mut words = String::new();
    let done = if file == Path::new("-") {
        std::io::stdin().read_to_string(&mut words).map(drop)
    } else {
        std::fs::read_to_string(file).map(|whole| words = whole)
    };
    done.map_err(|error| Failure::new(format_args!("can't read {}: {error}", file.display())))?;
    Ok(words)
}

fn list<'v>(value: &'v Value, member: &str) -> impl Iterator<Item = &'v Value> {
    value[member].as_array().into_iter().flatten()
}

/// A plan in words, one line for each object that is created or changed.
fn described(plan: &Value) -> String {
    let mut words = String::new();
    let (mut unchanged, mut only_here) = (0, 0);
    for item in list(plan, "items") {
        let noun = text(item, "type").replace('-', " ");
        let (slug, name) = (text(item, "slug"), text(item, "name"));
        let sign = match text(item, "action") {
            "create" => '+',
            "change" => '~',
            "unchanged" => {
                unchanged += 1;
                continue;
            }
            _ => {
                only_here += 1;
                continue;
            }
        };
        let _ = write!(words, "{sign} {noun} {slug} ({name})");
        words.push_str(if item["publishes"] == true { ", published" } else { "" });
        words.push_str(if item["overwrites"] == true { ", replaces the draft" } else { "" });
        words.push('\n');
        for change in list(item, "changes") {
            let (before, after) = (short(&change["before"]), short(&change["after"]));
            let _ = writeln!(words, "    {}: {before} → {after}", text(change, "at"));
        }
        for kept in list(item, "kept").filter_map(Value::as_str) {
            let _ = writeln!(words, "    {kept} is not in the bundle and is kept");
        }
    }
    for problem in list(plan, "problems") {
        let sign = if problem["blocks"] == true { '!' } else { '?' };
        let noun = text(problem, "type").replace('-', " ");
        let (slug, at, message) = (text(problem, "slug"), text(problem, "at"), text(problem, "message"));
        let place = if at.is_empty() { String::new() } else { format!(", {at}") };
        let _ = writeln!(words, "{sign} {noun} {slug}{place}: {message}");
    }
    let _ = write!(words, "{unchanged} unchanged, {only_here} only in this environment");
    words
}

/// The maximum length of a value in a line, in characters.
const VALUE_CHARACTERS_MAX: usize = 80;

fn short(value: &Value) -> String {
    if value.is_null() {
        return "(none)".to_owned();
    }
    let written = value.to_string();
    if written.chars().count() <= VALUE_CHARACTERS_MAX {
        return written;
    }
    written.chars().take(VALUE_CHARACTERS_MAX).chain(['…']).collect()
}
