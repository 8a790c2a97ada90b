//! Which objects stored responses contain, and how a response is blanked when one of these is redacted.

use std::sync::Arc;

use docket_events::{Redaction, redaction_key, redaction_of};
use docket_kernel::{Actor, AnswerId, Json, Kind, Refusal, UnitOfWork, Verb};
use serde::Deserialize;

use crate::answer::Reply;
use crate::store::{ANSWERS_ABOUT, ANSWERS_INCLUDING, AnswerObject, Remembered};

/// The status of a blanked response.
const BLANK: i64 = 0;

/// The part of a response that lists the objects in it.
#[derive(Deserialize)]
struct Shown {
    data: Seen,
    #[serde(default)]
    included: Vec<Seen>,
}

#[derive(Deserialize)]
struct Seen {
    r#type: String,
    id: String,
    #[serde(default)]
    relationships: Related,
}

#[derive(Default, Deserialize)]
struct Related {
    case: Option<Linked>,
}

#[derive(Deserialize)]
struct Linked {
    data: Option<Pointer>,
}

#[derive(Deserialize)]
struct Pointer {
    id: String,
}

impl Seen {
    /// The object whose redaction covers this one: for a comment its case, for any other object itself.
    fn subject(self) -> String {
        let case = self.relationships.case.and_then(|case| case.data).filter(|_| self.r#type == "case-comment");
        case.map_or(self.id, |case| case.id)
    }
}

/// The objects whose content a response contains, the primary one first.
pub(crate) fn subjects_of(reply: &Reply) -> Vec<String> {
    if reply.status >= 400 {
        return Vec::new();
    }
    let Ok(shown) = serde_json::from_slice::<Shown>(&reply.body) else { return Vec::new() };
    let mut subjects = vec![shown.data.subject()];
    for seen in shown.included {
        let id = seen.subject();
        if !subjects.contains(&id) {
            subjects.push(id);
        }
    }
    subjects
}

/// Records the objects that a response includes, so that the redaction of one of them finds the response.
pub(crate) fn note_included(work: &mut UnitOfWork, actor: &Actor, answer: &AnswerId, subjects: &[String]) {
    let created_at = work.now();
    for object_id in subjects.iter().skip(1) {
        // A response that replaces an older one has another time.
        let id = Arc::from(format!("{answer}:{object_id}:{}", created_at.0));
        work.insert(AnswerObject {
            id,
            environment_id: actor.environment.clone(),
            answer_id: answer.clone(),
            object_id: object_id.clone(),
            created_at,
        });
    }
}

/// Whether a response was blanked, or contains an object that was redacted since.
pub(crate) fn is_erased(work: &mut UnitOfWork, answer: &Remembered) -> Verb<bool> {
    for id in answer.subjects.iter() {
        work.hint::<Redaction>(&redaction_key(&answer.environment_id, id));
    }
    for id in answer.subjects.iter() {
        if redaction_of(work, &answer.environment_id, id)?.is_some_and(|it| it.hides(answer.created_at)) {
            return Ok(true);
        }
    }
    Ok(answer.status == BLANK)
}

/// The refusal in place of an erased response.
pub(crate) fn erased() -> Refusal {
    let sentence = "a request with this Idempotency-Key was already processed, and its response was erased when an \
                    object in it was redacted; retrieve the object to see what is left of it";
    Refusal::new(Kind::Conflict, "response-redacted", sentence)
}

/// Blanks stored responses that contain a redacted object, at most `at_once`; returns how many, and whether there are
/// more.
pub fn blank_answers(work: &mut UnitOfWork, redaction: &Redaction, at_once: usize) -> Verb<(i64, bool)> {
    let id = &redaction.object_id;
    let (about, more_about) = work.some::<Remembered>(&ANSWERS_ABOUT, id)?;
    let (including, more_including) = work.some::<AnswerObject>(&ANSWERS_INCLUDING, id)?;
    let mut blanked = 0;
    let older = about.iter().filter(|answer| redaction.hides(answer.created_at));
    for answer in older.take(at_once) {
        blanked += i64::from(blank(work, answer.id.as_str())?);
    }
    for included in including.iter().filter(|row| redaction.hides(row.created_at)).take(at_once) {
        blanked += i64::from(blank(work, included.answer_id.as_str())?);
        work.remove::<AnswerObject>(&included.id)?;
    }
    let has_more = more_about || more_including || about.len() > at_once || including.len() > at_once;
    Ok((blanked, has_more))
}

fn blank(work: &mut UnitOfWork, id: &str) -> Verb<bool> {
    if work.get::<Remembered>(id)?.is_none_or(|answer| answer.status == BLANK) {
        return Ok(false);
    }
    work.change::<Remembered>(id, |answer| {
        answer.status = BLANK;
        answer.body.clear();
        answer.request_digest.clear();
        answer.etag = None;
        answer.subject_id = None;
        answer.subjects = Json::default();
    })?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subjects(status: u16, body: &str) -> Vec<String> {
        subjects_of(&Reply { status, body: body.as_bytes().to_vec(), etag: None, again: None })
    }

    #[test]
    fn an_answer_is_about_its_object_and_shows_what_it_includes() {
        let body = r#"{"data": {"type": "inquiry", "id": "inq_1", "attributes": {"note": "x"}, "relationships": {"account":
            {"data": {"type": "account", "id": "act_1"}}}}, "included": [{"type": "account", "id": "act_1"}]}"#;

        assert_eq!(subjects(200, body), ["inq_1", "act_1"]);
        assert_eq!(subjects(409, body), Vec::<String>::new());
    }

    #[test]
    fn an_answer_about_a_comment_shows_content_of_its_case() {
        let body = r#"{"data": {"type": "case-comment", "id": "ccomment_1", "relationships":
            {"case": {"data": {"type": "case", "id": "case_1"}}}}}"#;

        assert_eq!(subjects(201, body), ["case_1"]);
    }
}
