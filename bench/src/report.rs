//! What is printed.

use std::io::Write;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::Fallible;
use crate::args::{On, Subject};
use crate::rounds::{Measure, Results, Start};

/// Says where the measurement is.
pub fn say(words: &str) {
    drop(writeln!(std::io::stderr(), "bench: {words}"));
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

fn name(subject: Subject) -> &'static str {
    match subject {
        Subject::Docket => "Docket",
        Subject::Statements => "floor: statements",
        Subject::Server => "floor: server",
    }
}

struct Table<'r>(&'r Results);

impl Table<'_> {
    fn of(&self, on: On, subject: Subject, connections: usize, value: impl Fn(&Measure) -> f64) -> f64 {
        let same = |m: &&Measure| m.on == on && m.subject == subject && m.connections == connections;
        median(self.0.measures.iter().filter(same).map(value).collect())
    }

    /// Each kind of measure once, in the order in which they were taken first.
    fn kinds(&self) -> Vec<(On, Subject, usize)> {
        let mut kinds: Vec<_> = self.0.measures.iter().map(|m| (m.on, m.connections, m.subject)).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds.into_iter().map(|(on, connections, subject)| (on, subject, connections)).collect()
    }

    /// Docket's median over a floor's.
    fn ratio(&self, on: On, floor: Subject, connections: usize, value: impl Fn(&Measure) -> f64) -> Option<f64> {
        let below = self.of(on, floor, connections, &value);
        (below > 0.0).then(|| self.of(on, Subject::Docket, connections, value) / below)
    }

    fn start(&self, on: On, value: impl Fn(&Start) -> f64) -> f64 {
        let starts = self.0.starts.iter().filter(|start| start.on == on && start.subject == Subject::Docket);
        median(starts.map(value).collect())
    }
}

/// Prints the medians and the ratios to both floors.
pub fn print(results: &Results) {
    let mut lines = vec![
        format!(
            "The job: a signed webhook, 2 runs, 8 steps, {} rows. {} cases; medians of {} rounds of {} s at each number of \
             connections; server: {}.",
            results.rows, results.cases, results.rounds, results.seconds, results.server
        ),
        format!("Machine: {}; at the end {}.", results.machine[0], results.machine[1]),
        String::new(),
        "engine    connections  subject             jobs/s      p50 ms    p99 ms   cpu ms/job  + pg ms  RSS MiB  PSS MiB".into(),
    ];
    let table = Table(results);
    for (on, subject, connections) in table.kinds() {
        let of = |value: fn(&Measure) -> f64| table.of(on, subject, connections, value);
        lines.push(format!(
            "{:<9} {connections:>11}  {:<18} {:>7.0}  {:>10.2}  {:>8.2}  {:>11.3}  {:>7.3}  {:>7.0}  {:>7.0}",
            format!("{on:?}"),
            name(subject),
            of(|m| m.jobs_per_second),
            of(|m| m.p50),
            of(|m| m.p99),
            of(|m| m.processor_ms),
            of(|m| m.postgres_ms),
            of(|m| m.memory.0),
            of(|m| m.memory.1),
        ));
    }
    lines.push(String::new());
    lines.push("Docket to its floors   jobs/s to statements   jobs/s to server   p50 to server   loads a batch".into());
    for (on, _, connections) in table.kinds().into_iter().filter(|(_, subject, _)| *subject == Subject::Docket) {
        let shown = |ratio: Option<f64>| ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.2}"));
        lines.push(format!(
            "{:<9} {connections:>11}  {:>20}  {:>17}  {:>14}  {:>14.1}",
            format!("{on:?}"),
            shown(table.ratio(on, Subject::Statements, connections, |m| m.jobs_per_second)),
            shown(table.ratio(on, Subject::Server, connections, |m| m.jobs_per_second)),
            shown(table.ratio(on, Subject::Server, connections, |m| m.p50)),
            table.of(on, Subject::Docket, connections, |m| m.waves.unwrap_or_default()),
        ));
    }
    lines.push(String::new());
    for on in engines(results) {
        lines.push(format!(
            "{on:?}: ready after {:.0} ms; idle {:.0} MiB resident, {:.0} MiB proportional",
            table.start(on, |s| s.ready_ms),
            table.start(on, |s| s.memory.0),
            table.start(on, |s| s.memory.1)
        ));
    }
    drop(writeln!(std::io::stdout(), "{}", lines.join("\n")));
}

fn engines(results: &Results) -> Vec<On> {
    let mut engines: Vec<On> = results.measures.iter().map(|measure| measure.on).collect();
    engines.sort_unstable();
    engines.dedup();
    engines
}

/// Writes the medians and ratios of each engine into a report, which keeps what it says of the other engine.
pub fn keep(file: &Path, results: &Results) -> Fallible<()> {
    let mut report: Map<String, Value> = match std::fs::read(file) {
        Ok(bytes) => serde_json::from_slice(&bytes)?,
        Err(_) => Map::new(),
    };
    let table = Table(results);
    for on in engines(results) {
        let of = |(_, subject, connections): (On, Subject, usize)| {
            let of = |value: fn(&Measure) -> f64| (table.of(on, subject, connections, value) * 1e3).round() / 1e3;
            json!({
                "subject": subject, "connections": connections, "jobs_per_second": of(|m| m.jobs_per_second),
                "p50_ms": of(|m| m.p50), "p99_ms": of(|m| m.p99), "processor_ms_per_job": of(|m| m.processor_ms),
                "postgres_processor_ms_per_job": of(|m| m.postgres_ms), "resident_mib": of(|m| m.memory.0),
                "loads_per_batch": of(|m| m.waves.unwrap_or_default()),
            })
        };
        let ratios = |(_, _, connections): (On, Subject, usize)| {
            json!({
                "connections": connections,
                "jobs_per_second_to_statements": table.ratio(on, Subject::Statements, connections, |m| m.jobs_per_second),
                "jobs_per_second_to_server": table.ratio(on, Subject::Server, connections, |m| m.jobs_per_second),
                "p50_to_server": table.ratio(on, Subject::Server, connections, |m| m.p50),
            })
        };
        let kinds: Vec<_> = table.kinds().into_iter().filter(|kind| kind.0 == on).collect();
        let docket = kinds.iter().filter(|kind| kind.1 == Subject::Docket).copied();
        let said = json!({
            "machine": results.machine, "server": results.server, "cases": results.cases, "rows_per_job": results.rows,
            "rounds": results.rounds, "seconds": results.seconds,
            "start": {"ready_ms": table.start(on, |s| s.ready_ms), "idle_resident_mib": table.start(on, |s| s.memory.0)},
            "medians": kinds.iter().copied().map(of).collect::<Vec<_>>(),
            "ratios": docket.map(ratios).collect::<Vec<_>>(),
        });
        report.insert(serde_json::to_value(on)?.as_str().unwrap_or_default().to_owned(), said);
    }
    Ok(std::fs::write(file, serde_json::to_string_pretty(&report)? + "\n")?)
}
