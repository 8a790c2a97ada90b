//! Separates the code of a Rust file from its strings and comments, which is all that the rules need of the language.

/// A piece of text and the number of its first line, from one.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece {
    pub line: usize,
    pub text: String,
}

/// A Rust file, separated into its parts.
#[derive(Default)]
pub struct Source {
    /// The code, with strings emptied and comments removed; its line breaks are unchanged.
    pub code: String,
    pub strings: Vec<Piece>,
    pub comments: Vec<Piece>,
}

/// Separates a Rust file into its parts.
pub fn take_apart(text: &str) -> Source {
    let mut scanner = Scanner { rest: text, line: 1, source: Source::default() };
    while scanner.step() {}
    scanner.source
}

struct Scanner<'a> {
    rest: &'a str,
    line: usize,
    source: Source,
}

impl<'a> Scanner<'a> {
    fn step(&mut self) -> bool {
        let Some(first) = self.rest.chars().next() else { return false };
        let after_word = self.source.code.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        if self.rest.starts_with("//") {
            self.comment(self.rest.find('\n').unwrap_or(self.rest.len()));
        } else if self.rest.starts_with("/*") {
            self.comment(block_comment_length(self.rest));
        } else if first == '"' {
            self.string(1, "\"", true);
        } else if let Some((opening, closing)) = raw_string(self.rest).filter(|_| !after_word) {
            self.string(opening, &closing, false);
        } else if first == '\'' {
            self.code(character_length(self.rest));
        } else {
            self.code(first.len_utf8());
        }
        true
    }

    fn code(&mut self, length: usize) {
        let (code, rest) = self.rest.split_at(length);
        // The content of a character literal is not code: a quote or a brace in it must not count.
        self.source.code.push_str(if code.starts_with('\'') && length > 1 { "' '" } else { code });
        self.line += code.matches('\n').count();
        self.rest = rest;
    }

    fn comment(&mut self, length: usize) {
        let (comment, rest) = self.rest.split_at(length);
        for (below, text) in comment.split('\n').enumerate() {
            self.source.comments.push(Piece { line: self.line + below, text: text.to_owned() });
        }
        self.keep_breaks(comment, rest);
    }

    /// Reads a string with content that begins after `opening` bytes and ends before `closing`.
    fn string(&mut self, opening: usize, closing: &str, has_escapes: bool) {
        let content = &self.rest[opening..];
        let mut end = 0;
        while end < content.len() && !content[end..].starts_with(closing) {
            let escape = has_escapes && content[end..].starts_with('\\');
            end += content[end..].chars().take(if escape { 2 } else { 1 }).map(char::len_utf8).sum::<usize>();
        }
        let text = content[..end].to_owned();
        self.source.strings.push(Piece { line: self.line, text });
        self.source.code.push_str("\"\"");
        let (string, rest) = self.rest.split_at((opening + end + closing.len()).min(self.rest.len()));
        self.keep_breaks(string, rest);
    }

    /// Continues after a skipped part, and keeps its line breaks in the code.
    fn keep_breaks(&mut self, passed: &str, rest: &'a str) {
        let breaks = passed.matches('\n').count();
        self.source.code.push_str(&"\n".repeat(breaks));
        self.line += breaks;
        self.rest = rest;
    }
}

fn block_comment_length(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                break;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

/// The length of a raw string's opening and its closing mark, if one begins here.
fn raw_string(text: &str) -> Option<(usize, String)> {
    let after_kind = text.strip_prefix("br").or_else(|| text.strip_prefix("cr")).or_else(|| text.strip_prefix('r'))?;
    let hashes = after_kind.len() - after_kind.trim_start_matches('#').len();
    after_kind[hashes..].starts_with('"').then(|| {
        let opening = text.len() - after_kind.len() + hashes + 1;
        (opening, format!("\"{}", "#".repeat(hashes)))
    })
}

/// The length of a character literal, or one for the tick of a lifetime.
fn character_length(text: &str) -> usize {
    let mut characters = text.char_indices().skip(1);
    match characters.next() {
        Some((_, '\\')) => {
            let closing = characters.skip(1).find(|(_, c)| *c == '\'');
            closing.map_or(1, |(at, _)| at + 1)
        }
        Some(_) => characters.next().filter(|(_, c)| *c == '\'').map_or(1, |(at, _)| at + 1),
        None => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(text: &str) -> Vec<(usize, String)> {
        take_apart(text).strings.into_iter().map(|piece| (piece.line, piece.text)).collect()
    }

    #[test]
    fn strings_of_every_type_are_found_with_their_line() {
        let text = "a(\"one \\\" still\");\nb(r#\"two \" still\"#);\n\nc(b\"three\", br\"four\\\");";

        let found = strings(text);

        assert_eq!(found[0], (1, "one \\\" still".into()));
        assert_eq!(found[1], (2, "two \" still".into()));
        assert_eq!(found[2], (4, "three".into()));
        assert_eq!(found[3], (4, "four\\".into()));
    }

    #[test]
    fn a_string_in_a_comment_is_not_a_string() {
        assert_eq!(strings("// \"no\"\n/* \"no\" /* \"no\" */ \"no\" */ f(\"yes\")"), [(2, "yes".into())]);
    }

    #[test]
    fn a_comment_in_a_string_is_not_a_comment() {
        assert!(take_apart("f(\"// no\")").comments.is_empty());
    }

    #[test]
    fn characters_and_lifetimes_do_not_open_a_string() {
        assert_eq!(strings("f::<'a>('\"', '\\'', '\\\\', '{', \"yes\")"), [(1, "yes".into())]);
    }

    #[test]
    fn the_code_keeps_its_lines_and_loses_strings_and_comments() {
        let source = take_apart("let a = \"x\ny\"; // why\nlet b = '}';");

        assert_eq!(source.code, "let a = \"\"\n; \nlet b = ' ';");
        assert_eq!(source.comments, [Piece { line: 2, text: "// why".into() }]);
    }

    #[test]
    fn a_file_that_ends_in_the_middle_is_read_to_its_end() {
        assert_eq!(strings("f(\"never closed"), [(1, "never closed".into())]);
        assert_eq!(take_apart("/* never closed").comments.len(), 1);
    }
}
