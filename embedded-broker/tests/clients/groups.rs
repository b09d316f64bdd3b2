//! Groups: two members, rebalances, and nothing lost or read twice where it must not be.

use std::time::Duration;

use brokerscope_embedded_broker::EmbeddedBroker;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::message::Message;
use rdkafka::producer::Producer;

use crate::PATIENCE;
use crate::cluster::{broker, client, until};
use crate::traffic::{producer, send};

fn member(broker: &EmbeddedBroker, group: &str, settings: &[(&str, &str)]) -> BaseConsumer {
    let mut all = vec![
        ("group.id", group),
        ("auto.offset.reset", "earliest"),
        ("enable.auto.commit", "false"),
    ];
    // With the newer protocol these two are the broker's business.
    if !settings.iter().any(|(name, _)| *name == "group.protocol") {
        all.push(("session.timeout.ms", "6000"));
        all.push(("heartbeat.interval.ms", "500"));
    }
    all.extend(settings);
    client(broker, &all)
}

fn assigned(consumer: &BaseConsumer) -> usize {
    consumer.poll(Duration::from_millis(10));
    consumer.assignment().map_or(0, |assignment| assignment.count())
}

#[test]
fn two_members_share_the_partitions_and_hand_them_over() {
    two_members(&[]);
}

#[test]
fn two_members_share_the_partitions_cooperatively() {
    two_members(&[("partition.assignment.strategy", "cooperative-sticky")]);
}

#[test]
fn two_members_of_the_newer_kind_share_the_partitions() {
    two_members(&[("group.protocol", "consumer")]);
}

#[test]
fn a_member_that_dies_is_replaced() {
    let broker = broker();
    broker.handle().create_topic("orders", 4).unwrap();
    let settings = [
        ("session.timeout.ms", "1000"),
        ("heartbeat.interval.ms", "200"),
        ("max.poll.interval.ms", "1000"),
    ];
    let silent = member(&broker, "mortal", &settings);
    silent.subscribe(&["orders"]).unwrap();
    until("the first has all", || assigned(&silent) == 4);
    let heir = member(&broker, "mortal", &settings);
    heir.subscribe(&["orders"]).unwrap();
    // The first does not poll any more, so it never joins the generation that is being prepared.
    until("the heir has all", || assigned(&heir) == 4);
}

fn two_members(settings: &[(&str, &str)]) {
    let broker = broker();
    broker.handle().create_topic("orders", 6).unwrap();
    let first = member(&broker, "two", settings);
    first.subscribe(&["orders"]).unwrap();
    until("the first has all", || assigned(&first) == 6);
    let second = member(&broker, "two", settings);
    second.subscribe(&["orders"]).unwrap();
    until("both have half", || assigned(&first) == 3 && assigned(&second) == 3);
    // It leaves on a thread of its own: it waits for the first one's poll.
    let leaving = std::thread::spawn(move || drop(second));
    until("the first has all again", || assigned(&first) == 6);
    leaving.join().unwrap();
}

#[test]
fn members_that_come_and_go_lose_nothing() {
    come_and_go(&[]);
}

#[test]
fn members_of_the_newer_kind_that_come_and_go_lose_nothing() {
    come_and_go(&[("group.protocol", "consumer")]);
}

fn come_and_go(settings: &[(&str, &str)]) {
    let broker = broker();
    broker.handle().create_topic("orders", 6).unwrap();
    let producer = producer(&broker, &[]);
    let count = 3000;
    let sender = std::thread::spawn(move || {
        for start in (0..count).step_by(30) {
            send(&producer, "orders", start..start + 30);
            std::thread::sleep(Duration::from_millis(30));
        }
        producer.flush(PATIENCE).unwrap();
        producer
    });
    let (mut members, mut seen) = (vec![], std::collections::BTreeMap::<u32, u32>::new());
    for _ in 0..2 {
        let member = member(&broker, "coming-and-going", settings);
        member.subscribe(&["orders"]).unwrap();
        members.push(member);
    }
    let (mut polls, mut leaving) = (0, Vec::new());
    // What could not be committed is read again, by whoever has the partition then.
    let mut uncommitted = std::collections::BTreeSet::new();
    until("everything is read", || {
        polls += 1;
        if polls == 300 {
            let gone = members.remove(0);
            leaving.push(std::thread::spawn(move || drop(gone)));
        }
        if polls == 600 {
            let member = member(&broker, "coming-and-going", settings);
            member.subscribe(&["orders"]).unwrap();
            members.push(member);
        }
        for member in &members {
            while let Some(Ok(message)) = member.poll(Duration::from_millis(2)) {
                let number = std::str::from_utf8(message.payload().unwrap())
                    .unwrap()
                    .parse()
                    .unwrap();
                *seen.entry(number).or_insert(0) += 1;
                // Refused in the middle of a rebalance.
                if member.commit_message(&message, CommitMode::Sync).is_err() {
                    uncommitted.insert(number);
                }
            }
        }
        seen.len() == count as usize
    });
    let again = seen.iter().filter(|(_, times)| **times > 1).map(|(number, _)| *number);
    let again: Vec<u32> = again.filter(|number| !uncommitted.contains(number)).collect();
    assert!(again.is_empty(), "read again though committed: {again:?}");
    let producer = sender.join().unwrap();
    let counts = producer.context();
    assert_eq!(counts.failed.load(std::sync::atomic::Ordering::Relaxed), 0);
    assert_eq!(
        broker.handle().stats().messages_in,
        u64::from(count),
        "nothing is stored twice"
    );
}
