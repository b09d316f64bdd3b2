//! What a service sends: each message with its id, schema version and trace context, and its acknowledgement awaited.

use std::rc::Rc;

use rdkafka::message::{Header, OwnedHeaders};
use tokio::task::JoinHandle;

use super::connect::{CARELESS_PRODUCER, PRODUCER};
use super::delivery::Parcel;
use super::received::{Received, header};
use crate::faults::Fault;
use crate::message::{self, Message};
use crate::shop::Shop;
use crate::telemetry::{Context, Kind, Span};

/// One service's way out.
pub struct Outbox {
    pub shop: Rc<Shop>,
    service: &'static str,
    /// Each ends with whether it was acknowledged.
    unacknowledged: Vec<JoinHandle<bool>>,
    /// Messages that will never be acknowledged any more.
    lost: usize,
}

/// Why what was handled may not be committed: the shop stops before all that was sent because of it is stored.
#[derive(Debug, thiserror::Error)]
#[error("{0} messages were never acknowledged")]
pub struct Unacknowledged(usize);

/// Where a message goes, and what is said beside it.
pub struct Sending<'a> {
    pub topic: &'a str,
    pub key: &'a str,
    /// Besides those that every message has.
    pub headers: Vec<(&'a str, String)>,
    /// What it is the consequence of; none begins a new trace.
    pub because_of: Option<Context>,
}

impl<'a> Sending<'a> {
    pub fn to(topic: &'a str, key: &'a str) -> Sending<'a> {
        Sending {
            topic,
            key,
            headers: Vec::new(),
            because_of: None,
        }
    }

    pub fn because(mut self, of: &Received) -> Sending<'a> {
        self.because_of = Some(of.processing);
        self
    }

    pub fn with(mut self, name: &'a str, value: impl ToString) -> Sending<'a> {
        self.headers.push((name, value.to_string()));
        self
    }
}

impl Outbox {
    pub fn new(shop: Rc<Shop>, service: &'static str) -> Outbox {
        Outbox {
            shop,
            service,
            unacknowledged: Vec::new(),
            lost: 0,
        }
    }

    /// Sends a message, and again until it is acknowledged; to wait for that, see [`Outbox::acknowledged`].
    pub async fn send(&mut self, sending: Sending<'_>, message: &Message) {
        let payload = match serde_json::to_vec(message) {
            Ok(payload) => payload,
            Err(error) => return tracing::error!(%error, "a message of the demo cannot be written"),
        };
        let newer = self.shop.faults().has(Fault::NewSchema) && matches!(message, Message::PageViewed { .. });
        let version = if newer { message::NEXT } else { message::CURRENT };
        let id = format!("{:016x}", fastrand::u64(..));
        let sending = sending
            .with(header::MESSAGE_ID, &id)
            .with(header::SCHEMA_VERSION, version);
        self.put(&sending, &payload).await;
    }

    /// Sends a message on as it is, with other headers beside its own.
    pub async fn pass_on(&mut self, message: &Received, topic: &str, changed: Vec<(&str, String)>) {
        let mut sending = Sending::to(topic, &message.key).because(message);
        let kept = message
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()));
        let kept = kept.filter(|(name, _)| *name != Context::HEADER && !changed.iter().any(|(new, _)| new == name));
        sending.headers = kept
            .chain(changed.iter().map(|(name, value)| (*name, value.clone())))
            .collect();
        self.put(&sending, &message.payload).await;
    }

    /// Sends bytes that are no message.
    pub async fn raw(&mut self, sending: Sending<'_>, payload: &[u8]) {
        self.put(&sending, payload).await;
    }

    async fn put(&mut self, sending: &Sending<'_>, payload: &[u8]) {
        let parent = sending.because_of;
        let context = parent.map_or_else(Context::root, Context::child);
        let mut headers = OwnedHeaders::new_with_capacity(sending.headers.len() + 1);
        let traced = (Context::HEADER, context.to_string());
        for (key, value) in sending.headers.iter().chain([&traced]) {
            let value = Some(value.as_str());
            headers = headers.insert(Header { key, value });
        }
        let parcel = Parcel {
            topic: sending.topic.to_string(),
            key: sending.key.to_string(),
            headers,
            payload: payload.to_vec(),
        };
        let tracer = self.shop.tracer.clone();
        let start = tracer.nanos();
        let careless = self.shop.careless_producer(self.service);
        let client = if careless.is_some() {
            CARELESS_PRODUCER
        } else {
            PRODUCER
        };
        let producer = careless.unwrap_or_else(|| self.shop.producer.clone());
        let enqueued = parcel.enqueue(&producer).await;
        let mut span = Span {
            service: self.service,
            context,
            parent: parent.map(|parent| parent.span),
            links: Vec::new(),
            name: format!("send {}", sending.topic),
            kind: Kind::Producer,
            start,
            end: start,
            attributes: attributes(sending, client, payload.len()),
            error: None,
        };
        let shop = self.shop.clone();
        self.unacknowledged.push(tokio::task::spawn_local(async move {
            span.error = parcel.deliver(&shop, &producer, enqueued).await.err();
            span.end = tracer.nanos();
            let stored = span.error.is_none();
            tracer.end(|| span);
            stored
        }));
    }

    /// Waits until the broker has acknowledged everything that was sent.
    ///
    /// # Errors
    /// The shop stops, and something was not, or ever was not before.
    pub async fn acknowledged(&mut self) -> Result<(), Unacknowledged> {
        for delivery in self.unacknowledged.drain(..) {
            // A task has no answer only when it has panicked.
            self.lost += usize::from(!delivery.await.unwrap_or(false));
        }
        match self.lost {
            0 => Ok(()),
            lost => Err(Unacknowledged(lost)),
        }
    }
}

fn attributes(
    sending: &Sending<'_>,
    client: &'static str,
    size: usize,
) -> Vec<(&'static str, crate::telemetry::Value)> {
    let mut attributes = vec![
        ("messaging.system", "kafka".into()),
        ("messaging.operation.name", "send".into()),
        ("messaging.operation.type", "send".into()),
        ("messaging.destination.name", sending.topic.into()),
        ("messaging.client.id", client.into()),
        ("messaging.kafka.message.key", sending.key.into()),
        (
            "messaging.message.body.size",
            i64::try_from(size).unwrap_or(i64::MAX).into(),
        ),
    ];
    let named = [
        (header::MESSAGE_ID, "messaging.message.id"),
        (header::CORRELATION_ID, "messaging.message.conversation_id"),
    ];
    for (name, attribute) in named {
        if let Some((_, value)) = sending.headers.iter().find(|(key, _)| *key == name) {
            attributes.push((attribute, value.as_str().into()));
        }
    }
    attributes
}
