//! The bytes that the stored responses of each caller take. Above the limit, the oldest are evicted: refusals first,
//! then the others.
//!
//! A sum kept in the batch would be read and changed by every request of a key, so these requests could not run
//! concurrently. Instead, the database computes the sum, and this node queries it again after it has added enough
//! bytes. A separate command removes the oldest responses before the request that exceeded the limit gets its response.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use docket_kernel::{Entity, Scope};
use docket_storage::{Command, ReadError, WeightQuery};

use crate::answer::{Idempotency, Reply, eviction_groups, forget};
use crate::app::App;
use crate::store::Remembered;

/// Other nodes add responses too: after this node has added this many bytes, it queries the sum again.
const UNSEEN_BYTES_MAX: usize = 4 << 20;
/// The number of responses removed in one commit.
const REMOVED_AT_ONCE: u32 = 32;
/// The number of callers cached here; when it is reached, the cache is cleared.
const CALLERS_MAX: usize = 10_000;

/// The bytes that this node has counted for each caller.
#[derive(Debug, Default)]
pub(crate) struct RememberedBytes(Mutex<HashMap<String, CallerBytes>>);

#[derive(Clone, Copy, Debug, Default)]
struct CallerBytes {
    /// The bytes of all stored responses of the caller, as far as this node has counted them.
    bytes: usize,
    /// The bytes added by this node since the sum was last queried.
    added: usize,
}

impl RememberedBytes {
    /// Adds the bytes stored for a caller. Returns whether the sum has to be queried.
    fn add(&self, owner: &str, bytes: usize, bytes_max: usize) -> bool {
        let mut callers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = callers.get_mut(owner) else { return true };
        known.bytes += bytes;
        known.added += bytes;
        known.bytes > bytes_max || known.added > UNSEEN_BYTES_MAX
    }

    fn set(&self, owner: &str, bytes: usize) {
        let mut callers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if callers.len() >= CALLERS_MAX {
            callers.clear();
        }
        callers.insert(owner.to_owned(), CallerBytes { bytes, added: 0 });
    }
}

/// Counts a stored response, and removes the oldest of its caller when they take too many bytes. If the read or the
/// removal fails, the caller's next request tries it again.
pub(crate) async fn bound(app: &App, scope: &Scope, environment: Arc<str>, idempotency: &Idempotency, reply: &Reply) {
    let bytes_max = app.settings.remembered_bytes_max;
    let (owner, bytes) = (idempotency.owner(), idempotency.size_of(reply));
    if bytes == 0 || !app.remembered.add(owner, bytes, bytes_max) {
        return;
    }
    if let Err(error) = trim(app, scope, environment, owner, bytes_max).await {
        tracing::warn!(%error, "the oldest remembered answers of a key could not be removed");
    }
}

async fn trim(
    app: &App,
    scope: &Scope,
    environment: Arc<str>,
    owner: &str,
    bytes_max: usize,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let groups = eviction_groups(owner).map(Arc::<str>::from);
    let weights = WeightQuery { table: Remembered::TABLE, by: "eviction_group", weight: "size_bytes" };
    let mut total = 0;
    for group in &groups {
        total += size(app.reader.weight(Arc::clone(&environment), weights, Arc::clone(group)).await?);
    }
    for group in &groups {
        while total > bytes_max {
            let oldest = oldest(app, Arc::clone(&environment), weights, Arc::clone(group)).await?;
            if oldest.is_empty() {
                break;
            }
            let mut gone = Vec::new();
            for (id, bytes) in oldest {
                if total <= bytes_max {
                    break;
                }
                total = total.saturating_sub(size(bytes));
                gone.push(id);
            }
            let command = Command::new("forget-answers", scope.clone(), move |work| forget(work, &gone));
            app.writer.submit(command).await?;
        }
    }
    app.remembered.set(owner, total);
    Ok(())
}

async fn oldest(
    app: &App,
    environment: Arc<str>,
    weights: WeightQuery,
    group: Arc<str>,
) -> Result<Vec<(String, i64)>, ReadError> {
    app.reader.oldest(environment, weights, group, REMOVED_AT_ONCE).await
}

fn size(bytes: i64) -> usize {
    usize::try_from(bytes).unwrap_or_default()
}
