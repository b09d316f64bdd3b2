//! Looks inside a batch for a record by its time. Only questions by time come here; storing and serving never do.

use std::io::Read;

use super::batch::HEADER;
use super::partition::{Batch, Found};

/// The most a batch may unfold to. Honest ones are far smaller; a bomb ends here.
const MOST_UNFOLDED: u64 = 16 << 20;

/// The first record at or behind `start` whose time is wanted. Where the batch cannot be looked into (a compression
/// that is not known here, or damage), its first record stands for it, as the batch's header alone would say.
pub fn first(batch: &Batch, wanted: impl Fn(i64) -> bool, start: i64) -> Option<Found> {
    let Some(times) = times(batch) else {
        return Some(Found {
            offset: batch.first.max(start),
            timestamp: batch.max_timestamp,
        });
    };
    times
        .into_iter()
        .find(|found| found.offset >= start && wanted(found.timestamp))
}

/// Offset and time of every record.
fn times(batch: &Batch) -> Option<Vec<Found>> {
    let header = batch.bytes.get(..HEADER)?;
    let attributes = i16::from_be_bytes([*header.get(21)?, *header.get(22)?]);
    let base = i64::from_be_bytes(*header.get(27..)?.first_chunk()?);
    let payload = batch.bytes.get(HEADER..)?;
    let unfolded = unfold(attributes & 0x07, payload)?;
    let (mut rest, mut times) = (&unfolded[..], Vec::new());
    for _ in batch.first..=batch.last {
        let length = usize::try_from(varint(&mut rest)?).ok()?;
        let (mut record, later) = rest.split_at_checked(length)?;
        rest = later;
        record = record.get(1..)?;
        let timestamp = base.checked_add(varint(&mut record)?)?;
        let offset = batch.first.checked_add(varint(&mut record)?)?;
        times.push(Found { offset, timestamp });
    }
    Some(times)
}

/// The records as they were before compression.
fn unfold(codec: i16, payload: &[u8]) -> Option<Vec<u8>> {
    let mut unfolded = Vec::new();
    match codec {
        0 => unfolded.extend_from_slice(payload),
        1 => {
            let mut reader = flate2::read::MultiGzDecoder::new(payload).take(MOST_UNFOLDED);
            reader.read_to_end(&mut unfolded).ok()?;
        }
        _ => return None,
    }
    Some(unfolded)
}

/// A zigzag number of up to ten bytes.
fn varint(rest: &mut &[u8]) -> Option<i64> {
    let mut value: u64 = 0;
    for place in 0..10 {
        let (byte, later) = rest.split_first()?;
        *rest = later;
        value |= u64::from(byte & 0x7F).checked_shl(place * 7)?;
        if *byte < 0x80 {
            return Some((value >> 1) as i64 ^ -((value & 1) as i64));
        }
    }
    None
}
