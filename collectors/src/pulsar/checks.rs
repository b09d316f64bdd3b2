//! The health checks: what each means, and what to do.

use brokerscope_contract::{Absence, CheckDef, CheckId, CheckResult, EntityKey, Status};

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    id: &'static str,
    label: &'static str,
    meaning: &'static str,
    remedy: &'static str,
}

impl Check {
    pub fn result(&self, entity: EntityKey, status: Status, text: impl Into<String>) -> CheckResult {
        CheckResult {
            entity,
            check: CheckId(self.id.into()),
            status,
            text: text.into(),
            absent: None,
        }
    }

    pub fn unknown(&self, entity: EntityKey, why: Absence, text: impl Into<String>) -> CheckResult {
        CheckResult {
            absent: Some(why),
            ..self.result(entity, Status::Unknown, text)
        }
    }
}

macro_rules! checks {
    ($($konst:ident = $id:literal, $label:literal, $meaning:literal, $remedy:literal;)*) => {
        $(pub const $konst: Check = Check { id: $id, label: $label, meaning: $meaning, remedy: $remedy };)*
        const TABLE: &[Check] = &[$($konst,)*];
    };
}

checks! {
    REACHABLE = "reachable", "Reachable", "The admin API answers.", "Check address, network and TLS with the connection's test.";
    LOGIN = "login", "Logged in", "The role may see the whole cluster.", "Make the role a super-user: superUserRoles in the configuration of the brokers. Without it, figures come from the metrics endpoint or from each topic by itself.";
    BROKER_ANSWERS = "broker_answers", "Broker answers", "The broker tells the figures of the topics that it serves.", "Let this machine reach the broker's web port, and look into the broker's log.";
    BROKER_HEALTH = "broker_health", "Broker sends and receives", "The broker can send itself a message and read it: bookies, metadata store and broker work together.", "Look into the broker's log for the health check; often too few bookies are writable.";
    LEADER = "leader", "Leader elected", "The brokers have a leader, which spreads the load.", "Check the metadata store (ZooKeeper, etcd, Oxia) and the brokers' connections to it.";
    BOOKIES = "bookies", "Enough bookies", "There are as many bookies as every namespace wants for a message.", "Start the missing bookies, or lower the ensemble size of the namespace: pulsar-admin namespaces set-persistence.";
    BACKLOG_QUOTA = "backlog_quota", "Backlog quota", "No topic of the namespace is near its backlog quota; at the quota Pulsar blocks producers or drops messages.", "Let the slowest subscription catch up or delete it, or raise the quota: pulsar-admin namespaces set-backlog-quota.";
    REPLICATION = "replication", "Geo-replication", "Every replicator of the namespace is connected and less than five minutes behind.", "Check that this cluster's brokers reach the other cluster's, and its login: pulsar-admin clusters get CLUSTER.";
    INSTANCES = "component_instances", "Instances", "Every instance of the function, source or sink runs.", "Read its error, remove the cause, then pulsar-admin functions (or sources, sinks) restart. One that was stopped is started by ... start. pulsar-admin ... status tells of each instance.";
    UNACKED = "unacked", "Not blocked on unacknowledged messages", "No subscription of the namespace has reached the number of unacknowledged messages at which Pulsar stops delivering.", "Let consumers acknowledge, find those that hold messages for long, or raise the limit: pulsar-admin namespaces set-max-unacked-messages-per-subscription.";
}

/// The whole table.
pub fn defs() -> Vec<CheckDef> {
    TABLE
        .iter()
        .map(|check| CheckDef::new(check.id, check.label, check.meaning, check.remedy))
        .collect()
}
