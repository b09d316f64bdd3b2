//! Consumer groups: the list of one broker, and descriptions by either protocol.

use std::collections::BTreeMap;

use super::super::super::wire::{Group, GroupProtocol, GroupState, Member, Trouble};
use super::super::codec::{Read, Reader, Writer};
use super::{Call, check};

/// The groups that the asked broker coordinates.
pub struct ListGroups;

/// A group in a broker's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub name: String,
    pub state: GroupState,
    pub protocol: GroupProtocol,
}

impl Call for ListGroups {
    const KEY: i16 = 16;
    const VERSIONS: (i16, i16) = (0, 5);
    const FLEXIBLE_FROM: i16 = 3;
    type Answer = Vec<Listed>;

    fn write(&self, version: i16, request: &mut Writer) {
        // Every state, and every type: an empty filter.
        for _ in 4..=version.min(5) {
            request.array::<&str>(&[], |request, word| request.string(word));
        }
        request.end();
    }

    /// Groups of consumers only: Kafka Connect's workers, share groups and streams groups are groups too.
    fn read(&self, version: i16, answer: &mut Reader<'_>) -> Read<Vec<Listed>> {
        if version >= 1 {
            let _throttled_millis = answer.i32()?;
        }
        check(answer.i16()?, None)?;
        let groups = answer.array(|group| {
            let name = group.string()?;
            // "consumer"; empty for groups that only commit and never had members.
            let protocol_type = group.string()?;
            let state = if version >= 4 { group.string()? } else { String::new() };
            let kind = if version >= 5 { group.string()? } else { String::new() };
            group.end()?;
            let of_consumers = matches!(protocol_type.as_str(), "consumer" | "")
                && !matches!(kind.to_ascii_lowercase().as_str(), "share" | "streams");
            let listed = Listed {
                name,
                state: GroupState::of(&state),
                protocol: protocol(&kind),
            };
            Ok(of_consumers.then_some(listed))
        })?;
        answer.end()?;
        Ok(groups.into_iter().flatten().collect())
    }
}

fn protocol(kind: &str) -> GroupProtocol {
    match kind.to_ascii_lowercase().as_str() {
        "classic" => GroupProtocol::Classic,
        "consumer" => GroupProtocol::Consumer,
        _ => GroupProtocol::Unknown,
    }
}

/// Groups of the classic protocol, by name; and any group of a broker that knows no other protocol.
pub struct DescribeClassicGroups<'a>(pub &'a [String]);

impl Call for DescribeClassicGroups<'_> {
    const KEY: i16 = 15;
    const VERSIONS: (i16, i16) = (0, 6);
    const FLEXIBLE_FROM: i16 = 5;
    type Answer = Vec<(String, Result<Group, Trouble>)>;

    fn write(&self, version: i16, request: &mut Writer) {
        request.array(self.0, |request, name| request.string(name));
        if version >= 3 {
            // Not which operations this login may do.
            request.boolean(false);
        }
        request.end();
    }

    fn read(&self, version: i16, answer: &mut Reader<'_>) -> Read<Self::Answer> {
        if version >= 1 {
            let _throttled_millis = answer.i32()?;
        }
        let groups = answer.array(|group| classic_group(version, group))?;
        answer.end()?;
        Ok(groups)
    }
}

fn classic_group(version: i16, group: &mut Reader<'_>) -> Read<(String, Result<Group, Trouble>)> {
    let code = group.i16()?;
    let words = if version >= 6 { group.nullable_string()? } else { None };
    let name = group.string()?;
    let state = group.string()?;
    let _protocol_type = group.string()?;
    let assignor = group.string()?;
    let members = group.array(|member| classic_member(version, member))?;
    if version >= 3 {
        let _operations = group.i32()?;
    }
    group.end()?;
    let described = check(code, words).map(|()| Group {
        name: name.clone(),
        state: GroupState::of(&state),
        protocol: GroupProtocol::Classic,
        assignor,
        members,
    });
    Ok((name, described))
}

fn classic_member(version: i16, member: &mut Reader<'_>) -> Read<Member> {
    let id = member.string()?;
    let instance = if version >= 4 { member.nullable_string()? } else { None };
    let client = member.string()?;
    let host = member.string()?;
    let _subscription = member.bytes()?;
    let assignment = member.bytes()?;
    member.end()?;
    Ok(Member {
        id,
        client,
        host,
        instance,
        // Opaque to the broker: what cannot be read is an assignment by a protocol of the application's own.
        assignment: embedded_assignment(assignment).unwrap_or_default(),
    })
}

/// The assignment that the group's leader wrote for a member, in the older encoding of every version so far.
fn embedded_assignment(bytes: &[u8]) -> Read<BTreeMap<String, Vec<i32>>> {
    if bytes.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut reader = Reader::new(bytes, false);
    let _version = reader.i16()?;
    let topics = reader.array(|topic| Ok((topic.string()?, topic.array(Reader::i32)?)))?;
    Ok(sorted(topics))
}

/// Groups of the consumer protocol (KIP-848), by name.
pub struct DescribeConsumerGroups<'a>(pub &'a [String]);

impl Call for DescribeConsumerGroups<'_> {
    const KEY: i16 = 69;
    const VERSIONS: (i16, i16) = (0, 1);
    const FLEXIBLE_FROM: i16 = 0;
    type Answer = Vec<(String, Result<Group, Trouble>)>;

    fn write(&self, _version: i16, request: &mut Writer) {
        request.array(self.0, |request, name| request.string(name));
        request.boolean(false);
        request.end();
    }

    fn read(&self, version: i16, answer: &mut Reader<'_>) -> Read<Self::Answer> {
        let _throttled_millis = answer.i32()?;
        let groups = answer.array(|group| consumer_group(version, group))?;
        answer.end()?;
        Ok(groups)
    }
}

fn consumer_group(version: i16, group: &mut Reader<'_>) -> Read<(String, Result<Group, Trouble>)> {
    let (code, words) = (group.i16()?, group.nullable_string()?);
    let name = group.string()?;
    let state = group.string()?;
    let _epochs = (group.i32()?, group.i32()?);
    let assignor = group.string()?;
    let members = group.array(|member| consumer_member(version, member))?;
    let _operations = group.i32()?;
    group.end()?;
    let described = check(code, words).map(|()| Group {
        name: name.clone(),
        state: GroupState::of(&state),
        protocol: GroupProtocol::Consumer,
        assignor,
        members,
    });
    Ok((name, described))
}

fn consumer_member(version: i16, member: &mut Reader<'_>) -> Read<Member> {
    let id = member.string()?;
    let instance = member.nullable_string()?;
    let _rack = member.nullable_string()?;
    let _epoch = member.i32()?;
    let client = member.string()?;
    let host = member.string()?;
    let _subscribed = member.array(Reader::string)?;
    let _subscribed_pattern = member.nullable_string()?;
    let assigned = assignment(member)?;
    let _target = assignment(member)?;
    if version >= 1 {
        let _kind = member.i8()?;
    }
    member.end()?;
    Ok(Member {
        id,
        client,
        host,
        instance,
        assignment: assigned,
    })
}

fn assignment(reader: &mut Reader<'_>) -> Read<BTreeMap<String, Vec<i32>>> {
    let topics = reader.array(|topic| {
        topic.skip_uuid()?;
        let entry = (topic.string()?, topic.array(Reader::i32)?);
        topic.end()?;
        Ok(entry)
    })?;
    reader.end()?;
    Ok(sorted(topics))
}

fn sorted(topics: Vec<(String, Vec<i32>)>) -> BTreeMap<String, Vec<i32>> {
    let mut assignment: BTreeMap<String, Vec<i32>> = BTreeMap::new();
    for (topic, partitions) in topics {
        assignment.entry(topic).or_default().extend(partitions);
    }
    assignment
        .values_mut()
        .for_each(|partitions| partitions.sort_unstable());
    assignment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assignment_of_a_foreign_protocol_reads_as_none() {
        let member = |bytes: &[u8]| embedded_assignment(bytes).unwrap_or_default();
        assert!(member(b"").is_empty());
        assert!(member(b"\x00\x00\xff\xff\xff\x00junk").is_empty());
        // Version 1, one topic "t" with partitions 2 and 0, no user data.
        let known =
            b"\x00\x01\x00\x00\x00\x01\x00\x01t\x00\x00\x00\x02\x00\x00\x00\x02\x00\x00\x00\x00\xff\xff\xff\xff";
        assert_eq!(member(known), [("t".to_string(), vec![0, 2])].into());
    }
}
