//! The order of a list that two sides changed.

use std::collections::BTreeSet;

/// Both sides changed the order of the shared steps, differently.
pub(super) struct BothReordered;

/// The members of a list in order: the order of the side that changed it, with the steps that the other side added
/// after the step that they follow there.
pub(super) fn merged(
    base: &[String],
    theirs: &[String],
    mine: &[String],
    members: &BTreeSet<String>,
) -> Result<Vec<String>, BothReordered> {
    let shared: BTreeSet<&String> =
        base.iter().filter(|id| theirs.contains(id) && mine.contains(id) && members.contains(*id)).collect();
    let order = |list: &[String]| list.iter().filter(|id| shared.contains(id)).cloned().collect::<Vec<_>>();
    let (base, of_theirs, of_mine) = (order(base), order(theirs), order(mine));
    if of_mine == base || of_mine == of_theirs {
        Ok(on_spine(theirs, mine, members))
    } else if of_theirs == base {
        Ok(on_spine(mine, theirs, members))
    } else {
        Err(BothReordered)
    }
}

/// The members in the order of one list; members only in the other list follow the step that they follow there.
pub(super) fn on_spine(spine: &[String], other: &[String], members: &BTreeSet<String>) -> Vec<String> {
    let mut ordered: Vec<String> = spine.iter().filter(|id| members.contains(*id)).cloned().collect();
    let added: BTreeSet<String> = ordered.iter().filter(|id| !other.contains(id)).cloned().collect();
    let mut place = 0;
    for id in other.iter().filter(|id| members.contains(*id)) {
        if let Some(at) = ordered.iter().position(|known| known == id) {
            place = at + 1;
            continue;
        }
        // Steps that the first side added at the same place come first.
        while ordered.get(place).is_some_and(|next| added.contains(next)) {
            place += 1;
        }
        ordered.insert(place, id.clone());
        place += 1;
    }
    let missing: Vec<String> = members.iter().filter(|id| !ordered.contains(id)).cloned().collect();
    ordered.extend(missing);
    ordered
}
