//! Who made what speaks Kafka's protocol here: it says so only in small things, and some things are never offered.

use super::wire::Cluster;

/// The maker of the brokers, as far as it can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Vendor {
    /// Apache Kafka, or something that does not tell itself from it.
    #[default]
    Kafka,
    Redpanda,
}

impl Vendor {
    /// Redpanda begins the cluster's id with its own name, also before there is one.
    pub fn of(cluster: &Cluster) -> Vendor {
        match cluster.id.as_deref() {
            Some(id) if id.starts_with("redpanda.") => Vendor::Redpanda,
            _ => Vendor::Kafka,
        }
    }

    /// Who does not offer something.
    pub fn who(self) -> &'static str {
        match self {
            Vendor::Kafka => "this broker",
            Vendor::Redpanda => "Redpanda",
        }
    }

    /// What the broker that is named as the controller is.
    pub fn meaning_of_controller(self) -> &'static str {
        match self {
            Vendor::Kafka => "without ZooKeeper: a broker that passes requests on to the active controller",
            Vendor::Redpanda => "the leader of the brokers' own controller group",
        }
    }
}
