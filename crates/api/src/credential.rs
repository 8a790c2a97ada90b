//! Who calls: the bearer key of a request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use docket_access::{ApiKey, digest};
use docket_kernel::{Moment, Scope};
use docket_storage::ReadError;

use crate::app::App;

/// A key that was looked up is believed for a second, so that a change of it holds everywhere within one.
const BELIEVED_SECONDS: i64 = 1;
const BELIEVED_MAX: usize = 10_000;

/// Keys looked up within the last second, by their digest.
#[derive(Default)]
pub(crate) struct Credentials(Mutex<HashMap<String, (Moment, Arc<ApiKey>)>>);

/// Why a request has no actor.
#[derive(Debug)]
pub(crate) enum NoActor {
    /// No credential came.
    Missing,
    /// It is none of ours, or no longer.
    Invalid,
    /// The database failed.
    Failed(ReadError),
}

/// The key of an `Authorization` header.
pub(crate) async fn key_of(app: &App, authorization: Option<&str>) -> Result<Arc<ApiKey>, NoActor> {
    let header = authorization.ok_or(NoActor::Missing)?;
    let (scheme, key) = header.split_once(' ').ok_or(NoActor::Invalid)?;
    if !scheme.eq_ignore_ascii_case("bearer") || key.len() > 512 {
        return Err(NoActor::Invalid);
    }
    let (digest, now) = (digest(key.trim()), app.now());
    if let Some(key) = app.credentials.believed(&digest, now) {
        return valid(key, now);
    }
    let wanted = digest.clone();
    let found = app
        .reader
        .view(Scope::Installation, move |work| work.find::<ApiKey>("digest", &wanted))
        .await
        .map_err(NoActor::Failed)?;
    let key = found.ok_or(NoActor::Invalid)?;
    app.credentials.believe(digest, now, &key);
    valid(key, now)
}

fn valid(key: Arc<ApiKey>, now: Moment) -> Result<Arc<ApiKey>, NoActor> {
    if key.expires_at.is_some_and(|end| end <= now) { Err(NoActor::Invalid) } else { Ok(key) }
}

impl Credentials {
    fn believed(&self, digest: &str, now: Moment) -> Option<Arc<ApiKey>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, key) = known.get(digest)?;
        (*since <= now && since.plus_seconds(BELIEVED_SECONDS) > now).then(|| Arc::clone(key))
    }

    fn believe(&self, digest: String, now: Moment, key: &Arc<ApiKey>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= BELIEVED_MAX {
            known.clear();
        }
        known.insert(digest, (now, Arc::clone(key)));
    }
}
