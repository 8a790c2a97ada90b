//! What is printed.

use std::io::Write;

use crate::args::{On, Subject};
use crate::rounds::{Measure, Results};

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

    fn ratio(&self, on: On, subject: Subject, connections: usize, value: impl Fn(&Measure) -> f64) -> String {
        let floor = self.of(on, subject, connections, &value);
        if floor > 0.0 {
            format!("{:.2}", self.of(on, Subject::Docket, connections, value) / floor)
        } else {
            "-".into()
        }
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
    lines.push("Docket to its floors   jobs/s to statements   jobs/s to server   p50 to server".into());
    for (on, _, connections) in table.kinds().into_iter().filter(|(_, subject, _)| *subject == Subject::Docket) {
        lines.push(format!(
            "{:<9} {connections:>11}  {:>20}  {:>17}  {:>14}",
            format!("{on:?}"),
            table.ratio(on, Subject::Statements, connections, |m| m.jobs_per_second),
            table.ratio(on, Subject::Server, connections, |m| m.jobs_per_second),
            table.ratio(on, Subject::Server, connections, |m| m.p50),
        ));
    }
    lines.push(String::new());
    for on in [On::Sqlite, On::Postgres] {
        let starts: Vec<_> = results.starts.iter().filter(|s| s.on == on && s.subject == Subject::Docket).collect();
        if !starts.is_empty() {
            let of = |value: fn(&&crate::rounds::Start) -> f64| median(starts.iter().map(value).collect());
            lines.push(format!(
                "{on:?}: ready after {:.0} ms; idle {:.0} MiB resident, {:.0} MiB proportional",
                of(|s| s.ready_ms),
                of(|s| s.memory.0),
                of(|s| s.memory.1)
            ));
        }
    }
    drop(writeln!(std::io::stdout(), "{}", lines.join("\n")));
}
