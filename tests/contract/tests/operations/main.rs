//! The operations, called in process on a real database, and held to the published contract.

mod bodies;
mod description;
mod idempotency;
mod ingest;
mod judgement;
mod limits;
mod lists;
mod templates;
mod things;
mod tour;
mod webhooks;
mod workflows;
mod world;
