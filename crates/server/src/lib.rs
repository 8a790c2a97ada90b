//! The server: all parts wired together, for the binary and for tests that need the whole server.
//!
//! - [`tables`] every table
//! - [`node`] a database with its writer, its reader and the engine
//! - [`order`] the operator's orders, executed by a live server or without one
//! - [`serve`] the HTTP server
//! - [`dashboard`] the screens
//! - [`sample`] an organization with sample data
//! - [`command`] the command line

pub mod command;
pub mod dashboard;
pub mod failure;
pub mod node;
pub mod order;
pub mod sample;
pub mod serve;
pub mod tables;
