//! The cases room.
