//! Conversion between the values of an entity and cells.

use std::cell::RefCell;
use std::ops::Deref;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::table::{Blob, Cell, ColumnKind, RowError};

/// A type that fits in one column.
pub trait Field: Sized {
    /// The column's type.
    const KIND: ColumnKind;
    /// Writes the value to a cell.
    fn write(&self) -> Cell;
    /// Reads the value from a cell.
    fn read(cell: Cell) -> Result<Self, RowError>;
    /// The value as text, for columns that are used for lookups.
    fn text(&self) -> Option<Arc<str>> {
        None
    }
}

/// What a cell holds instead, and never its value: the sentence goes to logs and to the faults that people see, which no
/// redaction reaches.
fn wrong<T>(wanted: &str, cell: &Cell) -> Result<T, RowError> {
    let found = match cell {
        Cell::Null => "nothing",
        Cell::Text(_) => "text",
        Cell::Int(_) => "a whole number",
        Cell::Bool(_) => "yes or no",
        Cell::Json(_) => "JSON",
        Cell::Blob(_) => "bytes",
    };
    Err(RowError(format!("expected {wanted}, the column holds {found}")))
}

impl Field for Arc<str> {
    const KIND: ColumnKind = ColumnKind::Text;
    fn write(&self) -> Cell {
        Cell::Text(Self::clone(self))
    }
    fn read(cell: Cell) -> Result<Self, RowError> {
        match cell {
            Cell::Text(text) => Ok(text),
            other => wrong("text", &other),
        }
    }
    fn text(&self) -> Option<Arc<str>> {
        Some(Self::clone(self))
    }
}

impl Field for String {
    const KIND: ColumnKind = ColumnKind::Text;
    fn write(&self) -> Cell {
        Cell::Text(Arc::from(self.as_str()))
    }
    fn read(cell: Cell) -> Result<Self, RowError> {
        <Arc<str>>::read(cell).map(|text| text.as_ref().to_owned())
    }
    fn text(&self) -> Option<Arc<str>> {
        Some(Arc::from(self.as_str()))
    }
}

impl Field for i64 {
    const KIND: ColumnKind = ColumnKind::Int;
    fn write(&self) -> Cell {
        Cell::Int(*self)
    }
    fn read(cell: Cell) -> Result<Self, RowError> {
        match cell {
            Cell::Int(number) => Ok(number),
            other => wrong("a whole number", &other),
        }
    }
}

impl Field for bool {
    const KIND: ColumnKind = ColumnKind::Bool;
    fn write(&self) -> Cell {
        Cell::Bool(*self)
    }
    fn read(cell: Cell) -> Result<Self, RowError> {
        match cell {
            Cell::Bool(truth) => Ok(truth),
            Cell::Int(number) => Ok(number != 0),
            other => wrong("yes or no", &other),
        }
    }
}

impl Field for Blob {
    const KIND: ColumnKind = ColumnKind::Blob;
    fn write(&self) -> Cell {
        Cell::Blob(self.clone())
    }
    fn read(cell: Cell) -> Result<Self, RowError> {
        match cell {
            Cell::Blob(bytes) => Ok(bytes),
            other => wrong("bytes", &other),
        }
    }
}

impl<T: Field> Field for Option<T> {
    const KIND: ColumnKind = T::KIND;
    fn write(&self) -> Cell {
        self.as_ref().map_or(Cell::Null, Field::write)
    }
    fn read(cell: Cell) -> Result<Self, RowError> {
        if cell == Cell::Null { Ok(None) } else { T::read(cell).map(Some) }
    }
    fn text(&self) -> Option<Arc<str>> {
        self.as_ref().and_then(Field::text)
    }
}

/// A value stored as a JSON document. Cheap to clone; changed through [`Json::edit`].
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Json<T>(Arc<T>);

impl<T> Json<T> {
    /// Wraps a value.
    pub fn new(value: T) -> Self {
        Self(Arc::new(value))
    }
}

impl<T: Clone> Json<T> {
    /// A mutable reference to the value.
    pub fn edit(&mut self) -> &mut T {
        Arc::make_mut(&mut self.0)
    }
}

impl<T> Clone for Json<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for Json<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> From<T> for Json<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: Serialize> Serialize for Json<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

thread_local! {
    static JSON: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl<T: Serialize + DeserializeOwned> Field for Json<T> {
    const KIND: ColumnKind = ColumnKind::Json;
    fn write(&self) -> Cell {
        // Serializes into a reused buffer, then copies the result: a batch writes hundreds of rows.
        JSON.with_borrow_mut(|buffer| {
            buffer.clear();
            serde_json::to_writer(&mut *buffer, &*self.0).expect("a value stored as JSON serializes as JSON");
            Cell::Json(Arc::from(str::from_utf8(buffer).expect("JSON is text")))
        })
    }
    fn read(cell: Cell) -> Result<Self, RowError> {
        match cell {
            Cell::Json(text) | Cell::Text(text) => serde_json::from_str(&text).map(Self::new).map_err(|error| {
                // The words of the error quote what it found.
                let (place, kind) = (error.column(), error.classify());
                RowError(format!("a JSON column can't be read: {kind:?} error at character {place}"))
            }),
            other => wrong("JSON", &other),
        }
    }
}

/// An enum whose variants are words: the same in columns, in JSON and in the API.
#[macro_export]
macro_rules! text_enum {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        $vis enum $name { $($(#[$vmeta])* $variant),* }

        impl $name {
            /// Every variant, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The variant's word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// The variant of a word.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)* _ => None }
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.as_str()) }
        }
        impl $crate::macros::serde::Serialize for $name {
            fn serialize<S: $crate::macros::serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(self.as_str())
            }
        }
        impl<'de> $crate::macros::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::macros::serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <String as $crate::macros::serde::Deserialize>::deserialize(d)?;
                Self::parse(&text).ok_or_else(|| {
                    $crate::macros::serde::de::Error::custom(format!("{text:?} is not one of {:?}", Self::ALL))
                })
            }
        }
        impl $crate::Field for $name {
            const KIND: $crate::ColumnKind = $crate::ColumnKind::Text;
            fn write(&self) -> $crate::Cell { $crate::Cell::Text(std::sync::Arc::from(self.as_str())) }
            fn read(cell: $crate::Cell) -> Result<Self, $crate::RowError> {
                let text = <std::sync::Arc<str> as $crate::Field>::read(cell)?;
                Self::parse(&text).ok_or_else(|| $crate::RowError(format!("the text is not one of {:?}", Self::ALL)))
            }
            fn text(&self) -> Option<std::sync::Arc<str>> { Some(std::sync::Arc::from(self.as_str())) }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Moment;

    crate::text_enum! {
        enum Word {
            /// One.
            One = "one",
        }
    }

    fn words<T: Field>(cell: &Cell) -> Option<String> {
        T::read(cell.clone()).err().map(|RowError(words)| words)
    }

    #[test]
    fn why_a_cell_can_not_be_read_quotes_nothing_of_it() {
        let secret = || Arc::from("\"Quokka\"");
        let cells = [
            Cell::Text(secret()),
            Cell::Json(secret()),
            Cell::Json(Arc::from("{\"Quokka\": 1}")),
            Cell::Json(Arc::from("Quokka")),
            Cell::Int(4_711),
            Cell::Blob(Blob::from(&b"Quokka"[..])),
        ];
        let mut said = Vec::new();
        for cell in &cells {
            said.extend([words::<String>(cell), words::<i64>(cell), words::<bool>(cell), words::<Blob>(cell)]);
            said.extend([words::<Json<Vec<u8>>>(cell), words::<Json<Word>>(cell), words::<Word>(cell)]);
            said.extend([words::<Moment>(cell), words::<Option<Word>>(cell)]);
        }
        let said: Vec<String> = said.into_iter().flatten().collect();

        assert!(said.len() > 40, "{said:#?}");
        let quoting: Vec<_> = said.iter().filter(|words| words.contains("Quokka") || words.contains("4711")).collect();
        assert_eq!(quoting, Vec::<&String>::new());
    }
}
