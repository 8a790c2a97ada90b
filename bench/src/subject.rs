//! A subject of a measurement: a separate process that is started, loaded and ended.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use clap::ValueEnum;

use crate::args::{Subject, Work};
use crate::base::{Base, Copy, free_address};
use crate::load::Outcome;
use crate::stopwatch::{now, pause};
use crate::{Fallible, machine};

/// Docket's own binary, if it is built next to this program.
pub fn binary(in_process: bool) -> Fallible<Option<PathBuf>> {
    let beside = std::env::current_exe()?.with_file_name("docket");
    if in_process || !beside.is_file() {
        return Ok(None);
    }
    let help = Command::new(&beside).arg("--help").output()?;
    Ok(String::from_utf8_lossy(&help.stdout).contains("serve").then_some(beside))
}

/// A running server.
pub struct Server {
    child: Child,
    address: String,
    /// Milliseconds until it was ready.
    pub start_ms: f64,
}

impl Server {
    /// Starts a server over a database and waits until it is ready.
    pub fn start(
        subject: Subject,
        binary: Option<&Path>,
        base: &Base,
        copy: &Copy,
        lanes: Option<usize>,
    ) -> Fallible<Self> {
        let address = free_address()?;
        let own = std::env::current_exe()?;
        let lanes: Vec<_> = lanes.map(|lanes| format!("--lanes={lanes}")).into_iter().collect();
        let mut command = match (subject, binary) {
            (Subject::Docket, Some(binary)) => {
                let mut command = Command::new(binary);
                command.args(["serve", "--rate-limit", "0"]).args(&lanes);
                command
            }
            (Subject::Docket, None) => {
                let mut command = Command::new(own);
                command.arg("serve").args(&lanes);
                command
            }
            _ => {
                let mut command = Command::new(own);
                command.arg("floor").arg("--tape").arg(&base.tape).arg("--world").arg(&base.world_file);
                command
            }
        };
        command.args(copy.arguments()).args(["--listen", &address]);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let started = now();
        let mut server = Self { child: command.spawn()?, address, start_ms: 0.0 };
        while !server.is_ready() {
            if let Some(status) = server.child.try_wait()? {
                return Err(format!("the server ended before it was ready: {status}").into());
            }
            if started.elapsed() > Duration::from_mins(2) {
                return Err("the server was not ready within two minutes".into());
            }
            pause(Duration::from_millis(2));
        }
        server.start_ms = started.elapsed().as_secs_f64() * 1e3;
        Ok(server)
    }

    fn is_ready(&self) -> bool {
        let ask = || -> std::io::Result<bool> {
            let mut stream = self.get("/readyz")?;
            let mut answer = [0; 12];
            stream.read_exact(&mut answer)?;
            Ok(&answer[9..] == b"200")
        };
        ask().unwrap_or(false)
    }

    fn get(&self, path: &str) -> std::io::Result<std::net::TcpStream> {
        let mut stream = std::net::TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(stream, "GET {path} HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n")?;
        Ok(stream)
    }

    /// The number of loads of rows and the number of batches, if the server reports them.
    pub fn loads(&self) -> Option<(f64, f64)> {
        let mut told = String::new();
        self.get("/metrics").ok()?.read_to_string(&mut told).ok()?;
        let of = |name: &str| told.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<f64>().ok());
        Some((of("docket_writer_waves_total ")?, of("docket_writer_batches_total ")?))
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Puts it under load from a separate process.
    pub fn load(&self, base: &Base, work: Work, connections: usize, seconds: f64, first: u64) -> Fallible<Outcome> {
        let work = work.to_possible_value().map(|work| work.get_name().to_owned()).unwrap_or_default();
        let output = Command::new(std::env::current_exe()?)
            .args(["load", "--address", &self.address, "--work", &work, "--cases", &base.cases.to_string()])
            .arg("--world")
            .arg(&base.world_file)
            .args(["--at", &connections.to_string(), "--for", &seconds.to_string(), "--first", &first.to_string()])
            .stderr(Stdio::inherit())
            .output()?;
        if !output.status.success() {
            return Err("the load generator failed".into());
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(Command::new("kill").arg(self.child.id().to_string()).status());
        for _ in 0..500 {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            pause(Duration::from_millis(10));
        }
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Runs the floor of statements in a separate process: returns its result and its processor milliseconds.
pub fn statements(base: &Base, copy: &Copy, connections: usize, seconds: f64, first: u64) -> Fallible<(Outcome, f64)> {
    let before = machine::ended_children_ms();
    let output = Command::new(std::env::current_exe()?)
        .arg("statements")
        .args(copy.arguments())
        .arg("--tape")
        .arg(&base.tape)
        .args(["--connections", &connections.to_string(), "--seconds", &seconds.to_string()])
        .args(["--first", &first.to_string()])
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err("the floor of statements failed".into());
    }
    Ok((serde_json::from_slice(&output.stdout)?, machine::ended_children_ms() - before))
}
