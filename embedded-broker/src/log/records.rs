//! Looks inside a batch for a record by its time. Only questions by time come here; storing and serving never do.

use std::borrow::Cow;
use std::io::Read;

use super::batch::HEADER;
use super::partition::{Batch, Found};

/// The most a batch may unfold to. Honest ones are far smaller; a bomb ends here.
pub const MOST_UNFOLDED: u64 = 16 << 20;

/// Bytes that may still be looked into for one request: many small batches, or a few that unfold to a lot. All clients
/// wait meanwhile.
#[derive(Debug)]
pub struct Patience(u64);

impl Default for Patience {
    fn default() -> Self {
        Self(2 * MOST_UNFOLDED)
    }
}

/// The first record at or behind `start` whose time is wanted. Where the batch cannot be looked into (a compression
/// that is not known here, damage, or no patience left), its first record stands for it, as the batch's header alone
/// would say.
pub fn first(batch: &Batch, wanted: impl Fn(i64) -> bool, start: i64, patience: &mut Patience) -> Option<Found> {
    let times = if patience.0 > 0 { times(batch, patience) } else { None };
    let Some(times) = times else {
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
fn times(batch: &Batch, patience: &mut Patience) -> Option<Vec<Found>> {
    let header = batch.bytes.get(..HEADER)?;
    let attributes = i16::from_be_bytes([*header.get(21)?, *header.get(22)?]);
    let base = i64::from_be_bytes(*header.get(27..)?.first_chunk()?);
    let payload = batch.bytes.get(HEADER..)?;
    let unfolded = unfold(attributes & 0x07, payload);
    // What turns out to be damaged has been worked on as well, for how long is not known.
    let spent = unfolded
        .as_ref()
        .map_or(MOST_UNFOLDED, |unfolded| unfolded.len() as u64);
    patience.0 = patience.0.saturating_sub(spent);
    let unfolded = unfolded?;
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

/// The records as they were before compression, if they are not too many.
fn unfold(codec: i16, payload: &[u8]) -> Option<Cow<'_, [u8]>> {
    match codec {
        0 => return Some(Cow::Borrowed(payload)),
        1 => read(flate2::read::MultiGzDecoder::new(payload)),
        2 => unsnap(payload),
        3 => read(lz4_flex::frame::FrameDecoder::new(payload)),
        4 => read(ruzstd::decoding::StreamingDecoder::new(payload).ok()?),
        _ => None,
    }
    .map(Cow::Owned)
}

fn read(decoder: impl Read) -> Option<Vec<u8>> {
    let mut unfolded = Vec::new();
    decoder.take(MOST_UNFOLDED).read_to_end(&mut unfolded).ok()?;
    Some(unfolded)
}

/// Snappy comes as one block, or, from Java, as blocks behind a header of 16 bytes, each with its length.
fn unsnap(payload: &[u8]) -> Option<Vec<u8>> {
    let Some(mut blocks) = payload.strip_prefix(b"\x82SNAPPY\0").and_then(|rest| rest.get(8..)) else {
        return unsnap_block(payload);
    };
    let mut unfolded = Vec::new();
    while let Some((length, rest)) = blocks.split_first_chunk::<4>() {
        let (block, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        unfolded.extend(unsnap_block(block)?);
        if unfolded.len() as u64 > MOST_UNFOLDED {
            return None;
        }
        blocks = rest;
    }
    Some(unfolded)
}

fn unsnap_block(block: &[u8]) -> Option<Vec<u8>> {
    let length = snap::raw::decompress_len(block).ok()?;
    if length as u64 > MOST_UNFOLDED {
        return None;
    }
    snap::raw::Decoder::new().decompress_vec(block).ok()
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_bomb_is_not_unfolded() {
        let mut bomb = Vec::new();
        let mut encoder = flate2::read::GzEncoder::new(std::io::repeat(0).take(64 << 20), flate2::Compression::best());
        encoder.read_to_end(&mut bomb).unwrap();
        assert!(bomb.len() < 100_000);
        assert_eq!(
            unfold(1, &bomb).map(|unfolded| unfolded.len() as u64),
            Some(MOST_UNFOLDED)
        );
        // Four gigabytes, claimed in five bytes.
        assert_eq!(unfold(2, &[0xFF, 0xFF, 0xFF, 0xFF, 0x0F]), None);
    }

    /// A batch of one record at time 0, which says that it is from 100, and unfolds to more than is looked at.
    fn bomb() -> Batch {
        let mut bytes = vec![0; HEADER];
        bytes[22] = 1;
        let record: &[u8] = &[12, 0, 0, 0, 1, 1, 0];
        let padded = record.chain(std::io::repeat(0).take(64 << 20));
        let mut encoder = flate2::read::GzEncoder::new(padded, flate2::Compression::fast());
        encoder.read_to_end(&mut bytes).unwrap();
        Batch::posing(bytes.into(), 1, 100)
    }

    #[test]
    fn a_request_is_answered_by_headers_once_too_much_was_unfolded_for_it() {
        let (bomb, mut patience) = (bomb(), Patience::default());
        for _ in 0..2 {
            assert_eq!(
                first(&bomb, |_| false, 0, &mut patience),
                None,
                "looked into, and nothing is wanted"
            );
        }
        let by_header = Some(Found {
            offset: 0,
            timestamp: 100,
        });
        assert_eq!(first(&bomb, |_| false, 0, &mut patience), by_header);
        assert_eq!(
            first(&bomb, |_| false, 0, &mut Patience::default()),
            None,
            "the next one"
        );
    }

    #[test]
    fn snappy_from_java_comes_in_blocks() {
        let block = snap::raw::Encoder::new().compress_vec(b"hello").unwrap();
        let mut framed = b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01".to_vec();
        for _ in 0..2 {
            framed.extend_from_slice(&(block.len() as u32).to_be_bytes());
            framed.extend_from_slice(&block);
        }
        assert_eq!(unfold(2, &framed).as_deref(), Some(&b"hellohello"[..]));
        assert_eq!(unfold(2, &block).as_deref(), Some(&b"hello"[..]));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(codec in 0_i16..6, payload in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = unfold(codec, &payload);
        }
    }
}
