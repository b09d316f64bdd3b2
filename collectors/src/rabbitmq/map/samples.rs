//! Figures of queues, exchanges, virtual hosts and the cluster as samples. What is not known is left out.

use brokerscope_contract::{EntityKey, EntityKind, MetricId, Sample, Timestamp, metrics};

use crate::rabbitmq::figures::{ExchangeFigures, QueueFigures};
use crate::rabbitmq::names::{Name, QueueType};
use crate::rabbitmq::wire::{Overview, Vhost};

/// The samples of one queue or stream.
///
/// A stream keeps its messages whether or not they were read: they do not wait, so a stream has no depth.
pub fn of_queue(name: &Name, kind: QueueType, figures: &QueueFigures, at: Timestamp, into: &mut Vec<Sample>) {
    let is_stream = kind == QueueType::Stream;
    let entity = name.key(kind.entity_kind());
    let now = at.0 as f64 / 1000.0;
    let age = figures
        .head_timestamp
        .filter(|stamp| *stamp > 0.0)
        .map(|stamp| (now - stamp).max(0.0));
    let (depth, held) = if is_stream {
        (None, figures.ready)
    } else {
        (figures.ready, None)
    };
    let values = [
        (metrics::DEPTH, depth),
        (metrics::RABBITMQ_STREAM_MESSAGES, held),
        (metrics::IN_FLIGHT, figures.unacked),
        (metrics::CONSUMERS, figures.consumers),
        (metrics::PUBLISHED, figures.published),
        (metrics::DELIVERED, figures.delivered),
        (metrics::ACKNOWLEDGED, figures.acknowledged),
        (metrics::REDELIVERED, figures.redelivered),
        (metrics::LAG, figures.stream_lag),
        (metrics::OLDEST_AGE, age),
        (metrics::RABBITMQ_MESSAGE_BYTES, figures.body_bytes),
        (metrics::RABBITMQ_QUEUE_MEMORY, figures.memory),
        // A queue nobody reads has no capacity, which is not a capacity of zero.
        (
            metrics::RABBITMQ_CONSUMER_CAPACITY,
            figures.capacity.filter(|_| figures.consumers.is_some_and(|n| n > 0.0)),
        ),
    ];
    extend(into, &entity, values);
}

/// Of a super stream: what all its partitions hold together.
pub fn of_super_stream(exchange: &Name, held: Option<f64>, into: &mut Vec<Sample>) {
    let values = [(metrics::RABBITMQ_STREAM_MESSAGES, held)];
    extend(into, &exchange.key(EntityKind::Exchange), values);
}

pub fn of_exchange(name: &Name, figures: &ExchangeFigures, into: &mut Vec<Sample>) {
    let values = [
        (metrics::PUBLISHED, figures.published),
        (metrics::UNROUTABLE, figures.unroutable),
    ];
    extend(into, &name.key(EntityKind::Exchange), values);
}

/// Totals of a virtual host. Its depth is left to the queues where those are known, since the broker's sum counts what
/// streams hold as waiting.
pub fn of_vhost(vhost: &Vhost, with_depth: bool, into: &mut Vec<Sample>) {
    let stats = &vhost.message_stats;
    let values = [
        (metrics::DEPTH, vhost.messages_ready.filter(|_| with_depth)),
        (metrics::IN_FLIGHT, vhost.messages_unacknowledged),
        (metrics::PUBLISHED, stats.publish),
        (metrics::DELIVERED, stats.deliver_get),
        (metrics::ACKNOWLEDGED, stats.settled()),
        (metrics::REDELIVERED, stats.redeliver),
        (metrics::UNROUTABLE, stats.unroutable()),
    ];
    extend(into, &EntityKey::new(EntityKind::Vhost, [vhost.name.as_str()]), values);
}

/// Totals of the cluster, as the user sees it. `depth` is the sum over queues, where it is known.
pub fn of_cluster(overview: &Overview, depth: Option<f64>, into: &mut Vec<Sample>) {
    let (stats, objects) = (&overview.message_stats, &overview.object_totals);
    let values = [
        (metrics::DEPTH, depth),
        (metrics::IN_FLIGHT, overview.queue_totals.messages_unacknowledged),
        (metrics::CONSUMERS, objects.consumers),
        (metrics::CONNECTIONS, objects.connections),
        (metrics::CHANNELS, objects.channels),
        (metrics::PUBLISHED, stats.publish),
        (metrics::DELIVERED, stats.deliver_get),
        (metrics::ACKNOWLEDGED, stats.settled()),
        (metrics::REDELIVERED, stats.redeliver),
        (metrics::UNROUTABLE, stats.unroutable()),
    ];
    extend(into, &EntityKey::cluster(), values);
}

fn extend<const N: usize>(into: &mut Vec<Sample>, entity: &EntityKey, values: [(MetricId, Option<f64>); N]) {
    for (metric, value) in values {
        if let Some(value) = value.filter(|value| value.is_finite()) {
            into.push(Sample::new(entity.clone(), metric, value));
        }
    }
}
