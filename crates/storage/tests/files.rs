//! What holds when the files of an open database are deleted or replaced.

mod toys;

use std::fs;

use docket_storage::{Database, WriteError};
use docket_testkit::On;
use toys::{fresh, put_coin, run, still};

/// Repeats a change until it is answered as wanted: the writer looks once a second whether it can go on.
async fn until(database: &Database, is_wanted: impl Fn(&Result<i64, WriteError>) -> bool) -> Result<i64, WriteError> {
    loop {
        let answer = run(database, |work| put_coin(work, "jar")).await;
        if is_wanted(&answer) {
            return answer;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn nothing_is_acknowledged_into_a_file_that_was_deleted_or_replaced() {
    for (name, is_replaced) in
        [("docket.sqlite", false), ("docket.sqlite", true), ("docket.sqlite-wal", false), ("docket.lock", false)]
    {
        let fresh = fresh(On::Sqlite).await;
        let database = still(&fresh).await;
        assert_eq!(run(&database, |work| put_coin(work, "jar")).await.unwrap(), 1);
        let (there, aside) = (fresh.file().with_file_name(name), fresh.file().with_file_name("aside"));
        fs::rename(&there, &aside).unwrap();
        if is_replaced {
            fs::copy(&aside, &there).unwrap();
        }

        let refused = run(&database, |work| put_coin(work, "jar")).await.unwrap_err();

        assert_eq!(refused.code(), "unavailable", "{name}");
        let (words, said) = (if is_replaced { "was replaced" } else { "is not there" }, refused.to_string());
        assert!(said.contains(&format!("{name} {words}")) && said.contains("stop docket"), "{said}");
        let unwell = database.writer().why_unwell().unwrap_or_default();
        assert!(unwell.contains(name), "{unwell}");
        fs::rename(&aside, &there).unwrap();
        let taken = until(&database, Result::is_ok).await.unwrap();
        assert_eq!(taken, 2, "{name}: what was refused was not done");
        assert_eq!(database.writer().why_unwell(), None, "{name}");
        database.close().await;
        let again = still(&fresh).await;
        assert_eq!(run(&again, |work| put_coin(work, "jar")).await.unwrap(), 3, "{name}");
        again.close().await;
    }
}
