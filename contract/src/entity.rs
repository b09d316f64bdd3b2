//! What a broker is made of: entities and their identity.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{ConnectionId, Elsewhere, EntityKind};

/// The store's number for an entity, unique over all connections; used in URLs so that no broker name has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct EntityId(pub i64);

/// Identity of an entity inside its connection. Names may hold any character, so a path is never joined to parse it back.
///
/// Cheap to clone, and quickly equal to its own clones: every sample of a visit carries one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct EntityKey {
    pub kind: EntityKind,
    pub path: Arc<[String]>,
}

impl EntityKey {
    pub fn new<S: Into<String>>(kind: EntityKind, path: impl IntoIterator<Item = S>) -> EntityKey {
        EntityKey {
            kind,
            path: path.into_iter().map(Into::into).collect(),
        }
    }

    /// The connection as a whole.
    pub fn cluster() -> EntityKey {
        EntityKey {
            kind: EntityKind::Cluster,
            path: Arc::from([]),
        }
    }

    /// The last element of the path; empty for the cluster and for RabbitMQ's default exchange.
    pub fn name(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    /// The name as a person reads it; the nameless ones have a name too.
    pub fn title(&self) -> &str {
        EntityRef::title_of(self.kind, self.name())
    }

    /// What comes before the name, for display only.
    pub fn scope(&self) -> String {
        match self.path.len() {
            0 | 1 => String::new(),
            n => self.path[..n - 1].join(" / "),
        }
    }
}

/// An entity as a collector sees it on one visit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Entity {
    pub key: EntityKey,
    /// The entity on whose page this one is listed: a partition's topic, a consumer's queue.
    pub parent: Option<EntityKey>,
    /// Settings of the broker object that explain its behaviour, in display order.
    pub attributes: Vec<Attribute>,
    /// Belongs to the broker itself (`__consumer_offsets`, `amq.topic`); hidden until asked for.
    pub internal: bool,
    /// Where the real one is, when this is only what is known of it here.
    #[serde(default)]
    pub stands_for: Option<Elsewhere>,
}

impl Entity {
    pub fn new(key: EntityKey) -> Entity {
        Entity {
            key,
            parent: None,
            attributes: Vec::new(),
            internal: false,
            stands_for: None,
        }
    }
}

/// One setting or fact about an entity, as text for people.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Attribute {
    /// The broker's own name for it, e.g. `retention.ms`, `x-dead-letter-exchange`.
    pub name: String,
    pub value: String,
    /// What it means here, e.g. "messages older than 7 days are removed".
    pub note: Option<String>,
}

impl Attribute {
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Attribute {
        Attribute {
            name: name.into(),
            value: value.into(),
            note: None,
        }
    }

    pub fn note(mut self, note: impl Into<String>) -> Attribute {
        self.note = Some(note.into());
        self
    }
}

/// An entity as the API names it: enough to show and link it anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct EntityRef {
    pub id: EntityId,
    pub connection: ConnectionId,
    pub kind: EntityKind,
    /// What comes before the name, such as a virtual host; empty when there is none.
    pub scope: String,
    pub name: String,
}

impl EntityRef {
    /// The name as a person reads it; the nameless ones have a name too.
    pub fn title(&self) -> &str {
        EntityRef::title_of(self.kind, &self.name)
    }

    /// The title of an entity of this kind and name.
    pub fn title_of(kind: EntityKind, name: &str) -> &str {
        match (kind, name) {
            (EntityKind::Exchange, "") => "(default exchange)",
            (EntityKind::Cluster, "") => "cluster",
            // A Kafka group may be called nothing, and a link needs something to press on.
            (_, "") => "(no name)",
            (_, name) => name,
        }
    }
}
