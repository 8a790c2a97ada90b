//! The memory that request bodies take while they are read and processed: bounded for each caller and for the process.
//!
//! A body is counted as it arrives, at the most memory that it can take once it is parsed. No request waits for memory:
//! two bodies that each wait for memory held by the other would wait forever.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{ErrorDocument, ErrorItem};

/// The most bytes of memory for each byte of JSON, reached when the smallest values are parsed.
pub(crate) const JSON_FACTOR: usize = 16;
/// The bytes of memory for each byte of a form: its part, the part in base64, and the file decoded from that.
pub(crate) const FORM_FACTOR: usize = 4;
/// The bytes for all bodies of one caller: one form of 40 MiB, or twelve JSON bodies of 1 MiB.
const CALLER_BYTES_MAX: usize = 192 << 20;
/// The bytes for all bodies of the process: two forms of 40 MiB, or 24 JSON bodies of 1 MiB.
const PROCESS_BYTES_MAX: usize = 384 << 20;

/// The bytes that all bodies take now.
#[derive(Debug)]
pub(crate) struct Budget {
    caller_bytes_max: usize,
    process_bytes_max: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    total: usize,
    callers: HashMap<Arc<str>, usize>,
}

impl Default for Budget {
    fn default() -> Self {
        Self::of(CALLER_BYTES_MAX, PROCESS_BYTES_MAX)
    }
}

impl Budget {
    fn of(caller_bytes_max: usize, process_bytes_max: usize) -> Self {
        Self { caller_bytes_max, process_bytes_max, taken: Mutex::default() }
    }

    /// The share of a new request of this caller, initially empty.
    pub fn share(self: &Arc<Self>, caller: &str) -> Arc<Share> {
        Arc::new(Share { budget: Arc::clone(self), caller: Arc::from(caller), bytes: AtomicUsize::new(0) })
    }
}

/// The bytes that the body of one request takes; dropping the share frees them.
#[derive(Debug)]
pub(crate) struct Share {
    budget: Arc<Budget>,
    caller: Arc<str>,
    bytes: AtomicUsize,
}

impl Share {
    /// Takes this many more bytes. Refused with 429 if the caller has too many bytes in use, and with 503 if all
    /// callers together have.
    pub fn grow(&self, bytes: usize) -> Result<(), ErrorDocument> {
        let Budget { caller_bytes_max, process_bytes_max, taken } = &*self.budget;
        let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
        let of_caller = taken.callers.get(&self.caller).copied().unwrap_or_default() + bytes;
        if of_caller > *caller_bytes_max {
            return Err(too_many_of_caller());
        }
        if taken.total + bytes > *process_bytes_max {
            let details = "the server is receiving too many large bodies at once; try again in a second";
            return Err(ErrorDocument::unavailable(details).coded("too-many-bodies"));
        }
        taken.total += bytes;
        taken.callers.insert(Arc::clone(&self.caller), of_caller);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let bytes = *self.bytes.get_mut();
        if bytes == 0 {
            return;
        }
        let mut taken = self.budget.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.total -= bytes;
        let left = taken.callers.get(&self.caller).copied().unwrap_or_default().saturating_sub(bytes);
        if left == 0 {
            taken.callers.remove(&self.caller);
        } else {
            taken.callers.insert(Arc::clone(&self.caller), left);
        }
    }
}

fn too_many_of_caller() -> ErrorDocument {
    let details = "you are sending too many large bodies at once; wait for the responses to some of them";
    let item = ErrorItem::new("Rate limit exceeded", details).coded("too-many-bodies");
    ErrorDocument::of(429, vec![item])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_and_the_process_have_a_limit_of_bytes() {
        let budget = Arc::new(Budget::of(10, 15));
        let (ada, ada_too, bob) = (budget.share("ada"), budget.share("ada"), budget.share("bob"));

        assert!(ada.grow(6).is_ok());
        assert_eq!(ada_too.grow(5).map_err(|refusal| refusal.status), Err(429));
        assert!(ada_too.grow(4).is_ok());
        assert_eq!(bob.grow(6).map_err(|refusal| refusal.status), Err(503));
        assert!(bob.grow(5).is_ok());
        assert_eq!(bob.grow(1).map_err(|refusal| refusal.status), Err(503));
    }

    #[test]
    fn the_bytes_of_a_request_are_free_when_it_ends() {
        let budget = Arc::new(Budget::of(10, 10));
        let first = budget.share("ada");
        assert!(first.grow(7).is_ok() && first.grow(3).is_ok() && first.grow(1).is_err());

        drop(first);

        assert!(budget.share("ada").grow(10).is_ok());
        assert!(budget.taken.lock().unwrap().callers.is_empty());
    }
}
