//! Where clients reach this broker, and which broker the address of a bridge means.

use std::collections::BTreeSet;

use brokerscope_contract::{Elsewhere, EntityKey, EntityKind, Site, System};

use crate::addresses::{self, address, is_any, is_loopback, own_machine};
use crate::rabbitmq::bridges::address::Address;
use crate::rabbitmq::bridges::{End, Object};
use crate::rabbitmq::wire::Listener;

/// The machine in a node's name.
pub fn host_of(node: &str) -> &str {
    node.split_once('@').map_or(node, |(_, host)| host)
}

/// By the names of its nodes' machines, by the addresses that they listen on, and by the hosts of its management API.
pub fn addresses(listeners: &[Listener], management: &[&str]) -> Vec<String> {
    let amqp = || {
        listeners
            .iter()
            .filter_map(|listener| Some((listener, amqp_port(listener)?)))
    };
    let own = amqp().flat_map(|(listener, port)| {
        let hosts = [host_of(&listener.node), listener.ip_address.as_str()];
        // What only that machine itself reaches there is nobody else's address.
        let elsewhere = hosts
            .into_iter()
            .filter(|host| !host.is_empty() && !is_any(host) && !is_loopback(host));
        elsewhere.map(move |host| address(host, port)).collect::<Vec<_>>()
    });
    let ports: BTreeSet<u16> = amqp().map(|(_, port)| port).collect();
    let managed = management
        .iter()
        .flat_map(|host| ports.iter().map(|port| address(host, *port)));
    addresses::set(own.chain(managed))
}

pub fn amqp_port(listener: &Listener) -> Option<u16> {
    let port = listener.port.filter(|_| listener.protocol.starts_with("amqp"))?;
    (0.0..=f64::from(u16::MAX)).contains(&port).then_some(port as u16)
}

/// What one end of a bridge is, for who watches that broker. `node` is where the bridge runs, `own` are this broker's
/// addresses and `management` the hosts of its management API.
pub fn elsewhere(end: &End, node: Option<&str>, own: &[String], management: &[&str]) -> Option<Elsewhere> {
    let vhost = end.at.vhost.as_deref()?;
    let key = |kind, name: &String| EntityKey::new(kind, [vhost, name.as_str()]);
    let keys = match &end.object {
        // A stream is a queue too, to who sends to it.
        Object::Queue(name) => vec![key(EntityKind::Queue, name), key(EntityKind::Stream, name)],
        Object::Exchange(name, _) => vec![key(EntityKind::Exchange, name)],
        Object::Address(_) | Object::Unknown => return None,
    };
    let addresses = meant(&end.at, node, own, management);
    (!addresses.is_empty()).then_some(Elsewhere {
        system: System::RabbitMq,
        at: Site::Addresses(addresses),
        keys,
    })
}

/// A loopback address is on the machine on which the bridge runs.
fn meant(at: &Address, node: Option<&str>, own: &[String], management: &[&str]) -> Vec<String> {
    let Some(host) = at.host.as_deref() else {
        return own.to_vec();
    };
    if !is_loopback(host) {
        return vec![address(host, at.port)];
    }
    let named = node.map(host_of).filter(|host| !is_loopback(host));
    let hosts = named.into_iter().chain(own_machine(management));
    addresses::set(hosts.map(|host| address(host, at.port)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listener(node: &str, protocol: &str, ip_address: &str, port: f64) -> Listener {
        Listener {
            node: node.into(),
            protocol: protocol.into(),
            ip_address: ip_address.into(),
            port: Some(port),
            ..Listener::default()
        }
    }

    #[test]
    fn a_broker_is_reached_by_every_name_of_it_at_its_amqp_ports() {
        let listeners = [
            listener("rabbit@One", "amqp", "::", 5_672.0),
            listener("rabbit@One", "amqp/ssl", "10.0.0.7", 5_671.0),
            listener("rabbit@One", "http", "::", 15_672.0),
            listener("rabbit@localhost", "amqp", "127.0.0.1", 5_673.0),
        ];
        let expected = [
            "10.0.0.7:5671",
            "mq.example:5671",
            "mq.example:5672",
            "mq.example:5673",
            "one:5671",
            "one:5672",
        ];
        assert_eq!(addresses(&listeners, &["mq.example"]), expected);
    }

    #[test]
    fn an_address_means_what_it_means_where_the_bridge_runs() {
        let at = |uri: &str| Address::parse(uri).unwrap();
        let own = ["one:5672".to_string()];
        let meant = |uri: &str, management: &[&str]| meant(&at(uri), Some("rabbit@one"), &own, management);
        assert_eq!(meant("amqp://EU.example/v", &["a"]), ["eu.example:5672"]);
        assert_eq!(meant("amqp:///v", &["a"]), ["one:5672"], "itself");
        // Loopback there is not loopback here.
        assert_eq!(
            meant("amqp://localhost:5673/v", &["10.0.0.7"]),
            ["10.0.0.7:5673", "one:5673"]
        );
        assert_eq!(
            meant("amqp://127.0.0.1:5673/v", &["::1"]),
            ["localhost:5673", "one:5673"]
        );
        assert_eq!(
            meant("amqp://127.0.0.1:5673/v", &["a", "b"]),
            ["one:5673"],
            "it could be either"
        );
    }

    #[test]
    fn a_queue_may_be_a_stream_and_what_is_not_told_is_nothing() {
        let end = |object| End {
            at: Address::parse("amqp://eu/v").unwrap(),
            object,
        };
        let keys = |object| {
            let elsewhere = elsewhere(&end(object), None, &[], &[])?;
            Some(
                elsewhere
                    .keys
                    .into_iter()
                    .map(|key| (key.kind, key.path.join(" ")))
                    .collect::<Vec<_>>(),
            )
        };
        let queue = vec![
            (EntityKind::Queue, "v q".to_string()),
            (EntityKind::Stream, "v q".to_string()),
        ];
        assert_eq!(keys(Object::Queue("q".into())), Some(queue));
        let exchange = vec![(EntityKind::Exchange, "v x".to_string())];
        assert_eq!(keys(Object::Exchange("x".into(), Some("key".into()))), Some(exchange));
        assert_eq!(keys(Object::Unknown), None);
    }
}
