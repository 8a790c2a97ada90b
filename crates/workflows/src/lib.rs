//! The workflows room.
