//! Faults: guarantees when processes are killed, disks are full, connections break and verbs fail. With the real binary
//! and real databases where that matters, in this process where that shows more.

mod breaks;
mod chance;
mod client;
mod crashes;
mod fleet;
mod house;
mod journal;
mod judge;
mod kills;
mod linear;
mod node;
mod order;
mod planted;
mod register;
mod report;
mod round;
mod stored;
mod uploads;
mod wait;
mod world;
