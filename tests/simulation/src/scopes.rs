//! Every verb, with the ids of another environment whose rows are in memory in the same batch: it sees and changes none
//! of these rows. And every verb, called by an actor without permissions.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use docket_access::{
    ApiKey, EnvironmentKind, KeyRequest, NewPerson, Role, UserChange, add_user, add_user_with_invitation, assignable,
    change_user, create_key, expire_key, invite,
};
use docket_cases::{
    Assignee, Case, CreateRequest, FileChunk, FileContent, NewContent, NewFile, Statuses, TemplateChange,
    TemplateRequest, UpdateRequest, add_comment, add_objects, assign, attach, cases_holding, change_template,
    chunk_key, comments_of, create_case, create_template, hold_templates, next_statuses, objects_of, open_cases_of,
    reassign_open_cases, stage_file, statuses_of, tag_case, template, tree_of, update_case, update_status,
};
use docket_events::Event;
use docket_kernel::{
    Actor, CaseId, CaseTemplateId, Entity, EnvironmentId, FileId, OrganizationId, Row, Scope, UnitOfWork, UserId, Verb,
    VersionId, WorkflowId,
};
use docket_objects::{
    AccountRequest, Decision, InquiryRequest, Object, Source, Taken, change_allow_list, create_account, create_inquiry,
    create_source, decide_inquiry, deliver, find_or_create_account, ignored_count, rotate_secret, tag_object, take_in,
    upsert_account,
};
use docket_storage::{Command, WriteError};
use docket_workflows::reachable::{example, of_event, of_object};
use docket_workflows::{
    Description, Edit, Engine, Run, Version, Workflow, WorkflowRequest, advance, archive, close_editor,
    create_workflow, defer, describe, discard_draft, fail, hint, merge_draft, pause, problems_of, problems_of_draft,
    publish, react, report_editor, resume, save_draft, skipped_events, start_by_api, start_for_event, workflows_naming,
    workflows_naming_field,
};
use serde_json::json;

use crate::database::{Database, State, text};
use crate::journal::all;
use crate::seeds::beginning;
use crate::simulation::{calmly, together};
use crate::world::Tenant;

mod faults;
mod files;
mod redactions;

/// The ids of the other environment.
#[derive(Clone)]
struct Theirs {
    environment: EnvironmentId,
    case: CaseId,
    template: CaseTemplateId,
    file: FileId,
    staged: FileId,
    inquiry: String,
    account: String,
    workflow: WorkflowId,
    version: VersionId,
    run: Arc<str>,
    event: Arc<str>,
}

const SOURCE: &str = "their source";
const REFERENCE: &str = "their reference";

/// A verb as the test calls it: with an actor here, and the ids there. Returns whether it reached anything there.
type Reach = fn(&Arc<Engine>, &mut UnitOfWork, &Actor, &Theirs) -> Verb<bool>;

/// The callers of a verb.
#[derive(PartialEq)]
enum Gate {
    /// Actors with its permission.
    Permission,
    /// Other verbs, reactions and views, which check the permission before.
    Inner,
}

use Gate::{Inner, Permission};

fn names(of: &Theirs) -> serde_json::Value {
    let with = json!({"case": of.case, "status": "Pending"});
    json!({"trigger": {"on": ["api"]}, "steps": [{"id": "set", "do": "case.update_status", "with": with}]})
}

const PDF: &[u8] = b"%PDF-1.4";

fn pdf() -> NewFile {
    let (digest, content) = (docket_kernel::sha256_hex(PDF), NewContent::Inline(PDF.into()));
    NewFile { filename: "a.pdf".into(), byte_size: PDF.len(), digest, content }
}

fn ada() -> NewPerson {
    NewPerson { email: "ada@lumen.example".into(), name: "Ada".into(), role: Role::Analyst }
}

/// Every verb that a noun exports.
fn verbs() -> impl Iterator<Item = &'static (&'static str, Gate, Reach)> {
    VERBS.iter().chain(faults::VERBS).chain(files::VERBS).chain(redactions::VERBS)
}

/// Every verb except those of faults, of files and of redactions.
const VERBS: &[(&str, Gate, Reach)] = &[
    ("create_key", Permission, |_, work, actor, theirs| {
        let request = KeyRequest::new("key", "ada@lumen.example", Vec::new(), EnvironmentKind::Sandbox);
        let (key, _) = create_key(work, actor, &OrganizationId::of("org_here"), &request)?;
        Ok(key.environment_id == theirs.environment)
    }),
    ("expire_key", Permission, |_, work, actor, theirs| {
        let keys = all::<ApiKey>(&world().0);
        let key = keys.into_iter().find(|key| key.environment_id == theirs.environment).expect("a key of theirs");
        expire_key(work, actor, &key.id, 0).map(|_| true)
    }),
    ("add_user", Permission, |_, work, actor, _| {
        add_user(work, actor, &OrganizationId::of("org_here"), &ada()).map(|_| false)
    }),
    ("add_user_with_invitation", Permission, |_, work, actor, _| {
        add_user_with_invitation(work, actor, &OrganizationId::of("org_here"), &ada()).map(|_| false)
    }),
    ("change_user", Permission, |_, work, actor, _| {
        change_user(work, actor, &UserId::of("user_theirs"), &UserChange::default()).map(|_| true)
    }),
    ("assignable", Inner, |_, work, _, _| assignable(work, "user_theirs").map(|_| true)),
    ("invite", Permission, |_, work, actor, _| invite(work, actor, &UserId::of("user_theirs")).map(|_| true)),
    ("create_source", Permission, |_, work, actor, theirs| {
        // The name is free here, although it is taken there.
        let (source, _) = create_source(work, actor, SOURCE, None)?;
        Ok(source.environment_id == theirs.environment)
    }),
    ("change_allow_list", Permission, |_, work, actor, _| change_allow_list(work, actor, SOURCE, &[]).map(|_| true)),
    ("ignored_count", Inner, |_, work, _, _| {
        Ok(ignored_count(work, &beginning().places[1].source, docket_objects::Ignored::Kind)? > 0)
    }),
    ("rotate_secret", Permission, |_, work, actor, _| rotate_secret(work, actor, SOURCE).map(|_| true)),
    ("create_inquiry", Permission, |_, work, actor, theirs| {
        let request = InquiryRequest { account_id: Some(theirs.account.clone()), ..InquiryRequest::default() };
        create_inquiry(work, actor, &request).map(|_| true)
    }),
    ("decide_inquiry", Permission, |_, work, actor, theirs| {
        decide_inquiry(work, actor, &theirs.inquiry, Decision::Approve, None).map(|_| true)
    }),
    ("create_account", Permission, |_, work, actor, theirs| {
        let request = AccountRequest { reference_id: Some(REFERENCE.into()), ..AccountRequest::default() };
        Ok(create_account(work, actor, &request)?.environment_id == theirs.environment)
    }),
    ("upsert_account", Permission, |_, work, actor, theirs| {
        let request = AccountRequest { reference_id: Some(REFERENCE.into()), ..AccountRequest::default() };
        Ok(upsert_account(work, actor, &request)?.0.environment_id == theirs.environment)
    }),
    ("find_or_create_account", Inner, |_, work, actor, theirs| {
        Ok(find_or_create_account(work, actor, REFERENCE)?.environment_id == theirs.environment)
    }),
    ("tag_object", Permission, |_, work, actor, theirs| {
        tag_object(work, actor, &theirs.inquiry, &["ours".into()]).map(|_| true)
    }),
    ("take_in", Permission, |_, work, actor, theirs| {
        let body = vendor_event(&theirs.inquiry);
        // The same vendor's event was received there, and is new here.
        let taken = take_in(work, actor, &beginning().places[0].source, &body)?;
        Ok(!matches!(taken, Taken::Recorded(_)))
    }),
    ("deliver", Permission, |_, work, actor, theirs| {
        let body = vendor_event(&theirs.inquiry);
        let delivered = deliver(work, actor, &beginning().places[0].source, &body, &[])?;
        Ok(!matches!(delivered.taken, Taken::Recorded(_)))
    }),
    ("named", Inner, |_, work, actor, theirs| {
        Ok(Object::named(work, &actor.environment, &theirs.inquiry)?.is_some()
            || Object::named(work, &theirs.environment, &theirs.inquiry)?.is_some())
    }),
    ("objects_of", Inner, |_, work, _, theirs| {
        let case = their_case(theirs);
        Ok(!objects_of(work, &case)?.is_empty())
    }),
    ("tree_of", Inner, |_, work, _, theirs| tree_of(work, &their_case(theirs)).map(|_| true)),
    ("create_case", Permission, |_, work, actor, theirs| {
        let request = CreateRequest { template_id: theirs.template.to_string(), ..CreateRequest::default() };
        create_case(work, actor, &request).map(|_| true)
    }),
    ("open_cases_of", Inner, |_, work, _, _| Ok(open_cases_of(work, "eve@there.example")?.count > 0)),
    ("reassign_open_cases", Permission, |_, work, actor, _| {
        Ok(reassign_open_cases(work, actor, "eve@there.example", &Assignee::Nobody)?.moved > 0)
    }),
    ("tag_case", Permission, |_, work, actor, theirs| {
        tag_case(work, actor, &theirs.case, &["ours".into()]).map(|_| true)
    }),
    ("update_status", Permission, |_, work, actor, theirs| {
        update_status(work, actor, &theirs.case, "Pending", None).map(|_| true)
    }),
    ("add_objects", Permission, |_, work, actor, theirs| {
        add_objects(work, actor, &theirs.case, std::slice::from_ref(&theirs.account)).map(|_| true)
    }),
    ("assign", Permission, |_, work, actor, theirs| {
        assign(work, actor, &theirs.case, &Assignee::Person("ada@lumen.example".into())).map(|_| true)
    }),
    ("add_comment", Permission, |_, work, actor, theirs| add_comment(work, actor, &theirs.case, "Ours").map(|_| true)),
    ("cases_holding", Inner, |_, work, _, theirs| {
        Ok(!cases_holding(work, &theirs.environment, &theirs.inquiry)?.is_empty())
    }),
    ("comments_of", Inner, |_, work, _, theirs| Ok(!comments_of(work, &their_case(theirs))?.is_empty())),
    ("next_statuses", Inner, |_, work, _, theirs| next_statuses(work, &their_case(theirs)).map(|_| true)),
    ("template", Inner, |_, work, _, theirs| template(work, &theirs.template).map(|_| true)),
    ("create_template", Permission, |_, work, actor, theirs| {
        // The key is free here, although it is taken there.
        let request = TemplateRequest { name: "T".into(), key: Some("THEIRS".into()), ..TemplateRequest::default() };
        Ok(create_template(work, actor, &request)?.environment_id == theirs.environment)
    }),
    ("change_template", Permission, |_, work, actor, theirs| {
        let change = TemplateChange { name: Some("Ours".into()), ..TemplateChange::default() };
        change_template(work, actor, &theirs.template, &change, crate::world::USES).map(|_| true)
    }),
    ("hold_templates", Inner, |_, work, _, theirs| hold_templates(work, &theirs.environment).map(|()| false)),
    ("statuses_of", Inner, |_, work, _, theirs| Ok(!statuses_of(work, &theirs.template)?.is_empty())),
    ("of", Inner, |_, work, _, theirs| Statuses::of(work, &theirs.template).map(|_| true)),
    ("update_case", Permission, |_, work, actor, theirs| {
        let request = UpdateRequest { sla_seconds: Some(Some(60)), ..UpdateRequest::default() };
        update_case(work, actor, &theirs.case, &request).map(|_| true)
    }),
    ("create_workflow", Permission, |engine, work, actor, theirs| {
        let request =
            WorkflowRequest { name: "W".into(), slug: None, description: None, definition: Some(names(theirs)) };
        let (workflow, _) = create_workflow(engine, work, actor, &request)?;
        Ok(workflow.environment_id == theirs.environment)
    }),
    ("save_draft", Permission, |engine, work, actor, theirs| {
        save_draft(engine, work, actor, &theirs.workflow, Some(1), &names(theirs)).map(|_| true)
    }),
    ("merge_draft", Permission, |engine, work, actor, theirs| {
        let drawn = names(theirs);
        let edit = Edit { definition: &drawn, base: &drawn, choices: &std::collections::BTreeMap::new() };
        merge_draft(engine, work, actor, &theirs.workflow, Some(1), &edit).map(|_| true)
    }),
    ("report_editor", Permission, |_, work, actor, theirs| report_editor(work, actor, &theirs.workflow).map(|_| true)),
    ("close_editor", Permission, |_, work, actor, theirs| close_editor(work, actor, &theirs.workflow).map(|()| true)),
    ("discard_draft", Permission, |_, work, actor, theirs| {
        discard_draft(work, actor, &theirs.workflow, Some(1)).map(|_| true)
    }),
    ("problems_of", Permission, |engine, work, actor, _| {
        let with = json!({"case": {"ref": "trigger"}, "status": "Only theirs"});
        let step = json!({"id": "set", "do": "case.update_status", "with": with});
        let drawn = json!({"trigger": {"on": ["case.created"]}, "steps": [step]});
        Ok(problems_of(engine, work, actor, &drawn)?.is_empty())
    }),
    ("of_object", Inner, |engine, work, _, theirs| {
        let reachable = of_object(engine, work, &theirs.environment, "case")?;
        Ok(reachable.iter().any(|one| one.path.starts_with("fields.")))
    }),
    ("of_event", Inner, |engine, work, _, theirs| {
        let reachable = of_event(engine, work, &theirs.environment, "case.created")?.unwrap_or_default();
        Ok(reachable.iter().any(|one| one.path.starts_with("fields.")))
    }),
    ("example", Inner, |engine, work, _, theirs| {
        let inquiry = json!({"type": "inquiry", "id": theirs.inquiry});
        Ok(!example(engine, work, &theirs.environment, &inquiry, "trigger.cases.first")?.is_null())
    }),
    ("problems_of_draft", Inner, |engine, work, actor, theirs| {
        // A status that exists only in a template of the other environment is unknown here.
        let mut workflow = all::<Workflow>(&beginning().state).remove(0);
        let with = json!({"case": {"ref": "trigger"}, "status": "Only theirs"});
        let step = json!({"id": "set", "do": "case.update_status", "with": with});
        workflow.draft = Some(docket_kernel::Json::new(
            json!({"trigger": {"on": ["case.created"]}, "steps": [step], "theirs": theirs.template}),
        ));
        Ok(problems_of_draft(engine, work, actor, &workflow)?.is_empty())
    }),
    ("program", Inner, |engine, work, _, theirs| engine.program(work, &theirs.version).map(|_| true)),
    ("advance", Inner, |engine, work, _, theirs| advance(engine, work, &theirs.run).map(|_| false)),
    ("defer", Inner, |_, work, _, theirs| defer(work, &theirs.run, docket_kernel::Moment(1)).map(|()| false)),
    ("fail", Inner, |engine, work, _, theirs| {
        fail(engine, work, &theirs.run, &docket_kernel::Refusal::rule("no", "no")).map(|()| false)
    }),
    ("start_by_api", Permission, |engine, work, actor, theirs| {
        start_by_api(engine, work, actor, &theirs.workflow, &serde_json::Map::new()).map(|_| true)
    }),
    ("start_for_event", Permission, |engine, work, actor, theirs| {
        start_for_event(engine, work, actor, &theirs.workflow, &theirs.event).map(|_| true)
    }),
    ("describe", Permission, |_, work, actor, theirs| {
        let wanted = Description { name: Some("Ours".into()), description: None };
        describe(work, actor, &theirs.workflow, &wanted).map(|_| true)
    }),
    ("publish", Permission, |engine, work, actor, theirs| {
        publish(engine, work, actor, &theirs.workflow, None).map(|_| true)
    }),
    ("pause", Permission, |engine, work, actor, theirs| pause(engine, work, actor, &theirs.workflow).map(|_| true)),
    ("resume", Permission, |engine, work, actor, theirs| resume(engine, work, actor, &theirs.workflow).map(|_| true)),
    ("archive", Permission, |engine, work, actor, theirs| archive(engine, work, actor, &theirs.workflow).map(|_| true)),
    ("workflows_naming", Inner, |_, work, _, _| Ok(!workflows_naming(work, &["Pending".into()])?.is_empty())),
    ("workflows_naming_field", Inner, |_, work, _, theirs| {
        Ok(!workflows_naming_field(work, theirs.template.as_str(), "amount")?.is_empty())
    }),
    ("export", Permission, |_, work, actor, _| {
        let exported = docket_bundle::export(work, actor, &docket_bundle::Chosen::default())?;
        Ok(exported.bundle.case_templates.iter().any(|template| template.name == "T"))
    }),
    ("plan", Permission, |engine, work, actor, _| {
        let bundle = docket_bundle::Bundle::default();
        let plan = docket_bundle::plan(engine, work, actor, &bundle, docket_bundle::Options::default())?;
        Ok(plan.items.iter().any(|item| item.name == "T"))
    }),
    ("apply", Permission, |engine, work, actor, _| {
        let bundle = docket_bundle::Bundle::default();
        let plan = docket_bundle::apply(engine, work, actor, &bundle, docket_bundle::Options::default(), None)?;
        Ok(plan.items.iter().any(|item| item.name == "T"))
    }),
    ("skipped_events", Inner, |_, work, _, theirs| Ok(skipped_events(work, &theirs.workflow)? != 0)),
    ("hint", Inner, |_, work, _, theirs| {
        hint(work, "inquiry.completed");
        Ok(theirs.event.is_empty())
    }),
    ("react", Inner, |engine, work, _, theirs| react(engine, work, &theirs.event).map(|()| true)),
];

/// Verbs outside of environments: those of the operator, and those for joining and leaving.
const OF_THE_INSTALLATION: &[&str] = &[
    "setup",
    "is_new_installation",
    "first_organization",
    "name_anew",
    "invited",
    "note_first_steps",
    "accept_invitation",
    "begin_session",
    "has_password",
    "switch_environment",
    "note_use",
    "end_session",
    "count_try",
    "forgive_try",
];

fn their_case(theirs: &Theirs) -> Case {
    let row = all::<Case>(&world().0).into_iter().find(|case| case.id == theirs.case);
    row.expect("their case")
}

fn vendor_event(inquiry: &str) -> serde_json::Value {
    let inquiry = json!({"type": "inquiry", "id": inquiry, "attributes": {"status": "completed"}, "relationships": {
        "account": {"data": {"type": "account", "id": "act_theirs"}}}});
    json!({"data": {"type": "event", "id": "evt_vendor", "attributes": {
        "name": "inquiry.completed", "created-at": "2026-01-01T00:00:00.000Z", "payload": {"data": inquiry}}}})
}

/// The database with the rows of the other environment, and their ids.
fn world() -> &'static (State, Theirs) {
    static MADE: std::sync::OnceLock<(State, Theirs)> = std::sync::OnceLock::new();
    MADE.get_or_init(|| {
        let (database, engine) = (Database::of(beginning().state.copy()), Arc::new(docket_steps::engine()));
        let there: &'static Tenant = &beginning().places[1];
        let made = calmly(&database, &engine, there.scope(), move |work| {
            let actor = there.actor("req_theirs");
            create_source(work, &actor, SOURCE, None)?;
            find_or_create_account(work, &actor, REFERENCE)?;
            let only = crate::world::status("Only theirs", docket_cases::StatusType::Initial);
            let end = crate::world::status("Over", docket_cases::StatusType::End);
            let statuses = Some(vec![only, end]);
            let request = TemplateRequest {
                name: "T".into(),
                key: Some("THEIRS".into()),
                statuses,
                ..TemplateRequest::default()
            };
            create_template(work, &actor, &request)?;
            take_in(work, &actor, &there.source, &vendor_event("inq_theirs"))?;
            let organization = OrganizationId::of("org_there");
            let key = KeyRequest::new("theirs", "eve@there.example", Vec::new(), EnvironmentKind::Sandbox);
            create_key(work, &actor, &organization, &key)?;
            let object_ids = vec!["inq_theirs".into()];
            let request =
                CreateRequest { template_id: there.plain.id.to_string(), object_ids, ..CreateRequest::default() };
            let case = create_case(work, &actor, &request)?;
            add_comment(work, &actor, &case.id, "Theirs")?;
            attach(work, &actor, &case.id, &[pdf()])?;
            stage_file(work, &actor, &case.id, (0, "b.pdf"), &PDF.into())?;
            Ok(case.id.clone())
        });
        let state = database.lock().copy();
        let mine = |environment: &EnvironmentId| *environment == there.environment;
        let event = all::<Event>(&state).into_iter().find(|e| mine(&e.environment_id) && e.name == "inquiry.completed");
        let run = all::<Run>(&state).into_iter().find(|run| mine(&run.environment_id)).expect("a run of theirs");
        let workflow = there.workflow("by-hand");
        let file = |is_readable: bool| {
            let found = all::<FileContent>(&state).into_iter().find(|file| file.is_readable() == is_readable);
            found.expect("a file of theirs").id
        };
        let theirs = Theirs {
            environment: there.environment.clone(),
            case: made.expect("their case is made"),
            template: there.custom.id.clone(),
            file: file(true),
            staged: file(false),
            inquiry: "inq_theirs".into(),
            account: "act_theirs".into(),
            workflow: workflow.id.clone(),
            version: workflow.live_version_id.clone().expect("it is live"),
            run: run.key(),
            event: event.expect("their event").key(),
        };
        (state, theirs)
    })
}

/// Loads all rows of the other environment, with its own scope.
fn look_at_everything(work: &mut UnitOfWork, theirs: &Theirs) -> Verb<bool> {
    let inquiry = Object::named(work, &theirs.environment, &theirs.inquiry)?.is_some();
    let account = Object::named(work, &theirs.environment, &theirs.account)?.is_some();
    let case = work.get::<Case>(theirs.case.as_str())?.is_some();
    let statuses = !statuses_of(work, &theirs.template)?.is_empty() && template(work, &theirs.template).is_ok();
    let workflow = work.get::<Workflow>(theirs.workflow.as_str())?.is_some();
    let version = work.get::<Version>(theirs.version.as_str())?.is_some();
    let run = work.get::<Run>(&theirs.run)?.is_some() && work.get::<Event>(&theirs.event)?.is_some();
    let source = work.find::<Source>("name", SOURCE)?.is_some();
    let files = work.get::<FileContent>(theirs.file.as_str())?.is_some()
        && work.get::<FileContent>(theirs.staged.as_str())?.is_some()
        && work.get::<FileChunk>(&chunk_key(&theirs.file, 0))?.is_some();
    Ok(files && inquiry && account && case && statuses && workflow && version && run && source)
}

/// Every row of an environment.
fn rows_of(state: &State, environment: &EnvironmentId) -> Vec<Row> {
    let mut rows = Vec::new();
    for kept in state.tables.values() {
        let scope = kept.table.column(kept.table.scope);
        rows.extend(kept.rows.values().filter(|row| text(&row[scope]) == Some(environment.key())).cloned());
    }
    rows
}

#[test]
fn no_verb_reaches_into_another_environment_whose_rows_are_in_the_same_batch() {
    let (state, theirs) = world();
    let engine = Arc::new(docket_steps::engine());
    for (name, _, reach) in verbs() {
        let database = Database::of(state.copy());
        let before = rows_of(&database.lock(), &theirs.environment);
        let looking =
            Command::new("look", Scope::Of(theirs.environment.key()), move |work| look_at_everything(work, theirs));
        let here: &'static Tenant = &beginning().places[0];
        let calls = Arc::clone(&engine);
        let reaching =
            Command::new(name, here.scope(), move |work| reach(&calls, work, &here.actor("req_here"), theirs));

        let mut answers = together(&database, &engine, vec![looking, reaching]).into_iter();

        assert!(matches!(answers.next(), Some(Ok(true))), "{name}: they see what is theirs");
        let reached = answers.next().unwrap();
        assert!(matches!(reached, Ok(false) | Err(WriteError::Refused(_))), "{name}: {reached:?}");
        assert!(rows_of(&database.lock(), &theirs.environment) == before, "{name} changed something of theirs");
    }
}

#[test]
fn every_verb_refuses_an_actor_who_may_nothing() {
    let (state, theirs) = world();
    let engine = Arc::new(docket_steps::engine());
    for (name, _, reach) in verbs().filter(|(_, gate, _)| *gate == Permission) {
        let database = Database::of(state.copy());
        let calls = Arc::clone(&engine);
        let there: &'static Tenant = &beginning().places[1];
        let powerless = Command::new(name, there.scope(), move |work| {
            let actor = there.actor("req_theirs");
            let actor = Actor::new(actor.who.clone(), actor.environment.clone(), Arc::from([]));
            reach(&calls, work, &actor, theirs)
        });

        let refused = together(&database, &engine, vec![powerless]).remove(0);

        let is_forbidden = matches!(&refused, Err(WriteError::Refused(refusal)) if refusal.kind == docket_kernel::RefusalKind::Forbidden);
        assert!(is_forbidden, "{name}: {refused:?}");
    }
}

/// The text of every file in a folder and its subfolders.
fn sources_in(folder: &Path) -> Vec<String> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: PathBuf| {
        if path.is_dir() { sources_in(&path) } else { std::fs::read_to_string(path).into_iter().collect() }
    };
    paths.flat_map(read).collect()
}

#[test]
fn every_verb_of_the_nouns_is_among_them() {
    let mut offered = BTreeSet::new();
    for noun in ["events", "access", "objects", "cases", "workflows", "bundle", "erasure"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../crates/{noun}/src"));
        for source in sources_in(&folder) {
            for function in source.split("pub fn ").skip(1) {
                let signature = function.split('{').next().unwrap_or_default();
                if signature.contains("work: &mut UnitOfWork") {
                    offered.insert(signature.split(['(', '<']).next().unwrap_or_default().to_owned());
                }
            }
        }
    }
    let tried = verbs().map(|(name, _, _)| *name).chain(OF_THE_INSTALLATION.iter().copied());

    assert!(offered.len() > 30, "{offered:?}");
    assert_eq!(offered, tried.map(str::to_owned).collect());
}
