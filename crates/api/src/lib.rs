//! The HTTP API: requests understood, answers written.

pub mod inflection;
pub mod time;
pub mod version;
