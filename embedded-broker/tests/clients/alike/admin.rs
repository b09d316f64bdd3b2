//! What administrators and monitors ask of a whole cluster.

use kafka_protocol::messages::describe_log_dirs_request::DescribableLogDirTopic;
use kafka_protocol::messages::describe_quorum_request::{PartitionData, TopicData};
use kafka_protocol::messages::list_partition_reassignments_request::ListPartitionReassignmentsTopics;
use kafka_protocol::messages::{
    ApiVersionsRequest, DescribeClusterRequest, DescribeLogDirsRequest, DescribeQuorumRequest,
    ListPartitionReassignmentsRequest, TopicName,
};

use super::pair::Pair;
use crate::raw::text;

#[test]
fn nothing_is_served_that_a_real_one_does_not_serve() {
    let Some(mut pair) = Pair::start() else { return };
    let request = ApiVersionsRequest::default()
        .with_client_software_name(text("raw"))
        .with_client_software_version(text("1"));
    let [ours, theirs] = [&mut pair.ours, &mut pair.theirs].map(|side| side.ask(4, &request));
    assert_eq!((ours.error_code, theirs.error_code), (0, 0));
    for api in ours.api_keys {
        let real = theirs.api_keys.iter().find(|real| real.api_key == api.api_key);
        let real = real.unwrap_or_else(|| panic!("API {} is not served by a real one", api.api_key));
        // Older ones than a Kafka 4 serves are for older clients.
        assert!(
            api.max_version <= real.max_version,
            "API {}: {api:?} {real:?}",
            api.api_key
        );
        assert!(
            api.max_version >= real.min_version,
            "API {}: {api:?} {real:?}",
            api.api_key
        );
    }
    // What is served is compared above, and a real one tells of its features as well.
    let own = [
        "api_keys",
        "finalized_features",
        "finalized_features_epoch",
        "supported_features",
    ];
    for (name, version) in [
        ("raw", "1.0"),
        ("", "1.0"),
        ("raw", ""),
        ("-raw", "1"),
        ("raw client", "1"),
        ("raw", "1.0-"),
    ] {
        pair.same_but(&format!("{name:?} {version:?}"), &own, |_, _| {
            ApiVersionsRequest::default()
                .with_client_software_name(text(name))
                .with_client_software_version(text(version))
        });
    }
    pair.end();
}

#[test]
fn the_cluster_is_described() {
    let Some(mut pair) = Pair::start() else { return };
    pair.same("as it is", |_, _| {
        DescribeClusterRequest::default().with_endpoint_type(1)
    });
    pair.same("with what may be done", |_, _| {
        DescribeClusterRequest::default()
            .with_endpoint_type(1)
            .with_include_cluster_authorized_operations(true)
    });
    pair.same("its controllers", |_, version| {
        DescribeClusterRequest::default().with_endpoint_type(if version < 1 { 1 } else { 2 })
    });
    pair.same("something else of it", |_, version| {
        DescribeClusterRequest::default().with_endpoint_type(if version < 1 { 1 } else { 9 })
    });
    pair.end();
}

#[test]
fn its_controllers_are_described() {
    let Some(mut pair) = Pair::start() else { return };
    let ask = |topic: &str, partition| {
        let partition = PartitionData::default().with_partition_index(partition);
        let asked = TopicData::default()
            .with_topic_name(TopicName(text(topic)))
            .with_partitions(vec![partition]);
        DescribeQuorumRequest::default().with_topics(vec![asked])
    };
    // Where the log of the cluster has come to is each cluster's own, and so are the controllers' listeners.
    let own = [
        "leader_epoch",
        "high_watermark",
        "log_end_offset",
        "last_fetch_timestamp",
        "last_caught_up_timestamp",
        "replica_directory_id",
        "listeners",
    ];
    pair.same_but("the quorum", &own, |_, _| ask("__cluster_metadata", 0));
    pair.same_but("of another topic", &own, |_, _| ask("orders", 0));
    pair.same_but("of another partition", &own, |_, _| ask("__cluster_metadata", 3));
    pair.end();
}

#[test]
fn sizes_on_disk_are_told() {
    let Some(mut pair) = Pair::start() else { return };
    let (topic, unknown) = (pair.topic("sized", 1), pair.name("unknown"));
    super::logs::fill(&mut pair, &topic, &[3, 2]);
    let ask = |name: &str, partitions: &[i32]| {
        let asked = DescribableLogDirTopic::default()
            .with_topic(TopicName(text(name)))
            .with_partitions(partitions.to_vec());
        DescribeLogDirsRequest::default().with_topics(Some(vec![asked]))
    };
    // Where the disk is and how large is each broker's own.
    let own = ["log_dir", "total_bytes", "usable_bytes"];
    pair.same_but("of a topic", &own, |_, _| ask(&topic, &[0]));
    pair.same_but("of an unknown partition", &own, |_, _| ask(&topic, &[99]));
    pair.same_but("of an unknown topic", &own, |_, _| ask(&unknown, &[0]));
    pair.end();
}

#[test]
fn partitions_on_the_move_are_listed() {
    let Some(mut pair) = Pair::start() else { return };
    let (topic, unknown) = (pair.topic("moved", 1), pair.name("unknown"));
    let ask = |name: Option<&str>| {
        let of = |name| {
            let asked = ListPartitionReassignmentsTopics::default().with_name(TopicName(text(name)));
            vec![asked.with_partition_indexes(vec![0, 99])]
        };
        ListPartitionReassignmentsRequest::default()
            .with_timeout_ms(5000)
            .with_topics(name.map(of))
    };
    pair.same("all of them", |_, _| ask(None));
    pair.same("those of a topic", |_, _| ask(Some(&topic)));
    pair.same("those of an unknown topic", |_, _| ask(Some(&unknown)));
    pair.end();
}
