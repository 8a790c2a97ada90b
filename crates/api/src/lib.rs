//! The HTTP API: requests understood, answers written.

pub mod error;
pub mod fieldset;
pub mod inflection;
pub mod json;
pub mod multipart;
pub mod query;
pub mod time;
pub mod version;
