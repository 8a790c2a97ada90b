//! The nodes that are running now, and the requests that were in progress when nodes were killed.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::chance::Chance;
use crate::node::Node;

/// A node from the view of its clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The number of its process.
    pub life: u64,
    /// Its URL.
    pub url: String,
}

/// The nodes that clients can use.
#[derive(Debug, Default)]
pub struct Fleet(Mutex<KnownNodes>);

#[derive(Debug, Default)]
struct KnownNodes {
    addresses: Vec<Address>,
    /// The number of requests without a response because their node was gone, by its life.
    broken: BTreeMap<u64, usize>,
}

impl Fleet {
    fn known(&self) -> MutexGuard<'_, KnownNodes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a node.
    pub fn join(&self, node: &Node) {
        self.known().addresses.push(Address { life: node.life, url: node.url.clone() });
    }

    /// Removes a node.
    pub fn leave(&self, life: u64) {
        self.known().addresses.retain(|address| address.life != life);
    }

    /// One of the nodes, if there is one.
    pub fn pick(&self, chance: &Chance) -> Option<Address> {
        let known = self.known();
        (!known.addresses.is_empty()).then(|| chance.pick(&known.addresses).clone())
    }

    /// Counts a request without a response.
    pub fn broke(&self, life: u64) {
        *self.known().broken.entry(life).or_default() += 1;
    }

    /// The number of requests without a response because this node was gone.
    pub fn broken(&self, life: u64) -> usize {
        self.known().broken.get(&life).copied().unwrap_or(0)
    }
}
