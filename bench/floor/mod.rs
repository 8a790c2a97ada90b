//! The floors: what one job writes, done by hand. They show what the machine gives; no product can be all of it.

pub mod cases;
pub mod changes;
pub mod postgres;
pub mod server;
pub mod sqlite;
pub mod statements;
pub mod tape;
