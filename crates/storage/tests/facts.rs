//! The writer's guarantees, on each engine.

mod toys;

use std::sync::Arc;

use docket_kernel::{Json, Moment, Refusal, RefusalKind, Task};
use docket_storage::{Filter, ListQuery, PageDirection, WriteError};
use docket_testkit::{FreshDatabase, On, engines, parts};
use toys::{
    COINS_OF_JAR, Coin, Household, Jar, Price, Receipt, clock, coin, command, fresh, here, jar, node, node_with,
    put_coin, run, slip, still,
};

async fn coins(fresh: &FreshDatabase, jar: &str) -> i64 {
    fresh.count(&format!("SELECT coins FROM jar WHERE id = '{jar}'")).await
}

fn refusal<T: std::fmt::Debug>(result: Result<T, WriteError>) -> Refusal {
    match result {
        Err(WriteError::Refused(refusal)) => refusal,
        other => panic!("{other:?} is not a refusal"),
    }
}

#[tokio::test]
async fn an_answer_comes_after_its_commit_and_a_reader_sees_it() {
    for engine in engines() {
        let fresh = fresh(engine).await;
        let database = still(&fresh).await;

        let answered = run(&database, |work| put_coin(work, "jar")).await.unwrap();

        assert_eq!(answered, 1, "{engine}");
        assert_eq!(coins(&fresh, "jar").await, 1, "{engine}");
        let seen = database.reader().view(here(), |work| Ok(work.get::<Jar>("jar")?.map(|jar| jar.coins))).await;
        assert_eq!(seen.unwrap(), Some(1), "{engine}");
        database.close().await;
    }
}

#[tokio::test]
async fn every_type_of_value_is_read_as_it_was_written() {
    for engine in engines() {
        let fresh = fresh(engine).await;
        let database = still(&fresh).await;

        run(&database, |work| {
            let notes = Json::new(vec!["ä \"quoted\" \\ note".to_owned(), String::new()]);
            work.insert(Jar { notes, is_shut: true, label: None, ..jar("new", "", i64::MAX) });
            Ok(())
        })
        .await
        .unwrap();
        let read = |work: &mut docket_kernel::UnitOfWork| work.get::<Jar>("new");
        let written = run(&database, read).await.unwrap().unwrap();
        let seen = database.reader().view(here(), read).await.unwrap().unwrap();

        for jar in [written, seen] {
            assert_eq!(jar.notes.join("|"), "ä \"quoted\" \\ note|", "{engine}");
            assert!(jar.is_shut && jar.label.is_none() && jar.coins == i64::MAX && jar.version == 1, "{engine}");
        }
        database.close().await;
    }
}

#[tokio::test]
async fn sixty_four_commands_at_once_on_one_row_all_count() {
    for engine in engines() {
        let fresh = fresh(engine).await;
        let database = node(&fresh, 4).await;

        let commands = (0..64).map(|_| {
            let writer = database.writer().clone();
            tokio::spawn(async move { writer.submit(command(|work| put_coin(work, "jar")).about("jar")).await })
        });
        let mut answers = Vec::new();
        for answer in commands.collect::<Vec<_>>() {
            answers.push(answer.await.unwrap().unwrap());
        }

        answers.sort_unstable();
        assert_eq!(answers, (1..=64).collect::<Vec<_>>(), "{engine}");
        assert_eq!(coins(&fresh, "jar").await, 64, "{engine}");
        assert_eq!(fresh.count("SELECT version FROM jar WHERE id = 'jar'").await, 65, "{engine}");
        database.close().await;
    }
}

#[tokio::test]
async fn a_refusal_undoes_what_its_verb_wrote_and_nothing_else() {
    for engine in engines() {
        let fresh = fresh(engine).await;
        let database = still(&fresh).await;

        let refused = command(|work| -> docket_kernel::Verb<()> {
            put_coin(work, "jar")?;
            let new = slip(work, "never");
            work.insert(new);
            work.count("env_a", "slips", 1);
            Err(Refusal::rule("no", "no").into())
        });
        let (refused, kept) =
            tokio::join!(database.writer().submit(refused), run(&database, |work| put_coin(work, "other")),);

        assert_eq!(refusal(refused).code, "no", "{engine}");
        assert_eq!(kept.unwrap(), 1, "{engine}");
        assert_eq!(coins(&fresh, "jar").await, 0, "{engine}");
        assert_eq!(fresh.count("SELECT count(*) FROM slip").await, 0, "{engine}");
        assert_eq!(database.reader().counted("env_a".into(), "slips").await.unwrap(), 0, "{engine}");
        database.close().await;
    }
}

#[tokio::test]
async fn a_panic_in_a_verb_refuses_that_item_alone() {
    for engine in engines() {
        let fresh = fresh(engine).await;
        let database = still(&fresh).await;

        let panics = run(&database, |work| {
            let coins = put_coin(work, "jar")?;
            assert!(coins > 1_000, "a panic of this test");
            Ok(coins)
        });
        let (panicked, kept) = tokio::join!(panics, run(&database, |work| put_coin(work, "jar")));

        assert_eq!(refusal(panicked).kind, RefusalKind::Internal, "{engine}");
        assert_eq!(kept.unwrap(), 1, "{engine}");
        assert_eq!(coins(&fresh, "jar").await, 1, "{engine}");
        assert_eq!(run(&database, |work| put_coin(work, "jar")).await.unwrap(), 2, "{engine}");
        database.close().await;
    }
}

#[tokio::test]
async fn an_item_that_the_database_refuses_does_not_affect_its_neighbors() {
    for engine in engines() {
        let fresh = fresh(engine).await;
        let database = still(&fresh).await;

        let taken = run(&database, |work| {
            work.insert(jar("twin", "shelf", 0));
            Ok(())
        });
        let below_nothing = run(&database, |work| work.change::<Jar>("other", |jar| jar.coins = -1).map(drop));
        let of_nobody = run(&database, |work| {
            let orphan = coin(work, "no such jar");
            work.insert(orphan);
            Ok(())
        });
        let broken_text = run(&database, |work| {
            let new = slip(work, "nul \0 byte");
            work.insert(new);
            Ok(())
        });
        let good = run(&database, |work| put_coin(work, "jar"));
        let (taken, below_nothing, of_nobody, broken_text, good) =
            tokio::join!(taken, below_nothing, of_nobody, broken_text, good);

        assert_eq!(refusal(taken).kind, RefusalKind::Conflict, "{engine}");
        assert_eq!(refusal(below_nothing).kind, RefusalKind::Conflict, "{engine}");
        assert_eq!(refusal(of_nobody).kind, RefusalKind::Conflict, "{engine}");
        if engine == On::Postgres {
            assert_eq!(refusal(broken_text).kind, RefusalKind::Conflict, "{engine}");
        }
        assert_eq!(good.unwrap(), 1, "{engine}");
        assert_eq!(coins(&fresh, "jar").await, 1, "{engine}");
        assert_eq!(coins(&fresh, "other").await, 0, "{engine}");
        database.close().await;
    }
}

#[tokio::test]
async fn an_unknown_id_of_any_shape_is_absent_and_does_no_harm() {
    for engine in engines() {
        let fresh = fresh(engine).await;
        let database = still(&fresh).await;
        let strange = ["", "nul \0 byte", "'; DROP TABLE jar; --", "[\"jar\"]", "ä\u{10ffff}"];

        let all = run(&database, move |work| {
            let mut found = Vec::new();
            for key in strange {
                found.push(work.get::<Jar>(key)?.is_some() || work.find::<Jar>("label", key)?.is_some());
            }
            Ok(found)
        });
        let (all, good) = tokio::join!(all, run(&database, |work| put_coin(work, "jar")));

        assert_eq!(all.unwrap(), [false; 5], "{engine}");
        assert_eq!(good.unwrap(), 1, "{engine}");
        for key in strange {
            let query =
                ListQuery { table: table::<Jar>(), filters: vec![], turn: PageDirection::After(key.into()), limit: 5 };
            let seen = database.reader().view(here(), move |work| work.get::<Jar>(key)).await;
            assert!(seen.unwrap().is_none(), "{engine}");
            let query = ListQuery { table: table::<Coin>(), ..query };
            assert!(database.reader().list::<Coin>("env_a".into(), query).await.is_err(), "{engine}");
        }
        database.close().await;
    }
}

fn table<E: docket_kernel::Entity>() -> &'static docket_kernel::Table {
    E::TABLE
}

#[tokio::test]
async fn ids_of_another_environment_are_never_seen_even_when_loaded_in_the_same_batch() {
    for engine in engines() {
        let fresh = fresh(engine).await;
        let database = still(&fresh).await;

        let theirs = database.writer().submit(docket_storage::Command::new(
            "toy",
            docket_kernel::Scope::Of("env_b".into()),
            |work| {
                let jar = work.get::<Jar>("theirs")?.expect("it is theirs");
                let coins = work.ask::<Coin>(&COINS_OF_JAR, "theirs")?.len();
                let found = work.find::<Jar>("label", "theirs")?.is_some();
                Ok((jar.coins, coins, found))
            },
        ));
        let ours = run(&database, |work| {
            let got = work.get::<Jar>("theirs")?.is_some() || work.get::<Price>("their_price")?.is_some();
            let asked = !work.ask::<Coin>(&COINS_OF_JAR, "theirs")?.is_empty();
            let found = work.find::<Jar>("label", "theirs")?.is_some();
            Ok((got, asked, found))
        });
        let change = run(&database, |work| put_coin(work, "theirs"));
        let (theirs, ours, change) = tokio::join!(theirs, ours, change);

        assert_eq!(theirs.unwrap(), (7, 1, true), "{engine}");
        assert_eq!(ours.unwrap(), (false, false, false), "{engine}");
        assert!(refusal(change).kind == RefusalKind::Internal, "{engine}");
        assert_eq!(coins(&fresh, "theirs").await, 7, "{engine}");
        let seen = database.reader().view(here(), |work| {
            Ok((work.get::<Jar>("theirs")?.is_some(), work.ask::<Coin>(&COINS_OF_JAR, "theirs")?.len()))
        });
        assert_eq!(seen.await.unwrap(), (false, 0), "{engine}");
        database.close().await;
    }
}

#[tokio::test]
async fn a_row_without_a_version_can_not_be_changed() {
    for engine in engines() {
        let fresh = fresh(engine).await;
        let database = still(&fresh).await;
        fresh.run("INSERT INTO slip VALUES ('slip', 'env_a', 'before')").await;

        let changed =
            run(&database, |work| work.change::<Receipt>("slip", |slip| slip.text = "after".into()).map(drop));

        assert_eq!(refusal(changed.await).kind, RefusalKind::Conflict, "{engine}");
        assert_eq!(fresh.read("SELECT text FROM slip").await, ["before"], "{engine}");
        database.close().await;
    }
}

#[tokio::test]
async fn removed_rows_are_gone_and_their_unique_values_free() {
    for engine in engines() {
        let fresh = fresh(engine).await;
        let database = still(&fresh).await;
        run(&database, |work| {
            let (coin, slip) = (coin(work, "jar"), slip(work, "once"));
            work.insert(coin);
            work.insert(slip);
            Ok(())
        })
        .await
        .unwrap();

        run(&database, |work| {
            for coin in work.ask::<Coin>(&COINS_OF_JAR, "jar")? {
                work.remove::<Coin>(coin.id.as_str())?;
            }
            let slip = work.find::<Receipt>("text", "once")?.expect("it exists");
            work.remove::<Receipt>(slip.id.as_str())?;
            work.remove::<Jar>("jar")
        })
        .await
        .unwrap();
        run(&database, |work| {
            let again = slip(work, "once");
            work.insert(again);
            Ok(())
        })
        .await
        .unwrap();

        assert_eq!(fresh.count("SELECT count(*) FROM coin WHERE environment_id = 'env_a'").await, 0, "{engine}");
        assert_eq!(fresh.count("SELECT count(*) FROM jar WHERE environment_id = 'env_a'").await, 1, "{engine}");
        assert_eq!(fresh.count("SELECT count(*) FROM slip").await, 1, "{engine}");
        database.close().await;
    }
}

#[tokio::test]
async fn numbers_are_consecutive_across_refusals_and_a_clean_restart() {
    for engine in engines() {
        let fresh = fresh(engine).await;
        let database = still(&fresh).await;
        let mut numbers = Vec::new();

        for _ in 0..70 {
            numbers.push(run(&database, |work| work.number("env_a", "KYC")).await.unwrap());
            let refused = run(&database, |work| -> docket_kernel::Verb<()> {
                work.number("env_a", "KYC")?;
                Err(Refusal::rule("no", "no").into())
            });
            refusal(refused.await);
        }

        assert_eq!(numbers, (1..=70).collect::<Vec<_>>(), "{engine}");
        assert_eq!(run(&database, |work| work.number("env_a", "AML")).await.unwrap(), 1, "{engine}");
        database.close().await;
        let again = still(&fresh).await;
        assert_eq!(run(&again, |work| work.number("env_a", "KYC")).await.unwrap(), 71, "{engine}");
        again.close().await;
    }
}

#[tokio::test]
async fn counters_add_up() {
    for engine in engines() {
        let fresh = fresh(engine).await;
        let database = still(&fresh).await;

        for by in [1, 2, 3] {
            let add = run(&database, move |work| {
                work.count("env_a", "runs", by);
                work.count("env_b", "runs", 10);
                Ok(())
            });
            add.await.unwrap();
        }

        assert_eq!(database.reader().counted("env_a".into(), "runs").await.unwrap(), 6, "{engine}");
        assert_eq!(database.reader().counted("env_b".into(), "runs").await.unwrap(), 30, "{engine}");
        assert_eq!(database.reader().counted("env_c".into(), "runs").await.unwrap(), 0, "{engine}");
        database.close().await;
    }
}

#[tokio::test]
async fn a_list_pages_by_key_in_both_directions() {
    for engine in engines() {
        let fresh = fresh(engine).await;
        for (id, jar, at) in [("a", "jar", 10), ("b", "other", 20), ("c", "jar", 20), ("d", "jar", 30)] {
            fresh.run(&format!("INSERT INTO coin VALUES ('{id}', 'env_a', 1, '{jar}', {at})")).await;
        }
        let database = still(&fresh).await;
        let page = async |filters: Vec<Filter>, turn: PageDirection| {
            let query = ListQuery { table: table::<Coin>(), filters, turn, limit: 2 };
            let rows = database.reader().list::<Coin>("env_a".into(), query).await.unwrap();
            rows.iter().map(|coin| coin.id.to_string()).collect::<Vec<_>>().join(" ")
        };
        let of = |jars: &[&str]| vec![Filter::Is("jar_id", jars.iter().map(|jar| Arc::from(*jar)).collect())];

        assert_eq!(page(vec![], PageDirection::First).await, "d c", "{engine}");
        assert_eq!(page(vec![], PageDirection::After("c".into())).await, "b a", "{engine}");
        assert_eq!(page(vec![], PageDirection::Before("a".into())).await, "c b", "{engine}");
        assert_eq!(page(of(&["jar"]), PageDirection::After("d".into())).await, "c a", "{engine}");
        assert_eq!(page(of(&["jar", "other"]), PageDirection::First).await, "d c", "{engine}");
        assert_eq!(page(of(&["nothing", "none"]), PageDirection::First).await, "", "{engine}");
        let since = vec![Filter::Since("created_at", Moment(20)), Filter::Until("created_at", Moment(30))];
        assert_eq!(page(since, PageDirection::First).await, "c b", "{engine}");
        let through = |values: &[&str]| {
            let values = values.iter().map(|value| Arc::from(*value)).collect();
            vec![Filter::Join { table: table::<Jar>(), key: "id", column: "label", values }]
        };
        let query =
            ListQuery { table: table::<Coin>(), filters: through(&["x", "y"]), turn: PageDirection::First, limit: 2 };
        assert!(database.reader().list::<Coin>("env_a".into(), query).await.unwrap().is_empty(), "{engine}");
        database.close().await;
    }
}

#[tokio::test]
async fn a_reaction_commits_with_the_verb_that_asked_for_it() {
    for engine in engines() {
        let fresh = fresh(engine).await;
        let clock = clock();
        let household = Arc::new(Household::default());
        let database = node_with(&fresh, 1, parts(&clock, 1, household)).await;

        run(&database, |work| {
            put_coin(work, "jar")?;
            work.queue(Task { topic: "coin", key: Arc::from("other") });
            Ok(())
        })
        .await
        .unwrap();

        assert_eq!((coins(&fresh, "jar").await, coins(&fresh, "other").await), (1, 1), "{engine}");
        database.close().await;
    }
}

#[tokio::test]
async fn due_rows_are_done_once_their_time_has_come_and_only_once() {
    for engine in engines() {
        let fresh = fresh(engine).await;
        let clock = clock();
        let due = docket_testkit::start_of_time().plus_seconds(60).0;
        fresh.run(&format!("INSERT INTO chore VALUES ('sweep', 'env_a', 1, {due}, 0, 'jar')")).await;
        let household = Arc::new(Household::default());
        let database = node_with(&fresh, 1, parts(&clock, 1, household)).await;

        database.writer().nudge();
        run(&database, |work| put_coin(work, "other")).await.unwrap();
        assert_eq!(coins(&fresh, "jar").await, 0, "{engine}");
        clock.advance_seconds(61);
        database.writer().nudge();
        while coins(&fresh, "jar").await == 0 {
            tokio::task::yield_now().await;
        }
        database.writer().nudge();
        run(&database, |work| put_coin(work, "other")).await.unwrap();

        assert_eq!(coins(&fresh, "jar").await, 1, "{engine}");
        assert_eq!(fresh.count("SELECT done FROM chore").await, 1, "{engine}");
        database.close().await;
    }
}

#[tokio::test]
async fn rows_that_are_kept_for_a_day_are_deleted_after_it() {
    for engine in engines() {
        let fresh = fresh(engine).await;
        let clock = clock();
        let database = node_with(&fresh, 1, parts(&clock, 1, Arc::new(Household::default()))).await;
        let old = docket_testkit::start_of_time();
        let young = old.plus_seconds(3_600);
        for (id, at) in [("old", old.0), ("young", young.0)] {
            fresh.run(&format!("INSERT INTO coin VALUES ('{id}', 'env_a', 1, NULL, {at})")).await;
        }

        clock.advance_seconds(86_401);
        database.writer().nudge();
        while fresh.count("SELECT count(*) FROM coin WHERE id = 'old'").await == 1 {
            tokio::task::yield_now().await;
        }

        assert_eq!(fresh.count("SELECT count(*) FROM coin WHERE id = 'young'").await, 1, "{engine}");
        database.close().await;
    }
}

#[tokio::test]
async fn a_closed_writer_completes_waiting_commands_and_accepts_no_more() {
    for engine in engines() {
        let fresh = fresh(engine).await;
        let database = still(&fresh).await;
        let waiting = tokio::spawn({
            let writer = database.writer().clone();
            async move { writer.submit(command(|work| put_coin(work, "jar"))).await }
        });
        tokio::task::yield_now().await;

        database.close().await;

        assert_eq!(waiting.await.unwrap().unwrap(), 1, "{engine}");
        let late = run(&database, |work| put_coin(work, "jar")).await;
        assert!(matches!(late, Err(WriteError::Stopping)), "{engine}");
    }
}
