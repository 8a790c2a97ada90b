use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use docket_access::EnvironmentKind;
use docket_kernel::{
    CaseId, CommentId, EnvironmentId, FileId, Json, Moment, OrganizationId, RunId, SessionId, UserId, VersionId,
    WorkflowId,
};
use docket_workflows::{FaultState, RunState, fault_of_run};

use super::*;

/// Every table that the migrations of a database create.
fn made_by(folder: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations").join(folder);
    let files = fs::read_dir(folder).expect("a folder of migrations").map(|file| file.expect("a file").path());
    let texts = files.map(|path| fs::read_to_string(path).expect("a text"));
    let begins = ["CREATE", "TABLE", ""].join(" ");
    let named = |line: &str| {
        let name = line.strip_prefix(&begins)?.split([' ', '(']).next()?;
        Some(name.to_owned())
    };
    texts.flat_map(|text| text.lines().filter_map(named).collect::<Vec<_>>()).collect()
}

#[test]
fn every_table_of_the_migrations_is_looked_at_or_passed_over_for_a_reason() {
    let looked_at: Vec<String> = TABLES.iter().map(|table| table.name.to_owned()).collect();
    let passed_over = PASSED_OVER.iter().map(|(name, _)| (*name).to_owned());
    let known: Vec<String> = looked_at.into_iter().chain(passed_over).collect();
    let once: BTreeSet<String> = known.iter().cloned().collect();

    assert_eq!(known.len(), once.len(), "a table is named twice");
    for folder in ["sqlite", "postgres"] {
        assert_eq!(made_by(folder), once, "{folder}");
    }
}

fn organization(id: &str) -> Organization {
    let created_at = Moment(1);
    let (name, plan) = ("Lantern Bank".to_owned(), docket_access::Plan::Growth);
    Organization { id: OrganizationId::of(id), version: 1, name, plan, created_at }
}

fn environment(id: &str, organization: &str) -> Environment {
    let (organization_id, kind) = (OrganizationId::of(organization), EnvironmentKind::Sandbox);
    Environment { id: EnvironmentId::of(id), organization_id, version: 1, kind, created_at: Moment(1) }
}

fn session(change: impl FnOnce(&mut Session)) -> Session {
    let mut session = Session {
        id: SessionId::of("ses_1"),
        environment_id: EnvironmentId::of("env_1"),
        organization_id: OrganizationId::of("org_1"),
        user_id: UserId::of("user_1"),
        version: 1,
        digest: "d".to_owned(),
        seen_at: Moment(2),
        created_at: Moment(2),
    };
    change(&mut session);
    session
}

fn user(id: &str, organization: &str) -> User {
    User {
        id: UserId::of(id),
        organization_id: OrganizationId::of(organization),
        version: 1,
        email: format!("{id}@lantern.example"),
        name: "Ada".to_owned(),
        event_ordinal: 0,
        password_hash: "hash".to_owned(),
        role: docket_access::Role::Admin,
        deactivated_at: None,
        signed_out_at: None,
        invitation_digest: None,
        invitation_ends_at: None,
        first_steps: Json::default(),
        created_at: Moment(1),
    }
}

/// Applies a change to a small, correct data set; returns the names of the broken invariants.
fn broken_by(change: impl FnOnce(&mut Doctor)) -> Vec<&'static str> {
    let mut doctor = Doctor::default();
    take(&mut doctor, &organization("org_1"));
    take(&mut doctor, &environment("env_1", "org_1"));
    take(&mut doctor, &user("user_1", "org_1"));
    change(&mut doctor);
    while doctor.again().is_some() {}
    doctor.violations().into_iter().map(|violation| violation.invariant).collect()
}

fn take<E: Entity>(doctor: &mut Doctor, row: &E) {
    doctor.take(E::TABLE, row.encode());
}

fn installed(doctor: &mut Doctor, key: &str) {
    take(doctor, &Installation { id: Arc::from(key), version: 1, created_at: Moment(1), organization_id: None });
}

#[test]
fn a_session_is_of_a_person_and_an_environment_of_one_organization() {
    let with = |change: fn(&mut Session)| {
        broken_by(|doctor| {
            installed(doctor, "installation");
            take(doctor, &organization("org_2"));
            take(doctor, &environment("env_2", "org_2"));
            take(doctor, &user("user_2", "org_2"));
            take(doctor, &session(change));
        })
    };

    assert_eq!(with(|_| {}), Vec::<&str>::new());
    assert_eq!(with(|session| session.user_id = UserId::of("user_gone")), ["parent-is-there"]);
    assert_eq!(with(|session| session.user_id = UserId::of("user_2")), ["same-organization"]);
    assert_eq!(with(|session| session.environment_id = EnvironmentId::of("env_2")), ["same-organization"]);
    assert_eq!(with(|session| session.environment_id = EnvironmentId::of("env_gone")), ["home-is-there"]);
    assert_eq!(with(|session| session.seen_at = Moment(1)), ["session-in-order"]);
}

#[test]
fn two_sessions_have_two_digests() {
    let found = broken_by(|doctor| {
        installed(doctor, "installation");
        take(doctor, &session(|_| {}));
        take(doctor, &session(|session| session.id = SessionId::of("ses_2")));
    });

    assert_eq!(found, ["unique-keys"]);
}

#[test]
fn what_is_set_up_is_noted_once() {
    assert_eq!(broken_by(|doctor| installed(doctor, "installation")), Vec::<&str>::new());
    assert_eq!(broken_by(|_| {}), ["installation-is-noted"]);
    let twice = |doctor: &mut Doctor| ["installation", "another"].iter().for_each(|key| installed(doctor, key));
    assert_eq!(broken_by(twice), ["installation-is-noted"]);
}

#[test]
fn tries_are_never_fewer_than_none() {
    let with = |count: i64| {
        broken_by(|doctor| {
            installed(doctor, "installation");
            take(doctor, &Tries { id: Arc::from("t"), version: 1, count, created_at: Moment(1) });
        })
    };

    assert_eq!((with(0), with(-1)), (vec![], vec!["tries-are-counted"]));
}

fn run(due_at: Option<Moment>) -> Run {
    Run {
        id: RunId::of("wfr_1"),
        environment_id: EnvironmentId::of("env_1"),
        version: 1,
        event_ordinal: 1,
        workflow_id: WorkflowId::of("wfl_gone"),
        version_id: VersionId::of("wfv_gone"),
        start_key: None,
        state: RunState::Running,
        trigger: Json::default(),
        subject_id: None,
        redaction_id: None,
        retained_at: None,
        progress: Json::default(),
        creator_type: None,
        creator_id: None,
        creator_shown: None,
        cause_event_id: None,
        request_id: None,
        depth: 1,
        chain: Json::default(),
        due_at,
        created_at: Moment(1),
        completed_at: None,
    }
}

fn fault(run: &Run, state: FaultState) -> Fault {
    Fault {
        id: fault_of_run(run.id.as_str()).into(),
        environment_id: run.environment_id.clone(),
        version: 1,
        object_type: "workflow-run".to_owned(),
        object_id: run.id.to_string(),
        workflow_id: None,
        state,
        reason: "its version can't be read".to_owned(),
        tries: 8,
        created_at: Moment(1),
        tried_at: (state == FaultState::Retrying).then_some(Moment(1)),
    }
}

#[test]
fn a_run_that_goes_on_is_due_unless_it_waits_for_a_person() {
    let with = |due_at: Option<Moment>, state: Option<FaultState>| {
        let found = broken_by(|doctor| {
            installed(doctor, "installation");
            let run = run(due_at);
            take(doctor, &run);
            if let Some(state) = state {
                take(doctor, &fault(&run, state));
            }
        });
        (found.contains(&"no-limbo"), found.contains(&"parked-work"))
    };

    assert_eq!(with(Some(Moment(9)), None), (false, false));
    assert_eq!(with(None, None), (true, false));
    assert_eq!(with(None, Some(FaultState::Retrying)), (true, false));
    assert_eq!(with(None, Some(FaultState::Parked)), (false, true));
    assert_eq!(with(Some(Moment(9)), Some(FaultState::Parked)), (true, true));
}

#[test]
fn comments_and_files_are_of_cases_that_are_there() {
    let comment = CaseComment {
        event_ordinal: 0,
        id: CommentId::of("cmt_1"),
        environment_id: EnvironmentId::of("env_1"),
        version: 1,
        case_id: CaseId::of("case_gone"),
        body: "Looked at.".to_owned(),
        creator_id: None,
        creator_type: None,
        redaction_id: None,
        created_at: Moment(1),
    };
    let found = broken_by(|doctor| {
        installed(doctor, "installation");
        take(doctor, &comment);
        take(doctor, &chunk("file_1", 0, b"%PDF"));
        take(doctor, &file());
    });

    assert_eq!(found, ["parent-is-there", "parent-is-there"]);
}

/// A file of four bytes, on a case that does not exist.
fn file() -> FileContent {
    FileContent {
        id: FileId::of("file_1"),
        environment_id: EnvironmentId::of("env_1"),
        version: 1,
        object_id: "case_gone".to_owned(),
        filename: "a.pdf".to_owned(),
        content_type: "application/pdf".to_owned(),
        byte_size: 4,
        chunks: 1,
        digest: docket_kernel::sha256_hex(b"%PDF"),
        staged_until: None,
        created_at: Moment(1),
    }
}

fn chunk(file: &str, ordinal: i64, bytes: &[u8]) -> FileChunk {
    FileChunk {
        id: docket_cases::chunk_key(&FileId::of(file), ordinal),
        environment_id: EnvironmentId::of("env_1"),
        file_id: FileId::of(file),
        ordinal,
        content: bytes.into(),
    }
}

#[test]
fn a_file_has_all_of_its_bytes_and_no_others() {
    let with = |change: fn(&mut FileContent), chunks: Vec<FileChunk>| {
        let mut found = broken_by(|doctor| {
            installed(doctor, "installation");
            let mut file = file();
            change(&mut file);
            for chunk in &chunks {
                take(doctor, chunk);
            }
            take(doctor, &file);
        });
        let of_its_case = found.iter().position(|invariant| *invariant == "parent-is-there");
        found.remove(of_its_case.expect("its case is not there"));
        found
    };
    let staged = |file: &mut FileContent| {
        (file.byte_size, file.staged_until) = (0, Some(Moment(9)));
        file.digest.clear();
    };
    let whole = || vec![chunk("file_1", 0, b"%PDF")];

    assert_eq!(with(|_| {}, whole()), Vec::<&str>::new());
    assert_eq!(with(staged, whole()), Vec::<&str>::new());
    assert_eq!(with(|file| file.byte_size = 5, whole()), ["file-is-whole"]);
    assert_eq!(with(|_| {}, vec![chunk("file_1", 0, b"%PDG")]), ["file-is-whole"], "another digest");
    assert_eq!(with(|_| {}, Vec::new()), ["file-is-whole"]);
    assert_eq!(with(|_| {}, vec![chunk("file_1", 1, b"%PDF")]), ["file-is-whole"], "a gap");
    assert_eq!(
        with(|file| file.chunks = 2, vec![chunk("file_1", 0, b"%P"), chunk("file_1", 1, b"DF")]),
        ["file-is-whole"]
    );
    assert_eq!(with(staged, [whole(), vec![chunk("file_2", 0, b"x")]].concat()), ["parent-is-there"]);
    let elsewhere = || {
        let mut chunk = chunk("file_1", 0, b"%PDF");
        chunk.environment_id = EnvironmentId::of("env_2");
        vec![chunk]
    };
    assert_eq!(with(|_| {}, elsewhere()), ["home-is-there", "same-environment"]);
}

#[test]
fn an_organization_has_an_administrator() {
    let with = |change: fn(&mut User)| {
        broken_by(|doctor| {
            installed(doctor, "installation");
            let mut ada = user("user_2", "org_2");
            change(&mut ada);
            take(doctor, &organization("org_2"));
            take(doctor, &ada);
        })
    };

    assert_eq!(with(|_| {}), Vec::<&str>::new());
    assert_eq!(with(|ada| ada.role = docket_access::Role::Analyst), ["administrator-is-there"]);
    assert_eq!(with(|ada| ada.deactivated_at = Some(Moment(3))), ["administrator-is-there"]);
}

/// The event of this number among those of an object.
fn numbered(id: &str, object: &str, number: i64) -> Event {
    Event {
        id: docket_kernel::EventId::of(id),
        environment_id: EnvironmentId::of("env_1"),
        version: 1,
        name: "account.created".to_owned(),
        object_type: "account".to_owned(),
        object_id: object.to_owned(),
        object_version: 1,
        object_ordinal: number,
        parent_id: None,
        parent_ordinal: None,
        second_parent_id: None,
        second_parent_ordinal: None,
        actor_type: "system".to_owned(),
        actor_id: None,
        actor_shown: None,
        cause_event_id: None,
        cause_run_id: None,
        cause_step: None,
        request_id: None,
        depth: 0,
        from_value: None,
        to_value: None,
        context: Json::default(),
        payload: Json::from(serde_json::json!({"type": "account", "id": object})),
        content_of: None,
        salt: None,
        digest: None,
        redaction_id: None,
        created_at: Moment(1),
        origin: None,
        retained_at: None,
    }
}

#[test]
fn the_order_of_events_is_judged_share_by_share_within_the_bound_of_memory() {
    const BYTES: usize = 64 << 10;
    let events = |twice: Option<i64>| {
        let one = move |n: i64| {
            let number = if twice == Some(n) { n % 100 } else { n % 100 + 1 };
            numbered(&format!("evt_{n:05}"), &format!("act_{}", n / 100), number)
        };
        (0..5_000).map(one)
    };
    for twice in [None, Some(4_321)] {
        let mut doctor = Doctor { bytes_max: BYTES, ..Doctor::default() };
        let (mut passes, mut most) = (0, 0);
        loop {
            passes += 1;
            for event in events(twice) {
                take(&mut doctor, &event);
                most = most.max(doctor.bytes);
            }
            if doctor.again().is_none() {
                break;
            }
        }

        let found = doctor.violations();
        let found: Vec<_> = found.iter().filter(|found| found.invariant == "event-order").collect();
        assert!(passes > 4, "{passes}");
        assert!(most <= BYTES, "{most}");
        assert_eq!(found.len(), usize::from(twice.is_some()), "{found:?}");
    }
}
