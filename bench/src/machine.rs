//! The resource use of processes, as reported by the system.

use std::fs;

/// Clock ticks a second, as Linux reports them.
const TICKS: f64 = 100.0;

/// The processor time of a process so far, in milliseconds.
pub fn processor_ms(pid: u32) -> f64 {
    ticks(pid, 11..13) / TICKS * 1e3
}

/// The processor time of a PostgreSQL server so far, in milliseconds: its first process, children, and ended children.
pub fn postgres_ms(first: u32) -> f64 {
    let children: f64 = children(first).iter().map(|pid| processor_ms(*pid)).sum();
    children + ticks(first, 11..15) / TICKS * 1e3
}

#[expect(clippy::cast_precision_loss, reason = "ticks of a benchmark are far below 2^52")]
fn ticks(pid: u32, members: std::ops::Range<usize>) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name in parentheses may contain spaces; the fields after it do not.
    let after = stat.rsplit_once(") ").map_or("", |(_, after)| after);
    let values = after.split(' ').skip(members.start).take(members.len());
    values.filter_map(|value| value.parse::<u64>().ok()).sum::<u64>() as f64
}

/// The child processes of a process.
fn children(parent: u32) -> Vec<u32> {
    let tasks = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
    tasks.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

/// The parent of a process.
pub fn parent(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}

/// Memory in MiB: resident, and the proportional share.
pub fn memory(pid: u32) -> (f64, f64) {
    let of = |file: &str, name: &str| {
        let text = fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
    };
    (of("status", "VmRSS:"), of("smaps_rollup", "Pss:"))
}

/// The peak of resident memory so far, in MiB.
pub fn memory_at_most(pid: u32) -> f64 {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}

/// The machine's processors, memory and load, in one line.
pub fn state() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib: f64 = memory
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:")?.split_whitespace().next()?.parse().ok())
        .unwrap_or(0.0);
    let processors = std::thread::available_parallelism().map_or(0, usize::from);
    let load: Vec<&str> = load.split(' ').take(3).collect();
    format!("{processors} processors, {:.0} GiB, load average {}", kib / 1_048_576.0, load.join(" "))
}

/// The processor time of this process's ended children, in milliseconds.
pub fn ended_children_ms() -> f64 {
    ticks(std::process::id(), 13..15) / TICKS * 1e3
}
