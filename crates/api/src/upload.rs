//! The files of a form, stored while they arrive. A small file is held in memory until the batch that attaches it. A
//! larger one, and one that exceeds the memory limit of the request, is staged chunk by chunk, each in a separate
//! commit, so that an upload takes the memory of a few chunks and no batch contains all of it.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::multipart::{Field, Multipart};
use axum::extract::{DefaultBodyLimit, FromRequest as _};
use axum::http::{HeaderMap, Request, header};
use docket_cases::{
    CHUNK_BYTES, FILE_BYTES_MAX, NewContent, NewFile, abandon_file, stage_chunk, stage_file, takes_file,
};
use docket_kernel::{Actor, Blob, CaseId, Cause, FileId, Holding, UnitOfWork, Verb, hex};
use docket_storage::Command;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::body::{BODY_BYTES_MAX, essence, identity_coded, normalised};
use crate::credential::Caller;
use crate::error::ErrorDocument;
use crate::multipart::{Limits, Part, Stored};
use crate::operation::{Context, OperationInfo};
use crate::refusal::of_write;

/// The most bytes that the parts of the largest form take beside the bytes of its files.
const REST_BYTES_MAX: usize = 2 * BODY_BYTES_MAX;
/// The number of first bytes of a file that determine its media type.
const FIRST_BYTES: usize = 16;

/// Whether a request is a form that may carry files.
pub(crate) fn is_for(about: &OperationInfo, headers: &HeaderMap) -> bool {
    about.carries_files && essence(headers) == "multipart/form-data"
}

fn broken(error: &dyn std::fmt::Display) -> ErrorDocument {
    ErrorDocument::bad_request(format!("the form can't be read: {error}"))
}

/// The files of one request. Staged files are abandoned when it is dropped, unless they were attached.
pub(crate) struct Uploads {
    staging: Staging,
    files: Vec<NewFile>,
    /// The bytes of all files so far.
    bytes: usize,
    /// The bytes of the files held in memory.
    held_bytes: usize,
    /// The bytes of all texts so far.
    text_bytes: usize,
    is_kept: bool,
}

/// What is needed to stage a file.
#[derive(Clone)]
struct Staging {
    app: App,
    caller: Arc<Caller>,
    cause: Cause,
    case: CaseId,
}

impl Uploads {
    /// The files of a request about a case.
    pub fn of(app: &App, context: &Context) -> Self {
        let (caller, cause) = (Arc::clone(&context.caller), context.actor.cause.clone());
        let case = CaseId::of(context.part("case-id"));
        let staging = Staging { app: app.clone(), caller, cause, case };
        Self { staging, files: Vec::new(), bytes: 0, held_bytes: 0, text_bytes: 0, is_kept: false }
    }

    /// Reads a form as the JSON body that it represents, and stores its files.
    pub async fn form(&mut self, headers: &HeaderMap, body: Body) -> Result<Value, ErrorDocument> {
        identity_coded(headers)?;
        let mut request = Request::new(body);
        let kind = headers.get(header::CONTENT_TYPE).map(|kind| (header::CONTENT_TYPE, kind.clone()));
        request.headers_mut().extend(kind);
        DefaultBodyLimit::max(FILE_BYTES_MAX + REST_BYTES_MAX).apply(&mut request);
        let mut form = Multipart::from_request(request, &()).await.map_err(|error| broken(&error))?;
        let (mut parts, limits) = (Vec::new(), Limits::default());
        while let Some(mut field) = form.next_field().await.map_err(|error| broken(&error))? {
            let mut part = Part {
                name: field.name().unwrap_or_default().to_owned(),
                filename: field.file_name().map(str::to_owned),
                content_type: field.content_type().map(str::to_owned),
                ..Part::default()
            };
            if parts.len() >= limits.parts_max {
                return Err(ErrorDocument::too_large(format!("form has more than {} parts", limits.parts_max)));
            }
            match part.filename.clone() {
                Some(filename) => part.stored = Some(self.take(&filename, &mut field).await?),
                None => part.bytes = self.text(&mut field).await?,
            }
            parts.push(part);
        }
        normalised(crate::multipart::parse(parts, limits)?)
    }

    /// Reads a text as it arrives.
    async fn text(&mut self, field: &mut Field<'_>) -> Result<Vec<u8>, ErrorDocument> {
        let mut text = Vec::new();
        while let Some(piece) = field.chunk().await.map_err(|error| broken(&error))? {
            self.text_bytes += piece.len();
            if self.text_bytes > BODY_BYTES_MAX {
                let details = format!("the texts of a form have at most {BODY_BYTES_MAX} bytes together");
                return Err(ErrorDocument::too_large(details));
            }
            text.extend_from_slice(&piece);
        }
        Ok(text)
    }

    /// Reads a file as it arrives, and returns what represents it in the body.
    async fn take(&mut self, filename: &str, field: &mut Field<'_>) -> Result<Stored, ErrorDocument> {
        let place = self.files.len();
        let mut file = Incoming::of(place, filename);
        let taken = self.receive(&mut file, field).await;
        let staged = file.staged.clone();
        let done = match taken {
            Ok(()) => file.finish(&self.staging, CHUNK_BYTES - self.held_bytes).await,
            Err(document) => Err(document),
        };
        // The staged chunks of a file that failed are abandoned too.
        let file = match (done, staged) {
            (Ok(file), _) => file,
            (Err(document), Some(id)) => {
                self.staging.abandon(vec![id]);
                return Err(document);
            }
            (Err(document), None) => return Err(document),
        };
        if let NewContent::Inline(bytes) = &file.content {
            self.held_bytes += bytes.bytes().len();
        }
        let stored = Stored { place, byte_size: file.byte_size, digest: file.digest.clone() };
        self.files.push(file);
        Ok(stored)
    }

    async fn receive(&mut self, file: &mut Incoming, field: &mut Field<'_>) -> Result<(), ErrorDocument> {
        while let Some(mut piece) = field.chunk().await.map_err(|error| broken(&error))? {
            self.bytes += piece.len();
            if self.bytes > FILE_BYTES_MAX {
                let details = format!("the files of a form have at most {FILE_BYTES_MAX} bytes together");
                return Err(ErrorDocument::too_large(details));
            }
            file.hasher.update(&piece);
            file.byte_size += piece.len();
            while !piece.is_empty() {
                if file.buffer.len() == CHUNK_BYTES {
                    file.stage(&self.staging).await?;
                }
                let part = piece.split_to(piece.len().min(CHUNK_BYTES - file.buffer.len()));
                file.buffer.extend_from_slice(&part);
            }
        }
        Ok(())
    }

    /// The number of bytes that the request holds in memory.
    pub fn weight(&self) -> usize {
        self.held_bytes + self.text_bytes
    }

    /// The files, in the order in which they came.
    pub fn files(&self) -> Arc<[NewFile]> {
        Arc::from(self.files.as_slice())
    }

    /// Marks the files as attached.
    pub fn keep(&mut self) {
        self.is_kept = true;
    }
}

impl Drop for Uploads {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        let staged = self.files.drain(..).filter_map(|file| match file.content {
            NewContent::Staged(id) => Some(id),
            NewContent::Inline(_) => None,
        });
        self.staging.abandon(staged.collect());
    }
}

/// A file that is arriving.
struct Incoming {
    place: usize,
    filename: String,
    buffer: Vec<u8>,
    hasher: Sha256,
    byte_size: usize,
    chunks: i64,
    staged: Option<FileId>,
    /// Its first bytes, if a case does not take such a file: the rest is not kept, and the verb refuses it.
    refused: Option<Vec<u8>>,
}

impl Incoming {
    fn of(place: usize, filename: &str) -> Self {
        Self {
            place,
            filename: filename.to_owned(),
            buffer: Vec::new(),
            hasher: Sha256::new(),
            byte_size: 0,
            chunks: 0,
            staged: None,
            refused: None,
        }
    }

    /// Stages a full chunk.
    async fn stage(&mut self, staging: &Staging) -> Result<(), ErrorDocument> {
        let is_first = self.staged.is_none() && self.refused.is_none();
        if is_first && !takes_file(&self.filename, &self.buffer) {
            self.refused = Some(self.buffer[..FIRST_BYTES.min(self.buffer.len())].to_vec());
        }
        if self.refused.is_some() {
            self.buffer.clear();
            return Ok(());
        }
        let chunk = Blob::from(self.buffer.as_slice());
        self.buffer.clear();
        match self.staged.clone() {
            None => self.staged = Some(staging.begin(self.place, self.filename.clone(), chunk).await?),
            Some(id) => staging.add(id, self.chunks, chunk).await?,
        }
        self.chunks += 1;
        Ok(())
    }

    /// The complete file: held in memory if it has at most `held_bytes_max` bytes.
    async fn finish(mut self, staging: &Staging, held_bytes_max: usize) -> Result<NewFile, ErrorDocument> {
        let is_small = self.staged.is_none() && self.buffer.len() <= held_bytes_max;
        if !is_small && !self.buffer.is_empty() {
            self.stage(staging).await?;
        }
        let content = match (self.staged, self.refused) {
            (Some(id), _) => NewContent::Staged(id),
            (None, Some(first)) => NewContent::Inline(first.into()),
            (None, None) => NewContent::Inline(self.buffer.into()),
        };
        let digest = hex(&self.hasher.finalize());
        Ok(NewFile { filename: self.filename, byte_size: self.byte_size, digest, content })
    }
}

impl Staging {
    async fn begin(&self, place: usize, filename: String, chunk: Blob) -> Result<FileId, ErrorDocument> {
        let (case, weight) = (self.case.clone(), chunk.bytes().len());
        self.submit("stage-file", weight, move |work, actor| stage_file(work, actor, &case, (place, &filename), &chunk))
            .await
    }

    async fn add(&self, file: FileId, ordinal: i64, chunk: Blob) -> Result<(), ErrorDocument> {
        let weight = chunk.bytes().len();
        self.submit("stage-chunk", weight, move |work, actor| stage_chunk(work, actor, &file, ordinal, &chunk)).await
    }

    /// Runs a verb with the caller's current permissions in its batch.
    async fn submit<T: Send + 'static>(
        &self,
        name: &'static str,
        weight: usize,
        verb: impl Fn(&mut UnitOfWork, &Actor) -> Verb<T> + Send + Sync + 'static,
    ) -> Result<T, ErrorDocument> {
        let (caller, cause) = (Arc::clone(&self.caller), self.cause.clone());
        let command =
            Command::new(name, self.caller.scope(), move |work| match caller.anew(work, Holding::Shared)? {
                Some(caller) => verb(work, &caller.actor().because(cause.clone())).map(Some),
                None => Ok(None),
            });
        match self.app.writer.submit(command.about(self.case.as_str()).weighing(weight)).await {
            Ok(Some(done)) => Ok(done),
            Ok(None) => Err(ErrorDocument::token_invalid()),
            Err(error) => Err(of_write(&error)),
        }
    }

    /// Abandons staged files. If this fails, they are removed when they expire.
    fn abandon(&self, files: Vec<FileId>) {
        if files.is_empty() {
            return;
        }
        let staging = self.clone();
        tokio::spawn(async move {
            for file in files {
                let given_up = staging.submit("abandon-file", 0, move |work, actor| abandon_file(work, actor, &file));
                drop(given_up.await);
            }
        });
    }
}
