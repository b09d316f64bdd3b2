//! Nodes with their figures, and the checks that their own numbers decide.

use brokerscope_contract::{Attribute, CheckResult, Entity, EntityKey, EntityKind, MetricId, Sample, Status, metrics};
use brokerscope_figures::format::{bytes, count, duration, percent};

use crate::rabbitmq::checks;
use crate::rabbitmq::scrape::NodeFigures;
use crate::rabbitmq::wire::{Listener, Node, Vhost};

pub fn key(name: &str) -> EntityKey {
    EntityKey::new(EntityKind::Node, [name])
}

/// A node as an entity. `version` is the cluster's, for versions whose nodes do not say their own.
pub fn entity(node: &Node, version: Option<&str>) -> Entity {
    let mut entity = Entity::new(key(&node.name));
    entity.parent = Some(EntityKey::cluster());
    let mut add = |name: &str, value: Option<String>| {
        entity.attributes.extend(value.map(|value| Attribute::new(name, value)));
    };
    let state = match (node.running, node.being_drained) {
        (false, _) => "not running",
        (true, true) => "in maintenance",
        (true, false) => "running",
    };
    add("condition", Some(state.into()));
    add("version", node.rabbitmq_version.clone().or(version.map(str::to_string)));
    add("erlang", node.erlang_version.clone());
    add("up for", node.uptime.map(|millis| duration(millis / 1000.0)));
    add("type", node.storage.clone());
    let plugins: Vec<&str> = node
        .enabled_plugins
        .iter()
        .map(|name| name.trim_start_matches("rabbitmq_"))
        .collect();
    add(
        "plugins",
        Some(plugins.join(", ")).filter(|plugins| !plugins.is_empty()),
    );
    entity
}

pub fn samples(node: &Node) -> Vec<Sample> {
    of_node(
        &node.name,
        &[
            (metrics::MEMORY_USED, node.mem_used),
            (metrics::MEMORY_LIMIT, node.mem_limit),
            (metrics::DISK_FREE, node.disk_free),
            (metrics::DISK_FREE_LIMIT, node.disk_free_limit),
            (metrics::RABBITMQ_FD_USED, node.fd_used),
            (metrics::RABBITMQ_FD_TOTAL, node.fd_total),
            (metrics::RABBITMQ_CONNECTIONS_OPENED, node.connection_created),
            (metrics::RABBITMQ_CONNECTIONS_CLOSED, node.connection_closed),
        ],
    )
}

/// Figures that only a node's Prometheus endpoint has.
pub fn prometheus_samples(node: &str, figures: &NodeFigures) -> Vec<Sample> {
    of_node(
        node,
        &[
            (metrics::CONNECTIONS, figures.connections),
            (metrics::CHANNELS, figures.channels),
            (metrics::UNROUTABLE, figures.unroutable),
            (metrics::DEAD_LETTERED, figures.dead_lettered()),
            (metrics::RABBITMQ_DEAD_LETTERED_EXPIRED, figures.expired),
            (metrics::RABBITMQ_DEAD_LETTERED_REJECTED, figures.rejected),
            (metrics::RABBITMQ_DEAD_LETTERED_MAXLEN, figures.maxlen),
            (metrics::RABBITMQ_DEAD_LETTERED_DELIVERY_LIMIT, figures.delivery_limit),
            (metrics::RABBITMQ_PROTOCOL_PUBLISHED, figures.received),
            (metrics::RABBITMQ_PROTOCOL_DELIVERED, figures.delivered),
        ],
    )
}

fn of_node(node: &str, values: &[(MetricId, Option<f64>)]) -> Vec<Sample> {
    let known = values.iter().filter_map(|(metric, value)| Some((*metric, (*value)?)));
    known
        .map(|(metric, value)| Sample::new(key(node), metric, value))
        .collect()
}

/// Share of file descriptors from which a node is at risk.
const MANY_DESCRIPTORS: f64 = 0.9;

/// The checks that `/api/nodes` and the list of listeners decide. `listeners` is empty where the user may not see it.
pub fn checks(node: &Node, listeners: &[Listener]) -> Vec<CheckResult> {
    let at = || key(&node.name);
    if !node.running {
        return vec![checks::NODE_RUNNING.result(at(), Status::Critical, "the node is not running")];
    }
    let mut results = vec![match node.being_drained {
        true => checks::NODE_RUNNING.result(at(), Status::Maintenance, "in maintenance: it takes no clients"),
        false => checks::NODE_RUNNING.result(at(), Status::Ok, up_for(node)),
    }];
    if let (Some(used), Some(limit)) = (node.mem_used, node.mem_limit) {
        let text = format!("{} of {} allowed", bytes(used), bytes(limit));
        results.push(checks::MEMORY_ALARM.result(at(), alarm(node.mem_alarm), text));
    }
    if let (Some(free), Some(limit)) = (node.disk_free, node.disk_free_limit) {
        let text = format!("{} free, {} needed", bytes(free), bytes(limit));
        results.push(checks::DISK_ALARM.result(at(), alarm(node.disk_free_alarm), text));
    }
    if let (Some(used), Some(total)) = (node.fd_used, node.fd_total.filter(|total| *total > 0.0)) {
        let status = if used / total >= MANY_DESCRIPTORS {
            Status::Warning
        } else {
            Status::Ok
        };
        let text = format!("{} of {} in use, {}", count(used), count(total), percent(used / total));
        results.push(checks::FILE_DESCRIPTORS.result(at(), status, text));
    }
    results.push(match node.partitions.as_slice() {
        [] => checks::PARTITION.result(at(), Status::Ok, "in touch with all running nodes"),
        lost => checks::PARTITION.result(at(), Status::Critical, format!("lost touch with {}", lost.join(", "))),
    });
    if !listeners.is_empty() {
        results.push(listening(node, listeners));
    }
    results
}

fn up_for(node: &Node) -> String {
    node.uptime.map_or("running".into(), |millis| {
        format!("running for {}", duration(millis / 1000.0))
    })
}

fn alarm(raised: bool) -> Status {
    if raised { Status::Critical } else { Status::Ok }
}

fn listening(node: &Node, listeners: &[Listener]) -> CheckResult {
    const FOR_CLIENTS: [&str; 5] = ["amqp", "mqtt", "stomp", "stream", "web"];
    let own = listeners.iter().filter(|listener| listener.node == node.name);
    let mut open: Vec<String> = own
        .filter(|listener| FOR_CLIENTS.iter().any(|name| listener.protocol.starts_with(name)))
        .map(|listener| match listener.port {
            Some(port) => format!("{} on {port}", listener.protocol),
            None => listener.protocol.clone(),
        })
        .collect();
    open.sort_unstable();
    open.dedup();
    if open.is_empty() {
        let status = if node.being_drained {
            Status::Maintenance
        } else {
            Status::Critical
        };
        return checks::LISTENERS.result(key(&node.name), status, "no listener for clients is open");
    }
    checks::LISTENERS.result(key(&node.name), Status::Ok, open.join(", "))
}

/// Whether each virtual host runs on every running node.
pub fn vhost_checks(vhosts: &[Vhost], nodes: &[Node]) -> Vec<CheckResult> {
    let runs = |name: &str| nodes.is_empty() || nodes.iter().any(|node| node.name == name && node.running);
    let checks = vhosts
        .iter()
        .filter(|vhost| !vhost.cluster_state.is_empty())
        .map(|vhost| {
            let entity = EntityKey::new(EntityKind::Vhost, [vhost.name.as_str()]);
            let mut stopped = vhost
                .cluster_state
                .iter()
                .filter(|(node, state)| runs(node) && *state != "running");
            match stopped.next() {
                Some((node, state)) => {
                    checks::VHOSTS_RUNNING.result(entity, Status::Critical, format!("{state} on {node}"))
                }
                None => checks::VHOSTS_RUNNING.result(entity, Status::Ok, "running"),
            }
        });
    checks.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn statuses(node: serde_json::Value) -> Vec<(String, Status)> {
        let node: Node = serde_json::from_value(node).unwrap();
        let listener = Listener {
            node: "a@x".into(),
            protocol: "amqp".into(),
            ..Listener::default()
        };
        checks(&node, &[listener])
            .into_iter()
            .map(|result| (result.check.0, result.status))
            .collect()
    }

    #[test]
    fn alarms_partitions_and_closed_listeners_are_critical() {
        let node = json!({"name": "b@x", "running": true, "mem_used": 300, "mem_limit": 256, "mem_alarm": true,
            "disk_free": 10, "disk_free_limit": 50, "disk_free_alarm": true, "fd_used": 95, "fd_total": 100,
            "partitions": ["a@x"]});
        let critical = Status::Critical;
        let expected = [
            ("node_running", Status::Ok),
            ("memory_alarm", critical),
            ("disk_alarm", critical),
            ("file_descriptors", Status::Warning),
            ("partition", critical),
            ("listeners", critical),
        ];
        assert_eq!(
            statuses(node),
            expected.map(|(check, status)| (check.to_string(), status))
        );
    }

    #[test]
    fn a_node_that_is_down_is_only_that() {
        let expected = vec![("node_running".to_string(), Status::Critical)];
        assert_eq!(
            statuses(json!({"name": "a@x", "running": false, "partitions": []})),
            expected
        );
    }

    #[test]
    fn maintenance_is_no_failure() {
        let seen = statuses(json!({"name": "b@x", "running": true, "being_drained": true}));
        assert!(seen.iter().all(|(_, status)| *status < Status::Warning), "{seen:?}");
    }

    #[test]
    fn a_virtual_host_that_is_stopped_on_a_running_node_is_critical() {
        let vhost = json!([{"name": "shop", "cluster_state": {"a@x": "running", "b@x": "stopped"}}]);
        let vhosts: Vec<Vhost> = serde_json::from_value(vhost).unwrap();
        let node = |name: &str, running| Node {
            name: name.into(),
            running,
            ..Node::default()
        };
        let status = |running| vhost_checks(&vhosts, &[node("a@x", true), node("b@x", running)])[0].status;
        assert_eq!((status(true), status(false)), (Status::Critical, Status::Ok));
    }
}
