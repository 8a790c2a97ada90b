//! Which nodes can be asked just now, and what was under way when they were killed.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::chance::Chance;
use crate::node::Node;

/// A node as its clients see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Which process.
    pub life: u64,
    /// Where it answers.
    pub url: String,
}

/// What clients know of the nodes.
#[derive(Debug, Default)]
pub struct Fleet(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    addresses: Vec<Address>,
    /// Requests that got no answer because their node was gone, by its life.
    broken: BTreeMap<u64, usize>,
}

impl Fleet {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A node can be asked.
    pub fn join(&self, node: &Node) {
        self.known().addresses.push(Address { life: node.life, url: node.url.clone() });
    }

    /// A node is gone.
    pub fn leave(&self, life: u64) {
        self.known().addresses.retain(|address| address.life != life);
    }

    /// One of the nodes, if there is any.
    pub fn pick(&self, chance: &Chance) -> Option<Address> {
        let known = self.known();
        (!known.addresses.is_empty()).then(|| chance.pick(&known.addresses).clone())
    }

    /// A request got no answer.
    pub fn broke(&self, life: u64) {
        *self.known().broken.entry(life).or_default() += 1;
    }

    /// How many requests got no answer because this node was gone.
    pub fn broken(&self, life: u64) -> usize {
        self.known().broken.get(&life).copied().unwrap_or(0)
    }
}
