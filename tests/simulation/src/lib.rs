//! The simulator: several nodes of the real kernel, verbs, workflow engine and writer loop over an in-memory database,
//! with all choices derived from one seed.

#[cfg(test)]
mod chance;
#[cfg(test)]
mod database;
#[cfg(test)]
mod doctored;
#[cfg(test)]
mod engine;
#[cfg(test)]
mod journal;
#[cfg(test)]
mod plan;
#[cfg(test)]
mod planted;
#[cfg(test)]
mod report;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod scopes;
#[cfg(test)]
mod seeds;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod world;
