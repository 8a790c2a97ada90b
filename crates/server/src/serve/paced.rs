//! A connection whose client must read: a response that makes no progress is abandoned, which frees its memory.

use std::future::{Pending, pending};
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::time::{Timeout, timeout};

/// How long a client may read nothing of a response that is waiting to be sent.
const STALL_TIMEOUT: Duration = Duration::from_secs(30);

/// A stream that fails a write that makes no progress for [`STALL_TIMEOUT`]. A stream with nothing to send has no time
/// limit.
pub struct Paced<I> {
    io: I,
    /// The timer that runs while a write waits.
    stalled: Option<Pin<Box<Timeout<Pending<()>>>>>,
}

impl<I> Paced<I> {
    /// A stream with a time limit for writes.
    pub fn new(io: I) -> Self {
        Self { io, stalled: None }
    }

    /// The stream without the limit.
    pub fn into_inner(self) -> I {
        self.io
    }

    /// The result of a write, or an error if it has waited too long.
    fn paced<T>(&mut self, context: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(timeout(STALL_TIMEOUT, pending())));
        let _ = ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(ErrorKind::TimedOut, "the client does not read the response")))
    }
}

impl<I: Read + Unpin> Read for Paced<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl<I: Write + Unpin> Write for Paced<I> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(context, bytes);
        self.paced(context, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.io).poll_flush(context);
        self.paced(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.io).poll_shutdown(context);
        self.paced(context, shut)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write_vectored(context, pieces);
        self.paced(context, written)
    }
}
