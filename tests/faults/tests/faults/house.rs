//! An installation of Docket with its own database, set up through its command line and its API.

use std::process::{Command, Stdio};

use docket_storage::DatabaseAddress;
use docket_testkit::{FreshDatabase, On};
use serde_json::Value;

use crate::node::{Node, text};
use crate::order::Order;
use crate::world::{World, furnish};

/// An installation; its database is dropped with this value.
#[derive(Debug)]
pub struct House {
    /// The database.
    pub database: FreshDatabase,
    /// The output of `docket setup`.
    pub organization: Value,
}

impl House {
    /// An installation with an organization and nothing else.
    pub async fn bare(engine: On) -> Self {
        let mut house = Self { database: FreshDatabase::empty(engine).await, organization: Value::Null };
        let named = ["--organization", "Lumen Bank", "--email", "ada@lumen.example", "--password", "a long one"];
        house.organization = house.command(&[&["setup", "--json"], &named[..]].concat());
        house
    }

    /// An installation with an organization in which the reference job runs.
    pub async fn furnished(engine: On) -> (Self, World) {
        let house = Self::bare(engine).await;
        let node = Node::start(&house, &[], Order::new()).await;
        let world = furnish(&house, &node).await;
        node.stop().await;
        (house, world)
    }

    /// The binary with the address of the database, without the tests' environment variables.
    pub fn docket(&self, arguments: &[&str]) -> Command {
        Self::docket_at(&self.database.place(), arguments)
    }

    /// The binary with the address of this database.
    pub fn docket_at(place: &DatabaseAddress, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_docket-under-test"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("DOCKET_")) {
            command.env_remove(name);
        }
        command.args(arguments).stdin(Stdio::null());
        match place {
            DatabaseAddress::Folder(folder) => command.arg("--data").arg(folder),
            DatabaseAddress::Postgres { url, .. } => command.args(["--database-url", url]),
        };
        command
    }

    /// Runs a command that must succeed; returns its JSON output.
    pub fn command(&self, arguments: &[&str]) -> Value {
        let output = self.docket(arguments).output().expect("docket runs");
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {words}");
        serde_json::from_slice(&output.stdout).expect("JSON")
    }

    /// Whether no run is under way.
    pub async fn is_at_rest(&self) -> bool {
        self.database.count("SELECT count(*) FROM workflow_run WHERE state = 'running'").await == 0
    }

    /// The sandbox's first key.
    pub fn key(&self) -> String {
        text(&self.organization, "/environments/sandbox/api_key")
    }
}
