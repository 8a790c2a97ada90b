//! How many bytes are loaded at once: an answer to a question, a load, an item, a view and a page have a bound, whatever
//! rows are there.

mod toys;

use std::sync::Arc;

use docket_kernel::{Entity, QUESTION_BYTES_MAX, Refusal};
use docket_storage::{ListQuery, PageDirection, ReadError, WriteError};
use docket_testkit::{FreshDatabase, On, engines};
use toys::{LEAVES_OF_BOOK, Leaf, command, fresh, here, run, still};

/// So many bytes one item, or one view, may load in all.
const LOAD_BYTES_MAX: usize = 64 << 20;
/// What a leaf takes beside its text, and more.
const BESIDE: usize = 256;

/// Writes leaves of a book past the writer: so many, each of so many bytes.
async fn write(fresh: &FreshDatabase, engine: On, book: &str, leaves: usize, bytes: usize) {
    let series = match engine {
        On::Sqlite => {
            let text = format!("substr(replace(hex(zeroblob({})), '0', 'x'), 1, {bytes})", bytes.div_ceil(2));
            format!(
                "WITH RECURSIVE series (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < {leaves}) \
                 SELECT '{book}_' || n, 'env_a', 1, '{book}', {text}, n FROM series"
            )
        }
        On::Postgres => format!(
            "SELECT '{book}_' || n, 'env_a', 1, '{book}', repeat('x', {bytes}), n FROM generate_series(1, {leaves}) AS n"
        ),
    };
    fresh.run(&format!("INSERT INTO leaf {series}")).await;
}

fn code(refused: &Refusal) -> &str {
    &refused.code
}

#[tokio::test]
async fn an_answer_to_a_question_has_sixteen_mebibytes_and_a_larger_one_is_refused() {
    const BYTES: usize = 64 << 10;
    let most = QUESTION_BYTES_MAX / BYTES - 1;
    for engine in engines() {
        let fresh = fresh(engine).await;
        write(&fresh, engine, "most", most, BYTES).await;
        write(&fresh, engine, "over", most + 1, BYTES).await;
        let database = still(&fresh).await;

        let all = run(&database, |work| Ok(work.ask::<Leaf>(&LEAVES_OF_BOOK, "most")?.len())).await;
        let over = run(&database, |work| Ok(work.ask::<Leaf>(&LEAVES_OF_BOOK, "over")?.len())).await;
        let some = run(&database, |work| {
            let (leaves, are_more) = work.some::<Leaf>(&LEAVES_OF_BOOK, "over")?;
            Ok((leaves.len(), are_more))
        })
        .await;
        let read = database.reader().view(here(), |work| work.ask::<Leaf>(&LEAVES_OF_BOOK, "over").map(drop)).await;

        assert_eq!(all.unwrap(), most, "{engine}");
        let Err(WriteError::Refused(refusal)) = over else { panic!("{engine}: {over:?}") };
        assert_eq!(code(&refusal), "too-many-rows", "{engine}");
        assert!(refusal.sentence.contains("1000 rows and 16 MiB"), "{engine}: {}", refusal.sentence);
        assert_eq!(some.unwrap(), (most, true), "{engine}: some of them are shown, and that there are more");
        assert!(matches!(read, Err(ReadError::Refused(refusal)) if code(&refusal) == "too-many-rows"), "{engine}");
    }
}

#[tokio::test]
async fn several_questions_at_once_are_bounded_each_for_itself() {
    for engine in engines() {
        let fresh = fresh(engine).await;
        write(&fresh, engine, "small", 3, 10).await;
        write(&fresh, engine, "large", 3, 8 << 20).await;
        let database = still(&fresh).await;

        let answers = run(&database, |work| {
            work.hint_ask(&LEAVES_OF_BOOK, "small");
            work.hint_ask(&LEAVES_OF_BOOK, "large");
            let (small, _) = work.some::<Leaf>(&LEAVES_OF_BOOK, "small")?;
            let (large, are_more) = work.some::<Leaf>(&LEAVES_OF_BOOK, "large")?;
            Ok((small.len(), large.len(), are_more))
        })
        .await;

        assert_eq!(answers.unwrap(), (3, 1, true), "{engine}");
    }
}

/// Leaves so large that eight are as much as may be loaded.
async fn large_leaves(engine: On) -> FreshDatabase {
    let fresh = fresh(engine).await;
    write(&fresh, engine, "large", 20, LOAD_BYTES_MAX / 8 - BESIDE).await;
    fresh
}

/// Loads these leaves at once.
fn load(work: &mut docket_kernel::UnitOfWork, leaves: std::ops::RangeInclusive<usize>) -> docket_kernel::Verb<usize> {
    for leaf in leaves.clone() {
        work.hint::<Leaf>(&format!("large_{leaf}"));
    }
    let mut bytes = 0;
    for leaf in leaves {
        bytes += work.get::<Leaf>(&format!("large_{leaf}"))?.map_or(0, |leaf| leaf.text.len());
    }
    Ok(bytes)
}

#[tokio::test]
async fn an_item_and_a_view_load_64_mebibytes_at_once_or_one_after_the_other_and_no_more() {
    for engine in engines() {
        let fresh = large_leaves(engine).await;
        let database = still(&fresh).await;
        let one_by_one = |most: usize| {
            move |work: &mut docket_kernel::UnitOfWork| {
                let mut bytes = 0;
                for leaf in 1..=most {
                    bytes += work.get::<Leaf>(&format!("large_{leaf}"))?.map_or(0, |leaf| leaf.text.len());
                }
                Ok(bytes)
            }
        };

        for (leaves, is_good) in [(8, true), (9, false)] {
            let written = run(&database, move |work| load(work, 1..=leaves)).await;
            let written_slowly = run(&database, one_by_one(leaves)).await;
            let read = database.reader().view(here(), move |work| load(work, 1..=leaves)).await;
            let read_slowly = database.reader().view(here(), one_by_one(leaves)).await;

            for written in [written, written_slowly] {
                match written {
                    Ok(bytes) => assert!(is_good && bytes > LOAD_BYTES_MAX - 8 * 2 * BESIDE, "{engine}: {bytes}"),
                    Err(WriteError::Refused(refusal)) => {
                        assert!(!is_good, "{engine}: {}", refusal.sentence);
                        assert_eq!(code(&refusal), "too-large", "{engine}");
                        assert!(refusal.sentence.contains("split it"), "{engine}: {}", refusal.sentence);
                    }
                    Err(error) => panic!("{engine}: {error}"),
                }
            }
            for read in [read, read_slowly] {
                match read {
                    Ok(_) => assert!(is_good, "{engine}"),
                    Err(ReadError::TooLarge(refusal)) => assert!(!is_good && code(&refusal) == "too-large", "{engine}"),
                    Err(error) => panic!("{engine}: {error}"),
                }
            }
        }
    }
}

#[tokio::test]
async fn items_that_load_too_much_together_are_done_one_by_one() {
    for engine in engines() {
        let fresh = large_leaves(engine).await;
        let database = still(&fresh).await;
        let writer = database.writer();
        // Sent before the writer begins: they are one batch.
        let all = [1..=8, 9..=16, 1..=9, 13..=20].map(|leaves| {
            let command = command(move |work| load(work, leaves.clone()));
            tokio::spawn({
                let writer = writer.clone();
                async move { writer.submit(command).await }
            })
        });
        let mut done = Vec::new();
        for one in all {
            done.push(one.await.unwrap().is_ok());
        }

        assert_eq!(done, [true, true, false, true], "{engine}: only the one that is too large alone is refused");
    }
}

#[tokio::test]
async fn a_page_of_rows_that_are_too_large_together_is_refused_and_a_shorter_one_is_not() {
    for engine in engines() {
        let fresh = large_leaves(engine).await;
        let database = still(&fresh).await;
        let page = async |limit: u32| {
            let query = ListQuery { table: Leaf::TABLE, filters: Vec::new(), turn: PageDirection::First, limit };
            database.reader().list::<Leaf>(Arc::from("env_a"), query).await.map(|leaves| leaves.len())
        };

        assert_eq!(page(8).await.unwrap(), 8, "{engine}");
        assert!(matches!(page(9).await, Err(ReadError::TooLarge(_))), "{engine}");
    }
}

#[tokio::test]
async fn a_walk_over_rows_that_are_too_large_together_meets_each_once() {
    for engine in engines() {
        let fresh = large_leaves(engine).await;
        let database = still(&fresh).await;

        let met = database.reader().walk(&[Leaf::TABLE], 0, |met, _, _| *met += 1, |_| None).await;

        assert_eq!(met.unwrap(), 20, "{engine}");
    }
}
