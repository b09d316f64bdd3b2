//! How much groups may hold: members, names, what members say, and all of it together in bytes.

use kafka_protocol::ResponseError;

use super::classic::Classic;
use super::commits::Commits;
use super::consumer::{ConsumerGroup, Report};
use super::group::{Group, Kind};
use super::member::Join;

/// Members of one group.
pub const MOST_MEMBERS: usize = 1000;
/// A name of a group, member, instance or protocol.
pub const LONGEST_NAME: usize = 255;
/// What a member says in all when it joins: its topics by name, once for each way to assign that it can follow.
const MOST_SAID: usize = 256 << 10;
/// What something takes besides its own bytes, roughly, where it is an entry of a map.
const ENTRY: usize = 80;
/// The same for a member with its many fields.
const MEMBER: usize = 400;
/// What a request leaves in memory is some times as long as the request, until it is counted exactly.
const GROWTH: usize = 8;

/// Bytes that all groups hold: counted anew every second, and what came since taken for more than it can be.
#[derive(Debug, Default)]
pub struct Held(usize);

impl Held {
    /// Makes room for what a request of so many bytes may leave behind.
    pub fn make_room(&mut self, request: usize, most: usize) -> Result<(), ResponseError> {
        let held = self.0.saturating_add(request.saturating_mul(GROWTH));
        if held > most {
            return Err(ResponseError::PolicyViolation);
        }
        self.0 = held;
        Ok(())
    }

    pub fn count<'a>(&mut self, groups: impl Iterator<Item = (&'a String, &'a Group)>) {
        self.0 = groups.map(|(name, group)| ENTRY + name.len() + size(group)).sum();
    }
}

/// Whether a member of a classic group keeps within bounds.
pub fn check_join(join: &Join) -> Result<(), ResponseError> {
    let names = [Some(&join.protocol_type), join.instance_id.as_ref()]
        .into_iter()
        .flatten();
    let protocols = || join.protocols.iter();
    let said: usize = protocols().map(|protocol| protocol.metadata.len() + ENTRY).sum();
    let names = names.chain(protocols().map(|protocol| &protocol.name));
    check(names, said)
}

/// The same for a member of the newer kind.
pub fn check_report(report: &Report) -> Result<(), ResponseError> {
    let names = [
        Some(&report.member_id),
        report.instance_id.as_ref(),
        report.rack_id.as_ref(),
    ];
    let topics = || report.topics.iter().flatten();
    let said = topics().map(|topic| topic.len() + ENTRY).sum();
    check(names.into_iter().flatten().chain(topics()), said)
}

fn check<'a>(mut names: impl Iterator<Item = &'a String>, said: usize) -> Result<(), ResponseError> {
    if said <= MOST_SAID && names.all(|name| name.len() <= LONGEST_NAME) {
        Ok(())
    } else {
        Err(ResponseError::InvalidRequest)
    }
}

fn size(group: &Group) -> usize {
    let members = match &group.kind {
        Kind::Classic(classic) => classic_members(classic),
        Kind::Consumer(group) => consumer_members(group),
    };
    members + committed(&group.commits)
}

fn classic_members(classic: &Classic) -> usize {
    let members = classic.members.iter().map(|(id, member)| {
        let protocols = member.protocols.iter();
        let protocols = protocols.map(|protocol| ENTRY + protocol.name.len() + protocol.metadata.len());
        let names = id.len() + member.client_id.len() + member.host.len();
        MEMBER + names + member.assignment.len() + protocols.sum::<usize>()
    });
    let promised = classic.promised.keys().map(|id| ENTRY + id.len());
    members.sum::<usize>() + promised.sum::<usize>()
}

fn consumer_members(group: &ConsumerGroup) -> usize {
    let members = group.members.iter().map(|(id, member)| {
        let shares = [&member.target, &member.assigned, &member.revoking];
        let partitions = shares.into_iter().flatten().map(|(topic, _)| topic.len() + ENTRY);
        let topics = member.topics.iter().map(|topic| topic.len() + ENTRY);
        let names = id.len() + member.client_id.len() + member.host.len();
        MEMBER + names + partitions.sum::<usize>() + topics.sum::<usize>()
    });
    members.sum()
}

fn committed(commits: &Commits) -> usize {
    let topics = commits.topics().map(|(topic, partitions)| {
        let partitions = partitions.values().map(|commit| ENTRY + commit.metadata.len());
        ENTRY + topic.len() + partitions.sum::<usize>()
    });
    topics.sum()
}

#[cfg(test)]
mod tests {
    use super::super::commits::Commit;
    use super::super::member::Protocol;
    use super::*;

    fn join(instance: usize, metadata: usize) -> Join {
        Join {
            member_id: String::new(),
            instance_id: Some("i".repeat(instance)),
            client_id: "test".to_owned(),
            host: "127.0.0.1".to_owned(),
            session_timeout: std::time::Duration::from_secs(10),
            rebalance_timeout: std::time::Duration::from_secs(10),
            protocol_type: "consumer".to_owned(),
            protocols: vec![Protocol {
                name: "range".to_owned(),
                metadata: vec![0; metadata].into(),
            }],
            two_steps: false,
        }
    }

    #[test]
    fn names_and_what_is_said_have_their_bounds() {
        let refused = Err(ResponseError::InvalidRequest);
        assert_eq!(check_join(&join(LONGEST_NAME, 1000)), Ok(()));
        assert_eq!(check_join(&join(LONGEST_NAME + 1, 1000)), refused);
        assert_eq!(check_join(&join(1, MOST_SAID)), refused);
        let report = |member: usize, topics: usize| Report {
            member_id: "m".repeat(member),
            topics: Some((0..topics).map(|number| format!("topic-{number:05}")).collect()),
            ..Report::default()
        };
        assert_eq!(check_report(&report(LONGEST_NAME, 1000)), Ok(()));
        assert_eq!(check_report(&report(LONGEST_NAME + 1, 1)), refused);
        assert_eq!(check_report(&report(1, 10_000)), refused);
    }

    #[test]
    fn what_is_held_is_counted_and_grows_only_so_far() {
        let mut group = Group::default();
        for partition in 0..100 {
            let commit = Commit {
                offset: 7,
                leader_epoch: -1,
                metadata: "m".repeat(900),
            };
            group.commits.set("orders", partition, commit);
        }
        let (name, mut held) = ("readers".to_owned(), Held::default());
        held.count([(&name, &group)].into_iter());
        assert!((90_000..120_000).contains(&held.0), "{held:?}");
        let before = held.0;
        assert_eq!(held.make_room(1000, 200_000), Ok(()));
        assert_eq!(held.make_room(100_000, 200_000), Err(ResponseError::PolicyViolation));
        held.count([(&name, &group)].into_iter());
        assert_eq!(held.0, before, "what came since is counted for what it is");
        group.kind = Kind::Classic(Classic::posing("orders", 10, 1));
        held.count([(&name, &group)].into_iter());
        assert!(held.0 > before + MEMBER);
    }
}
