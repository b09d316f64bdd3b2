//! A sound request of every API in every version that is served, for tests of what reads and answers them: from inside,
//! where they are a module of the crate, and over TCP.

use bytes::{Bytes, BytesMut};
use kafka_protocol::messages::*;
use kafka_protocol::protocol::{Encodable, Request, StrBytes};
use kafka_protocol::records::{Compression, Record, RecordBatchEncoder, RecordEncodeOptions, TimestampType};
use uuid::Uuid;

/// The topic and the group that all of them are about.
pub const NAME: &str = "target";

/// A frame without its length, as a client would send it. Newer versions name the topic by its id.
pub fn sample(key: ApiKey, version: i16, topic_id: Uuid) -> Bytes {
    let topic = || TopicName(text());
    let group = || GroupId(text());
    match key {
        ApiKey::Produce => frame(version, &produce(version, topic_id)),
        ApiKey::Fetch => frame(version, &fetch(version, topic_id)),
        ApiKey::ListOffsets => frame(version, &list_offsets()),
        ApiKey::Metadata => frame(
            version,
            &with(MetadataRequest::default(), |request| {
                let asked = metadata_request::MetadataRequestTopic::default().with_name(Some(topic()));
                request.topics = Some(vec![asked]);
            }),
        ),
        ApiKey::OffsetCommit => frame(version, &offset_commit()),
        ApiKey::OffsetFetch => frame(version, &offset_fetch(version)),
        ApiKey::FindCoordinator => frame(
            version,
            &with(FindCoordinatorRequest::default(), |request| match version {
                4.. => request.coordinator_keys = vec![text()],
                _ => request.key = text(),
            }),
        ),
        ApiKey::JoinGroup => frame(version, &join_group()),
        ApiKey::Heartbeat => frame(
            version,
            &HeartbeatRequest::default()
                .with_group_id(group())
                .with_member_id(text()),
        ),
        ApiKey::LeaveGroup => frame(version, &leave_group(version)),
        ApiKey::SyncGroup => frame(version, &sync_group()),
        ApiKey::DescribeGroups => frame(
            version,
            &DescribeGroupsRequest::default().with_groups(vec![group(), group()]),
        ),
        ApiKey::ListGroups => frame(
            version,
            &with(ListGroupsRequest::default(), |request| {
                if version >= 5 {
                    request.types_filter = vec![StrBytes::from_static_str("classic")];
                }
            }),
        ),
        ApiKey::ApiVersions => frame(version, &ApiVersionsRequest::default()),
        ApiKey::CreateTopics => frame(version, &create_topics()),
        ApiKey::DeleteTopics => frame(
            version,
            &with(DeleteTopicsRequest::default(), |request| match version {
                6.. => {
                    request.topics = vec![delete_topics_request::DeleteTopicState::default().with_name(Some(topic()))]
                }
                _ => request.topic_names = vec![topic()],
            }),
        ),
        ApiKey::DeleteRecords => frame(version, &delete_records()),
        ApiKey::InitProducerId => frame(version, &InitProducerIdRequest::default()),
        ApiKey::OffsetForLeaderEpoch => frame(version, &for_leader_epoch()),
        ApiKey::DescribeConfigs => frame(version, &describe_configs()),
        ApiKey::AlterConfigs => frame(version, &alter_configs()),
        ApiKey::DescribeLogDirs => frame(version, &describe_log_dirs()),
        ApiKey::CreatePartitions => frame(version, &create_partitions()),
        ApiKey::DeleteGroups => frame(
            version,
            &DeleteGroupsRequest::default().with_groups_names(vec![group(), group()]),
        ),
        ApiKey::IncrementalAlterConfigs => frame(version, &alter_incrementally()),
        ApiKey::ListPartitionReassignments => frame(version, &reassignments()),
        ApiKey::OffsetDelete => frame(version, &offset_delete()),
        ApiKey::DescribeCluster => frame(version, &DescribeClusterRequest::default()),
        ApiKey::DescribeQuorum => frame(version, &describe_quorum()),
        ApiKey::DescribeProducers => frame(version, &describe_producers()),
        ApiKey::ConsumerGroupHeartbeat => frame(version, &consumer_heartbeat(topic_id)),
        ApiKey::ConsumerGroupDescribe => frame(
            version,
            &ConsumerGroupDescribeRequest::default().with_group_ids(vec![group(), group()]),
        ),
        other => panic!("there is no sample of {other:?}"),
    }
}

fn frame<R: Request>(version: i16, request: &R) -> Bytes {
    let mut bytes = BytesMut::new();
    let header = RequestHeader::default()
        .with_request_api_key(R::KEY)
        .with_request_api_version(version)
        .with_correlation_id(7)
        .with_client_id(Some(StrBytes::from_static_str("test")));
    header.encode(&mut bytes, R::header_version(version)).unwrap();
    request.encode(&mut bytes, version).unwrap();
    bytes.freeze()
}

fn with<R>(mut request: R, change: impl FnOnce(&mut R)) -> R {
    change(&mut request);
    request
}

fn text() -> StrBytes {
    StrBytes::from_static_str(NAME)
}

fn topic() -> TopicName {
    TopicName(text())
}

fn produce(version: i16, topic_id: Uuid) -> ProduceRequest {
    use produce_request::{PartitionProduceData, TopicProduceData};
    let data = PartitionProduceData::default().with_records(Some(batch(&[1, 2, 3], b"value", (-1, -1), -1)));
    let data = TopicProduceData::default().with_partition_data(vec![data]);
    let data = if version < 13 {
        data.with_name(topic())
    } else {
        data.with_topic_id(topic_id)
    };
    ProduceRequest::default().with_acks(-1).with_topic_data(vec![data])
}

/// A batch of messages with these times and all the same value, from this producer (id and epoch) and sequence: -1 and so
/// on without idempotence.
pub fn batch(timestamps: &[i64], value: &[u8], producer: (i64, i16), sequence: i32) -> Bytes {
    let record = |(number, timestamp): (i32, &i64)| Record {
        transactional: false,
        control: false,
        partition_leader_epoch: -1,
        producer_id: producer.0,
        producer_epoch: producer.1,
        timestamp_type: TimestampType::Creation,
        offset: number.into(),
        // Numbered on also from -1: that keeps them in one batch.
        sequence: sequence + number,
        timestamp: *timestamp,
        key: None,
        value: Some(Bytes::copy_from_slice(value)),
        headers: Default::default(),
        delete_horizon: Default::default(),
    };
    let records: Vec<Record> = (0..).zip(timestamps).map(record).collect();
    let options = RecordEncodeOptions {
        version: 2,
        compression: Compression::None,
    };
    let mut bytes = BytesMut::new();
    RecordBatchEncoder::encode(&mut bytes, &records, &options).unwrap();
    bytes.freeze()
}

fn fetch(version: i16, topic_id: Uuid) -> FetchRequest {
    use fetch_request::{FetchPartition, FetchTopic};
    let partition = FetchPartition::default()
        .with_current_leader_epoch(-1)
        .with_partition_max_bytes(1 << 20);
    let asked = FetchTopic::default().with_partitions(vec![partition.clone(), partition.with_partition(1)]);
    let asked = if version < 13 {
        asked.with_topic(topic())
    } else {
        asked.with_topic_id(topic_id)
    };
    FetchRequest::default().with_max_bytes(1 << 20).with_topics(vec![asked])
}

fn list_offsets() -> ListOffsetsRequest {
    use list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
    let at = |index, timestamp| {
        ListOffsetsPartition::default()
            .with_partition_index(index)
            .with_current_leader_epoch(-1)
            .with_timestamp(timestamp)
    };
    let asked = ListOffsetsTopic::default()
        .with_name(topic())
        .with_partitions(vec![at(0, 2), at(1, -3)]);
    ListOffsetsRequest::default().with_topics(vec![asked])
}

fn offset_commit() -> OffsetCommitRequest {
    use offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
    let partition = OffsetCommitRequestPartition::default()
        .with_committed_offset(3)
        .with_committed_metadata(Some(text()));
    let committed = OffsetCommitRequestTopic::default()
        .with_name(topic())
        .with_partitions(vec![partition.clone(), partition.with_partition_index(1)]);
    OffsetCommitRequest::default()
        .with_group_id(GroupId(text()))
        .with_generation_id_or_member_epoch(-1)
        .with_topics(vec![committed])
}

fn offset_fetch(version: i16) -> OffsetFetchRequest {
    use offset_fetch_request::{OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics};
    if version >= 8 {
        let asked = OffsetFetchRequestTopics::default()
            .with_name(topic())
            .with_partition_indexes(vec![0, 1]);
        let group = OffsetFetchRequestGroup::default()
            .with_group_id(GroupId(text()))
            .with_topics(Some(vec![asked]));
        return OffsetFetchRequest::default().with_groups(vec![group]);
    }
    let asked = OffsetFetchRequestTopic::default()
        .with_name(topic())
        .with_partition_indexes(vec![0, 1]);
    OffsetFetchRequest::default()
        .with_group_id(GroupId(text()))
        .with_topics(Some(vec![asked]))
}

fn join_group() -> JoinGroupRequest {
    use join_group_request::JoinGroupRequestProtocol;
    let protocol = JoinGroupRequestProtocol::default()
        .with_name(StrBytes::from_static_str("range"))
        .with_metadata(Bytes::from_static(b"what a member says"));
    JoinGroupRequest::default()
        .with_group_id(GroupId(text()))
        .with_session_timeout_ms(6000)
        .with_rebalance_timeout_ms(6000)
        .with_protocol_type(StrBytes::from_static_str("consumer"))
        .with_protocols(vec![
            protocol.clone(),
            protocol.with_name(StrBytes::from_static_str("sticky")),
        ])
}

fn leave_group(version: i16) -> LeaveGroupRequest {
    use leave_group_request::MemberIdentity;
    let request = LeaveGroupRequest::default().with_group_id(GroupId(text()));
    let goer = MemberIdentity::default().with_member_id(text());
    if version >= 3 {
        request.with_members(vec![goer])
    } else {
        request.with_member_id(text())
    }
}

fn sync_group() -> SyncGroupRequest {
    use sync_group_request::SyncGroupRequestAssignment;
    let share = SyncGroupRequestAssignment::default()
        .with_member_id(text())
        .with_assignment(Bytes::from_static(b"what a member reads"));
    SyncGroupRequest::default()
        .with_group_id(GroupId(text()))
        .with_member_id(text())
        .with_assignments(vec![share])
}

fn create_topics() -> CreateTopicsRequest {
    use create_topics_request::{CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig};
    let setting = CreatableTopicConfig::default()
        .with_name(StrBytes::from_static_str("retention.ms"))
        .with_value(Some(StrBytes::from_static_str("60000")));
    let new = CreatableTopic::default()
        .with_name(TopicName(StrBytes::from_static_str("new")))
        .with_num_partitions(-1)
        .with_replication_factor(-1)
        .with_assignments(vec![
            CreatableReplicaAssignment::default().with_broker_ids(vec![BrokerId(1)]),
        ])
        .with_configs(vec![setting]);
    CreateTopicsRequest::default().with_topics(vec![new])
}

fn delete_records() -> DeleteRecordsRequest {
    use delete_records_request::{DeleteRecordsPartition, DeleteRecordsTopic};
    let asked = DeleteRecordsTopic::default()
        .with_name(topic())
        .with_partitions(vec![DeleteRecordsPartition::default().with_offset(-1)]);
    DeleteRecordsRequest::default().with_topics(vec![asked])
}

fn for_leader_epoch() -> OffsetForLeaderEpochRequest {
    use offset_for_leader_epoch_request::{OffsetForLeaderPartition, OffsetForLeaderTopic};
    let partition = OffsetForLeaderPartition::default().with_current_leader_epoch(-1);
    let asked = OffsetForLeaderTopic::default()
        .with_topic(topic())
        .with_partitions(vec![partition]);
    OffsetForLeaderEpochRequest::default().with_topics(vec![asked])
}

fn describe_configs() -> DescribeConfigsRequest {
    use describe_configs_request::DescribeConfigsResource;
    let of = |kind, name| {
        DescribeConfigsResource::default()
            .with_resource_type(kind)
            .with_resource_name(StrBytes::from_static_str(name))
            .with_configuration_keys(None)
    };
    DescribeConfigsRequest::default().with_resources(vec![of(2, NAME), of(4, "1")])
}

fn alter_configs() -> AlterConfigsRequest {
    use alter_configs_request::{AlterConfigsResource, AlterableConfig};
    let config = AlterableConfig::default()
        .with_name(StrBytes::from_static_str("retention.ms"))
        .with_value(Some(StrBytes::from_static_str("60000")));
    let resource = AlterConfigsResource::default()
        .with_resource_type(2)
        .with_resource_name(text())
        .with_configs(vec![config]);
    AlterConfigsRequest::default().with_resources(vec![resource])
}

fn alter_incrementally() -> IncrementalAlterConfigsRequest {
    use incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig};
    let config = AlterableConfig::default()
        .with_name(StrBytes::from_static_str("retention.ms"))
        .with_value(Some(StrBytes::from_static_str("60000")));
    let resource = AlterConfigsResource::default()
        .with_resource_type(2)
        .with_resource_name(text())
        .with_configs(vec![config]);
    IncrementalAlterConfigsRequest::default().with_resources(vec![resource])
}

fn describe_log_dirs() -> DescribeLogDirsRequest {
    use describe_log_dirs_request::DescribableLogDirTopic;
    let asked = DescribableLogDirTopic::default()
        .with_topic(topic())
        .with_partitions(vec![0, 1]);
    DescribeLogDirsRequest::default().with_topics(Some(vec![asked]))
}

fn create_partitions() -> CreatePartitionsRequest {
    use create_partitions_request::{CreatePartitionsAssignment, CreatePartitionsTopic};
    let assignment = CreatePartitionsAssignment::default().with_broker_ids(vec![BrokerId(1)]);
    let asked = CreatePartitionsTopic::default()
        .with_name(topic())
        .with_count(3)
        .with_assignments(Some(vec![assignment]));
    CreatePartitionsRequest::default().with_topics(vec![asked])
}

fn reassignments() -> ListPartitionReassignmentsRequest {
    use list_partition_reassignments_request::ListPartitionReassignmentsTopics;
    let asked = ListPartitionReassignmentsTopics::default()
        .with_name(topic())
        .with_partition_indexes(vec![0, 1]);
    ListPartitionReassignmentsRequest::default().with_topics(Some(vec![asked]))
}

fn offset_delete() -> OffsetDeleteRequest {
    use offset_delete_request::{OffsetDeleteRequestPartition, OffsetDeleteRequestTopic};
    let asked = OffsetDeleteRequestTopic::default()
        .with_name(topic())
        .with_partitions(vec![OffsetDeleteRequestPartition::default()]);
    OffsetDeleteRequest::default()
        .with_group_id(GroupId(text()))
        .with_topics(vec![asked])
}

fn describe_quorum() -> DescribeQuorumRequest {
    use describe_quorum_request::{PartitionData, TopicData};
    let of = |name| {
        TopicData::default()
            .with_topic_name(TopicName(StrBytes::from_static_str(name)))
            .with_partitions(vec![PartitionData::default()])
    };
    DescribeQuorumRequest::default().with_topics(vec![of("__cluster_metadata"), of(NAME)])
}

fn describe_producers() -> DescribeProducersRequest {
    use describe_producers_request::TopicRequest;
    let asked = TopicRequest::default()
        .with_name(topic())
        .with_partition_indexes(vec![0, 1]);
    DescribeProducersRequest::default().with_topics(vec![asked])
}

fn consumer_heartbeat(topic_id: Uuid) -> ConsumerGroupHeartbeatRequest {
    use consumer_group_heartbeat_request::TopicPartitions;
    let owned = TopicPartitions::default()
        .with_topic_id(topic_id)
        .with_partitions(vec![0, 1]);
    // A group of its own: one name cannot be both kinds of group.
    ConsumerGroupHeartbeatRequest::default()
        .with_group_id(GroupId(StrBytes::from_static_str("newer")))
        .with_member_id(text())
        .with_rebalance_timeout_ms(6000)
        .with_subscribed_topic_names(Some(vec![topic()]))
        .with_server_assignor(Some(StrBytes::from_static_str("uniform")))
        .with_topic_partitions(Some(vec![owned]))
}
