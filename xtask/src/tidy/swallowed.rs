//! Verbs must pass on the errors of the unit of work. A read returns "missing" if a row is not in memory yet; a verb
//! that discards this error would decide as if the row did not exist, and only under load.

use super::Breach;
use super::lexer::take_apart;
use super::tree::Tree;

const VERB_ROOMS: &[&str] = &["cases", "objects", "workflows", "events", "access", "steps"];
const READS: &[&str] =
    &["work.get", "work.find", "work.ask", "work.change", "work.remove", "work.number", "work.attempt"];

/// Returns every read of the unit of work, and every call that receives the unit of work, whose error is discarded.
pub fn check(tree: &Tree) -> Vec<Breach> {
    let in_verb_room = |path: &str| VERB_ROOMS.iter().any(|room| path.starts_with(&format!("crates/{room}/src/")));
    let files = tree.rust().filter(|file| in_verb_room(&file.path));
    files
        .flat_map(|file| {
            let code = Squeezed::new(&take_apart(file.before_tests()).code);
            let words = "the answer of a read is swallowed: hand it on with `?`, else a row that is only not loaded \
                         yet counts as absent";
            code.swallowing_lines().into_iter().map(|line| Breach::new(&file.path, line, words)).collect::<Vec<_>>()
        })
        .collect()
}

/// Code without white space, so that a chain of calls looks the same on one line and on five.
struct Squeezed {
    text: String,
    /// The line of each byte.
    lines: Vec<usize>,
}

impl Squeezed {
    fn new(code: &str) -> Self {
        let mut squeezed = Self { text: String::new(), lines: Vec::new() };
        for (above, line) in code.lines().enumerate() {
            for character in line.chars().filter(|c| !c.is_whitespace()) {
                squeezed.text.push(character);
                squeezed.lines.extend(std::iter::repeat_n(above + 1, character.len_utf8()));
            }
        }
        squeezed
    }

    fn swallowing_lines(&self) -> Vec<usize> {
        let reads = READS.iter().flat_map(|read| self.text.match_indices(read));
        let reads = reads.map(|(at, read)| (at, at + read.len()));
        let mut lines: Vec<usize> = reads
            .chain(self.verbs())
            .filter(|(start, end)| self.is_swallowed(*start, *end))
            .map(|(start, _)| self.lines[start])
            .collect();
        lines.sort_unstable();
        lines.dedup();
        lines
    }

    /// Calls that receive the unit of work: the position of the opening parenthesis, as start and end.
    fn verbs(&self) -> impl Iterator<Item = (usize, usize)> {
        let calls = self.text.match_indices('(').filter(|(at, _)| {
            let is_named = self.text[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '>');
            is_named && hands_on_the_work(&self.text[*at..])
        });
        calls.map(|(at, _)| (at, at))
    }

    fn is_swallowed(&self, start: usize, end: usize) -> bool {
        let before = &self.text[..start];
        let statement = &before[before.rfind([';', '{', '}']).map_or(0, |at| at + 1)..];
        match fate(&self.text[end..]) {
            Fate::HandedOn => false,
            Fate::Swallowed => true,
            // `if let Ok(row) = work.get(…)` and `let Ok(row) = work.get(…) else`.
            Fate::Open => statement.contains("letOk("),
        }
    }
}

/// Whether the unit of work is among the arguments of the call that begins with this parenthesis.
fn hands_on_the_work(call: &str) -> bool {
    let arguments = &call[1..call.len() - after_call(call).len()];
    let mut depth = 0_i32;
    let split = arguments.trim_end_matches(')').split(|c: char| {
        depth += i32::from("([{".contains(c)) - i32::from(")]}".contains(c));
        c == ',' && depth == 0
    });
    split.into_iter().any(|argument| argument == "work")
}

#[derive(PartialEq, Eq)]
enum Fate {
    HandedOn,
    Swallowed,
    Open,
}

/// Follows the chain of calls after a read: `::<Case>(id).map(…)?` and so on.
fn fate(mut rest: &str) -> Fate {
    rest = rest.trim_start_matches(|c: char| c != '(');
    loop {
        rest = after_call(rest);
        if rest.starts_with('?') {
            return Fate::HandedOn;
        }
        let Some(next) = rest.strip_prefix('.') else { return Fate::Open };
        let name_length = next.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(next.len());
        let (name, after) = next.split_at(name_length);
        if ["ok", "is_ok", "is_err", "is_ok_and"].contains(&name) || name.starts_with("unwrap_or") {
            return Fate::Swallowed;
        }
        rest = after.trim_start_matches(|c: char| c != '(' && c != '?' && c != ';');
        if !rest.starts_with('(') {
            return Fate::Open;
        }
    }
}

/// The text after the closing parenthesis that matches the first character.
fn after_call(text: &str) -> &str {
    let mut depth = 0_usize;
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return &text[(at + character.len_utf8()).min(text.len())..];
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<usize> {
        check(&Tree::of(&[("crates/cases/src/assign.rs", text)])).iter().map(|breach| breach.line).collect()
    }

    #[test]
    fn a_read_with_a_discarded_error_is_a_violation() {
        for swallowed in [
            "let case = work.get::<Case>(id).ok();",
            "let case = work.find(Key::of(id)).unwrap_or_default();",
            "let open = work.ask(&question).unwrap_or(0);",
            "let open = work.ask(&question).map(count).unwrap_or_else(|_| 0);",
            "if let Ok(case) = work.get(id) {",
            "let Ok(case) = work.get(id) else { return };",
            "let known = unit_of_work.get(id).is_ok();",
            "let case = update_status(work, &actor, &case, to, None).ok();",
            "let all = statuses_of(work, template).unwrap_or_default();",
            "if let Ok(case) = cases::create_case(work, &actor, &request) {",
            "let told = tell(actor, work).is_ok();",
            "let done = work.attempt(|work| update_status(work, id)).unwrap_or(Ok(()));",
            "work.change::<Case>(id, |case| case.tags.clear()).ok();",
        ] {
            assert_eq!(lines(swallowed), [1], "{swallowed}");
        }
    }

    #[test]
    fn a_chain_over_several_lines_is_checked() {
        assert_eq!(lines("let case = work\n    .get(id)\n    .map(|case| case.status)\n    .ok();\n"), [1]);
    }

    #[test]
    fn a_read_with_a_returned_error_is_valid() {
        for fine in [
            "let case = work.get::<Case>(id)?;",
            "let queue = work.find(key)?.unwrap_or_default();",
            "let label = work.get(id)?.label.parse().ok();",
            "work.get(id).map(|case| case.label.parse().ok())?;",
            "if let Ok(number) = text.parse() { work.get(number)? }",
            "if let Some(case) = work.find(key)? {",
            "work.get(id)",
            "let outcome = work.attempt(|work| update_status(work, id))?.ok();",
            "let done = update_status(work, &actor, id, parsed.unwrap_or(status))?;",
            "fn verb(work: &mut UnitOfWork) -> Verb<()> { hint(work, here); text.parse().ok() }",
            "names(a, workflow).ok();",
            "// work.get(id).ok()",
        ] {
            assert!(lines(fine).is_empty(), "{fine}");
        }
    }

    #[test]
    fn only_crates_with_verbs_are_checked_and_no_tests() {
        let text = "work.get(id).ok();";

        assert!(check(&Tree::of(&[("crates/api/src/v1/a.rs", text)])).is_empty());
        assert!(lines(&format!("#[cfg(test)]\nmod tests {{ {text} }}")).is_empty());
    }
}
