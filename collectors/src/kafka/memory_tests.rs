//! What is remembered, for how long, and when it is forgotten.

use super::super::wire::Partition;
use super::*;

fn listed(name: &str, state: GroupState) -> ListedGroup {
    ListedGroup {
        name: name.into(),
        state,
        protocol: GroupProtocol::Classic,
        coordinator: 1,
    }
}

/// `silent` are the brokers that did not answer.
fn list(groups: &[(&str, GroupState)], silent: &[i32]) -> GroupList {
    GroupList {
        groups: groups.iter().map(|(name, state)| listed(name, *state)).collect(),
        troubles: silent.iter().map(|id| (*id, Trouble::timed_out())).collect(),
    }
}

fn described(name: &str) -> Result<Group, Trouble> {
    Ok(Group {
        name: name.into(),
        state: GroupState::Stable,
        protocol: GroupProtocol::Classic,
        assignor: "range".into(),
        members: Vec::new(),
    })
}

fn names(memory: &Memory, seconds: i64, most: usize) -> Vec<String> {
    memory
        .to_describe(at(seconds), most)
        .into_iter()
        .map(|group| group.name)
        .collect()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp(seconds * 1_000)
}

#[test]
fn a_group_is_described_when_new_changed_or_old() {
    let mut memory = Memory::default();
    memory.take_list(
        list(&[("a", GroupState::Stable), ("b", GroupState::Stable)], &[]),
        |_| true,
    );
    assert_eq!(names(&memory, 0, 10), ["a", "b"]);
    assert_eq!(names(&memory, 0, 1), ["a"], "others have their turn later");
    for name in ["a", "b"] {
        memory.take_description(at(0), name, described(name));
    }
    assert!(names(&memory, 15, 10).is_empty());
    memory.take_list(
        list(&[("a", GroupState::Stable), ("b", GroupState::PreparingRebalance)], &[]),
        |_| true,
    );
    assert_eq!(names(&memory, 15, 10), ["b"]);
    assert_eq!(names(&memory, 60, 10), ["a", "b"]);
}

#[test]
fn groups_are_forgotten_only_when_their_coordinator_has_answered() {
    let mut memory = Memory::default();
    memory.take_list(
        list(&[("a", GroupState::Stable), ("b", GroupState::Stable)], &[]),
        |_| true,
    );
    memory.take_list(list(&[("a", GroupState::Stable)], &[1]), |_| true);
    assert!(
        memory.groups.contains_key("b"),
        "its broker may be the one that did not answer"
    );
    memory.take_list(list(&[("a", GroupState::Stable)], &[2]), |_| true);
    assert!(!memory.groups.contains_key("b"), "another broker was silent");
}

#[test]
fn a_failed_description_keeps_the_last_one_and_its_reason() {
    let mut memory = Memory::default();
    memory.take_list(list(&[("a", GroupState::Stable)], &[]), |_| true);
    memory.take_description(at(0), "a", described("a"));
    memory.take_description(at(60), "a", Err(Trouble::timed_out()));
    assert!(memory.groups["a"].described.is_some() && memory.groups["a"].trouble.is_some());
}

#[test]
fn a_deleted_topic_is_forgotten_with_its_past() {
    let topic = Topic {
        name: "t".into(),
        trouble: None,
        partitions: vec![Partition {
            id: 0,
            leader: Some(1),
            replicas: vec![1],
            isr: vec![1],
        }],
    };
    let with = Metadata {
        brokers: Vec::new(),
        topics: vec![topic],
    };
    let ends = |end| {
        let chunk = super::super::offsets::Chunk {
            leader: 1,
            partitions: Vec::new(),
        };
        let part = PartitionOffset {
            topic: "t".into(),
            partition: 0,
            offset: Ok(end),
        };
        Offsets::gather([(chunk, Ok(vec![part]))])
    };
    let mut memory = Memory::default();
    let read = HashSet::new();
    assert!(memory.take_shape(&with));
    assert_eq!(memory.take_ends(at(0), &ends(100), &read)["t"], 100.0);
    assert!(!memory.take_shape(&with), "nothing has changed");
    assert!(memory.take_shape(&Metadata::default()));
    assert!(memory.take_shape(&with));
    assert_eq!(memory.take_ends(at(30), &ends(5), &read)["t"], 5.0, "not 100, nor 105");
}
