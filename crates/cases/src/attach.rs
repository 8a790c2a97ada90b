//! Putting files on a case.

use std::sync::Arc;

use docket_events::{Happening, record};
use docket_kernel::{Actor, CaseId, EnvironmentId, FileId, Moment, Permission, Refusal, UnitOfWork, Verb, hex, unhex};

use crate::case::{Attachment, Case, existing, objects_of, tree};
use crate::status::Statuses;

/// The most files of one case.
pub const FILES_MAX: usize = 100;
/// The longest name of a file, in characters.
pub const FILE_NAME_CHARACTERS_MAX: usize = 255;

docket_kernel::entity! {
    /// What a file holds.
    pub struct FileContent in "file_content" {
        table: { rank: 62, lock: Append, scope: environment_id, unique: [], asked: [] },
        /// Its id.
        id: FileId,
        /// Whose.
        environment_id: EnvironmentId,
        /// The case it is on.
        object_id: String,
        /// What it was called.
        filename: String,
        /// What it is, told from its first bytes and never from its name.
        content_type: String,
        /// How large it is, in bytes.
        byte_size: i64,
        /// Its bytes, hexadecimal.
        content: String,
        /// When it was put there.
        created_at: Moment,
    }
}

/// A file somebody sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// What it is called.
    pub filename: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl FileContent {
    /// The bytes of the file.
    pub fn bytes(&self) -> Vec<u8> {
        unhex(&self.content).unwrap_or_default()
    }
}

/// Which of the kinds a case takes these bytes are.
fn kind_of(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [b'%', b'P', b'D', b'F', ..] => Some("application/pdf"),
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

/// Puts files on a case: PDFs and images, told by what they hold.
pub fn attach(work: &mut UnitOfWork, actor: &Actor, case: &CaseId, files: &[NewFile]) -> Verb<Arc<Case>> {
    actor.may(Permission::CaseWrite)?;
    let case = existing(work, case)?;
    let mut findings = Vec::new();
    for (place, file) in files.iter().enumerate() {
        let at = |member: &str| format!("/data/attributes/attachments/{place}/{member}");
        let length = file.filename.chars().count();
        if length == 0 || length > FILE_NAME_CHARACTERS_MAX || file.filename.contains(['/', '\\', '\0']) {
            let sentence = format!("a filename has 1 to {FILE_NAME_CHARACTERS_MAX} characters and no path separators");
            findings.push(Refusal::rule("filename", sentence).at(at("filename")));
        }
        if kind_of(&file.bytes).is_none() {
            let sentence = "a case takes PDF, PNG, JPEG, GIF and WebP files; this file is of another type";
            findings.push(Refusal::rule("file-kind", sentence).at(at("data")));
        }
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
        let (id, created_at) = (FileId::of(work.new_id(FileId::PREFIX)), work.now());
        added.push(Attachment {
            id: id.to_string(),
            filename: file.filename.clone(),
            byte_size: file.bytes.len() as u64,
        });
        work.insert(FileContent {
            id,
            environment_id: actor.environment.clone(),
            object_id: case.id.to_string(),
            filename: file.filename.clone(),
            content_type: kind_of(&file.bytes).unwrap_or_default().to_owned(),
            byte_size: i64::try_from(file.bytes.len()).unwrap_or(i64::MAX),
            content: hex(&file.bytes),
            created_at,
        });
    }
    let statuses = Statuses::of(work, &case.template_id)?;
    let objects = objects_of(work, &case)?;
    let now = work.now();
    let case = work.change::<Case>(case.id.as_str(), |case| {
        case.attachments.edit().extend(added.iter().cloned());
        case.touch(actor, now);
    })?;
    let tree = tree(&case, statuses.name(&case.status_id), &objects);
    let names: Vec<String> = added.into_iter().map(|file| file.filename).collect();
    record(work, actor, Happening::new("case.updated", tree, case.version).with("added-attachments", names));
    Ok(case)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_told_by_what_it_holds() {
        assert_eq!(kind_of(b"%PDF-1.7"), Some("application/pdf"));
        assert_eq!(kind_of(b"<svg onload=alert(1)>"), None);
        assert_eq!(kind_of(b""), None);
    }
}
