//! How samples become bytes and back: pure, and suspicious of every byte it reads.

pub(crate) mod block;
pub(crate) mod column;
pub(crate) mod row;
pub(crate) mod varint;

/// Stored bytes that do not mean what they should; says which kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Corrupt(pub &'static str);

impl From<Corrupt> for crate::StoreError {
    fn from(Corrupt(what): Corrupt) -> crate::StoreError {
        crate::StoreError::Damaged(format!("unreadable {what}"))
    }
}
