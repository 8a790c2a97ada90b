use super::*;
use crate::{Cell, EnvironmentId, EventId, Loaded, Question, RefusalKind, Row, Stamp, Unused, Wants};

crate::entity! {
    /// A note, for these tests.
    pub struct Note in "note" {
        table: { rank: 10, lock: Row(version), scope: environment_id, unique: ["title"], asked: ["folder_id"] },
        /// Id.
        id: EventId,
        /// Its environment.
        environment_id: EnvironmentId,
        /// Version.
        version: i64,
        /// Title.
        title: String,
        /// Folder.
        folder_id: Option<String>,
    }
}

static NOTES_OF_FOLDER: Question = Question { table: Note::TABLE, column: "folder_id", bound: 2, parent: None };

fn note(id: &str, title: &str) -> Note {
    Note {
        id: EventId::of(id),
        environment_id: EnvironmentId::of("env_a"),
        version: 0,
        title: title.into(),
        folder_id: Some("f".into()),
    }
}

fn here() -> Scope {
    Scope::Of(Arc::from("env_a"))
}

fn work() -> UnitOfWork {
    let mut work = UnitOfWork::default();
    work.begin_batch(Moment(1));
    work.begin_stage(&here(), Seed([1; 32]), 0, 0);
    work
}

fn row(id: &str, environment: &str, title: &str, folder: &str) -> Row {
    let text = |t: &str| Cell::Text(Arc::from(t));
    vec![text(id), text(environment), Cell::Int(3), text(title), text(folder)]
}

/// Loads `rows` for the wants of the unit of work.
fn load(work: &mut UnitOfWork, rows: Vec<Row>) {
    let wants = work.take_wants();
    let rows = rows.into_iter().map(|row| (Note::TABLE, row)).collect();
    work.absorb(&wants, Loaded { rows, ..Loaded::default() }).unwrap();
}

#[test]
fn a_row_not_in_memory_halts_and_an_absent_row_is_none() {
    let mut work = work();

    assert!(matches!(work.get::<Note>("n1"), Err(Halt::Missing(_))));
    assert!(work.is_halted());
    load(&mut work, vec![]);

    assert!(work.get::<Note>("n1").unwrap().is_none());
}

#[test]
fn a_row_of_another_environment_is_never_seen() {
    let mut work = work();
    let _ = work.get::<Note>("n1");
    load(&mut work, vec![row("n1", "env_b", "theirs", "f")]);

    assert!(work.get::<Note>("n1").unwrap().is_none());
    assert!(work.change::<Note>("n1", |note| note.title.clear()).is_err());
    let _ = work.find::<Note>("title", "theirs");
    load(&mut work, vec![]);
    assert!(work.find::<Note>("title", "theirs").unwrap().is_none());
    let _ = work.ask::<Note>(&NOTES_OF_FOLDER, "f");
    load(&mut work, vec![]);
    assert!(work.ask::<Note>(&NOTES_OF_FOLDER, "f").unwrap().is_empty());
}

#[test]
fn a_batch_finds_its_own_writes_and_not_the_former_state_of_changed_rows() {
    let mut work = work();
    work.insert(note("n1", "one"));
    let _ = work.find::<Note>("title", "two");
    load(&mut work, vec![row("n2", "env_a", "two", "f")]);

    assert_eq!(work.find::<Note>("title", "one").unwrap().unwrap().key().as_ref(), "n1");
    work.change::<Note>("n2", |note| note.title = "three".into()).unwrap();

    assert!(work.find::<Note>("title", "two").unwrap().is_none());
    assert_eq!(work.find::<Note>("title", "three").unwrap().unwrap().key().as_ref(), "n2");
}

/// Writes everything and begins a batch on top of it.
fn on_top(work: &mut UnitOfWork) {
    work.touched().encode();
    work.begin_on_top(Moment(2));
    work.begin_stage(&here(), Seed([1; 32]), 0, 0);
}

#[test]
fn a_batch_on_top_sees_the_writes_of_the_one_before_even_if_the_database_is_behind() {
    let mut work = work();
    let stale = || vec![row("n2", "env_a", "two", "f"), row("n3", "env_a", "three", "f")];
    work.insert(note("n1", "one"));
    for id in ["n2", "n3", "n4"] {
        let _ = work.get::<Note>(id);
    }
    load(&mut work, [stale(), vec![row("n4", "env_a", "four", "g")]].concat());
    work.change::<Note>("n2", |note| note.title = "deux".into()).unwrap();
    work.remove::<Note>("n3").unwrap();
    on_top(&mut work);

    let titles = |rows: Vec<Stored<Note>>| rows.iter().map(|note| note.title.clone()).collect::<Vec<_>>();
    assert!(work.ask::<Note>(&NOTES_OF_FOLDER, "f").is_err(), "the database may have more rows");
    load(&mut work, stale());
    assert_eq!(titles(work.ask::<Note>(&NOTES_OF_FOLDER, "f").unwrap()), ["one", "deux"]);
    let _ = work.find::<Note>("title", "two");
    load(&mut work, vec![row("n2", "env_a", "two", "f")]);
    assert!(work.find::<Note>("title", "two").unwrap().is_none());
    assert!(work.get::<Note>("n3").unwrap().is_none());
    assert!(work.get::<Note>("n4").is_err(), "rows that were only read are loaded again");
}

#[test]
fn rows_that_a_batch_under_way_removed_from_an_answer_do_not_count_for_its_bound() {
    let mut work = work();
    let in_folder = |ids: &[&str]| ids.iter().map(|id| row(id, "env_a", id, "f")).collect::<Vec<_>>();
    let _ = work.get::<Note>("n1");
    load(&mut work, in_folder(&["n1"]));
    work.change::<Note>("n1", |note| note.folder_id = None).unwrap();
    on_top(&mut work);
    assert!(work.ask::<Note>(&NOTES_OF_FOLDER, "f").is_err());
    let wants = work.take_wants();

    let [Want::Value { bound: 3, .. }] = &wants[..] else { panic!("one more row may be out of date: {wants:?}") };
    let rows = in_folder(&["n1", "n2", "n3"]).into_iter().map(|row| (Note::TABLE, row)).collect();
    work.absorb(&wants, Loaded { rows, ..Loaded::default() }).unwrap();

    assert_eq!(work.ask::<Note>(&NOTES_OF_FOLDER, "f").unwrap().len(), 2);
}

#[test]
fn a_batch_on_top_writes_only_its_own_changes_on_the_versions_of_the_one_before() {
    let mut work = work();
    let _ = (work.get::<Note>("n2"), work.get::<Note>("n3"));
    load(&mut work, vec![row("n2", "env_a", "two", "f"), row("n3", "env_a", "three", "f")]);
    work.insert(note("n1", "one"));
    work.change::<Note>("n2", |note| note.title = "deux".into()).unwrap();
    work.remove::<Note>("n3").unwrap();
    on_top(&mut work);
    assert!(work.touched().encode().is_empty());

    work.change::<Note>("n1", |note| note.title = "un".into()).unwrap();
    work.change::<Note>("n2", |note| note.title = "zwei".into()).unwrap();
    work.insert(note("n3", "drei"));

    let changes = work.touched().encode();
    let [notes] = &changes.tables[..] else { panic!("{changes:?}") };
    let updates: Vec<_> = notes.updates.iter().map(|(version, row)| (*version, row[2].clone())).collect();
    let at = |version| Stamp { version, events: 0 };
    assert_eq!(updates, [(at(1), Cell::Int(2)), (at(4), Cell::Int(5))]);
    assert_eq!((notes.inserts.len(), notes.deletes.len()), (1, 0));
}

#[test]
fn an_answer_counts_inserted_changed_and_removed_rows() {
    let mut work = work();
    let _ = work.ask::<Note>(&NOTES_OF_FOLDER, "f");
    load(&mut work, vec![row("n1", "env_a", "one", "f")]);
    work.insert(note("n2", "two"));
    assert_eq!(work.ask::<Note>(&NOTES_OF_FOLDER, "f").unwrap().len(), 2);

    work.remove::<Note>("n1").unwrap();
    work.change::<Note>("n2", |note| note.folder_id = None).unwrap();

    assert!(work.ask::<Note>(&NOTES_OF_FOLDER, "f").unwrap().is_empty());
}

#[test]
fn an_answer_that_was_cut_is_a_refusal_and_some_of_it_an_answer_that_says_so() {
    let mut work = work();
    let _ = work.ask::<Note>(&NOTES_OF_FOLDER, "f");
    let wants = work.take_wants();
    let rows = vec![(Note::TABLE, row("n1", "env_a", "one", "f"))];

    work.absorb(&wants, Loaded { rows, cut: vec![0], ..Loaded::default() }).unwrap();

    assert!(matches!(work.ask::<Note>(&NOTES_OF_FOLDER, "f"), Err(Halt::Refused(r)) if r.code == "too-many-rows"));
    let (some, are_more) = work.some::<Note>(&NOTES_OF_FOLDER, "f").unwrap();
    assert_eq!((some.len(), are_more), (1, true));
}

#[test]
fn an_answer_larger_than_its_bound_is_a_refusal_not_a_short_answer() {
    let mut work = work();
    let _ = work.ask::<Note>(&NOTES_OF_FOLDER, "f");
    load(&mut work, (1..=3).map(|n| row(&format!("n{n}"), "env_a", &format!("t{n}"), "f")).collect());

    assert!(matches!(work.ask::<Note>(&NOTES_OF_FOLDER, "f"), Err(Halt::Refused(r)) if r.code == "too-many-rows"));
}

#[test]
fn attempt_undoes_rows_reactions_counters_numbers_and_ids_together() {
    let mut work = work();
    let _ = work.number("env_a", "KYC");
    let wants = work.take_wants();
    work.absorb(&wants, Loaded { numbers: vec![(0, 10, 2)], ..Loaded::default() }).unwrap();
    let first_id = {
        let mark = work.mark();
        let id = work.new_id("evt");
        work.undo_to(mark);
        id
    };

    let outcome = work.attempt(|work| {
        work.new_id("evt");
        work.insert(note("n1", "one"));
        work.queue(Task { topic: "event", key: Arc::from("n1") });
        work.count("env_a", "seen", 1);
        assert_eq!(work.number("env_a", "KYC")?, 10);
        Err::<(), _>(Refusal::rule("no", "no").into())
    });

    assert_eq!(outcome.unwrap().unwrap_err().kind, RefusalKind::Rule);
    assert_eq!(work.number("env_a", "KYC").unwrap(), 10);
    assert_eq!(work.new_id("evt"), first_id);
    assert!(work.touched().encode().is_empty());
    assert!(work.end_stage().0.is_empty());
}

#[test]
fn a_want_halts_regardless_of_what_the_closure_returns() {
    let mut work = work();

    let outcome = work.attempt(|work| {
        let _ = work.get::<Note>("n1");
        Ok(())
    });

    assert!(matches!(outcome, Err(Halt::Missing(_))));
}

#[test]
fn changes_have_the_loaded_version_and_the_next_one() {
    let mut work = work();
    let _ = work.get::<Note>("n1");
    load(&mut work, vec![row("n1", "env_a", "one", "f")]);
    work.change::<Note>("n1", |note| note.title = "two".into()).unwrap();
    work.change::<Note>("n1", |note| note.title = "three".into()).unwrap();

    let changes = work.touched().encode();

    let (before, row) = &changes.tables[0].updates[0];
    assert_eq!((before.version, &row[2]), (3, &Cell::Int(5)));
}

#[test]
fn a_row_inserted_and_removed_in_one_batch_is_never_written() {
    let mut work = work();
    work.insert(note("n1", "one"));
    work.remove::<Note>("n1").unwrap();

    assert!(work.touched().encode().is_empty());
}

#[test]
fn a_row_loaded_by_key_and_by_value_counts_once() {
    let mut work = work();
    let _ = work.get::<Note>("n1");
    let _ = work.ask::<Note>(&NOTES_OF_FOLDER, "f");
    let rows = || vec![row("n1", "env_a", "one", "f"), row("n2", "env_a", "two", "f")];

    load(&mut work, [rows(), vec![row("n1", "env_a", "one", "f")]].concat());

    assert_eq!(work.ask::<Note>(&NOTES_OF_FOLDER, "f").unwrap().len(), 2);
}

#[test]
fn the_same_question_of_another_environment_in_one_load_does_not_add_to_the_answer() {
    let mut work = work();
    let _ = work.ask::<Note>(&NOTES_OF_FOLDER, "f");
    let mine = work.take_wants();
    work.begin_stage(&Scope::Of(Arc::from("env_b")), Seed([1; 32]), 0, 0);
    let _ = work.ask::<Note>(&NOTES_OF_FOLDER, "f");
    let wants = [mine, work.take_wants()].concat();
    let rows = [("n1", "env_a"), ("n2", "env_a"), ("n3", "env_b")];
    let rows = rows.map(|(id, environment)| (Note::TABLE, row(id, environment, id, "f"))).to_vec();

    work.absorb(&wants, Loaded { rows, ..Loaded::default() }).unwrap();

    assert_eq!(work.ask::<Note>(&NOTES_OF_FOLDER, "f").unwrap().len(), 1);
    work.begin_stage(&here(), Seed([1; 32]), 0, 0);
    assert_eq!(work.ask::<Note>(&NOTES_OF_FOLDER, "f").unwrap().len(), 2);
}

#[test]
fn a_verb_may_draw_more_numbers_than_one_block_holds_and_loses_none() {
    let mut work = work();
    let draw = |work: &mut UnitOfWork, count: usize| -> Verb<Vec<i64>> {
        (0..count).map(|_| work.number("env_a", "KYC")).collect()
    };
    let mut blocks = [(1, 4), (11, 4), (21, 4)].into_iter();

    let drawn = loop {
        let mark = work.mark();
        match draw(&mut work, 6) {
            Ok(drawn) => break drawn,
            Err(_) => work.undo_to(mark),
        }
        let wants = work.take_wants();
        let (first, count) = blocks.next().unwrap();
        work.absorb(&wants, Loaded { numbers: vec![(0, first, count)], ..Loaded::default() }).unwrap();
    };

    assert_eq!(drawn, [1, 2, 3, 4, 11, 12]);
    assert_eq!(draw(&mut work, 2).unwrap(), [13, 14]);
}

#[test]
fn numbers_of_a_batch_that_was_not_written_are_drawn_again() {
    let mut work = work();
    let _ = work.number("env_a", "KYC");
    let wants = work.take_wants();
    work.absorb(&wants, Loaded { numbers: vec![(0, 1, 5)], ..Loaded::default() }).unwrap();
    assert_eq!([work.number("env_a", "KYC").unwrap(), work.number("env_a", "KYC").unwrap()], [1, 2]);
    assert_eq!(work.touched().encode().sequences, [(Arc::from("env_a"), Arc::from("KYC"), 3)]);

    work.take_back_numbers();

    assert_eq!(work.number("env_a", "KYC").unwrap(), 1);
    work.begin_batch(Moment(2));
    work.take_back_numbers();
    assert_eq!(work.number("env_a", "KYC").unwrap(), 2, "what an earlier batch drew is not drawn again");
}

#[test]
fn numbers_that_were_not_drawn_are_returned_once() {
    let mut work = work();
    let _ = work.number("env_a", "KYC");
    let wants = work.take_wants();
    work.absorb(&wants, Loaded { numbers: vec![(0, 4, 1), (0, 9, 2)], ..Loaded::default() }).unwrap();
    assert_eq!(work.number("env_a", "KYC").unwrap(), 4);

    let unused = work.unused_numbers();

    let (scope, sequence) = (Arc::from("env_a"), Arc::from("KYC"));
    assert_eq!(unused, [Unused { scope, sequence, ranges: vec![(9, 11)] }]);
    assert!(work.number("env_a", "KYC").is_err(), "nothing is left to draw");
    assert!(work.unused_numbers().is_empty());
}

#[test]
fn numbers_of_one_sequence_are_wanted_together() {
    let want =
        |sequence: &str, count| Want::Numbers { scope: Arc::from("env_a"), sequence: Arc::from(sequence), count };
    let mut wants = Wants::default();

    for wanted in [want("KYC", 1), want("ATO", 1), want("KYC", 2), want("KYC", 1)] {
        wants.add(&wanted);
    }

    assert_eq!(wants.into_list(), [want("KYC", 4), want("ATO", 1)]);
}

#[test]
fn equal_wants_are_merged_and_keep_their_order() {
    let row = |key: &str| Want::Row { table: Note::TABLE, key: Arc::from(key) };
    let mut wants = Wants::default();

    for wanted in [row("n2"), row("n1"), row("n2"), Want::Presence { table: Note::TABLE, key: Arc::from("n2") }] {
        wants.add(&wanted);
    }

    assert_eq!(wants.into_list(), [row("n2"), row("n1"), Want::Presence { table: Note::TABLE, key: Arc::from("n2") }]);
}

#[test]
fn a_row_that_can_not_be_read_is_refused_only_to_items_that_ask_for_it() {
    let mut work = work();
    let mut broken = row("n1", "env_a", "one", "f");
    broken[2] = Cell::Text(Arc::from("no number"));
    let wants = ["n1", "n2"].map(|key| Want::Row { table: Note::TABLE, key: Arc::from(key) });
    let rows = [broken, row("n2", "env_a", "two", "f")].map(|row| (Note::TABLE, row)).into();

    work.absorb(&wants, Loaded { rows, ..Loaded::default() }).unwrap();

    let refused = work.get::<Note>("n1").unwrap_err();
    assert!(matches!(&refused, Halt::Refused(refusal) if refusal.sentence.contains("row n1 of note")), "{refused:?}");
    assert!(work.get::<Note>("n2").unwrap().is_some());
    assert!(work.is_there::<Note>("n1").unwrap(), "it exists, even though it can't be read");
    work.begin_stage(&Scope::Of(Arc::from("env_b")), Seed([1; 32]), 0, 0);
    assert!(work.get::<Note>("n1").unwrap().is_none(), "another environment does not see it");
    work.begin_batch(Moment(2));
    assert!(matches!(work.get::<Note>("n1"), Err(Halt::Missing(_))), "the next batch loads it again");
}

#[test]
fn an_attempt_that_panics_is_undone_and_refused() {
    let mut work = work();

    let attempted = work
        .attempt_isolated(|work| -> Verb<()> {
            work.insert(note("n1", "one"));
            work.count("env_a", "counter", 1);
            panic!("a panic of this test")
        })
        .unwrap();

    assert_eq!(attempted.unwrap_err().code, "internal");
    assert!(work.touched().is_empty());
}

#[test]
fn a_due_time_is_moved_in_the_commit_and_taken_back_with_what_is_undone() {
    let mut work = work();
    work.set_due(Note::TABLE, "n1", Some(Moment(9)));

    let refused = work.attempt(|work| -> Verb<()> {
        work.set_due(Note::TABLE, "n2", None);
        Err(Refusal::rule("no", "no").into())
    });

    assert!(refused.unwrap().is_err());
    let changes = work.touched().encode();
    assert!(!changes.is_empty());
    assert_eq!(changes.dues, [NewDue { table: Note::TABLE, key: Arc::from("n1"), due: Some(9) }]);
}

#[test]
fn the_presence_of_a_row_is_visible_in_its_environment_and_does_not_load_the_row() {
    let mut work = work();
    for key in ["n1", "n2", "n3"] {
        assert!(matches!(work.is_there::<Note>(key), Err(Halt::Missing(_))));
    }
    let wants = work.take_wants();
    assert!(wants.iter().all(|want| matches!(want, Want::Presence { .. })));

    let seen = [row("n1", "env_a", "one", "f"), row("n2", "env_b", "two", "f")].map(|row| (Note::TABLE, row)).into();
    work.absorb(&wants, Loaded { seen, ..Loaded::default() }).unwrap();

    let told = ["n1", "n2", "n3"].map(|key| work.is_there::<Note>(key).unwrap());
    assert_eq!(told, [true, false, false]);
    assert!(matches!(work.get::<Note>("n1"), Err(Halt::Missing(_))), "a row that is not locked can't be read");
    work.take_wants();
    work.insert(note("n3", "three"));
    assert!(work.is_there::<Note>("n3").unwrap());
}

/// Grants what the unit of work wants to hold; `anew` if others may have changed it since it was read.
fn grant(work: &mut UnitOfWork, anew: bool) -> Vec<Want> {
    let wants = work.take_wants();
    let held = if anew { (0..wants.len()).collect() } else { Vec::new() };
    work.absorb(&wants, Loaded { held, ..Loaded::default() }).unwrap();
    wants
}

#[test]
fn a_shared_hold_does_not_include_an_exclusive_one_until_that_is_granted() {
    let mut work = work();
    let wanted = |holding| Want::Hold { table: Note::TABLE, key: Arc::from("n1"), holding };

    assert!(matches!(work.hold::<Note>("n1", Holding::Shared), Err(Halt::Missing(_))));
    assert_eq!(grant(&mut work, true), [wanted(Holding::Shared)]);
    work.hold::<Note>("n1", Holding::Shared).unwrap();
    assert!(work.hold::<Note>("n1", Holding::Alone).is_err());
    assert_eq!(grant(&mut work, true), [wanted(Holding::Alone)]);
    work.hold::<Note>("n1", Holding::Alone).unwrap();
    work.hold::<Note>("n1", Holding::Shared).unwrap();
    work.begin_batch(Moment(2));

    assert!(work.hold::<Note>("n1", Holding::Shared).is_err(), "the next batch holds nothing");
}

#[test]
fn what_another_writer_holds_is_not_held() {
    let mut work = work();
    let _ = work.hold::<Note>("n1", Holding::Shared);
    let wants = work.take_wants();

    work.absorb(&wants, Loaded { busy: vec![0], ..Loaded::default() }).unwrap();

    assert!(work.hold::<Note>("n1", Holding::Shared).is_err());
}

#[test]
fn a_newly_granted_hold_reloads_rows_unless_this_batch_changed_them() {
    for (key, forgotten) in [("n1", ["n1"].as_slice()), ("env_a", &["n1", "n2"]), ("n9", &[])] {
        let mut work = work();
        let _ = work.some::<Note>(&NOTES_OF_FOLDER, "f");
        load(&mut work, vec![row("n1", "env_a", "a", "f"), row("n2", "env_a", "b", "f"), row("n3", "env_a", "c", "f")]);
        work.change::<Note>("n3", |note| note.title = "changed".into()).unwrap();
        work.hold::<Note>(key, Holding::Alone).unwrap_err();

        grant(&mut work, true);

        for id in ["n1", "n2", "n3"] {
            assert_eq!(work.get::<Note>(id).is_err(), forgotten.contains(&id), "{id} when {key} is held");
        }
        assert_eq!(work.get::<Note>("n3").unwrap().unwrap().title, "changed");
        assert!(work.some::<Note>(&NOTES_OF_FOLDER, "f").is_err(), "an answer may lack the dropped rows");
    }
}

#[test]
fn a_single_writer_reloads_nothing() {
    let mut work = work();
    let _ = work.get::<Note>("n1");
    load(&mut work, vec![row("n1", "env_a", "a", "f")]);
    work.hold::<Note>("n1", Holding::Alone).unwrap_err();

    grant(&mut work, false);

    assert!(work.get::<Note>("n1").unwrap().is_some());
}

crate::entity! {
    /// A line, for these tests.
    pub struct Line in "line" {
        table: { rank: 11, lock: Append, scope: environment_id, unique: [], asked: ["page_id"] },
        /// Id.
        id: EventId,
        /// Whose.
        environment_id: EnvironmentId,
        /// Page.
        page_id: String,
        /// When.
        created_at: Moment,
    }
}

static LINES_OF_PAGE: Question = Question { table: Line::TABLE, column: "page_id", bound: 2, parent: None };

fn line(id: &str, made: i64) -> (&'static Table, Row) {
    let text = |t: &str| Cell::Text(Arc::from(t));
    (Line::TABLE, vec![text(id), text("env_a"), text("p"), Cell::Int(made)])
}

#[test]
fn a_question_until_an_instant_passes_over_newer_rows_and_does_not_count_them() {
    for (made, found, more) in [(vec![5, 7], 2, false), (vec![5, 6, 7], 3, true)] {
        let mut work = work();
        let until = Some(Moment(7));
        assert!(work.some_until::<Line>(&LINES_OF_PAGE, "p", until).is_err());
        let wants = work.take_wants();
        let [Want::Value { until: Some(Moment(7)), bound: 2, .. }] = &wants[..] else { panic!("{wants:?}") };
        let mut rows: Vec<_> = made.iter().map(|made| line(&format!("old{made}"), *made)).collect();
        // Brought by another want, and added by this very batch.
        rows.extend([line("new1", 8), line("new2", 9)]);
        work.absorb(&wants, Loaded { rows, ..Loaded::default() }).unwrap();
        work.insert(Line {
            id: EventId::of("new3"),
            environment_id: EnvironmentId::of("env_a"),
            page_id: "p".into(),
            created_at: Moment(10),
        });

        let (lines, are_more) = work.some_until::<Line>(&LINES_OF_PAGE, "p", until).unwrap();

        assert_eq!((lines.len(), are_more), (found, more));
        assert!(lines.iter().all(|line| line.created_at <= Moment(7)));
        assert!(work.some::<Line>(&LINES_OF_PAGE, "p").is_err(), "without an instant it is another question");
    }
}

crate::entity! {
    /// A row that events happen to.
    pub struct Subject in "subject" {
        table: {
            rank: 10, lock: Row(version), scope: environment_id, unique: [], asked: [], events: event_ordinal
        },
        /// Id.
        id: EventId,
        /// Whose.
        environment_id: EnvironmentId,
        /// Changes.
        version: i64,
        /// Events.
        event_ordinal: i64,
        /// What it says.
        text: String,
    }
}

#[test]
fn a_row_that_is_replaced_as_a_whole_keeps_its_count_of_events() {
    let mut work = work();
    let before = work.insert(Subject {
        id: EventId::of("s1"),
        environment_id: EnvironmentId::of("env_a"),
        version: 0,
        event_ordinal: 0,
        text: "one".into(),
    });
    assert_eq!(work.count_event(Subject::TABLE, "s1"), Some(1));

    let replaced = Subject { text: "two".into(), ..(*before).clone() };
    let after = work.change::<Subject>("s1", |subject| *subject = replaced).unwrap();

    assert_eq!((after.event_ordinal, after.text.as_str(), after.version), (1, "two", 2));
    assert_eq!(work.count_event(Subject::TABLE, "s1"), Some(2));
}
