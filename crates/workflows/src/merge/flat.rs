//! A definition as steps by id: each with its own content and the list that contains it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Map, Value};

use super::PARTS_MAX;

/// A list of steps: the top list, or that of a route.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ListKey {
    /// The steps of the definition.
    Top,
    /// The steps of a route of a conditional: the conditional's id and the route's key.
    Route(String, String),
}

impl ListKey {
    /// The conditional that contains the route.
    pub fn step(&self) -> Option<&str> {
        match self {
            Self::Top => None,
            Self::Route(step, _) => Some(step),
        }
    }
}

impl fmt::Display for ListKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Top => Ok(()),
            Self::Route(step, route) => write!(f, "{step}/{route}"),
        }
    }
}

/// The members of a step, whether it has routes, and its routes without their steps.
pub(super) type Content<'s> = (&'s Map<String, Value>, bool, &'s [(String, Map<String, Value>)]);

/// A step without the steps in its routes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Placed {
    /// Its members except its routes.
    pub own: Map<String, Value>,
    /// Whether it has routes.
    pub is_choose: bool,
    /// Its routes without their steps, by keys that identify the same route in all three definitions.
    pub routes: Vec<(String, Map<String, Value>)>,
    /// The list that contains it.
    pub parent: ListKey,
}

impl Placed {
    /// Its content, independent of its place.
    pub fn content(&self) -> Content<'_> {
        (&self.own, self.is_choose, &self.routes)
    }

    pub fn has_route(&self, key: &str) -> bool {
        self.routes.iter().any(|(own, _)| own == key)
    }
}

/// A definition as separate parts.
#[derive(Clone, Debug, Default)]
pub(super) struct Flat {
    /// Every step, by id.
    pub steps: BTreeMap<String, Placed>,
    /// Everything except the steps.
    pub rest: Map<String, Value>,
    lists: BTreeMap<ListKey, Vec<String>>,
}

impl Flat {
    /// Splits a definition into parts; its routes get the keys of the matching routes of `base`. `None` if it is not a
    /// tree of steps with unique ids, or if it has more than [`PARTS_MAX`] parts.
    pub fn of(definition: &Value, base: Option<&Self>) -> Option<Self> {
        if parts_of(definition.get("steps").unwrap_or(&Value::Null)) > PARTS_MAX {
            return None;
        }
        let mut flat = Self::default();
        for (name, value) in definition.as_object()? {
            if name == "steps" {
                flat.take_list(value, &ListKey::Top, base)?;
            } else {
                flat.rest.insert(name.clone(), value.clone());
            }
        }
        Some(flat)
    }

    fn take_list(&mut self, steps: &Value, parent: &ListKey, base: Option<&Self>) -> Option<()> {
        for step in steps.as_array()? {
            let step = step.as_object()?;
            let id = step.get("id")?.as_str().filter(|id| !id.is_empty())?;
            let routes = match step.get("choose") {
                None => Vec::new(),
                Some(routes) => routes.as_array()?.iter().map(Value::as_object).collect::<Option<Vec<_>>>()?,
            };
            let keys = match base {
                None => (0..routes.len()).map(|place| place.to_string()).collect(),
                Some(base) => keys_of(&routes, id, base),
            };
            let mut own = step.clone();
            let is_choose = own.remove("choose").is_some();
            let mut shells = Vec::new();
            for (key, route) in keys.iter().zip(&routes) {
                let mut shell = (*route).clone();
                shell.remove("steps");
                shells.push((key.clone(), shell));
            }
            let placed = Placed { own, is_choose, routes: shells, parent: parent.clone() };
            if self.steps.insert(id.to_owned(), placed).is_some() {
                return None;
            }
            self.lists.entry(parent.clone()).or_default().push(id.to_owned());
            for (key, route) in keys.iter().zip(routes) {
                if let Some(steps) = route.get("steps") {
                    self.take_list(steps, &ListKey::Route(id.to_owned(), key.clone()), base)?;
                }
            }
        }
        Some(())
    }

    /// The ids of a list, in order.
    pub fn list(&self, key: &ListKey) -> &[String] {
        self.lists.get(key).map_or(&[], Vec::as_slice)
    }

    /// Every step inside a step.
    pub fn within(&self, id: &str) -> impl Iterator<Item = &str> {
        let mut waiting: Vec<&str> = vec![id];
        let mut found = Vec::new();
        while let Some(next) = waiting.pop() {
            let Some(step) = self.steps.get(next) else { continue };
            for (route, _) in &step.routes {
                let inner = self.list(&ListKey::Route(next.to_owned(), route.clone()));
                found.extend(inner.iter().map(String::as_str));
                waiting.extend(inner.iter().map(String::as_str));
            }
        }
        found.into_iter()
    }

    /// Every step of a list, and the steps inside them.
    pub fn within_list(&self, key: &ListKey) -> Vec<String> {
        let direct = self.list(key);
        let below = direct.iter().flat_map(|id| self.within(id).map(str::to_owned));
        direct.iter().cloned().chain(below).collect()
    }

    /// Whether a step is new here, changed, or moved to another list.
    pub fn is_touched(&self, id: &str, base: &Self) -> bool {
        self.steps.get(id) != base.steps.get(id)
    }

    /// A step with all steps in its routes.
    pub fn nested(&self, id: &str) -> Option<Value> {
        self.steps.contains_key(id).then(|| built(id, &self.steps, &self.lists))
    }

    /// A step without the steps in its routes.
    pub fn alone(&self, id: &str) -> Option<Value> {
        self.steps.contains_key(id).then(|| built(id, &self.steps, &BTreeMap::new()))
    }
}

/// Whether a route matches one of the base: its index and the route, and the base's index, key and route.
type SameRoute<'f> = &'f dyn Fn(usize, &Map<String, Value>, usize, &str, &Map<String, Value>) -> bool;

/// The number of steps and routes in a list of steps.
fn parts_of(steps: &Value) -> usize {
    let steps = steps.as_array().map_or(&[][..], Vec::as_slice);
    let routes = steps.iter().filter_map(|step| step.get("choose")?.as_array()).flatten();
    steps.len() + routes.map(|route| 1 + route.get("steps").map_or(0, parts_of)).sum::<usize>()
}

/// The keys of the routes of a step: the keys of the matching base routes, and new keys from the labels of the others.
///
/// A route matches the base route with the same label, else one that shares a step, else the one at the same index.
fn keys_of(routes: &[&Map<String, Value>], id: &str, base: &Flat) -> Vec<String> {
    let before: &[(String, Map<String, Value>)] = base.steps.get(id).map_or(&[], |step| &step.routes);
    let mut keys: Vec<Option<String>> = vec![None; routes.len()];
    let mut free: BTreeSet<&str> = before.iter().map(|(key, _)| key.as_str()).collect();
    let holds = |route: &Map<String, Value>, key: &str| {
        let inner = base.list(&ListKey::Route(id.to_owned(), key.to_owned()));
        let steps = route.get("steps").and_then(Value::as_array).into_iter().flatten();
        steps.filter_map(|step| step.get("id")?.as_str()).any(|id| inner.iter().any(|known| known == id))
    };
    let by_label: SameRoute<'_> = &|_, route, _, _, old| route.get("label") == old.get("label");
    let by_steps: SameRoute<'_> = &|_, route, _, key, _| holds(route, key);
    let by_place: SameRoute<'_> = &|place, route, old_place, key, old| {
        place == old_place
            && (route.get("when") == old.get("when")
                || base.list(&ListKey::Route(id.to_owned(), key.to_owned())).is_empty())
            && route.contains_key("when") == old.contains_key("when")
    };
    for is_same in [by_label, by_steps, by_place] {
        for (place, route) in routes.iter().enumerate() {
            if keys[place].is_some() {
                continue;
            }
            let found = before.iter().enumerate().find(|(old_place, (key, old))| {
                free.contains(key.as_str()) && is_same(place, route, *old_place, key, old)
            });
            if let Some((_, (key, _))) = found {
                free.remove(key.as_str());
                keys[place] = Some(key.clone());
            }
        }
    }
    let mut made: BTreeSet<String> = BTreeSet::new();
    keys.into_iter().zip(routes).map(|(key, route)| key.unwrap_or_else(|| new_key(route, &mut made))).collect()
}

/// A key for a route that the base does not have: routes with the same label added by both sides get the same key.
fn new_key(route: &Map<String, Value>, made: &mut BTreeSet<String>) -> String {
    let label = route.get("label").and_then(Value::as_str).unwrap_or_default();
    let mut key = format!("+{label}");
    let mut count = 1;
    while !made.insert(key.clone()) {
        count += 1;
        key = format!("+{label} {count}");
    }
    key
}

/// The top list of steps; `None` if steps are in each other's routes, so that they form no tree.
pub(super) fn build(steps: &BTreeMap<String, Placed>, lists: &BTreeMap<ListKey, Vec<String>>) -> Option<Vec<Value>> {
    for id in steps.keys() {
        let mut above: BTreeSet<&str> = BTreeSet::from([id.as_str()]);
        let mut here = id.as_str();
        while let Some(parent) = steps.get(here)?.parent.step() {
            if !above.insert(parent) {
                return None;
            }
            here = parent;
        }
    }
    let top = lists.get(&ListKey::Top).map_or(&[][..], Vec::as_slice);
    Some(top.iter().map(|id| built(id, steps, lists)).collect())
}

/// A step with the steps of its routes from these lists.
fn built(id: &str, steps: &BTreeMap<String, Placed>, lists: &BTreeMap<ListKey, Vec<String>>) -> Value {
    let Some(step) = steps.get(id) else { return Value::Null };
    let mut whole = step.own.clone();
    if step.is_choose {
        let routes = step.routes.iter().map(|(key, shell)| {
            let mut route = shell.clone();
            let inner = lists.get(&ListKey::Route(id.to_owned(), key.clone())).map_or(&[][..], Vec::as_slice);
            route.insert("steps".to_owned(), inner.iter().map(|id| built(id, steps, lists)).collect());
            Value::Object(route)
        });
        whole.insert("choose".to_owned(), routes.collect());
    }
    Value::Object(whole)
}
