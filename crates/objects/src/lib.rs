//! Objects: everything a case can hold (accounts, inquiries, verifications, reports, transactions, documents), and the
//! signed vendor events that report them.

mod account;
mod adjusted;
mod allow_list;
mod ignored;
mod ingest;
mod inquiry;
mod object;
mod redact;
mod resource;
mod signature;
mod size;
mod source;
pub mod store;
mod tag;
mod vendor;

pub use account::{
    AccountRequest, DEFAULT_ACCOUNT_TYPE, REFERENCE_CHARACTERS_MAX, create_account, find_or_create_account,
    upsert_account,
};
pub use adjusted::{Adjusted, LISTED_MAX, adjusted_list};
pub use allow_list::{ALLOW_LIST_MAX, DEFAULT_ALLOW_LIST, is_own_id, is_own_type};
pub use ignored::{Ignored, ignored_count};
pub use ingest::{Delivered, Receipt, Taken, deliver, take_in};
pub use inquiry::{Decision, InquiryRequest, NoAccount, create_inquiry, decide_inquiry};
pub use object::{Object, key, plain_fields, tree, typed_fields};
pub use redact::{redact_account, redact_again, redact_inquiry, redact_with};
pub use signature::{Verdict, sign, verify};
pub use size::{FIELD_KEY_CHARACTERS_MAX, FIELDS_MAX, OBJECT_BYTES_MAX, json_bytes};
pub use source::{Source, SourceSecret, change_allow_list, create_source, rotate_secret};
pub use tag::{TAG_CHARACTERS_MAX, TAGS_MAX, added_tags, checked_tag, tag_object};
