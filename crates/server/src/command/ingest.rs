//! `docket ingest`

use std::path::PathBuf;

use clap::builder::BoolishValueParser;
use clap::{ArgAction, Args, Subcommand};
use docket_kernel::{Clock, Moment, Rng, SystemClock, SystemRng};
use docket_objects::sign;
use serde_json::{Value, json};

use super::print::answer;
use super::{At, In, text};
use crate::failure::Failure;
use crate::order::Act;

const EXAMPLES: &str = "\
Examples:
  docket ingest send docs/guide/inquiry-completed.json --url http://127.0.0.1:8080
  docket ingest send event.json --url http://127.0.0.1:8080 --source my-vendor --fresh false

Docket accepts an event once; sending it again has no effect. So the command sends a new event about a new object,
with the current time; --fresh false sends the file unchanged.";

/// Send vendor events by hand.
#[derive(Debug, Subcommand)]
pub enum Ingest {
    Send(Send),
}

/// Sign an event as its source would, and post it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Send {
    /// The file with the event
    file: PathBuf,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    home: In,
    /// The server's address
    #[arg(long, env = "DOCKET_URL", default_value = "http://127.0.0.1:8080")]
    url: String,
    /// The source that sends it. Default: the only source of the environment
    #[arg(long, env = "DOCKET_SOURCE", value_name = "NAME")]
    source: Option<String>,
    /// Whether to send it as a new event about a new object
    #[arg(long, env = "DOCKET_FRESH", default_value = "true", action = ArgAction::Set,
          value_parser = BoolishValueParser::new())]
    fresh: bool,
}

impl Ingest {
    /// Runs the command.
    pub async fn run(self, as_json: bool) -> Result<(), Failure> {
        let Self::Send(send) = self;
        send.run(as_json).await
    }
}

impl Send {
    async fn run(self, as_json: bool) -> Result<(), Failure> {
        let raw = std::fs::read(&self.file)
            .map_err(|error| Failure::new(format_args!("can't read {}: {error}", self.file.display())))?;
        let (body, replaced) = if self.fresh { fresh(&raw, &self.file.display().to_string())? } else { (raw, vec![]) };
        let source = self.at.order(&self.home.environment, Act::ReadSource { name: self.source }).await?;
        let url = format!("{}{}", self.url.trim_end_matches('/'), text(&source, "path"));
        let signature = sign(text(&source, "secret"), SystemClock.now(), &body);
        let (status, answered) = post(&url, &signature, body).await?;
        let told = json!({"url": url, "status": status, "answer": answered, "replaced": replaced});
        answer(as_json, &told, || {
            let mut words: Vec<String> =
                replaced.iter().map(|(what, old, new)| format!("{what}: {old} -> {new}")).collect();
            words.push(format!("POST {url}\n{status} {answered}"));
            words.join("\n")
        })?;
        if (200..300).contains(&status) { Ok(()) } else { Err(Failure::new("the event was not accepted")) }
    }
}

async fn post(url: &str, signature: &str, body: Vec<u8>) -> Result<(u16, Value), Failure> {
    let failed = |error: reqwest::Error| {
        Failure::new(format_args!("{url} does not answer ({error}); is the server running there, without TLS?"))
    };
    let client = reqwest::Client::builder().no_proxy().build().map_err(failed)?;
    let request = client.post(url).header("content-type", "application/json").header("persona-signature", signature);
    let response = request.body(body).send().await.map_err(failed)?;
    let status = response.status().as_u16();
    let words = response.text().await.map_err(failed)?;
    let value = serde_json::from_str(&words).unwrap_or(Value::String(words));
    Ok((status, value))
}

/// The replacements: the kind of value, the old value, the new value.
type Replaced = Vec<(&'static str, String, String)>;

/// Turns an event into a new one about a new object: replaces its id and its object's id, and shifts all times to now.
fn fresh(raw: &[u8], file: &str) -> Result<(Vec<u8>, Replaced), Failure> {
    let mut event: Value = serde_json::from_slice(raw)
        .map_err(|error| Failure::new(format_args!("{file} is not JSON: {error}; --fresh false sends it anyway")))?;
    let now = SystemClock.now();
    let mut replaced = Replaced::new();
    for (what, pointer) in [("event", "/data/id"), ("object", "/data/attributes/payload/data/id")] {
        let Some(old) = event.pointer(pointer).and_then(Value::as_str).map(str::to_owned) else { continue };
        let prefix = old.split('_').next().unwrap_or("obj");
        let new = SystemRng.seed().fresh_id(now, prefix);
        each_text(&mut event, &mut |text| {
            if *text == old {
                text.clone_from(&new);
            }
        });
        replaced.push((what, old, new));
    }
    let happened = event.pointer("/data/attributes/created-at").and_then(Value::as_str).map(str::to_owned);
    if let Some((old, moment)) = happened.and_then(|text| Moment::parse(&text).map(|moment| (text, moment))) {
        let later = now.0 - moment.0;
        each_text(&mut event, &mut |text| {
            if let Some(moment) = Moment::parse(text) {
                *text = Moment(moment.0 + later).to_string();
            }
        });
        replaced.push(("created-at", old, now.to_string()));
    }
    Ok((event.to_string().into_bytes(), replaced))
}

fn each_text(value: &mut Value, change: &mut impl FnMut(&mut String)) {
    match value {
        Value::String(text) => change(text),
        Value::Array(items) => items.iter_mut().for_each(|item| each_text(item, change)),
        Value::Object(members) => members.values_mut().for_each(|member| each_text(member, change)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_event_is_new_and_its_times_keep_their_distances() {
        let raw = json!({"data": {"id": "evt_1", "attributes": {
            "created-at": "2026-01-01T00:00:10.000Z",
            "payload": {
                "data": {"id": "inq_1", "attributes": {"started-at": "2026-01-01T00:00:04.000Z", "birthdate": "1990-01-01"}},
                "included": [{"id": "ver_1", "inquiry": "inq_1"}],
            },
        }}});

        let (body, replaced) = fresh(raw.to_string().as_bytes(), "event.json").unwrap();

        let event: Value = serde_json::from_slice(&body).unwrap();
        let payload = &event["data"]["attributes"]["payload"];
        let at = |value: &Value| Moment::parse(value.as_str().unwrap()).unwrap();
        assert_eq!(payload["included"][0]["inquiry"], payload["data"]["id"]);
        assert_ne!(payload["data"]["id"], "inq_1");
        assert_eq!(payload["included"][0]["id"], "ver_1");
        assert_eq!(payload["data"]["attributes"]["birthdate"], "1990-01-01");
        let started = at(&payload["data"]["attributes"]["started-at"]);
        assert_eq!(at(&event["data"]["attributes"]["created-at"]), started.plus_seconds(6));
        assert_eq!(replaced.iter().map(|(what, ..)| *what).collect::<Vec<_>>(), ["event", "object", "created-at"]);
    }
}
