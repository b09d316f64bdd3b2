//! Names of broker objects: every one lives in a virtual host.

use brokerscope_contract::{EntityKey, EntityKind};

/// An exchange or a queue by its virtual host and its own name. The default exchange has the empty name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    pub vhost: String,
    pub name: String,
}

impl Name {
    pub fn new(vhost: impl Into<String>, name: impl Into<String>) -> Name {
        Name {
            vhost: vhost.into(),
            name: name.into(),
        }
    }

    pub fn key(&self, kind: EntityKind) -> EntityKey {
        EntityKey::new(kind, [self.vhost.as_str(), self.name.as_str()])
    }

    /// As a person reads it in a sentence.
    pub fn shown(&self) -> String {
        match (self.vhost.as_str(), self.name.as_str()) {
            (_, "") => "the default exchange".into(),
            ("/", name) => format!("\"{name}\""),
            (vhost, name) => format!("\"{name}\" in virtual host \"{vhost}\""),
        }
    }
}

/// What kind of queue it is. Types of plugins and later versions count as [`QueueType::Other`] queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum QueueType {
    Classic,
    Quorum,
    Stream,
    Other,
}

impl QueueType {
    /// From the management API's word, or the Prometheus endpoint's.
    pub fn parse(word: &str) -> QueueType {
        match word {
            "classic" | "rabbit_classic_queue" => QueueType::Classic,
            "quorum" | "rabbit_quorum_queue" => QueueType::Quorum,
            "stream" | "rabbit_stream_queue" => QueueType::Stream,
            _ => QueueType::Other,
        }
    }

    pub fn entity_kind(self) -> EntityKind {
        match self {
            QueueType::Stream => EntityKind::Stream,
            QueueType::Classic | QueueType::Quorum | QueueType::Other => EntityKind::Queue,
        }
    }
}
