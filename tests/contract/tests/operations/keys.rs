//! API keys: their permissions, their end, and that each is shown only once.

use docket_kernel::Permission;
use serde_json::{Value, json};

use crate::things::template;
use crate::world::{Call, World, attributes, on_each_engine};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_may_at_most_what_its_maker_may() {
    let world = World::sqlite().await;
    let maker = world.new_key(vec![Permission::ApiKeyWrite, Permission::CaseRead], None).await;
    let make = |permissions: Value| Call::post("/api-keys").key(&maker).json(attributes(permissions));

    let beyond = world.call(make(json!({"name": "K", "permissions": ["case.read", "case.write"]}))).await.expect(422);
    let unknown = world.call(make(json!({"name": "K", "permissions": ["installation.operate"]}))).await.expect(422);
    let usual = world.call(make(json!({"name": "K"}))).await.expect(201);

    assert_eq!(beyond.pointers(), ["/data/attributes/permissions/1"]);
    assert_eq!(unknown.pointers(), ["/data/attributes/permissions/0"]);
    assert_eq!(usual.attribute("permissions"), &json!(["api_key.write", "case.read"]));
    let restricted = json!({"name": "K", "ip-address-allowlist": ["192.0.2.1"]});
    assert!(world.call(make(restricted)).await.expect(422).details().contains("does not support ip-address-allowlist"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_changed_with_a_key_that_was_ended_wherever_it_is_still_believed() {
    on_each_engine(async |mut world| {
        let made = world.post("/api-keys", attributes(json!({"name": "Short"}))).await.expect(201);
        let (id, key) = (made.id(), made.text("/data/attributes/value"));
        let template = template(&world).await;
        let body = json!({"data": {"attributes": {"case-template-id": template}}});
        let open = || Call::post("/cases").key(&key).with("idempotency-key", "once").json(body.clone());
        let (here, there) = (world.router.clone(), world.other_node());
        for node in [&there, &here] {
            world.router = node.clone();
            world.call(Call::get("/cases").key(&key)).await.expect(200);
        }

        world.post(&format!("/api-keys/{id}/expire"), json!({"meta": {"expires-in-seconds": 0}})).await.expect(200);

        world.clock.advance_micros(1_000);
        world.call(Call::get("/cases").key(&key)).await.expect(401);
        world.call(open()).await.expect(401);
        world.router = there;
        world.call(open()).await.expect(401);
        assert_eq!(world.get("/cases").await.ids().len(), 0);
        assert_eq!(world.fresh.count("SELECT count(*) FROM answer").await, 0, "a 401 is not remembered");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_was_ended_opens_nothing_a_second_later() {
    on_each_engine(async |world| {
        let made = world.post("/api-keys", attributes(json!({"name": "Short"}))).await.expect(201);
        let (id, key) = (made.id(), made.text("/data/attributes/value"));
        world.call(Call::get("/cases").key(&key)).await.expect(200);

        let ended = world.post(&format!("/api-keys/{id}/expire"), json!({"meta": {"expires-in-seconds": 0}})).await;

        assert!(ended.expect(200).attribute("expires-at").is_string());
        world.clock.advance_seconds(1);
        world.call(Call::get("/cases").key(&key)).await.expect(401);
        let shown = world.get(&format!("/api-keys/{id}")).await.expect(200);
        assert_eq!(shown.attribute("value"), &Value::Null);
        let later = json!({"meta": {"expires-in-seconds": 60}});
        let still = world.post(&format!("/api-keys/{id}/expire"), later).await.expect(200);
        assert_eq!(still.attribute("expires-at"), shown.attribute("expires-at"));
        world.post(&format!("/api-keys/{id}/expire"), json!({"meta": {"expires-in-seconds": -1}})).await.expect(422);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_is_not_remembered_for_an_idempotency_key() {
    let world = World::sqlite().await;
    for (path, name) in [("/api-keys", "value"), ("/sources", "secret")] {
        let call = Call::post(path).with("idempotency-key", path).json(attributes(json!({"name": "Once"})));

        let first = world.call(call.clone()).await.expect(201);

        let secret = first.text(&format!("/data/attributes/{name}"));
        assert!(!secret.is_empty());
        assert!(world.call(call).await.expect(409).details().contains("was shown once"));
        let kept = world.fresh.read("SELECT body FROM answer").await;
        assert!(kept.iter().all(|body| !body.contains(&secret)), "{kept:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_answer_includes_opens_nothing_that_is_closed_by_itself() {
    on_each_engine(async |world| {
        let account = world.post("/accounts", attributes(json!({"reference-id": "r-1"}))).await.expect(201).id();
        let template = template(&world).await;
        let body = json!({"data": {"attributes": {"case-template-id": template}}, "meta": {"object-ids": [account]}});
        let case = world.post("/cases", body).await.expect(201).id();
        let key = world.new_key(vec![Permission::CaseRead], None).await;
        let get = async |path: &str| world.call(Call::get(path).key(&key)).await;
        get(&format!("/accounts/{account}")).await.expect(403);

        let told = get(&format!("/cases/{case}?include=accounts,case-template")).await.expect(200);
        let held = get(&format!("/cases/{case}/objects")).await.expect(200);

        assert_eq!(told.at("/included"), &json!([]));
        assert_eq!(told.text("/data/relationships/accounts/data/0/id"), account);
        assert_eq!(held.ids(), Vec::<String>::new());
        let all = world.get(&format!("/cases/{case}?include=accounts,case-template")).await.expect(200);
        assert_eq!(all.at("/included").as_array().map(Vec::len), Some(2));
    })
    .await;
}
