//! Where the logs of partitions begin and end.

use std::collections::BTreeMap;

use super::super::super::wire::{LogEnd, PartitionOffset, Trouble};
use super::super::codec::{Read, Reader, Writer};
use super::{Call, check};

/// One end of the logs of partitions that the asked broker leads.
pub struct ListOffsets<'a> {
    pub partitions: &'a [(String, i32)],
    pub end: LogEnd,
}

impl ListOffsets<'_> {
    /// Partitions by topic, which is how the request wants them.
    fn by_topic(&self) -> Vec<(&str, Vec<i32>)> {
        let mut topics: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
        for (topic, partition) in self.partitions {
            topics.entry(topic).or_default().push(*partition);
        }
        topics.into_iter().collect()
    }

    /// The times that stand for the two ends.
    fn time(&self) -> i64 {
        match self.end {
            LogEnd::Latest => -1,
            LogEnd::Earliest => -2,
        }
    }
}

impl Call for ListOffsets<'_> {
    const KEY: i16 = 2;
    // Versions 7 to 9 only add other special times.
    const VERSIONS: (i16, i16) = (1, 9);
    const FLEXIBLE_FROM: i16 = 6;
    type Answer = Vec<PartitionOffset>;

    fn write(&self, version: i16, request: &mut Writer) {
        // Not as a replica.
        request.i32(-1);
        if version >= 2 {
            // With the messages of open transactions: they take up room and are waiting like others.
            request.i8(0);
        }
        request.array(&self.by_topic(), |request, (topic, partitions)| {
            request.string(topic);
            request.array(partitions, |request, partition| {
                request.i32(*partition);
                if version >= 4 {
                    // The leader's epoch is not known here.
                    request.i32(-1);
                }
                request.i64(self.time());
                request.end();
            });
            request.end();
        });
        request.end();
    }

    fn read(&self, version: i16, answer: &mut Reader<'_>) -> Read<Vec<PartitionOffset>> {
        if version >= 2 {
            let _throttled_millis = answer.i32()?;
        }
        let topics = answer.array(|topic| {
            let name = topic.string()?;
            let partitions = topic.array(|partition| partition_offset(version, &name, partition))?;
            topic.end()?;
            Ok(partitions)
        })?;
        answer.end()?;
        Ok(topics.into_iter().flatten().collect())
    }
}

fn partition_offset(version: i16, topic: &str, reader: &mut Reader<'_>) -> Read<PartitionOffset> {
    let partition = reader.i32()?;
    let code = reader.i16()?;
    let _time = reader.i64()?;
    let offset = reader.i64()?;
    if version >= 4 {
        let _leader_epoch = reader.i32()?;
    }
    reader.end()?;
    Ok(PartitionOffset {
        topic: topic.to_string(),
        partition,
        offset: match (check(code, None), offset) {
            (Err(trouble), _) => Err(trouble),
            (Ok(()), 0..) => Ok(offset),
            (Ok(()), _) => Err(Trouble::no_answer()),
        },
    })
}
