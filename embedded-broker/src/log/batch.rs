//! The header of a record batch (format 2), read and checked without touching the records.

use kafka_protocol::ResponseError;

/// Bytes of the header; records, compressed or not, follow.
pub const HEADER: usize = 61;
/// Where the part that the checksum covers begins. Base offset and leader epoch lie before it, so both can be set
/// without computing it again.
const CHECKED_FROM: usize = 21;

const LEADER_EPOCH: usize = 12;
const MAGIC: usize = 16;
const CRC: usize = 17;

/// A record takes at least so many bytes: its length, attributes, two deltas, lengths of key and value, number of headers.
const SMALLEST_RECORD: usize = 7;
/// Records of a batch that is compressed: as many as what may be looked into when it is unfolded.
const MOST_COMPRESSED: usize = super::records::MOST_UNFOLDED as usize / SMALLEST_RECORD;

const COMPRESSION: i16 = 0x07;
const TRANSACTIONAL: i16 = 0x10;
const CONTROL: i16 = 0x20;

/// What a batch says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    pub attributes: i16,
    pub last_offset_delta: i32,
    pub base_timestamp: i64,
    pub max_timestamp: i64,
    /// -1 without idempotence.
    pub producer_id: i64,
    pub producer_epoch: i16,
    pub base_sequence: i32,
    pub records: i32,
}

impl Header {
    /// Reads the header of the one batch that these bytes are.
    pub fn read(bytes: &[u8]) -> Result<Self, ResponseError> {
        // Older formats are refused with the same error, as Kafka does since version 3 of the request.
        if bytes.get(MAGIC) != Some(&2) {
            return Err(ResponseError::InvalidRecord);
        }
        let corrupt = || ResponseError::CorruptMessage;
        let length = int32(bytes, 8).ok_or_else(corrupt)?;
        if bytes.len() < HEADER || i64::from(length) + 12 != bytes.len() as i64 {
            // More than one batch in a request is refused as well, as Kafka does from format 2 on.
            return Err(ResponseError::InvalidRecord);
        }
        let crc = int32(bytes, CRC).ok_or_else(corrupt)? as u32;
        let checked = bytes.get(CHECKED_FROM..).ok_or_else(corrupt)?;
        if crc32c::crc32c(checked) != crc {
            return Err(ResponseError::CorruptMessage);
        }
        let header = Self {
            attributes: int16(bytes, 21).ok_or_else(corrupt)?,
            last_offset_delta: int32(bytes, 23).ok_or_else(corrupt)?,
            base_timestamp: int64(bytes, 27).ok_or_else(corrupt)?,
            max_timestamp: int64(bytes, 35).ok_or_else(corrupt)?,
            producer_id: int64(bytes, 43).ok_or_else(corrupt)?,
            producer_epoch: int16(bytes, 51).ok_or_else(corrupt)?,
            base_sequence: int32(bytes, 53).ok_or_else(corrupt)?,
            records: int32(bytes, 57).ok_or_else(corrupt)?,
        };
        header.check(bytes.len() - HEADER)
    }

    /// Whether it can be true of a payload of so many bytes. Offsets are counted by it, so a batch of nothing that claims
    /// two billion records would move a partition's end by as many.
    fn check(self, payload: usize) -> Result<Self, ResponseError> {
        let most = match self.attributes & COMPRESSION {
            0 => payload / SMALLEST_RECORD,
            _ => MOST_COMPRESSED,
        };
        let possible = usize::try_from(self.records).is_ok_and(|records| (1..=most).contains(&records));
        let counted = possible && self.last_offset_delta == self.records - 1;
        let plain = self.attributes & (TRANSACTIONAL | CONTROL) == 0;
        if counted && plain {
            Ok(self)
        } else {
            Err(ResponseError::InvalidRecord)
        }
    }
}

/// Sets where the batch stands in its partition.
pub fn place(bytes: &mut [u8], base_offset: i64, leader_epoch: i32) {
    if let Some(slot) = bytes.get_mut(..8) {
        slot.copy_from_slice(&base_offset.to_be_bytes());
    }
    if let Some(slot) = bytes.get_mut(LEADER_EPOCH..LEADER_EPOCH + 4) {
        slot.copy_from_slice(&leader_epoch.to_be_bytes());
    }
}

fn int16(bytes: &[u8], at: usize) -> Option<i16> {
    bytes.get(at..)?.first_chunk().map(|chunk| i16::from_be_bytes(*chunk))
}

fn int32(bytes: &[u8], at: usize) -> Option<i32> {
    bytes.get(at..)?.first_chunk().map(|chunk| i32::from_be_bytes(*chunk))
}

fn int64(bytes: &[u8], at: usize) -> Option<i64> {
    bytes.get(at..)?.first_chunk().map(|chunk| i64::from_be_bytes(*chunk))
}

#[cfg(test)]
pub mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::samples;

    /// A batch of empty records with these timestamps, from this producer and sequence (both -1: without idempotence).
    pub fn batch(timestamps: &[i64], producer_id: i64, sequence: i32) -> Vec<u8> {
        let epoch = if producer_id < 0 { -1 } else { 0 };
        samples::batch(timestamps, b"value", (producer_id, epoch), sequence).to_vec()
    }

    #[test]
    fn a_header_says_what_was_encoded() {
        let header = Header::read(&batch(&[10, 30, 20], 7, 5)).unwrap();
        assert_eq!((header.records, header.last_offset_delta), (3, 2));
        assert_eq!((header.base_timestamp, header.max_timestamp), (10, 30));
        assert_eq!((header.producer_id, header.base_sequence), (7, 5));
    }

    #[test]
    fn what_was_damaged_is_refused() {
        let good = batch(&[10], -1, -1);
        let with = |at: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[at] = byte;
            Header::read(&bytes).unwrap_err()
        };
        assert_eq!(with(16, 1), ResponseError::InvalidRecord);
        assert_eq!(with(11, 0), ResponseError::InvalidRecord);
        assert_eq!(with(40, 0xEE), ResponseError::CorruptMessage);
        assert_eq!(Header::read(&good[..30]).unwrap_err(), ResponseError::InvalidRecord);
        assert_eq!(Header::read(&[]).unwrap_err(), ResponseError::InvalidRecord);
    }

    /// The header alone, with a checksum that is right, claiming records that are not there.
    fn claiming(records: i32, attributes: i16, payload: usize) -> Result<Header, ResponseError> {
        let mut bytes = batch(&[10], -1, -1);
        bytes.resize(HEADER + payload, 0);
        let length = bytes.len() as i32 - 12;
        bytes[8..12].copy_from_slice(&length.to_be_bytes());
        bytes[21..23].copy_from_slice(&attributes.to_be_bytes());
        bytes[23..27].copy_from_slice(&(records - 1).to_be_bytes());
        bytes[57..61].copy_from_slice(&records.to_be_bytes());
        let crc = crc32c::crc32c(&bytes[CHECKED_FROM..]);
        bytes[CRC..CRC + 4].copy_from_slice(&crc.to_be_bytes());
        Header::read(&bytes)
    }

    #[test]
    fn no_batch_claims_more_records_than_there_can_be_in_it() {
        assert!(claiming(10, 0, 70).is_ok());
        // One compressed run of bytes may hold many.
        assert!(claiming(100_000, 1, 70).is_ok());
        for (records, attributes, payload) in [(11, 0, 70), (i32::MAX, 0, 0), (i32::MAX, 1, 70), (0, 0, 70)] {
            let read = claiming(records, attributes, payload);
            assert_eq!(read, Err(ResponseError::InvalidRecord), "{records} in {payload}");
        }
    }

    #[test]
    fn placing_a_batch_keeps_its_checksum() {
        let mut bytes = batch(&[10], -1, -1);
        place(&mut bytes, 4711, 3);
        assert!(Header::read(&bytes).is_ok());
        assert_eq!(int64(&bytes, 0), Some(4711));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Header::read(&bytes);
        }
    }
}
