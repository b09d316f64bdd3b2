//! Every version of every answer, as another implementation of the protocol writes it, is read here.

use bytes::{Bytes, BytesMut};
use kafka_protocol::messages::api_versions_response::{ApiVersion, FinalizedFeatureKey};
use kafka_protocol::messages::consumer_group_describe_response as described;
use kafka_protocol::messages::consumer_protocol_assignment::TopicPartition;
use kafka_protocol::messages::describe_configs_response as configs;
use kafka_protocol::messages::describe_groups_response as classic;
use kafka_protocol::messages::describe_log_dirs_response as dirs;
use kafka_protocol::messages::describe_quorum_response as quorum;
use kafka_protocol::messages::list_groups_response as list;
use kafka_protocol::messages::list_offsets_response as logs;
use kafka_protocol::messages::metadata_response as metadata;
use kafka_protocol::messages::offset_fetch_response as fetch;
use kafka_protocol::messages::{
    ApiVersionsRequest, ApiVersionsResponse, BrokerId, ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse,
    ConsumerProtocolAssignment, DescribeConfigsRequest, DescribeConfigsResponse, DescribeGroupsRequest,
    DescribeGroupsResponse, DescribeLogDirsRequest, DescribeLogDirsResponse, DescribeQuorumRequest,
    DescribeQuorumResponse, GroupId, ListGroupsRequest, ListGroupsResponse, ListOffsetsRequest, ListOffsetsResponse,
    MetadataRequest, MetadataResponse, OffsetFetchRequest, OffsetFetchResponse, SaslAuthenticateRequest,
    SaslAuthenticateResponse, SaslHandshakeRequest, SaslHandshakeResponse, TopicName,
};
use kafka_protocol::protocol::{Decodable, Encodable, StrBytes};

use super::super::super::wire::{Broker, GroupProtocol, GroupState, LogEnd, PartitionOffset};
use super::super::codec::{Reader, Writer};
use super::*;

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_string())
}

fn topic_name(name: &str) -> TopicName {
    TopicName(text(name))
}

/// What is read of this answer, to its last byte.
fn read<C: Call>(call: &C, version: i16, answer: &impl Encodable) -> Result<C::Answer, Trouble> {
    let mut bytes = BytesMut::new();
    answer.encode(&mut bytes, version).unwrap();
    let mut reader = Reader::new(&bytes, version >= C::FLEXIBLE_FROM);
    let answer = call.read(version, &mut reader);
    assert!(answer.is_err() || reader.is_empty(), "version {version} goes on");
    answer
}

/// What another implementation reads of this request, to its last byte.
fn written<C: Call, R: Decodable>(call: &C, version: i16) -> R {
    let mut writer = Writer::new();
    writer.set_flexible(version >= C::FLEXIBLE_FROM);
    call.write(version, &mut writer);
    let mut bytes = Bytes::from(writer.into_bytes());
    let request = R::decode(&mut bytes, version).unwrap();
    assert!(bytes.is_empty(), "version {version} goes on");
    request
}

fn versions<C: Call>(_: &C) -> std::ops::RangeInclusive<i16> {
    C::VERSIONS.0..=C::VERSIONS.1
}

fn names() -> Vec<String> {
    vec!["billing".into(), "ship\u{ff}ing".into()]
}

#[test]
fn versions_and_features() {
    for version in versions(&ApiVersions) {
        let mut answer = ApiVersionsResponse::default().with_api_keys(vec![
            ApiVersion::default()
                .with_api_key(9)
                .with_min_version(1)
                .with_max_version(10),
        ]);
        if version >= 3 {
            let level = FinalizedFeatureKey::default().with_name(text("metadata.version"));
            answer = answer.with_finalized_features(vec![level.with_max_version_level(27).with_min_version_level(7)]);
        }
        let known = read(&ApiVersions, version, &answer).unwrap();
        assert_eq!(known.requests[&9], (1, 10));
        assert_eq!(known.features.get("metadata.version"), (version >= 3).then_some(&27));
        let refused = answer.with_error_code(35);
        assert_eq!(read(&ApiVersions, version, &refused).unwrap_err().code, 35);
        let _: ApiVersionsRequest = written(&ApiVersions, version);
    }
}

#[test]
fn logins() {
    let request: SaslHandshakeRequest = written(&Handshake("SCRAM-SHA-256"), 1);
    assert_eq!(request.mechanism, text("SCRAM-SHA-256"));
    let answer = SaslHandshakeResponse::default()
        .with_error_code(33)
        .with_mechanisms(vec![text("PLAIN")]);
    assert!(
        read(&Handshake("X"), 1, &answer)
            .unwrap_err()
            .text
            .ends_with("it offers PLAIN")
    );

    let step = Authenticate(b"\0u\0p".to_vec());
    let request: SaslAuthenticateRequest = written(&step, 0);
    assert_eq!(&request.auth_bytes[..], b"\0u\0p");
    let answer = SaslAuthenticateResponse::default().with_auth_bytes(Bytes::from_static(b"v=1"));
    assert_eq!(read(&step, 0, &answer).unwrap(), b"v=1");
    let refused = SaslAuthenticateResponse::default()
        .with_error_code(58)
        .with_error_message(Some(text("no")));
    assert_eq!(read(&step, 0, &refused).unwrap_err(), Trouble::new(58, "no"));
}

#[test]
fn lists_of_groups() {
    for version in versions(&ListGroups) {
        let group = |name: &str, protocol: &str, kind: &str| {
            let mut group = list::ListedGroup::default()
                .with_group_id(GroupId(text(name)))
                .with_protocol_type(text(protocol));
            if version >= 4 {
                group = group.with_group_state(text("Stable"));
            }
            if version >= 5 {
                group = group.with_group_type(text(kind));
            }
            group
        };
        let groups = vec![
            group("billing", "consumer", "Consumer"),
            group("committing", "", "Classic"),
            group("connect", "connect", "Classic"),
            group("sharing", "share", "Share"),
        ];
        let answer = ListGroupsResponse::default().with_groups(groups);
        let listed = read(&ListGroups, version, &answer).unwrap();
        let found: Vec<&str> = listed.iter().map(|group| group.name.as_str()).collect();
        assert_eq!(found, ["billing", "committing"], "version {version}");
        assert_eq!(
            listed[0].state,
            if version >= 4 {
                GroupState::Stable
            } else {
                GroupState::Unknown
            }
        );
        assert_eq!(
            listed[0].protocol,
            if version >= 5 {
                GroupProtocol::Consumer
            } else {
                GroupProtocol::Unknown
            }
        );
        let refused = ListGroupsResponse::default().with_error_code(14);
        assert_eq!(read(&ListGroups, version, &refused).unwrap_err().code, 14);
        let _: ListGroupsRequest = written(&ListGroups, version);
    }
}

#[test]
fn classic_descriptions() {
    let names = names();
    let call = DescribeClassicGroups(&names);
    for version in versions(&call) {
        let mut assignment = BytesMut::from(&b"\x00\x01"[..]);
        let partitions = TopicPartition::default()
            .with_topic(topic_name("orders"))
            .with_partitions(vec![2, 0]);
        ConsumerProtocolAssignment::default()
            .with_assigned_partitions(vec![partitions])
            .encode(&mut assignment, 1)
            .unwrap();
        let mut member = classic::DescribedGroupMember::default()
            .with_member_id(text("m-1"))
            .with_client_id(text("app-1"))
            .with_client_host(text("/10.0.0.1"))
            .with_member_assignment(assignment.freeze());
        if version >= 4 {
            member = member.with_group_instance_id(Some(text("static-1")));
        }
        let group = classic::DescribedGroup::default()
            .with_group_id(GroupId(text("billing")))
            .with_group_state(text("Stable"))
            .with_protocol_type(text("consumer"))
            .with_protocol_data(text("range"))
            .with_members(vec![member]);
        let refused = classic::DescribedGroup::default()
            .with_group_id(GroupId(text("secret")))
            .with_error_code(30);
        let answer = DescribeGroupsResponse::default().with_groups(vec![group, refused]);
        let described = read(&call, version, &answer).unwrap();
        let group = described[0].1.as_ref().unwrap();
        assert_eq!(
            (group.name.as_str(), group.state, group.assignor.as_str()),
            ("billing", GroupState::Stable, "range")
        );
        assert_eq!(group.members[0].assignment["orders"], [0, 2]);
        assert_eq!(group.members[0].client, "app-1");
        assert_eq!(group.members[0].instance.is_some(), version >= 4);
        assert_eq!(described[1].1.as_ref().unwrap_err().code, 30);
        let request: DescribeGroupsRequest = written(&call, version);
        assert_eq!(request.groups.len(), 2);
    }
}

#[test]
fn descriptions_of_the_new_protocol() {
    let names = names();
    let call = DescribeConsumerGroups(&names);
    for version in versions(&call) {
        let partitions = described::TopicPartitions::default()
            .with_topic_name(topic_name("orders"))
            .with_partitions(vec![1, 0]);
        let mut member = described::Member::default()
            .with_member_id(text("m-1"))
            .with_client_id(text("app-1"))
            .with_client_host(text("/10.0.0.1"))
            .with_subscribed_topic_names(vec![topic_name("orders")])
            .with_assignment(described::Assignment::default().with_topic_partitions(vec![partitions]));
        if version >= 1 {
            member = member.with_member_type(1);
        }
        let group = described::DescribedGroup::default()
            .with_group_id(GroupId(text("billing")))
            .with_group_state(text("Reconciling"))
            .with_assignor_name(text("uniform"))
            .with_members(vec![member]);
        let gone = described::DescribedGroup::default()
            .with_group_id(GroupId(text("gone")))
            .with_error_code(69)
            .with_error_message(Some(text("Group gone not found.")));
        let answer = ConsumerGroupDescribeResponse::default().with_groups(vec![group, gone]);
        let described = read(&call, version, &answer).unwrap();
        let group = described[0].1.as_ref().unwrap();
        assert_eq!(
            (group.state, group.protocol),
            (GroupState::Reconciling, GroupProtocol::Consumer)
        );
        assert_eq!(group.members[0].assignment["orders"], [0, 1]);
        assert_eq!(
            described[1].1.as_ref().unwrap_err(),
            &Trouble::new(69, "Group gone not found.")
        );
        let request: ConsumerGroupDescribeRequest = written(&call, version);
        assert_eq!(request.group_ids.len(), 2);
    }
}

#[test]
fn commits() {
    let names = names();
    let call = FetchOffsets(&names);
    for version in versions(&call) {
        let answer = if version < 8 {
            let partition = |index, offset, code| {
                fetch::OffsetFetchResponsePartition::default()
                    .with_partition_index(index)
                    .with_committed_offset(offset)
                    .with_error_code(code)
                    .with_metadata(Some(text("by hand")))
            };
            let topic = fetch::OffsetFetchResponseTopic::default()
                .with_name(topic_name("orders"))
                .with_partitions(vec![partition(0, 42, 0), partition(1, -1, 0), partition(2, -1, 29)]);
            OffsetFetchResponse::default().with_topics(vec![topic])
        } else {
            let partition = |index, offset, code| {
                fetch::OffsetFetchResponsePartitions::default()
                    .with_partition_index(index)
                    .with_committed_offset(offset)
                    .with_error_code(code)
                    .with_metadata(None)
            };
            let topic = fetch::OffsetFetchResponseTopics::default()
                .with_name(topic_name("orders"))
                .with_partitions(vec![partition(0, 42, 0), partition(1, -1, 0), partition(2, -1, 29)]);
            let group = fetch::OffsetFetchResponseGroup::default()
                .with_group_id(GroupId(text("billing")))
                .with_topics(vec![topic]);
            let moved = fetch::OffsetFetchResponseGroup::default()
                .with_group_id(GroupId(text("moved")))
                .with_error_code(16);
            OffsetFetchResponse::default().with_groups(vec![group, moved])
        };
        let committed = read(&call, version, &answer).unwrap();
        assert_eq!(committed[0].0, "billing");
        let offsets: Vec<Result<i64, i32>> = committed[0]
            .1
            .as_ref()
            .unwrap()
            .iter()
            .map(|part| part.offset.clone().map_err(|t| t.code))
            .collect();
        assert_eq!(
            offsets,
            [Ok(42), Err(0), Err(29)],
            "version {version}: a commit, none, and a refusal"
        );
        if version >= 8 {
            assert_eq!(committed[1].1.as_ref().unwrap_err().code, 16);
        }
        let request: OffsetFetchRequest = written(&call, version);
        assert_eq!(
            if version < 8 { 1 } else { request.groups.len() },
            if version < 8 { 1 } else { 2 }
        );
        assert!(request.topics.is_none() || version >= 8);
    }
}

#[test]
fn clusters() {
    for version in versions(&DescribeCluster { operations: true }) {
        let broker = metadata::MetadataResponseBroker::default()
            .with_node_id(BrokerId(2))
            .with_host(text("kafka-2"))
            .with_port(9_092)
            .with_rack(Some(text("b")));
        let mut answer = MetadataResponse::default()
            .with_brokers(vec![broker.clone()])
            .with_controller_id(BrokerId(2));
        if version >= 2 {
            answer = answer.with_cluster_id(Some(text("c-1")));
        }
        if version >= 8 {
            answer = answer.with_cluster_authorized_operations(0b1_0000_1000);
        }
        let call = DescribeCluster { operations: true };
        let known = read(&call, version, &answer).unwrap();
        assert_eq!(known.id.is_some(), version >= 2);
        assert_eq!(known.controller, Some(2));
        let expected = Broker {
            id: 2,
            host: "kafka-2".into(),
            port: 9_092,
            rack: Some("b".into()),
        };
        assert_eq!(known.brokers, [expected]);
        assert_eq!(known.operations, (version >= 8).then(|| vec![3, 8]));
        let none = answer.with_controller_id(BrokerId(-1));
        assert_eq!(read(&call, version, &none).unwrap().controller, None);
        let impossible = none.with_brokers(vec![broker.with_port(70_000)]);
        assert!(read(&call, version, &impossible).is_err());
        let request: MetadataRequest = written(&call, version);
        assert!(request.topics.unwrap().is_empty(), "no topics, and not all of them");
        assert_eq!(request.include_cluster_authorized_operations, version >= 8);
        assert_eq!(
            request.allow_auto_topic_creation,
            version < 4,
            "the older ones have no such field"
        );
    }
    let untold = MetadataResponse::default().with_cluster_authorized_operations(i32::MIN);
    let known = read(&DescribeCluster { operations: false }, 10, &untold).unwrap();
    assert_eq!(known.operations, None);
}

#[test]
fn ends_of_logs() {
    let partitions = [("orders".into(), 0), ("prices".into(), 4), ("orders".into(), 2)];
    for (end, time) in [(LogEnd::Latest, -1), (LogEnd::Earliest, -2)] {
        let partitions = &partitions;
        let call = ListOffsets { partitions, end };
        for version in versions(&call) {
            let partition = |index, offset, code| {
                logs::ListOffsetsPartitionResponse::default()
                    .with_partition_index(index)
                    .with_offset(offset)
                    .with_error_code(code)
            };
            let topic = logs::ListOffsetsTopicResponse::default()
                .with_name(topic_name("orders"))
                .with_partitions(vec![partition(0, 1 << 40, 0), partition(2, -1, 6), partition(3, -1, 0)]);
            let answer = ListOffsetsResponse::default().with_topics(vec![topic]);
            let known = read(&call, version, &answer).unwrap();
            let told = |part: &PartitionOffset| part.offset.as_ref().copied().map_err(|trouble| trouble.code);
            let offsets: Vec<Result<i64, i32>> = known.iter().map(told).collect();
            assert_eq!(
                offsets,
                [Ok(1 << 40), Err(6), Err(0)],
                "version {version}: one, a refusal, and none"
            );
            let request: ListOffsetsRequest = written(&call, version);
            let asked: Vec<(String, Vec<i32>)> = request
                .topics
                .iter()
                .map(|topic| {
                    (
                        topic.name.to_string(),
                        topic.partitions.iter().map(|p| p.partition_index).collect(),
                    )
                })
                .collect();
            assert_eq!(
                asked,
                [("orders".to_string(), vec![0, 2]), ("prices".to_string(), vec![4])]
            );
            assert_eq!(request.topics[0].partitions[0].timestamp, time);
        }
    }
}

#[test]
fn settings_of_topics() {
    let topics = vec!["orders".to_string(), "secret".to_string()];
    let keep = &["retention.ms", "cleanup.policy"];
    let call = DescribeTopicConfigs { topics: &topics, keep };
    for version in versions(&call) {
        let entry = |name: &str, value: Option<&str>, source| {
            let synonym = configs::DescribeConfigsSynonym::default().with_name(text("log.retention.ms"));
            let entry = configs::DescribeConfigsResourceResult::default()
                .with_name(text(name))
                .with_value(value.map(text))
                .with_config_source(source)
                .with_synonyms(vec![synonym]);
            if version >= 3 {
                entry.with_config_type(5).with_documentation(Some(text("why")))
            } else {
                entry
            }
        };
        let known = configs::DescribeConfigsResult::default()
            .with_resource_type(2)
            .with_resource_name(text("orders"))
            .with_configs(vec![
                entry("retention.ms", Some("1000"), 1),
                entry("cleanup.policy", Some("delete"), 5),
                entry("kept.back", None, 5),
            ]);
        let refused = configs::DescribeConfigsResult::default()
            .with_resource_name(text("secret"))
            .with_error_code(29)
            .with_error_message(Some(text("Topic authorization failed.")));
        let answer = DescribeConfigsResponse::default().with_results(vec![known, refused]);
        let told = read(&call, version, &answer).unwrap();
        let config = told[0].1.as_ref().unwrap();
        assert_eq!(config.entries.len(), 2, "a value that is kept back is none");
        assert_eq!(
            (config.number("retention.ms"), config.entries["retention.ms"].own),
            (Some(1_000), true)
        );
        assert!(!config.entries["cleanup.policy"].own);
        assert_eq!(told[1].1, Err(Trouble::new(29, "Topic authorization failed.")));
        let request: DescribeConfigsRequest = written(&call, version);
        assert_eq!(request.resources.len(), 2);
        assert_eq!(request.resources[1].configuration_keys.as_ref().unwrap().len(), 2);
    }
}

#[test]
fn sizes_on_disk() {
    for version in versions(&DescribeLogDirs) {
        let partition = dirs::DescribeLogDirsPartition::default()
            .with_partition_index(3)
            .with_partition_size(1_000);
        let topic = dirs::DescribeLogDirsTopic::default()
            .with_name(topic_name("orders"))
            .with_partitions(vec![partition]);
        let mut good = dirs::DescribeLogDirsResult::default()
            .with_log_dir(text("/data"))
            .with_topics(vec![topic]);
        if version >= 4 {
            good = good.with_total_bytes(10_000).with_usable_bytes(4_000);
        }
        let bad = dirs::DescribeLogDirsResult::default()
            .with_log_dir(text("/bad"))
            .with_error_code(56);
        let answer = DescribeLogDirsResponse::default().with_results(vec![good, bad]);
        let known = read(&DescribeLogDirs, version, &answer).unwrap();
        assert_eq!((known[0].replicas[0].partition, known[0].replicas[0].bytes), (3, 1_000));
        assert_eq!(known[0].usable_bytes, (version >= 4).then_some(4_000));
        assert_eq!(known[1].trouble.as_ref().unwrap().code, 56);
        let refused = read(&DescribeLogDirs, version, &DescribeLogDirsResponse::default());
        assert_eq!(refused.unwrap_err().code, 31, "an empty list is a refusal");
        let request: DescribeLogDirsRequest = written(&DescribeLogDirs, version);
        assert!(request.topics.is_none());
    }
}

#[test]
fn quorums() {
    for version in versions(&DescribeQuorum) {
        let mut state = quorum::ReplicaState::default()
            .with_replica_id(BrokerId(2))
            .with_log_end_offset(77);
        if version >= 1 {
            state = state.with_last_caught_up_timestamp(1_000);
        }
        let partition = quorum::PartitionData::default()
            .with_leader_id(BrokerId(2))
            .with_current_voters(vec![state]);
        let topic = quorum::TopicData::default()
            .with_topic_name(topic_name("__cluster_metadata"))
            .with_partitions(vec![partition]);
        let mut answer = DescribeQuorumResponse::default().with_topics(vec![topic]);
        if version >= 2 {
            let listener = quorum::Listener::default()
                .with_name(text("CONTROLLER"))
                .with_host(text("c"))
                .with_port(9093);
            answer = answer.with_nodes(vec![
                quorum::Node::default()
                    .with_node_id(BrokerId(2))
                    .with_listeners(vec![listener]),
            ]);
        }
        let known = read(&DescribeQuorum, version, &answer).unwrap();
        assert_eq!(known.leader, Some(2));
        assert_eq!((known.voters[0].id, known.voters[0].log_end), (2, Some(77)));
        assert_eq!(known.voters[0].caught_up_at_millis, (version >= 1).then_some(1_000));
        let request: DescribeQuorumRequest = written(&DescribeQuorum, version);
        assert_eq!(request.topics[0].partitions.len(), 1);
    }
}

#[test]
fn an_answer_that_ends_too_early_is_an_error_at_every_byte() {
    let names = names();
    let member = described::Member::default()
        .with_member_id(text("m-1"))
        .with_client_id(text("app"));
    let group = described::DescribedGroup::default()
        .with_group_id(GroupId(text("billing")))
        .with_members(vec![member]);
    let mut bytes = BytesMut::new();
    ConsumerGroupDescribeResponse::default()
        .with_groups(vec![group])
        .encode(&mut bytes, 1)
        .unwrap();
    for length in 0..bytes.len() {
        let mut reader = Reader::new(&bytes[..length], true);
        assert!(
            DescribeConsumerGroups(&names).read(1, &mut reader).is_err(),
            "{length} bytes"
        );
    }
}
