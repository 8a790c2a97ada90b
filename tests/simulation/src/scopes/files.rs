//! The verbs of files.

use docket_cases::{abandon_file, attach, chunk_of, file_of, remove_chunks, remove_staged, stage_chunk, stage_file};

use super::Gate::{Inner, Permission};
use super::{Gate, PDF, Reach, pdf};

/// Every verb that adds files to a case, reads or removes them.
pub(super) const VERBS: &[(&str, Gate, Reach)] = &[
    ("attach", Permission, |_, work, actor, theirs| attach(work, actor, &theirs.case, &[pdf()]).map(|_| true)),
    ("stage_file", Permission, |_, work, actor, theirs| {
        stage_file(work, actor, &theirs.case, (0, "a.pdf"), &PDF.into()).map(|_| true)
    }),
    ("stage_chunk", Permission, |_, work, actor, theirs| {
        stage_chunk(work, actor, &theirs.staged, 1, &PDF.into()).map(|()| true)
    }),
    ("abandon_file", Permission, |_, work, actor, theirs| abandon_file(work, actor, &theirs.staged).map(|()| false)),
    ("file_of", Inner, |_, work, _, theirs| file_of(work, theirs.case.as_str(), theirs.file.as_str()).map(|_| true)),
    ("chunk_of", Inner, |_, work, _, theirs| Ok(chunk_of(work, &theirs.file, 0)?.is_some())),
    ("remove_chunks", Inner, |_, work, _, theirs| Ok(remove_chunks(work, &theirs.file, 0)? > 0)),
    ("remove_staged", Inner, |_, work, _, theirs| remove_staged(work, theirs.staged.as_str()).map(|_| false)),
];
