//! Poses as a cluster of any size, without its traffic: for tests of how well others cope with it.

use std::collections::BTreeMap;

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::ResponseError;

use crate::clock::Moment;
use crate::groups::classic::Classic;
use crate::groups::{Commit, Commits, Group, Kind};
use crate::log::Log;
use crate::state::State;

/// Records that every partition seems to hold.
const RECORDS: i64 = 100;

/// Adds topics and groups. Group `i` reads topic `i`, and again from the first when topics run out.
pub fn pose(state: &mut State, topics: usize, partitions: i32, groups: usize, at: Moment) -> Result<(), ResponseError> {
    let batch = batch(at.millis);
    for number in 0..topics {
        let name = topic_name(number);
        state.create_topic(&name, partitions, -1, BTreeMap::new())?;
        if let Some(topic) = state.topics.get_mut(&name) {
            for partition in &mut topic.partitions {
                partition.log = Log::posing(batch.clone(), RECORDS, at.millis);
            }
        }
    }
    for number in 0..groups {
        let topic = topic_name(number % topics.max(1));
        let mut commits = Commits::default();
        for partition in 0..partitions {
            let commit = Commit {
                // Some are done, some are behind.
                offset: RECORDS - (number as i64 + i64::from(partition)) % RECORDS,
                leader_epoch: 0,
                metadata: String::new(),
            };
            commits.set(&topic, partition, commit);
        }
        let kind = Kind::Classic(Classic::posing(&topic, partitions, number));
        state
            .groups
            .pose(format!("pose-group-{number:05}"), Group::new(kind, commits));
    }
    Ok(())
}

fn topic_name(number: usize) -> String {
    format!("pose-{number:05}")
}

/// A batch of records with nothing in them.
fn batch(millis: i64) -> Bytes {
    let mut records = BytesMut::new();
    for delta in 0..RECORDS as u8 {
        // Length 7 (zigzag 14): attributes, time delta, offset delta in one or two bytes, no key, no value, no headers.
        let offset: &[u8] = if delta < 64 {
            &[delta * 2]
        } else {
            &[(delta * 2) | 0x80, 1]
        };
        records.put_u8((5 + offset.len() as u8) * 2);
        records.put_slice(&[0, 0]);
        records.put_slice(offset);
        records.put_slice(&[1, 1, 0]);
    }
    let mut checked = BytesMut::new();
    checked.put_i16(0);
    checked.put_i32(RECORDS as i32 - 1);
    checked.put_i64(millis);
    checked.put_i64(millis);
    checked.put_i64(-1);
    checked.put_i16(-1);
    checked.put_i32(-1);
    checked.put_i32(RECORDS as i32);
    checked.put_slice(&records);
    let mut batch = BytesMut::new();
    batch.put_i64(0);
    batch.put_i32(checked.len() as i32 + 9);
    batch.put_i32(0);
    batch.put_u8(2);
    batch.put_u32(crc32c::crc32c(&checked));
    batch.put_slice(&checked);
    batch.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{Header, Patience};

    #[test]
    fn the_posed_batch_is_one_that_a_broker_would_take() {
        let bytes = batch(1_700_000_000_000);
        let header = Header::read(&bytes).unwrap();
        assert_eq!(i64::from(header.records), RECORDS);
        let log = Log::posing(bytes, RECORDS, 1_700_000_000_000);
        assert_eq!(
            log.first_since(0, &mut Patience::default()).map(|found| found.offset),
            Some(0)
        );
        assert_eq!((log.start(), log.end()), (0, RECORDS));
    }
}
