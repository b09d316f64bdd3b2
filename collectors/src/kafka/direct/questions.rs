//! The questions that only this client asks, and their answers in our own shapes.

use kafka_protocol::messages::describe_quorum_request::{PartitionData, TopicData};
use kafka_protocol::messages::describe_quorum_response::ReplicaState;
use kafka_protocol::messages::{DescribeLogDirsRequest, DescribeQuorumRequest, TopicName};
use kafka_protocol::protocol::StrBytes;

use super::super::wire::{LogDir, Quorum, ReplicaSize, Trouble, Voter};
use super::connection::{Connection, check};

/// The log in which KRaft controllers agree.
const METADATA_LOG: &str = "__cluster_metadata";

/// The log directories of the broker, with the size of every replica.
pub async fn log_dirs(connection: &mut Connection) -> Result<Vec<LogDir>, Trouble> {
    let answer = connection
        .ask(&DescribeLogDirsRequest::default().with_topics(None))
        .await?;
    check(answer.error_code, None)?;
    if answer.results.is_empty() {
        // Before version 3 a login without Describe on the cluster gets an empty list instead of an error.
        return Err(Trouble::new(
            31,
            "the broker shows none of its log directories to this login",
        ));
    }
    let known = |bytes: i64| Some(bytes).filter(|bytes| *bytes >= 0);
    Ok(answer
        .results
        .into_iter()
        .map(|dir| LogDir {
            path: dir.log_dir.to_string(),
            trouble: check(dir.error_code, None).err(),
            total_bytes: known(dir.total_bytes),
            usable_bytes: known(dir.usable_bytes),
            replicas: dir
                .topics
                .into_iter()
                .flat_map(|topic| {
                    let name = topic.name.to_string();
                    topic.partitions.into_iter().map(move |partition| ReplicaSize {
                        topic: name.clone(),
                        partition: partition.partition_index,
                        bytes: partition.partition_size,
                        future: partition.is_future_key,
                    })
                })
                .collect(),
        })
        .collect())
}

/// The controllers and how far each has followed the leader.
pub async fn quorum(connection: &mut Connection) -> Result<Quorum, Trouble> {
    let partition = PartitionData::default().with_partition_index(0);
    let topic = TopicData::default()
        .with_topic_name(TopicName(StrBytes::from_static_str(METADATA_LOG)))
        .with_partitions(vec![partition]);
    let answer = connection
        .ask(&DescribeQuorumRequest::default().with_topics(vec![topic]))
        .await?;
    check(answer.error_code, answer.error_message.as_deref())?;
    let partition = answer.topics.into_iter().flat_map(|topic| topic.partitions).next();
    let partition = partition.ok_or_else(|| Trouble::new(-199, "the broker told of no quorum"))?;
    check(partition.error_code, partition.error_message.as_deref())?;
    Ok(Quorum {
        leader: Some(partition.leader_id.0).filter(|id| *id >= 0),
        voters: partition.current_voters.iter().map(voter).collect(),
    })
}

fn voter(state: &ReplicaState) -> Voter {
    let known = |number: i64| Some(number).filter(|number| *number >= 0);
    Voter {
        id: state.replica_id.0,
        log_end: known(state.log_end_offset),
        caught_up_at_millis: known(state.last_caught_up_timestamp),
    }
}
