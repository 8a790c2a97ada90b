//! What must hold of files: each has all of its bytes, and there are no bytes of a file that is not there.

use std::collections::BTreeMap;
use std::sync::Arc;

use docket_cases::{CHUNK_BYTES, Case, FileChunk, FileContent};
use docket_kernel::{Entity, hex};
use sha2::{Digest, Sha256};

use crate::parents::parent;
use crate::{Doctor, Findings};

/// What the chunks of a file come to.
#[derive(Clone, Debug)]
struct Sum {
    environment: Arc<str>,
    chunks: i64,
    bytes: i64,
    /// Whether they follow on one another without a gap, and all but the last are full.
    in_order: bool,
    digest: String,
}

/// The file whose chunks are being read.
#[derive(Clone, Debug)]
struct Open {
    file: Arc<str>,
    sum: Sum,
    hasher: Sha256,
}

impl Open {
    fn of(chunk: &FileChunk) -> Self {
        let sum = Sum { environment: chunk.scope(), chunks: 0, bytes: 0, in_order: true, digest: String::new() };
        Self { file: chunk.file_id.key(), sum, hasher: Sha256::new() }
    }

    fn add(&mut self, chunk: &FileChunk) {
        let (sum, full) = (&mut self.sum, i64::try_from(CHUNK_BYTES).unwrap_or(i64::MAX));
        sum.in_order &= chunk.ordinal == sum.chunks && sum.bytes == sum.chunks * full;
        sum.chunks += 1;
        sum.bytes += i64::try_from(chunk.content.bytes().len()).unwrap_or(i64::MAX);
        self.hasher.update(chunk.content.bytes());
    }

    fn closed(self) -> (Arc<str>, Sum) {
        (self.file, Sum { digest: hex(&self.hasher.finalize()), ..self.sum })
    }
}

/// What is kept of chunks, which come in the order of their keys: file by file.
#[derive(Debug, Default)]
pub(crate) struct Chunks {
    sums: BTreeMap<Arc<str>, Sum>,
    open: Option<Open>,
}

impl Chunks {
    pub fn take(&mut self, chunk: &FileChunk) {
        if self.open.as_ref().is_none_or(|open| *open.file != *chunk.file_id.as_str())
            && let Some(done) = self.open.replace(Open::of(chunk))
        {
            let (file, sum) = done.closed();
            self.sums.insert(file, sum);
        }
        if let Some(open) = &mut self.open {
            open.add(chunk);
        }
    }

    fn all(&self) -> BTreeMap<Arc<str>, Sum> {
        self.sums.clone().into_iter().chain(self.open.clone().map(Open::closed)).collect()
    }
}

impl Doctor {
    /// A file is on a case that is there, in the same environment; its chunks are all there and hold what was sent.
    pub(crate) fn files(&self, findings: &mut Findings) {
        let mut sums = self.chunks.all();
        for file in &self.files {
            let at = (FileContent::TABLE, file.id.as_str());
            let case = self.cases.get(file.object_id.as_str()).map(Case::scope);
            parent(findings, &(at.0, at.1, file.scope()), "case", case);
            let sum = sums.remove(file.id.as_str());
            let chunks = sum.as_ref().map_or(0, |sum| sum.chunks);
            findings.same("file-is-whole", at, "the number of its chunks", &chunks, &file.chunks);
            let Some(sum) = sum else { continue };
            findings.same("same-environment", at, "the environment of its chunks", &sum.environment, &file.scope());
            findings.same("file-is-whole", at, "whether its chunks follow on one another", &sum.in_order, &true);
            if file.is_readable() {
                findings.same("file-is-whole", at, "the bytes of its chunks", &sum.bytes, &file.byte_size);
                findings.same("file-is-whole", at, "the digest of its bytes", &sum.digest, &file.digest);
            }
        }
        for (file, sum) in &sums {
            let words = format_args!("{} chunks are of a file that is not there", sum.chunks);
            findings.add("parent-is-there", FileChunk::TABLE, file, words);
        }
    }
}
