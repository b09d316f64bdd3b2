//! Idempotence of one partition: the sequence numbers of each producer that writes to it.

use std::collections::{HashMap, VecDeque};

use kafka_protocol::ResponseError;

use super::batch::Header;

/// Kafka remembers as many; a client never has more requests under way to a partition.
const REMEMBERED: usize = 5;
/// Producers kept for a partition; beyond, who was silent longest is forgotten.
const MOST_PRODUCERS: usize = 1000;

/// What to do with a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Append,
    /// It is stored already, from this offset on; the client did not get the answer.
    Duplicate {
        base_offset: i64,
    },
}

/// The producers of a partition, by id.
#[derive(Debug, Default)]
pub struct Producers(HashMap<i64, Producer>);

/// One producer's last batches.
#[derive(Debug)]
pub struct Producer {
    pub epoch: i16,
    /// Newest last.
    batches: VecDeque<Stored>,
    /// When it last wrote, in milliseconds since 1970.
    last_at: i64,
    /// The time of its newest record.
    pub last_timestamp: i64,
}

#[derive(Debug, Clone, Copy)]
struct Stored {
    first: i32,
    last: i32,
    base_offset: i64,
}

impl Producer {
    /// The sequence number of its last record here; -1 without any.
    pub fn last_sequence(&self) -> i32 {
        self.batches.back().map_or(-1, |batch| batch.last)
    }
}

impl Producers {
    pub fn iter(&self) -> impl Iterator<Item = (i64, &Producer)> {
        self.0.iter().map(|(id, producer)| (*id, producer))
    }

    /// Says whether a batch continues where its producer left off. A producer that is not known here may begin
    /// anywhere: its earlier batches may have been removed.
    pub fn judge(&self, header: &Header) -> Result<Verdict, ResponseError> {
        let (Some(known), true) = (self.0.get(&header.producer_id), header.producer_id >= 0) else {
            return Ok(Verdict::Append);
        };
        if header.producer_epoch < known.epoch {
            return Err(ResponseError::InvalidProducerEpoch);
        }
        let (first, last) = (header.base_sequence, last_sequence(header));
        if header.producer_epoch > known.epoch {
            return match first {
                0 => Ok(Verdict::Append),
                _ => Err(ResponseError::OutOfOrderSequenceNumber),
            };
        }
        let same = known
            .batches
            .iter()
            .find(|batch| (batch.first, batch.last) == (first, last));
        match same {
            Some(batch) => Ok(Verdict::Duplicate {
                base_offset: batch.base_offset,
            }),
            None if first == next(known.last_sequence()) => Ok(Verdict::Append),
            None => Err(ResponseError::OutOfOrderSequenceNumber),
        }
    }

    /// Remembers a batch that was appended.
    pub fn remember(&mut self, header: &Header, base_offset: i64, millis: i64) {
        if header.producer_id < 0 {
            return;
        }
        if self.0.len() >= MOST_PRODUCERS && !self.0.contains_key(&header.producer_id) {
            let silent = self.iter().min_by_key(|(_, producer)| producer.last_at);
            if let Some(id) = silent.map(|(id, _)| id) {
                self.0.remove(&id);
            }
        }
        let producer = self.0.entry(header.producer_id).or_insert_with(|| Producer {
            epoch: header.producer_epoch,
            batches: VecDeque::with_capacity(REMEMBERED),
            last_at: millis,
            last_timestamp: header.max_timestamp,
        });
        if producer.epoch != header.producer_epoch {
            producer.epoch = header.producer_epoch;
            producer.batches.clear();
        }
        if producer.batches.len() == REMEMBERED {
            producer.batches.pop_front();
        }
        producer.last_at = millis;
        producer.last_timestamp = header.max_timestamp;
        producer.batches.push_back(Stored {
            first: header.base_sequence,
            last: last_sequence(header),
            base_offset,
        });
    }
}

/// Sequence numbers go round after `i32::MAX`, to 0.
fn last_sequence(header: &Header) -> i32 {
    let last = i64::from(header.base_sequence) + i64::from(header.last_offset_delta);
    (last & i64::from(i32::MAX)) as i32
}

fn next(sequence: i32) -> i32 {
    if sequence == i32::MAX { 0 } else { sequence + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(epoch: i16, base_sequence: i32, records: i32) -> Header {
        Header {
            attributes: 0,
            last_offset_delta: records - 1,
            base_timestamp: 0,
            max_timestamp: 0,
            producer_id: 9,
            producer_epoch: epoch,
            base_sequence,
            records,
        }
    }

    #[test]
    fn a_batch_continues_repeats_or_jumps() {
        let mut producers = Producers::default();
        producers.remember(&header(1, 0, 10), 100, 0);
        producers.remember(&header(1, 10, 5), 110, 0);
        let cases = [
            (header(1, 15, 1), Ok(Verdict::Append)),
            (header(1, 0, 10), Ok(Verdict::Duplicate { base_offset: 100 })),
            (header(1, 10, 5), Ok(Verdict::Duplicate { base_offset: 110 })),
            (header(1, 10, 4), Err(ResponseError::OutOfOrderSequenceNumber)),
            (header(1, 16, 1), Err(ResponseError::OutOfOrderSequenceNumber)),
            (header(0, 15, 1), Err(ResponseError::InvalidProducerEpoch)),
            (header(2, 0, 1), Ok(Verdict::Append)),
            (header(2, 15, 1), Err(ResponseError::OutOfOrderSequenceNumber)),
        ];
        for (batch, verdict) in cases {
            assert_eq!(producers.judge(&batch), verdict, "{batch:?}");
        }
    }

    #[test]
    fn sequence_numbers_go_round() {
        let mut producers = Producers::default();
        producers.remember(&header(0, i32::MAX - 1, 2), 0, 0);
        assert_eq!(producers.judge(&header(0, 0, 1)), Ok(Verdict::Append));
        producers.remember(&header(0, i32::MAX, 3), 0, 0);
        assert_eq!(producers.judge(&header(0, 2, 1)), Ok(Verdict::Append));
    }

    #[test]
    fn only_so_many_batches_and_producers_are_remembered() {
        let mut producers = Producers::default();
        for sequence in 0..7 {
            producers.remember(&header(0, sequence, 1), i64::from(sequence), 0);
        }
        let forgotten = producers.judge(&header(0, 1, 1));
        assert_eq!(forgotten, Err(ResponseError::OutOfOrderSequenceNumber));
        for id in 0..MOST_PRODUCERS as i64 + 10 {
            let mut batch = header(0, 0, 1);
            batch.producer_id = 100 + id;
            producers.remember(&batch, 0, id);
        }
        assert_eq!(producers.iter().count(), MOST_PRODUCERS);
    }
}
