//! How a classic group goes from generation to generation, with members that come, go and fall silent.

use std::time::{Duration, Instant};

use bytes::Bytes;
use kafka_protocol::ResponseError;

use super::classic::{Admission, Classic, Joined, Phase};
use super::member::{Join, Protocol};

/// A group and a clock.
struct Scene {
    group: Classic,
    now: Instant,
}

fn join_of(member_id: &str) -> Join {
    Join {
        member_id: member_id.to_owned(),
        instance_id: None,
        client_id: "test".to_owned(),
        host: "127.0.0.1".to_owned(),
        session_timeout: Duration::from_secs(10),
        rebalance_timeout: Duration::from_secs(60),
        protocol_type: "consumer".to_owned(),
        protocols: ["range", "sticky"].map(protocol).to_vec(),
        two_steps: false,
    }
}

fn protocol(name: &str) -> Protocol {
    Protocol {
        name: name.to_owned(),
        metadata: Bytes::from_static(b"topics"),
    }
}

impl Scene {
    fn new() -> Self {
        Self {
            group: Classic::default(),
            now: Instant::now(),
        }
    }

    /// A newcomer that is given this id.
    fn come(&mut self, id: &str) -> Admission {
        let join = join_of("");
        self.group
            .join(&join, || id.to_owned(), Duration::ZERO, self.now)
            .unwrap()
    }

    fn again(&mut self, id: &str) -> Result<Admission, ResponseError> {
        self.group
            .join(&join_of(id), || "nobody".to_owned(), Duration::ZERO, self.now)
    }

    /// Two members, `a` leading, with what the leader has assigned: their own names.
    fn settled() -> Self {
        let mut scene = Self::new();
        scene.come("a");
        scene.come("b");
        scene.again("a").unwrap();
        scene.sync("a");
        scene.answered(&["a", "b"]);
        scene
    }

    fn sync(&mut self, id: &str) -> Option<Result<Bytes, ResponseError>> {
        let assignments = ["a", "b"].map(|id| (id.to_owned(), Bytes::from_static(id.as_bytes())));
        let generation = self.group.generation;
        self.group.sync(id, generation, assignments.to_vec(), self.now)
    }

    fn answered(&mut self, ids: &[&str]) {
        ids.iter().for_each(|id| self.group.stops_waiting(id, true, self.now));
    }

    fn pass(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
        self.group.tick(self.now);
    }

    fn beat(&mut self, id: &str) -> Result<(), ResponseError> {
        let generation = self.group.generation;
        self.group.heartbeat(id, generation, self.now)
    }

    fn members(&self) -> Vec<&str> {
        self.group.members.keys().map(String::as_str).collect()
    }
}

fn joined(admission: Admission) -> Joined {
    match admission {
        Admission::Now(joined) => joined,
        other => panic!("not joined: {other:?}"),
    }
}

#[test]
fn the_first_member_leads_and_the_second_makes_a_new_generation() {
    let mut scene = Scene::new();
    let first = joined(scene.come("a"));
    assert_eq!(
        (first.generation, first.leader.as_str(), first.members.len()),
        (1, "a", 1)
    );
    assert_eq!(scene.come("b"), Admission::Wait("b".to_owned()));
    assert_eq!(scene.beat("a"), Err(ResponseError::RebalanceInProgress));
    let leader = joined(scene.again("a").unwrap());
    assert_eq!((leader.generation, leader.members.len()), (2, 2));
    let follower = scene.group.joined("b").unwrap().unwrap();
    assert_eq!((follower.generation, follower.members.len()), (2, 0));
}

#[test]
fn shares_are_handed_out_when_the_leader_has_brought_them() {
    let mut scene = Scene::new();
    scene.come("a");
    scene.come("b");
    scene.again("a").unwrap();
    assert_eq!(scene.sync("b"), None);
    assert_eq!(scene.sync("a"), Some(Ok(Bytes::from_static(b"a"))));
    assert_eq!(scene.group.synced("b", 2), Some(Ok(Bytes::from_static(b"b"))));
    assert_eq!(scene.group.phase(), Phase::Stable);
    assert_eq!(scene.group.synced("b", 1), Some(Err(ResponseError::IllegalGeneration)));
}

#[test]
fn who_is_silent_goes_when_its_time_is_over() {
    let mut scene = Scene::settled();
    scene.pass(9);
    scene.beat("a").unwrap();
    scene.pass(2);
    assert_eq!((scene.members(), scene.group.phase()), (vec!["a"], Phase::Preparing));
}

#[test]
fn the_dead_go_also_while_a_rebalance_is_prepared() {
    let mut scene = Scene::settled();
    assert_eq!(scene.come("c"), Admission::Wait("c".to_owned()));
    scene.again("a").unwrap();
    // "b" never comes; "a" and "c" wait for it, which keeps them.
    scene.pass(11);
    assert_eq!(scene.members(), ["a", "c"]);
    assert_eq!((scene.group.phase(), scene.group.generation), (Phase::Completing, 3));
}

#[test]
fn who_waited_and_is_gone_does_not_hold_the_others_up() {
    let mut scene = Scene::settled();
    scene.come("c");
    scene.group.stops_waiting("c", false, scene.now);
    for _ in 0..3 {
        scene.pass(4);
        let _ = scene.beat("b");
        let _ = scene.beat("a");
    }
    assert_eq!(
        scene.members(),
        ["a", "b"],
        "the newcomer's connection is gone, and its time is over"
    );
    assert_eq!(scene.group.phase(), Phase::Preparing);
}

#[test]
fn who_reports_but_does_not_join_goes_with_the_rebalance_timeout() {
    let mut scene = Scene::settled();
    scene.come("c");
    scene.again("a").unwrap();
    for _ in 0..7 {
        scene.pass(9);
        let _ = scene.beat("b");
    }
    assert_eq!(scene.members(), ["a", "c"]);
}

#[test]
fn a_leader_that_brings_nothing_is_replaced() {
    let mut scene = Scene::settled();
    scene.come("c");
    scene.again("a").unwrap();
    scene.again("b").unwrap();
    scene.answered(&["a", "b", "c"]);
    for _ in 0..7 {
        scene.pass(9);
        for id in ["a", "b", "c"] {
            let _ = scene.beat(id);
        }
    }
    assert_eq!(
        (scene.members(), scene.group.phase()),
        (vec!["b", "c"], Phase::Preparing)
    );
}

#[test]
fn leaving_makes_a_new_generation_and_the_last_one_leaves_an_empty_group() {
    let mut scene = Scene::settled();
    scene.group.leave("a", scene.now).unwrap();
    assert_eq!(scene.group.phase(), Phase::Preparing);
    let next = joined(scene.again("b").unwrap());
    assert_eq!((next.generation, next.leader.as_str()), (3, "b"));
    scene.group.leave("b", scene.now).unwrap();
    assert_eq!((scene.group.phase(), scene.group.generation), (Phase::Empty, 4));
    assert_eq!(scene.group.leave("b", scene.now), Err(ResponseError::UnknownMemberId));
}

#[test]
fn a_newcomer_may_have_to_ask_twice_and_its_promise_lapses() {
    let mut scene = Scene::new();
    let mut join = join_of("");
    join.two_steps = true;
    let now = scene.now;
    let told = scene.group.join(&join, || "a".to_owned(), Duration::ZERO, now);
    assert_eq!(told, Ok(Admission::AskAgain("a".to_owned())));
    assert!(scene.members().is_empty());
    assert_eq!(joined(scene.again("a").unwrap()).generation, 1);
    scene.group.join(&join, || "b".to_owned(), Duration::ZERO, now).unwrap();
    scene.pass(11);
    assert_eq!(scene.again("b"), Err(ResponseError::UnknownMemberId));
}

#[test]
fn who_fits_nobody_is_refused() {
    let mut scene = Scene::settled();
    let now = scene.now;
    let mut other_type = join_of("");
    other_type.protocol_type = "connect".to_owned();
    let mut other_protocol = join_of("");
    other_protocol.protocols = vec![protocol("dice")];
    let mut nothing = join_of("");
    nothing.protocols.clear();
    for join in [other_type, other_protocol, nothing] {
        let refused = scene.group.join(&join, || "c".to_owned(), Duration::ZERO, now);
        assert_eq!(refused, Err(ResponseError::InconsistentGroupProtocol));
    }
    assert_eq!(scene.again("nobody"), Err(ResponseError::UnknownMemberId));
}

#[test]
fn a_static_member_comes_back_without_a_rebalance() {
    let mut scene = Scene::new();
    let mut join = join_of("");
    join.instance_id = Some("till-1".to_owned());
    let now = scene.now;
    joined(scene.group.join(&join, || "a".to_owned(), Duration::ZERO, now).unwrap());
    scene.sync("a");
    let back = joined(scene.group.join(&join, || "b".to_owned(), Duration::ZERO, now).unwrap());
    assert_eq!((back.generation, back.leader.as_str()), (1, "b"));
    assert_eq!(scene.group.phase(), Phase::Stable);
    join.member_id = "a".to_owned();
    let former = scene.group.join(&join, || "c".to_owned(), Duration::ZERO, now);
    assert_eq!(former, Err(ResponseError::FencedInstanceId));
}

#[test]
fn commits_are_taken_from_the_current_generation_only() {
    let mut scene = Scene::settled();
    let now = scene.now;
    for (id, generation, expected) in [
        ("a", 2, Ok(())),
        ("a", 1, Err(ResponseError::IllegalGeneration)),
        ("x", 2, Err(ResponseError::UnknownMemberId)),
        ("", -1, Err(ResponseError::UnknownMemberId)),
    ] {
        assert_eq!(
            scene.group.check_commit(id, generation, now),
            expected,
            "{id} {generation}"
        );
    }
    assert_eq!(Classic::default().check_commit("", -1, now), Ok(()));
}

#[test]
fn an_empty_group_may_wait_for_more_members() {
    let mut scene = Scene::new();
    let now = scene.now;
    let delay = Duration::from_secs(3);
    let first = scene.group.join(&join_of(""), || "a".to_owned(), delay, now);
    assert_eq!(first, Ok(Admission::Wait("a".to_owned())));
    scene.group.join(&join_of(""), || "b".to_owned(), delay, now).unwrap();
    scene.pass(4);
    assert_eq!((scene.group.generation, scene.members().len()), (1, 2));
}

#[test]
fn who_waits_for_its_share_does_not_fall_silent_meanwhile() {
    let mut scene = Scene::new();
    scene.come("a");
    scene.come("b");
    scene.again("a").unwrap();
    scene.answered(&["a", "b"]);
    assert_eq!(scene.sync("b"), None, "the leader has not brought the shares");
    for _ in 0..4 {
        scene.pass(6);
        assert_eq!(scene.beat("a"), Ok(()));
    }
    assert_eq!(scene.members(), ["a", "b"]);
    scene.sync("a").unwrap().unwrap();
    scene.answered(&["b"]);
    scene.pass(6);
    assert_eq!(scene.beat("a"), Ok(()));
    scene.pass(6);
    assert_eq!(scene.members(), ["a"], "with its answer its time-out counts again");
}

#[test]
fn a_full_group_takes_no_static_member_either_but_one_that_comes_back() {
    let mut scene = Scene::new();
    let come = |scene: &mut Scene, number: usize| {
        let join = Join {
            instance_id: Some(format!("instance-{number}")),
            ..join_of("")
        };
        let id = format!("member-{number}-{}", scene.group.generation);
        scene.group.join(&join, || id, Duration::ZERO, scene.now).map(|_| ())
    };
    for number in 0..1000 {
        assert_eq!(come(&mut scene, number), Ok(()));
    }
    assert_eq!(come(&mut scene, 1000), Err(ResponseError::GroupMaxSizeReached));
    assert_eq!(come(&mut scene, 7), Ok(()));
    assert_eq!(scene.group.members.len(), 1000);
}
