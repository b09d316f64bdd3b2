//! Which brokers can be started, and the ports each one has for itself.

use std::path::{Path, PathBuf};

use super::aws::StandIn;
use crate::failure::{Failure, Outcome};

/// One startable broker: a single server or a cluster.
#[derive(Debug)]
pub struct Broker {
    pub name: &'static str,
    pub kind: Kind,
    pub nodes: u16,
    /// The first of its hundred ports.
    port: u16,
}

#[derive(Debug)]
pub enum Kind {
    RabbitMq(&'static Release),
    /// The version of Apache Kafka.
    Kafka(&'static str),
    /// The version of Kafka Connect, Apache Kafka's own.
    Connect(&'static str),
    /// The version of Apicurio Registry, which answers as a Schema Registry.
    Apicurio(&'static str),
    /// The same with TLS, logins and permissions.
    SecureKafka(&'static str),
    /// The version of Apache Pulsar.
    Pulsar(&'static str),
    /// The version of nats-server.
    Nats(&'static str),
    /// The same with TLS, client certificates and permissions.
    SecureNats(&'static str),
    /// Something that answers like Amazon's services.
    Aws(StandIn),
    /// The version of Google's in-memory server.
    PubSub(&'static str),
}

/// A Debian release, for the RabbitMQ it carries.
#[derive(Debug)]
pub struct Release {
    pub codename: &'static str,
    /// How the version of its rabbitmq-server begins.
    pub rabbitmq: &'static str,
}

pub const FORKY: Release = Release {
    codename: "forky",
    rabbitmq: "4.3.",
};
const BOOKWORM: Release = Release {
    codename: "bookworm",
    rabbitmq: "3.10.",
};

/// Every broker by name: both ends of the supported range, alone and as a cluster.
/// Ports lie below the range that systems hand out (32768 and up) and away from the defaults.
pub const BROKERS: [Broker; 18] = [
    Broker {
        name: "rabbitmq",
        kind: Kind::RabbitMq(&FORKY),
        nodes: 1,
        port: 27600,
    },
    Broker {
        name: "rabbitmq-cluster",
        kind: Kind::RabbitMq(&FORKY),
        nodes: 3,
        port: 27700,
    },
    Broker {
        name: "rabbitmq-3.10",
        kind: Kind::RabbitMq(&BOOKWORM),
        nodes: 1,
        port: 27800,
    },
    Broker {
        name: "kafka",
        kind: Kind::Kafka("4.1.0"),
        nodes: 1,
        port: 21100,
    },
    Broker {
        name: "kafka-cluster",
        kind: Kind::Kafka("4.1.0"),
        nodes: 3,
        port: 21200,
    },
    Broker {
        name: "kafka-3.9",
        kind: Kind::Kafka("3.9.1"),
        nodes: 1,
        port: 21300,
    },
    Broker {
        name: "connect",
        kind: Kind::Connect("4.1.0"),
        nodes: 1,
        port: 21400,
    },
    Broker {
        name: "apicurio",
        kind: Kind::Apicurio("2.6.13.Final"),
        nodes: 1,
        port: 21500,
    },
    Broker {
        name: "kafka-secure",
        kind: Kind::SecureKafka("4.1.0"),
        nodes: 1,
        port: 21600,
    },
    Broker {
        name: "pulsar",
        kind: Kind::Pulsar("4.2.4"),
        nodes: 1,
        port: 29400,
    },
    Broker {
        name: "pulsar-4.0",
        kind: Kind::Pulsar("4.0.7"),
        nodes: 1,
        port: 29500,
    },
    Broker {
        name: "nats",
        kind: Kind::Nats("2.15.2"),
        nodes: 1,
        port: 22100,
    },
    Broker {
        name: "nats-cluster",
        kind: Kind::Nats("2.15.2"),
        nodes: 3,
        port: 22200,
    },
    Broker {
        name: "nats-secure",
        kind: Kind::SecureNats("2.15.2"),
        nodes: 1,
        port: 22300,
    },
    Broker {
        name: "nats-2.10",
        kind: Kind::Nats("2.10.29"),
        nodes: 1,
        port: 22500,
    },
    Broker {
        name: "elasticmq",
        kind: Kind::Aws(StandIn::ElasticMq),
        nodes: 1,
        port: 28100,
    },
    Broker {
        name: "moto",
        kind: Kind::Aws(StandIn::Moto),
        nodes: 1,
        port: 28200,
    },
    Broker {
        name: "pubsub",
        kind: Kind::PubSub("2.8.1"),
        nodes: 1,
        port: 21900,
    },
];

/// What listens on a port; the number is its place among a broker's hundred.
#[derive(Debug, Clone, Copy)]
pub enum Listener {
    /// AMQP, the own protocol of Kafka, Pulsar or NATS, or HTTP where nothing else is spoken.
    Clients = 0,
    /// RabbitMQ's management interface, Pulsar's admin API, or NATS' monitoring.
    Management = 10,
    Prometheus = 20,
    Stream = 30,
    /// Between nodes: Erlang distribution, Kafka's controllers, Pulsar's bookie, or NATS' routes.
    Nodes = 40,
    /// Erlang's port mapper, one for all nodes.
    Mapper = 50,
    /// RabbitMQ's management interface or Pulsar's admin API over TLS.
    ManagementTls = 60,
    /// RabbitMQ's Prometheus endpoint over TLS, or NATS' monitoring.
    PrometheusTls = 64,
    /// Kafka with a login and without TLS.
    Login = 70,
    /// Kafka with a login over TLS.
    LoginTls = 74,
    /// Kafka over TLS, for clients with a certificate.
    ClientCertificate = 78,
    /// Kafka over TLS with a certificate for localhost and not for 127.0.0.1.
    ByName = 82,
    /// Kafka over TLS with a certificate that has ended.
    Expired = 86,
}

impl Listener {
    /// Its name in a message.
    pub fn label(self) -> &'static str {
        match self {
            Self::Clients => "clients",
            Self::Management => "management",
            Self::Prometheus => "prometheus",
            Self::Stream => "stream",
            Self::Nodes => "node to node",
            Self::Mapper => "epmd",
            Self::ManagementTls => "management over TLS",
            Self::PrometheusTls => "prometheus over TLS",
            Self::Login => "login",
            Self::LoginTls => "login over TLS",
            Self::ClientCertificate => "TLS with client certificates",
            Self::ByName => "TLS by name",
            Self::Expired => "TLS with an old certificate",
        }
    }
}

impl Broker {
    /// The port of a node (counted from 1) for one purpose.
    pub fn port(&self, listener: Listener, node: u16) -> u16 {
        self.port + listener as u16 + node
    }

    /// The loopback address of a node for one purpose.
    pub fn address(&self, listener: Listener, node: u16) -> String {
        format!("127.0.0.1:{}", self.port(listener, node))
    }

    /// The addresses of all nodes for one purpose.
    pub fn addresses(&self, listener: Listener) -> Vec<String> {
        self.node_numbers().map(|node| self.address(listener, node)).collect()
    }

    /// Nodes are counted from 1.
    pub fn node_numbers(&self) -> std::ops::RangeInclusive<u16> {
        1..=self.nodes
    }

    /// The broker that it works on, and without which it does not start.
    pub fn works_on(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Connect(_) => Some("kafka"),
            _ => None,
        }
    }

    /// What belongs to this broker: process ids, logs, endpoints, data.
    pub fn folder(&self, brokers: &Path) -> PathBuf {
        brokers.join(self.name)
    }
}

/// The brokers of these names, in the table's order; `all` stands for every one.
pub fn named(names: &[&str]) -> Outcome<Vec<&'static Broker>> {
    if names.contains(&"all") {
        return Ok(BROKERS.iter().collect());
    }
    for name in names {
        if !BROKERS.iter().any(|broker| broker.name == *name) {
            let known: Vec<_> = BROKERS.iter().map(|broker| broker.name).collect();
            return Err(Failure::new(format!(
                "there is no broker {name}; there are: {}, all",
                known.join(", ")
            )));
        }
    }
    Ok(BROKERS.iter().filter(|broker| names.contains(&broker.name)).collect())
}

/// The same with what they work on, which the table's order puts first.
pub fn named_with_needs(names: &[&str]) -> Outcome<Vec<&'static Broker>> {
    let mut wanted: Vec<&str> = names.to_vec();
    wanted.extend(named(names)?.iter().filter_map(|broker| broker.works_on()));
    named(&wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_listeners_share_a_port() {
        let listeners = [
            Listener::Clients,
            Listener::Management,
            Listener::Prometheus,
            Listener::Stream,
            Listener::Nodes,
            Listener::Mapper,
            Listener::ManagementTls,
            Listener::PrometheusTls,
            Listener::Login,
            Listener::LoginTls,
            Listener::ClientCertificate,
            Listener::ByName,
            Listener::Expired,
        ];
        let mut seen = BTreeSet::new();
        for broker in &BROKERS {
            for (listener, node) in listeners
                .iter()
                .flat_map(|l| broker.node_numbers().map(move |n| (*l, n)))
            {
                let port = broker.port(listener, node);
                assert!(port < 32768, "{port} may be in use by an outgoing connection");
                assert!(seen.insert(port), "{port} is taken twice, by {}", broker.name);
            }
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let failure = named(&["kafka", "kafak"]).unwrap_err().to_string();
        assert!(
            failure.contains("kafak") && failure.contains("rabbitmq-3.10"),
            "{failure}"
        );
        assert_eq!(named(&["all"]).unwrap().len(), BROKERS.len());
    }

    #[test]
    fn what_works_on_a_broker_brings_it_along_and_comes_after_it() {
        let with = |name| {
            named_with_needs(&[name])
                .unwrap()
                .iter()
                .map(|broker| broker.name)
                .collect::<Vec<_>>()
        };
        assert_eq!(with("connect"), ["kafka", "connect"]);
        assert_eq!(with("kafka"), ["kafka"]);
    }
}
