//! The one table of what is served: each API, its versions, and the layout of its requests. `ApiVersions` is derived
//! from it, and so is the guard in front of the codec.

mod cluster;
mod data;
mod groups;

use kafka_protocol::messages::ApiKey;
use kafka_protocol::protocol::VersionRange;

use crate::wire::shape::{Field, INTS, Part, Part::List, Part::Text, always};

/// An API in the versions that are served.
#[derive(Debug)]
pub struct Api {
    pub key: ApiKey,
    pub oldest: i16,
    pub newest: i16,
    /// The first version with compact lengths and tagged fields.
    pub flexible: i16,
    /// Tagged fields below this one are between brokers, and refused.
    pub lowest_tag: u32,
    pub shape: &'static [Field],
}

/// No version is flexible.
const NEVER: i16 = i16::MAX;

const fn api(key: ApiKey, oldest: i16, newest: i16, flexible: i16, shape: &'static [Field]) -> Api {
    Api {
        key,
        oldest,
        newest,
        flexible,
        lowest_tag: 0,
        shape,
    }
}

const TOPIC_PARTITIONS: Part = List(&[always(Text), always(INTS)]);
const CONFIGS: Part = List(&[always(Text), always(Text)]);

/// Everything that is served, by key.
pub const APIS: &[Api] = &[
    data::PRODUCE,
    data::FETCH,
    data::LIST_OFFSETS,
    cluster::METADATA,
    groups::OFFSET_COMMIT,
    groups::OFFSET_FETCH,
    groups::FIND_COORDINATOR,
    groups::JOIN_GROUP,
    groups::HEARTBEAT,
    groups::LEAVE_GROUP,
    groups::SYNC_GROUP,
    groups::DESCRIBE_GROUPS,
    groups::LIST_GROUPS,
    cluster::API_VERSIONS,
    cluster::CREATE_TOPICS,
    cluster::DELETE_TOPICS,
    data::DELETE_RECORDS,
    data::INIT_PRODUCER_ID,
    data::OFFSET_FOR_LEADER_EPOCH,
    cluster::DESCRIBE_CONFIGS,
    cluster::ALTER_CONFIGS,
    cluster::DESCRIBE_LOG_DIRS,
    cluster::CREATE_PARTITIONS,
    groups::DELETE_GROUPS,
    cluster::INCREMENTAL_ALTER_CONFIGS,
    cluster::LIST_PARTITION_REASSIGNMENTS,
    groups::OFFSET_DELETE,
    cluster::DESCRIBE_QUORUM,
    cluster::DESCRIBE_CLUSTER,
    data::DESCRIBE_PRODUCERS,
    groups::CONSUMER_GROUP_HEARTBEAT,
    groups::CONSUMER_GROUP_DESCRIBE,
];

/// The API of a key, if it is served.
pub fn find(key: i16) -> Option<&'static Api> {
    APIS.iter().find(|api| api.key as i16 == key)
}

/// The versions that both this table and the codec know; the table never claims more than the codec.
pub fn served(api: &Api) -> VersionRange {
    let table = VersionRange {
        min: api.oldest,
        max: api.newest,
    };
    table.intersect(&api.key.valid_versions())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_claimed_that_the_codec_cannot_read() {
        for api in APIS {
            let range = served(api);
            assert_eq!((range.min, range.max), (api.oldest, api.newest), "{:?}", api.key);
        }
    }

    #[test]
    fn compact_lengths_begin_where_the_codec_begins_them() {
        for api in APIS {
            for version in api.oldest..=api.newest {
                let flexible = api.key.request_header_version(version) == 2;
                assert_eq!(flexible, version >= api.flexible, "{:?} {version}", api.key);
            }
        }
    }

    #[test]
    fn every_key_stands_once_and_in_order() {
        let keys: Vec<i16> = APIS.iter().map(|api| api.key as i16).collect();
        assert!(keys.is_sorted_by(|a, b| a < b), "{keys:?}");
        assert!(find(0).is_some() && find(4).is_none() && find(-1).is_none());
    }
}
