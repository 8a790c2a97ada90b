//! Attaching files to a case.

use std::sync::Arc;

use docket_events::{NewEvent, record};
use docket_kernel::{Actor, Blob, CaseId, FileId, Permission, Refusal, UnitOfWork, Verb};

use crate::case::{Attachment, Case, existing, objects_of, tree};
use crate::file::{
    CHUNK_BYTES, FILE_BYTES_MAX, FileContent, add_chunk, chunks_of, findings, kind_of, not_staged, staged,
};
use crate::size::{checked_size, content_bytes};
use crate::status::Statuses;

/// The maximum number of files on a case.
pub const FILES_MAX: usize = 100;
/// The maximum length of a filename, in characters.
pub const FILE_NAME_CHARACTERS_MAX: usize = 255;

/// A file to attach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// Its filename.
    pub filename: String,
    /// Its size in bytes.
    pub byte_size: usize,
    /// The SHA-256 of its bytes, hexadecimal.
    pub digest: String,
    /// Its bytes.
    pub content: NewContent,
}

/// The bytes of a file to attach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewContent {
    /// All bytes, for a file that is small enough for one commit.
    Inline(Blob),
    /// The id of a staged file that holds the bytes.
    Staged(FileId),
}

impl NewFile {
    /// The problems of this file, at these members of the request body.
    fn findings(&self, at: impl Fn(&str) -> String) -> Vec<Refusal> {
        match &self.content {
            NewContent::Inline(bytes) => {
                let mut found = findings(&self.filename, bytes.bytes(), &at);
                if self.byte_size > FILE_BYTES_MAX {
                    let sentence = format!("a file has at most {FILE_BYTES_MAX} bytes");
                    found.push(Refusal::rule("file-size", sentence).at(at("data")));
                }
                found
            }
            // The first chunk was checked when it was staged.
            NewContent::Staged(_) => Vec::new(),
        }
    }
}

/// Attaches files to a case: PDFs and images, recognized by their content.
pub fn attach(work: &mut UnitOfWork, actor: &Actor, case: &CaseId, files: &[NewFile]) -> Verb<Arc<Case>> {
    actor.may(Permission::CaseWrite)?;
    let case = existing(work, case)?;
    case.takes_content()?;
    let mut findings = Vec::new();
    for (place, file) in files.iter().enumerate() {
        findings.extend(file.findings(|member| format!("/data/attributes/attachments/{place}/{member}")));
    }
    if case.attachments.len() + files.len() > FILES_MAX {
        let sentence = format!("a case takes at most {FILES_MAX} files");
        findings.push(Refusal::rule("too-many-files", sentence).at("/data/attributes/attachments"));
    }
    if let Some(refusal) = Refusal::of_all(findings) {
        return Err(refusal.into());
    }
    let mut added = Vec::with_capacity(files.len());
    for file in files {
        let id = match &file.content {
            NewContent::Inline(bytes) => add(work, actor, &case, file, bytes),
            NewContent::Staged(id) => show(work, &case, file, id)?,
        };
        added.push(Attachment {
            id: id.to_string(),
            filename: file.filename.clone(),
            byte_size: file.byte_size as u64,
        });
    }
    let statuses = Statuses::of(work, &case.template_id)?;
    let objects = objects_of(work, &case)?;
    let (now, before) = (work.now(), content_bytes(&case));
    let case = work.change::<Case>(case.id.as_str(), |case| {
        case.attachments.edit().extend(added.iter().cloned());
        case.touch(actor, now);
    })?;
    checked_size(before, &case, "/data/attributes/attachments")?;
    let tree = tree(&case, statuses.name(&case.status_id), &objects);
    let names: Vec<String> = added.into_iter().map(|file| file.filename).collect();
    record(work, actor, NewEvent::about(&*case, "case.updated", tree).with("added-attachments", names));
    Ok(case)
}

/// Adds a file with all its bytes.
fn add(work: &mut UnitOfWork, actor: &Actor, case: &Case, file: &NewFile, bytes: &Blob) -> FileId {
    let (id, created_at) = (FileId::of(work.new_id(FileId::PREFIX)), work.now());
    work.insert(FileContent {
        id: id.clone(),
        environment_id: actor.environment.clone(),
        version: 0,
        object_id: case.id.to_string(),
        filename: file.filename.clone(),
        content_type: kind_of(bytes.bytes()).unwrap_or_default().to_owned(),
        byte_size: size(file),
        chunks: chunks_of(file.byte_size),
        digest: file.digest.clone(),
        staged_until: None,
        created_at,
    });
    for (ordinal, chunk) in (0..).zip(bytes.bytes().chunks(CHUNK_BYTES)) {
        add_chunk(work, &actor.environment, &id, ordinal, chunk.into());
    }
    id
}

/// Attaches a file whose bytes were staged, which makes it visible.
fn show(work: &mut UnitOfWork, case: &Case, file: &NewFile, id: &FileId) -> Verb<FileId> {
    let is_whole =
        |staged: &Arc<FileContent>| staged.object_id == case.id.as_str() && staged.chunks == chunks_of(file.byte_size);
    let staged = staged(work, id)?.filter(is_whole).ok_or_else(not_staged)?;
    work.change::<FileContent>(staged.id.as_str(), |content| {
        content.byte_size = size(file);
        content.digest.clone_from(&file.digest);
        content.staged_until = None;
    })?;
    Ok(staged.id.clone())
}

fn size(file: &NewFile) -> i64 {
    i64::try_from(file.byte_size).unwrap_or(i64::MAX)
}
