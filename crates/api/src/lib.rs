//! The HTTP API: parses requests, writes responses.
//!
//! - [`version`] what each dated version of the contract requires
//! - [`inflection`] casing of names
//! - [`json`], [`multipart`] bodies, read strictly
//! - [`query`], [`fieldset`] paging, filters, what to include, which attributes to show
//! - [`document`] response documents, written in a caller's version and casing
//! - [`shapes`] the API form of each noun, one file per noun
//! - [`contract`] the operations of the published contract, served or not
//! - [`error`] the one document shape of every refusal
//! - [`time`] moments as the contract writes them

mod answer;
mod answer_bytes;
mod app;
mod body;
mod budget;
pub mod contract;
mod cookie;
mod credential;
pub mod custom_operation;
pub mod document;
pub mod error;
pub mod fieldset;
mod first_run;
mod foreign;
pub mod inflection;
pub mod json;
mod limiter;
mod live;
pub mod multipart;
mod older;
pub mod openapi;
mod operation;
mod origin;
mod page;
mod peer;
mod pipeline;
pub mod query;
mod refusal;
mod remembered;
mod render;
mod room;
mod router;
mod schema;
pub mod shapes;
pub mod store;
pub mod time;
mod upload;
mod v1;
pub mod version;
mod views;

pub use answer::forget as forget_answers;
pub use app::{App, Settings};
pub use custom_operation::Guard;
pub use first_run::{FirstRun, Sample};
pub use operation::OperationInfo;
pub use peer::Peer;
pub use remembered::blank_answers;
pub use router::{custom_operations, operations, router};
