//! The step catalog. A step type is one file under its category, and two lines here: one in its category's `mod`, one
//! in the list.

mod live;
mod reactor;
mod statuses;

/// Steps on cases.
mod case {
    pub mod create_case;
    pub mod update_case_status;
}

/// Steps on objects of any kind.
mod object {
    pub mod tag_object;
}

pub mod inputs;
pub mod reference;
pub mod template;

use docket_workflows::step_type::{Catalogue, Entry};

pub use live::Live;
pub use reactor::Reactions;

/// Every step type.
pub fn catalogue() -> Catalogue {
    Catalogue::new(entries())
}

/// The entries of the catalog.
pub fn entries() -> Vec<Entry> {
    vec![
        Entry::of::<case::create_case::CreateCase>(),
        Entry::of::<case::update_case_status::UpdateCaseStatus>(),
        Entry::of::<object::tag_object::TagObject>(),
    ]
}

/// The engine with every step type, reading the live objects of the nouns.
pub fn engine() -> docket_workflows::Engine {
    docket_workflows::Engine::new(catalogue(), Box::new(Live)).offering(template::templates())
}
