//! ListOffsets and OffsetForLeaderEpoch: where a log begins and ends, by position, time and epoch.

use std::collections::HashSet;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::list_offsets_request::ListOffsetsPartition;
use kafka_protocol::messages::list_offsets_response::{ListOffsetsPartitionResponse, ListOffsetsTopicResponse};
use kafka_protocol::messages::offset_for_leader_epoch_response::{EpochEndOffset, OffsetForLeaderTopicResult};
use kafka_protocol::messages::{
    ListOffsetsRequest, ListOffsetsResponse, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse,
};

use super::context::{Context, code, topic_name};
use super::fetch::check_epoch;
use crate::log::{Found, Log, Patience};
use crate::state::State;

/// Special times of the protocol.
const END: i64 = -1;
const START: i64 = -2;
const NEWEST_RECORD: i64 = -3;
/// The start of what is stored locally; all of it is.
const LOCAL_START: i64 = -4;
/// The end of what was moved to remote storage; nothing ever is.
const REMOTE_END: i64 = -5;

pub fn list(state: &mut State, cx: &Context<'_>, request: ListOffsetsRequest) -> ListOffsetsResponse {
    let (mut patience, mut named) = (Patience::default(), HashSet::new());
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|asked| {
            // As in Kafka. Otherwise one request could look through a log a hundred thousand times.
            if !named.insert((&**topic.name, asked.partition_index)) {
                return unknown(asked).with_error_code(ResponseError::InvalidRequest.code());
            }
            let (found, epoch) = match of_partition(state, cx, &topic.name, asked, &mut patience) {
                Ok(found) => found,
                Err(error) => return unknown(asked).with_error_code(error.code()),
            };
            // There is no place for it before version 4.
            let epoch = if cx.version < 4 { -1 } else { epoch };
            let response = unknown(asked).with_leader_epoch(epoch);
            match found {
                Some(found) => response.with_offset(found.offset).with_timestamp(found.timestamp),
                None => response,
            }
        });
        ListOffsetsTopicResponse::default()
            .with_name(topic_name(&topic.name))
            .with_partitions(partitions.collect())
    });
    ListOffsetsResponse::default().with_topics(topics.collect())
}

fn unknown(asked: &ListOffsetsPartition) -> ListOffsetsPartitionResponse {
    ListOffsetsPartitionResponse::default()
        .with_partition_index(asked.partition_index)
        .with_offset(-1)
        .with_timestamp(-1)
        .with_leader_epoch(-1)
}

fn of_partition(
    state: &State,
    cx: &Context<'_>,
    topic: &str,
    asked: &ListOffsetsPartition,
    patience: &mut Patience,
) -> Result<(Option<Found>, i32), ResponseError> {
    cx.check()?;
    let partition = state.led(cx.node, topic, asked.partition_index)?;
    check_epoch(partition, asked.current_leader_epoch)?;
    let since = match asked.timestamp {
        END | START | 0.. => cx.version,
        NEWEST_RECORD => 7,
        LOCAL_START => 8,
        REMOTE_END => 9,
        _ => i16::MAX,
    };
    if cx.version < since {
        return Err(ResponseError::UnsupportedVersion);
    }
    let found = find(&partition.log, asked.timestamp, patience);
    // Where there is nothing, there is no epoch of it.
    let epoch = found.as_ref().map_or(-1, |_| partition.placement.epoch);
    Ok((found, epoch))
}

fn find(log: &Log, timestamp: i64, patience: &mut Patience) -> Option<Found> {
    let at = |offset| Some(Found { offset, timestamp: -1 });
    match timestamp {
        END => at(log.end()),
        START | LOCAL_START => at(log.start()),
        NEWEST_RECORD => log.newest(patience),
        REMOTE_END => None,
        time => log.first_since(time, patience),
    }
}

pub fn for_leader_epoch(
    state: &mut State,
    cx: &Context<'_>,
    request: OffsetForLeaderEpochRequest,
) -> OffsetForLeaderEpochResponse {
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|asked| {
            let found = cx.check().and_then(|()| {
                let partition = state.led(cx.node, &topic.topic, asked.partition)?;
                check_epoch(partition, asked.current_leader_epoch)?;
                Ok(partition
                    .log
                    .end_of_epoch(asked.leader_epoch, partition.placement.epoch))
            });
            let (epoch, end) = *found.as_ref().unwrap_or(&(-1, -1));
            EpochEndOffset::default()
                .with_partition(asked.partition)
                .with_error_code(code(&found))
                .with_leader_epoch(epoch)
                .with_end_offset(end)
        });
        OffsetForLeaderTopicResult::default()
            .with_topic(topic_name(&topic.topic))
            .with_partitions(partitions.collect())
    });
    OffsetForLeaderEpochResponse::default().with_topics(topics.collect())
}
