//! The operations, called in process on a real database, and held to the published contract.

mod things;
mod tour;
mod world;
