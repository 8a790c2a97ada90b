//! The HTTP API: requests understood, answers written.

pub mod document;
pub mod error;
pub mod fieldset;
pub mod inflection;
pub mod json;
pub mod multipart;
mod older;
pub mod query;
mod render;
pub mod time;
pub mod version;
