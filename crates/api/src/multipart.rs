//! Reads the parts of a form as the JSON body that they represent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::inflection::escape;
use crate::json::{BodyError, DEPTH_MAX};

/// One part of a multipart form, read completely.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// The member that it sets, such as `data[attributes][fields][amount]` or `meta[object-ids][]`.
    pub name: String,
    /// The name of its file; a part without one contains text.
    pub filename: Option<String>,
    /// The media type of the file, as sent by the caller.
    pub content_type: Option<String>,
    /// The content, unless it is stored elsewhere.
    pub bytes: Vec<u8>,
    /// Where the content of a file is stored, if it is.
    pub stored: Option<Stored>,
}

/// A file that was stored while it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its index among the files of the request.
    pub place: usize,
    /// Its size in bytes.
    pub byte_size: usize,
    /// The SHA-256 of its bytes, in hexadecimal.
    pub digest: String,
}

/// The limits of a form.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The most parts.
    pub parts_max: usize,
    /// The most bytes of one part's name.
    pub name_bytes_max: usize,
    /// The most bytes of one part that contains text.
    pub text_bytes_max: usize,
    /// The most bytes of all parts' content together.
    pub total_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { parts_max: 1_000, name_bytes_max: 1_024, text_bytes_max: 1 << 20, total_bytes_max: 40 << 20 }
    }
}

/// Builds the JSON body that a form represents.
///
/// Text stays text; a file becomes `{filename, data, content-type}` with its content in base64, or, if it is stored
/// elsewhere, `{filename, part, byte-size, digest, content-type}` with its index among the files. `[]` appends to a
/// list; `[][name]` sets a member of the list's last object and starts the next object when that member is already set,
/// which is how forms write lists of objects. Refuses what [`crate::json::parse`] refuses, names that contradict one
/// another, and with 413 what exceeds `limits`.
pub fn parse(parts: impl IntoIterator<Item = Part>, limits: Limits) -> Result<Value, BodyError> {
    let mut root = Value::Object(Map::new());
    let mut bytes = 0;
    for (count, part) in parts.into_iter().enumerate() {
        bytes += part.bytes.len();
        limits.check(&part, count + 1)?;
        if bytes > limits.total_bytes_max {
            let refusal = format!("form is larger than {} bytes", limits.total_bytes_max);
            return Err(BodyError::too_large(refusal, None));
        }
        let steps = steps(&part.name)?;
        let pointer = pointer(&steps);
        let value = value(part, &pointer)?;
        place(&mut root, &steps, value).map_err(|message| BodyError::malformed(message, Some(pointer)))?;
    }
    Ok(root)
}

impl Limits {
    /// Refuses a part that exceeds the number of parts, or whose bytes so far exceed a limit.
    pub(crate) fn check(&self, part: &Part, count: usize) -> Result<(), BodyError> {
        let refusal = if count > self.parts_max {
            format!("form has more than {} parts", self.parts_max)
        } else if part.name.len() > self.name_bytes_max {
            format!("a part's name is longer than {} bytes", self.name_bytes_max)
        } else if part.filename.is_none() && part.bytes.len() > self.text_bytes_max {
            format!("part '{}' is text of more than {} bytes", part.name, self.text_bytes_max)
        } else {
            return Ok(());
        };
        Err(BodyError::too_large(refusal, None))
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Name(String),
    Append,
}

/// Splits `data[a][b][]` into its steps.
fn steps(name: &str) -> Result<Vec<Step>, BodyError> {
    let odd = || {
        let shown: String = name.chars().filter(|character| *character != '\0').take(80).collect();
        BodyError::malformed(format!("part name '{shown}' is not like data[attributes][name]"), None)
    };
    let (first, mut rest) = name.find('[').map_or((name, ""), |at| name.split_at(at));
    if first.is_empty() || first.contains(']') || name.contains('\0') {
        return Err(odd());
    }
    let mut out = vec![Step::Name(first.to_owned())];
    while !rest.is_empty() {
        let inside = rest.strip_prefix('[').ok_or_else(odd)?;
        let (step, after) = inside.split_once(']').ok_or_else(odd)?;
        if step.contains('[') {
            return Err(odd());
        }
        out.push(if step.is_empty() { Step::Append } else { Step::Name(step.to_owned()) });
        rest = after;
    }
    if out.len() > DEPTH_MAX {
        return Err(BodyError::malformed("form is nested too deeply; 64 levels are allowed", None));
    }
    Ok(out)
}

fn pointer(steps: &[Step]) -> String {
    steps.iter().fold(String::new(), |mut pointer, step| {
        if let Step::Name(name) = step {
            pointer.push('/');
            pointer.push_str(&escape(name));
        }
        pointer
    })
}

fn value(part: Part, pointer: &str) -> Result<Value, BodyError> {
    if let Some(filename) = part.filename {
        let content_type = part.content_type.unwrap_or_else(|| "application/octet-stream".to_owned());
        if filename.contains('\0') || content_type.contains('\0') {
            return Err(BodyError::malformed("text must not contain the NUL character", Some(pointer.to_owned())));
        }
        let mut file = Map::with_capacity(5);
        file.insert("filename".to_owned(), filename.into());
        match part.stored {
            Some(Stored { place, byte_size, digest }) => {
                file.insert("part".to_owned(), place.into());
                file.insert("byte-size".to_owned(), byte_size.into());
                file.insert("digest".to_owned(), digest.into());
            }
            None => drop(file.insert("data".to_owned(), STANDARD.encode(&part.bytes).into())),
        }
        file.insert("content-type".to_owned(), content_type.into());
        return Ok(Value::Object(file));
    }
    match String::from_utf8(part.bytes) {
        Ok(text) if !text.contains('\0') => Ok(Value::String(text)),
        Ok(_) => Err(BodyError::malformed("text must not contain the NUL character", Some(pointer.to_owned()))),
        Err(_) => Err(BodyError::malformed("text is not UTF-8", Some(pointer.to_owned()))),
    }
}

const CLASH: &str = "two parts of the form give this member different types";

fn place(at: &mut Value, steps: &[Step], value: Value) -> Result<(), &'static str> {
    let Some((step, rest)) = steps.split_first() else {
        if at.is_null() {
            *at = value;
            return Ok(());
        }
        return Err("two parts of the form have the same name");
    };
    match step {
        Step::Name(name) => {
            become_if_new(at, || Value::Object(Map::new()));
            let members = at.as_object_mut().ok_or(CLASH)?;
            place(members.entry(name.clone()).or_insert(Value::Null), rest, value)
        }
        Step::Append => {
            become_if_new(at, || Value::Array(Vec::new()));
            let items = at.as_array_mut().ok_or(CLASH)?;
            let goes_on = items.last().is_some_and(|last| has_room(last, rest));
            if !goes_on {
                items.push(Value::Null);
            }
            items.last_mut().map_or(Err(CLASH), |last| place(last, rest, value))
        }
    }
}

fn become_if_new(at: &mut Value, shape: impl FnOnce() -> Value) {
    if at.is_null() {
        *at = shape();
    }
}

/// Whether `steps` lead to a free place in the last object of a list.
fn has_room(at: &Value, steps: &[Step]) -> bool {
    match (at, steps.split_first()) {
        (Value::Object(members), Some((Step::Name(name), rest))) => {
            members.get(name).is_none_or(|member| has_room(member, rest))
        }
        (Value::Array(_), Some((Step::Append, _))) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(name: &str, content: &str) -> Part {
        Part { name: name.to_owned(), bytes: content.as_bytes().to_vec(), ..Part::default() }
    }

    fn file(name: &str, content: &[u8]) -> Part {
        Part {
            name: name.to_owned(),
            filename: Some("id.png".to_owned()),
            content_type: Some("image/png".to_owned()),
            bytes: content.to_vec(),
            stored: None,
        }
    }

    fn texts(parts: &[(&str, &str)]) -> Result<Value, BodyError> {
        parse(parts.iter().map(|(name, content)| text(name, content)), Limits::default())
    }

    #[test]
    fn names_in_brackets_become_a_tree() {
        let body = texts(&[
            ("data[attributes][case-template-id]", "ctmpl_1"),
            ("data[attributes][fields][amount]", "12"),
            ("meta[object-ids][]", "act_1"),
            ("meta[object-ids][]", "inq_1"),
        ]);
        let tree = json!({
            "data": {"attributes": {"case-template-id": "ctmpl_1", "fields": {"amount": "12"}}},
            "meta": {"object-ids": ["act_1", "inq_1"]},
        });
        assert_eq!(body, Ok(tree));
    }

    #[test]
    fn a_list_of_objects_starts_the_next_one_when_a_member_is_taken() {
        let body = texts(&[("a[][n]", "1"), ("a[][m][]", "2"), ("a[][m][]", "3"), ("a[][n]", "4"), ("a[][x][y]", "5")]);
        assert_eq!(body, Ok(json!({"a": [{"n": "1", "m": ["2", "3"]}, {"n": "4", "x": {"y": "5"}}]})));
    }

    #[test]
    fn a_file_becomes_its_name_content_and_media_type() {
        let body = parse([file("data[attributes][attachments][]", b"\x00\xff")], Limits::default());
        let carried = json!({"filename": "id.png", "data": "AP8=", "content-type": "image/png"});
        assert_eq!(body, Ok(json!({"data": {"attributes": {"attachments": [carried]}}})));
    }

    #[test]
    fn parts_that_contradict_one_another_are_refused() {
        let table: [(&[(&str, &str)], &str); 4] = [
            (&[("a", "1"), ("a", "2")], "/a"),
            (&[("a", "1"), ("a[b]", "2")], "/a/b"),
            (&[("a[]", "1"), ("a[b]", "2")], "/a/b"),
            (&[("a[b]", "1"), ("a[]", "2")], "/a"),
        ];
        for (parts, pointer) in table {
            let error = texts(parts).unwrap_err();
            assert_eq!((error.status, error.pointer.as_deref()), (400, Some(pointer)), "{error}");
        }
    }

    #[test]
    fn odd_names_and_odd_text_are_refused() {
        let deep = format!("a{}", "[b]".repeat(DEPTH_MAX));
        for name in ["", "[a]", "a]", "a[b", "a[b]c", "a[b[c]]", "a\0", deep.as_str()] {
            assert_eq!(texts(&[(name, "1")]).unwrap_err().status, 400, "{name}");
        }
        let not_text = Part { name: "a".to_owned(), bytes: vec![0xff], ..Part::default() };
        assert_eq!(parse([not_text], Limits::default()).unwrap_err().message, "text is not UTF-8");
        assert_eq!(texts(&[("a[b]", "x\0")]).unwrap_err().pointer.as_deref(), Some("/a/b"));
    }

    #[test]
    fn a_form_over_a_limit_is_too_large_and_one_at_the_limit_is_read() {
        let limits = Limits { parts_max: 2, name_bytes_max: 3, text_bytes_max: 4, total_bytes_max: 10 };
        let at_the_limit = [text("abc", "1234"), file("b", b"123456")];
        assert!(parse(at_the_limit, limits).is_ok());
        let over = [
            vec![text("a", ""), text("b", ""), text("c", "")],
            vec![text("abcd", "")],
            vec![text("a", "12345")],
            vec![file("a", b"12345678901")],
        ];
        for parts in over {
            assert_eq!(parse(parts, limits).unwrap_err().status, 413);
        }
    }
}
