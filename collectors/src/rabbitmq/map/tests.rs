//! The map on answers recorded from real brokers.

use std::collections::BTreeSet;

use brokerscope_contract::{Entity, EntityKind, Evidence, Link, LinkKind, Status, metrics};

use super::clients::{Clients, Mapped, StreamClients, map};
use super::dead_letters::dead_letters;
use super::{objects, routes};
use crate::rabbitmq::names::{Name, QueueType};
use crate::rabbitmq::publishers;
use crate::rabbitmq::recorded::{VERSIONS, inventory, read};
use crate::rabbitmq::super_streams::SuperStreams;

fn entity<'a>(entities: &'a [Entity], kind: EntityKind, name: &str) -> &'a Entity {
    let found = entities
        .iter()
        .find(|entity| entity.key.kind == kind && entity.key.name() == name);
    found.unwrap_or_else(|| panic!("no {kind:?} {name}"))
}

fn attribute(entity: &Entity, name: &str) -> Option<String> {
    entity
        .attributes
        .iter()
        .find(|attribute| attribute.name == name)
        .map(|attribute| attribute.value.clone())
}

fn arrows(links: &[Link], kind: LinkKind) -> Vec<String> {
    let of_kind = links.iter().filter(|link| link.kind == kind);
    let mut arrows: Vec<String> = of_kind
        .map(|link| {
            format!(
                "{} -> {} [{}]",
                link.from.name(),
                link.to.name(),
                link.label.as_deref().unwrap_or("")
            )
        })
        .collect();
    arrows.sort();
    arrows
}

#[test]
fn every_object_is_an_entity_with_the_settings_that_explain_it() {
    for version in VERSIONS {
        let entities = objects::entities(&inventory(version), &SuperStreams::default());
        let created = entity(&entities, EntityKind::Queue, "orders.created");
        for (name, value) in [
            ("state", "running"),
            ("type", "quorum"),
            ("policy", "ttl"),
            ("operator policy", "guard"),
            ("x-delivery-limit", "3"),
            ("dead-letter-exchange", "dlx"),
            ("max-length", "1000"),
            ("overflow", "reject-publish"),
            ("online", "1 of 1"),
        ] {
            assert_eq!(attribute(created, name).as_deref(), Some(value), "{version}: {name}");
        }
        assert_eq!(*entity(&entities, EntityKind::Stream, "log").key.path, ["shop", "log"]);
        assert!(
            entity(&entities, EntityKind::Exchange, "amq.topic").internal,
            "nobody is bound to it"
        );
        assert!(!entity(&entities, EntityKind::Exchange, "shop.topic").internal);
        assert_eq!(
            entities
                .iter()
                .filter(|entity| entity.key.kind == EntityKind::Vhost)
                .count(),
            3
        );
    }
}

#[test]
fn bindings_and_alternate_exchanges_are_links() {
    for version in VERSIONS {
        let links = routes::links(&inventory(version), &[Name::new("shop", "retry")]);
        let expected = [
            " -> retry []",
            "dlx -> dead [dead]",
            "dlx -> dead [order.created.eu]",
            "events -> unrouted.q [kind=alarm, x-match=any]",
            "inner -> log []",
            "shop.topic -> inner [#]",
            "shop.topic -> orders.created [order.created.#]",
            "shop.topic -> orders.paid [order.*]",
            "shop.topic -> orders.paid [order.paid]",
            "unrouted -> unrouted.q []",
        ];
        assert_eq!(arrows(&links, LinkKind::Binding), expected, "{version}");
        assert_eq!(
            arrows(&links, LinkKind::AlternateExchange),
            ["shop.topic -> unrouted []"],
            "{version}"
        );
        let to_stream = links.iter().find(|link| link.to.name() == "log").unwrap();
        assert_eq!(to_stream.to.kind, EntityKind::Stream);
    }
}

#[test]
fn many_bindings_between_two_objects_are_one_link() {
    let mut inventory = inventory("4.3.6");
    let binding = inventory
        .bindings
        .iter()
        .find(|binding| binding.destination == "orders.paid")
        .unwrap()
        .clone();
    inventory.bindings = (0..30)
        .map(|n| crate::rabbitmq::wire::Binding {
            routing_key: format!("key.{n}"),
            ..binding.clone()
        })
        .collect();
    let links = routes::links(&inventory, &[]);
    assert_eq!(
        arrows(&links, LinkKind::Binding),
        ["shop.topic -> orders.paid [30 routing keys]"]
    );
}

#[test]
fn dead_letters_are_followed_to_the_queue_in_which_they_end() {
    for version in VERSIONS {
        let found = dead_letters(&inventory(version));
        let expected = [
            "orders.created -> dead [by dlx, policy ttl]",
            "orders.paid -> dead [by dlx, policy ttl]",
            "retry -> orders.paid [max-length of operator policy guard]",
        ];
        assert_eq!(arrows(&found.links, LinkKind::DeadLetter), expected, "{version}");
        assert_eq!(found.warnings.len(), 1, "{version}");
        assert!(found.warnings[0].text.contains("\"lost\"") && found.warnings[0].text.contains("no.such.exchange"));
        assert_eq!(
            found.check.map(|check| check.status),
            Some(Status::Warning),
            "{version}"
        );
    }
}

#[test]
fn what_is_only_probable_is_called_inferred() {
    let found = dead_letters(&inventory("4.3.6"));
    let evidence = |from: &str| {
        found
            .links
            .iter()
            .find(|link| link.from.name() == from)
            .unwrap()
            .evidence
    };
    // Bound with order.created.#, which is no key of the direct exchange dlx: any of its bindings may be meant.
    assert_eq!(evidence("orders.created"), Evidence::Inferred);
    assert_eq!(evidence("retry"), Evidence::Declared);
}

fn clients(version: &str) -> Mapped {
    let mut clients = Clients {
        connections: read(version, "connections.json"),
        channels: read(version, "channels.json"),
        consumers: read(version, "consumers.json"),
        streams: StreamClients {
            consumers: read(version, "stream-consumers.json"),
            publishers: read(version, "stream-publishers.json"),
        },
        publishers: Vec::new(),
    };
    let topic = Name::new("shop", "shop.topic");
    clients.publishers = publishers::inferred([&topic].into_iter(), &clients.channels);
    let stream = Name::new("shop", "log");
    map(&clients, |name| {
        Some(if *name == stream {
            QueueType::Stream
        } else {
            QueueType::Classic
        })
    })
}

#[test]
fn services_are_linked_to_what_they_read_and_publish_to() {
    let mapped = clients("3.10.8");
    let consumes = ["dead -> guest@127.0.0.1 []", "orders.created -> payment-service []"];
    assert_eq!(arrows(&mapped.links, LinkKind::Consumes), consumes);
    assert_eq!(
        arrows(&mapped.links, LinkKind::Publishes),
        ["order-service -> shop.topic []"]
    );
    let services: BTreeSet<_> = mapped
        .entities
        .iter()
        .filter(|e| e.key.kind == EntityKind::Service)
        .map(|e| e.key.name())
        .collect();
    assert_eq!(
        services,
        BTreeSet::from(["guest@127.0.0.1", "order-service", "payment-service"])
    );
}

#[test]
fn writers_of_streams_are_services_too() {
    let mapped = clients("4.3.6");
    assert!(arrows(&mapped.links, LinkKind::Publishes).contains(&"stream-writer -> log []".to_string()));
    // The reader comes with its subscription.
    assert!(!arrows(&mapped.links, LinkKind::Consumes).contains(&"log -> stream-reader []".to_string()));
    entity(&mapped.entities, EntityKind::Service, "stream-reader");
}

#[test]
fn consumers_are_parts_of_their_queue_with_the_figures_of_their_channel() {
    let mapped = clients("3.10.8");
    let consumers: Vec<_> = mapped
        .entities
        .iter()
        .filter(|e| e.key.kind == EntityKind::Consumer)
        .collect();
    assert_eq!(consumers.len(), 3);
    let first = consumers
        .iter()
        .find(|consumer| consumer.key.name().starts_with("pay-1 "))
        .unwrap();
    assert_eq!(first.parent.as_ref().map(|queue| queue.name()), Some("orders.created"));
    assert_eq!(attribute(first, "service").as_deref(), Some("payment-service"));
    assert_eq!(attribute(first, "prefetch").as_deref(), Some("10"));
    let value = |metric| {
        mapped
            .samples
            .iter()
            .find(|s| s.entity == first.key && s.metric == metric)
            .map(|s| s.value)
    };
    assert_eq!(
        (value(metrics::IN_FLIGHT), value(metrics::IN_FLIGHT_LIMIT)),
        (Some(10.0), Some(10.0))
    );
    let queue_limit = mapped
        .samples
        .iter()
        .find(|s| s.entity.name() == "orders.created")
        .map(|s| s.value);
    assert_eq!(queue_limit, Some(15.0));
    assert!(mapped.complete);
}

#[test]
fn a_consumer_without_a_limit_leaves_the_queue_without_one() {
    let mut consumers: Vec<crate::rabbitmq::wire::Consumer> = read("3.10.8", "consumers.json");
    for consumer in &mut consumers {
        consumer.prefetch_count = Some(0.0);
    }
    let clients = Clients {
        consumers,
        ..Clients::default()
    };
    let mapped = map(&clients, |_| Some(QueueType::Classic));
    assert!(
        !mapped
            .samples
            .iter()
            .any(|sample| sample.metric == metrics::IN_FLIGHT_LIMIT)
    );
}

#[test]
fn a_queue_that_is_not_watched_brings_no_consumer() {
    let clients = Clients {
        consumers: read("3.10.8", "consumers.json"),
        ..Clients::default()
    };
    assert!(map(&clients, |_| None).entities.is_empty());
}

#[test]
fn two_consumers_that_look_alike_are_two() {
    let mut consumers: Vec<crate::rabbitmq::wire::Consumer> = read("3.10.8", "consumers.json");
    consumers.extend(consumers.clone());
    let clients = Clients {
        consumers,
        ..Clients::default()
    };
    let mapped = map(&clients, |_| Some(QueueType::Classic));
    let keys: BTreeSet<_> = mapped
        .entities
        .iter()
        .filter(|e| e.key.kind == EntityKind::Consumer)
        .map(|e| e.key.clone())
        .collect();
    assert_eq!(keys.len(), 6);
}
