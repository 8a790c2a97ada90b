//! Merges two drafts that are based on the same one, step by step, by id. A part that only one side changed is taken
//! from that side; a part that both changed differently is a conflict, and a choice for each decides. Nothing else is
//! left out.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

mod flat;
mod order;
mod rename;

use flat::{Flat, ListKey, Placed};

/// One of two drafts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The draft to be saved.
    Mine,
    /// The stored draft.
    Theirs,
}

impl Side {
    /// The name of the side in a choice.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mine => "mine",
            Self::Theirs => "theirs",
        }
    }
}

/// The side to take, by the key of the conflict.
pub type Choices = BTreeMap<String, Side>;

/// The maximum number of steps and routes of a draft that is merged step by step, four times the limit for publishing.
/// A larger draft is one conflict: a merge runs in the writer, and compares parts with each other.
const PARTS_MAX: usize = 1_000;

/// The key of the conflict that is about the whole definition.
pub const WHOLE: &str = "definition";

/// A part of the definition that both sides changed differently.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// The key for a choice: `step:create_case`, `order:`, `trigger`, `output` or `definition`.
    pub key: String,
    /// The step, if the conflict is about a step.
    pub step: Option<String>,
    /// The part before both changes; `None` if it did not exist.
    pub base: Option<Value>,
    /// The part in the stored draft; `None` if it was removed.
    pub theirs: Option<Value>,
    /// The part in the draft to be saved; `None` if it was removed.
    pub mine: Option<Value>,
}

/// The result of merging two drafts.
#[derive(Clone, Debug, PartialEq)]
pub struct Merge {
    /// The merged definition. For each remaining conflict it contains the stored side.
    pub definition: Value,
    /// The conflicts that no choice decides.
    pub conflicts: Vec<Conflict>,
    /// Added steps of the draft to be saved whose id is taken by another new step of the stored draft: old id and new.
    pub renamed: BTreeMap<String, String>,
}

/// Merges the draft `mine`, which is based on `base`, with the stored draft `theirs`.
pub fn merge(base: &Value, theirs: &Value, mine: &Value, choices: &Choices) -> Merge {
    if theirs == base || theirs == mine {
        return Merge { definition: mine.clone(), conflicts: Vec::new(), renamed: BTreeMap::new() };
    }
    if mine == base {
        return Merge { definition: theirs.clone(), conflicts: Vec::new(), renamed: BTreeMap::new() };
    }
    let Some((base_flat, theirs_flat)) = Flat::of(base, None).and_then(|flat| {
        let theirs = Flat::of(theirs, Some(&flat))?;
        Some((flat, theirs))
    }) else {
        return whole(base, theirs, mine, choices);
    };
    let Some(mine_flat) = Flat::of(mine, Some(&base_flat)) else {
        return whole(base, theirs, mine, choices);
    };
    let renamed = rename::collisions(&base_flat, &theirs_flat, &mine_flat);
    let renamed_mine = rename::rename(mine, &renamed);
    let Some(mine_flat) = Flat::of(&renamed_mine, Some(&base_flat)) else {
        return whole(base, theirs, mine, choices);
    };
    let mut merger = Merger {
        base: base_flat,
        theirs: theirs_flat,
        mine: mine_flat,
        choices,
        conflicts: Vec::new(),
        states: BTreeMap::new(),
    };
    match merger.definition() {
        Some(definition) => Merge { definition, conflicts: merger.conflicts, renamed },
        None => whole(base, theirs, mine, choices),
    }
}

/// Both definitions as one conflict: for drafts that are not trees of steps, or that can't be merged.
fn whole(base: &Value, theirs: &Value, mine: &Value, choices: &Choices) -> Merge {
    let chosen = choices.get(WHOLE);
    let conflict = Conflict {
        key: WHOLE.to_owned(),
        step: None,
        base: Some(base.clone()),
        theirs: Some(theirs.clone()),
        mine: Some(mine.clone()),
    };
    Merge {
        definition: if chosen == Some(&Side::Mine) { mine.clone() } else { theirs.clone() },
        conflicts: if chosen.is_some() { Vec::new() } else { vec![conflict] },
        renamed: BTreeMap::new(),
    }
}

struct Merger<'c> {
    base: Flat,
    theirs: Flat,
    mine: Flat,
    choices: &'c Choices,
    conflicts: Vec<Conflict>,
    /// The steps of the merged definition.
    states: BTreeMap<String, Placed>,
}

impl Merger<'_> {
    /// The merged definition; `None` if the parts do not form a tree.
    fn definition(&mut self) -> Option<Value> {
        let rest = self.rest();
        let in_conflict = self.removals();
        let ids: BTreeSet<String> =
            [&self.base, &self.theirs, &self.mine].into_iter().flat_map(|flat| flat.steps.keys().cloned()).collect();
        for id in ids {
            let state = match in_conflict.get(&id) {
                Some(side) => self.side(*side).steps.get(&id).cloned(),
                None => self.state(&id),
            };
            if let Some(state) = state {
                self.states.insert(id, state);
            }
        }
        let lists = self.lists()?;
        let steps = flat::build(&self.states, &lists)?;
        Some(assembled(rest, steps))
    }

    fn side(&self, side: Side) -> &Flat {
        match side {
            Side::Mine => &self.mine,
            Side::Theirs => &self.theirs,
        }
    }

    /// The side of a choice; without a choice the conflict is recorded, and the stored side is used.
    fn choose(&mut self, conflict: Conflict) -> Side {
        if let Some(side) = self.choices.get(&conflict.key) {
            return *side;
        }
        self.conflicts.push(conflict);
        Side::Theirs
    }

    /// Everything of the definition except its steps, member by member.
    fn rest(&mut self) -> Map<String, Value> {
        let names: BTreeSet<String> =
            [&self.base, &self.theirs, &self.mine].into_iter().flat_map(|flat| flat.rest.keys().cloned()).collect();
        let mut rest = Map::new();
        for name in names {
            let [base, theirs, mine] = [&self.base, &self.theirs, &self.mine].map(|flat| flat.rest.get(&name).cloned());
            let taken = match three_way(&base, &theirs, &mine) {
                Some(Side::Mine) => mine,
                Some(Side::Theirs) => theirs,
                None => {
                    let conflict =
                        Conflict { key: name.clone(), step: None, base, theirs: theirs.clone(), mine: mine.clone() };
                    match self.choose(conflict) {
                        Side::Mine => mine,
                        Side::Theirs => theirs,
                    }
                }
            };
            if let Some(taken) = taken {
                rest.insert(name, taken);
            }
        }
        rest
    }

    /// Steps that one side removed, or whose route it removed, while the other side changed them or a step inside them.
    /// The outermost step is a conflict, and all steps inside it follow the chosen side.
    fn removals(&mut self) -> BTreeMap<String, Side> {
        let mut found: BTreeSet<String> = BTreeSet::new();
        for (remover, keeper) in [(&self.theirs, &self.mine), (&self.mine, &self.theirs)] {
            let in_conflict = |id: &&String| removes_what_changed(&self.base, remover, keeper, id);
            found.extend(self.base.steps.keys().filter(in_conflict).cloned());
        }
        let below = |id: &str| -> Vec<String> {
            [&self.theirs, &self.mine].into_iter().flat_map(|flat| flat.within(id)).map(str::to_owned).collect()
        };
        let inner: BTreeSet<String> = found.iter().flat_map(|id| below(id)).collect();
        let (outer, inner): (Vec<_>, Vec<_>) =
            found.into_iter().map(|id| (below(&id), id)).partition(|(_, id)| !inner.contains(id));
        let mut decided = BTreeMap::new();
        // Inner steps are decided with the outer one, except if two steps are each inside the other.
        for (below, id) in outer.into_iter().chain(inner) {
            if decided.contains_key(&id) {
                continue;
            }
            let conflict = self.of_step(&id, true);
            let side = self.choose(conflict);
            decided.extend(below.into_iter().map(|inner| (inner, side)));
            decided.insert(id, side);
        }
        decided
    }

    /// The merged state of a step that is in no removal conflict.
    fn state(&mut self, id: &str) -> Option<Placed> {
        let [base, theirs, mine] = [&self.base, &self.theirs, &self.mine].map(|flat| flat.steps.get(id).cloned());
        match (base, theirs, mine) {
            (None, Some(theirs), _) => Some(theirs),
            (None, None, mine) => mine,
            // Removed by one side, and unchanged by the other.
            (Some(_), None, _) | (Some(_), _, None) => None,
            (Some(base), Some(theirs), Some(mine)) => {
                let content = three_way(&base.content(), &theirs.content(), &mine.content());
                let parent = three_way(&base.parent, &theirs.parent, &mine.parent);
                let (content, parent) = match (content, parent) {
                    (Some(content), Some(parent)) => (content, parent),
                    _ => {
                        let conflict = self.of_step(id, false);
                        let side = self.choose(conflict);
                        (content.unwrap_or(side), parent.unwrap_or(side))
                    }
                };
                let of = |side| if side == Side::Mine { &mine } else { &theirs };
                Some(Placed { parent: of(parent).parent.clone(), ..of(content).clone() })
            }
        }
    }

    fn of_step(&self, id: &str, is_whole: bool) -> Conflict {
        let shown = |flat: &Flat| if is_whole { flat.nested(id) } else { flat.alone(id) };
        Conflict {
            key: format!("step:{id}"),
            step: Some(id.to_owned()),
            base: shown(&self.base),
            theirs: shown(&self.theirs),
            mine: shown(&self.mine),
        }
    }

    /// The steps of each list of the merged definition, in order.
    fn lists(&mut self) -> Option<BTreeMap<ListKey, Vec<String>>> {
        let mut members: BTreeMap<ListKey, BTreeSet<String>> = BTreeMap::new();
        for (id, state) in &self.states {
            members.entry(state.parent.clone()).or_default().insert(id.clone());
        }
        let mut lists = BTreeMap::new();
        for (key, members) in members {
            if let ListKey::Route(step, route) = &key
                && !self.states.get(step).is_some_and(|step| step.has_route(route))
            {
                return None;
            }
            let [base, theirs, mine] = [&self.base, &self.theirs, &self.mine].map(|flat| flat.list(&key));
            let ordered = match order::merged(base, theirs, mine, &members) {
                Ok(ordered) => ordered,
                Err(order::BothReordered) => {
                    let ids = |list: &[String]| Some(Value::from(list.to_vec()));
                    let conflict = Conflict {
                        key: format!("order:{key}"),
                        step: key.step().map(str::to_owned),
                        base: ids(base),
                        theirs: ids(theirs),
                        mine: ids(mine),
                    };
                    let (theirs, mine) = (theirs.to_vec(), mine.to_vec());
                    match self.choose(conflict) {
                        Side::Mine => order::on_spine(&mine, &theirs, &members),
                        Side::Theirs => order::on_spine(&theirs, &mine, &members),
                    }
                }
            };
            lists.insert(key, ordered);
        }
        Some(lists)
    }
}

/// Whether one side removed a step, or a route of it, while the other changed it or a step inside it.
fn removes_what_changed(base: &Flat, remover: &Flat, keeper: &Flat, id: &str) -> bool {
    let (Some(before), Some(kept)) = (base.steps.get(id), keeper.steps.get(id)) else { return false };
    let Some(left) = remover.steps.get(id) else {
        return keeper.is_touched(id, base) || keeper.within(id).any(|id| keeper.is_touched(id, base));
    };
    let mut removed = before.routes.iter().map(|(key, _)| key).filter(|key| !left.has_route(key)).peekable();
    if removed.peek().is_none() {
        return false;
    }
    let is_in_conflict = kept.content() != before.content() && kept.content() != left.content();
    is_in_conflict
        || removed.any(|key| {
            let list = ListKey::Route(id.to_owned(), key.clone());
            keeper.within_list(&list).iter().any(|id| keeper.is_touched(id, base))
        })
}

/// The side that changed a value; `None` if both changed it differently.
fn three_way<T: PartialEq>(base: &T, theirs: &T, mine: &T) -> Option<Side> {
    if mine == base || theirs == mine {
        Some(Side::Theirs)
    } else if theirs == base {
        Some(Side::Mine)
    } else {
        None
    }
}

/// The definition with its members in reading order.
fn assembled(mut rest: Map<String, Value>, steps: Vec<Value>) -> Value {
    let mut definition = Map::new();
    if let Some(trigger) = rest.remove("trigger") {
        definition.insert("trigger".to_owned(), trigger);
    }
    definition.insert("steps".to_owned(), Value::Array(steps));
    definition.extend(rest);
    Value::Object(definition)
}

#[cfg(test)]
mod tests;
