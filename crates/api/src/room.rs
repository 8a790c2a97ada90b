//! The limit of the objects of a response in bytes, which is that of a page, however many objects are related.

use crate::document::Resource;
use crate::operation::Context;

/// How many rows are loaded at once for a response that may have many objects.
pub(crate) const AT_ONCE: usize = 100;

/// The room left in a response. The first object always fits, whatever its size.
pub(crate) struct ResponseRoom<'c> {
    context: &'c Context,
    bytes: usize,
    is_empty: bool,
    is_full: bool,
}

impl<'c> ResponseRoom<'c> {
    pub fn of(context: &'c Context) -> Self {
        Self { context, bytes: 0, is_empty: true, is_full: false }
    }

    /// Whether an object fits, in the form in which this caller gets it. After one object did not fit, no smaller one fits
    /// either: a response has the first objects of a list.
    pub fn takes(&mut self, resource: &Resource) -> bool {
        let (style, fields) = (self.context.style, &self.context.query.fields);
        self.bytes += resource.clone().into_bytes(style, fields).len() + 1;
        self.is_full |= self.bytes > self.context.answer_bytes_max && !self.is_empty;
        self.is_empty = false;
        !self.is_full
    }

    /// Whether an object did not fit.
    pub const fn is_full(&self) -> bool {
        self.is_full
    }
}
