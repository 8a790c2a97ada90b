//! Storage: the writer (group commit), the engines, migrations, and reading outside the writer. It depends on no noun.

mod aged;
mod batch;
mod claim;
mod count_by_day;
mod database;
mod engine;
mod entry;
mod failure;
mod feed;
mod item;
mod list;
mod measure;
mod migrate;
mod node;
mod postgres;
mod queue;
mod reader;
mod settings;
mod sql;
mod sqlite;
mod view;
mod writer;

pub use count_by_day::{CountQuery, DayCount, WeightQuery};
pub use database::{Database, DatabaseAddress, Look, OpenError};
pub use engine::{
    Claimed, CommitCallbacks, CommitError, Engine, EngineError, FlushError, NotWritten, Patience, Room, ready,
};
pub use feed::{Followed, Numbered};
pub use item::{Command, NoReactor, Reactor, WriteError};
pub use list::{Filter, ListQuery, PageDirection, PrefixQuery};
pub use migrate::MigrateError;
pub use node::{Node, Wish};
pub use postgres::PostgresEngine;
pub use reader::{ReadError, Reader};
pub use settings::Bounds;
pub use sql::{Dialect, every_text, shared_texts};
pub use sqlite::SqliteEngine;
pub use writer::{Figures, Parts, Writer};
