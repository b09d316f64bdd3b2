//! What cannot be seen on this connection, why, and what would change that.

use brokerscope_contract::{Absence, MetricId, Warning, metrics};

use crate::rabbitmq::failure::Failure;
use crate::rabbitmq::wire::Overview;

const COUNTERS: [MetricId; 4] = [
    metrics::PUBLISHED,
    metrics::DELIVERED,
    metrics::ACKNOWLEDGED,
    metrics::REDELIVERED,
];

fn warning(reason: Absence, metrics: &[MetricId], text: impl Into<String>, remedy: impl Into<String>) -> Warning {
    Warning {
        reason,
        metrics: metrics.to_vec(),
        entity: None,
        text: text.into(),
        remedy: Some(remedy.into()),
    }
}

/// A question that got no answer. `what` is what is missing because of it, as the subject of a sentence.
pub fn unanswered(what: &str, metrics: &[MetricId], failure: &Failure) -> Warning {
    warning(
        failure.absence(),
        metrics,
        format!("{what} cannot be shown. {failure}"),
        failure.remedy(),
    )
}

/// The user is no monitor: nodes are hidden, and so are clients of other users.
pub fn no_monitor() -> Warning {
    warning(
        Absence::NotPermitted,
        &[
            metrics::MEMORY_USED,
            metrics::MEMORY_LIMIT,
            metrics::DISK_FREE,
            metrics::DISK_FREE_LIMIT,
        ],
        "Nodes, and connections of other users, are hidden from this user: it has no tag monitoring.",
        "rabbitmqctl set_user_tags USER monitoring",
    )
}

/// The API answers for these virtual hosts with empty lists, as if there were nothing in them.
pub fn hidden_vhosts(names: &[&str]) -> Option<Warning> {
    let (first, more) = names.split_first()?;
    let which = match more.len() {
        0 => format!("virtual host \"{first}\""),
        n => format!("virtual host \"{first}\" and {n} more"),
    };
    Some(warning(
        Absence::NotPermitted,
        &[metrics::DEPTH, metrics::CONSUMERS],
        format!(
            "Queues and exchanges of {which} are hidden: the user has no permission there. RabbitMQ answers with \
                 empty lists, not with an error."
        ),
        "rabbitmqctl set_permissions -p VHOST USER '^$' '^$' '^$'",
    ))
}

/// The user sees no virtual host at all. `elsewhere` are queues of which the Prometheus endpoint tells nevertheless.
pub fn nothing_visible(elsewhere: usize) -> Warning {
    let known = match elsewhere {
        0 => String::new(),
        n => format!(" The Prometheus endpoint counts {n} queues."),
    };
    warning(
        Absence::NotPermitted,
        &[metrics::DEPTH, metrics::CONSUMERS],
        format!("The user has no permission on any virtual host, so RabbitMQ answers as if it were empty.{known}"),
        "rabbitmqctl set_permissions -p VHOST USER '^$' '^$' '^$', once for each virtual host",
    )
}

/// What the broker's own configuration switches off.
pub fn disabled(overview: &Overview) -> Option<Warning> {
    if overview.disable_stats {
        return Some(warning(
            Absence::Disabled,
            &COUNTERS,
            "The management plugin keeps no statistics (management.disable_stats or \
             management_agent.disable_metrics_collector): totals of virtual hosts and the cluster are missing.",
            "Rates per queue come from the Prometheus endpoint of RabbitMQ 4.0 and later; otherwise allow statistics.",
        ));
    }
    (overview.rates_mode.as_deref() == Some("none")).then(|| {
        warning(
            Absence::Disabled,
            &COUNTERS,
            "The management plugin counts no messages (management.rates_mode = none).",
            "Set management.rates_mode = basic.",
        )
    })
}

/// AMQP 1.0 fills no counter of queues and exchanges.
pub fn amqp10() -> Warning {
    warning(
        Absence::NotSupported,
        &COUNTERS,
        "Some clients use AMQP 1.0, which RabbitMQ does not count per queue and exchange: their rates are only in the \
         figures of nodes. Depth and in flight count them.",
        "Nothing is wrong; judge those queues by depth and in flight.",
    )
}

/// This version has rates per queue only in a list that is too costly at this size.
pub fn no_delivery_counters(version: &str) -> Warning {
    warning(
        Absence::NotSupported,
        &COUNTERS,
        format!(
            "RabbitMQ {version} has no rates per queue at its Prometheus endpoint, and its list of queues is too \
                 costly at this number of queues."
        ),
        "RabbitMQ 4.0 and later have them.",
    )
}

/// Too many queues, or too slow a broker.
pub fn totals_only(queues: f64, held_back: bool) -> Warning {
    let why = if held_back {
        "the broker takes too long to tell"
    } else {
        "there are too many"
    };
    warning(
        Absence::Disabled,
        &[metrics::DEPTH, metrics::IN_FLIGHT, metrics::CONSUMERS],
        format!("Only totals of virtual hosts are collected: {why} ({queues} queues)."),
        "Watch fewer virtual hosts with this connection, or spread queues over clusters.",
    )
}

/// Nodes whose queues are told about by nobody.
pub fn uncovered(nodes: &[String]) -> Warning {
    warning(
        Absence::Failed,
        &[],
        format!(
            "The Prometheus endpoint of {} does not answer, so the management API is asked instead, which costs the \
                 broker more.",
            nodes.join(", ")
        ),
        "Enable rabbitmq_prometheus on every node and let this machine reach its port, 15692 by default, or give the \
         addresses in the connection's settings.",
    )
}

/// Streams are read, and the plugin that tells how far behind is not enabled.
pub fn no_stream_plugin() -> Warning {
    warning(
        Absence::Disabled,
        &[metrics::LAG],
        "How far readers of streams are behind is not told: the plugin rabbitmq_stream_management is not enabled.",
        "rabbitmq-plugins enable rabbitmq_stream_management",
    )
}

pub fn too_many_clients(connections: f64) -> Warning {
    warning(
        Absence::Disabled,
        &[metrics::IN_FLIGHT_LIMIT],
        format!("Consumers and services are not listed: {connections} connections are too many to ask for."),
        "Nothing is wrong; queues and nodes are watched as usual.",
    )
}
