//! The objects room.
