//! What the services say to each other, as JSON, and which version of it a service understands.

use serde::{Deserialize, Serialize};

/// An order as it travels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    pub id: u64,
    pub customer: u32,
    pub sku: String,
    pub quantity: u32,
    /// The price of all of it.
    pub cents: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Message {
    OrderPlaced { order: Order },
    OrderCompleted { order: Order },
    OrderCancelled { order: Order },
    Reserve { order: Order },
    Release { order: Order },
    Reserved { order: u64 },
    OutOfStock { order: u64 },
    Released { order: u64 },
    Charge { order: Order },
    Refund { order: Order },
    Charged { order: u64 },
    Refused { order: u64, reason: String },
    Refunded { order: u64 },
    QuoteRequested { sku: String, quantity: u32 },
    Quoted { cents: u64 },
    PageViewed { session: String, page: String },
}

impl Message {
    /// The order that it is about.
    pub fn order(&self) -> Option<u64> {
        match self {
            Message::OrderPlaced { order }
            | Message::OrderCompleted { order }
            | Message::OrderCancelled { order }
            | Message::Reserve { order }
            | Message::Release { order }
            | Message::Charge { order }
            | Message::Refund { order } => Some(order.id),
            Message::Reserved { order }
            | Message::OutOfStock { order }
            | Message::Released { order }
            | Message::Charged { order }
            | Message::Refused { order, .. }
            | Message::Refunded { order } => Some(*order),
            Message::QuoteRequested { .. } | Message::Quoted { .. } | Message::PageViewed { .. } => None,
        }
    }
}

/// The version that producers write.
pub const CURRENT: u16 = 2;
/// The version that comes with the fault "new schema version".
pub const NEXT: u16 = 3;

/// Why a message cannot be understood. It will not be next time either.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("it has no schema version")]
    NoVersion,
    #[error("schema version {found} is newer than {newest}")]
    TooNew { found: u16, newest: u16 },
    #[error("it is not what its version says: {0}")]
    Garbled(String),
}

/// Reads a message in any version up to `newest`. Versions add fields only, so older ones read the same way.
pub fn read(version: Option<u16>, newest: u16, payload: &[u8]) -> Result<Message, Unreadable> {
    let found = version.ok_or(Unreadable::NoVersion)?;
    if found > newest {
        return Err(Unreadable::TooNew { found, newest });
    }
    serde_json::from_slice(payload).map_err(|error| Unreadable::Garbled(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_what_it_is_and_comes_back_the_same() {
        let message = Message::Reserved { order: 7 };
        let text = serde_json::to_string(&message).unwrap();
        assert_eq!(text, r#"{"type":"reserved","order":7}"#);
        assert_eq!(read(Some(1), CURRENT, text.as_bytes()).unwrap(), message);
        assert_eq!(message.order(), Some(7));
    }

    #[test]
    fn what_cannot_be_read_is_told_apart() {
        let good = br#"{"type":"charged","order":7,"added":"later"}"#;
        for (version, payload, expected) in [
            (Some(CURRENT), &good[..], None),
            (Some(NEXT), good, Some("schema version 3 is newer than 2")),
            (None, good, Some("it has no schema version")),
            (Some(CURRENT), b"\xff\xfe", Some("it is not what its version says")),
            (
                Some(CURRENT),
                br#"{"type":"sold"}"#,
                Some("it is not what its version says"),
            ),
        ] {
            let error = read(version, CURRENT, payload).err().map(|error| error.to_string());
            match (&error, expected) {
                (None, None) => {}
                (Some(error), Some(expected)) => assert!(error.starts_with(expected), "{error}"),
                _ => panic!("{error:?} instead of {expected:?}"),
            }
        }
    }
}
