//! Lag of a group from commits and ends, with everything that can be missing.

use proptest::prelude::*;

use super::super::offsets::Chunk;
use super::super::wire::{Partition, Trouble};
use super::*;

fn topic(name: &str, partitions: i32) -> Topic {
    let partition = |id| Partition {
        id,
        leader: Some(1),
        replicas: vec![1],
        isr: vec![1],
    };
    Topic {
        name: name.into(),
        trouble: None,
        partitions: (0..partitions).map(partition).collect(),
    }
}

fn commit(topic: &str, partition: i32, offset: i64) -> PartitionOffset {
    PartitionOffset {
        topic: topic.into(),
        partition,
        offset: Ok(offset),
    }
}

fn offsets(topic: &str, known: &[(i32, i64)]) -> Offsets {
    let parts = known
        .iter()
        .map(|(partition, offset)| commit(topic, *partition, *offset));
    let chunk = Chunk {
        leader: 1,
        partitions: Vec::new(),
    };
    Offsets::gather([(chunk, Ok(parts.collect()))])
}

/// One visit to a topic "t" of four partitions.
fn visit(reader: &mut Reader, commits: &[(i32, i64)], ends: &[(i32, i64)], before: &[(i32, i64)]) -> GroupPosition {
    let (topic, ends, starts) = (topic("t", 4), offsets("t", ends), Offsets::default());
    let (before, histories) = (before.iter().copied().collect(), HashMap::new());
    let commits = commits
        .iter()
        .map(|(partition, offset)| commit("t", *partition, *offset))
        .collect();
    reader.read(Timestamp(0), commits, |name| {
        (name == "t").then_some(Log {
            topic: &topic,
            ends: &ends,
            ends_before: &before,
            starts: &starts,
            histories: &histories,
            retention: Retention::default(),
        })
    })
}

fn lag(position: &GroupPosition) -> Option<i64> {
    together(position.topics.iter().flat_map(|topic| &topic.partitions)).messages
}

#[test]
fn lag_is_end_minus_committed_of_every_partition_with_a_commit() {
    for (name, commits, ends, expected) in [
        ("all read", &[(0, 10), (1, 20)][..], &[(0, 10), (1, 20)][..], Some(0)),
        ("some left", &[(0, 7), (1, 20)], &[(0, 10), (1, 25)], Some(8)),
        (
            "uncommitted partitions have no lag",
            &[(0, 7)],
            &[(0, 10), (1, 1_000)],
            Some(3),
        ),
        (
            "a commit beyond the end is no negative lag",
            &[(0, 70)],
            &[(0, 10)],
            Some(0),
        ),
        ("a sum of some is not the lag", &[(0, 7), (1, 20)], &[(0, 10)], None),
        ("no end is known", &[(0, 7)], &[], None),
        ("nothing was committed", &[], &[(0, 10)], None),
        ("commits of partitions that do not exist", &[(9, 7)], &[(0, 10)], None),
    ] {
        let position = visit(&mut Reader::default(), commits, ends, &[]);
        assert_eq!(lag(&position), expected, "{name}");
    }
}

#[test]
fn partitions_without_a_commit_are_counted_when_they_hold_messages() {
    let position = visit(&mut Reader::default(), &[(0, 7)], &[(0, 10), (1, 5), (2, 0)], &[]);
    assert_eq!(
        position.topics[0].uncommitted, 1,
        "1 holds messages, 2 is empty, the end of 3 is unknown"
    );
    assert_eq!(position.topics[0].of, 4);
}

#[test]
fn kafkas_minus_one_is_no_commit_and_an_error_is_no_sum() {
    let (topic, ends, starts) = (topic("t", 1), offsets("t", &[(0, 10)]), Offsets::default());
    let (before, histories) = (HashMap::new(), HashMap::new());
    let log = |_: &str| {
        Some(Log {
            topic: &topic,
            ends: &ends,
            ends_before: &before,
            starts: &starts,
            histories: &histories,
            retention: Retention::default(),
        })
    };
    let mut none = commit("t", 0, 0);
    none.offset = Err(Trouble::no_answer());
    let position = Reader::default().read(Timestamp(0), vec![none.clone()], log);
    assert_eq!((position.topics.len(), position.unreadable), (0, 0));
    none.offset = Err(Trouble::new(29, "TOPIC_AUTHORIZATION_FAILED"));
    let position = Reader::default().read(Timestamp(0), vec![none], log);
    assert_eq!((position.topics.len(), position.unreadable), (0, 1));
}

#[test]
fn topics_that_are_not_watched_are_counted_and_not_read() {
    let mut reader = Reader::default();
    let position = reader.read(Timestamp(0), vec![commit("other", 0, 5)], |_| None);
    assert_eq!((position.topics.len(), position.elsewhere), (0, 1));
}

#[test]
fn acknowledged_counts_what_was_committed_and_never_jumps() {
    let mut reader = Reader::default();
    let acknowledged = |position: GroupPosition| position.topics[0].acknowledged;
    assert_eq!(
        acknowledged(visit(&mut reader, &[(0, 100)], &[(0, 100), (1, 1_000_000)], &[])),
        100.0
    );
    let ends = [(0, 110), (1, 1_000_003)];
    let position = visit(
        &mut reader,
        &[(0, 110), (1, 1_000_003)],
        &ends,
        &[(0, 100), (1, 1_000_000)],
    );
    assert_eq!(acknowledged(position), 113.0, "10 on the one and only 3 on the new one");
    let position = visit(&mut reader, &[(0, 50), (1, 1_000_003)], &ends, &ends);
    assert_eq!(acknowledged(position), 113.0, "rewound");
}

#[test]
fn published_counts_what_arrived_where_the_group_reads() {
    let mut reader = Reader::default();
    let position = visit(&mut reader, &[(0, 90)], &[(0, 100), (1, 1_000_000)], &[]);
    assert_eq!(
        position.topics[0].published,
        Some(100.0),
        "nothing was committed in the other partition"
    );
    assert_eq!((position.published, position.acknowledged), (Some(100.0), Some(90.0)));
    let ends = [(0, 130), (1, 1_000_003)];
    let position = visit(
        &mut reader,
        &[(0, 90), (1, 1_000_001)],
        &ends,
        &[(0, 100), (1, 1_000_000)],
    );
    assert_eq!(
        position.published,
        Some(133.0),
        "30 on the one and only 3 on the new one"
    );
    let position = visit(&mut reader, &[(0, 90)], &[], &ends);
    assert_eq!(position.published, None, "no leader tells an end");
    let position = visit(&mut reader, &[], &ends, &ends);
    assert_eq!(
        (position.published, position.acknowledged),
        (None, None),
        "it reads nothing"
    );
}

#[test]
fn a_topic_that_a_group_begins_to_read_is_no_jump() {
    let mut totals: Odometer<String> = Odometer::default();
    assert_eq!(totals.read([("a".to_string(), 10)], |_| None), 10.0);
    let both = [("a".to_string(), 15), ("b".to_string(), 1_000_000)];
    assert_eq!(totals.read(both, |_| None), 15.0);
    assert_eq!(totals.read([("b".to_string(), 1_000_002)], |_| None), 17.0);
}

#[test]
fn the_longest_lag_counts_and_one_unknown_makes_it_unknown() {
    let known = |seconds| {
        Some(Behind::Known {
            seconds,
            method: Method::Interpolated,
        })
    };
    let unknown = Some(Behind::Unknown(Why::Idle));
    let position = |behind| PartitionPosition {
        partition: 0,
        committed: 0,
        end: Some(1),
        behind,
        retention_ratio: None,
        loss_seconds: None,
        lost: 0,
    };
    for (name, behinds, expected) in [
        ("longest", vec![known(3.0), known(9.0), known(1.0)], known(9.0)),
        ("one unknown", vec![known(3.0), unknown, known(9.0)], unknown),
        ("one without an end", vec![known(3.0), None], None),
        ("none at all", vec![], None),
    ] {
        let positions: Vec<_> = behinds.into_iter().map(position).collect();
        assert_eq!(together(positions.iter()).time, expected, "{name}");
    }
}

proptest! {
    #[test]
    fn lag_is_never_negative_and_never_made_of_missing_ends(
        commits in prop::collection::btree_map(0_i32..6, 0_i64..1_000, 0..6),
        ends in prop::collection::btree_map(0_i32..6, 0_i64..1_000, 0..6),
    ) {
        let commits: Vec<_> = commits.into_iter().collect();
        let ends: Vec<_> = ends.into_iter().collect();
        let position = visit(&mut Reader::default(), &commits, &ends, &[]);
        let known: HashMap<i32, i64> = ends.iter().copied().collect();
        let mine: Vec<_> = commits.iter().filter(|(partition, _)| *partition < 4).collect();
        let expected: Option<i64> = mine.iter().map(|(p, c)| known.get(p).map(|end| (end - c).max(0))).sum();
        prop_assert_eq!(lag(&position), expected.filter(|_| !mine.is_empty()));
    }
}
