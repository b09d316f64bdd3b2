//! DescribeLogDirs and ListPartitionReassignments: where bytes are, and where they are moving.

use std::collections::BTreeMap;

use kafka_protocol::messages::describe_log_dirs_response::{
    DescribeLogDirsPartition, DescribeLogDirsResult, DescribeLogDirsTopic,
};
use kafka_protocol::messages::{
    DescribeLogDirsRequest, DescribeLogDirsResponse, ListPartitionReassignmentsRequest,
    ListPartitionReassignmentsResponse,
};

use super::context::{Context, code, text, topic_name};
use crate::state::State;
use crate::topics::Topic;

/// The size of a disk that is none.
const UNKNOWN: i64 = -1;

/// Each node has one directory, which is memory.
pub fn describe(state: &mut State, cx: &Context<'_>, request: DescribeLogDirsRequest) -> DescribeLogDirsResponse {
    if let Err(error) = cx.check() {
        // Before version 3 there is no place for it but in a directory.
        let result = DescribeLogDirsResult::default()
            .with_error_code(error.code())
            .with_log_dir(text(&name(cx.node)));
        return match cx.version {
            3.. => DescribeLogDirsResponse::default().with_error_code(error.code()),
            _ => DescribeLogDirsResponse::default().with_results(vec![result]),
        };
    }
    let asked: Option<BTreeMap<&str, &[i32]>> = request.topics.as_ref().map(|topics| {
        let pairs = topics.iter();
        pairs
            .map(|topic| (topic.topic.as_str(), topic.partitions.as_slice()))
            .collect()
    });
    let topics = state.topics.iter().filter_map(|(name, topic)| {
        let wanted = match &asked {
            None => None,
            Some(asked) => Some(*asked.get(&**name)?),
        };
        let partitions = stored(topic, cx.node, wanted);
        (!partitions.is_empty()).then(|| {
            DescribeLogDirsTopic::default()
                .with_name(topic_name(name))
                .with_partitions(partitions)
        })
    });
    let result = DescribeLogDirsResult::default()
        .with_log_dir(text(&name(cx.node)))
        .with_topics(topics.collect())
        .with_total_bytes(UNKNOWN)
        .with_usable_bytes(UNKNOWN);
    DescribeLogDirsResponse::default().with_results(vec![result])
}

fn name(node: i32) -> String {
    format!("/memory/node-{node}")
}

/// The partitions of a topic that have a replica on the node.
fn stored(topic: &Topic, node: i32, wanted: Option<&[i32]>) -> Vec<DescribeLogDirsPartition> {
    (0..)
        .zip(&topic.partitions)
        .filter(|(index, partition)| {
            partition.placement.replicas.contains(&node) && wanted.is_none_or(|wanted| wanted.contains(index))
        })
        .map(|(index, partition)| {
            DescribeLogDirsPartition::default()
                .with_partition_index(index)
                .with_partition_size(i64::try_from(partition.log.size()).unwrap_or(i64::MAX))
        })
        .collect()
}

/// Nothing ever moves to other nodes.
pub fn reassignments(
    _state: &mut State,
    cx: &Context<'_>,
    _request: ListPartitionReassignmentsRequest,
) -> ListPartitionReassignmentsResponse {
    ListPartitionReassignmentsResponse::default()
        .with_error_code(code(&cx.check()))
        .with_error_message(None)
}
