//! What groups have committed.

use super::super::super::wire::{PartitionOffset, Trouble};
use super::super::codec::{Read, Reader, Writer};
use super::{Call, check};

/// Every commit of these groups. Before version 8 a request takes one group only: the first.
pub struct FetchOffsets<'a>(pub &'a [String]);

impl FetchOffsets<'_> {
    /// The first version that takes several groups.
    pub const SEVERAL_FROM: i16 = 8;
}

impl Call for FetchOffsets<'_> {
    const KEY: i16 = 9;
    // From version 2 on "no topics" means all of them. Version 10 names topics by their ids.
    const VERSIONS: (i16, i16) = (2, 9);
    const FLEXIBLE_FROM: i16 = 6;
    type Answer = Vec<(String, Result<Vec<PartitionOffset>, Trouble>)>;

    fn write(&self, version: i16, request: &mut Writer) {
        if version < Self::SEVERAL_FROM {
            request.string(self.0.first().map_or("", String::as_str));
            request.null_array();
        } else {
            request.array(self.0, |request, name| {
                request.string(name);
                if version >= 9 {
                    // Not as a member of the group.
                    request.null_string();
                    request.i32(-1);
                }
                request.null_array();
                request.end();
            });
        }
        if version >= 7 {
            // Commits of open transactions do not hold up the answer.
            request.boolean(false);
        }
        request.end();
    }

    fn read(&self, version: i16, answer: &mut Reader<'_>) -> Read<Self::Answer> {
        if version >= 3 {
            let _throttled_millis = answer.i32()?;
        }
        let groups = if version < Self::SEVERAL_FROM {
            let name = self.0.first().cloned().unwrap_or_default();
            let offsets = topics(version, answer)?;
            vec![(name, check(answer.i16()?, None).map(|()| offsets))]
        } else {
            answer.array(|group| {
                let name = group.string()?;
                let offsets = topics(version, group)?;
                let code = group.i16()?;
                group.end()?;
                Ok((name, check(code, None).map(|()| offsets)))
            })?
        };
        answer.end()?;
        Ok(groups)
    }
}

fn topics(version: i16, reader: &mut Reader<'_>) -> Read<Vec<PartitionOffset>> {
    let topics = reader.array(|topic| {
        let name = topic.string()?;
        let partitions = topic.array(|partition| partition_offset(version, &name, partition))?;
        topic.end()?;
        Ok(partitions)
    })?;
    Ok(topics.into_iter().flatten().collect())
}

fn partition_offset(version: i16, topic: &str, reader: &mut Reader<'_>) -> Read<PartitionOffset> {
    let partition = reader.i32()?;
    let offset = reader.i64()?;
    if version >= 5 {
        let _leader_epoch = reader.i32()?;
    }
    let _metadata = reader.nullable_string()?;
    let code = reader.i16()?;
    reader.end()?;
    Ok(PartitionOffset {
        topic: topic.to_string(),
        partition,
        offset: match (check(code, None), offset) {
            (Err(trouble), _) => Err(trouble),
            (Ok(()), 0..) => Ok(offset),
            // Kafka's -1: nothing is committed for this partition.
            (Ok(()), _) => Err(Trouble::no_answer()),
        },
    })
}
