//! What the broker does not take, and what it says about it.

use brokerscope_embedded_broker::{EmbeddedBroker, Options, ResponseError};
use kafka_protocol::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use kafka_protocol::messages::offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
use kafka_protocol::messages::{
    ConsumerGroupHeartbeatRequest, CreateTopicsRequest, GroupId, InitProducerIdRequest, JoinGroupRequest,
    OffsetCommitRequest, TopicName, TransactionalId,
};

use crate::cluster::broker;
use crate::raw::{ask, text};

/// Code and message for a topic that is only to be checked.
fn checked(broker: &EmbeddedBroker, replicas: i16, setting: (&str, &str)) -> (i16, String) {
    let config = CreatableTopicConfig::default()
        .with_name(text(setting.0))
        .with_value(Some(text(setting.1)));
    let topic = CreatableTopic::default()
        .with_name(TopicName(text("orders")))
        .with_num_partitions(1)
        .with_replication_factor(replicas)
        .with_configs(vec![config]);
    let request = CreateTopicsRequest::default()
        .with_validate_only(true)
        .with_topics(vec![topic]);
    let answer = ask(broker, 1, 7, &request).topics.remove(0);
    let message = answer.error_message.map(|message| message.to_string());
    (answer.error_code, message.unwrap_or_default())
}

#[test]
fn what_cannot_be_had_is_refused_with_a_reason_before_it_is_tried() {
    let broker = broker();
    let fine = ("retention.ms", "60000");
    assert_eq!(checked(&broker, 3, fine).0, 0);
    for (replicas, setting, error, reason) in [
        (9, fine, ResponseError::InvalidReplicationFactor, "eplication"),
        (
            3,
            ("cleanup.policy", "compact"),
            ResponseError::InvalidConfig,
            "it has to be delete",
        ),
        (
            3,
            ("compression.type", "gzip"),
            ResponseError::InvalidConfig,
            "it has to be producer",
        ),
    ] {
        let (code, message) = checked(&broker, replicas, setting);
        assert_eq!(code, error.code(), "{replicas} {setting:?}");
        assert!(message.contains(reason), "{message}");
    }
    assert_eq!(broker.handle().stats().topics, 0);
}

#[test]
fn transactions_are_not_here() {
    let broker = broker();
    let request = InitProducerIdRequest::default().with_transactional_id(Some(TransactionalId(text("payments"))));
    let answer = ask(&broker, 1, 4, &request);
    assert_eq!(answer.error_code, ResponseError::InvalidRequest.code());
}

/// The first error that the coordinator gives, whichever node that is.
fn from_coordinator(codes: impl IntoIterator<Item = i16>) -> i16 {
    let elsewhere = ResponseError::NotCoordinator.code();
    codes.into_iter().find(|code| *code != elsewhere).unwrap_or(elsewhere)
}

#[test]
fn groups_with_endless_names_are_refused() {
    let broker = broker();
    let join = |group: usize| {
        let request = JoinGroupRequest::default()
            .with_group_id(GroupId(text(&"g".repeat(group))))
            .with_session_timeout_ms(6000)
            .with_rebalance_timeout_ms(6000)
            .with_protocol_type(text("consumer"))
            .with_protocols(vec![Default::default()]);
        from_coordinator((1..=3).map(|node| ask(&broker, node, 7, &request).error_code))
    };
    assert_eq!(join(255), ResponseError::MemberIdRequired.code());
    assert_eq!(join(256), ResponseError::InvalidGroupId.code());
    assert_eq!(broker.handle().stats().groups, 1);
}

#[test]
fn commits_take_so_much_memory_and_no_more() {
    let broker = EmbeddedBroker::start(Options {
        most_group_bytes: 100_000,
        ..Options::default()
    })
    .unwrap();
    broker.handle().create_topic("orders", 1).unwrap();
    let commit = |group: usize| {
        let partition = OffsetCommitRequestPartition::default().with_committed_metadata(Some(text(&"m".repeat(4000))));
        let topic = OffsetCommitRequestTopic::default()
            .with_name(TopicName(text("orders")))
            .with_partitions(vec![partition]);
        let request = OffsetCommitRequest::default()
            .with_group_id(GroupId(text(&format!("group-{group}"))))
            .with_generation_id_or_member_epoch(-1)
            .with_topics(vec![topic]);
        from_coordinator((1..=3).map(|node| ask(&broker, node, 8, &request).topics[0].partitions[0].error_code))
    };
    let codes: Vec<i16> = (0..100).map(commit).collect();
    assert_eq!(codes[0], 0);
    let taken = codes.iter().filter(|code| **code == 0).count();
    assert!(taken < 30, "{taken} times 4000 bytes in 100,000");
    assert_eq!(codes[99], ResponseError::PolicyViolation.code());
}

#[test]
fn who_asks_for_what_cannot_be_leaves_no_group_behind() {
    let broker = broker();
    let sound = || {
        ConsumerGroupHeartbeatRequest::default()
            .with_group_id(GroupId(text("readers")))
            .with_member_id(text("one"))
            .with_rebalance_timeout_ms(6000)
            .with_subscribed_topic_names(Some(vec![]))
            .with_topic_partitions(Some(vec![]))
    };
    let unfair = ResponseError::UnsupportedAssignor;
    for (request, error) in [
        (sound().with_server_assignor(Some(text("unfair"))), unfair),
        (sound().with_member_id(text("")), ResponseError::InvalidRequest),
        (
            sound().with_member_id(text(&"m".repeat(256))),
            ResponseError::InvalidRequest,
        ),
        (sound().with_rebalance_timeout_ms(-1), ResponseError::InvalidRequest),
        (sound().with_topic_partitions(None), ResponseError::InvalidRequest),
        (sound().with_member_epoch(7), ResponseError::GroupIdNotFound),
    ] {
        let code = from_coordinator((1..=3).map(|node| ask(&broker, node, 1, &request).error_code));
        assert_eq!(code, error.code(), "{request:?}");
    }
    assert_eq!(broker.handle().stats().groups, 0);
}
