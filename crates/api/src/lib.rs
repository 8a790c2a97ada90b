//! The HTTP API: requests understood, answers written.

pub mod inflection;
pub mod json;
pub mod multipart;
pub mod time;
pub mod version;
