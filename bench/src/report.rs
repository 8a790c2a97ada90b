//! The report.

use std::io::Write;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::Fallible;
use crate::args::{On, Subject, Work};
use crate::rounds::{Measure, Rest, Results, Start};

/// Prints the progress of the measurement.
pub fn say(words: &str) {
    drop(writeln!(std::io::stderr(), "bench: {words}"));
}

/// Prints what was measured.
pub fn show(lines: &str) {
    drop(write!(std::io::stdout(), "{lines}"));
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// The key of a measured combination.
type What = (On, Work, usize, bool);

struct Table<'r>(&'r Results);

/// Whether a measure is one of a minute of writes, and not of a round.
fn is_long(measure: &Measure, results: &Results) -> bool {
    measure.seconds > results.seconds * 2.0
}

impl Table<'_> {
    fn of(&self, subject: Subject, what: What, value: impl Fn(&Measure) -> f64) -> Option<f64> {
        let same = |m: &&Measure| m.subject == subject && (m.on, m.work, m.connections, is_long(m, self.0)) == what;
        let values: Vec<f64> = self.0.measures.iter().filter(same).map(value).collect();
        (!values.is_empty()).then(|| median(values))
    }

    /// The measured combinations without duplicates, in the order of their first measure.
    fn whats(&self) -> Vec<What> {
        let mut whats = Vec::new();
        for measure in &self.0.measures {
            let what = (measure.on, measure.work, measure.connections, is_long(measure, self.0));
            if !whats.contains(&what) {
                whats.push(what);
            }
        }
        whats
    }

    /// Docket's median over a floor's.
    fn ratio(&self, floor: Subject, what: What, value: impl Fn(&Measure) -> f64) -> Option<f64> {
        let below = self.of(floor, what, &value).filter(|below| *below > 0.0)?;
        Some(self.of(Subject::Docket, what, value)? / below)
    }

    fn start(&self, on: On, value: impl Fn(&Start) -> f64) -> f64 {
        let starts = self.0.starts.iter().filter(|start| start.on == on && start.subject == Subject::Docket);
        median(starts.map(value).collect())
    }

    fn rest(&self, on: On, value: impl Fn(&Rest) -> f64) -> f64 {
        let rests = self.0.rests.iter().filter(|rest| rest.on == on && rest.subject == Subject::Docket);
        rests.map(value).fold(0.0, f64::max)
    }
}

fn shown(value: Option<f64>, digits: usize) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.digits$}"))
}

/// The medians and the ratios to the floors, as text.
pub fn text(results: &Results) -> String {
    let mut lines = vec![
        format!(
            "{} cases; medians of {} rounds of {} s at each number of connections; server: {}. The job is a signed webhook, \
             2 runs, 8 steps, {} rows.",
            results.cases, results.rounds, results.seconds, results.server, results.rows
        ),
        format!("Machine: {}; at the end {}.", results.machine[0], results.machine[1]),
        String::new(),
        format!(
            "{:<9} {:<13} {:>5} {:>10} {:>10} {:>6} {:>9} {:>9} {:>6} {:>11} {:>9} {:>8}",
            "engine",
            "work",
            "conns",
            "Docket/s",
            "by hand/s",
            "ratio",
            "p50 ms",
            "p99 ms",
            "p99:50",
            "by hand p99",
            "cpu ms",
            "RSS MiB"
        ),
    ];
    let table = Table(results);
    for what in table.whats() {
        let (on, work, connections, is_long) = what;
        let docket = |value: fn(&Measure) -> f64| table.of(Subject::Docket, what, value);
        let name = format!("{work:?}{}", if is_long { " (long)" } else { "" });
        let (p50, p99) = (docket(|m| m.p50), docket(|m| m.p99));
        lines.push(format!(
            "{:<9} {:<13} {:>5} {:>10} {:>10} {:>6} {:>9} {:>9} {:>6} {:>11} {:>9} {:>8}",
            format!("{on:?}"),
            name,
            connections,
            shown(docket(|m| m.jobs_per_second), 0),
            shown(table.of(Subject::Server, what, |m| m.jobs_per_second), 0),
            shown(table.ratio(Subject::Server, what, |m| m.jobs_per_second), 2),
            shown(p50, 2),
            shown(p99, 2),
            shown(p99.zip(p50).map(|(p99, p50)| p99 / p50), 1),
            shown(table.of(Subject::Server, what, |m| m.p99), 2),
            shown(docket(|m| m.processor_ms + m.postgres_ms), 3),
            shown(docket(|m| m.memory.0), 0),
        ));
    }
    lines.push(String::new());
    for on in engines(results) {
        lines.push(format!(
            "{on:?}: ready after {:.0} ms; resident {:.0} MiB at the start, {:.0} MiB at the most, {:.0} MiB {:.0} s after the \
             last request",
            table.start(on, |s| s.ready_ms),
            table.start(on, |s| s.memory.0),
            table.rest(on, |rest| rest.most),
            table.rest(on, |rest| rest.after),
            table.rest(on, |rest| rest.seconds),
        ));
    }
    lines.join("\n")
}

/// Prints the medians and the ratios to the floors.
pub fn print(results: &Results) {
    drop(writeln!(std::io::stdout(), "{}", text(results)));
}

fn engines(results: &Results) -> Vec<On> {
    let mut engines: Vec<On> = results.measures.iter().map(|measure| measure.on).collect();
    engines.sort_unstable();
    engines.dedup();
    engines
}

/// Writes the medians and ratios of each engine into a report; results of other engines in it are kept.
pub fn keep(file: &Path, results: &Results) -> Fallible<()> {
    let mut report: Map<String, Value> = match std::fs::read(file) {
        Ok(bytes) => serde_json::from_slice(&bytes)?,
        Err(_) => Map::new(),
    };
    let table = Table(results);
    for on in engines(results) {
        let measured = |what: &What| {
            let of = |subject| {
                let of = |value: fn(&Measure) -> f64| table.of(subject, *what, value).map(|v| (v * 1e3).round() / 1e3);
                json!({
                    "per_second": of(|m| m.jobs_per_second), "p50_ms": of(|m| m.p50), "p99_ms": of(|m| m.p99),
                    "processor_ms": of(|m| m.processor_ms), "postgres_processor_ms": of(|m| m.postgres_ms),
                    "resident_mib": of(|m| m.memory.0), "loads_per_batch": of(|m| m.waves.unwrap_or_default()),
                })
            };
            json!({
                "work": what.1, "connections": what.2, "is_long": what.3, "docket": of(Subject::Docket),
                "by_hand": of(Subject::Server), "statements": of(Subject::Statements),
                "ratio": table.ratio(Subject::Server, *what, |m| m.jobs_per_second),
            })
        };
        let whats: Vec<_> = table.whats().into_iter().filter(|what| what.0 == on).collect();
        let said = json!({
            "machine": results.machine, "server": results.server, "cases": results.cases, "rows_per_job": results.rows,
            "rounds": results.rounds, "seconds": results.seconds,
            "start": {"ready_ms": table.start(on, |s| s.ready_ms), "idle_resident_mib": table.start(on, |s| s.memory.0)},
            "memory": {
                "most_resident_mib": table.rest(on, |rest| rest.most),
                "rest_seconds": table.rest(on, |rest| rest.seconds),
                "resident_mib_after_rest": table.rest(on, |rest| rest.after),
            },
            "medians": whats.iter().map(measured).collect::<Vec<_>>(),
        });
        report.insert(serde_json::to_value(on)?.as_str().unwrap_or_default().to_owned(), said);
    }
    Ok(std::fs::write(file, serde_json::to_string_pretty(&report)? + "\n")?)
}
