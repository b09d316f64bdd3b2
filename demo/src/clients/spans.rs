//! The spans of a consumer, with the messaging conventions of OpenTelemetry.

use super::received::{Received, header};
use crate::telemetry::{Context, Kind, Span, Value};

/// Whose spans they are.
#[derive(Clone, Copy)]
pub struct SpansOf<'a> {
    /// The name of the group too.
    pub service: &'static str,
    pub client: &'a str,
}

impl SpansOf<'_> {
    pub fn receive(&self, message: &Received, start: i64, end: i64) -> Span {
        let context = Context::root();
        Span {
            context,
            parent: None,
            links: vec![message.created],
            name: format!("poll {}", message.topic),
            kind: Kind::Client,
            attributes: self.attributes(message, "poll", "receive"),
            ..self.span(context, start, end, None)
        }
    }

    pub fn process(&self, message: &Received, start: i64, end: i64, error: Option<String>) -> Span {
        Span {
            parent: Some(message.created.span),
            links: vec![message.created],
            name: format!("process {}", message.topic),
            kind: Kind::Consumer,
            attributes: self.attributes(message, "process", "process"),
            ..self.span(message.processing, start, end, error)
        }
    }

    /// `links` lead to where the messages were created that are settled.
    pub fn settle(&self, topic: &str, links: Vec<Context>, start: i64, end: i64, error: Option<String>) -> Span {
        Span {
            links,
            name: format!("commit {topic}"),
            kind: Kind::Client,
            attributes: self.named("commit", "settle", topic),
            ..self.span(Context::root(), start, end, error)
        }
    }

    fn span(&self, context: Context, start: i64, end: i64, error: Option<String>) -> Span {
        Span {
            service: self.service,
            context,
            parent: None,
            links: Vec::new(),
            name: String::new(),
            kind: Kind::Internal,
            start,
            end,
            attributes: Vec::new(),
            error,
        }
    }

    fn named(&self, name: &str, kind: &str, topic: &str) -> Vec<(&'static str, Value)> {
        vec![
            ("messaging.system", "kafka".into()),
            ("messaging.operation.name", name.into()),
            ("messaging.operation.type", kind.into()),
            ("messaging.destination.name", topic.into()),
            ("messaging.consumer.group.name", self.service.into()),
            ("messaging.client.id", self.client.into()),
        ]
    }

    fn attributes(&self, message: &Received, name: &str, kind: &str) -> Vec<(&'static str, Value)> {
        let mut attributes = self.named(name, kind, &message.topic);
        attributes.push((
            "messaging.destination.partition.id",
            message.partition.to_string().into(),
        ));
        attributes.push(("messaging.kafka.offset", message.offset.into()));
        attributes.push(("messaging.kafka.message.key", message.key.as_str().into()));
        let named = [
            (header::MESSAGE_ID, "messaging.message.id"),
            (header::CORRELATION_ID, "messaging.message.conversation_id"),
        ];
        for (name, attribute) in named {
            if let Some(value) = message.header(name) {
                attributes.push((attribute, value.into()));
            }
        }
        attributes
    }
}
