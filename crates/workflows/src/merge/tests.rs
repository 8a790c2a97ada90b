use proptest::prelude::*;
use serde_json::json;

use super::*;

fn step(id: &str, status: &str) -> Value {
    json!({"id": id, "do": "case.update_status", "with": {"case": {"ref": "trigger"}, "status": status}})
}

fn fork(id: &str, routes: &[(&str, Vec<Value>)]) -> Value {
    let routes: Vec<_> = routes.iter().map(|(label, steps)| json!({"label": label, "steps": steps})).collect();
    json!({"id": id, "choose": routes})
}

fn drawn(steps: &[Value]) -> Value {
    json!({"trigger": {"on": ["case.created"]}, "steps": steps})
}

fn merged(base: &Value, theirs: &Value, mine: &Value) -> Merge {
    merge(base, theirs, mine, &Choices::new())
}

fn ids(definition: &Value) -> Vec<String> {
    fn walk(steps: &Value, found: &mut Vec<String>) {
        for step in steps.as_array().into_iter().flatten() {
            found.extend(step["id"].as_str().map(str::to_owned));
            for route in step["choose"].as_array().into_iter().flatten() {
                walk(&route["steps"], found);
            }
        }
    }
    let mut found = Vec::new();
    walk(&definition["steps"], &mut found);
    found
}

fn keys(merge: &Merge) -> Vec<&str> {
    merge.conflicts.iter().map(|conflict| conflict.key.as_str()).collect()
}

#[test]
fn steps_that_two_people_add_are_both_kept() {
    let base = drawn(&[step("a", "Open")]);
    let theirs = drawn(&[step("a", "Open"), step("t", "Pending")]);
    let mine = drawn(&[step("m", "Open"), step("a", "Open"), step("n", "Approved")]);

    let merge = merged(&base, &theirs, &mine);

    assert_eq!(merge.conflicts, []);
    assert_eq!(ids(&merge.definition), ["m", "a", "t", "n"]);
}

#[test]
fn changes_of_different_steps_and_parts_are_merged() {
    let base = json!({
        "trigger": {"on": ["case.created"]},
        "steps": [step("a", "Open"), step("b", "Open"), step("c", "Open"), step("d", "Open")],
    });
    let mut theirs = base.clone();
    theirs["steps"][0] = step("a", "Pending");
    theirs["trigger"] = json!({"on": ["case.created", "case.reopened"]});
    theirs["steps"].as_array_mut().unwrap().remove(2);
    let mut mine = base.clone();
    mine["steps"][1] = step("b", "Approved");
    mine["output"] = json!({"decision": "yes"});
    mine["steps"].as_array_mut().unwrap().swap(1, 3);

    let merge = merged(&base, &theirs, &mine);

    assert_eq!(merge.conflicts, []);
    assert_eq!(
        merge.definition,
        json!({
            "trigger": {"on": ["case.created", "case.reopened"]},
            "steps": [step("a", "Pending"), step("d", "Open"), step("b", "Approved")],
            "output": {"decision": "yes"},
        })
    );
}

#[test]
fn one_step_that_both_changed_is_a_conflict_and_the_choice_decides() {
    let base = drawn(&[step("a", "Open"), step("b", "Open")]);
    let theirs = drawn(&[step("a", "Pending"), step("b", "Open")]);
    let mine = drawn(&[step("a", "Approved"), step("b", "Declined")]);

    let merge = merged(&base, &theirs, &mine);

    assert_eq!(keys(&merge), ["step:a"]);
    let conflict = &merge.conflicts[0];
    assert_eq!(
        (&conflict.base, &conflict.theirs, &conflict.mine),
        (&Some(step("a", "Open")), &Some(step("a", "Pending")), &Some(step("a", "Approved")))
    );
    for (side, status) in [(Side::Mine, "Approved"), (Side::Theirs, "Pending")] {
        let chosen = super::merge(&base, &theirs, &mine, &Choices::from([("step:a".to_owned(), side)]));
        assert_eq!(chosen.conflicts, []);
        assert_eq!(chosen.definition, drawn(&[step("a", status), step("b", "Declined")]));
    }
}

#[test]
fn a_change_that_both_made_is_no_conflict() {
    let base = drawn(&[step("a", "Open")]);
    let theirs = drawn(&[step("a", "Pending"), step("t", "Open")]);
    let mine = drawn(&[step("a", "Pending"), step("m", "Open")]);

    assert_eq!(merged(&base, &theirs, &mine).conflicts, []);
}

#[test]
fn a_step_that_one_removed_is_removed_unless_the_other_changed_it() {
    let base = drawn(&[step("a", "Open"), step("b", "Open")]);
    let removed = drawn(&[step("b", "Open")]);

    let other_changed = drawn(&[step("a", "Open"), step("b", "Pending")]);
    assert_eq!(merged(&base, &removed, &other_changed).definition, drawn(&[step("b", "Pending")]));

    let same_changed = drawn(&[step("a", "Pending"), step("b", "Open")]);
    let merge = merged(&base, &removed, &same_changed);
    assert_eq!(keys(&merge), ["step:a"]);
    assert_eq!(merge.conflicts[0].theirs, None);
    assert_eq!(keys(&merged(&base, &same_changed, &removed)), ["step:a"]);
}

#[test]
fn a_route_that_one_removed_and_the_other_changed_is_one_conflict() {
    let base = drawn(&[fork("f", &[("Yes", vec![step("a", "Open")]), ("Else", vec![])])]);
    let removed = drawn(&[fork("f", &[("Else", vec![])])]);
    let added = drawn(&[fork("f", &[("Yes", vec![step("a", "Open"), step("n", "Open")]), ("Else", vec![])])]);

    let merge = merged(&base, &removed, &added);

    assert_eq!(keys(&merge), ["step:f"]);
    assert_eq!(merge.conflicts[0].mine.as_ref(), added.pointer("/steps/0"));
    let choose = |side| super::merge(&base, &removed, &added, &Choices::from([("step:f".to_owned(), side)])).definition;
    assert_eq!((choose(Side::Mine), choose(Side::Theirs)), (added, removed));
}

#[test]
fn a_route_that_one_renamed_keeps_the_steps_that_the_other_added() {
    let base = drawn(&[fork("f", &[("Yes", vec![step("a", "Open")]), ("Else", vec![])])]);
    let renamed = drawn(&[fork("f", &[("Match", vec![step("a", "Open")]), ("Else", vec![])])]);
    let drew = drawn(&[fork("f", &[("Yes", vec![step("a", "Open"), step("n", "Open")]), ("Else", vec![])])]);

    let merge = merged(&base, &renamed, &drew);

    assert_eq!(merge.conflicts, []);
    assert_eq!(
        merge.definition,
        drawn(&[fork("f", &[("Match", vec![step("a", "Open"), step("n", "Open")]), ("Else", vec![])])])
    );
}

#[test]
fn two_new_steps_of_one_id_are_both_kept_and_references_follow() {
    let base = drawn(&[step("a", "Open")]);
    let theirs = drawn(&[step("a", "Open"), step("update_case_status", "Pending")]);
    let reader = json!({
        "id": "tell", "do": "object.tag",
        "with": {"object": {"ref": "update_case_status.case"}, "tags": ["{{ update_case_status.status }} now", "{{a.status}}"],
                 "note": {"literal": "update_case_status"}},
    });
    let mine = drawn(&[step("a", "Open"), step("update_case_status", "Approved"), reader]);

    let merge = merged(&base, &theirs, &mine);

    assert_eq!(merge.conflicts, []);
    assert_eq!(ids(&merge.definition), ["a", "update_case_status", "update_case_status_2", "tell"]);
    assert_eq!(merge.renamed, BTreeMap::from([("update_case_status".to_owned(), "update_case_status_2".to_owned())]));
    let with = merge.definition.pointer("/steps/3/with").unwrap();
    assert_eq!(
        with,
        &json!({"object": {"ref": "update_case_status_2.case"}, "tags": ["{{ update_case_status_2.status }} now", "{{a.status}}"],
                "note": {"literal": "update_case_status"}})
    );
}

#[test]
fn two_new_orders_of_one_list_are_a_conflict() {
    let [a, b, c] = ["a", "b", "c"].map(|id| step(id, "Open"));
    let base = drawn(&[a.clone(), b.clone(), c.clone()]);
    let theirs = drawn(&[b.clone(), a.clone(), c.clone()]);
    let mine = drawn(&[a.clone(), c.clone(), b.clone()]);

    assert_eq!(keys(&merged(&base, &theirs, &mine)), ["order:"]);
    let chosen = super::merge(&base, &theirs, &mine, &Choices::from([("order:".to_owned(), Side::Mine)]));
    assert_eq!(ids(&chosen.definition), ["a", "c", "b"]);
}

#[test]
fn steps_moved_into_each_other_are_a_conflict_of_the_whole_definition() {
    let base = drawn(&[fork("f", &[("Else", vec![])]), fork("g", &[("Else", vec![])])]);
    let theirs = drawn(&[fork("f", &[("Else", vec![fork("g", &[("Else", vec![])])])])]);
    let mine = drawn(&[fork("g", &[("Else", vec![fork("f", &[("Else", vec![])])])])]);

    let merge = merged(&base, &theirs, &mine);

    assert_eq!(keys(&merge), [WHOLE]);
    let chosen = super::merge(&base, &theirs, &mine, &Choices::from([(WHOLE.to_owned(), Side::Mine)]));
    assert_eq!((chosen.definition, chosen.conflicts), (mine, vec![]));
}

#[test]
fn drafts_that_are_not_trees_of_steps_are_one_conflict() {
    let base = drawn(&[step("a", "Open")]);
    let broken = drawn(&[step("a", "Open"), step("a", "Pending")]);
    let mine = drawn(&[step("a", "Approved")]);

    assert_eq!(keys(&merged(&base, &broken, &mine)), [WHOLE]);
    assert_eq!(keys(&merged(&base, &json!({"steps": 7}), &mine)), [WHOLE]);
    assert_eq!(keys(&merged(&json!(null), &base, &mine)), [WHOLE]);
}

/// A random edit of a definition. The numbers select existing steps, routes and lists.
#[derive(Clone, Debug)]
enum Deed {
    Change(usize, u8),
    Remove(usize),
    Move(usize, usize, usize),
    Add(usize, usize, u8, bool),
    AddRoute(usize, u8),
    RemoveRoute(usize, usize),
    Rename(usize, usize, u8),
}

fn deed() -> impl Strategy<Value = Deed> {
    let place = 0_usize..12;
    prop_oneof![
        (place.clone(), 0_u8..3).prop_map(|(at, to)| Deed::Change(at, to)),
        place.clone().prop_map(Deed::Remove),
        (place.clone(), place.clone(), place.clone()).prop_map(|(from, list, at)| Deed::Move(from, list, at)),
        (place.clone(), place.clone(), 0_u8..6, any::<bool>())
            .prop_map(|(list, at, id, is_fork)| Deed::Add(list, at, id, is_fork)),
        (place.clone(), 0_u8..3).prop_map(|(at, label)| Deed::AddRoute(at, label)),
        (place.clone(), place.clone()).prop_map(|(at, route)| Deed::RemoveRoute(at, route)),
        (place.clone(), place, 0_u8..3).prop_map(|(at, route, label)| Deed::Rename(at, route, label)),
    ]
}

/// The pointers of all lists of a definition.
fn lists(definition: &Value) -> Vec<String> {
    fn walk(steps: &Value, at: &str, found: &mut Vec<String>) {
        found.push(at.to_owned());
        for (place, step) in steps.as_array().into_iter().flatten().enumerate() {
            for (route, shown) in step["choose"].as_array().into_iter().flatten().enumerate() {
                walk(&shown["steps"], &format!("{at}/{place}/choose/{route}/steps"), found);
            }
        }
    }
    let mut found = Vec::new();
    walk(&definition["steps"], "/steps", &mut found);
    found
}

fn pick<T: Clone>(of: &[T], at: usize) -> Option<T> {
    (!of.is_empty()).then(|| of[at % of.len()].clone())
}

/// The pointer of a step or of a conditional.
fn some_step(definition: &Value, at: usize, is_fork: bool) -> Option<String> {
    let steps: Vec<String> = lists(definition)
        .into_iter()
        .flat_map(|list| {
            let steps = definition.pointer(&list).and_then(Value::as_array).cloned().unwrap_or_default();
            let fitting = steps.into_iter().enumerate().filter(|(_, step)| !is_fork || step.get("choose").is_some());
            fitting.map(|(place, _)| format!("{list}/{place}")).collect::<Vec<_>>()
        })
        .collect();
    pick(&steps, at)
}

fn take(definition: &mut Value, pointer: &str) -> Value {
    let (list, place) = pointer.rsplit_once('/').unwrap();
    definition.pointer_mut(list).unwrap().as_array_mut().unwrap().remove(place.parse().unwrap())
}

fn put(definition: &mut Value, list: usize, at: usize, step: Value) {
    let list = pick(&lists(definition), list).unwrap();
    let steps = definition.pointer_mut(&list).unwrap().as_array_mut().unwrap();
    steps.insert(at % (steps.len() + 1), step);
}

fn done(mut definition: Value, deeds: &[Deed]) -> Value {
    for deed in deeds {
        match deed {
            Deed::Change(at, to) => {
                if let Some(step) = some_step(&definition, *at, false) {
                    definition.pointer_mut(&step).unwrap()["name"] = json!(format!("Name {to}"));
                }
            }
            Deed::Remove(at) => {
                if let Some(step) = some_step(&definition, *at, false) {
                    take(&mut definition, &step);
                }
            }
            Deed::Move(from, list, at) => {
                if let Some(step) = some_step(&definition, *from, false) {
                    let step = take(&mut definition, &step);
                    put(&mut definition, *list, *at, step);
                }
            }
            Deed::Add(list, at, id, is_fork) => {
                let id = format!("new{id}");
                if !ids(&definition).contains(&id) {
                    let made =
                        if *is_fork { fork(&id, &[("Left", vec![]), ("Else", vec![])]) } else { step(&id, "Open") };
                    put(&mut definition, *list, *at, made);
                }
            }
            Deed::AddRoute(at, label) => {
                if let Some(step) = some_step(&definition, *at, true) {
                    let routes = definition.pointer_mut(&step).unwrap()["choose"].as_array_mut().unwrap();
                    routes.insert(0, json!({"label": format!("Route {label}"), "steps": []}));
                }
            }
            Deed::RemoveRoute(at, route) => {
                if let Some(step) = some_step(&definition, *at, true) {
                    let routes = definition.pointer_mut(&step).unwrap()["choose"].as_array_mut().unwrap();
                    if !routes.is_empty() {
                        routes.remove(route % routes.len());
                    }
                }
            }
            Deed::Rename(at, route, label) => {
                if let Some(step) = some_step(&definition, *at, true) {
                    let routes = definition.pointer_mut(&step).unwrap()["choose"].as_array_mut().unwrap();
                    let count = routes.len();
                    if count > 0 {
                        routes[route % count]["label"] = json!(format!("Route {label}"));
                    }
                }
            }
        }
    }
    definition
}

fn begun() -> Value {
    let inner = fork("g", &[("Deep", vec![step("e", "Open")]), ("Else", vec![])]);
    drawn(&[
        step("a", "Open"),
        fork("f", &[("Left", vec![step("b", "Open"), inner, step("c", "Open")]), ("Else", vec![step("d", "Open")])]),
        step("h", "Open"),
    ])
}

/// The ids that the merged definition lacks without a reason. A reason is that one side removed the step and the other
/// left it unchanged.
fn lost(base: &Value, theirs: &Value, mine: &Value, merge: &Merge) -> Vec<String> {
    let base = Flat::of(base, None).unwrap();
    let theirs = Flat::of(theirs, Some(&base)).unwrap();
    let mine = Flat::of(&rename::rename(mine, &merge.renamed), Some(&base)).unwrap();
    let there = ids(&merge.definition);
    let is_reasoned = |id: &String| {
        let removed_by = |remover: &Flat, keeper: &Flat| {
            base.steps.contains_key(id) && !remover.steps.contains_key(id) && !keeper.is_touched(id, &base)
        };
        removed_by(&theirs, &mine) || removed_by(&mine, &theirs)
    };
    let all: BTreeSet<String> = theirs.steps.keys().chain(mine.steps.keys()).cloned().collect();
    all.into_iter().filter(|id| !there.contains(id) && !is_reasoned(id)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_step_disappears_unless_one_removed_it_and_the_other_left_it(
        before in prop::collection::vec(deed(), 0..4),
        of_theirs in prop::collection::vec(deed(), 0..6),
        of_mine in prop::collection::vec(deed(), 0..6),
        sides in prop::collection::vec(any::<bool>(), 8),
    ) {
        let base = done(begun(), &before);
        let (theirs, mine) = (done(base.clone(), &of_theirs), done(base.clone(), &of_mine));

        let merge = merged(&base, &theirs, &mine);

        if merge.conflicts.is_empty() {
            prop_assert_eq!(lost(&base, &theirs, &mine, &merge), Vec::<String>::new());
        }
        let flat = Flat::of(&merge.definition, None);
        prop_assert!(flat.is_some(), "the merged definition is a tree of steps with an id each");
        let choices: Choices = merge
            .conflicts
            .iter()
            .zip(sides.iter().cycle())
            .map(|(conflict, is_mine)| (conflict.key.clone(), if *is_mine { Side::Mine } else { Side::Theirs }))
            .collect();
        let chosen = super::merge(&base, &theirs, &mine, &choices);
        // Parts that can't be merged although each has a choice leave one choice, of the whole definition.
        prop_assert!(chosen.conflicts.iter().all(|conflict| conflict.key == WHOLE), "{:?}", keys(&chosen));
        prop_assert!(Flat::of(&chosen.definition, None).is_some());
    }

    #[test]
    fn what_only_one_side_drew_is_what_comes_out(of_one in prop::collection::vec(deed(), 0..8)) {
        let base = begun();
        let one = done(base.clone(), &of_one);

        prop_assert_eq!(merged(&base, &one, &base).definition, one.clone());
        prop_assert_eq!(merged(&base, &base, &one).definition, one);
    }

    #[test]
    fn the_merged_steps_do_not_depend_on_the_save_order(
        of_theirs in prop::collection::vec(deed(), 0..5),
        of_mine in prop::collection::vec(deed(), 0..5),
    ) {
        let base = begun();
        let (theirs, mine) = (done(base.clone(), &of_theirs), done(base.clone(), &of_mine));
        let (one, other) = (merged(&base, &theirs, &mine), merged(&base, &mine, &theirs));

        prop_assert_eq!(one.conflicts.is_empty(), other.conflicts.is_empty());
        if one.conflicts.is_empty() {
            let sorted = |merge: &Merge| ids(&merge.definition).into_iter().collect::<BTreeSet<_>>();
            prop_assert_eq!(sorted(&one), sorted(&other));
        }
    }
}

#[test]
fn drafts_of_a_thousand_parts_are_merged_step_by_step_and_larger_ones_are_one_conflict() {
    let many = |count: usize| -> Vec<Value> { (0..count).map(|number| step(&format!("s{number}"), "Open")).collect() };
    for (parts, expected) in [(PARTS_MAX, vec![]), (PARTS_MAX + 1, vec![WHOLE])] {
        let base = drawn(&many(parts));
        let (mut theirs, mut mine) = (base.clone(), base.clone());
        theirs["steps"][0] = step("s0", "Theirs");
        mine["steps"][1] = step("s1", "Mine");

        assert_eq!(keys(&merged(&base, &theirs, &mine)), expected, "{parts} steps");
    }
    let routes = |count: usize| json!([{"id": "fork", "choose": vec![json!({"steps": []}); count]}]);
    for (parts, expected) in [(PARTS_MAX, vec![]), (PARTS_MAX + 1, vec![WHOLE])] {
        let base = json!({"trigger": {"on": ["case.created"]}, "steps": routes(parts - 1)});
        let (mut theirs, mut mine) = (base.clone(), base.clone());
        theirs["steps"][0]["choose"][0]["label"] = json!("Theirs");
        mine["trigger"]["on"] = json!(["case.resolved"]);

        assert_eq!(keys(&merged(&base, &theirs, &mine)), expected, "{parts} parts");
    }
}
