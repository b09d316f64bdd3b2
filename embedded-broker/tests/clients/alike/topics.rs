//! Topics: what they are, and how they come and go.

use kafka_protocol::messages::create_partitions_request::{CreatePartitionsAssignment, CreatePartitionsTopic};
use kafka_protocol::messages::create_topics_request::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig,
};
use kafka_protocol::messages::delete_topics_request::DeleteTopicState;
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::{
    BrokerId, CreatePartitionsRequest, CreateTopicsRequest, DeleteTopicsRequest, MetadataRequest, TopicName,
};
use uuid::Uuid;

use super::pair::Pair;
use crate::raw::text;

fn topic(name: &str, partitions: i32, replicas: i16) -> CreatableTopic {
    CreatableTopic::default()
        .with_name(TopicName(text(name)))
        .with_num_partitions(partitions)
        .with_replication_factor(replicas)
}

fn create(topics: Vec<CreatableTopic>) -> CreateTopicsRequest {
    CreateTopicsRequest::default()
        .with_timeout_ms(10_000)
        .with_topics(topics)
}

fn replicas(of: &[(i32, i32)]) -> Vec<CreatableReplicaAssignment> {
    let one = |&(partition, node)| {
        CreatableReplicaAssignment::default()
            .with_partition_index(partition)
            .with_broker_ids(vec![BrokerId(node)])
    };
    of.iter().map(one).collect()
}

fn setting(name: &str, value: &str) -> CreatableTopicConfig {
    CreatableTopicConfig::default()
        .with_name(text(name))
        .with_value(Some(text(value)))
}

#[test]
fn topics_are_made_and_refused() {
    let Some(mut pair) = Pair::start() else { return };
    let there = pair.topic("there", 1);
    let new = pair.name("new");
    // The settings that it was made with: ours has fewer of them.
    let settings = ["configs"];
    pair.same_but("a new one", &settings, |_, version| {
        create(vec![topic(&format!("{new}-{version}"), 2, 1)])
    });
    pair.same_but("as the broker likes", &settings, |_, version| {
        create(vec![topic(&format!("{new}-default-{version}"), -1, -1)])
    });
    pair.same_but("with a setting", &settings, |_, version| {
        let made = topic(&format!("{new}-set-{version}"), 1, 1);
        create(vec![made.with_configs(vec![setting("retention.ms", "60000")])])
    });
    pair.same_but("placed by hand", &settings, |_, version| {
        let made = topic(&format!("{new}-placed-{version}"), -1, -1);
        create(vec![made.with_assignments(replicas(&[(0, 1), (1, 1)]))])
    });
    let checked = |topics| {
        move |version: i16| {
            let topics: Vec<CreatableTopic> = Vec::clone(&topics);
            let _ = version;
            create(topics).with_validate_only(true)
        }
    };
    let name = pair.name("never");
    let cases = [
        ("only checked", vec![topic(&name, 1, 1)]),
        ("one that is there", vec![topic(&there, 1, 1)]),
        ("no name", vec![topic("", 1, 1)]),
        ("a dot for a name", vec![topic(".", 1, 1)]),
        ("a name with a space", vec![topic("a b", 1, 1)]),
        ("a name of 250 bytes", vec![topic(&"n".repeat(250), 1, 1)]),
        ("no partitions", vec![topic(&name, 0, 1)]),
        ("fewer than none", vec![topic(&name, -2, 1)]),
        ("no replicas", vec![topic(&name, 1, 0)]),
        ("more replicas than nodes", vec![topic(&name, 1, 3)]),
        ("the same twice", vec![topic(&name, 1, 1), topic(&name, 2, 1)]),
        (
            "a setting that does not exist",
            vec![topic(&name, 1, 1).with_configs(vec![setting("retention", "1")])],
        ),
        (
            "a value that cannot be",
            vec![topic(&name, 1, 1).with_configs(vec![setting("retention.ms", "soon")])],
        ),
        (
            "placed on a node that is not there",
            vec![topic(&name, -1, -1).with_assignments(replicas(&[(0, 9)]))],
        ),
        (
            "placed with a gap",
            vec![topic(&name, -1, -1).with_assignments(replicas(&[(0, 1), (2, 1)]))],
        ),
        (
            "placed and counted",
            vec![topic(&name, 2, -1).with_assignments(replicas(&[(0, 1)]))],
        ),
    ];
    for (what, topics) in cases {
        let request = checked(topics);
        pair.same_but(what, &settings, |_, version| request(version));
    }
    pair.end();
}

fn known(name: &str) -> MetadataRequestTopic {
    MetadataRequestTopic::default().with_name(Some(TopicName(text(name))))
}

#[test]
fn topics_are_described() {
    let Some(mut pair) = Pair::start() else { return };
    let there = pair.topic("there", 1);
    let unknown = pair.name("unknown");
    let ask = |names: &[&str]| {
        let asked = names.iter().map(|name| known(name)).collect();
        MetadataRequest::default().with_topics(Some(asked))
    };
    pair.same("a topic", |_, _| ask(&[&there]));
    pair.same("with what may be done to it", |_, version| {
        let mut request = ask(&[&there]);
        request.include_topic_authorized_operations = version >= 8;
        request.include_cluster_authorized_operations = (8..=10).contains(&version);
        request
    });
    // Up to version 3 to ask is to make.
    pair.same("one that is not there, and is not made", |_, version| {
        let mut request = ask(&[if version < 4 { &there } else { &unknown }]);
        request.allow_auto_topic_creation = version < 4;
        request
    });
    pair.same("a name that cannot be", |_, _| ask(&["a b"]));
    pair.same("the same twice", |_, _| ask(&[&there, &there]));
    for version in [12, 13] {
        pair.same_in("by its id", version, |side| {
            let asked = MetadataRequestTopic::default()
                .with_name(None)
                .with_topic_id(side.topic_id);
            MetadataRequest::default().with_topics(Some(vec![asked]))
        });
        pair.same_in("by an id that nobody has", version, |_| {
            let asked = MetadataRequestTopic::default()
                .with_name(None)
                .with_topic_id(Uuid::from_u128(7));
            MetadataRequest::default().with_topics(Some(vec![asked]))
        });
        pair.same_in("no topic at all", version, |_| ask(&[]));
    }
    pair.end();
}

#[test]
fn partitions_are_added() {
    let Some(mut pair) = Pair::start() else { return };
    let there = pair.topic("there", 2);
    let unknown = pair.name("unknown");
    let ask = |name: &str, count: i32, nodes: Option<&[i32]>, check: bool| {
        let placed = nodes.map(|nodes| {
            let on = |node: &i32| CreatePartitionsAssignment::default().with_broker_ids(vec![BrokerId(*node)]);
            nodes.iter().map(on).collect()
        });
        let asked = CreatePartitionsTopic::default()
            .with_name(TopicName(text(name)))
            .with_count(count)
            .with_assignments(placed);
        CreatePartitionsRequest::default()
            .with_timeout_ms(10_000)
            .with_validate_only(check)
            .with_topics(vec![asked])
    };
    for (what, count, nodes) in [
        ("as many as there are", 2, None),
        ("fewer", 1, None),
        ("none", 0, None),
        ("two more", 4, None),
        ("two more on one node", 4, Some(&[1, 1][..])),
        ("two more with one place", 4, Some(&[1][..])),
        ("on a node that is not there", 3, Some(&[9][..])),
    ] {
        pair.same(what, |_, _| ask(&there, count, nodes, true));
    }
    pair.same("of no topic", |_, _| ask(&unknown, 4, None, true));
    pair.same("for good", |_, version| {
        ask(&there, 3 + i32::from(version), None, false)
    });
    pair.end();
}

#[test]
fn topics_are_deleted() {
    let Some(mut pair) = Pair::start() else { return };
    let unknown = pair.name("unknown");
    let names: Vec<String> = (0..8).map(|number| pair.topic(&format!("goes-{number}"), 1)).collect();
    let ask = |name: &str, version: i16| {
        let request = DeleteTopicsRequest::default().with_timeout_ms(10_000);
        if version < 6 {
            return request.with_topic_names(vec![TopicName(text(name))]);
        }
        request.with_topics(vec![DeleteTopicState::default().with_name(Some(TopicName(text(name))))])
    };
    pair.same("one that is there", |_, version| ask(&names[version as usize], version));
    pair.same("one that is gone", |_, version| ask(&names[version as usize], version));
    pair.same("one that never was", |_, version| ask(&unknown, version));
    let by_id = |id: Uuid| {
        let asked = DeleteTopicState::default().with_name(None).with_topic_id(id);
        DeleteTopicsRequest::default()
            .with_timeout_ms(10_000)
            .with_topics(vec![asked])
    };
    pair.same_in("by an id that nobody has", 6, |_| by_id(Uuid::from_u128(7)));
    pair.same_in("by its id", 6, |side| by_id(side.topic_id));
    pair.end();
}
