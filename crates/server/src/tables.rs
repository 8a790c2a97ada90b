//! Every table that storage must load and write.

use docket_kernel::Table;

/// The tables of all crates.
pub fn tables() -> Vec<&'static Table> {
    [
        docket_access::store::TABLES,
        docket_objects::store::TABLES,
        docket_workflows::store::TABLES,
        docket_cases::store::TABLES,
        docket_events::store::TABLES,
        docket_api::store::TABLES,
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_tables_share_a_name_or_a_rank() {
        let names: HashSet<_> = tables().iter().map(|table| table.name).collect();
        let ranks: HashSet<_> = tables().iter().map(|table| table.rank).collect();

        assert_eq!((names.len(), ranks.len()), (tables().len(), tables().len()));
    }

    #[tokio::test]
    async fn every_statement_of_every_table_can_be_prepared_on_both_engines() {
        docket_testkit::prepare_all(&tables()).await;
    }
}
