//! Invariants of files: each file has all of its bytes, and all bytes belong to an existing file.

use std::collections::HashMap;

use docket_cases::{CHUNK_BYTES, FileChunk, FileContent};
use docket_kernel::{Entity, hex};
use sha2::{Digest, Sha256};

use crate::findings::Findings;
use crate::id::{Id, hash};

/// The totals of the chunks of a file.
#[derive(Debug)]
struct Sum {
    file: Id,
    /// A hash of the environment of its first chunk.
    environment: u64,
    chunks: i64,
    bytes: i64,
    /// Whether the ordinals have no gap, all chunks but the last are full, and all have the same environment.
    in_order: bool,
    /// The first half of the digest.
    digest: [u8; 16],
}

/// The totals of chunks. Chunks are read in key order: file by file, and before the files.
#[derive(Debug, Default)]
pub(crate) struct Chunks {
    sums: HashMap<u64, Sum>,
    open: Option<(Sum, Sha256)>,
}

impl Chunks {
    /// Adds a chunk.
    pub fn take(&mut self, chunk: &FileChunk) {
        let (file, environment) = (Id::of(chunk.file_id.as_str()), hash(&*chunk.scope()));
        if self.open.as_ref().is_none_or(|(open, _)| open.file != file) {
            self.close();
            let sum = Sum { file, environment, chunks: 0, bytes: 0, in_order: true, digest: [0; 16] };
            self.open = Some((sum, Sha256::new()));
        }
        let (Some((sum, hasher)), full) = (&mut self.open, i64::try_from(CHUNK_BYTES).unwrap_or(i64::MAX)) else {
            return;
        };
        sum.in_order &= chunk.ordinal == sum.chunks && sum.bytes == sum.chunks * full && sum.environment == environment;
        sum.chunks += 1;
        sum.bytes += i64::try_from(chunk.content.bytes().len()).unwrap_or(i64::MAX);
        hasher.update(chunk.content.bytes());
    }

    fn close(&mut self) {
        if let Some((mut sum, hasher)) = self.open.take() {
            for (kept, byte) in sum.digest.iter_mut().zip(hasher.finalize()) {
                *kept = byte;
            }
            self.sums.insert(hash(sum.file.to_string().as_str()), sum);
        }
    }

    /// Checks a file after its chunks were added: all chunks exist, and they contain what was sent.
    pub fn judge(&mut self, file: &FileContent, findings: &mut Findings) {
        self.close();
        let at = (FileContent::TABLE, file.id.as_str());
        let sum = self.sums.remove(&hash(file.id.as_str()));
        let chunks = sum.as_ref().map_or(0, |sum| sum.chunks);
        findings.same("file-is-whole", at, "the number of its chunks", &chunks, &file.chunks);
        let Some(sum) = sum else { return };
        let is_of_file = sum.environment == hash(&*file.scope());
        findings.same("same-environment", at, "whether its chunks are of its environment", &is_of_file, &true);
        findings.same("file-is-whole", at, "whether its chunks follow on one another", &sum.in_order, &true);
        if file.is_readable() {
            findings.same("file-is-whole", at, "the bytes of its chunks", &sum.bytes, &file.byte_size);
            let (found, wanted) = (hex(&sum.digest), file.digest.get(..32).unwrap_or_default());
            findings.same("file-is-whole", at, "the digest of its bytes", found.as_str(), wanted);
        }
    }

    /// Reports the chunks that are left after every file was checked: their files do not exist.
    pub fn judge_rest(&mut self, findings: &mut Findings) {
        self.close();
        for sum in std::mem::take(&mut self.sums).into_values() {
            let words = format_args!("{} chunks are of a file that is not there", sum.chunks);
            findings.add("parent-is-there", FileChunk::TABLE, &sum.file.to_string(), words);
        }
    }
}
