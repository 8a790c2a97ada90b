//! Limits: everything in the writer is bounded.

/// The limits of the writer. An operator can set each of them; these are the defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The maximum number of items that wait in a lane; one more is answered 503.
    pub queue_items: usize,
    /// The maximum number of bytes that wait in a lane.
    pub queue_bytes: usize,
    /// The maximum number of items in a batch.
    pub batch_items: usize,
    /// The maximum number of workflow steps in a batch.
    pub batch_steps: u32,
    /// The maximum number of rows that a batch loads.
    pub batch_rows: usize,
    /// The maximum number of bytes that a batch loads.
    pub batch_bytes: usize,
    /// The maximum number of bytes of due rows that a batch claims.
    pub claim_bytes: usize,
    /// The time limit of a batch's work, in microseconds.
    pub batch_micros: i64,
    /// The maximum number of workflow steps in an item's own commit; the run is then queued as due now.
    pub inline_steps: u32,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            queue_items: 4_096,
            queue_bytes: 64 << 20,
            batch_items: 256,
            batch_steps: 1_000,
            batch_rows: 20_000,
            batch_bytes: 64 << 20,
            claim_bytes: 16 << 20,
            batch_micros: 20_000,
            inline_steps: 50,
        }
    }
}
