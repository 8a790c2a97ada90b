//! `PATCH /cases/{case-id}`

use docket_cases::{
    Case, FILE_NAME_CHARACTERS_MAX, FILES_MAX, NewContent, NewFile, SLA_SECONDS_MAX, UpdateRequest, attach, update_case,
};
use docket_kernel::{CaseId, Permission, Refusal, UnitOfWork, Verb};
use serde_json::{Map, Value};

use super::create::{known_queue, loose_fields, with_loose};
use super::shown::{ON_UPDATE, RELATED, answer};
use crate::answer::Answer;
use crate::body::BodyMembers;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, malformed, target_of};
use crate::schema::{Body, base64, file_name, list_within, number_within, object, said, text, theirs};
use crate::shapes::case::CaseView;

/// Updates a case.
pub struct UpdateCase;

/// The changes.
pub struct Input {
    request: UpdateRequest,
    loose: Map<String, Value>,
    files: Vec<NewFile>,
}

impl Operation for UpdateCase {
    const ABOUT: OperationInfo =
        OperationInfo::contract("update-a-case", "PATCH", "/cases/{case-id}", Permission::CaseWrite, "Updates a case.")
            .carrying_files();
    type Input = Input;

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<Case>(work, "case", context.part("case-id"))
    }

    fn shape(context: &Context, body: &Value) -> Result<Input, Refusal> {
        let body = BodyMembers::of(body);
        known_queue(body)?;
        let sla = "/meta/sla-expires-in-seconds";
        let request = UpdateRequest {
            fields: body.object("/data/attributes/fields")?.cloned().unwrap_or_default(),
            sla_seconds: body.has(sla).then(|| body.seconds(sla)).transpose()?,
        };
        Ok(Input { request, loose: loose_fields(context, body)?, files: files(context, body)? })
    }

    fn doc() -> OperationDoc {
        let file = object(vec![
            ("filename", file_name(FILE_NAME_CHARACTERS_MAX)),
            ("data", said(base64(), "The file in base64: PDF, PNG, JPEG, GIF or WebP.")),
        ]);
        let body = Body::of_object()
            .may("fields", theirs())
            .may("attachments", list_within(file, FILES_MAX))
            .may("case-queue-id", text())
            .may_meta("sla-expires-in-seconds", number_within(0, SLA_SECONDS_MAX));
        OperationDoc::one(CaseView::schema()).taking(body).including(RELATED)
    }

    fn run(context: &Context, work: &mut UnitOfWork, input: &Input) -> Verb<Answer> {
        let id = CaseId::of(context.part("case-id"));
        let mut request = input.request.clone();
        if let Some(case) = work.get::<Case>(id.as_str())? {
            request.fields = with_loose(context, work, case.template_id.as_str(), request.fields, &input.loose)?;
        }
        let mut case = update_case(work, &context.actor, &id, &request)?;
        if !input.files.is_empty() {
            case = attach(work, &context.actor, &id, &input.files)?;
        }
        answer(context, work, &case, ON_UPDATE, 200)
    }
}

/// The files to attach: those stored while the form arrived, and those whose bytes are in the body.
fn files(context: &Context, body: BodyMembers<'_>) -> Result<Vec<NewFile>, Refusal> {
    use base64::Engine;
    let at = "/data/attributes/attachments";
    let items = match body.get(at) {
        None => return Ok(Vec::new()),
        Some(Value::Array(items)) => items,
        Some(_) => return Err(malformed(at, "data.attributes.attachments must be a list of files")),
    };
    let mut files = Vec::with_capacity(items.len());
    for (place, item) in items.iter().enumerate() {
        let stored = item.get("part").and_then(Value::as_u64).and_then(|part| usize::try_from(part).ok());
        if let Some(file) = stored.and_then(|part| context.files.get(part)) {
            files.push(file.clone());
            continue;
        }
        let item = BodyMembers::of(item);
        let pointer = format!("{at}/{place}/data");
        let data = item.required_text("/data").map_err(|_| malformed(&pointer, "a file requires data, in base64"))?;
        let name = item
            .required_text("/filename")
            .map_err(|_| malformed(&format!("{at}/{place}/filename"), "a file requires a filename"))?;
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(data)
            .map_err(|error| malformed(&pointer, format_args!("the file's data is not base64: {error}")))?;
        files.push(NewFile {
            filename: name.to_owned(),
            byte_size: bytes.len(),
            digest: docket_kernel::sha256_hex(&bytes),
            content: NewContent::Inline(bytes.into()),
        });
    }
    Ok(files)
}
