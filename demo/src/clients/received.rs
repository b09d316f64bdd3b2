//! A message as a service gets it.

use rdkafka::message::{BorrowedMessage, Headers, Message as _};

use crate::message::{self, Message, Unreadable};
use crate::telemetry::Context;

/// Names of headers.
pub mod header {
    /// The same for every copy of a message: consumers ignore what they have handled.
    pub const MESSAGE_ID: &str = "message-id";
    pub const SCHEMA_VERSION: &str = "schema-version";
    /// Joins a reply to its request.
    pub const CORRELATION_ID: &str = "correlation-id";
    /// The topic that waits for the reply.
    pub const REPLY_TO: &str = "reply-to";
    /// How often handling it has failed.
    pub const ATTEMPT: &str = "attempt";
    /// Milliseconds since 1970 before which a retry must not be handled.
    pub const NOT_BEFORE: &str = "not-before";
    /// Why it was given up.
    pub const REASON: &str = "reason";
    /// The topic that it was first sent to.
    pub const ORIGIN: &str = "origin";
}

pub struct Received {
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
    pub key: String,
    pub payload: Vec<u8>,
    pub headers: Vec<(String, String)>,
    /// Where the message was created; a new trace when it does not say.
    pub created: Context,
    /// The span of its processing.
    pub processing: Context,
}

impl Received {
    pub fn of(message: &BorrowedMessage<'_>) -> Received {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let headers: Vec<(String, String)> = message
            .headers()
            .into_iter()
            .flat_map(|headers| headers.iter())
            .map(|header| (header.key.to_string(), header.value.map(text).unwrap_or_default()))
            .collect();
        let mut received = Received {
            topic: message.topic().to_string(),
            partition: message.partition(),
            offset: message.offset(),
            key: message.key().map(text).unwrap_or_default(),
            payload: message.payload().unwrap_or_default().to_vec(),
            headers,
            created: Context::root(),
            processing: Context::root(),
        };
        if let Some(created) = received.header(Context::HEADER).and_then(Context::parse) {
            received.created = created;
        }
        received.processing = received.created.child();
        received
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    pub fn number<N: std::str::FromStr>(&self, name: &str) -> Option<N> {
        self.header(name)?.parse().ok()
    }

    /// Its id; one without is known by its place.
    pub fn id(&self) -> u64 {
        let given = self.header(header::MESSAGE_ID);
        let given = given.and_then(|text| u64::from_str_radix(text, 16).ok());
        given.unwrap_or_else(|| (self.partition.unsigned_abs() as u64) << 48 | self.offset.unsigned_abs())
    }

    pub fn read(&self, newest: u16) -> Result<Message, Unreadable> {
        message::read(self.number(header::SCHEMA_VERSION), newest, &self.payload)
    }
}
