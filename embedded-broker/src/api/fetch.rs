//! Fetch: batches as they were stored, waiting for them when there are none.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::messages::fetch_response::{FetchableTopicResponse, PartitionData};
use kafka_protocol::messages::{BrokerId, FetchRequest, FetchResponse};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::context::{Context, topic_name};
use crate::state::State;
use crate::topics::Partition;

const NO_SESSION: i32 = 0;
/// Isolation level of who reads nothing of transactions that are not committed.
const READ_COMMITTED: i8 = 1;
/// A client may ask to wait for years; it is answered after this, and asks again.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// Bytes of one answer, however many were asked for.
const MOST_BYTES: usize = 16 << 20;

pub async fn fetch(cx: &Context<'_>, request: FetchRequest) -> FetchResponse {
    // Sessions are never given out, so nobody can go on with one.
    if request.session_id != NO_SESSION && request.session_epoch > 0 {
        return FetchResponse::default().with_error_code(ResponseError::FetchSessionIdNotFound.code());
    }
    let wait = Duration::from_millis(request.max_wait_ms.max(0).unsigned_abs().into()).min(LONGEST_WAIT);
    let deadline = Instant::from_std(cx.at.now) + wait;
    let woken = Arc::new(Notify::new());
    loop {
        {
            let mut state = cx.shared.lock();
            if Instant::now() >= deadline || is_ready(&state, cx, &request) {
                return collect(&mut state, cx, &request);
            }
            wake_later(&mut state, &request, &woken);
        }
        tokio::select! {
            () = woken.notified() => {}
            () = tokio::time::sleep_until(deadline) => {}
        }
    }
}

/// Enough bytes, or an error that the client should hear of now.
fn is_ready(state: &State, cx: &Context<'_>, request: &FetchRequest) -> bool {
    let enough = usize::try_from(request.min_bytes).unwrap_or(0).min(MOST_BYTES);
    let mut available = 0;
    for topic in &request.topics {
        for asked in &topic.partitions {
            let Ok(partition) = locate(state, cx, topic, asked) else {
                return true;
            };
            available += partition.log.available(asked.fetch_offset, enough.max(1));
        }
    }
    cx.refusal.is_some() || available >= enough
}

fn wake_later(state: &mut State, request: &FetchRequest, fetch: &Arc<Notify>) {
    for topic in &request.topics {
        let Some(name) = name_of(state, topic) else { continue };
        let Some(found) = state.topics.get_mut(&name) else {
            continue;
        };
        for asked in &topic.partitions {
            let index = usize::try_from(asked.partition).unwrap_or(usize::MAX);
            if let Some(partition) = found.partitions.get_mut(index) {
                partition.wake_later(fetch);
            }
        }
    }
}

/// The topic's name, which newer versions leave to its id.
fn name_of(state: &State, topic: &FetchTopic) -> Option<Arc<str>> {
    if topic.topic_id.is_nil() {
        Some(Arc::from(&**topic.topic))
    } else {
        state.topics.name_of(topic.topic_id).cloned()
    }
}

/// The partition, if it may be read here and from there.
fn locate<'s>(
    state: &'s State,
    cx: &Context<'_>,
    topic: &FetchTopic,
    asked: &FetchPartition,
) -> Result<&'s Partition, ResponseError> {
    cx.check()?;
    let name = name_of(state, topic).ok_or(ResponseError::UnknownTopicId)?;
    let partition = state.led(cx.node, &name, asked.partition)?;
    check_epoch(partition, asked.current_leader_epoch)?;
    let log = &partition.log;
    if (log.start()..=log.end()).contains(&asked.fetch_offset) {
        Ok(partition)
    } else {
        Err(ResponseError::OffsetOutOfRange)
    }
}

/// Whether the client knows the current leader; -1 when it does not care.
pub fn check_epoch(partition: &Partition, known: i32) -> Result<(), ResponseError> {
    let epoch = partition.placement.epoch;
    match known {
        -1 => Ok(()),
        older if older < epoch => Err(ResponseError::FencedLeaderEpoch),
        newer if newer > epoch => Err(ResponseError::UnknownLeaderEpoch),
        _ => Ok(()),
    }
}

fn collect(state: &mut State, cx: &Context<'_>, request: &FetchRequest) -> FetchResponse {
    let mut left = usize::try_from(request.max_bytes).unwrap_or(0).min(MOST_BYTES);
    // The first batch of an answer is given whole, however long, or a client would never get past it.
    // There are no transactions. Who reads only what is committed is told which were aborted: none.
    let aborted = (request.isolation_level == READ_COMMITTED).then(Vec::new);
    let (mut taken, mut topics) = (0, Vec::with_capacity(request.topics.len()));
    for topic in &request.topics {
        let mut partitions = Vec::with_capacity(topic.partitions.len());
        for asked in &topic.partitions {
            let partition = locate(state, cx, topic, asked);
            let most = usize::try_from(asked.partition_max_bytes).unwrap_or(0).min(left);
            let data = match partition {
                Ok(partition) => read(partition, asked, most, taken == 0).with_aborted_transactions(aborted.clone()),
                Err(error) => refused(asked, error),
            };
            let size = data.records.as_ref().map_or(0, Bytes::len);
            taken += size;
            left = left.saturating_sub(size);
            partitions.push(data);
        }
        let response = FetchableTopicResponse::default().with_partitions(partitions);
        topics.push(if cx.version >= 13 {
            response.with_topic_id(topic.topic_id)
        } else {
            response.with_topic(topic_name(&topic.topic))
        });
    }
    state.stats.bytes_out += taken as u64;
    // Without a session every fetch names all its partitions, which Kafka does as well when it has no room for one.
    FetchResponse::default().with_responses(topics)
}

fn read(partition: &Partition, asked: &FetchPartition, most: usize, first: bool) -> PartitionData {
    let records = partition.log.read(asked.fetch_offset, most, first);
    data(asked.partition)
        .with_error_code(super::context::code(&records))
        .with_high_watermark(partition.log.end())
        .with_last_stable_offset(partition.log.end())
        .with_log_start_offset(partition.log.start())
        .with_records(Some(records.unwrap_or_default()))
}

/// An error, with nothing that may be known of the log, as in Kafka: only where there is no log it counts transactions.
fn refused(asked: &FetchPartition, error: ResponseError) -> PartitionData {
    let is_unknown = matches!(
        error,
        ResponseError::UnknownTopicOrPartition | ResponseError::UnknownTopicId
    );
    data(asked.partition)
        .with_error_code(error.code())
        .with_high_watermark(-1)
        .with_last_stable_offset(-1)
        .with_log_start_offset(-1)
        .with_aborted_transactions(is_unknown.then(Vec::new))
        .with_records(Some(Bytes::new()))
}

fn data(partition: i32) -> PartitionData {
    PartitionData::default()
        .with_partition_index(partition)
        .with_preferred_read_replica(BrokerId(-1))
        .with_aborted_transactions(None)
}
