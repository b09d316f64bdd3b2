//! Between what shovels and federation links copy messages: edges to queues and exchanges of this broker, and to others.

use std::collections::{BTreeMap, HashMap, HashSet};

use brokerscope_contract::{Attribute, Entity, EntityKey, EntityKind, Evidence, Link, LinkKind};

use super::bridges::object;
use super::sites::{self, amqp_port, host_of};
use crate::addresses::is_loopback;
use crate::rabbitmq::bridges::address::Address;
use crate::rabbitmq::bridges::{Bridge, End, Object};
use crate::rabbitmq::names::{Name, QueueType};
use crate::rabbitmq::wire::Listener;

/// What is known of this broker.
pub struct Here<'a> {
    pub listeners: &'a [Listener],
    /// Hosts by which its management API is reached.
    pub hosts: Vec<&'a str>,
    /// Where clients reach it.
    pub addresses: Vec<String>,
    pub queues: &'a HashMap<Name, QueueType>,
    pub exchanges: &'a HashSet<Name>,
    /// Virtual hosts of which everything is in the two above.
    pub is_watched: &'a dyn Fn(&str) -> bool,
}

/// The edges, and the entities outside of this connection that they lead to or come from.
#[derive(Debug, Default)]
pub struct Joined {
    pub links: Vec<Link>,
    pub endpoints: Vec<Entity>,
}

pub fn join(bridges: &[Bridge], here: &Here<'_>) -> Joined {
    let mut endpoints = BTreeMap::new();
    let mut links = Vec::new();
    for bridge in bridges {
        let Some(ends) = &bridge.ends else { continue };
        let node = bridge.node.as_deref();
        let (Some(from), Some(to)) = (here.place(&ends.from, node), here.place(&ends.to, node)) else {
            continue;
        };
        let mut label = bridge.label.clone();
        label.extend(from.detail.map(|detail| format!(", of {detail}")));
        label.extend(to.detail.map(|detail| format!(", into {detail}")));
        links.push(Link {
            from: from.key,
            to: to.key,
            kind: LinkKind::Copies,
            label: Some(label),
            evidence: match bridge.state.runs() {
                true => Evidence::Connected,
                false => Evidence::Declared,
            },
        });
        let outside = [from.outside, to.outside].into_iter().flatten();
        endpoints.extend(outside.map(|entity| (entity.key.clone(), entity)));
    }
    Joined {
        links,
        endpoints: endpoints.into_values().collect(),
    }
}

/// One end of an edge.
struct Place {
    key: EntityKey,
    /// What the key does not say: a routing key.
    detail: Option<String>,
    outside: Option<Entity>,
}

impl Here<'_> {
    /// `None` for what is not told, and for what this broker does not have: an edge must not bring it to life.
    fn place(&self, end: &End, node: Option<&str>) -> Option<Place> {
        let known = |key| {
            let detail = match &end.object {
                Object::Exchange(_, Some(key)) => Some(format!("key {key}")),
                _ => None,
            };
            Some(Place {
                key,
                detail,
                outside: None,
            })
        };
        let vhost = end.at.vhost.as_deref().unwrap_or_default();
        if !self.is_here(&end.at, node) {
            return Some(self.outside(format!("AMQP broker at {}", end.at), end, node));
        }
        if !(self.is_watched)(vhost) {
            return Some(self.outside(format!("virtual host {vhost} of this broker"), end, node));
        }
        match &end.object {
            Object::Queue(name) => {
                let name = Name::new(vhost, name);
                let kind = self.queues.get(&name)?;
                known(name.key(kind.entity_kind()))
            }
            Object::Exchange(name, _) => {
                let name = Name::new(vhost, name);
                let exists = self.exchanges.contains(&name);
                exists.then(|| name.key(EntityKind::Exchange)).and_then(known)
            }
            Object::Address(_) | Object::Unknown => None,
        }
    }

    /// One box for each queue or exchange, because each may be one that another connection watches.
    fn outside(&self, broker: String, end: &End, node: Option<&str>) -> Place {
        // A routing key is one edge's own.
        let (inside, detail) = match &end.object {
            Object::Exchange(name, Some(key)) => (
                Some(object(&Object::Exchange(name.clone(), None))),
                Some(format!("key {key}")),
            ),
            Object::Unknown => (None, None),
            other => (Some(object(other)), None),
        };
        let key = EntityKey::new(EntityKind::Endpoint, std::iter::once(broker).chain(inside));
        let mut entity = Entity::new(key.clone());
        entity.stands_for = sites::elsewhere(end, node, &self.addresses, &self.hosts);
        let mut add = |name: &str, value: Option<String>| {
            entity.attributes.extend(value.map(|value| Attribute::new(name, value)));
        };
        add("host", end.at.host.clone());
        add("port", end.at.host.is_some().then(|| end.at.port.to_string()));
        add("virtual host", end.at.vhost.clone());
        add("TLS", end.at.tls.then(|| "yes".into()));
        Place {
            key,
            detail,
            outside: Some(entity),
        }
    }

    /// Whether an address, as seen from `node`, is one of this broker's own listeners. In doubt it is another broker.
    fn is_here(&self, address: &Address, node: Option<&str>) -> bool {
        let Some(host) = address.host.as_deref() else {
            return true;
        };
        self.listeners
            .iter()
            .filter(|listener| amqp_port(listener) == Some(address.port))
            .any(|listener| {
                let machine = host_of(&listener.node);
                match is_loopback(host) {
                    // Of the machine on which the bridge runs.
                    true => node.is_some_and(|node| host_of(node) == machine),
                    false => listener.ip_address == host || machine == host || self.hosts.contains(&host),
                }
            })
    }
}
