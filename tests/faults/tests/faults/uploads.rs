//! `kill -9` while a file is sent: the case never shows a part of it, and what was stored of it is removed by the next process.

use docket_testkit::{On, engines};
use serde_json::{Value, json};

use crate::house::House;
use crate::node::{Node, text};
use crate::order::{Order, Point};
use crate::stored::Stored;
use crate::wait::until;

/// A file takes so many chunks: each is a commit, and one more attaches it.
const CHUNKS: usize = 5;
/// What was staged is removed by a process that runs within this time.
const SECONDS: i64 = 20;

/// At which point of which batch of an upload its node is killed.
const KILLS: [(Point, i32); 7] = [
    (Point::Begun, 1),
    (Point::Writing, 2),
    (Point::Committing, 3),
    (Point::Committed, 4),
    (Point::Writing, 6),
    (Point::Committing, 6),
    (Point::Committed, 6),
];

fn file() -> Vec<u8> {
    let mut file = b"%PDF-1.4".to_vec();
    let bytes = CHUNKS * docket_cases::CHUNK_BYTES - 100;
    file.extend((file.len()..bytes).map(|place| u8::try_from(place % 251).expect("a byte")));
    file
}

fn form(file: &[u8]) -> Vec<u8> {
    let mut form =
        b"--x\r\ncontent-disposition: form-data; name=\"data[attributes][attachments][]\"; filename=\"a.pdf\"\r\n\
        content-type: application/pdf\r\n\r\n"
            .to_vec();
    form.extend_from_slice(file);
    form.extend_from_slice(b"\r\n--x--\r\n");
    form
}

/// Sends the file to the case; the status of the answer, if there is one.
async fn upload(node: &Node, case: &str, file: &[u8]) -> Option<u16> {
    let request = node.request("PATCH", &format!("/cases/{case}"));
    let request = request.header("content-type", "multipart/form-data; boundary=x").body(form(file));
    Some(request.send().await.ok()?.status().as_u16())
}

/// The files that a case shows, each with its bytes.
async fn shown(node: &Node, case: &str) -> Vec<Vec<u8>> {
    let shown = node.get(&format!("/cases/{case}")).await;
    let files = shown.pointer("/data/attributes/attachments").and_then(Value::as_array).expect("a list").clone();
    let mut all = Vec::new();
    for file in &files {
        let path = text(file, "/url");
        let path = path.strip_prefix("/api/v1").expect("an address of ours").to_owned();
        let answer = node.request("GET", &path).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        all.push(answer.bytes().await.expect("its bytes").to_vec());
    }
    all
}

async fn new_case(node: &Node, template: &str) -> String {
    let body = json!({"data": {"attributes": {"case-template-id": template}}});
    text(&node.make("/cases", &body).await, "/data/id")
}

async fn killed_while_it_is_sent(engine: On) {
    let (house, file) = (House::bare(engine).await, file());
    let first = Node::start(&house, &[], Order::new()).await;
    let template = json!({"data": {"attributes": {"name": "Uploads"}}});
    let template = text(&first.make("/case-templates", &template).await, "/data/id");
    first.stop().await;
    let rows = async |query: &str| house.database.count(&format!("SELECT count(*) FROM {query}")).await;
    let (mut broken, mut left_staged) = (0, 0);
    for (point, batch) in KILLS {
        let mut node = Node::start(&house, &[], Order::new()).await;
        let case = new_case(&node, &template).await;
        node.order.die_at(point, batch);

        let answer = upload(&node, &case, &file).await;
        node.kill();
        drop(node);

        broken += usize::from(answer.is_none());
        left_staged += rows("file_content WHERE staged_until IS NOT NULL").await;
        let violations = docket_doctor::examine(&Stored::of(&house.database, engine).await).expect("rows are read");
        assert!(violations.is_empty(), "{engine} {point:?} {batch}: {violations:?}");
        // An hour later.
        house.database.run("UPDATE file_content SET staged_until = 1 WHERE staged_until IS NOT NULL").await;
        let next = Node::start(&house, &[], Order::new()).await;
        let files = shown(&next, &case).await;
        let is_whole = files.is_empty() || files.len() == 1 && files[0] == file;
        assert!(is_whole, "{engine} {point:?} {batch}: a part of a file is shown");
        assert!(
            answer != Some(200) || files.len() == 1,
            "{engine} {point:?} {batch}: an acknowledged file is not there"
        );
        let orphans = "file_chunk WHERE file_id NOT IN (SELECT id FROM file_content WHERE staged_until IS NULL)";
        let is_removed = until(SECONDS, async || (rows(orphans).await == 0).then_some(())).await;
        assert!(is_removed.is_some(), "{engine} {point:?} {batch}: {} chunks are left", rows(orphans).await);
        assert_eq!(rows("file_content WHERE staged_until IS NOT NULL").await, 0, "{engine} {point:?} {batch}");
        next.stop().await;
    }
    assert!(broken >= 4, "void: {broken} uploads were broken off");
    assert!(left_staged >= 2, "void: {left_staged} files were staged when their node was killed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_while_a_file_is_sent_shows_no_part_of_it_and_leaves_none() {
    for engine in engines() {
        killed_while_it_is_sent(engine).await;
    }
}
