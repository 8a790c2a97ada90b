//! Marks of work to be done need the number of their issue; without one, it would never be done.

use super::Breach;
use super::lexer::{Piece, take_apart};
use super::tree::{File, Tree};

const MARKS: &[&str] = &["TODO", "FIXME"];

/// Returns every mark without a number.
pub fn check(tree: &Tree) -> Vec<Breach> {
    let words = "name the issue of what is left to do, as in TODO(#12), or do it";
    let marks = |file: &File| -> Vec<Breach> {
        let open = notes(file).into_iter().filter(|note| is_open_mark(&note.text));
        open.map(|note| Breach::new(&file.path, note.line, words)).collect()
    };
    tree.files().iter().flat_map(marks).collect()
}

/// The parts of a file where a mark counts: the comments of Rust, the whole text of other files.
fn notes(file: &File) -> Vec<Piece> {
    if file.is("rs") {
        return take_apart(&file.text).comments;
    }
    file.text.lines().enumerate().map(|(above, line)| Piece { line: above + 1, text: line.to_owned() }).collect()
}

fn is_open_mark(note: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    MARKS.iter().flat_map(|mark| note.match_indices(mark)).any(|(at, mark)| {
        let after = &note[at + mark.len()..];
        let is_word = !note[..at].ends_with(is_part) && !after.starts_with(is_part);
        let number = after.trim_start_matches([' ', '(']).strip_prefix('#');
        is_word && !number.is_some_and(|number| number.starts_with(|c: char| c.is_ascii_digit()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        check(&Tree::of(&[(path, text)])).iter().map(|breach| breach.line).collect()
    }

    #[test]
    fn a_mark_without_a_number_is_a_violation() {
        assert_eq!(lines("crates/a/src/b.rs", "fn a() {}\n// TODO: later\n/*\n FIXME(ada) */"), [2, 4]);
        assert_eq!(lines("web/src/app/a.ts", "// TODO\n"), [1]);
    }

    #[test]
    fn a_mark_with_a_number_is_valid() {
        assert!(lines("crates/a/src/b.rs", "// TODO(#12): later\n// FIXME #7 soon\n").is_empty());
    }

    #[test]
    fn the_word_in_a_string_or_in_a_longer_word_is_not_a_mark() {
        assert!(lines("crates/a/src/b.rs", "const A: &str = \"TODO\"; // TODOS\n").is_empty());
    }
}
