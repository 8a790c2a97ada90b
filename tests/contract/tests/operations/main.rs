//! The operations, called in process on a real database, and held to the published contract.

mod bodies;
mod bound;
mod cases;
mod checks;
mod description;
mod fields;
mod idempotency;
mod included;
mod ingest;
mod judgement;
mod keys;
mod limits;
mod lists;
mod many;
mod people;
mod references;
mod runs;
mod sessions;
mod step_types;
mod stream;
mod templates;
mod things;
mod tour;
mod webhooks;
mod workflows;
mod world;
