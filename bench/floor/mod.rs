//! The floors: the writes of one job, coded by hand. They show the limits of the machine; no product can reach them.

pub mod cases;
pub mod changes;
pub mod postgres;
pub mod server;
pub mod sqlite;
pub mod statements;
pub mod tape;
