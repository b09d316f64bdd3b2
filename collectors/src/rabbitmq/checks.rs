//! The health checks: what each means, what to do, and what a check endpoint's answer says.

use brokerscope_contract::{Absence, CheckDef, CheckId, CheckResult, EntityKey, Status};

use super::client::Answer;
use super::failure::Failure;
use super::wire::Explanation;
use crate::excerpt::shortened;

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    id: &'static str,
    label: &'static str,
    meaning: &'static str,
    remedy: &'static str,
}

impl Check {
    pub fn id(&self) -> CheckId {
        CheckId(self.id.into())
    }

    pub fn result(&self, entity: EntityKey, status: Status, text: impl Into<String>) -> CheckResult {
        CheckResult {
            entity,
            check: self.id(),
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
    REACHABLE = "reachable", "Reachable", "The management API answers.", "Check address, network and TLS with the connection's test.";
    LOGIN = "login", "Logged in", "User and password are right and the user may see the whole cluster.", "Give the user the tag monitoring and a permission on every virtual host: rabbitmqctl set_permissions -p VHOST USER '^$' '^$' '^$'.";
    ALARMS = "alarms", "Alarms in the cluster", "No node has an alarm; an alarm blocks publishers on all nodes.", "See which node has it: rabbitmq-diagnostics alarms.";
    NODE_RUNNING = "node_running", "Node runs", "The node runs and is in touch with the others.", "Start the node, and read its log from before it stopped.";
    MEMORY_ALARM = "memory_alarm", "Memory", "The node uses less memory than its limit; at the limit it blocks publishers.", "Let consumers catch up, find queues with many messages in memory, or raise vm_memory_high_watermark.";
    DISK_ALARM = "disk_alarm", "Disk", "More disk is free than the limit; below it the node blocks publishers.", "Free disk space on the node, purge or consume what is stored, or enlarge the volume.";
    FILE_DESCRIPTORS = "file_descriptors", "File descriptors", "The node has file descriptors left for new connections and queues.", "Find clients that open connections without end, or raise the limit of open files.";
    PARTITION = "partition", "Cluster in one piece", "The node sees all others as its peers.", "Repair the network between the nodes, then restart the nodes of the smaller side, one by one.";
    LISTENERS = "listeners", "Listeners", "The node listens for clients.", "See rabbitmq-diagnostics listeners, and the log for a port that was taken or a certificate that could not be read.";
    VHOSTS_RUNNING = "vhosts_running", "Virtual hosts", "Every virtual host runs on every node.", "Restart the virtual host: rabbitmqctl restart_vhost -p VHOST; its failure is in the log.";
    CERTIFICATES = "certificates", "Certificates", "No certificate of a listener expires within a month.", "Renew the certificate; the node reads it again without a restart.";
    QUORUM_CRITICAL = "quorum_critical", "Safe to stop", "The node can be stopped without any queue or stream losing its majority.", "Wait until members have caught up, or add replicas: rabbitmq-queues check_if_node_is_quorum_critical.";
    LEADERLESS_QUEUES = "leaderless_queues", "Quorum queues have leaders", "Every quorum queue has elected a leader.", "Start the missing nodes; where a majority is lost for good, see rabbitmq-queues about recovery.";
    METADATA_STORE = "metadata_store", "Metadata store", "The store of queues, bindings and users is ready and holds data.", "Look into the log for the metadata store (Khepri); a minority of nodes cannot serve it.";
    IN_SERVICE = "in_service", "In service", "The node is booted and takes part in the cluster.", "Wait for the boot to end, or see why it does not in the log.";
    CONNECTION_LIMIT = "connection_limit", "Below connection limit", "The node accepts further connections.", "Find clients that open connections without end, or raise the node's connection limit.";
    READY_TO_SERVE = "ready_to_serve", "Ready for clients", "The node is booted, not in maintenance, and listens for clients.", "End the maintenance mode: rabbitmq-upgrade revive.";
    CLUSTER_SIZE = "cluster_size", "Cluster complete", "As many nodes as the configuration expects have joined.", "Start the missing nodes or correct cluster_formation.target_cluster_size_hint.";
    PROMETHEUS = "prometheus", "Prometheus endpoint", "The node's Prometheus endpoint answers, which makes figures per queue cheap.", "Enable the plugin (rabbitmq-plugins enable rabbitmq_prometheus) and let this machine reach port 15692, or give the addresses in the connection's settings.";
    DEAD_LETTER_TARGETS = "dead_letter_targets", "Dead letters arrive", "Every dead-letter exchange exists and leads to a queue.", "Declare the exchange and bind a queue to it, or correct the policy or the queue's arguments.";
    SHOVEL = "shovel", "Shovel", "The shovel is connected at both ends and moves what there is to move.", "Check that address, user, password and virtual host of both ends are right and can be reached from the node on which it runs, and that its queues and exchanges exist; a blocked one waits for the alarm of its destination to end. rabbitmqctl shovel_status says more, and so does the node's log.";
    SHOVELS = "shovels", "Shovels are watched", "It is known which shovels there are; each has a check of its own.", "Where shovels are used, enable the plugin rabbitmq_shovel_management on every node, and give the user the tag monitoring.";
    FEDERATION_LINK = "federation_link", "Federation link", "The link is connected to its upstream and brings over what arrives there.", "Check that address, user, password and virtual host of the upstream are right and can be reached from the node on which the link runs. rabbitmqctl federation_status says more, and so does the node's log.";
    FEDERATION = "federation", "Federation is watched", "It is known which federation links there are; each has a check of its own.", "Where federation is used, enable the plugin rabbitmq_federation_management on every node, and give the user the tag monitoring.";
    FEATURE_FLAGS = "feature_flags", "Feature flags", "Every stable feature flag is enabled, as the upgrade to a later version needs.", "When all nodes run the same version: rabbitmqctl enable_feature_flag all.";
    DEPRECATED_FEATURES = "deprecated_features", "Deprecated features", "Nothing is in use that a later version does not have.", "Read the release notes about each and replace it before the next upgrade: rabbitmqctl list_deprecated_features --used.";
}

/// The whole table.
pub fn defs() -> Vec<CheckDef> {
    TABLE
        .iter()
        .map(|check| CheckDef::new(check.id, check.label, check.meaning, check.remedy))
        .collect()
}

/// A check that the broker makes itself, behind an endpoint of its own.
#[derive(Debug, Clone, Copy)]
pub struct Endpoint {
    pub check: Check,
    /// After `/api/health/checks/`.
    pub path: &'static str,
    /// How bad it is when it fails.
    pub severity: Status,
    /// About the node that answers; otherwise about the cluster.
    pub per_node: bool,
}

/// In the order of the broker's own advice, shallow ones first. Never `aliveness-test`: it declares a queue and
/// publishes to it.
pub const ENDPOINTS: &[Endpoint] = {
    const fn node(check: Check, path: &'static str, severity: Status) -> Endpoint {
        Endpoint {
            check,
            path,
            severity,
            per_node: true,
        }
    }
    const fn cluster(check: Check, path: &'static str, severity: Status) -> Endpoint {
        Endpoint {
            check,
            path,
            severity,
            per_node: false,
        }
    }
    &[
        cluster(ALARMS, "alarms", Status::Critical),
        node(IN_SERVICE, "is-in-service", Status::Critical),
        node(READY_TO_SERVE, "ready-to-serve-clients", Status::Warning),
        node(CONNECTION_LIMIT, "below-node-connection-limit", Status::Critical),
        node(CERTIFICATES, "certificate-expiration/1/months", Status::Warning),
        node(QUORUM_CRITICAL, "node-is-quorum-critical", Status::Warning),
        cluster(METADATA_STORE, "metadata-store/initialized/with-data", Status::Critical),
        cluster(CLUSTER_SIZE, "reached-target-cluster-size", Status::Warning),
        cluster(
            LEADERLESS_QUEUES,
            "quorum-queues-without-elected-leaders/all-vhosts",
            Status::Critical,
        ),
    ]
};

/// What the answer of a check endpoint means: 200 is ok, 503 failed, 404 not known to this version, 401 not permitted.
pub fn classify(endpoint: &Endpoint, entity: EntityKey, answer: &Result<Answer, Failure>) -> CheckResult {
    let check = endpoint.check;
    let answer = match answer {
        Ok(answer) => answer,
        Err(failure) => return check.unknown(entity, failure.absence(), failure.to_string()),
    };
    let said: Explanation = serde_json::from_slice(&answer.body).unwrap_or_default();
    let reason = said.reason.map(|reason| shortened(&reason));
    match (answer.status, said.status.as_deref()) {
        (200, Some("ok")) => check.result(entity, Status::Ok, reason.unwrap_or_else(|| "ok".into())),
        (503, Some("failed")) => check.result(entity, endpoint.severity, reason.unwrap_or_else(|| "failed".into())),
        (404, _) => check.unknown(
            entity,
            Absence::NotSupported,
            "this version of RabbitMQ has no such check",
        ),
        (401 | 403, _) => check.unknown(entity, Absence::NotPermitted, "the user may not ask for this check"),
        (status, _) => check.unknown(entity, Absence::Failed, format!("unexpected answer, status {status}")),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_check_is_described_once() {
        let defs = defs();
        let ids: HashSet<_> = defs.iter().map(|def| &def.id).collect();
        assert_eq!(ids.len(), defs.len());
        assert!(
            defs.iter()
                .all(|def| def.meaning.ends_with('.') && def.remedy.ends_with('.'))
        );
        assert!(ENDPOINTS.iter().all(|endpoint| ids.contains(&endpoint.check.id())));
    }

    #[test]
    fn answers_are_told_apart() {
        let quorum = ENDPOINTS
            .iter()
            .find(|endpoint| endpoint.check.id == "quorum_critical")
            .unwrap();
        for (status, body, expected, absent) in [
            (
                200,
                r#"{"status":"ok","reason":"single node cluster"}"#,
                Status::Ok,
                None,
            ),
            (
                503,
                r#"{"status":"failed","reason":"there are queues that would lose their quorum"}"#,
                Status::Warning,
                None,
            ),
            (
                404,
                r#"{"error":"Object Not Found","reason":"Not Found"}"#,
                Status::Unknown,
                Some(Absence::NotSupported),
            ),
            (
                401,
                r#"{"error":"not_authorised"}"#,
                Status::Unknown,
                Some(Absence::NotPermitted),
            ),
            (503, "<html>no backend</html>", Status::Unknown, Some(Absence::Failed)),
            (200, "<html>It works!</html>", Status::Unknown, Some(Absence::Failed)),
            (500, "", Status::Unknown, Some(Absence::Failed)),
        ] {
            let answer = Ok(Answer {
                status,
                body: body.into(),
            });
            let result = classify(quorum, EntityKey::cluster(), &answer);
            assert_eq!((result.status, result.absent), (expected, absent), "{status} {body}");
        }
        let silent = Err(Failure::TimedOut("r:15672".into()));
        let result = classify(quorum, EntityKey::cluster(), &silent);
        assert_eq!((result.status, result.absent), (Status::Unknown, Some(Absence::Failed)));
    }
}
