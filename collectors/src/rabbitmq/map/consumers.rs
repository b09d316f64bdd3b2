//! Consumers as parts of their queues.

use std::collections::HashMap;

use brokerscope_contract::{Attribute, Entity, EntityKey, EntityKind, Sample, metrics};
use brokerscope_figures::format::{count, duration};

use super::clients::People;
use crate::rabbitmq::wire::{Channel, Consumer};

/// A consumer as a part of its queue. Tags repeat among channels, and those of AMQP 1.0 among connections.
pub fn part(
    consumer: &Consumer,
    queue: EntityKey,
    service: Option<&str>,
    people: &People<'_>,
    used: &mut HashMap<EntityKey, usize>,
) -> (Entity, Vec<Sample>) {
    let details = &consumer.channel_details;
    let channel = details
        .name
        .as_deref()
        .filter(|name| !name.is_empty())
        .or(details.connection_name.as_deref());
    let name = match channel {
        Some(channel) => format!("{} on {channel}", consumer.consumer_tag),
        None => format!("{} over AMQP 1.0", consumer.consumer_tag),
    };
    let key = |name: &str| {
        EntityKey::new(
            EntityKind::Consumer,
            queue.path.iter().map(String::as_str).chain([name]),
        )
    };
    let first = key(&name);
    let count_of_name = used.entry(first.clone()).or_default();
    *count_of_name += 1;
    let key = if *count_of_name == 1 {
        first
    } else {
        key(&format!("{name} ({count_of_name})"))
    };
    let mut entity = Entity::new(key.clone());
    entity.parent = Some(queue);
    entity.attributes = attributes(consumer, service);
    let channel = details.name.as_deref().and_then(|name| people.channels.get(name));
    let samples = channel
        .map(|channel| samples(&key, consumer, channel))
        .unwrap_or_default();
    (entity, samples)
}

fn attributes(consumer: &Consumer, service: Option<&str>) -> Vec<Attribute> {
    let details = &consumer.channel_details;
    let mut attributes: Vec<Attribute> = service
        .map(|name| Attribute::new("service", name))
        .into_iter()
        .collect();
    let mut add = |name: &str, value: Option<&str>| {
        attributes.extend(
            value
                .filter(|value| !value.is_empty())
                .map(|value| Attribute::new(name, value)),
        );
    };
    add("tag", Some(&consumer.consumer_tag));
    add("user", details.user.as_deref());
    add("host", details.peer_host.as_deref());
    add("channel", details.name.as_deref());
    add("connection", details.connection_name.as_deref());
    add("activity", consumer.activity_status.as_deref());
    attributes.push(match (consumer.ack_required, consumer.prefetch_count) {
        (false, _) => Attribute::new("acknowledges", "no").note("a message is gone as soon as it is sent to it"),
        (true, Some(prefetch)) if prefetch > 0.0 => {
            Attribute::new("prefetch", count(prefetch)).note("the most messages that it may hold unacknowledged")
        }
        (true, _) => Attribute::new("prefetch", "unlimited").note("it is sent everything there is"),
    });
    if consumer.exclusive {
        attributes.push(Attribute::new("exclusive", "yes").note("no other consumer is admitted"));
    }
    if let Some(millis) = consumer.consumer_timeout.filter(|_| consumer.ack_required) {
        let note = "an older unacknowledged delivery closes its channel";
        attributes.push(Attribute::new("acknowledgement timeout", duration(millis / 1000.0)).note(note));
    }
    attributes
}

/// The figures of a channel are those of its consumer when it has just one.
fn samples(key: &EntityKey, consumer: &Consumer, channel: &Channel) -> Vec<Sample> {
    if channel.consumer_count != Some(1.0) {
        return Vec::new();
    }
    let stats = &channel.message_stats;
    let prefetch = consumer
        .prefetch_count
        .filter(|prefetch| *prefetch > 0.0 && consumer.ack_required);
    let values = [
        (metrics::IN_FLIGHT, channel.messages_unacknowledged),
        (metrics::IN_FLIGHT_LIMIT, prefetch),
        (metrics::DELIVERED, stats.deliver_get),
        (metrics::ACKNOWLEDGED, stats.settled()),
        (metrics::REDELIVERED, stats.redeliver),
    ];
    let known = values.into_iter().filter_map(|(metric, value)| Some((metric, value?)));
    known
        .map(|(metric, value)| Sample::new(key.clone(), metric, value))
        .collect()
}
