//! What the writer promises, on each engine.

mod toys;

use docket_testkit::engines;
use toys::{Jar, fresh, here, put_coin, run, still};

#[tokio::test]
async fn an_answer_comes_after_its_commit_and_a_reader_sees_it() {
    for engine in engines() {
        let fresh = fresh(engine).await;
        let database = still(&fresh).await;

        let coins = run(&database, |work| put_coin(work, "jar")).await.unwrap();

        assert_eq!(coins, 1, "{engine}");
        assert_eq!(fresh.count("SELECT coins FROM jar WHERE id = 'jar'").await, 1, "{engine}");
        let seen = database.reader().view(here(), |work| Ok(work.get::<Jar>("jar")?.map(|jar| jar.coins))).await;
        assert_eq!(seen.unwrap(), Some(1), "{engine}");
        database.close().await;
    }
}
