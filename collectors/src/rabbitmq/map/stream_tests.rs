//! Readers of streams as real brokers told of them.

use std::collections::HashMap;

use brokerscope_contract::{Absence, Entity, EntityKind, LinkKind, MetricId, metrics};

use super::clients::{Clients, People, StreamClients};
use super::objects;
use super::streams::{Mapped, lag, map, silent_readers};
use crate::rabbitmq::names::{Name, QueueType};
use crate::rabbitmq::recorded::{VERSIONS, read, stream_inventory};
use crate::rabbitmq::super_streams::SuperStreams;
use crate::rabbitmq::wire::StreamConsumer;

fn clients(version: &str) -> Clients {
    Clients {
        connections: read(version, "streams/connections.json"),
        consumers: read(version, "streams/consumers.json"),
        streams: StreamClients {
            consumers: read(version, "streams/stream-consumers.json"),
            ..StreamClients::default()
        },
        ..Clients::default()
    }
}

fn mapped(version: &str, clients: &Clients) -> Mapped {
    let inventory = stream_inventory(version);
    let kinds: HashMap<Name, QueueType> = inventory
        .queues
        .iter()
        .map(|queue| (queue.key(), queue.kind()))
        .collect();
    let is_stream = |name: &Name| kinds.get(name) == Some(&QueueType::Stream);
    let super_streams = SuperStreams::of(&inventory);
    map(clients, &People::new(clients), &super_streams, is_stream, |_, _| {
        Some(7.0)
    })
}

fn find<'a>(mapped: &'a Mapped, path: [&str; 3]) -> &'a Entity {
    let found = mapped.entities.iter().find(|entity| *entity.key.path == path);
    found.unwrap_or_else(|| panic!("no {path:?} in {:?}", mapped.entities))
}

fn value(mapped: &Mapped, path: [&str; 3], metric: MetricId) -> Option<f64> {
    let of_it = |sample: &&brokerscope_contract::Sample| *sample.entity.path == path && sample.metric == metric;
    mapped.samples.iter().find(of_it).map(|sample| sample.value)
}

#[test]
fn each_name_is_a_subscription_with_its_lag() {
    for (version, behind, audit) in [("4.3.6", 118.0, 49.0), ("3.10.8", 140.0, 40.0)] {
        let mapped = mapped(version, &clients(version));
        let billing = ["bridge-b", "clicks", "billing"];
        assert_eq!(find(&mapped, billing).key.kind, EntityKind::StreamConsumer);
        for metric in [metrics::LAG, metrics::DEPTH] {
            assert_eq!(value(&mapped, billing, metric), Some(behind), "{version}");
        }
        assert_eq!(value(&mapped, billing, metrics::CONSUMERS), Some(1.0));
        assert_eq!(
            value(&mapped, billing, metrics::DELIVERED),
            Some(7.0),
            "the running sum"
        );
        // Without a name it is called as its service.
        assert_eq!(
            value(&mapped, ["bridge-b", "clicks", "audit"], metrics::LAG),
            Some(audit),
            "{version}"
        );
        let of_stream = mapped
            .samples
            .iter()
            .find(|sample| sample.entity.kind == EntityKind::Stream && sample.entity.name() == "clicks");
        assert_eq!(
            of_stream.map(|sample| sample.value),
            Some(behind),
            "{version}: the slowest one"
        );
        let reads = |from: EntityKind, to: EntityKind, kind: LinkKind| {
            let mut links = mapped.links.iter();
            links.any(|link| (link.from.kind, link.to.kind, link.kind) == (from, to, kind))
        };
        assert!(reads(
            EntityKind::Stream,
            EntityKind::StreamConsumer,
            LinkKind::Subscribes
        ));
        assert!(reads(
            EntityKind::StreamConsumer,
            EntityKind::Service,
            LinkKind::Consumes
        ));
    }
}

/// One of three partitions was read from when it was recorded; of the others the broker says a lag of zero.
#[test]
fn a_super_stream_has_a_sum_only_when_every_partition_tells() {
    let mut clients = clients("4.3.6");
    let whole = ["bridge-b", "invoices", "biller"];
    let recorded = mapped("4.3.6", &clients);
    assert_eq!(value(&recorded, whole, metrics::LAG), None);
    assert_eq!(
        value(&recorded, ["bridge-b", "invoices-2", "biller"], metrics::LAG),
        Some(7.0)
    );
    assert_eq!(
        value(&recorded, ["bridge-b", "invoices-0", "biller"], metrics::LAG),
        None,
        "not zero"
    );
    let warning = recorded
        .warnings
        .iter()
        .find(|warning| warning.entity.as_ref().is_some_and(|key| *key.path == whole));
    let warning = warning.expect("it is said");
    assert_eq!(warning.reason, Absence::NoData);
    assert!(warning.text.contains("1 of 3 partitions"), "{}", warning.text);
    assert_eq!(
        value(&recorded, whole, metrics::CONSUMERS),
        Some(2.0),
        "two connections"
    );
    let partition = find(&recorded, ["bridge-b", "invoices-0", "biller"]);
    assert_eq!(partition.parent, Some(find(&recorded, whole).key.clone()));

    for consumer in &mut clients.streams.consumers {
        let partition: Option<f64> = consumer
            .queue
            .name
            .strip_prefix("invoices-")
            .and_then(|n| n.parse().ok());
        if let Some(number) = partition {
            // One reader of each partition works, the other one waits and says what it always says.
            let works = consumer.connection_details.name.as_deref() == Some(first_biller());
            consumer.active = Some(works);
            consumer.consumed = Some(if works { 9.0 } else { 0.0 });
            consumer.offset_lag = Some(if works { 10.0 + number } else { 0.0 });
        }
    }
    let all_read = mapped("4.3.6", &clients);
    assert_eq!(value(&all_read, whole, metrics::LAG), Some(33.0));
    assert_eq!(all_read.warnings, []);
    clients
        .streams
        .consumers
        .retain(|consumer| consumer.queue.name != "invoices-1");
    assert_eq!(
        value(&mapped("4.3.6", &clients), whole, metrics::LAG),
        None,
        "a part of a sum is no sum"
    );
}

/// The connection of one of the two.
fn first_biller() -> &'static str {
    static NAME: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
        let consumers: Vec<StreamConsumer> = read("4.3.6", "streams/stream-consumers.json");
        let biller = consumers
            .into_iter()
            .find(|consumer| consumer.queue.name == "invoices-0");
        biller.unwrap().connection_details.name.unwrap()
    });
    &NAME
}

#[test]
fn who_was_sent_nothing_yet_has_no_lag() {
    let consumer = |active, consumed, offset_lag| StreamConsumer {
        active,
        consumed: Some(consumed),
        offset_lag: Some(offset_lag),
        ..StreamConsumer::default()
    };
    let (reads, waits, begins) = (
        consumer(None, 5.0, 20.0),
        consumer(Some(false), 0.0, 0.0),
        consumer(Some(true), 0.0, 0.0),
    );
    assert_eq!(lag(&[&reads]), Some(20.0));
    assert_eq!(lag(&[&reads, &waits]), Some(20.0), "who waits reads nothing");
    assert_eq!(lag(&[&reads, &begins]), None);
    assert_eq!(lag(&[&waits]), None);
    assert_eq!(lag(&[]), None);
}

#[test]
fn readers_over_amqp_are_said_to_be_silent() {
    for version in VERSIONS {
        let mut clients = clients(version);
        let is_stream = |name: &Name| name.name == "clicks";
        assert_eq!(silent_readers(&clients, is_stream), [], "{version}");
        let mut over_amqp = clients.consumers[0].clone();
        over_amqp.consumer_tag = "ctag-1".into();
        (over_amqp.queue.vhost, over_amqp.queue.name) = ("bridge-b".into(), "clicks".into());
        clients.consumers.push(over_amqp);
        let [warning] = silent_readers(&clients, is_stream).try_into().expect("one warning");
        assert_eq!(
            (warning.reason, warning.metrics),
            (Absence::NotSupported, vec![metrics::LAG])
        );
    }
}

#[test]
fn partitions_are_listed_below_their_super_stream() {
    let inventory = stream_inventory("4.3.6");
    let entities = objects::entities(&inventory, &SuperStreams::of(&inventory));
    let named = |kind, name: &str| {
        let mut found = entities.iter().filter(|entity| entity.key.kind == kind);
        found.find(|entity| entity.key.name() == name).unwrap()
    };
    let partition = named(EntityKind::Stream, "invoices-1");
    assert_eq!(
        partition.parent,
        Some(named(EntityKind::Exchange, "invoices").key.clone())
    );
    let stands_alone = named(EntityKind::Stream, "clicks");
    assert_eq!(
        stands_alone.parent.as_ref().map(|parent| parent.kind),
        Some(EntityKind::Vhost)
    );
    let attributes = &named(EntityKind::Exchange, "invoices").attributes;
    assert!(
        attributes
            .iter()
            .any(|attribute| attribute.name == "super stream" && attribute.value == "of 3 partitions")
    );
}
