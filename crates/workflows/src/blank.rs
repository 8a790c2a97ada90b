//! Explains why an input of a step has no value, for the step's error.

use std::collections::BTreeMap;

use docket_kernel::{Refusal, UnitOfWork, Verb};
use serde_json::{Map, Value};

use crate::engine::Engine;
use crate::lookup::RunLookup;
use crate::reference::{Blank, Reference, why_blank};
use crate::run::Run;
use crate::value::Input;

/// The refusal of a step, with the reason if the cause is a reference without a value.
pub(crate) fn explained(
    engine: &Engine,
    work: &mut UnitOfWork,
    run: &Run,
    with: &BTreeMap<String, Input>,
    input: &Map<String, Value>,
    refusal: Refusal,
) -> Verb<Refusal> {
    let Some(place) = refusal.pointer.as_deref().and_then(|pointer| pointer.strip_prefix("/with/")) else {
        return Ok(refusal);
    };
    let segments: Vec<&str> = place.split('/').collect();
    let (Some(reference), true) = (written_at(with, &segments), is_null(input, &segments)) else { return Ok(refusal) };
    let (reference, pointer) = (reference.clone(), format!("/with/{place}"));
    Ok(match why_blank(&reference, &mut RunLookup::of(engine, work, run))? {
        Some(blank) => as_refusal(&blank, &reference, segments[0]).at(pointer),
        None => refusal,
    })
}

/// The reference at a path of the inputs.
fn written_at<'w>(with: &'w BTreeMap<String, Input>, segments: &[&str]) -> Option<&'w Reference> {
    let (first, rest) = segments.split_first()?;
    let mut here = with.get(*first)?;
    for segment in rest {
        here = match here {
            Input::Array(items) => items.get(segment.parse::<usize>().ok()?)?,
            Input::Object(members) => members.get(*segment)?,
            _ => return None,
        };
    }
    match here {
        Input::Ref(reference) => Some(reference),
        Input::Template(template) => template.lone(),
        _ => None,
    }
}

fn is_null(input: &Map<String, Value>, segments: &[&str]) -> bool {
    let Some((first, rest)) = segments.split_first() else { return false };
    let mut here = input.get(*first);
    for segment in rest {
        here = here.and_then(|value| match value {
            Value::Array(items) => items.get(segment.parse::<usize>().ok()?),
            value => value.get(*segment),
        });
    }
    here.is_none_or(Value::is_null)
}

fn as_refusal(blank: &Blank, reference: &Reference, input: &str) -> Refusal {
    match blank {
        Blank::NoCase { kind, id, resolved } => {
            let noun = match kind.split('/').next().unwrap_or_default() {
                "" => format!("the object {id}"),
                kind => format!("the {} {id}", kind.replace('-', " ")),
            };
            let what = match resolved {
                None => format!("{noun} is in no case"),
                Some(0) => format!("{noun} is in no open case"),
                Some(1) => format!("{noun} is in no open case; the case it is in is resolved"),
                Some(many) => format!("{noun} is in no open case; the {many} cases it is in are resolved"),
            };
            let sentence = format!("{what}; put it in a case first, or let this step continue on error");
            Refusal::rule("no-case", sentence)
        }
        Blank::NoObject(id) => {
            let sentence = format!("{reference} refers to the object {id}, which is not in this environment");
            Refusal::rule("unknown-object", sentence)
        }
        Blank::After(segments) => {
            let so_far = std::iter::once(reference.root())
                .chain(reference.segments().iter().take(*segments).map(String::as_str));
            let so_far = so_far.collect::<Vec<_>>().join(".");
            let sentence = format!("the input '{input}' has no value: {so_far} is empty, so {reference} has no value");
            Refusal::rule("missing-value", sentence)
        }
    }
}
