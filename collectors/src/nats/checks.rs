//! The health checks: what each means, and what to do when it fails.

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
    REACHABLE = "reachable", "Reachable", "NATS answers.", "Check address, network and TLS with the connection's test.";
    LOGIN = "login", "Way in", "The login or the monitoring ports show all that is asked for.", "Use a user of the system account, or allow the user the subjects that the documentation lists.";
    SERVER_ANSWERS = "server_answers", "Server answers", "The server answers, and others are in touch with it.", "Start the server, or repair the network between it and the others.";
    SERVER_HEALTH = "server_health", "Accepts connections", "The server accepts connections of clients.", "See the server's log; it may be shutting down (lame duck mode) or starting.";
    SLOW_CONSUMERS = "slow_consumers", "Readers keep up", "No connection was closed lately because it did not take its messages fast enough.", "Make the named client faster, spread its load over a queue group, or read through a JetStream pull consumer.";
    PENDING_BYTES = "pending_bytes", "Nothing piles up for clients", "No connection has half of the bytes waiting for it that the server allows.", "Make the named client faster before the server closes its connection.";
    CONNECTION_LIMIT = "connection_limit", "Below connection limit", "The server has connections left for new clients.", "Find clients that open connections without end, or raise max_connections.";
    JETSTREAM_STORAGE = "jetstream_storage", "JetStream storage", "JetStream's storage on the server is less than three quarters full.", "Remove or limit streams, add servers, or raise max_file_store or max_memory_store.";
    ACCOUNT_LIMITS = "account_limits", "Below the account's limits", "The account uses less than three quarters of what it may use of JetStream.", "Remove or limit streams, or raise the account's limits.";
    STREAM_LIMITS = "stream_limits", "Streams below their limits", "No stream that refuses messages when it is full is nearly full.", "Let readers catch up, purge the stream, or raise its limits.";
    META_LEADER = "meta_leader", "JetStream has a leader", "The servers with JetStream have elected a leader of the meta group; without one nothing can be created.", "Start the missing servers; a majority of them is needed.";
    META_PEERS = "meta_peers", "JetStream's servers are current", "All members of the meta group are online and up to date.", "Start the server that is missing; one that is gone for good is removed with: nats server raft peer-remove.";
    LEADERS = "leaders", "Streams and consumers have leaders", "Every stream and consumer has a leader, so that it can be used.", "Start the missing servers; a majority of a stream's replicas is needed.";
    REPLICAS = "replicas", "Replicas are current", "All replicas of streams and consumers are online and up to date.", "Start the missing servers and let them catch up before another one is stopped.";
    SOURCES = "sources", "Mirrors and sources are fed", "Every mirror and source heard from its origin within the last minute.", "Check that the origin exists and that the server, leaf node or gateway between is connected.";
    UNREAD_WORK = "unread_work", "Work queues are read", "Every work-queue stream that holds messages has a consumer.", "Create a consumer, or remove the stream.";
    ROUTES = "routes", "Cluster complete", "Every server is connected to all others of its cluster.", "Repair the network between the servers.";
    GATEWAYS = "gateways", "Gateways connected", "Every gateway that is configured is connected.", "Repair the network between the clusters, and check the gateway's address and login.";
    CERTIFICATES = "certificates", "Certificates", "No server's certificate expires within a month.", "Renew the certificate; nats-server --signal reload reads it again.";
}

/// The whole table.
pub fn table() -> Vec<CheckDef> {
    let rows = TABLE.iter();
    rows.map(|check| CheckDef::new(check.id, check.label, check.meaning, check.remedy))
        .collect()
}

/// From three quarters on a limit is near, from nine tenths on it is reached for all that matters.
pub fn of_limit(used: f64, limit: f64) -> Status {
    match used / limit {
        share if share >= 0.9 => Status::Critical,
        share if share >= 0.75 => Status::Warning,
        _ => Status::Ok,
    }
}

/// "ORDERS, WORK and 3 more", for sentences.
pub fn some_of(names: &[String]) -> String {
    const SHOWN: usize = 3;
    let shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_warn_before_they_are_reached() {
        for (used, expected) in [
            (74.0, Status::Ok),
            (75.0, Status::Warning),
            (90.0, Status::Critical),
            (120.0, Status::Critical),
        ] {
            assert_eq!(of_limit(used, 100.0), expected, "{used}");
        }
    }

    #[test]
    fn a_long_list_is_cut_and_says_so() {
        let names = |n: usize| (0..n).map(|i| format!("S{i}")).collect::<Vec<_>>();
        assert_eq!(some_of(&names(2)), "S0, S1");
        assert_eq!(some_of(&names(5)), "S0, S1, S2 and 2 more");
    }
}
