//! The HTTP API: requests understood, answers written.
//!
//! - [`version`] what each dated version of the contract asks of us
//! - [`inflection`] casing of names
//! - [`json`], [`multipart`] bodies, read strictly
//! - [`query`], [`fieldset`] paging, filters, what to include, which attributes to show
//! - [`document`] answers, written in a caller's version and casing
//! - [`shapes`] what each noun looks like, one file per noun
//! - [`error`] the one shape of every refusal
//! - [`time`] moments as the contract writes them

mod answer;
mod app;
mod body;
mod credential;
pub mod document;
pub mod error;
pub mod fieldset;
pub mod inflection;
pub mod json;
mod limiter;
pub mod multipart;
mod older;
pub mod openapi;
mod operation;
mod page;
mod pipeline;
pub mod query;
mod refusal;
mod render;
mod router;
mod schema;
pub mod shapes;
pub mod store;
pub mod time;
mod v1;
pub mod version;
mod views;

pub use app::{App, Settings};
pub use operation::About;
pub use router::{operations, router};
