//! What a log keeps, finds and refuses.

use kafka_protocol::ResponseError;

use super::batch::{Header, tests::batch};
use super::partition::{Appended, Found, Limits, Log};
use super::records::Patience;

/// A log with one batch for each list of timestamps, stored at times 0, 1, 2 and so on.
fn log(batches: &[&[i64]]) -> Log {
    let mut log = Log::default();
    for (millis, timestamps) in (0..).zip(batches) {
        append(&mut log, &batch(timestamps, -1, -1), millis).unwrap();
    }
    log
}

fn append(log: &mut Log, bytes: &[u8], millis: i64) -> Result<Appended, ResponseError> {
    let header = Header::read(bytes)?;
    log.append(bytes, &header, 0, millis)
}

#[test]
fn offsets_count_on_from_batch_to_batch() {
    let mut log = log(&[&[1, 2, 3], &[4]]);
    assert_eq!((log.start(), log.end()), (0, 4));
    let appended = append(&mut log, &batch(&[5, 6], -1, -1), 9).unwrap();
    assert_eq!((appended.base_offset, appended.records, log.end()), (4, 2, 6));
}

#[test]
fn a_batch_sent_twice_is_stored_once_with_the_same_offset() {
    let mut log = Log::default();
    for bytes in [batch(&[1, 2], 9, 0), batch(&[3], 9, 2)] {
        append(&mut log, &bytes, 0).unwrap();
    }
    let again = append(&mut log, &batch(&[1, 2], 9, 0), 0).unwrap();
    assert_eq!((again.base_offset, again.records, log.end()), (0, 0, 3));
    let gap = append(&mut log, &batch(&[1], 9, 7), 0);
    assert_eq!(gap, Err(ResponseError::OutOfOrderSequenceNumber));
}

#[test]
fn reading_gives_whole_batches_and_never_silence() {
    let log = log(&[&[1, 2, 3], &[4], &[5]]);
    let whole = log.size() as usize;
    let one = log.read(0, 1, true).unwrap().len();
    assert!(one > 0 && one < whole);
    let out = Err(ResponseError::OffsetOutOfRange);
    for (from, max_bytes, at_least_one, expected) in [
        (0, whole, true, Ok(whole)),
        (2, whole, true, Ok(whole)),
        (0, whole - 1, true, Ok(whole - (whole - one) / 2)),
        (0, 1, false, Ok(0)),
        (5, whole, true, Ok(0)),
        (6, whole, true, out),
        (-1, whole, true, out),
    ] {
        let read = log.read(from, max_bytes, at_least_one).map(|bytes| bytes.len());
        assert_eq!(read, expected, "from {from}, {max_bytes} bytes");
    }
    assert_eq!((log.available(0, usize::MAX), log.available(5, 1)), (whole, 0));
}

#[test]
fn times_are_found_inside_a_batch() {
    let log = log(&[&[10, 30, 20], &[40, 50]]);
    let found = |offset, timestamp| Some(Found { offset, timestamp });
    for (since, expected) in [
        (0, found(0, 10)),
        (11, found(1, 30)),
        (31, found(3, 40)),
        (45, found(4, 50)),
        (51, None),
    ] {
        assert_eq!(
            log.first_since(since, &mut Patience::default()),
            expected,
            "since {since}"
        );
    }
    assert_eq!(log.newest(&mut Patience::default()), found(4, 50));
    assert_eq!(Log::default().newest(&mut Patience::default()), None);
}

#[test]
fn the_oldest_go_first_and_reading_them_says_so() {
    let mut log = log(&[&[1], &[2], &[3]]);
    let one = log.size() / 3;
    let forever = i64::MAX;
    log.retain(
        Limits {
            bytes: 2 * one,
            millis: forever,
        },
        2,
    );
    assert_eq!((log.start(), log.size()), (1, 2 * one));
    assert_eq!(log.read(0, 1000, true), Err(ResponseError::OffsetOutOfRange));
    log.retain(
        Limits {
            bytes: 0,
            millis: forever,
        },
        2,
    );
    assert_eq!(log.start(), 2, "the newest batch stays, however small the limit");
    log.retain(Limits { bytes: 0, millis: 10 }, 13);
    assert_eq!((log.start(), log.end(), log.size()), (3, 3, 0));
}

#[test]
fn records_are_deleted_up_to_an_offset() {
    let mut log = log(&[&[1, 2, 3], &[4]]);
    assert_eq!(log.delete_before(2), Ok(2));
    assert_eq!(
        log.first_since(0, &mut Patience::default()).map(|found| found.offset),
        Some(2)
    );
    assert_eq!(log.delete_before(1), Ok(2));
    assert_eq!(log.delete_before(5), Err(ResponseError::OffsetOutOfRange));
    assert_eq!((log.delete_before(-1), log.size()), (Ok(4), 0));
}

#[test]
fn an_epoch_ends_where_the_next_begins() {
    let mut log = log(&[&[1, 2]]);
    log.begin_epoch(1);
    append(&mut log, &batch(&[3], -1, -1), 0).unwrap();
    log.begin_epoch(3);
    for (asked, expected) in [
        (0, (0, 2)),
        (1, (1, 3)),
        (2, (1, 3)),
        (3, (3, 3)),
        (9, (-1, -1)),
        (-1, (-1, -1)),
    ] {
        assert_eq!(log.end_of_epoch(asked, 3), expected, "epoch {asked}");
    }
}

#[test]
fn retention_says_how_much_it_has_freed() {
    let mut log = log(&[&[1], &[2], &[3]]);
    let whole = log.size();
    let limits = |bytes| Limits { bytes, millis: 1000 };
    assert_eq!(log.retain(limits(whole), 3), 0);
    assert_eq!(log.retain(limits(whole - 1), 3), whole / 3);
    assert_eq!(log.size(), whole - whole / 3);
}

#[test]
fn epochs_are_remembered_as_long_as_they_have_records() {
    let mut log = log(&[&[1]]);
    for epoch in 1..=100 {
        log.begin_epoch(epoch);
    }
    append(&mut log, &batch(&[2], -1, -1), 1).unwrap();
    log.begin_epoch(101);
    assert_eq!(log.epochs(), 2, "a hundred leaders that stored nothing but the last");
    assert_eq!(
        (log.end_of_epoch(0, 101), log.end_of_epoch(100, 101)),
        ((0, 1), (100, 2))
    );
    append(&mut log, &batch(&[3], -1, -1), 2).unwrap();
    log.delete_before(2).unwrap();
    assert_eq!(log.epochs(), 1);
    assert_eq!(log.end_of_epoch(101, 101), (101, 3));
}
