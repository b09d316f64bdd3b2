//! How members of the newer kind of group move from share to share.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use kafka_protocol::ResponseError;

use super::assignor::Share;
use super::consumer::{Beat, ConsumerGroup, LEAVES, LEAVES_FOR_A_WHILE, Report};

const SESSION: Duration = Duration::from_secs(15);

/// A group that reads `orders`, which has six partitions.
struct Scene {
    group: ConsumerGroup,
    now: Instant,
}

impl Scene {
    fn new() -> Self {
        Self {
            group: ConsumerGroup::default(),
            now: Instant::now(),
        }
    }

    fn report(&mut self, report: &Report) -> Result<Beat, ResponseError> {
        let count = |topic: &str| (topic == "orders").then_some(6);
        self.group.heartbeat(report, count, SESSION, self.now)
    }

    fn join(&mut self, id: &str) -> Beat {
        self.report(&joining(id)).unwrap()
    }

    fn beat(&mut self, id: &str, epoch: i32, owned: Option<Share>) -> Result<Beat, ResponseError> {
        self.report(&Report {
            member_id: id.to_owned(),
            epoch,
            owned,
            ..Report::default()
        })
    }

    fn pass(&mut self, seconds: u64) -> bool {
        self.now += Duration::from_secs(seconds);
        self.group.tick(self.now)
    }
}

fn joining(id: &str) -> Report {
    Report {
        member_id: id.to_owned(),
        topics: Some(BTreeSet::from(["orders".to_owned()])),
        rebalance_timeout: Some(Duration::from_secs(5)),
        owned: Some(Share::new()),
        ..Report::default()
    }
}

fn size(beat: &Beat) -> Option<usize> {
    beat.assignment.as_ref().map(BTreeSet::len)
}

#[test]
fn a_newcomer_gets_what_the_other_has_given_up() {
    let mut scene = Scene::new();
    let alone = scene.join("a");
    assert_eq!((alone.epoch, size(&alone)), (1, Some(6)));
    let second = scene.join("b");
    assert_eq!(
        (second.epoch, size(&second)),
        (2, Some(0)),
        "all is still with the first"
    );
    assert_eq!(scene.group.state(), "Reconciling");

    let told = scene.beat("a", 1, None).unwrap();
    assert_eq!(
        (told.epoch, size(&told)),
        (1, Some(3)),
        "it keeps its epoch until it has given up three"
    );
    assert_eq!(size(&scene.beat("b", 2, None).unwrap()), None, "they are not free yet");
    let done = scene.beat("a", 1, told.assignment).unwrap();
    assert_eq!(done.epoch, 2);
    assert_eq!(size(&scene.beat("b", 2, None).unwrap()), Some(3));
    assert_eq!(scene.group.state(), "Stable");
}

#[test]
fn who_does_not_give_up_in_time_is_out() {
    let mut scene = Scene::new();
    scene.join("a");
    scene.join("b");
    scene.beat("a", 1, None).unwrap();
    assert!(!scene.pass(4));
    assert!(scene.pass(2));
    assert_eq!(size(&scene.beat("b", 2, None).unwrap()), Some(6));
    assert_eq!(scene.beat("a", 1, None), Err(ResponseError::UnknownMemberId));
}

#[test]
fn who_is_silent_or_leaves_is_out() {
    let mut scene = Scene::new();
    scene.join("a");
    assert!(!scene.pass(14) && scene.pass(2));
    assert_eq!(scene.group.state(), "Empty");
    scene.join("a");
    assert_eq!(scene.beat("a", LEAVES, None).map(|beat| beat.epoch), Ok(LEAVES));
    assert!(scene.group.members.is_empty());
}

#[test]
fn epochs_are_checked() {
    let mut scene = Scene::new();
    scene.join("a");
    for (id, epoch, error) in [
        ("a", 2, ResponseError::FencedMemberEpoch),
        ("b", 1, ResponseError::UnknownMemberId),
        ("a", LEAVES_FOR_A_WHILE, ResponseError::InvalidRequest),
    ] {
        assert_eq!(scene.beat(id, epoch, None), Err(error), "{id} at {epoch}");
    }
    for (id, epoch, expected) in [
        ("a", 1, Ok(())),
        ("a", 0, Err(ResponseError::StaleMemberEpoch)),
        ("b", 1, Err(ResponseError::UnknownMemberId)),
        ("", -1, Err(ResponseError::UnknownMemberId)),
    ] {
        assert_eq!(scene.group.check_epoch(id, epoch), expected, "{id} at {epoch}");
    }
    assert_eq!(ConsumerGroup::default().check_epoch("", -1), Ok(()));
}

#[test]
fn a_static_member_gets_its_share_back() {
    let mut scene = Scene::new();
    let fixed = |id: &str| Report {
        instance_id: Some("till-1".to_owned()),
        ..joining(id)
    };
    scene.report(&fixed("a")).unwrap();
    assert_eq!(scene.report(&fixed("b")), Err(ResponseError::UnreleasedInstanceId));
    scene.beat("a", LEAVES_FOR_A_WHILE, None).unwrap();
    let back = scene.report(&fixed("b")).unwrap();
    assert_eq!(size(&back), Some(6));
    assert_eq!(scene.group.members.len(), 1);
}

#[test]
fn who_begins_anew_keeps_its_place_and_changes_nothing_for_others() {
    let mut scene = Scene::new();
    scene.join("a");
    let epoch = scene.group.epoch;
    let again = scene.report(&joining("a")).unwrap();
    assert_eq!((again.epoch, scene.group.epoch), (epoch, epoch));
    assert_eq!(size(&again), Some(6), "it is told all of its share");
}

#[test]
fn where_nobody_is_left_there_are_no_targets_to_set() {
    let mut scene = Scene::new();
    scene.join("a");
    let assigned = scene.group.assignment_epoch;
    scene.beat("a", LEAVES, None).unwrap();
    assert_eq!(
        (scene.group.epoch, scene.group.assignment_epoch),
        (assigned + 1, assigned)
    );
}

#[test]
fn a_full_group_takes_nobody_but_who_is_in_it() {
    let mut scene = Scene::new();
    for number in 0..1000 {
        scene.join(&format!("m{number}"));
    }
    let one_more = scene.report(&joining("one-more"));
    assert_eq!(one_more, Err(ResponseError::GroupMaxSizeReached));
    assert!(scene.report(&joining("m7")).is_ok());
}
