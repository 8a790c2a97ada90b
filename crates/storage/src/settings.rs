//! Bounds: nothing in the writer is unbounded.

/// How much the writer takes at once. Every bound is an operator's setting; these are the defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Items that may wait in a lane; one more is answered 503.
    pub queue_items: usize,
    /// Bytes that may wait in a lane.
    pub queue_bytes: usize,
    /// Items of one batch.
    pub batch_items: usize,
    /// Workflow steps of one batch.
    pub batch_steps: u32,
    /// Rows loaded in one batch.
    pub batch_rows: usize,
    /// Bytes loaded in one batch.
    pub batch_bytes: usize,
    /// Bytes of due rows that one batch claims.
    pub claim_bytes: usize,
    /// Microseconds of work in one batch.
    pub batch_micros: i64,
    /// Workflow steps one item does in its own commit; then the run is queued as due now.
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
