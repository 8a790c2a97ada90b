//! Objects: whatever a case can hold (accounts, inquiries, verifications, reports, transactions, documents), and the
//! signed events of vendors that bring them.

mod account;
mod adjusted;
mod ingest;
mod inquiry;
mod object;
mod signature;
mod source;
pub mod store;
mod tag;
mod vendor;

pub use account::{
    AccountRequest, DEFAULT_ACCOUNT_TYPE, REFERENCE_CHARACTERS_MAX, create_account, find_or_create_account,
    upsert_account,
};
pub use adjusted::{Adjusted, LISTED_MAX, adjusted_list};
pub use ingest::{Delivered, Receipt, Taken, deliver, take_in};
pub use inquiry::{Decision, InquiryRequest, NoAccount, create_inquiry, decide_inquiry};
pub use object::{Object, key, plain_fields, tree, typed_fields};
pub use signature::{Verdict, sign, verify};
pub use source::{Source, SourceSecret, create_source, rotate_secret};
pub use tag::{TAG_CHARACTERS_MAX, TAGS_MAX, added_tags, checked_tag, tag_object};
