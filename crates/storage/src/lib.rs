//! Storage: the writer (group commit), the engines, migrations, and reading outside the writer. It depends on no noun.

mod aged;
mod batch;
mod claim;
mod database;
mod engine;
mod failure;
mod feed;
mod flight;
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
mod tally;
mod view;
mod writer;

pub use database::{Database, Look, OpenError, Place};
pub use engine::{Claimed, CommitError, Engine, EngineError, FlushError, NotWritten, Patience, Room, Telling, ready};
pub use feed::{Followed, Numbered};
pub use item::{Command, NoReactor, Reactor, WriteError};
pub use list::{Beginning, Filter, ListQuery, Turn};
pub use migrate::MigrateError;
pub use node::{Node, Wish};
pub use postgres::PostgresEngine;
pub use reader::{ReadError, Reader};
pub use settings::Bounds;
pub use sql::{Dialect, every_text, shared_texts};
pub use sqlite::SqliteEngine;
pub use tally::{Tallied, TallyQuery, WeightQuery};
pub use writer::{Figures, Parts, Writer};
