//! `PATCH /users/{user-id}`

use docket_access::{Standing, User, UserChange, assignable, change_user};
use docket_cases::{Assignee, OpenCases, open_cases_of, reassign_open_cases};
use docket_kernel::{Permission, Refusal, UnitOfWork, UserId, Verb};
use serde_json::Value;

use super::open_cases::{counts, shown};
use super::shown::{resource, role_of, roles, schema, target};
use crate::answer::Answer;
use crate::body::BodyMembers;
use crate::document::Document;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, malformed, not_together};
use crate::refusal::at;
use crate::schema::{Body, maybe, said, short, text, truth, word};

const ACTIVE: &str = "/data/attributes/active";
const OPEN_CASES: &str = "/meta/open-cases";
const REASSIGN_TO: &str = "/meta/reassign-to";
/// What can happen to the open cases of a deactivated user.
const CHOICES: [&str; 3] = ["leave", "unassign", "reassign"];

/// Changes a user's name or role, or whether the user may sign in.
pub struct UpdateUser;

/// The changes of the user, and what happens to the user's open cases.
pub struct Input {
    change: UserChange,
    cases: OpenCasesOf,
}

/// What happens to the open cases of a deactivated user.
enum OpenCasesOf {
    Leave,
    Unassign,
    Reassign(String),
}

impl Operation for UpdateUser {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "update-a-user",
        "PATCH",
        "/users/{user-id}",
        Permission::UserWrite,
        "Changes a person's name or role, or deactivates the person: their sessions end, their API keys stop working, \
         and their past actions keep their name. Their open cases in this environment stay assigned to them unless \
         meta.open-cases says otherwise.",
    );
    type Input = Input;

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target(context, work)
    }

    fn shape(_: &Context, body: &Value) -> Result<Input, Refusal> {
        let body = BodyMembers::of(body);
        let name = "/data/attributes/name";
        body.only(&["/data/type", "/data/id", name, "/data/attributes/role", ACTIVE, OPEN_CASES, REASSIGN_TO])?;
        let active = body.boolean(ACTIVE)?;
        let standing = |is_active: bool| if is_active { Standing::Active } else { Standing::Deactivated };
        Ok(Input {
            change: UserChange {
                name: body.text(name)?.map(str::to_owned),
                role: role_of(body)?,
                standing: active.map(standing),
            },
            cases: cases_of(body, active)?,
        })
    }

    fn doc() -> OperationDoc {
        let active = said(truth(), "False deactivates the person; true lets the person sign in again.");
        let open_cases = said(
            word(&CHOICES),
            "What happens to the open cases of a deactivated person: they stay assigned, are unassigned, or are \
             reassigned to the person in reassign-to; up to 1,000 per request. Repeat the request for the next ones.",
        );
        let reassign_to = said(text(), "The email address or id of the person who takes over the open cases.");
        let body = Body::of_object()
            .may("name", short(200))
            .may("role", word(&roles()))
            .may("active", active)
            .may_meta("open-cases", open_cases)
            .may_meta("reassign-to", reassign_to);
        OperationDoc::one(schema()).taking(body).with_meta(vec![("open-cases", maybe(counts()))])
    }

    fn run(context: &Context, work: &mut UnitOfWork, input: &Input) -> Verb<Answer> {
        let user = change_user(work, &context.actor, &UserId::of(context.part("user-id")), &input.change)?;
        let document = Document::one(resource(&user));
        let document = match input.change.standing {
            Some(Standing::Deactivated) => {
                document.with_nested_meta("open-cases", shown(&given_away(context, work, &user, &input.cases)?))
            }
            _ => document.with_meta("open-cases", Value::Null),
        };
        Ok(Answer::ok(document, user.settings_version()))
    }
}

/// The choice in a body. It is only allowed with a deactivation.
fn cases_of(body: BodyMembers<'_>, active: Option<bool>) -> Result<OpenCasesOf, Refusal> {
    let (choice, to) = (body.text(OPEN_CASES)?, body.text(REASSIGN_TO)?);
    if (choice.is_some() || to.is_some()) && active != Some(false) {
        return Err(not_together(OPEN_CASES, "meta.open-cases requires data.attributes.active: false"));
    }
    match (choice, to) {
        (None | Some("leave"), None) => Ok(OpenCasesOf::Leave),
        (Some("unassign"), None) => Ok(OpenCasesOf::Unassign),
        (Some("reassign"), Some(person)) => Ok(OpenCasesOf::Reassign(person.to_owned())),
        (Some("reassign"), None) => {
            Err(not_together(REASSIGN_TO, "meta.reassign-to is missing; name the person who takes over the open cases"))
        }
        (Some(other), None) => {
            Err(malformed(OPEN_CASES, format_args!("'{other}' is not one of {}", CHOICES.join(", "))))
        }
        (_, Some(_)) => Err(not_together(REASSIGN_TO, "meta.reassign-to requires meta.open-cases: reassign")),
    }
}

fn given_away(context: &Context, work: &mut UnitOfWork, user: &User, cases: &OpenCasesOf) -> Verb<OpenCases> {
    let to = match cases {
        OpenCasesOf::Leave => return open_cases_of(work, &user.email),
        OpenCasesOf::Unassign => Assignee::Nobody,
        OpenCasesOf::Reassign(person) => {
            Assignee::Person(assignable(work, person).map_err(at(REASSIGN_TO))?.email.clone())
        }
    };
    reassign_open_cases(work, &context.actor, &user.email, &to)
}
