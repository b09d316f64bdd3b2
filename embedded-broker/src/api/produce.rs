//! Produce, and the producers' ids that make it idempotent.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_producers_response::{
    PartitionResponse, ProducerState, TopicResponse as ProducersTopic,
};
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::produce_response::{PartitionProduceResponse, TopicProduceResponse};
use kafka_protocol::messages::{
    DescribeProducersRequest, DescribeProducersResponse, InitProducerIdRequest, InitProducerIdResponse, ProduceRequest,
    ProduceResponse, ProducerId,
};

use super::context::{Context, code, topic_name};
use crate::log::Header;
use crate::state::State;

/// Kafka's default for `max.message.bytes`.
pub const MOST_BATCH_BYTES: i64 = 1_048_588;

/// Stores what a producer sends; `None` when it wants no answer.
///
/// # Errors
/// It wants no answer, and something was refused. As in Kafka its connection is closed: nothing else would tell it, and
/// it looks for the new leader when it connects again.
pub fn produce(cx: &Context<'_>, request: ProduceRequest) -> Result<Option<ProduceResponse>, ResponseError> {
    let acks = request.acks;
    let mut state = cx.shared.lock();
    let topics = request.topic_data.into_iter();
    let responses: Vec<_> = topics.map(|topic| to_topic(&mut state, cx, topic, acks)).collect();
    if acks != 0 {
        return Ok(Some(ProduceResponse::default().with_responses(responses)));
    }
    let mut partitions = responses.iter().flat_map(|topic| &topic.partition_responses);
    partitions
        .find_map(|partition| ResponseError::try_from_code(partition.error_code))
        .map_or(Ok(None), Err)
}

fn to_topic(state: &mut State, cx: &Context<'_>, data: TopicProduceData, acks: i16) -> TopicProduceResponse {
    let by_id = cx.version >= 13;
    let name = if by_id {
        let known = state.topics.name_of(data.topic_id);
        known.map(ToString::to_string).ok_or(ResponseError::UnknownTopicId)
    } else {
        Ok(data.name.to_string())
    };
    let partitions = data.partition_data.into_iter().map(|data| match &name {
        Ok(name) => to_partition(state, cx, name, data, acks),
        Err(error) => refused(data.index, *error),
    });
    let response = TopicProduceResponse::default().with_partition_responses(partitions.collect());
    if by_id {
        response.with_topic_id(data.topic_id)
    } else {
        response.with_name(topic_name(&data.name))
    }
}

fn to_partition(
    state: &mut State,
    cx: &Context<'_>,
    topic: &str,
    data: PartitionProduceData,
    acks: i16,
) -> PartitionProduceResponse {
    let records = data.records.unwrap_or_default();
    match append(state, cx, topic, data.index, &records, acks) {
        Ok((base_offset, start)) => PartitionProduceResponse::default()
            .with_index(data.index)
            .with_base_offset(base_offset)
            .with_log_append_time_ms(-1)
            .with_log_start_offset(start),
        Err(error) => refused(data.index, error),
    }
}

fn refused(index: i32, error: ResponseError) -> PartitionProduceResponse {
    PartitionProduceResponse::default()
        .with_index(index)
        .with_error_code(error.code())
        .with_base_offset(-1)
        .with_log_append_time_ms(-1)
        .with_log_start_offset(-1)
}

/// Returns the offset of the first record and the start of the log.
fn append(
    state: &mut State,
    cx: &Context<'_>,
    topic: &str,
    partition: i32,
    records: &[u8],
    acks: i16,
) -> Result<(i64, i64), ResponseError> {
    cx.check()?;
    if !(-1..=1).contains(&acks) {
        return Err(ResponseError::InvalidRequiredAcks);
    }
    let (most, default_isr, is_full) = (state.limits(), state.options.min_insync_replicas, state.is_full());
    let settings = state.topics.get(topic).ok_or(ResponseError::UnknownTopicOrPartition)?;
    let limits = settings.limits(most);
    let longest = settings.number("max.message.bytes").unwrap_or(MOST_BATCH_BYTES);
    let wanted = settings
        .number("min.insync.replicas")
        .unwrap_or_else(|| default_isr.into());
    let partition = state.led_mut(cx.node, topic, partition)?;
    if records.len() as i64 > longest {
        return Err(ResponseError::MessageTooLarge);
    }
    if is_full {
        return Err(ResponseError::KafkaStorageError);
    }
    if acks == -1 && (partition.placement.isr.len() as i64) < wanted {
        return Err(ResponseError::NotEnoughReplicas);
    }
    let header = Header::read(records)?;
    let epoch = partition.placement.epoch;
    let appended = partition.log.append(records, &header, epoch, cx.at.millis)?;
    let mut result = (appended.base_offset, partition.log.start());
    if appended.records > 0 {
        let freed = partition.log.retain(limits, cx.at.millis);
        result.1 = partition.log.start();
        partition.wake();
        state.count(appended.records, records.len() as u64, freed);
    }
    Ok(result)
}

/// Ids for idempotence. There are no transactions: a transactional id is refused as a request that cannot be met, as
/// FindCoordinator does, and not as one that somebody else might make.
pub fn init_producer_id(state: &mut State, cx: &Context<'_>, request: InitProducerIdRequest) -> InitProducerIdResponse {
    let refused = match request.transactional_id {
        Some(_) => Err(ResponseError::InvalidRequest),
        None => cx.check(),
    };
    let (id, epoch) = match refused {
        // A producer that asks to go on with its id gets the next epoch.
        Ok(()) if request.producer_id.0 >= 0 && request.producer_epoch < i16::MAX => {
            (request.producer_id.0, request.producer_epoch + 1)
        }
        Ok(()) => (state.producer_id(), 0),
        Err(_) => (-1, -1),
    };
    InitProducerIdResponse::default()
        .with_error_code(code(&refused))
        .with_producer_id(ProducerId(id))
        .with_producer_epoch(epoch)
}

/// Who has written to which partition.
pub fn describe_producers(
    state: &mut State,
    cx: &Context<'_>,
    request: DescribeProducersRequest,
) -> DescribeProducersResponse {
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partition_indexes.iter().map(|index| {
            let partition = cx.check().and_then(|()| state.led(cx.node, &topic.name, *index));
            let response = PartitionResponse::default()
                .with_partition_index(*index)
                .with_error_code(code(&partition));
            let producers = partition.iter().flat_map(|partition| partition.log.producers.iter());
            let producers = producers.map(|(id, producer)| {
                ProducerState::default()
                    .with_producer_id(ProducerId(id))
                    .with_producer_epoch(producer.epoch.into())
                    .with_last_sequence(producer.last_sequence())
                    .with_last_timestamp(producer.last_timestamp)
                    .with_coordinator_epoch(-1)
                    .with_current_txn_start_offset(-1)
            });
            response.with_active_producers(producers.collect())
        });
        ProducersTopic::default()
            .with_name(topic_name(&topic.name))
            .with_partitions(partitions.collect())
    });
    DescribeProducersResponse::default().with_topics(topics.collect())
}

#[cfg(test)]
mod tests {
    use kafka_protocol::messages::ApiKey;
    use uuid::Uuid;

    use super::*;
    use crate::clock;
    use crate::cluster::Cluster;
    use crate::guarded::Shared;
    use crate::options::Options;
    use crate::wire::samples::{NAME, sample};
    use crate::wire::{decode, open};

    #[test]
    fn a_fast_producer_is_not_refused_while_old_batches_make_room() {
        let options = Options {
            retention_bytes_per_partition: 10_000,
            most_stored_bytes: 100_000,
            ..Options::default()
        };
        let mut state = State::new(options, Cluster::new("test".into(), &[1001]));
        state.create_topic(NAME, 1, 1, Default::default()).unwrap();
        let shared = Shared::new(state);
        let incoming = open(sample(ApiKey::Produce, 9, Uuid::nil())).unwrap();
        let cx = Context {
            shared: &shared,
            node: 1,
            version: incoming.version,
            client_id: "",
            host: "",
            size: incoming.body.len(),
            refusal: None,
            at: clock::moment(),
        };
        // Within one second, after which all is counted anew.
        for number in 0..5_000 {
            let response = produce(&cx, decode(&incoming).unwrap()).unwrap().unwrap();
            let code = response.responses[0].partition_responses[0].error_code;
            assert_eq!(code, 0, "batch {number}");
        }
        let stats = shared.stats();
        assert!(stats.bytes_in > 400_000 && stats.stored_bytes <= 10_000, "{stats:?}");
    }
}
