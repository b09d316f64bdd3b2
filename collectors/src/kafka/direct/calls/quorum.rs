//! The controllers of a cluster in KRaft mode.

use super::super::super::wire::{Quorum, Voter};
use super::super::codec::{Read, Reader, Writer, garbled};
use super::{Call, check};

/// The log in which the controllers agree; it has one partition.
const METADATA_LOG: &str = "__cluster_metadata";

/// The voters and how far each has followed the leader. Any broker passes it on to the leader.
pub struct DescribeQuorum;

impl Call for DescribeQuorum {
    const KEY: i16 = 55;
    const VERSIONS: (i16, i16) = (0, 2);
    const FLEXIBLE_FROM: i16 = 0;
    type Answer = Quorum;

    fn write(&self, _version: i16, request: &mut Writer) {
        request.array(&[METADATA_LOG], |request, topic| {
            request.string(topic);
            request.array(&[0], |request, partition| {
                request.i32(*partition);
                request.end();
            });
            request.end();
        });
        request.end();
    }

    fn read(&self, version: i16, answer: &mut Reader<'_>) -> Read<Quorum> {
        let code = answer.i16()?;
        let words = if version >= 2 { answer.nullable_string()? } else { None };
        check(code, words)?;
        let topics = answer.array(|topic| {
            let _name = topic.string()?;
            let partitions = topic.array(|partition| quorum(version, partition))?;
            topic.end()?;
            Ok(partitions)
        })?;
        if version >= 2 {
            answer.array(skip_node)?;
        }
        answer.end()?;
        let first = topics.into_iter().flatten().next();
        first.ok_or_else(|| garbled("it tells of no quorum"))
    }
}

fn quorum(version: i16, partition: &mut Reader<'_>) -> Read<Quorum> {
    let _index = partition.i32()?;
    let code = partition.i16()?;
    let words = if version >= 2 {
        partition.nullable_string()?
    } else {
        None
    };
    let leader = partition.i32()?;
    let _epoch = partition.i32()?;
    let _high_watermark = partition.i64()?;
    let voters = partition.array(|state| voter(version, state))?;
    let _observers = partition.array(|state| voter(version, state))?;
    partition.end()?;
    check(code, words)?;
    Ok(Quorum {
        leader: Some(leader).filter(|id| *id >= 0),
        voters,
    })
}

fn voter(version: i16, state: &mut Reader<'_>) -> Read<Voter> {
    let id = state.i32()?;
    if version >= 2 {
        state.skip_uuid()?;
    }
    let log_end = state.i64()?;
    let (_fetched, caught_up) = if version >= 1 {
        (state.i64()?, state.i64()?)
    } else {
        (-1, -1)
    };
    state.end()?;
    let known = |number: i64| Some(number).filter(|number| *number >= 0);
    Ok(Voter {
        id,
        log_end: known(log_end),
        caught_up_at_millis: known(caught_up),
    })
}

fn skip_node(node: &mut Reader<'_>) -> Read<()> {
    let _id = node.i32()?;
    node.array(|listener| {
        let _address = (listener.string()?, listener.string()?, listener.i16()?);
        listener.end()
    })?;
    node.end()
}
