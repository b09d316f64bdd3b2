//! What librdkafka reports on its own, outside any request: log lines, errors, statistics.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::KafkaError;
use rdkafka::message::DeliveryResult;
use rdkafka::producer::ProducerContext;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    Log {
        facility: String,
        text: String,
    },
    Error {
        code: i32,
        text: String,
    },
    /// The statistics document, JSON.
    Statistics(String),
}

/// Where a client leaves what it reports, until somebody takes it.
#[derive(Default)]
pub struct Inbox {
    heard: Mutex<Vec<Happening>>,
}

impl Inbox {
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    pub fn take(&self) -> Vec<Happening> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Happening>> {
        // Nothing that can panic happens under the lock.
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ClientContext for Inbox {
    fn log(&self, _level: RDKafkaLogLevel, facility: &str, text: &str) {
        self.lock().push(Happening::Log {
            facility: facility.into(),
            text: text.into(),
        });
    }

    fn stats_raw(&self, document: &[u8]) {
        let document = String::from_utf8_lossy(document).into_owned();
        self.lock().push(Happening::Statistics(document));
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.lock().push(Happening::Error {
            code: error.rdkafka_error_code().map_or(0, |code| code as i32),
            text: reason.into(),
        });
    }
}

impl ProducerContext for Inbox {
    type DeliveryOpaque = ();

    /// Nothing is ever sent, so nothing is delivered.
    fn delivery(&self, _: &DeliveryResult<'_>, (): ()) {}
}
