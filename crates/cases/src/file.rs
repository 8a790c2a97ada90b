//! Files: one row that describes a file, and its bytes in chunks.
//!
//! A large file is staged chunk by chunk, each in its own commit, so that no batch carries all of it. Until the file is
//! attached to a case it is not visible; a staged file that is not attached in time is removed.

use std::sync::Arc;

use docket_kernel::{
    Actor, Blob, CaseId, EnvironmentId, FileId, Moment, Permission, Progress, Refusal, UnitOfWork, Verb,
};

use crate::attach::FILE_NAME_CHARACTERS_MAX;
use crate::case::{Case, existing};

/// The size of every chunk but the last, in bytes.
pub const CHUNK_BYTES: usize = 256 << 10;
/// The maximum size of a file, in bytes.
pub const FILE_BYTES_MAX: usize = 40 << 20;
/// How long a staged file is kept if it is not attached, in seconds.
pub const STAGED_SECONDS: i64 = 3_600;
/// The topic of staged files that are due for removal.
pub const STAGED_FILE: &str = "staged-file";
/// The maximum number of chunks that one commit removes.
pub const CHUNKS_REMOVED_MAX: i64 = 8;

docket_kernel::entity! {
    /// A file without its bytes.
    pub struct FileContent in "file_content" {
        table: {
            rank: 62, lock: Row(version), scope: environment_id, unique: [], asked: [], due: "staged_until"
        },
        /// Its id.
        id: FileId,
        /// The environment it belongs to.
        environment_id: EnvironmentId,
        /// The row version, incremented by every change.
        version: i64,
        /// The case it is on.
        object_id: String,
        /// Its filename.
        filename: String,
        /// Its content type, determined from its first bytes and never from its name.
        content_type: String,
        /// Its size in bytes; 0 while it is staged.
        byte_size: i64,
        /// The number of chunks that hold its bytes.
        chunks: i64,
        /// The SHA-256 of its bytes, hexadecimal; empty while it is staged, and after its bytes are removed.
        digest: String,
        /// When it is removed unless it is attached before; `None` once it is attached.
        staged_until: Option<Moment>,
        /// When it was created.
        created_at: Moment,
    }
}

docket_kernel::entity! {
    /// A chunk of the bytes of a file.
    pub struct FileChunk in "file_chunk" {
        table: { rank: 64, lock: Append, scope: environment_id, unique: [], asked: [] },
        /// Its id: the file's id and the ordinal.
        id: Arc<str>,
        /// The environment it belongs to.
        environment_id: EnvironmentId,
        /// The file.
        file_id: FileId,
        /// 0, 1, 2 …
        ordinal: i64,
        /// The bytes: [`CHUNK_BYTES`] of them, fewer in the last chunk.
        content: Blob,
    }
}

impl FileContent {
    /// Whether its bytes can be read: it is attached, and its bytes were not removed.
    pub fn is_readable(&self) -> bool {
        self.staged_until.is_none() && !self.digest.is_empty()
    }
}

/// The key of a chunk of a file. Keys sort in the order of the bytes.
pub fn chunk_key(file: &FileId, ordinal: i64) -> Arc<str> {
    Arc::from(format!("{file}/{ordinal:05}"))
}

/// The number of chunks for this many bytes.
pub fn chunks_of(byte_size: usize) -> i64 {
    i64::try_from(byte_size.div_ceil(CHUNK_BYTES)).unwrap_or(i64::MAX)
}

/// The content type of these bytes, if a case accepts it.
pub(crate) fn kind_of(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [b'%', b'P', b'D', b'F', ..] => Some("application/pdf"),
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

/// The problems of a file with this name and these first bytes, at these members of the request body.
pub(crate) fn findings(filename: &str, first: &[u8], at: impl Fn(&str) -> String) -> Vec<Refusal> {
    let mut findings = Vec::new();
    let length = filename.chars().count();
    if length == 0 || length > FILE_NAME_CHARACTERS_MAX || filename.contains(['/', '\\', '\0']) {
        let sentence = format!("a filename has 1 to {FILE_NAME_CHARACTERS_MAX} characters and no path separators");
        findings.push(Refusal::rule("filename", sentence).at(at("filename")));
    }
    if kind_of(first).is_none() {
        let sentence = "a case takes PDF, PNG, JPEG, GIF and WebP files; this file is of another type";
        findings.push(Refusal::rule("file-kind", sentence).at(at("data")));
    }
    findings
}

/// Whether a case accepts a file with this name and these first bytes.
pub fn takes_file(filename: &str, first: &[u8]) -> bool {
    findings(filename, first, str::to_owned).is_empty()
}

/// The refusal of a staged file that no longer exists or is incomplete.
pub(crate) fn not_staged() -> Refusal {
    let sentence = "the upload of this file has ended or is not complete; send the file again";
    Refusal::rule("upload-ended", sentence)
}

/// Starts staging a file that is to be attached to a case, with its first chunk. `place` is the file's index in the
/// list of the request, for the pointer of a refusal.
pub fn stage_file(
    work: &mut UnitOfWork,
    actor: &Actor,
    case: &CaseId,
    (place, filename): (usize, &str),
    first: &Blob,
) -> Verb<FileId> {
    actor.may(Permission::CaseWrite)?;
    let case = existing(work, case)?;
    let at = |member: &str| format!("/data/attributes/attachments/{place}/{member}");
    if let Some(refusal) = Refusal::of_all(findings(filename, first.bytes(), at)) {
        return Err(refusal.into());
    }
    let (id, created_at) = (FileId::of(work.new_id(FileId::PREFIX)), work.now());
    work.insert(FileContent {
        id: id.clone(),
        environment_id: actor.environment.clone(),
        version: 0,
        object_id: case.id.to_string(),
        filename: filename.to_owned(),
        content_type: kind_of(first.bytes()).unwrap_or_default().to_owned(),
        byte_size: 0,
        chunks: 1,
        digest: String::new(),
        staged_until: Some(created_at.plus_seconds(STAGED_SECONDS)),
        created_at,
    });
    add_chunk(work, &actor.environment, &id, 0, first.clone());
    Ok(id)
}

/// Stages the next chunk of a file.
pub fn stage_chunk(work: &mut UnitOfWork, actor: &Actor, file: &FileId, ordinal: i64, bytes: &Blob) -> Verb<()> {
    actor.may(Permission::CaseWrite)?;
    let staged = staged(work, file)?.filter(|staged| staged.chunks == ordinal).ok_or_else(not_staged)?;
    work.change::<FileContent>(staged.id.as_str(), |file| file.chunks += 1)?;
    add_chunk(work, &staged.environment_id, file, ordinal, bytes.clone());
    Ok(())
}

/// Abandons a staged file: it is due for removal at once.
pub fn abandon_file(work: &mut UnitOfWork, actor: &Actor, file: &FileId) -> Verb<()> {
    actor.may(Permission::CaseWrite)?;
    if let Some(staged) = staged(work, file)? {
        let now = work.now();
        work.change::<FileContent>(staged.id.as_str(), |file| file.staged_until = Some(now))?;
    }
    Ok(())
}

/// A file that is staged and not yet due for removal.
pub(crate) fn staged(work: &mut UnitOfWork, file: &FileId) -> Verb<Option<Arc<FileContent>>> {
    let now = work.now();
    Ok(work.get::<FileContent>(file.as_str())?.filter(|file| file.staged_until.is_some_and(|until| until > now)))
}

/// The file with this id on a case, if its bytes can be read. The files of a redacted case can't be read.
pub fn file_of(work: &mut UnitOfWork, case: &str, file: &str) -> Verb<Arc<FileContent>> {
    let is_redacted = work.get::<Case>(case)?.is_some_and(|case| case.redacted_at.is_some());
    let found = work.get::<FileContent>(file)?;
    let found = found.filter(|file| file.object_id == case && file.is_readable() && !is_redacted);
    found.ok_or_else(|| Refusal::unknown("file", file).into())
}

/// The bytes of a chunk, if the chunk exists.
pub fn chunk_of(work: &mut UnitOfWork, file: &FileId, ordinal: i64) -> Verb<Option<Blob>> {
    Ok(work.get::<FileChunk>(&chunk_key(file, ordinal))?.map(|chunk| chunk.content.clone()))
}

pub(crate) fn add_chunk(work: &mut UnitOfWork, environment: &EnvironmentId, file: &FileId, ordinal: i64, bytes: Blob) {
    work.insert(FileChunk {
        id: chunk_key(file, ordinal),
        environment_id: environment.clone(),
        file_id: file.clone(),
        ordinal,
        content: bytes,
    });
}

/// Removes up to `at_most` chunks from the end of a file and returns how many are left. After the first removal the
/// file can't be read.
pub fn remove_chunks(work: &mut UnitOfWork, file: &FileId, at_most: i64) -> Verb<i64> {
    let Some(content) = work.get::<FileContent>(file.as_str())? else { return Ok(0) };
    let left = (content.chunks - at_most.max(0)).max(0);
    for ordinal in left..content.chunks {
        work.hint::<FileChunk>(&chunk_key(file, ordinal));
    }
    for ordinal in left..content.chunks {
        work.remove::<FileChunk>(&chunk_key(file, ordinal))?;
    }
    if left < content.chunks || !content.digest.is_empty() {
        work.change::<FileContent>(file.as_str(), |file| {
            file.chunks = left;
            file.digest.clear();
        })?;
    }
    Ok(left)
}

/// Removes a staged file that is due: some of its chunks in each commit, then the file.
pub fn remove_staged(work: &mut UnitOfWork, file: &str) -> Verb<Progress> {
    let now = work.now();
    let due = work.get::<FileContent>(file)?.filter(|file| file.staged_until.is_some_and(|until| until <= now));
    let Some(due) = due else { return Ok(Progress::Done) };
    if remove_chunks(work, &due.id, CHUNKS_REMOVED_MAX)? == 0 {
        work.remove::<FileContent>(file)?;
    } else {
        // The file becomes due after the other due rows.
        work.change::<FileContent>(file, |file| file.staged_until = Some(now))?;
    }
    Ok(Progress::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_type_is_recognized_by_the_first_bytes() {
        assert_eq!(kind_of(b"%PDF-1.7"), Some("application/pdf"));
        assert_eq!(kind_of(b"<svg onload=alert(1)>"), None);
        assert_eq!(kind_of(b""), None);
    }

    #[test]
    fn a_file_takes_as_many_chunks_as_its_bytes_need() {
        let sizes = [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, FILE_BYTES_MAX];

        assert_eq!(sizes.map(chunks_of), [0, 1, 1, 2, 160]);
    }
}
