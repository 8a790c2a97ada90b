//! How large what is stored, and what is answered, may be: cases, comments, the objects of a case, what an answer includes,
//! and pages of rows from before there were limits.

use docket_api::Settings;
use docket_cases::CASE_BYTES_MAX;
use docket_testkit::{On, engines};
use serde_json::{Map, Value, json};

use crate::sources::walked;
use crate::things::case;
use crate::world::{Answer, Call, World, attributes, on_each_engine};

/// What a field takes beside its key and its text of 1,024 characters, quotes included.
const BESIDE: usize = 38;
const TEXT: usize = 1_024;

/// Fields of texts, with so many bytes together.
fn fields(bytes: usize) -> Value {
    let one = 3 + TEXT + BESIDE;
    let (whole, rest) = (bytes / one, bytes % one);
    assert!(rest > 3 + BESIDE, "{rest}");
    let texts = (0..whole).map(|n| (format!("f{n:02}"), json!("x".repeat(TEXT))));
    let last = ("f99".to_owned(), json!("x".repeat(rest - 3 - BESIDE)));
    Value::Object(texts.chain([last]).collect::<Map<_, _>>())
}

/// A template with a hundred fields of text.
async fn template(world: &World) -> String {
    let fields: Vec<_> = (0..100).map(|n| json!({"key": format!("f{n:02}"), "type": "string"})).collect();
    world.post("/case-templates", attributes(json!({"name": "Wide", "fields": fields}))).await.expect(201).id()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_contains_60_kibibytes_and_is_shown_with_64() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let opening = |bytes: usize| attributes(json!({"case-template-id": template, "fields": fields(bytes)}));
        // No tags are two bytes.
        let most = CASE_BYTES_MAX - 2;

        let opened = world.post("/cases", opening(most)).await.expect(201);
        let refused = world.post("/cases", opening(most + 1)).await.expect(422);

        assert_eq!(refused.pointers(), ["/data/attributes/fields"]);
        assert!(refused.details().contains("at most 61440 are allowed"), "{}", refused.details());
        assert!(opened.bytes.len() <= 64 << 10, "{}", opened.bytes.len());
        let path = format!("/cases/{}", opened.id());
        let one_more = attributes(json!({"fields": {"f98": ""}}));
        world.patch(&path, one_more).await.expect(422);
        world.patch(&path, attributes(json!({"fields": {"f99": null}}))).await.expect(200);
        let attached = json!({"attachments": vec![json!({"filename": "a.pdf", "data": "JVBERi0xLjQ="}); 20]});
        let refused = world.patch(&path, attributes(attached)).await.expect(422);
        assert_eq!(refused.pointers(), ["/data/attributes/attachments"]);
        world.is_in_order().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comment_has_64_kibibytes_and_those_of_a_case_8_mebibytes() {
    on_each_engine(async |world| {
        let held = case(&world, &template(&world).await).await.id();
        let path = format!("/cases/{held}/comments");
        let write = async |text: String| world.post(&path, attributes(json!({"body": text}))).await;
        write("😀".repeat(16_385)).await.expect(422);
        let refused = write("\u{1}".repeat(10_923)).await.expect(422);
        assert_eq!(refused.pointers(), ["/data/attributes/body"]);
        assert!(refused.details().contains("65536 bytes"), "{}", refused.details());
        write("😀".repeat(16_384)).await.expect(201);
        // A hundred and twenty-six more like it.
        let text = "x".repeat(65_536);
        let more: Vec<String> = (0..126)
            .map(|n| format!("('ccmt_{n}', (SELECT environment_id FROM case_record), '{held}', '{text}', 1, {n})"))
            .collect();
        let columns = "(id, environment_id, case_id, body, version, created_at)";
        world.fresh.run(&format!("INSERT INTO case_comment {columns} VALUES {}", more.join(", "))).await;

        write(text.clone()).await.expect(201);
        let refused = write("One more.".to_owned()).await.expect(422);

        assert!(refused.details().contains("at most 8388608 bytes together"), "{}", refused.details());
        let page = world.get(&format!("{path}?page[size]=100")).await.expect(200);
        assert_eq!(page.ids().len(), 100, "a page holds a hundred of the largest");
        assert!(page.bytes.len() <= 8 << 20, "{}", page.bytes.len());
        let shown = world.get(&format!("/cases/{held}")).await.expect(200);
        assert_eq!(shown.at("/data/relationships/case-comments/data").as_array().map(Vec::len), Some(128));
    })
    .await;
}

/// A case that holds twelve accounts; answers its id and theirs, in the order in which they were added.
async fn with_accounts(world: &World) -> (String, Vec<String>) {
    let held = case(world, &template(world).await).await.id();
    let mut ids = Vec::new();
    for n in 0..12 {
        world.clock.advance_seconds(1);
        ids.push(world.post("/accounts", attributes(json!({"reference-id": format!("r{n}")}))).await.expect(201).id());
        let added = json!({"meta": {"object-ids": [ids[n]]}});
        world.post(&format!("/cases/{held}/add-objects"), added).await.expect(200);
    }
    (held, ids)
}

/// A world whose answers have so many bytes of objects.
async fn bounded(engine: On, bytes: usize) -> World {
    World::with(engine, Settings { page_bytes_max: bytes, ..Settings::default() }).await
}

/// The bytes of each object in a list, with its comma.
fn sizes(list: &Answer) -> Vec<usize> {
    list.at("/data").as_array().into_iter().flatten().map(|object| object.to_string().len() + 1).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_objects_of_a_case_are_as_many_as_fit_and_links_lead_to_the_others_in_both_directions() {
    let measured = World::sqlite().await;
    let (held, ids) = with_accounts(&measured).await;
    let all = measured.get(&format!("/cases/{held}/objects")).await.expect(200);
    assert_eq!((all.ids(), all.at("/links/next")), (ids, &Value::Null));
    let three: usize = sizes(&all)[..3].iter().sum();

    for engine in engines() {
        for (bytes, objects) in [(three, 3), (three - 1, 2), (1, 1)] {
            let world = bounded(engine, bytes).await;
            let (held, ids) = with_accounts(&world).await;
            let path = format!("/cases/{held}/objects");

            let first = world.get(&path).await.expect(200);
            let (down, up, _) = walked(&world, &path).await;

            assert_eq!(first.ids(), ids[..objects], "{engine}, {bytes} bytes");
            assert_eq!(first.at("/links/prev"), &Value::Null);
            assert_eq!((&down, &up), (&ids, &ids), "{engine}, {bytes} bytes");
            let unknown = world.get(&format!("{path}?page[after]=act_none")).await;
            assert_eq!(unknown.status, 400, "{}", unknown.told());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_response_includes_as_many_objects_as_fit_and_names_all_of_them() {
    let measured = World::sqlite().await;
    let (held, _) = with_accounts(&measured).await;
    let all = measured.get(&format!("/cases/{held}?include=accounts")).await.expect(200);
    let included = all.at("/included").as_array().cloned().unwrap_or_default();
    assert_eq!(included.len(), 12);
    let size = |object: &Value| object.to_string().len() + 1;
    let five: usize = size(all.at("/data")) + included[..5].iter().map(size).sum::<usize>();

    for engine in engines() {
        for (bytes, objects) in [(five, 5), (five - 1, 4), (1, 0)] {
            let world = bounded(engine, bytes).await;
            let (held, ids) = with_accounts(&world).await;

            let answer = world.get(&format!("/cases/{held}?include=accounts")).await.expect(200);

            let included = answer.at("/included").as_array().cloned().unwrap_or_default();
            let shown: Vec<_> = included.iter().filter_map(|object| object["id"].as_str()).collect();
            assert_eq!(shown, ids[..objects], "{engine}, {bytes} bytes");
            let named = answer.at("/data/relationships/accounts/data").as_array().map(Vec::len);
            assert_eq!(named, Some(12), "{engine}: the relationships name those that are left out too");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_are_too_large_to_be_loaded_together_make_a_page_short_in_both_directions() {
    for engine in engines() {
        // Nothing bounds the page but what may be loaded for it.
        let world = bounded(engine, usize::MAX).await;
        let held = case(&world, &template(&world).await).await.id();
        let text = match engine {
            On::Sqlite => "replace(hex(zeroblob(524288)), '0', 'x')",
            On::Postgres => "repeat('x', 1048576)",
        };
        for n in 10..80 {
            let row = format!("'ccmt_{n}', environment_id, id, {text}, 1, {n}");
            let columns = "(id, environment_id, case_id, body, version, created_at)";
            world.fresh.run(&format!("INSERT INTO case_comment {columns} SELECT {row} FROM case_record")).await;
        }
        let ids: Vec<String> = (10..80).rev().map(|n| format!("ccmt_{n}")).collect();

        let (down, up, most) = walked(&world, &format!("/cases/{held}/comments?page[size]=100")).await;

        assert_eq!((&down, &up), (&ids, &ids), "{engine}");
        assert!(most > 32 << 20 && most < 64 << 20, "{engine}: {most}");
        world.get(&format!("/cases/{held}")).await.expect(200);
        world.call(Call::new("DELETE", &format!("/cases/{held}"))).await.expect(200);
        world.work_off(20).await;
        let left = world.fresh.count("SELECT count(*) FROM case_comment WHERE body <> ''").await;
        assert_eq!(left, 0, "{engine}: they are blanked a part at a time");
    }
}
