//! Drafts edited by several users: merging, conflicts, previous saves, and open editors.

use serde_json::{Value, json};

use crate::sessions::Browser;
use crate::things::one_of_each;
use crate::world::{Answer, Call, World, attributes, on_each_engine};

fn drawn(steps: &[(&str, &str)]) -> Value {
    let steps: Vec<_> = steps
        .iter()
        .map(|(id, status)| {
            json!({"id": id, "do": "case.update_status", "with": {"case": {"ref": "trigger"}, "status": status}})
        })
        .collect();
    json!({"trigger": {"on": ["case.created"]}, "steps": steps})
}

struct Drawing<'w> {
    world: &'w World,
    path: String,
    base: Value,
    etag: String,
}

impl<'w> Drawing<'w> {
    async fn of(world: &'w World, base: Value) -> Self {
        let made = world.post("/workflows", attributes(json!({"name": "W", "definition": base}))).await.expect(201);
        Self { world, path: format!("/workflows/{}", made.id()), base, etag: made.header("etag") }
    }

    /// Saves as a user who started from the base.
    async fn merge(&self, etag: &str, definition: &Value, choices: Value) -> Answer {
        let body = json!({"definition": definition, "base-definition": self.base, "choices": choices});
        let put = Call::new("PUT", &format!("{}/draft", self.path)).with("if-match", etag);
        self.world.call(put.json(attributes(body))).await
    }

    async fn saves(&self) -> Answer {
        self.world.get(&format!("{}/draft-saves", self.path)).await.expect(200)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_drafts_of_one_beginning_come_together() {
    on_each_engine(async |world| {
        let drawing = Drawing::of(&world, drawn(&[("a", "Open"), ("b", "Open")])).await;
        let theirs = drawn(&[("a", "Pending"), ("b", "Open"), ("t", "Open")]);
        let mine = drawn(&[("a", "Open"), ("b", "Approved"), ("m", "Open")]);
        let first = drawing.merge(&drawing.etag, &theirs, json!({})).await.expect(200);
        assert_eq!(first.at("/meta/merge"), &json!(null));

        let second = drawing.merge(&drawing.etag, &mine, json!({})).await.expect(200);

        let merged = drawn(&[("a", "Pending"), ("b", "Approved"), ("t", "Open"), ("m", "Open")]);
        assert_eq!(second.attribute("draft-definition"), &merged, "{}", second.told());
        assert_eq!(second.at("/meta/merge"), &json!({"saver": "ada@lantern.example", "renamed": []}));
        let kinds: Vec<_> = drawing.saves().await.body["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|save| save["attributes"]["kind"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(kinds.len(), 4);
        assert_eq!(kinds.iter().filter(|kind| *kind == "before-merge").count(), 1);
        assert_eq!(kinds.iter().filter(|kind| *kind == "merged").count(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_both_changed_is_shown_as_both_have_it_and_the_choice_decides() {
    on_each_engine(async |world| {
        let drawing = Drawing::of(&world, drawn(&[("a", "Open"), ("b", "Open")])).await;
        let theirs = drawn(&[("a", "Pending"), ("b", "Open")]);
        let mine = drawn(&[("a", "Approved"), ("b", "Open"), ("m", "Open")]);
        let first = drawing.merge(&drawing.etag, &theirs, json!({})).await.expect(200);

        let refused = drawing.merge(&drawing.etag, &mine, json!({})).await.expect(412);

        let meta = &refused.body["errors"][0]["meta"];
        let conflict = &meta["conflicts"][0];
        assert_eq!(meta["conflicts"].as_array().unwrap().len(), 1, "{}", refused.told());
        assert_eq!((&conflict["key"], &conflict["step"]), (&json!("step:a"), &json!("a")));
        assert_eq!((&conflict["base"], &conflict["theirs"]), (&drawing.base["steps"][0], &theirs["steps"][0]));
        assert_eq!((&conflict["mine"], &meta["theirs"]), (&mine["steps"][0], &theirs));
        assert_eq!(meta["saver"], "ada@lantern.example");
        let etag = format!("\"{}\"", meta["version"]);
        assert_eq!(etag, first.header("etag"));
        // A choice made for another draft than the stored one has no effect.
        drawing.merge(&drawing.etag, &mine, json!({"step:a": "mine"})).await.expect(412);
        drawing.merge(&etag, &mine, json!({"step:a": "both"})).await.expect(400);
        let saved = drawing.merge(&etag, &mine, json!({"step:a": "mine"})).await.expect(200);
        let merged = drawn(&[("a", "Approved"), ("b", "Open"), ("m", "Open")]);
        assert_eq!(saved.attribute("draft-definition"), &merged);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merge_needs_a_beginning_and_a_precondition() {
    on_each_engine(async |world| {
        let drawing = Drawing::of(&world, drawn(&[("a", "Open")])).await;
        let put = |body: Value| Call::new("PUT", &format!("{}/draft", drawing.path)).json(attributes(body));
        let definition = drawn(&[]);
        world.call(put(json!({"definition": definition, "base-definition": definition}))).await.expect(428);
        let choices = json!({"definition": definition, "choices": {"step:a": "mine"}});
        world.call(put(choices).with("if-match", "*")).await.expect(422);
        world
            .call(put(json!({"definition": definition, "base-definition": 7})).with("if-match", "*"))
            .await
            .expect(400);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_save_can_be_read_again_up_to_fifty() {
    on_each_engine(async |world| {
        let drawing = Drawing::of(&world, drawn(&[])).await;
        let save = async |name: &str| {
            let put = Call::new("PUT", &format!("{}/draft", drawing.path)).with("if-match", "*");
            let definition = drawn(&[(name, "Open")]);
            world.call(put.json(attributes(json!({"definition": definition})))).await.expect(200)
        };
        for number in 1..50 {
            save(&format!("s{number}")).await;
        }
        let all = async || {
            let listed = world.get(&format!("{}/draft-saves?page[size]=100", drawing.path)).await.expect(200);
            let mut found = Vec::new();
            for id in listed.ids() {
                let shown = world.get(&format!("{}/draft-saves/{id}", drawing.path)).await.expect(200);
                found.push(shown.attribute("definition").clone());
            }
            found
        };
        assert_eq!(all().await.len(), 50);
        assert!(all().await.contains(&drawn(&[])));

        save("s50").await;
        save("s50").await;

        let kept = all().await;
        assert_eq!(kept.len(), 50, "the same again is not kept twice");
        assert!(!kept.contains(&drawn(&[])) && kept.contains(&drawn(&[("s1", "Open")])));
        assert!(kept.contains(&drawn(&[("s50", "Open")])));
        let other = one_of_each(&world, &world.key).await;
        let foreign = other.iter().find(|(hole, _)| *hole == "{draft-save-id}").map(|(_, id)| id.clone()).unwrap();
        world.get(&format!("{}/draft-saves/{foreign}", drawing.path)).await.expect(404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_that_is_saved_or_discarded_is_an_event() {
    on_each_engine(async |world| {
        let drawing = Drawing::of(&world, drawn(&[])).await;
        let etag = world.call(Call::post(&format!("{}/publish", drawing.path))).await.expect(200).header("etag");
        drawing.merge(&etag, &drawn(&[("a", "Open")]), json!({})).await.expect(200);
        world.call(Call::new("DELETE", &format!("{}/draft", drawing.path)).with("if-match", "*")).await.expect(200);
        for name in ["workflow.draft-saved", "workflow.draft-discarded"] {
            let found = world.get(&format!("/events?filter[name]={name}")).await.expect(200);
            assert_eq!(found.ids().len(), 1, "{name}");
            assert_eq!(found.text("/data/0/attributes/payload/data/id"), drawing.path["/workflows/".len()..]);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_the_editor_open_is_shown_to_the_others() {
    on_each_engine(async |world| {
        let drawing = Drawing::of(&world, drawn(&[])).await;
        let path = format!("{}/presence", drawing.path);
        let mut ada = Browser::signed_in(&world).await;

        let alone = ada.call("POST", &path, None).await.expect(200);
        assert_eq!(alone.ids(), Vec::<String>::new());
        let seen = world.call(Call::post(&path)).await.expect(200);
        assert_eq!(seen.text("/data/0/attributes/email-address"), "ada@lantern.example");
        assert_eq!(world.call(Call::post(&path)).await.ids().len(), 1, "a program has no editor open");

        ada.call("DELETE", &path, None).await.expect(200);
        assert_eq!(world.call(Call::post(&path)).await.ids(), Vec::<String>::new());
        ada.call("POST", &path, None).await.expect(200);
        world.clock.advance_seconds(60);
        assert_eq!(world.call(Call::post(&path)).await.ids().len(), 1);
        world.clock.advance_seconds(1);
        assert_eq!(world.call(Call::post(&path)).await.ids().len(), 0, "the report expired");
    })
    .await;
}
