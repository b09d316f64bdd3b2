//! What is written to logs and read from them.

use bytes::Bytes;
use kafka_protocol::messages::delete_records_request::{DeleteRecordsPartition, DeleteRecordsTopic};
use kafka_protocol::messages::describe_producers_request::TopicRequest;
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::offset_for_leader_epoch_request::{OffsetForLeaderPartition, OffsetForLeaderTopic};
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::{
    BrokerId, DeleteRecordsRequest, DescribeProducersRequest, FetchRequest, InitProducerIdRequest, ListOffsetsRequest,
    OffsetForLeaderEpochRequest, ProduceRequest, TopicName,
};
use uuid::Uuid;

use super::pair::{Pair, Side};
use crate::raw::text;
use crate::samples;

/// Messages that are a second apart, the first of them at a fixed time.
fn batch(count: i32, producer: (i64, i16), sequence: i32) -> Bytes {
    batch_of(b"value", count, producer, sequence)
}

fn batch_of(value: &[u8], count: i32, producer: (i64, i16), sequence: i32) -> Bytes {
    let times: Vec<i64> = (0..i64::from(count)).map(|number| FIRST + number * 1000).collect();
    samples::batch(&times, value, producer, sequence)
}

const FIRST: i64 = 1_700_000_000_000;
const NOBODY: (i64, i16) = (-1, -1);

/// By name, and from 13 on by id.
fn produce(side: &Side, version: i16, topic: &str, partition: i32, records: Bytes) -> ProduceRequest {
    let data = PartitionProduceData::default()
        .with_index(partition)
        .with_records(Some(records));
    let data = TopicProduceData::default().with_partition_data(vec![data]);
    let data = if version < 13 {
        data.with_name(TopicName(text(topic)))
    } else {
        data.with_topic_id(side.topic_id)
    };
    ProduceRequest::default()
        .with_acks(-1)
        .with_timeout_ms(5000)
        .with_topic_data(vec![data])
}

/// So many messages to partition 0, a batch each.
pub(super) fn fill(pair: &mut Pair, topic: &str, counts: &[i32]) {
    for count in counts {
        let answers = pair.same_in("messages", 9, |side| {
            produce(side, 9, topic, 0, batch(*count, NOBODY, -1))
        });
        assert_eq!(answers.0.responses[0].partition_responses[0].error_code, 0);
    }
}

#[test]
fn messages_are_taken_and_refused() {
    let Some(mut pair) = Pair::start() else { return };
    let topic = pair.topic("produce", 2);
    pair.same("three messages", |side, version| {
        produce(side, version, &topic, 0, batch(3, NOBODY, -1))
    });
    pair.same("an unknown partition", |side, version| {
        produce(side, version, &topic, 99, batch(1, NOBODY, -1))
    });
    let unknown = pair.name("unknown");
    pair.same("an unknown topic", |side, version| {
        let mut request = produce(side, version, &unknown, 0, batch(1, NOBODY, -1));
        if version >= 13 {
            request.topic_data[0].topic_id = Uuid::from_u128(7);
        }
        request
    });
    pair.same("a wrong checksum", |side, version| {
        let mut bytes = batch(1, NOBODY, -1).to_vec();
        bytes[17] ^= 0xFF;
        produce(side, version, &topic, 0, bytes.into())
    });
    pair.same("an acknowledgement that does not exist", |side, version| {
        produce(side, version, &topic, 0, batch(1, NOBODY, -1)).with_acks(2)
    });
    pair.same("two batches at once", |side, version| {
        let two = [batch(1, NOBODY, -1), batch(1, NOBODY, -1)].concat();
        produce(side, version, &topic, 1, two.into())
    });
    for length in [5, 16, 40, 65] {
        pair.same("a batch that is cut", |side, version| {
            let cut = batch(1, NOBODY, -1).slice(..length);
            produce(side, version, &topic, 0, cut)
        });
    }
    pair.same("an older format", |side, version| {
        let mut bytes = batch(1, NOBODY, -1).to_vec();
        bytes[16] = 1;
        produce(side, version, &topic, 0, bytes.into())
    });
    // A real one says where its log begins there, and nowhere else among errors.
    pair.same_but("more records than there are", &["log_start_offset"], |side, version| {
        let mut bytes = batch(1, NOBODY, -1).to_vec();
        (bytes[60], bytes[26]) = (9, 8);
        let sum = crc32c::crc32c(&bytes[21..]);
        bytes[17..21].copy_from_slice(&sum.to_be_bytes());
        produce(side, version, &topic, 0, bytes.into())
    });
    pair.same("more than fits", |side, version| {
        let mut request = produce(side, version, &topic, 0, batch(1, NOBODY, -1));
        let long = vec![b'x'; 1_100_000];
        request.topic_data[0].partition_data[0].records = Some(batch_of(&long, 1, NOBODY, -1));
        request
    });
    pair.same("no batch", |side, version| {
        produce(side, version, &topic, 0, Bytes::new())
    });
    pair.end();
}

#[test]
fn producers_without_duplicates_are_numbered_and_checked() {
    let Some(mut pair) = Pair::start() else { return };
    let topic = pair.topic("idempotent", 1);
    pair.same("a new producer", |_, _| {
        InitProducerIdRequest::default()
            .with_transaction_timeout_ms(60_000)
            .with_producer_id((-1).into())
            .with_producer_epoch(-1)
    });
    let new = InitProducerIdRequest::default()
        .with_transaction_timeout_ms(60_000)
        .with_producer_id((-1).into())
        .with_producer_epoch(-1);
    for side in [&mut pair.ours, &mut pair.theirs] {
        let made = side.ask(4, &new);
        side.producer = (made.producer_id.0, made.producer_epoch);
    }
    for (what, version, sequence, older) in [
        ("its first messages", 9, 0, 0),
        ("the same again", 9, 0, 0),
        ("the next", 9, 2, 0),
        ("one with a gap before it", 9, 9, 0),
        ("an old one after that", 9, 2, 0),
        ("the gap in an older version", 3, 9, 0),
        ("an older epoch", 9, 4, 1),
    ] {
        pair.same_in(what, version, |side| {
            let (id, epoch) = side.producer;
            produce(side, version, &topic, 0, batch(2, (id, epoch - older), sequence))
        });
    }
    pair.same_in("a producer that nobody numbered", 9, |side| {
        produce(side, 9, &topic, 0, batch(1, (987_654, 0), 5))
    });
    pair.same("the producers of a partition", |_, _| {
        let asked = TopicRequest::default()
            .with_name(TopicName(text(&topic)))
            .with_partition_indexes(vec![0, 99]);
        DescribeProducersRequest::default().with_topics(vec![asked])
    });
    pair.end();
}

#[test]
fn messages_are_read_from_where_it_is_asked() {
    let Some(mut pair) = Pair::start() else { return };
    let topic = pair.topic("fetch", 2);
    fill(&mut pair, &topic, &[3, 2]);
    for (what, partition, offset, epoch) in [
        ("from the start", 0, 0, -1),
        ("from the middle of a batch", 0, 1, -1),
        ("the second batch", 0, 3, -1),
        ("at the end", 0, 5, -1),
        ("past the end", 0, 6, -1),
        ("before the start", 0, -7, -1),
        ("an empty partition", 1, 0, -1),
        ("an unknown partition", 99, 0, -1),
        ("a leader that is not yet", 0, 0, 99),
        ("as the leader's first epoch", 0, 0, 0),
    ] {
        pair.same(what, |side, version| {
            fetch(side, version, &topic, partition, offset, epoch)
        });
    }
    let unknown = pair.name("unknown");
    pair.same("an unknown topic", |side, version| {
        let mut request = fetch(side, version, &unknown, 0, 0, -1);
        if version >= 13 {
            request.topics[0].topic_id = Uuid::from_u128(7);
        }
        request
    });
    pair.same("as much as fits, and one batch always", |side, version| {
        let mut request = fetch(side, version, &topic, 0, 0, -1).with_max_bytes(1);
        request.topics[0].partitions[0].partition_max_bytes = 1;
        request
    });
    pair.same("what is committed", |side, version| {
        fetch(side, version, &topic, 0, 0, -1).with_isolation_level(1)
    });
    pair.same("a session that is not there", |side, version| {
        fetch(side, version, &topic, 0, 0, -1)
            .with_session_id(4711)
            .with_session_epoch(5)
    });
    pair.end();
}

fn fetch(side: &Side, version: i16, topic: &str, partition: i32, offset: i64, epoch: i32) -> FetchRequest {
    let asked = FetchPartition::default()
        .with_partition(partition)
        .with_current_leader_epoch(epoch)
        .with_fetch_offset(offset)
        .with_last_fetched_epoch(-1)
        .with_log_start_offset(-1)
        .with_partition_max_bytes(1 << 20);
    let asked = FetchTopic::default().with_partitions(vec![asked]);
    let asked = if version < 13 {
        asked.with_topic(TopicName(text(topic)))
    } else {
        asked.with_topic_id(side.topic_id)
    };
    FetchRequest::default()
        .with_replica_id(BrokerId(-1))
        .with_max_wait_ms(1)
        .with_min_bytes(0)
        .with_max_bytes(1 << 20)
        .with_session_epoch(-1)
        .with_topics(vec![asked])
}

#[test]
fn offsets_are_found_by_time_and_by_name() {
    let Some(mut pair) = Pair::start() else { return };
    let topic = pair.topic("offsets", 2);
    fill(&mut pair, &topic, &[3, 2]);
    let ask = |partition, time, epoch| {
        let asked = ListOffsetsPartition::default()
            .with_partition_index(partition)
            .with_current_leader_epoch(epoch)
            .with_timestamp(time);
        let asked = ListOffsetsTopic::default()
            .with_name(TopicName(text(&topic)))
            .with_partitions(vec![asked]);
        ListOffsetsRequest::default()
            .with_replica_id(BrokerId(-1))
            .with_topics(vec![asked])
    };
    for (what, partition, time, epoch) in [
        ("the end", 0, -1, -1),
        ("the start", 0, -2, -1),
        ("the largest time", 0, -3, -1),
        ("the start on this disk", 0, -4, -1),
        ("the end of what is elsewhere", 0, -5, -1),
        ("a name that does not exist", 0, -17, -1),
        ("any time", 0, 0, -1),
        ("the time of a message", 0, FIRST + 1000, -1),
        ("between two", 0, FIRST + 1001, -1),
        ("after all", 0, FIRST + 9000, -1),
        ("an empty partition by time", 1, 0, -1),
        ("the largest time of an empty partition", 1, -3, -1),
        ("the end of an empty partition", 1, -1, -1),
        ("an unknown partition", 99, -1, -1),
        ("a leader that is not yet", 0, -1, 99),
    ] {
        pair.same(what, |_, _| ask(partition, time, epoch));
    }
    for (what, partition, current, epoch) in [
        ("the end of the first epoch", 0, -1, 0),
        ("the end of an epoch to come", 0, -1, 99),
        ("no epoch", 0, -1, -1),
        ("a leader that is not yet", 0, 99, 0),
        ("an unknown partition", 99, -1, 0),
    ] {
        // `leader_epoch` is a broker's own elsewhere, so this looks at it by itself.
        pair.same(what, |_, _| {
            let asked = OffsetForLeaderPartition::default()
                .with_partition(partition)
                .with_current_leader_epoch(current)
                .with_leader_epoch(epoch);
            let asked = OffsetForLeaderTopic::default()
                .with_topic(TopicName(text(&topic)))
                .with_partitions(vec![asked]);
            OffsetForLeaderEpochRequest::default()
                .with_replica_id(BrokerId(-1))
                .with_topics(vec![asked])
        });
    }
    pair.end();
}

#[test]
fn records_are_deleted_up_to_an_offset() {
    let Some(mut pair) = Pair::start() else { return };
    let topic = pair.topic("delete", 2);
    pair.same_in("messages", 9, |side| produce(side, 9, &topic, 0, batch(5, NOBODY, -1)));
    for (what, partition, offset) in [
        ("two of five", 0, 2),
        ("what is gone already", 0, 1),
        ("more than there is", 0, 9),
        ("a negative offset", 0, -5),
        ("an unknown partition", 99, 0),
        ("all", 0, -1),
    ] {
        pair.same(what, |_, _| {
            let asked = DeleteRecordsPartition::default()
                .with_partition_index(partition)
                .with_offset(offset);
            let asked = DeleteRecordsTopic::default()
                .with_name(TopicName(text(&topic)))
                .with_partitions(vec![asked]);
            DeleteRecordsRequest::default()
                .with_timeout_ms(5000)
                .with_topics(vec![asked])
        });
    }
    pair.same_in("messages after all are gone", 9, |side| {
        produce(side, 9, &topic, 0, batch(1, NOBODY, -1))
    });
    pair.same("from a place that is gone", |side, version| {
        fetch(side, version, &topic, 0, 1, -1)
    });
    pair.end();
}
