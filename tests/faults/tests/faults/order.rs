//! The faults to inject into a process under test. The other side is `interpose.c`, which has the same layout.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use docket_kernel::{Rng, SystemRng, hex};

const BYTES: usize = 128;
const POINT: u64 = 0;
const COUNTDOWN: u64 = 4;
const FULL: u64 = 8;
const FAILING: u64 = 12;
const UNLOCKED: u64 = 16;
const UNLOCKED_BYTES: usize = BYTES - 16;

/// A point of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Point {
    /// Its transaction has begun.
    Begun = 1,
    /// It is under way: a part of it was written (SQLite), or sent to the server (PostgreSQL).
    Writing = 2,
    /// It is written, and about to be committed.
    Committing = 3,
    /// It is committed, and no caller was answered.
    Committed = 4,
}

impl Point {
    /// Every point.
    pub const ALL: [Self; 4] = [Self::Begun, Self::Writing, Self::Committing, Self::Committed];
}

/// The faults for one process.
#[derive(Debug)]
pub struct Order {
    path: PathBuf,
    file: File,
}

impl Order {
    /// No faults yet.
    pub fn new() -> Self {
        let path = std::env::temp_dir().join(format!("docket-order-{}", hex(&SystemRng.seed().0[..8])));
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path).expect("a file of orders");
        let order = Self { path, file };
        order.write(0, &[0; BYTES]);
        order
    }

    /// The file that the process maps.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn write(&self, at: u64, bytes: &[u8]) {
        self.file.write_all_at(bytes, at).expect("an order is written");
    }

    /// Kills the process when the point is reached for the `countdown`-th time from now on.
    pub fn die_at(&self, point: Point, countdown: i32) {
        self.write(COUNTDOWN, &countdown.max(1).to_ne_bytes());
        self.write(POINT, &(point as i32).to_ne_bytes());
    }

    /// Sets whether the disk is full for the log of SQLite.
    pub fn set_full(&self, is_full: bool) {
        self.write(FULL, &i32::from(is_full).to_ne_bytes());
    }

    /// From now on every sync of the log of SQLite fails.
    pub fn fail_to_sync(&self) {
        self.write(FAILING, &1_i32.to_ne_bytes());
    }

    /// Plants a bug: statements with this phrase are sent to PostgreSQL without their lock.
    pub fn unlock(&self, phrase: &str) {
        assert!(phrase.len() < UNLOCKED_BYTES, "{phrase} is too long for an order");
        self.write(UNLOCKED, phrase.as_bytes());
    }
}

impl Drop for Order {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.path));
    }
}
