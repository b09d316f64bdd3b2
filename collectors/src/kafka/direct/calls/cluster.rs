//! Cluster id, controller and brokers with their racks.

use super::super::super::wire::{Broker, Cluster};
use super::super::codec::{Read, Reader, Writer, garbled};
use super::Call;

/// The head of a Metadata answer: a request for no topics, which brokers of every age take.
pub struct DescribeCluster {
    /// Whether to ask what the login may do on the cluster as well.
    pub operations: bool,
}

impl Call for DescribeCluster {
    const KEY: i16 = 3;
    // From version 1 on "no topics" means none. After version 10 the operations are told elsewhere.
    const VERSIONS: (i16, i16) = (1, 10);
    const FLEXIBLE_FROM: i16 = 9;
    type Answer = Cluster;

    fn write(&self, version: i16, request: &mut Writer) {
        request.array::<&str>(&[], |_, _| {});
        if version >= 4 {
            // No topic is to be made by asking for it.
            request.boolean(false);
        }
        if version >= 8 {
            request.boolean(self.operations);
            request.boolean(false);
        }
        request.end();
    }

    fn read(&self, version: i16, answer: &mut Reader<'_>) -> Read<Cluster> {
        if version >= 3 {
            let _throttled_millis = answer.i32()?;
        }
        let brokers = answer.array(broker)?;
        let id = if version >= 2 { answer.nullable_string()? } else { None };
        let controller = answer.i32()?;
        // Not asked for, so there is none; how one is laid out need not be known.
        if !answer.array(|_| Ok(()))?.is_empty() {
            return Err(garbled("it tells of topics that were not asked for"));
        }
        let operations = if version >= 8 { answer.i32()? } else { i32::MIN };
        answer.end()?;
        Ok(Cluster {
            id: id.filter(|id| !id.is_empty()),
            controller: Some(controller).filter(|id| *id >= 0),
            brokers,
            operations: told(operations),
        })
    }
}

fn broker(broker: &mut Reader<'_>) -> Read<Broker> {
    let id = broker.i32()?;
    let host = broker.string()?;
    let port = broker.i32()?;
    let rack = broker.nullable_string()?;
    broker.end()?;
    Ok(Broker {
        id,
        host,
        port: u16::try_from(port).map_err(|_| garbled("a port is out of range"))?,
        rack: rack.filter(|rack| !rack.is_empty()),
    })
}

/// The numbers of the bits that are set; the lowest number there is stands for "not told".
fn told(bits: i32) -> Option<Vec<i32>> {
    (bits != i32::MIN).then(|| (0..31).filter(|bit| bits & (1 << bit) != 0).collect())
}
