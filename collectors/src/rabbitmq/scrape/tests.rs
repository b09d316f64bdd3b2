//! Recorded answers of the Prometheus endpoint, old and new, and the parser on any text.

use super::*;
use crate::rabbitmq::recorded::{VERSIONS, recorded};

#[test]
fn recorded_answers_of_both_versions_are_read() {
    for version in VERSIONS {
        let scrape = read_queues(&recorded(version, "counts.txt"));
        assert_eq!(scrape.queues.len(), 8, "{version}");
        let paid = &scrape.queues[&Name::new("shop", "orders.paid")];
        assert_eq!(
            (paid.ready, paid.unacked, paid.consumers),
            (Some(20.0), Some(16.0), Some(0.0)),
            "{version}"
        );
        assert_eq!(scrape.counts_deliveries, version.starts_with('4'), "{version}");
        assert!(
            scrape.identity.node.is_some() && scrape.identity.cluster.is_some(),
            "{version}"
        );
        assert!(
            scrape
                .queues
                .contains_key(&Name::new("shop", "a/b c \"<x>\" \u{e9}\u{1F407}")),
            "{version}"
        );
    }
}

#[test]
fn deliveries_with_and_without_acknowledgement_are_told_apart() {
    let scrape = read_queues(&recorded("4.3.6", "counts.txt"));
    let of = |name: &str| scrape.queues[&Name::new("shop", name)].clone();
    let created = of("orders.created");
    assert_eq!(created.counters(), [Some(40.0), Some(41.0), Some(29.0), Some(1.0)]);
    assert_eq!(of("dead").counters(), [None, Some(1.0), Some(1.0), Some(0.0)]);
    assert_eq!(of("retry").counters(), [None; 4]);
    assert_eq!(created.queue_type, Some(QueueType::Quorum));
    let exchange = scrape.exchanges[&Name::new("shop", "shop.topic")];
    assert_eq!((exchange.published, exchange.unroutable), (Some(113.0), Some(0.0)));
}

#[test]
fn sizes_come_with_everything_and_an_unset_time_stamp_is_no_time() {
    for version in VERSIONS {
        let scrape = read_queues(&recorded(version, "everything.txt"));
        let paid = &scrape.queues[&Name::new("shop", "orders.paid")];
        assert!(
            paid.memory.is_some_and(|bytes| bytes > 0.0) && paid.body_bytes.is_some(),
            "{version}"
        );
        assert_eq!((paid.ready, paid.head_timestamp), (Some(20.0), None), "{version}");
    }
}

#[test]
fn in_a_cluster_each_queue_is_counted_at_its_leader_only() {
    let scrapes: Vec<Scrape> = (1..=3)
        .map(|n| read_queues(&recorded("4.3.6-cluster", &format!("counts-c{n}.txt"))))
        .collect();
    let nodes: Vec<_> = scrapes
        .iter()
        .map(|scrape| scrape.identity.node.clone().unwrap())
        .collect();
    assert_eq!(nodes, ["c1@localhost", "c2@localhost", "c3@localhost"]);
    let mut merged = HashMap::new();
    for (name, figures) in scrapes.iter().flat_map(|scrape| &scrape.queues) {
        let sum: &mut QueueFigures = merged.entry(name.clone()).or_default();
        sum.merge(figures);
    }
    assert_eq!(merged.len(), 9);
    let first = &merged[&Name::new("/", "qq0")];
    assert_eq!(
        (first.ready, first.unacked, first.consumers),
        (Some(26.0), Some(4.0), Some(1.0))
    );
    assert_eq!(
        first.published,
        Some(30.0),
        "each node counts what went through its own channels"
    );
}

#[test]
fn dead_letters_without_an_exchange_to_go_to_do_not_count() {
    let text = "rabbitmq_global_messages_dead_lettered_expired_total{queue_type=\"q\",dead_letter_strategy=\"disabled\"} 7\n\
        rabbitmq_global_messages_dead_lettered_expired_total{queue_type=\"q\",dead_letter_strategy=\"at_most_once\"} 2\n\
        rabbitmq_global_messages_dead_lettered_rejected_total{queue_type=\"q\",dead_letter_strategy=\"at_least_once\"} 1\n";
    let figures = read_node(text);
    assert_eq!(
        (figures.expired, figures.rejected, figures.maxlen),
        (Some(2.0), Some(1.0), None)
    );
    assert_eq!(figures.dead_lettered(), Some(3.0));
    assert_eq!(read_node("").dead_lettered(), None);
}

#[test]
fn figures_of_a_node_sum_over_protocols() {
    for version in VERSIONS {
        let figures = read_node(&recorded(version, "node.txt"));
        assert!(figures.received.is_some_and(|n| n >= 113.0), "{version}");
        assert_eq!(figures.rejected, Some(1.0), "{version}");
        assert_eq!(figures.amqp10 > 0.0, version.starts_with('4'), "{version}");
        assert!(
            figures.connections.is_some_and(|n| n >= 3.0) && figures.identity.node.is_some(),
            "{version}"
        );
    }
}

#[test]
fn garbage_is_an_answer_without_figures() {
    for text in ["", "<html>It works!</html>", "{\"error\":1}", "\u{0}\u{1}\n}{\n\"\" 1"] {
        assert_eq!(read_queues(text), Scrape::default(), "{text:?}");
    }
}
