//! `docket redactions`

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::print::answer;
use super::{At, ServerAccess, text};
use crate::failure::Failure;
use crate::order::{LINES_AT_ONCE, OperatorCommand, made};

const EXPORT_EXAMPLES: &str = "\
Examples:
  docket redactions export redactions.jsonl --data ./docket-data
  docket redactions export redactions.jsonl --database-url postgres://docket@db.example/docket

The file lists what was redacted in every environment, when and by whom; it holds no content. Export it as often as
you make backups, and keep it apart from the database. Works with a running server.";

const APPLY_EXAMPLES: &str = "\
Examples:
  docket redactions apply redactions.jsonl --data ./docket-data
  docket redactions apply redactions.jsonl --database-url postgres://docket@db.example/docket

Use it after you restored a backup, before you start the server. Each object is redacted as `DELETE` would redact it,
and the command waits until the copies of its content are blanked. Applying a file again changes nothing. A file of
another installation is refused. Works with a running server.";

/// The mark of a file, with the version of its form.
const MARK: &str = "docket-redactions";
const FORM: u64 = 1;
/// A longer line is none of these files.
const LINE_BYTES_MAX: u64 = 64 << 10;

/// List redactions in a file, and apply them to a restored backup.
#[derive(Debug, Subcommand)]
pub enum Redactions {
    Export(Export),
    Apply(Apply),
}

/// Write what was redacted to a file.
#[derive(Debug, Args)]
#[command(after_help = EXPORT_EXAMPLES)]
pub struct Export {
    /// The file; one that is there is replaced
    file: PathBuf,
    #[command(flatten)]
    at: At,
}

/// Redact again what a file lists: what was redacted after the backup was made.
#[derive(Debug, Args)]
#[command(after_help = APPLY_EXAMPLES)]
pub struct Apply {
    /// The file
    file: PathBuf,
    #[command(flatten)]
    at: At,
}

impl Redactions {
    /// Does it.
    pub async fn run(self, as_json: bool) -> Result<(), Failure> {
        match self {
            Self::Export(Export { file, at }) => {
                let there = at.there().await?;
                let written = export(&there, &file).await;
                there.close().await;
                let count = written?;
                answer(as_json, &json!({"file": file, "redactions": count}), || {
                    format!("{} written to {}.", counted(count, "redaction"), file.display())
                })
            }
            Self::Apply(Apply { file, at }) => {
                let there = at.there().await?;
                let applied = apply(&there, &file).await;
                there.close().await;
                let applied = applied?;
                answer(as_json, &applied, || in_words(&applied))
            }
        }
    }
}

/// Writes beside the file and then in its place, so that a file is whole or not there.
async fn export(there: &ServerAccess, file: &Path) -> Result<u64, Failure> {
    let mut draft = file.as_os_str().to_owned();
    draft.push(".part");
    let draft = PathBuf::from(draft);
    let failed = |error: std::io::Error| Failure::new(format_args!("can't write {}: {error}", file.display()));
    let written = match create(&draft) {
        Ok(open) => write(there, BufWriter::new(open), &failed).await,
        Err(error) => return Err(failed(error)),
    };
    match written.and_then(|count| std::fs::rename(&draft, file).map(|()| count).map_err(failed)) {
        Ok(count) => Ok(count),
        Err(failure) => {
            drop(std::fs::remove_file(&draft));
            Err(failure)
        }
    }
}

/// A file that only its owner reads: it says who redacted what.
fn create(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

async fn write(
    there: &ServerAccess,
    mut to: BufWriter<File>,
    failed: &impl Fn(std::io::Error) -> Failure,
) -> Result<u64, Failure> {
    let known = there.order(OperatorCommand::Identify).await?;
    writeln!(to, "{}", json!({MARK: FORM, "installation": known["installation"]})).map_err(failed)?;
    let mut count = 0;
    for environment in known["environments"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let mut after = None;
        loop {
            let order = OperatorCommand::ReadRedactions { environment: environment.to_owned(), after };
            let found = there.order(order).await?;
            for line in found["redactions"].as_array().into_iter().flatten() {
                writeln!(to, "{line}").map_err(failed)?;
                count += 1;
            }
            after = found["after"].as_str().map(str::to_owned);
            if after.is_none() {
                break;
            }
        }
    }
    writeln!(to, "{}", json!({"end": count})).map_err(failed)?;
    to.into_inner().map_err(|error| failed(error.into_error()))?.sync_all().map_err(failed)?;
    Ok(count)
}

/// Reads the whole file before anything is redacted. Then come the redactions that were requested, and after them those
/// that others included: these are redacted with the others where they belonged to them already.
async fn apply(there: &ServerAccess, file: &Path) -> Result<Value, Failure> {
    let here = there.order(OperatorCommand::Identify).await?;
    let listed = check(file, text(&here, "installation"))?;
    let mut counts = [("redacted", 0), ("before", 0), ("absent", 0)];
    for are_included in [false, true] {
        let mut batch = Vec::new();
        let mut lines = Lines::of(file)?;
        lines.next()?;
        while let Some(line) = lines.next()? {
            if line.get("id").is_some() && line["redacted-with"].is_string() == are_included {
                batch.push(line);
            }
            if batch.len() == LINES_AT_ONCE as usize {
                send(there, std::mem::take(&mut batch), &mut counts).await?;
            }
        }
        if !batch.is_empty() {
            send(there, batch, &mut counts).await?;
        }
    }
    let pending = settle(there).await?;
    let [(_, redacted), (_, before), (_, absent)] = counts;
    Ok(json!({"listed": listed, "redacted": redacted, "before": before, "absent": absent, "pending": pending}))
}

async fn send(there: &ServerAccess, redactions: Vec<Value>, counts: &mut [(&str, u64)]) -> Result<(), Failure> {
    let done = there.order(OperatorCommand::RedactAgain { redactions }).await?;
    for (name, count) in counts {
        *count += done[*name].as_u64().unwrap_or_default();
    }
    Ok(())
}

/// Lets passes run until none is due: each blanks copies, or is due later if it failed. Returns the number of redactions
/// that are not done.
async fn settle(there: &ServerAccess) -> Result<u64, Failure> {
    loop {
        let left = there.order(OperatorCommand::BlankCopies).await?;
        if left["due"] != true {
            return Ok(left["pending"].as_u64().unwrap_or_default());
        }
    }
}

/// Looks at every line; answers how many redactions the file lists.
fn check(file: &Path, installation: &str) -> Result<u64, Failure> {
    let (shown, mut lines) = (file.display(), Lines::of(file)?);
    let head = lines.next()?.unwrap_or_default();
    if head[MARK] != FORM {
        let words = format!("{shown} is not a list of redactions; give a file that `docket redactions export` wrote");
        return Err(Failure::new(words));
    }
    let of = text(&head, "installation");
    if of != installation {
        return Err(Failure::new(format_args!(
            "{shown} lists the redactions of another installation: its first organization is {of}, that of this \
             database is {installation}; give the file that was exported from this installation"
        )));
    }
    let (mut count, mut end) = (0_u64, None);
    while let Some(line) = lines.next()? {
        if end.is_some() {
            return Err(lines.failed("it comes after the end"));
        }
        end = line.get("end").cloned();
        if end.is_none() {
            made(&line).map_err(|failure| lines.failed(failure))?;
            count += 1;
        }
    }
    match end {
        Some(end) if end == count => Ok(count),
        _ => {
            Err(Failure::new(format_args!("{shown} is incomplete: its last lines are missing; use a whole copy of it")))
        }
    }
}

/// The lines of a file, one in memory at a time.
struct Lines {
    path: PathBuf,
    from: BufReader<File>,
    number: usize,
}

impl Lines {
    fn of(file: &Path) -> Result<Self, Failure> {
        let open = File::open(file);
        let open = open.map_err(|error| Failure::new(format_args!("can't read {}: {error}", file.display())))?;
        Ok(Self { path: file.to_owned(), from: BufReader::new(open), number: 0 })
    }

    fn next(&mut self) -> Result<Option<Value>, Failure> {
        let mut line = String::new();
        self.number += 1;
        let read = self.from.by_ref().take(LINE_BYTES_MAX).read_line(&mut line);
        match read.map_err(|error| self.failed(error))? {
            0 => Ok(None),
            _ => serde_json::from_str(&line).map(Some).map_err(|error| self.failed(error)),
        }
    }

    fn failed(&self, why: impl std::fmt::Display) -> Failure {
        Failure::new(format_args!("can't read line {} of {}: {why}", self.number, self.path.display()))
    }
}

fn counted(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

fn in_words(applied: &Value) -> String {
    let count = |name: &str| applied[name].as_u64().unwrap_or_default();
    let rest = match count("pending") {
        0 => "All copies of their content are blanked.".to_owned(),
        pending => format!(
            "The copies of {} are still being blanked; a running server goes on with that.",
            counted(pending, "object")
        ),
    };
    format!(
        "{} listed: {} redacted now, {} skipped because they are redacted here already, {} skipped because they are not \
         here.\n{rest}",
        counted(count("listed"), "redaction"),
        count("redacted"),
        count("before"),
        count("absent"),
    )
}
