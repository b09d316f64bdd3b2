//! Groups whose members divide the work among themselves, and what groups commit.

use bytes::Bytes;
use kafka_protocol::messages::join_group_request::JoinGroupRequestProtocol;
use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::messages::offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
use kafka_protocol::messages::offset_delete_request::{OffsetDeleteRequestPartition, OffsetDeleteRequestTopic};
use kafka_protocol::messages::offset_fetch_request::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
};
use kafka_protocol::messages::sync_group_request::SyncGroupRequestAssignment;
use kafka_protocol::messages::{
    DeleteGroupsRequest, DescribeGroupsRequest, FindCoordinatorRequest, GroupId, HeartbeatRequest, JoinGroupRequest,
    LeaveGroupRequest, ListGroupsRequest, OffsetCommitRequest, OffsetDeleteRequest, OffsetFetchRequest,
    SyncGroupRequest, TopicName,
};

use super::pair::{Pair, Side};
use crate::raw::text;

fn group(name: &str) -> GroupId {
    GroupId(text(name))
}

/// What a consumer of one topic says of itself: version 0, the topic, no data.
fn subscription(topic: &str) -> Bytes {
    let mut bytes = vec![0, 0, 0, 0, 0, 1];
    bytes.extend((topic.len() as i16).to_be_bytes());
    bytes.extend(topic.as_bytes());
    bytes.extend((-1_i32).to_be_bytes());
    bytes.into()
}

fn join(name: &str, member: &str, topic: &str) -> JoinGroupRequest {
    let protocol = JoinGroupRequestProtocol::default()
        .with_name(text("range"))
        .with_metadata(subscription(topic));
    JoinGroupRequest::default()
        .with_group_id(group(name))
        .with_member_id(text(member))
        .with_session_timeout_ms(30_000)
        .with_rebalance_timeout_ms(30_000)
        .with_protocol_type(text("consumer"))
        .with_protocols(vec![protocol])
}

fn sync(side: &Side, name: &str, generation: i32) -> SyncGroupRequest {
    let share = SyncGroupRequestAssignment::default()
        .with_member_id(text(&side.member))
        .with_assignment(Bytes::from_static(b"what it reads"));
    SyncGroupRequest::default()
        .with_group_id(group(name))
        .with_generation_id(generation)
        .with_member_id(text(&side.member))
        .with_protocol_type(Some(text("consumer")))
        .with_protocol_name(Some(text("range")))
        .with_assignments(vec![share])
}

fn beat(name: &str, generation: i32, member: &str) -> HeartbeatRequest {
    HeartbeatRequest::default()
        .with_group_id(group(name))
        .with_generation_id(generation)
        .with_member_id(text(member))
}

fn commit(name: &str, generation: i32, member: &str, topic: &str, at: (i32, i64)) -> OffsetCommitRequest {
    let partition = OffsetCommitRequestPartition::default()
        .with_partition_index(at.0)
        .with_committed_offset(at.1)
        .with_committed_leader_epoch(-1)
        .with_committed_metadata(Some(text("so far")));
    let topic = OffsetCommitRequestTopic::default()
        .with_name(TopicName(text(topic)))
        .with_partitions(vec![partition]);
    OffsetCommitRequest::default()
        .with_group_id(group(name))
        .with_generation_id_or_member_epoch(generation)
        .with_member_id(text(member))
        .with_topics(vec![topic])
}

/// Of a topic's partitions, or of everything that the group has committed.
fn committed(version: i16, name: &str, topic: Option<(&str, &[i32])>) -> OffsetFetchRequest {
    if version >= 8 {
        let of = |(topic, partitions): (&str, &[i32])| {
            let asked = OffsetFetchRequestTopics::default().with_name(TopicName(text(topic)));
            vec![asked.with_partition_indexes(partitions.to_vec())]
        };
        let asked = OffsetFetchRequestGroup::default()
            .with_group_id(group(name))
            .with_member_epoch(-1)
            .with_topics(topic.map(of));
        return OffsetFetchRequest::default().with_groups(vec![asked]);
    }
    let of = |(topic, partitions): (&str, &[i32])| {
        let asked = OffsetFetchRequestTopic::default().with_name(TopicName(text(topic)));
        vec![asked.with_partition_indexes(partitions.to_vec())]
    };
    OffsetFetchRequest::default()
        .with_group_id(group(name))
        .with_topics(topic.map(of))
}

#[test]
fn positions_are_committed_and_fetched() {
    let Some(mut pair) = Pair::start() else { return };
    let topic = pair.topic("commits", 2);
    let (name, nobody) = (pair.name("group"), pair.name("nobody"));
    pair.same("a group that is not there", |_, version| {
        committed(version, &nobody, Some((&topic, &[0, 1])))
    });
    pair.same("all of a group that is not there", |_, version| {
        committed(
            version.max(2),
            &nobody,
            if version < 2 { Some((&topic, &[0])) } else { None },
        )
    });
    pair.same("a group without a name", |_, version| {
        committed(version, "", Some((&topic, &[0])))
    });
    pair.same("without members", |_, version| {
        commit(&name, -1, "", &topic, (0, i64::from(version)))
    });
    pair.same("of an unknown partition", |_, _| commit(&name, -1, "", &topic, (99, 3)));
    let unknown = pair.name("unknown");
    pair.same("of an unknown topic", |_, _| commit(&name, -1, "", &unknown, (0, 3)));
    pair.same("before the start", |_, _| commit(&name, -1, "", &topic, (0, -5)));
    pair.same("of a generation that is not", |_, _| {
        commit(&name, 3, "", &topic, (0, 3))
    });
    pair.same("of a member that is not", |_, _| {
        commit(&name, 3, "somebody", &topic, (0, 3))
    });
    pair.same("of a member of a group that is not there", |_, _| {
        commit(&nobody, 3, "somebody", &topic, (0, 3))
    });
    pair.same("without a group's name", |_, _| commit("", -1, "", &topic, (0, 3)));
    pair.same("with more to say than may be said", |_, _| {
        let mut request = commit(&name, -1, "", &topic, (0, 3));
        request.topics[0].partitions[0].committed_metadata = Some(text(&"m".repeat(5000)));
        request
    });
    pair.same("of some partitions", |_, version| {
        committed(version, &name, Some((&topic, &[0, 1, 99])))
    });
    pair.same("of an unknown topic", |_, version| {
        committed(version, &name, Some((&unknown, &[0])))
    });
    pair.same("of all", |_, version| {
        committed(version, &name, if version < 2 { Some((&topic, &[0])) } else { None })
    });
    let delete = |name: &str, topic: &str| {
        let partitions = [99, 0, 1].map(|at| OffsetDeleteRequestPartition::default().with_partition_index(at));
        let asked = OffsetDeleteRequestTopic::default()
            .with_name(TopicName(text(topic)))
            .with_partitions(partitions.to_vec());
        OffsetDeleteRequest::default()
            .with_group_id(group(name))
            .with_topics(vec![asked])
    };
    pair.same("to delete of no group", |_, _| delete(&nobody, &topic));
    pair.same("to delete of no topic", |_, _| delete(&name, &unknown));
    pair.same("to delete", |_, _| delete(&name, &topic));
    pair.same("that are deleted", |_, version| {
        committed(version, &name, Some((&topic, &[0, 1])))
    });
    pair.end();
}

#[test]
fn coordinators_are_found() {
    let Some(mut pair) = Pair::start() else { return };
    let names = [pair.name("one"), pair.name("two")];
    let ask = |version: i16, kind: i8, names: &[String]| {
        let request = FindCoordinatorRequest::default().with_key_type(if version < 1 { 0 } else { kind });
        if version < 4 {
            return request.with_key(text(&names[0]));
        }
        request.with_coordinator_keys(names.iter().map(|name| text(name)).collect())
    };
    pair.same("of groups", |_, version| ask(version, 0, &names));
    pair.same("of something else", |_, version| ask(version, 7, &names));
    pair.same("of no name", |_, version| ask(version, 0, &[String::new()]));
    pair.end();
}

#[test]
fn who_may_not_join_is_told_why() {
    let Some(mut pair) = Pair::start() else { return };
    let topic = pair.topic("joined", 1);
    let name = pair.name("group");
    pair.same("without a group's name", |_, _| join("", "", &topic));
    pair.same("as a member that is not", |_, _| join(&name, "somebody", &topic));
    pair.same("with a session too short", |_, _| {
        join(&name, "", &topic).with_session_timeout_ms(1)
    });
    pair.same("with a session too long", |_, _| {
        join(&name, "", &topic).with_session_timeout_ms(i32::MAX)
    });
    pair.same("with no protocol", |_, _| {
        join(&name, "", &topic).with_protocols(vec![])
    });
    pair.same("with no kind of protocol", |_, _| {
        join(&name, "", &topic).with_protocol_type(text(""))
    });
    pair.same("a beat of nobody", |_, _| beat(&name, 1, "somebody"));
    pair.same("a beat without a group", |_, _| beat("", 1, "somebody"));
    for (what, name) in [("a share for nobody", name.as_str()), ("a share without a group", "")] {
        pair.same(what, |_, version| {
            let request = SyncGroupRequest::default()
                .with_group_id(group(name))
                .with_generation_id(1)
                .with_member_id(text("somebody"));
            // Both are wanted from then on.
            if version < 5 {
                return request;
            }
            request
                .with_protocol_type(Some(text("consumer")))
                .with_protocol_name(Some(text("range")))
        });
    }
    pair.same("nobody leaves nothing", |_, version| leave(version, "", "somebody"));
    pair.same("nobody leaves", |_, version| leave(version, &name, "somebody"));
    pair.same("what is not there is described", |_, _| {
        DescribeGroupsRequest::default().with_groups(vec![group(&name)])
    });
    pair.same("what is not there is deleted", |_, _| {
        DeleteGroupsRequest::default().with_groups_names(vec![group(&name)])
    });
    pair.end();
}

fn leave(version: i16, name: &str, member: &str) -> LeaveGroupRequest {
    let request = LeaveGroupRequest::default().with_group_id(group(name));
    if version < 3 {
        return request.with_member_id(text(member));
    }
    request.with_members(vec![MemberIdentity::default().with_member_id(text(member))])
}

#[test]
fn a_group_lives_from_its_first_member_to_its_last() {
    let Some(mut pair) = Pair::start() else { return };
    let topic = pair.topic("lived", 2);
    let name = pair.name("group");
    let (ours, theirs) = pair.same_in("a first member is given its id", 5, |_| join(&name, "", &topic));
    pair.ours.member = ours.member_id.to_string();
    pair.theirs.member = theirs.member_id.to_string();
    pair.same_in("and joins with it", 5, |side| join(&name, &side.member, &topic));
    describe(&mut pair, "before work is shared", &name);
    pair.same_in("a beat before work is shared", 4, |side| beat(&name, 1, &side.member));
    pair.same_in("a share of a generation that is not", 5, |side| sync(side, &name, 7));
    pair.same_in("a share of another protocol", 5, |side| {
        sync(side, &name, 1).with_protocol_name(Some(text("sticky")))
    });
    pair.same_in("the work is shared", 5, |side| sync(side, &name, 1));
    pair.same("and asked for again", |side, _| {
        sync(side, &name, 1).with_assignments(vec![])
    });
    describe(&mut pair, "at work", &name);
    pair.same("a beat", |side, _| beat(&name, 1, &side.member));
    pair.same("a beat of another generation", |side, _| beat(&name, 7, &side.member));
    pair.same("a beat of somebody else", |_, _| beat(&name, 1, "somebody"));
    pair.same("a commit", |side, _| commit(&name, 1, &side.member, &topic, (0, 3)));
    pair.same("a commit of another generation", |side, _| {
        commit(&name, 7, &side.member, &topic, (0, 4))
    });
    pair.same("a commit of no member while there are some", |_, _| {
        commit(&name, -1, "", &topic, (0, 5))
    });
    pair.same("of all", |_, version| {
        committed(version, &name, if version < 2 { Some((&topic, &[0])) } else { None })
    });
    pair.same_in("another kind of group", 5, |_| {
        join(&name, "", &topic).with_protocol_type(text("connect"))
    });
    pair.same_in("a protocol that the others do not know", 5, |_| {
        let mut request = join(&name, "", &topic);
        request.protocols[0].name = text("unheard-of");
        request
    });
    pair.same("to delete it at work", |_, _| {
        DeleteGroupsRequest::default().with_groups_names(vec![group(&name)])
    });
    pair.same("to delete what it reads", |_, _| {
        let partition = OffsetDeleteRequestPartition::default().with_partition_index(0);
        let asked = OffsetDeleteRequestTopic::default()
            .with_name(TopicName(text(&topic)))
            .with_partitions(vec![partition]);
        OffsetDeleteRequest::default()
            .with_group_id(group(&name))
            .with_topics(vec![asked])
    });
    pair.same("somebody else leaves", |_, version| leave(version, &name, "somebody"));
    pair.same_in("the member leaves", 5, |side| leave(5, &name, &side.member));
    describe(&mut pair, "when all have left", &name);
    pair.same("to delete it", |_, _| {
        DeleteGroupsRequest::default().with_groups_names(vec![group(&name)])
    });
    describe(&mut pair, "when it is gone", &name);
    pair.end();
}

/// By its description, and by the list of all groups in its state.
fn describe(pair: &mut Pair, what: &str, name: &str) {
    let request = DescribeGroupsRequest::default().with_groups(vec![group(name)]);
    let state = |side: &mut Side| side.ask(5, &request).groups.remove(0).group_state;
    let ours = state(&mut pair.ours);
    // A real one shows what it has written to its log, a moment later.
    crate::cluster::until(what, || state(&mut pair.theirs) == ours);
    pair.same(what, |_, _| request.clone());
    for version in [3, 4, 5] {
        let listed = [&mut pair.ours, &mut pair.theirs].map(|side| {
            let all = side.ask(version, &ListGroupsRequest::default());
            all.groups.into_iter().find(|listed| listed.group_id == group(name))
        });
        assert_eq!(listed[0], listed[1], "{what}: the list of groups, version {version}");
    }
}
