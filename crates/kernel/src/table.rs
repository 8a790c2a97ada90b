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
    /// A whole number; times are microseconds since 1970.
    Int(i64),
    /// Yes or no.
    Bool(bool),
    /// A JSON document, as text.
    Json(Arc<str>),
    /// Bytes.
    Blob(Blob),
}

/// Bytes of a column. Cheap to clone; the debug form has only the length, so that no log shows the content.
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

/// What a column holds.
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
    /// What it holds.
    pub kind: ColumnKind,
}

/// How rows of a table are held while a batch works on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// A subject: loading it in the writer locks it, without ever waiting.
    Row,
    /// Configuration: read fresh in each batch, without a lock; its version is checked when it is changed.
    Config,
    /// Never changes once written: kept in memory from batch to batch.
    Frozen,
    /// Only ever added to.
    Append,
}

/// A stored value could not be read as what it should be: the database was changed by other hands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RowError(pub String);

/// A loaded entity, whatever its type.
pub(crate) type Erased = Arc<dyn Any + Send + Sync>;

/// How far a row had come when it was loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// How often it was changed.
    pub version: i64,
    /// How many events happened to it, where they are counted.
    pub events: i64,
}

/// The description of a table, made by the `entity!` macro.
#[derive(Debug)]
pub struct Table {
    /// Its name in the database.
    pub name: &'static str,
    /// The order of inserts: a row refers only to rows of lower rank.
    pub rank: u16,
    /// How its rows are held.
    pub lock: Lock,
    /// Its columns; the first is the key.
    pub columns: &'static [Column],
    /// The column that says whose the row is: an environment, or an organization.
    pub scope: &'static str,
    /// The column that counts changes, for rows that change.
    pub version: Option<&'static str>,
    /// Columns (of text) whose values are unique within the scope.
    pub unique: &'static [&'static str],
    /// Columns (of text) that questions ask about.
    pub asked: &'static [&'static str],
    /// The column with the time at which a row is due, where rows fall due.
    pub due: Option<&'static str>,
    /// The column that counts the events of a row, where rows can be what events happen to. It changes without the
    /// version.
    pub events: Option<&'static str>,
    /// Where rows with the same text in a column have an order of their own: that column, and the one with their number.
    pub ordered: Option<(&'static str, &'static str)>,
    /// The table that numbers its rows in the order of their commits, where they are followed.
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
    /// The place of a column.
    ///
    /// # Panics
    /// When the table has no such column: a mistake in a `store.rs`, met by the first test that runs it.
    pub fn column(&self, name: &str) -> usize {
        self.columns
            .iter()
            .position(|column| column.name == name)
            .unwrap_or_else(|| panic!("table {} has no column {name}", self.name))
    }

    /// The state a row is in: it is written only where the database has it so still.
    pub(crate) fn stamp_of(&self, row: &(dyn Any + Send + Sync)) -> Stamp {
        Stamp { version: (self.version_of)(row), events: (self.events_of)(row) }
    }

    /// The name of the key column.
    pub fn key(&self) -> &'static str {
        self.columns[0].name
    }

    /// Whether its rows belong to organizations, and not to one of their environments.
    pub(crate) fn is_of_organizations(&self) -> bool {
        matches!(self.scope, "organization_id" | "id")
    }

    /// The places of all columns that can be looked up by value.
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

/// A question a decision may rest on: the rows of a table with this value in that column.
#[derive(Debug)]
pub struct Question {
    /// The table asked.
    pub table: &'static Table,
    /// The column compared.
    pub column: &'static str,
    /// The most rows an answer may have; a larger answer is a refusal.
    pub bound: u32,
    /// The table whose row, with the asked value as its key, is locked first; whoever adds or removes an answering
    /// row loads the same parent. `None` where a constraint of the database guards the answer instead.
    pub parent: Option<&'static Table>,
}

impl Question {
    /// Why an answer of more rows than the bound is none.
    pub(crate) fn too_many(&self, value: &str) -> Refusal {
        let (table, bound) = (self.table.name, self.bound);
        let sentence =
            format!("more than {bound} rows of {table} belong to {value}; that many can't be handled at once");
        Refusal::rule("too-many-rows", sentence)
    }
}
