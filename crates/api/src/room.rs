//! How many bytes the objects of an answer have: no answer is larger than a page may be, whatever an object relates to.

use crate::document::Resource;
use crate::operation::Context;

/// So many rows are loaded at once for an answer that may have many objects.
pub(crate) const AT_ONCE: usize = 100;

/// The room that is left in an answer. Its first object has room, however large it is.
pub(crate) struct AnswerRoom<'c> {
    context: &'c Context,
    bytes: usize,
    is_empty: bool,
    is_full: bool,
}

impl<'c> AnswerRoom<'c> {
    pub fn of(context: &'c Context) -> Self {
        Self { context, bytes: 0, is_empty: true, is_full: false }
    }

    /// Whether there is room for an object, as this caller is sent it. Once there was none, there is none for a smaller one
    /// either: so what is answered is the beginning of what was asked for.
    pub fn takes(&mut self, resource: &Resource) -> bool {
        let (style, fields) = (self.context.style, &self.context.query.fields);
        self.bytes += resource.clone().into_bytes(style, fields).len() + 1;
        self.is_full |= self.bytes > self.context.answer_bytes_max && !self.is_empty;
        self.is_empty = false;
        !self.is_full
    }

    /// Whether an object had no room.
    pub const fn is_full(&self) -> bool {
        self.is_full
    }
}
