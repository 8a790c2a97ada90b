//! Files on cases: downloads return the uploaded bytes, completely and in parts.

use serde_json::json;

use crate::things::{case, template};
use crate::world::{Call, World, attributes, on_each_engine};

const CHUNK: usize = docket_cases::CHUNK_BYTES;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_several_chunks_comes_back_byte_for_byte_and_in_parts() {
    on_each_engine(async |world| {
        use base64::Engine as _;
        let id = case(&world, &template(&world).await).await.id();
        let mut pdf = b"%PDF-1.4".to_vec();
        pdf.extend((0..2 * CHUNK).map(|place| u8::try_from(place % 251).expect("a byte")));
        let data = base64::engine::general_purpose::STANDARD.encode(&pdf);
        let body = attributes(json!({"attachments": [{"filename": "a.pdf", "data": data}]}));

        let with_it = world.patch(&format!("/cases/{id}"), body).await.expect(200);

        let url = with_it.text("/data/attributes/attachments/0/url");
        let url = url.strip_prefix("/api/v1").expect("of ours");
        let whole = world.get(url).await.expect(200);
        assert!(whole.bytes == pdf, "other bytes came back");
        assert_eq!(whole.header("content-length"), pdf.len().to_string());
        assert_eq!(whole.header("etag"), format!("\"{}\"", docket_kernel::sha256_hex(&pdf)));
        let ranges =
            [(0, 0), (CHUNK - 1, CHUNK), (CHUNK, 2 * CHUNK - 1), (5, 2 * CHUNK + 7), (2 * CHUNK + 7, 9 * CHUNK)];
        for (first, last) in ranges {
            let part = world.call(Call::get(url).with("range", &format!("bytes={first}-{last}"))).await.expect(206);
            let end = (last + 1).min(pdf.len());
            assert!(part.bytes == pdf[first..end], "{first}-{last}");
            assert_eq!(part.header("content-range"), format!("bytes {first}-{}/{}", end - 1, pdf.len()));
        }
        let beyond = world.call(Call::get(url).with("range", &format!("bytes={}-", pdf.len()))).await.expect(416);
        assert_eq!(beyond.header("content-range"), format!("bytes */{}", pdf.len()));
        world.is_in_order().await;
    })
    .await;
}

/// A form that attaches files with these names and bytes.
fn form(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut form = Vec::new();
    for (name, bytes) in files {
        let head = format!(
            "--x\r\ncontent-disposition: form-data; name=\"data[attributes][attachments][]\"; filename=\"{name}\"\r\n\
             content-type: application/pdf\r\n\r\n"
        );
        form.extend_from_slice(head.as_bytes());
        form.extend_from_slice(bytes);
        form.extend_from_slice(b"\r\n");
    }
    form.extend_from_slice(b"--x--\r\n");
    form
}

fn sending(id: &str, form: Vec<u8>) -> Call {
    Call::new("PATCH", &format!("/cases/{id}")).raw("multipart/form-data; boundary=x", form)
}

/// A PDF of this many bytes.
fn pdf(bytes: usize) -> Vec<u8> {
    let mut pdf = b"%PDF-1.4".to_vec();
    pdf.extend((pdf.len()..bytes).map(|place| u8::try_from(place % 251).expect("a byte")));
    pdf
}

/// The uploaded files, downloaded from the addresses of the case's files.
async fn downloaded(world: &World, id: &str) -> Vec<Vec<u8>> {
    let case = world.get(&format!("/cases/{id}")).await.expect(200);
    let files = case.attribute("attachments").as_array().expect("a list").clone();
    let mut all = Vec::new();
    for file in &files {
        let url = file["url"].as_str().and_then(|url| url.strip_prefix("/api/v1")).expect("an address of ours");
        let answer = world.get(url).await.expect(200);
        assert_eq!(file["byte-size"], answer.bytes.len());
        all.push(answer.bytes);
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_of_a_form_come_back_byte_for_byte_whatever_their_size() {
    on_each_engine(async |world| {
        let id = case(&world, &template(&world).await).await.id();
        let sizes = [8, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 9, 9];
        let sent: Vec<Vec<u8>> = sizes.into_iter().map(pdf).collect();
        let files: Vec<(&str, &[u8])> = sent.iter().map(|bytes| ("a.pdf", bytes.as_slice())).collect();

        world.call(sending(&id, form(&files))).await.expect(200);

        assert!(downloaded(&world, &id).await == sent, "other bytes came back");
        assert_eq!(world.fresh.count("SELECT count(*) FROM file_content WHERE staged_until > 0").await, 0);
        world.is_in_order().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_files_of_a_form_have_40_mebibytes_and_no_more() {
    let world = World::sqlite().await;
    let id = case(&world, &template(&world).await).await.id();
    let (most, small) = (pdf(docket_cases::FILE_BYTES_MAX), pdf(8));
    let less = &most[..most.len() - small.len()];

    world.call(sending(&id, form(&[("a.pdf", &most)]))).await.expect(200);
    world.call(sending(&id, form(&[("a.pdf", less), ("b.pdf", &small)]))).await.expect(200);
    world.call(sending(&id, form(&[("a.pdf", &pdf(docket_cases::FILE_BYTES_MAX + 1))]))).await.expect(413);
    world.call(sending(&id, form(&[("a.pdf", &most), ("b.pdf", b"%")]))).await.expect(413);

    let back = downloaded(&world, &id).await;
    assert!(back.len() == 3 && back[0] == most && back[1] == less && back[2] == small, "other bytes came back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_breaks_off_or_is_refused_shows_nothing_and_is_removed() {
    on_each_engine(async |world| {
        let id = case(&world, &template(&world).await).await.id();
        let path = format!("/cases/{id}");
        let before = world.get(&path).await.expect(200);
        let large = pdf(3 * CHUNK);
        let mut half = form(&[("a.pdf", &large)]);
        half.truncate(2 * CHUNK + 4_096);
        let rows = async |table: &str| world.fresh.count(&format!("SELECT count(*) FROM {table}")).await;

        world.call(sending(&id, half)).await.expect(400);
        world.call(sending(&id, form(&[("a.pdf", &large), ("b.svg", b"<svg>")]))).await.expect(422);
        let stale = sending(&id, form(&[("a.pdf", &large)])).with("if-match", "\"999\"");
        world.call(stale).await.expect(412);

        let after = world.get(&path).await.expect(200);
        assert_eq!(after.header("etag"), before.header("etag"));
        assert_eq!(after.attribute("attachments"), &json!([]));
        assert!(rows("file_chunk").await > 0, "nothing was staged");
        world.is_in_order().await;
        world.clock.advance_seconds(docket_cases::STAGED_SECONDS);
        world.work_off(20).await;
        assert_eq!((rows("file_content").await, rows("file_chunk").await), (0, 0));
        world.is_in_order().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_a_case_does_not_take_is_refused_and_not_stored() {
    let world = World::sqlite().await;
    let id = case(&world, &template(&world).await).await.id();
    let (good, text) = (pdf(2 * CHUNK), vec![b'x'; 2 * CHUNK]);

    for (name, bytes) in [("a.txt", &text), ("../a.pdf", &good)] {
        let refused = world.call(sending(&id, form(&[(name, bytes)]))).await.expect(422);
        assert!(refused.pointers()[0].starts_with("/data/attributes/attachments/0/"), "{}", refused.told());
    }

    assert_eq!(world.fresh.count("SELECT count(*) FROM file_chunk").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_names_no_file_that_was_not_sent_with_it() {
    let world = World::sqlite().await;
    let id = case(&world, &template(&world).await).await.id();
    let body = attributes(json!({"attachments": [{"filename": "a.pdf", "part": 0, "digest": "d", "byte-size": 8}]}));

    let refused = world.patch(&format!("/cases/{id}"), body).await.expect(400);

    assert_eq!(refused.pointers(), ["/data/attributes/attachments/0/data"]);
}
