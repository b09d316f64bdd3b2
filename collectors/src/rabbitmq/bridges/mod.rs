//! Shovels and federation links: what copies messages, between which two places, and whether it does.
//!
//! [`shovels`] and [`federation`] read the broker's answers, [`address`] and [`reason`] what is in them.

pub mod address;
pub mod federation;
pub mod reason;
pub mod shovels;

use std::collections::BTreeMap;

use address::Address;
use brokerscope_contract::{EntityKey, EntityKind};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Shovel,
    Federation,
}

impl Kind {
    pub fn word(self) -> &'static str {
        match self {
            Kind::Shovel => "shovel",
            Kind::Federation => "federation",
        }
    }

    /// The plugin that runs them; another one tells of them.
    pub fn plugin(self) -> &'static str {
        match self {
            Kind::Shovel => "rabbitmq_shovel",
            Kind::Federation => "rabbitmq_federation",
        }
    }
}

/// Which bridge it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id {
    pub kind: Kind,
    /// `None` for a shovel of the configuration file.
    pub vhost: Option<String>,
    pub name: String,
}

impl Id {
    pub fn key(&self) -> EntityKey {
        let vhost = self.vhost.as_deref().unwrap_or_default();
        EntityKey::new(EntityKind::Bridge, [vhost, self.kind.word(), &self.name])
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Bridge {
    pub id: Id,
    /// Where it runs.
    pub node: Option<String>,
    pub state: State,
    /// Unknown for a shovel that does not run, unless its definition may be read.
    pub ends: Option<Ends>,
    /// The edge's label.
    pub label: String,
    pub forwarded: Option<f64>,
    pub pending: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    Running,
    /// It runs as fast as its destination lets it.
    Flow,
    /// Its destination takes nothing at present.
    Blocked,
    /// Not connected yet, or once more.
    Starting,
    /// Not connected; the reason in words.
    Down(String),
}

impl State {
    /// Copies messages, or could.
    pub fn runs(&self) -> bool {
        matches!(self, State::Running | State::Flow | State::Blocked)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ends {
    pub from: End,
    pub to: End,
}

/// One place that a bridge joins to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    pub at: Address,
    pub object: Object,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Object {
    Queue(String),
    /// With the routing key, where there is one.
    Exchange(String, Option<String>),
    /// Of AMQP 1.0, where it is not one of the two.
    Address(String),
    Unknown,
}

/// One for each, though nodes tell about those that moved on as well: the one that runs counts.
pub fn unique(bridges: impl Iterator<Item = Bridge>) -> Vec<Bridge> {
    let mut found: BTreeMap<Id, Bridge> = BTreeMap::new();
    for bridge in bridges {
        match found.get(&bridge.id) {
            Some(known) if known.state.runs() || !bridge.state.runs() => {}
            _ => drop(found.insert(bridge.id.clone(), bridge)),
        }
    }
    found.into_values().collect()
}
