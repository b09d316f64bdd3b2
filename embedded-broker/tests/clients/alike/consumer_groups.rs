//! Groups whose work the broker divides (KIP-848).

use std::time::Duration;

use kafka_protocol::messages::consumer_group_heartbeat_request::TopicPartitions;
use kafka_protocol::messages::{
    ConsumerGroupDescribeRequest, ConsumerGroupHeartbeatRequest, DescribeGroupsRequest, GroupId, JoinGroupRequest,
    ListGroupsRequest, TopicName,
};

use super::pair::{Pair, Side};
use crate::raw::text;

fn group(name: &str) -> GroupId {
    GroupId(text(name))
}

/// The first beat says everything.
fn first(name: &str, member: &str, topic: &str) -> ConsumerGroupHeartbeatRequest {
    ConsumerGroupHeartbeatRequest::default()
        .with_group_id(group(name))
        .with_member_id(text(member))
        .with_member_epoch(0)
        .with_rebalance_timeout_ms(30_000)
        .with_subscribed_topic_names(Some(vec![TopicName(text(topic))]))
        .with_server_assignor(Some(text("uniform")))
        .with_topic_partitions(Some(vec![]))
}

/// Later ones say what has changed.
fn beat(name: &str, member: &str, epoch: i32) -> ConsumerGroupHeartbeatRequest {
    ConsumerGroupHeartbeatRequest::default()
        .with_group_id(group(name))
        .with_member_id(text(member))
        .with_member_epoch(epoch)
        .with_rebalance_timeout_ms(-1)
        .with_subscribed_topic_names(None)
        .with_topic_partitions(None)
}

fn owns(side: &Side, name: &str, member: &str, epoch: i32, partitions: &[i32]) -> ConsumerGroupHeartbeatRequest {
    let owned = TopicPartitions::default()
        .with_topic_id(side.topic_id)
        .with_partitions(partitions.to_vec());
    beat(name, member, epoch).with_topic_partitions(Some(vec![owned]))
}

fn describe(name: &str) -> ConsumerGroupDescribeRequest {
    ConsumerGroupDescribeRequest::default().with_group_ids(vec![group(name)])
}

/// A topic that those who divide the work know of, which takes a while.
fn topic_of(pair: &mut Pair, partitions: i32) -> String {
    let topic = pair.topic("newer", partitions);
    let probe = pair.name("probe");
    for side in [&mut pair.ours, &mut pair.theirs] {
        crate::cluster::until("work can be divided", || {
            let answer = side.ask(1, &first(&probe, "probe-probe-probe-probe", &topic));
            side.ask(1, &beat(&probe, "probe-probe-probe-probe", -1));
            answer
                .assignment
                .is_some_and(|assignment| !assignment.topic_partitions.is_empty())
        });
    }
    topic
}

#[test]
fn a_member_joins_works_and_leaves() {
    let Some(mut pair) = Pair::start() else { return };
    let topic = topic_of(&mut pair, 2);
    let name = pair.name("group");
    let one = "one-one-one-one-one-one";
    pair.same("what is not there", |_, _| describe(&name));
    pair.same_in("a first beat", 1, |_| first(&name, one, &topic));
    pair.same("with one member", |_, _| describe(&name));
    pair.same_in("it owns what it was given", 1, |side| {
        owns(side, &name, one, 1, &[0, 1])
    });
    pair.same("at work", |_, _| describe(&name));
    pair.same_in("a beat", 1, |_| beat(&name, one, 1));
    pair.same_in("the first beat once more", 1, |_| first(&name, one, &topic));
    pair.same_in("a beat of another time", 1, |_| beat(&name, one, 7));
    pair.same_in("a beat of somebody else", 1, |_| beat(&name, "somebody", 1));
    pair.same("as a group of the other kind", |_, _| {
        DescribeGroupsRequest::default().with_groups(vec![group(&name)])
    });
    for version in [3, 4, 5] {
        let listed = [&mut pair.ours, &mut pair.theirs].map(|side| {
            let all = side.ask(version, &ListGroupsRequest::default());
            all.groups.into_iter().find(|listed| listed.group_id == group(&name))
        });
        assert_eq!(listed[0], listed[1], "the list of groups, version {version}");
    }
    pair.same_in("a beat of who leaves", 1, |_| beat(&name, one, -1));
    pair.same("when all have left", |_, _| describe(&name));
    pair.end();
}

#[test]
fn a_second_member_takes_over_half() {
    let Some(mut pair) = Pair::start() else { return };
    let topic = topic_of(&mut pair, 2);
    let name = pair.name("group");
    let (one, two) = ("one-one-one-one-one-one", "two-two-two-two-two-two");
    pair.same_in("the first joins", 1, |_| first(&name, one, &topic));
    pair.same_in("and works", 1, |side| owns(side, &name, one, 1, &[0, 1]));
    pair.same_in("the second joins", 1, |_| first(&name, two, &topic));
    // The broker may take its time to say so.
    let mut kept = [vec![], vec![]];
    for (side, kept) in [&mut pair.ours, &mut pair.theirs].into_iter().zip(&mut kept) {
        crate::cluster::until("the first is told to give up", || {
            std::thread::sleep(Duration::from_millis(100));
            let request = owns(side, &name, one, 1, &[0, 1]);
            let answer = side.ask(1, &request);
            let Some(assignment) = answer.assignment else {
                return false;
            };
            *kept = assignment
                .topic_partitions
                .into_iter()
                .flat_map(|topic| topic.partitions)
                .collect();
            kept.len() == 1
        });
    }
    assert_eq!(kept[0].len(), kept[1].len());
    pair.end();
}

#[test]
fn what_is_no_sound_beat_is_refused() {
    let Some(mut pair) = Pair::start() else { return };
    let topic = topic_of(&mut pair, 2);
    let name = pair.name("group");
    let sound = || first(&name, "one-one-one-one-one-one", &topic);
    for (what, request) in [
        ("without a group's name", sound().with_group_id(group(""))),
        ("without a rebalance time-out", sound().with_rebalance_timeout_ms(-1)),
        ("without topics", sound().with_subscribed_topic_names(None)),
        (
            "that owns something already",
            sound().with_topic_partitions(Some(vec![TopicPartitions::default()])),
        ),
        ("without saying what it owns", sound().with_topic_partitions(None)),
        (
            "with an assignor that does not exist",
            sound().with_server_assignor(Some(text("unfair"))),
        ),
        ("without a member id", sound().with_member_id(text(""))),
        (
            "with an instance without a name",
            sound().with_instance_id(Some(text(""))),
        ),
        ("with an epoch that cannot be", sound().with_member_epoch(-7)),
        ("of a member that is not", beat(&name, "somebody", 3)),
        ("of who leaves what is not", beat(&name, "somebody", -1)),
    ] {
        pair.same_in(what, 1, |_| request.clone());
    }
    pair.end();
}

#[test]
fn the_two_kinds_do_not_mix() {
    let Some(mut pair) = Pair::start() else { return };
    let topic = topic_of(&mut pair, 1);
    let name = pair.name("group");
    pair.same_in("one of the newer kind", 1, |_| {
        first(&name, "one-one-one-one-one-one", &topic)
    });
    pair.same_in("one of the older kind joins", 5, |_| {
        JoinGroupRequest::default()
            .with_group_id(group(&name))
            .with_session_timeout_ms(30_000)
            .with_rebalance_timeout_ms(30_000)
            .with_protocol_type(text("connect"))
            .with_protocols(vec![Default::default()])
    });
    pair.end();
}
