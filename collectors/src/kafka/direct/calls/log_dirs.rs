//! Sizes on disk.

use super::super::super::wire::{LogDir, ReplicaSize, Trouble};
use super::super::codec::{Read, Reader, Writer};
use super::{Call, check};

/// The log directories of the asked broker, with the size of every replica.
pub struct DescribeLogDirs;

impl DescribeLogDirs {
    /// The first version that tells size and room of the volumes.
    pub const VOLUMES_FROM: i16 = 4;
}

impl Call for DescribeLogDirs {
    const KEY: i16 = 35;
    const VERSIONS: (i16, i16) = (1, 4);
    const FLEXIBLE_FROM: i16 = 2;
    type Answer = Vec<LogDir>;

    fn write(&self, _version: i16, request: &mut Writer) {
        // Of all topics.
        request.null_array();
        request.end();
    }

    fn read(&self, version: i16, answer: &mut Reader<'_>) -> Read<Vec<LogDir>> {
        let _throttled_millis = answer.i32()?;
        if version >= 3 {
            check(answer.i16()?, None)?;
        }
        let dirs = answer.array(|dir| log_dir(version, dir))?;
        answer.end()?;
        // Before version 3 a login without Describe on the cluster gets an empty list instead of an error. From Redpanda
        // it gets all places without what is in them; otherwise an object store is named only when something is in it.
        if dirs.is_empty() || dirs.iter().any(|dir| dir.is_remote() && dir.replicas.is_empty()) {
            return Err(Trouble::new(
                31,
                "the broker shows none of its log directories to this login",
            ));
        }
        Ok(dirs)
    }
}

fn log_dir(version: i16, dir: &mut Reader<'_>) -> Read<LogDir> {
    let trouble = check(dir.i16()?, None).err();
    let path = dir.string()?;
    let topics = dir.array(|topic| {
        let name = topic.string()?;
        let replicas = topic.array(|partition| replica(&name, partition))?;
        topic.end()?;
        Ok(replicas)
    })?;
    let (total, usable) = if version >= DescribeLogDirs::VOLUMES_FROM {
        (dir.i64()?, dir.i64()?)
    } else {
        (-1, -1)
    };
    dir.end()?;
    let known = |bytes: i64| Some(bytes).filter(|bytes| *bytes >= 0);
    Ok(LogDir {
        path,
        trouble,
        total_bytes: known(total),
        usable_bytes: known(usable),
        replicas: topics.into_iter().flatten().collect(),
    })
}

fn replica(topic: &str, reader: &mut Reader<'_>) -> Read<ReplicaSize> {
    let partition = reader.i32()?;
    let bytes = reader.i64()?;
    let _behind = reader.i64()?;
    let future = reader.boolean()?;
    reader.end()?;
    Ok(ReplicaSize {
        topic: topic.to_string(),
        partition,
        bytes,
        future,
    })
}
