//! DescribeQuorum: the nodes as their own controllers, and how far each has followed the metadata.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_quorum_request::TopicData as AskedTopic;
use kafka_protocol::messages::describe_quorum_response::{Listener, Node, PartitionData, ReplicaState, TopicData};
use kafka_protocol::messages::{BrokerId, DescribeQuorumRequest, DescribeQuorumResponse};

use super::context::{Context, code, text, topic_name};
use crate::cluster::HOST;
use crate::state::State;

/// The log in which controllers agree; it has one partition.
const METADATA_LOG: &str = "__cluster_metadata";

pub fn describe(state: &mut State, cx: &Context<'_>, request: DescribeQuorumRequest) -> DescribeQuorumResponse {
    let topics = request.topics.iter().map(|asked| topic(state, cx, asked));
    let nodes = state.cluster.ids().filter_map(|id| {
        let listener = Listener::default()
            .with_name(text("CONTROLLER"))
            .with_host(text(HOST))
            .with_port(state.cluster.node(id)?.port);
        Some(
            Node::default()
                .with_node_id(BrokerId(id))
                .with_listeners(vec![listener]),
        )
    });
    let response = DescribeQuorumResponse::default()
        .with_error_code(code(&cx.check()))
        .with_topics(topics.collect());
    // As in Kafka: who asks for anything else is told of no node either.
    let all_known = request.topics.iter().all(is_known);
    // They came with version 2.
    if cx.version >= 2 && all_known {
        response.with_nodes(nodes.collect())
    } else {
        response
    }
}

fn topic(state: &State, cx: &Context<'_>, asked: &AskedTopic) -> TopicData {
    let is_known = is_known(asked);
    let partitions = asked.partitions.iter().map(|partition| {
        let data = PartitionData::default().with_partition_index(partition.partition_index);
        if !is_known {
            return data.with_error_code(ResponseError::UnknownTopicOrPartition.code());
        }
        let voters = state.cluster.ids().filter_map(|id| voter(state, cx, id));
        let voters: Vec<ReplicaState> = voters.collect();
        data.with_leader_id(BrokerId(state.cluster.controller()))
            .with_leader_epoch(state.cluster.controller_epoch)
            .with_high_watermark(voters.iter().map(|voter| voter.log_end_offset).max().unwrap_or(-1))
            .with_current_voters(voters)
    });
    TopicData::default()
        .with_topic_name(topic_name(&asked.topic_name))
        .with_partitions(partitions.collect())
}

/// Whether it asks for the one log that there is, and for nothing else.
fn is_known(asked: &AskedTopic) -> bool {
    &**asked.topic_name == METADATA_LOG && asked.partitions.iter().all(|partition| partition.partition_index == 0)
}

fn voter(state: &State, cx: &Context<'_>, id: i32) -> Option<ReplicaState> {
    let followed = state.cluster.followed(id, cx.at.millis)?;
    let voter = ReplicaState::default()
        .with_replica_id(BrokerId(id))
        .with_log_end_offset(followed.end);
    // Version 0 knows positions only.
    if cx.version == 0 {
        return Some(voter);
    }
    Some(
        voter
            .with_last_fetch_timestamp(followed.millis)
            .with_last_caught_up_timestamp(followed.millis),
    )
}
