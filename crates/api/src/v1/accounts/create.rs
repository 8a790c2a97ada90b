//! `POST /accounts`

use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use docket_objects::{
    AccountRequest, REFERENCE_CHARACTERS_MAX, TAG_CHARACTERS_MAX, TAGS_MAX, create_account, upsert_account,
};
use serde_json::{Map, Value};

use super::shown::answer;
use crate::answer::Answer;
use crate::body::BodyMembers;
use crate::inflection::is_same_name;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo};
use crate::schema::{Body, list_within, said, short, text, theirs};
use crate::shapes::account::{AccountView, take_fields};

/// Creates an account.
pub struct CreateAccount;

impl Operation for CreateAccount {
    const ABOUT: OperationInfo = OperationInfo::contract(
        "create-an-account",
        "POST",
        "/accounts",
        Permission::AccountWrite,
        "Creates an account.",
    )
    .creating();
    type Input = (AccountRequest, IfThere);

    fn shape(_: &Context, body: &Value) -> Result<Self::Input, Refusal> {
        let members = BodyMembers::of(body);
        let if_there = if_there(members)?;
        members.object("/data/attributes/fields")?;
        let mut attributes = members.object("/data/attributes")?.cloned().unwrap_or_default();
        let fields = take_fields(&mut attributes);
        checked_shape(&fields)?;
        let request = AccountRequest {
            reference_id: members.text("/data/attributes/reference-id")?.map(str::to_owned),
            account_type_id: members.text("/data/attributes/account-type-id")?.map(str::to_owned),
            fields,
            status: members.text("/data/attributes/account-status")?.map(str::to_owned),
            tags: members.texts("/data/attributes/tags")?.unwrap_or_default(),
        };
        Ok((request, if_there))
    }

    fn doc() -> OperationDoc {
        let body = Body::new()
            .may("reference-id", short(REFERENCE_CHARACTERS_MAX))
            .may("account-type-id", text())
            .may("account-status", text())
            .may("fields", theirs())
            .may("tags", list_within(short(TAG_CHARACTERS_MAX), TAGS_MAX))
            .may_meta("upsert-by", said(text(), "`reference-id`: update the account that has it."));
        OperationDoc::one(AccountView::schema()).taking(body).including(&["account-type"]).or(200)
    }

    fn run(context: &Context, work: &mut UnitOfWork, (request, if_there): &Self::Input) -> Verb<Answer> {
        let (account, is_new) = match if_there {
            IfThere::Refuse => (create_account(work, &context.actor, request)?, true),
            IfThere::Update => upsert_account(work, &context.actor, request)?,
        };
        answer(context, work, &account, if is_new { 201 } else { 200 })
    }
}

/// What to do if an account with the reference id exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfThere {
    /// The request is a conflict.
    Refuse,
    /// That account is updated.
    Update,
}

/// `meta.upsert-by` must name a unique attribute of accounts; the reference id is the only one.
fn if_there(members: BodyMembers<'_>) -> Result<IfThere, Refusal> {
    const AT: &str = "/meta/upsert-by";
    match members.text(AT)? {
        None => Ok(IfThere::Refuse),
        Some(name) if !is_same_name(name, "reference-id") => {
            let sentence =
                format!("accounts can't be upserted by '{name}', which is not unique among them; use reference-id");
            Err(Refusal::rule("upsert-by", sentence).at(AT))
        }
        Some(_) => members.required_text("/data/attributes/reference-id").map(|_| IfThere::Update),
    }
}

/// The contract closes a person's name and address: other members could not be returned.
fn checked_shape(fields: &Map<String, Value>) -> Result<(), Refusal> {
    const CLOSED: &[(&str, &[&str])] = &[
        ("name", &["first", "middle", "last"]),
        (
            "address",
            &[
                "street_1",
                "street_2",
                "city",
                "subdivision",
                "postal_code",
                "country_code",
                "street-1",
                "street-2",
                "postal-code",
                "country-code",
            ],
        ),
    ];
    let mut findings = Vec::new();
    for (name, known) in CLOSED {
        let pointer = format!("/data/attributes/fields/{name}");
        match fields.get(*name).map(|field| field.get("value").unwrap_or(field)) {
            None | Some(Value::Null) => {}
            Some(Value::Object(inside)) => {
                for key in inside.keys().filter(|key| !known.contains(&key.as_str())) {
                    let sentence = format!("'{key}' is not part of {name}; it holds {}", known.join(", "));
                    findings.push(Refusal::rule("field-value", sentence).at(format!("{pointer}/{key}")));
                }
            }
            Some(_) => {
                let sentence = format!("{name} is an object that holds {}", known.join(", "));
                findings.push(Refusal::rule("field-value", sentence).at(pointer));
            }
        }
    }
    Refusal::of_all(findings).map_or(Ok(()), Err)
}
