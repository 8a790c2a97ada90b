//! What a noun declares so that the unit of work and storage can handle its rows.

use std::any::Any;
use std::sync::Arc;

use crate::table::{Cell, Row, RowError, Table};

/// A typed row. Implemented by the [`entity!`](crate::entity) macro, never by hand.
pub trait Entity: Clone + Send + Sync + 'static {
    /// The table of its rows.
    const TABLE: &'static Table;
    /// The key.
    fn key(&self) -> Arc<str>;
    /// The row's scope: the id of its environment or organization.
    fn scope(&self) -> Arc<str>;
    /// How often the row was changed; 0 for rows that never change.
    fn version(&self) -> i64;
    /// Sets the version.
    fn set_version(&mut self, version: i64);
    /// The number of events about the row; 0 where they are not counted.
    fn events(&self) -> i64;
    /// Counts one more event.
    fn count_event(&mut self);
    /// Sets the count of events.
    fn set_events(&mut self, events: i64);
    /// The row.
    fn encode(&self) -> Row;
    /// Decodes an entity from a row.
    fn decode(row: Row) -> Result<Self, RowError>;
    /// The text of a column that is used for lookups.
    fn text(&self, column: usize) -> Option<Arc<str>>;
    /// The cell of a column.
    fn cell(&self, column: usize) -> Cell;
}

/// An entity as loaded: shared and immutable.
pub type Stored<E> = Arc<E>;

type Erased = Arc<dyn Any + Send + Sync>;

/// A row of this entity's table, as this entity.
pub(crate) fn downcast<E: Entity>(row: &Erased) -> Stored<E> {
    Arc::clone(row).downcast::<E>().unwrap_or_else(|_| unreachable!("rows of {} have its type", E::TABLE.name))
}

fn typed<E: Entity>(row: &(dyn Any + Send + Sync)) -> &E {
    row.downcast_ref::<E>().expect("a table's rows have the table's type")
}

/// The name of a column: a field named like a Rust keyword is written `r#type`, and its column is `type`.
pub const fn plain(field: &'static str) -> &'static str {
    match field.as_bytes() {
        [b'r', b'#', ..] => field.split_at(2).1,
        _ => field,
    }
}

/// The table's `decode`.
pub fn decode<E: Entity>(row: Row) -> Result<Erased, RowError> {
    E::decode(row).map(|entity| Arc::new(entity) as Erased)
}

/// The table's `encode`.
pub fn encode<E: Entity>(row: &(dyn Any + Send + Sync)) -> Row {
    typed::<E>(row).encode()
}

/// The table's `key_of`.
pub fn key_of<E: Entity>(row: &(dyn Any + Send + Sync)) -> Arc<str> {
    typed::<E>(row).key()
}

/// The table's `scope_of`.
pub fn scope_of<E: Entity>(row: &(dyn Any + Send + Sync)) -> Arc<str> {
    typed::<E>(row).scope()
}

/// The table's `version_of`.
pub fn version_of<E: Entity>(row: &(dyn Any + Send + Sync)) -> i64 {
    typed::<E>(row).version()
}

/// The table's `events_of`.
pub fn events_of<E: Entity>(row: &(dyn Any + Send + Sync)) -> i64 {
    typed::<E>(row).events()
}

/// The table's `with_event`: the same row with one more event.
pub fn with_event<E: Entity>(row: &(dyn Any + Send + Sync)) -> Erased {
    let mut entity = typed::<E>(row).clone();
    entity.count_event();
    Arc::new(entity)
}

/// The table's `text_of`.
pub fn text_of<E: Entity>(row: &(dyn Any + Send + Sync), column: usize) -> Option<Arc<str>> {
    typed::<E>(row).text(column)
}

/// Declares an entity and its table in one place. The first field is the key; each field is a column of its name.
///
/// ```
/// docket_kernel::entity! {
///     /// A note.
///     pub struct Note in "note" {
///         table: { rank: 10, lock: Row(version), scope: environment_id, unique: ["title"], asked: [] },
///         /// Its id.
///         id: docket_kernel::EventId,
///         /// Its environment.
///         environment_id: docket_kernel::EnvironmentId,
///         /// Its version.
///         version: i64,
///         /// Its title.
///         title: String,
///     }
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! entity {
    (
        $(#[$meta:meta])*
        pub struct $name:ident in $table:literal {
            table: {
                rank: $rank:literal, lock: $lock:ident $(($version:ident))?, scope: $scope:ident,
                unique: [$($unique:literal),*], asked: [$($asked:literal),*] $(, due: $due:literal)? $(, events: $events:ident)?
                $(, ordered: [$by:literal, $number:literal])? $(, feed: $feed:literal)?
            },
            $(#[$kmeta:meta])* $key:ident : $ktype:ty,
            $($(#[$fmeta:meta])* $field:ident : $type:ty),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $name {
            $(#[$kmeta])* pub $key: $ktype,
            $($(#[$fmeta])* pub $field: $type),*
        }

        const _: () = {
            static TABLE: $crate::Table = $crate::Table {
                name: $table,
                rank: $rank,
                lock: $crate::Lock::$lock,
                columns: &[
                    $crate::Column { name: $crate::macros::plain(stringify!($key)), kind: <$ktype as $crate::Field>::KIND },
                    $($crate::Column {
                        name: $crate::macros::plain(stringify!($field)),
                        kind: <$type as $crate::Field>::KIND,
                    }),*
                ],
                scope: stringify!($scope),
                version: $crate::entity!(@maybe $(stringify!($version))?),
                unique: &[$($unique),*],
                asked: &[$($asked),*],
                due: $crate::entity!(@maybe $($due)?),
                events: $crate::entity!(@maybe $(stringify!($events))?),
                ordered: $crate::entity!(@maybe $(($by, $number))?),
                feed: $crate::entity!(@maybe $($feed)?),
                decode: $crate::macros::decode::<$name>,
                encode: $crate::macros::encode::<$name>,
                key_of: $crate::macros::key_of::<$name>,
                scope_of: $crate::macros::scope_of::<$name>,
                version_of: $crate::macros::version_of::<$name>,
                events_of: $crate::macros::events_of::<$name>,
                with_event: $crate::macros::with_event::<$name>,
                text_of: $crate::macros::text_of::<$name>,
            };

            impl $crate::Entity for $name {
                const TABLE: &'static $crate::Table = &TABLE;
                fn key(&self) -> std::sync::Arc<str> {
                    $crate::Field::text(&self.$key).expect("a key is text")
                }
                fn scope(&self) -> std::sync::Arc<str> {
                    $crate::Field::text(&self.$scope).expect("a scope is text")
                }
                fn version(&self) -> i64 { 0 $(+ self.$version)? }
                fn set_version(&mut self, version: i64) { let _ = version; $(self.$version = version;)? }
                fn events(&self) -> i64 { 0 $(+ self.$events)? }
                fn count_event(&mut self) { $(self.$events += 1;)? }
                fn set_events(&mut self, events: i64) { let _ = events; $(self.$events = events;)? }
                fn encode(&self) -> $crate::Row {
                    vec![$crate::Field::write(&self.$key), $($crate::Field::write(&self.$field)),*]
                }
                fn decode(row: $crate::Row) -> Result<Self, $crate::RowError> {
                    let mut cells = row.into_iter();
                    let mut next = |column: &str| {
                        cells.next().ok_or_else(|| {
                            $crate::RowError(format!("table {} row is short of column {column}", $table))
                        })
                    };
                    let named = |column: &str, error: $crate::RowError| {
                        $crate::RowError(format!("table {} column {column}: {}", $table, error.0))
                    };
                    Ok(Self {
                        $key: $crate::Field::read(next(stringify!($key))?).map_err(|e| named(stringify!($key), e))?,
                        $($field: $crate::Field::read(next(stringify!($field))?)
                            .map_err(|e| named(stringify!($field), e))?),*
                    })
                }
                fn text(&self, column: usize) -> Option<std::sync::Arc<str>> {
                    let name = TABLE.columns[column].name;
                    if name == $crate::macros::plain(stringify!($key)) { return $crate::Field::text(&self.$key); }
                    $(if name == $crate::macros::plain(stringify!($field)) {
                        return $crate::Field::text(&self.$field);
                    })*
                    None
                }
                fn cell(&self, column: usize) -> $crate::Cell {
                    let name = TABLE.columns[column].name;
                    $(if name == $crate::macros::plain(stringify!($field)) {
                        return $crate::Field::write(&self.$field);
                    })*
                    $crate::Field::write(&self.$key)
                }
            }
        };
    };
    (@maybe) => { None };
    (@maybe $value:expr) => { Some($value) };
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_field_named_like_a_rust_keyword_has_a_plain_column() {
        assert_eq!(plain(stringify!(r#type)), "type");
        assert_eq!((plain("rate"), plain("r")), ("rate", "r"));
    }
}
