//! Which objects stored responses contain, and how a response is blanked when one of these is redacted.

use std::sync::Arc;

use docket_events::{Blanked, Redaction, redaction_key, redaction_of};
use docket_kernel::{AnswerId, EnvironmentId, Json, Refusal, RefusalKind, UnitOfWork, Verb};
use serde::Deserialize;

use crate::answer::Reply;
use crate::store::{ANSWERS_ABOUT, ANSWERS_INCLUDING, AnswerObject, Remembered};

/// The status of a blanked response.
const BLANK: i64 = 0;
/// The maximum difference between the clocks of two nodes: a refusal that was stored later than this after a redaction
/// quotes none of the erased content.
const CLOCKS_APART_SECONDS: i64 = 60;

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

/// The objects whose content a success contains, the primary one first.
pub(crate) fn subjects_of(reply: &Reply) -> Vec<String> {
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
pub(crate) fn note_included(
    work: &mut UnitOfWork,
    environment: &EnvironmentId,
    answer: &AnswerId,
    included: &[String],
) {
    let created_at = work.now();
    for object_id in included {
        // A response that replaces an older one has another time.
        let id = Arc::from(format!("{answer}:{object_id}:{}", created_at.0));
        work.insert(AnswerObject {
            id,
            environment_id: environment.clone(),
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
    Refusal::new(RefusalKind::Conflict, "response-redacted", sentence)
}

/// The subject of every stored refusal of an environment: its sentence may quote content of any object there.
pub(crate) fn subject_of_refusals(environment: &EnvironmentId) -> String {
    environment.to_string()
}

/// Blanks some of the stored responses that contain a redacted object, and deletes some of the refusals of its environment.
/// A refused request changed nothing, so its repetition is evaluated again.
pub fn blank_answers(work: &mut UnitOfWork, redaction: &Redaction) -> Verb<Blanked> {
    let (id, until) = (&redaction.object_id, redaction.reaches_until());
    let (about, more_about) = work.some_until::<Remembered>(&ANSWERS_ABOUT, id, until)?;
    let (including, more_including) = work.some_until::<AnswerObject>(&ANSWERS_INCLUDING, id, until)?;
    let refusals = subject_of_refusals(&redaction.environment_id);
    let until = redaction.redacted_at.plus_seconds(CLOCKS_APART_SECONDS);
    let (refusals, more_refusals) = work.some_until::<Remembered>(&ANSWERS_ABOUT, &refusals, Some(until))?;
    let mut blanked = Blanked { more: more_about || more_including || more_refusals, ..Blanked::default() };
    for answer in &about {
        blanked.add(blank(work, answer.id.as_str())?);
    }
    for included in &including {
        blanked.add(blank(work, included.answer_id.as_str())?);
        work.remove::<AnswerObject>(&included.id)?;
        blanked.rows += 1;
    }
    for refusal in &refusals {
        work.remove::<Remembered>(refusal.id.as_str())?;
        blanked.add(true);
    }
    Ok(blanked)
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

    fn subjects(body: &str) -> Vec<String> {
        subjects_of(&Reply { status: 200, body: body.as_bytes().to_vec(), etag: None, again: None })
    }

    #[test]
    fn an_answer_is_about_its_object_and_shows_what_it_includes() {
        let body = r#"{"data": {"type": "inquiry", "id": "inq_1", "attributes": {"note": "x"}, "relationships": {"account":
            {"data": {"type": "account", "id": "act_1"}}}}, "included": [{"type": "account", "id": "act_1"}]}"#;

        assert_eq!(subjects(body), ["inq_1", "act_1"]);
    }

    #[test]
    fn an_answer_about_a_comment_shows_content_of_its_case() {
        let body = r#"{"data": {"type": "case-comment", "id": "ccomment_1", "relationships":
            {"case": {"data": {"type": "case", "id": "case_1"}}}}}"#;

        assert_eq!(subjects(body), ["case_1"]);
    }
}
