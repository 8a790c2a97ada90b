//! Typed ids. An id is opaque text: Docket's own are a prefix and a UUIDv7 in 26 base-32 characters; an object from a
//! vendor keeps the vendor's id forever. An id of any other shape is treated as unknown.

use std::fmt;
use std::sync::Arc;

use crate::field::Field;
use crate::table::{Cell, ColumnKind, RowError};

/// Crockford's base 32, lower case, as TypeID writes it.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Writes 128 bits as 26 characters that sort as the bits do.
pub(crate) fn base32(bits: u128) -> String {
    (0..26_u32).rev().map(|place| char::from(ALPHABET[((bits >> (place * 5)) & 31) as usize])).collect()
}

fn is_base32(text: &str) -> bool {
    text.len() == 26 && text.bytes().all(|character| ALPHABET.contains(&character))
}

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident = $prefix:literal),* $(,)?) => {$(
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The prefix of this type of id, without the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// Accepts any text as an id; a lookup shows whether the row exists.
            pub fn of(text: impl AsRef<str>) -> Self { Self(Arc::from(text.as_ref())) }

            /// Whether an id has this type's prefix: an id without it names no row of this type.
            pub fn is_ours(id: &str) -> bool {
                id.strip_prefix($prefix).is_some_and(|rest| rest.starts_with('_'))
            }

            /// Whether an id has the exact shape that Docket generates; a vendor's id of this type does not.
            pub fn is_made_by_docket(id: &str) -> bool {
                id.strip_prefix(concat!($prefix, "_")).is_some_and(is_base32)
            }

            /// The id as text.
            pub fn as_str(&self) -> &str { &self.0 }

            /// The id as a shared key.
            pub fn key(&self) -> Arc<str> { Arc::clone(&self.0) }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
        impl From<Arc<str>> for $name { fn from(text: Arc<str>) -> Self { Self(text) } }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.serialize_str(&self.0) }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                <Arc<str>>::deserialize(d).map(Self)
            }
        }
        impl Field for $name {
            const KIND: ColumnKind = ColumnKind::Text;
            fn write(&self) -> Cell { Cell::Text(self.key()) }
            fn read(cell: Cell) -> Result<Self, RowError> { <Arc<str>>::read(cell).map(Self) }
            fn text(&self) -> Option<Arc<str>> { Some(self.key()) }
        }
    )*};
}

ids! {
    /// A tenant.
    OrganizationId = "org",
    /// A tenant's sandbox or production environment.
    EnvironmentId = "env",
    /// A person who signs in.
    UserId = "user",
    /// An API key of a program.
    ApiKeyId = "api",
    /// A person's session in one environment, from sign-in to sign-out.
    SessionId = "ses",
    /// A case: a file about a person or business that has to be decided.
    CaseId = "case",
    /// A kind of case.
    CaseTemplateId = "ctmpl",
    /// A status of a case template.
    StatusId = "cst",
    /// A comment on a case.
    CommentId = "ccmt",
    /// A file on a case.
    FileId = "file",
    /// The link between one object and one case.
    CaseObjectId = "cobj",
    /// Anything a case can hold: account, inquiry, report, verification, transaction, document.
    ObjectId = "obj",
    /// A named automation.
    WorkflowId = "wfl",
    /// One version of a workflow.
    VersionId = "wfv",
    /// One execution of a version.
    RunId = "wfr",
    /// One part of a run's history: the steps that one commit performed.
    SegmentId = "wfg",
    /// The subscription of one version to one event.
    SubscriptionId = "wfs",
    /// One save of a workflow's draft.
    DraftSaveId = "wfd",
    /// One immutable event.
    EventId = "evt",
    /// A vendor that sends webhooks.
    SourceId = "src",
    /// One event of a vendor, received once.
    ReceiptId = "rcpt",
    /// One stored response to a request with an idempotency key.
    AnswerId = "idem",
    /// One HTTP request.
    RequestId = "req",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_made_by_docket_is_distinguished_from_a_vendors() {
        let made = format!("case_{}", base32(0x0190_0000_0000_7000_8000_0000_0000_0000));

        assert!(CaseId::is_made_by_docket(&made));
        assert!(!RunId::is_made_by_docket(&made));
        for vendors in ["case_ABC123", "case_Mt7HzvwzDFKZuGv3fZk9L2Xa", &made[..made.len() - 1], "case", ""] {
            assert!(!CaseId::is_made_by_docket(vendors), "{vendors}");
        }
    }

    #[test]
    fn base32_sorts_as_the_bits_do() {
        let smaller = base32(0x0190_0000_0000_7000_8000_0000_0000_0000);
        let larger = base32(0x0190_0000_0001_7000_8000_0000_0000_0000);

        assert!(smaller < larger);
        assert_eq!(smaller.len(), 26);
        assert_eq!(base32(u128::MAX), "7zzzzzzzzzzzzzzzzzzzzzzzzz");
        assert_eq!(base32(0), "0".repeat(26));
    }

    #[test]
    fn an_id_is_any_text() {
        assert_eq!(CaseId::of("inq_ABC").as_str(), "inq_ABC");
        assert_eq!(serde_json::to_string(&CaseId::of("case_1")).unwrap(), "\"case_1\"");
    }
}
