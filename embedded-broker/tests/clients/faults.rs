//! Faults show through the protocol, and clients live through them.

use std::time::{Duration, Instant};

use brokerscope_embedded_broker::{ApiKey, EmbeddedBroker, ResponseError};
use kafka_protocol::messages::{DescribeQuorumRequest, TopicName, describe_quorum_request};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::producer::Producer;

use crate::PATIENCE;
use crate::cluster::{broker, client, until};
use crate::raw::{ask, text};
use crate::traffic::{producer, read_numbers, send};

/// (leader, in-sync replicas) of each partition of a topic.
fn placements(broker: &EmbeddedBroker, topic: &str) -> Vec<(i32, usize)> {
    let consumer: BaseConsumer = client(broker, &[]);
    let metadata = consumer.fetch_metadata(Some(topic), PATIENCE).unwrap();
    let partitions = metadata.topics()[0].partitions();
    partitions.iter().map(|one| (one.leader(), one.isr().len())).collect()
}

#[test]
fn a_node_is_killed_and_comes_back_under_traffic_and_nothing_is_lost_or_doubled() {
    let broker = broker();
    let handle = broker.handle();
    handle.create_topic("orders", 6).unwrap();
    let producer = producer(&broker, &[]);
    let consumer: BaseConsumer = client(&broker, &[("group.id", "readers"), ("auto.offset.reset", "earliest")]);
    consumer.subscribe(&["orders"]).unwrap();
    let count = 4000;
    let sender = std::thread::spawn(move || {
        for start in (0..count).step_by(40) {
            send(&producer, "orders", start..start + 40);
            std::thread::sleep(Duration::from_millis(40));
        }
        producer.flush(PATIENCE).unwrap();
        producer
    });
    let faults = std::thread::spawn(move || {
        for node in [2, 1, 3] {
            std::thread::sleep(Duration::from_millis(500));
            handle.kill_node(node).unwrap();
            assert!(!handle.is_node_up(node));
            std::thread::sleep(Duration::from_millis(500));
            handle.restart_node(node).unwrap();
        }
        handle
    });
    let seen = read_numbers(&consumer, count as usize);
    let (producer, handle) = (sender.join().unwrap(), faults.join().unwrap());
    assert_eq!(producer.context().failed.load(std::sync::atomic::Ordering::Relaxed), 0);
    assert_eq!(handle.stats().messages_in, u64::from(count), "nothing is stored twice");
    assert_eq!(seen.len(), count as usize);
    let leaders: std::collections::BTreeSet<i32> = placements(&broker, "orders").iter().map(|one| one.0).collect();
    assert_eq!(leaders.len(), 3, "every node leads again");
}

#[test]
fn a_dead_node_and_replicas_out_of_sync_show_in_metadata() {
    let broker = broker();
    let handle = broker.handle();
    handle.create_topic("orders", 3).unwrap();
    handle.kill_node(2).unwrap();
    let now = placements(&broker, "orders");
    assert!(now.iter().all(|(leader, isr)| *leader != 2 && *isr == 2), "{now:?}");
    handle.restart_node(2).unwrap();
    handle.shrink_isr(Some("orders"), 1);
    assert!(
        placements(&broker, "orders")
            .iter()
            .all(|(leader, isr)| *leader != 1 && *isr == 2)
    );
    handle.shrink_isr(None, 3);
    assert!(placements(&broker, "orders").iter().all(|one| *one == (2, 1)));
    handle.kill_node(2).unwrap();
    assert!(
        placements(&broker, "orders").iter().all(|(leader, _)| *leader == -1),
        "nobody in sync is up"
    );
    handle.reset().unwrap();
    assert!(
        placements(&broker, "orders")
            .iter()
            .all(|(leader, isr)| *leader > 0 && *isr == 3)
    );
}

/// (id, end of its log of the metadata, when it had followed that) of each controller, as a node tells it.
fn voters(broker: &EmbeddedBroker, node: usize) -> (i32, Vec<(i32, i64, i64)>) {
    let partition = describe_quorum_request::PartitionData::default();
    let topic = describe_quorum_request::TopicData::default()
        .with_topic_name(TopicName(text("__cluster_metadata")))
        .with_partitions(vec![partition]);
    let request = DescribeQuorumRequest::default().with_topics(vec![topic]);
    let mut answer = ask(broker, node, 2, &request);
    assert_eq!((answer.error_code, answer.nodes.len()), (0, 3));
    let partition = answer.topics.remove(0).partitions.remove(0);
    let voters = partition.current_voters.iter();
    let voters = voters.map(|voter| (voter.replica_id.0, voter.log_end_offset, voter.last_caught_up_timestamp));
    (partition.leader_id.0, voters.collect())
}

#[test]
fn the_quorum_of_controllers_tells_who_is_down_and_how_far_behind() {
    let broker = broker();
    let handle = broker.handle();
    handle.create_topic("orders", 3).unwrap();
    let (leader, all) = voters(&broker, 2);
    assert_eq!((leader, all.len()), (1, 3));
    assert!(
        all.iter().all(|voter| voter.1 == 4),
        "a topic and its partitions: {all:?}"
    );
    handle.kill_node(1).unwrap();
    std::thread::sleep(Duration::from_millis(50));
    let (leader, left) = voters(&broker, 2);
    assert_eq!(leader, 2);
    // The node that went, and its three replicas that are out of sync, one of them with its leader.
    assert_eq!(left.iter().map(|voter| voter.1).collect::<Vec<_>>(), [4, 8, 8]);
    assert!(left[0].2 < left[1].2, "{left:?}");
    handle.restart_node(1).unwrap();
    let (leader, again) = voters(&broker, 3);
    assert_eq!(leader, 1);
    assert!(
        again.iter().all(|voter| voter.1 == 12 && voter.2 >= left[1].2),
        "{again:?}"
    );
}

#[test]
fn a_node_whose_port_is_taken_stays_down_and_says_so_until_it_is_free() {
    let broker = broker();
    let (servers, handle) = (broker.bootstrap_servers(), broker.handle());
    handle.kill_node(2).unwrap();
    let taken = std::net::TcpListener::bind(servers.split(',').nth(1).unwrap()).unwrap();
    let refused = handle.restart_node(2).unwrap_err().to_string();
    let port = taken.local_addr().unwrap().port().to_string();
    assert!(
        refused.contains("node 2") && refused.contains(&port) && refused.contains("try again"),
        "{refused}"
    );
    assert!(!handle.is_node_up(2));
    drop(taken);
    handle.restart_node(2).unwrap();
    assert!(handle.is_node_up(2));
    assert_eq!(broker.bootstrap_servers(), servers);
}

#[test]
fn a_node_that_is_killed_and_restarted_from_all_sides_is_served_if_and_only_if_it_is_up() {
    let broker = broker();
    let handle = broker.handle();
    let address = broker.bootstrap_servers().split(',').nth(1).unwrap().to_owned();
    for _ in 0..20 {
        std::thread::scope(|scope| {
            for change in [0, 1, 0, 1] {
                let handle = handle.clone();
                scope.spawn(move || match change {
                    0 => handle.kill_node(2).unwrap(),
                    _ => handle.restart_node(2).unwrap(),
                });
            }
        });
        let is_served = std::net::TcpStream::connect(&address).is_ok();
        assert_eq!(is_served, handle.is_node_up(2));
    }
}

#[test]
fn answers_are_delayed_and_refused() {
    let broker = broker();
    let handle = broker.handle();
    handle.create_topic("orders", 1).unwrap();
    handle.delay_api(Some(ApiKey::Metadata), None, Duration::from_millis(400));
    let asked = Instant::now();
    placements(&broker, "orders");
    assert!(asked.elapsed() >= Duration::from_millis(400));
    handle.clear_delays();

    handle.fail_api(ApiKey::Produce, None, ResponseError::TopicAuthorizationFailed);
    let producer = producer(&broker, &[]);
    let failed = || producer.context().failed.load(std::sync::atomic::Ordering::Relaxed);
    send(&producer, "orders", 0..1);
    until("the message is refused", || failed() == 1);
    handle.clear_errors();
    send(&producer, "orders", 1..2);
    producer.flush(PATIENCE).unwrap();
    assert_eq!((failed(), handle.stats().messages_in), (1, 1));
}

/// Messages that are stored once twenty were sent by a producer half of whose acknowledgements are lost.
fn stored_of_twenty(idempotence: &str) -> u64 {
    let broker = broker();
    let handle = broker.handle();
    handle.create_topic("orders", 1).unwrap();
    handle.lose_answers(ApiKey::Produce, "unlucky", 2);
    let settings = [
        ("client.id", "unlucky"),
        ("enable.idempotence", idempotence),
        ("retry.backoff.ms", "20"),
    ];
    let producer = producer(&broker, &settings);
    for number in 0..20 {
        send(&producer, "orders", number..number + 1);
        // One at a time, so that every other one loses its acknowledgement.
        producer.flush(PATIENCE).unwrap();
    }
    let counts = producer.context();
    assert_eq!(counts.delivered.load(std::sync::atomic::Ordering::Relaxed), 20);
    handle.stats().messages_in
}

#[test]
fn without_idempotence_a_lost_acknowledgement_makes_a_duplicate() {
    assert_eq!(stored_of_twenty("true"), 20);
    let stored = stored_of_twenty("false");
    assert!((30..=50).contains(&stored), "{stored}");
}

#[test]
fn a_paused_coordinator_holds_its_group_and_only_that() {
    let broker = broker();
    let handle = broker.handle();
    let producer = producer(&broker, &[]);
    send(&producer, "orders", 0..10);
    producer.flush(PATIENCE).unwrap();
    handle.pause_coordinator("held");
    let settings = |group| [("group.id", group), ("auto.offset.reset", "earliest")];
    let held: BaseConsumer = client(&broker, &settings("held"));
    let free: BaseConsumer = client(&broker, &settings("free"));
    held.subscribe(&["orders"]).unwrap();
    free.subscribe(&["orders"]).unwrap();
    assert_eq!(read_numbers(&free, 10).len(), 10);
    assert!(held.poll(Duration::from_millis(200)).is_none());
    handle.resume_coordinator("held");
    assert_eq!(read_numbers(&held, 10).len(), 10);
}

#[test]
fn the_end_of_the_broker_frees_its_ports() {
    let broker = broker();
    let (servers, handle) = (broker.bootstrap_servers(), broker.handle());
    broker.shutdown();
    for server in servers.split(',') {
        assert!(std::net::TcpStream::connect(server).is_err(), "{server} is still open");
    }
    assert!(handle.kill_node(1).is_err());
}
