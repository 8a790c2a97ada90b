//! Reads one text from a JSON document. A parser would be this tool's only dependency.

/// The text at the end of a path of keys, such as `environments`, `sandbox`, `api_key`.
pub fn text_at(document: &str, path: &[&str]) -> Option<String> {
    let mut reader = Reader { rest: document };
    for key in path {
        reader.enter(key)?;
    }
    reader.text()
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    /// Moves into an object, to the value of a key.
    fn enter(&mut self, key: &str) -> Option<()> {
        self.take('{')?;
        loop {
            let found = self.text()?;
            self.take(':')?;
            if found == key {
                return Some(());
            }
            self.skip_value()?;
            self.take(',')?;
        }
    }

    fn take(&mut self, wanted: char) -> Option<()> {
        self.rest = self.rest.trim_start().strip_prefix(wanted)?;
        Some(())
    }

    fn text(&mut self) -> Option<String> {
        self.take('"')?;
        let mut text = String::new();
        let mut characters = self.rest.char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Some(text);
                }
                '\\' => text.push(unescape(characters.by_ref().map(|(_, c)| c))?),
                plain => text.push(plain),
            }
        }
        None
    }

    fn skip_value(&mut self) -> Option<()> {
        self.rest = self.rest.trim_start();
        let mut depth = 0_u32;
        loop {
            match self.rest.chars().next()? {
                '"' => {
                    self.text()?;
                    continue;
                }
                '{' | '[' => depth += 1,
                ',' if depth == 0 => return Some(()),
                '}' | ']' => depth = depth.checked_sub(1)?,
                _ => {}
            }
            let first = self.rest.chars().next()?.len_utf8();
            self.rest = &self.rest[first..];
        }
    }
}

/// Decodes what follows a backslash. Docket's programs print characters beyond the basic plane without escapes.
fn unescape(mut following: impl Iterator<Item = char>) -> Option<char> {
    Some(match following.next()? {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'u' => {
            let digits: String = following.take(4).collect();
            char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?
        }
        itself => itself,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETUP: &str = r#"{
        "organization_id": "org_1",
        "notes": ["api_key", {"api_key": "no"}, 7.5, null, true, "a } in a \"text\""],
        "environments": {
            "production": {"id": "env_2", "api_key": "production key"},
            "sandbox": {"api_key": "docket\u002dsandbox\\key", "id": "env_1"}
        }
    }"#;

    #[test]
    fn a_text_is_found_at_the_end_of_its_path() {
        assert_eq!(text_at(SETUP, &["environments", "sandbox", "api_key"]).as_deref(), Some("docket-sandbox\\key"));
        assert_eq!(text_at(SETUP, &["organization_id"]).as_deref(), Some("org_1"));
    }

    #[test]
    fn a_path_without_a_text_at_its_end_finds_nothing() {
        assert_eq!(text_at(SETUP, &["environments", "staging", "api_key"]), None);
        assert_eq!(text_at(SETUP, &["environments"]), None);
        assert_eq!(text_at("", &["environments"]), None);
        assert_eq!(text_at("{\"a\": \"unfinished", &["a"]), None);
    }
}
