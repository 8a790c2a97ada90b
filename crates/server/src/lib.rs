//! The server: everything wired together, for the binary and for tests that need the whole of it.
//!
//! - [`tables`] every table there is
//! - [`node`] a database with its writer, its reader and the engine
//! - [`order`] what the operator may ask for, beside a live server or without one
//! - [`serve`] the HTTP server
//! - [`dashboard`] the screens
//! - [`sample`] an organization to try things on
//! - [`command`] the command line

pub mod command;
pub mod dashboard;
pub mod failure;
pub mod node;
pub mod order;
pub mod sample;
pub mod serve;
pub mod tables;
