//! How storage sees an entity: a table description and a few function pointers.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use crate::refusal::Refusal;

/// One value of one column.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Cell {
    /// No value.
    Null,
    /// Text.
    Text(Arc<str>),
    /// An integer; times are microseconds since 1970.
    Int(i64),
    /// True or false.
    Bool(bool),
    /// A JSON document, as text.
    Json(Arc<str>),
    /// Bytes.
    Blob(Blob),
}

/// Bytes of a column. Cheap to clone; the debug form shows only the length, so that logs never contain the content.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Blob(Arc<[u8]>);

impl Blob {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<&[u8]> for Blob {
    fn from(bytes: &[u8]) -> Self {
        Self(Arc::from(bytes))
    }
}

impl From<Vec<u8>> for Blob {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Arc::from(bytes))
    }
}

impl AsRef<[u8]> for Blob {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// The values of a row, in the order of its table's columns.
pub type Row = Vec<Cell>;

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// [`Cell::Text`]
    Text,
    /// [`Cell::Int`]
    Int,
    /// [`Cell::Bool`]
    Bool,
    /// [`Cell::Json`]
    Json,
    /// [`Cell::Blob`]
    Blob,
}

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name in the database.
    pub name: &'static str,
    /// Its type.
    pub kind: ColumnKind,
}

/// How a batch locks and caches the rows of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// A subject: loading it in the writer locks it, without waiting.
    Row,
    /// Configuration: read again in each batch, without a lock; its version is checked when it is changed.
    Config,
    /// Never changes once written: cached across batches.
    Frozen,
    /// Rows are only added.
    Append,
}

/// A stored value could not be decoded: the database was changed outside of Docket.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RowError(pub String);

/// A loaded entity of any type.
pub(crate) type Erased = Arc<dyn Any + Send + Sync>;

/// The counters of a row when it was loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// How often it was changed.
    pub version: i64,
    /// The number of its events, where they are counted.
    pub events: i64,
}

/// The description of a table, made by the `entity!` macro.
#[derive(Debug)]
pub struct Table {
    /// Its name in the database.
    pub name: &'static str,
    /// The order of inserts: a row refers only to rows of a lower rank.
    pub rank: u16,
    /// How its rows are locked and cached.
    pub lock: Lock,
    /// Its columns; the first is the key.
    pub columns: &'static [Column],
    /// The column with the scope of the row: an environment or an organization.
    pub scope: &'static str,
    /// The column that counts changes, for rows that change.
    pub version: Option<&'static str>,
    /// Columns (of text) whose values are unique within the scope.
    pub unique: &'static [&'static str],
    /// Text columns that questions filter by.
    pub asked: &'static [&'static str],
    /// The column with the time at which a row is due, where rows fall due.
    pub due: Option<&'static str>,
    /// The column that counts the events about a row, for tables of objects that events can be about. It changes
    /// without the version.
    pub events: Option<&'static str>,
    /// For tables whose rows are ordered within each value of a column: that column, and the one with their number.
    pub ordered: Option<(&'static str, &'static str)>,
    /// The table that numbers its rows in the order of their commits, if they are followed.
    pub feed: Option<&'static str>,
    #[doc(hidden)]
    pub decode: fn(Row) -> Result<Erased, RowError>,
    #[doc(hidden)]
    pub encode: fn(&(dyn Any + Send + Sync)) -> Row,
    #[doc(hidden)]
    pub key_of: fn(&(dyn Any + Send + Sync)) -> Arc<str>,
    #[doc(hidden)]
    pub scope_of: fn(&(dyn Any + Send + Sync)) -> Arc<str>,
    #[doc(hidden)]
    pub version_of: fn(&(dyn Any + Send + Sync)) -> i64,
    #[doc(hidden)]
    pub events_of: fn(&(dyn Any + Send + Sync)) -> i64,
    #[doc(hidden)]
    pub with_event: fn(&(dyn Any + Send + Sync)) -> Erased,
    #[doc(hidden)]
    pub text_of: fn(&(dyn Any + Send + Sync), usize) -> Option<Arc<str>>,
}

impl Table {
    /// The index of a column.
    ///
    /// # Panics
    /// If the table has no such column: a mistake in a `store.rs`, which the first test that runs it finds.
    pub fn column(&self, name: &str) -> usize {
        self.columns
            .iter()
            .position(|column| column.name == name)
            .unwrap_or_else(|| panic!("table {} has no column {name}", self.name))
    }

    /// The stamp of a row: the row is written only if the database still has this stamp.
    pub(crate) fn stamp_of(&self, row: &(dyn Any + Send + Sync)) -> Stamp {
        Stamp { version: (self.version_of)(row), events: (self.events_of)(row) }
    }

    /// The name of the key column.
    pub fn key(&self) -> &'static str {
        self.columns[0].name
    }

    /// Whether its rows belong to organizations instead of environments.
    pub(crate) fn is_of_organizations(&self) -> bool {
        matches!(self.scope, "organization_id" | "id")
    }

    /// The indexes of all columns that can be looked up by value.
    pub(crate) fn looked_up(&self) -> impl Iterator<Item = usize> + '_ {
        self.unique.iter().chain(self.asked).map(|name| self.column(name))
    }
}

impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Table {}

impl std::hash::Hash for Table {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

/// The limit of an answer to a question, in bytes; a larger answer is refused, however few rows it has.
pub const QUESTION_BYTES_MAX: usize = 16 << 20;

/// A question that a decision may depend on: the rows of a table with this value in that column. Its answer is limited in
/// rows by the question, and in bytes by [`QUESTION_BYTES_MAX`].
#[derive(Debug)]
pub struct Question {
    /// The table.
    pub table: &'static Table,
    /// The column to compare.
    pub column: &'static str,
    /// The maximum number of rows of an answer; a larger answer is a refusal.
    pub bound: u32,
    /// The table whose row, with the asked value as its key, is locked first; a writer that adds or removes an
    /// answering row loads the same parent. `None` where a constraint of the database guards the answer instead.
    pub parent: Option<&'static Table>,
}

impl Question {
    /// The refusal of an answer with more rows or bytes than the limits.
    pub(crate) fn too_many(&self, value: &str) -> Refusal {
        let (table, bound, mebibytes) = (self.table.name, self.bound, QUESTION_BYTES_MAX >> 20);
        let sentence = format!(
            "more rows of {table} belong to {value} than can be handled at once, which is {bound} rows and {mebibytes} MiB"
        );
        Refusal::rule("too-many-rows", sentence)
    }
}
