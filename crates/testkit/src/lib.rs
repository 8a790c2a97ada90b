//! Test helpers: a fresh database on each engine, a manual clock, seeded randomness, and statement preparation.

#![expect(clippy::missing_panics_doc, reason = "a helper of tests panics when its test can't go on")]

mod fragile;
mod fresh;
mod lives;
mod parts;
mod prepare;
mod proxy;
mod server;

pub use fragile::{Fate, Fragile, Plant};
pub use fresh::{FreshDatabase, On, engines};
pub use lives::{Opened, Parting, live, open, turn};
pub use parts::{parts, parts_in_real_time, start_of_time};
pub use prepare::{prepare_all, prepare_all_in};
pub use proxy::{AtCommit, Proxy};
