//! The one table of what is served: each API, its versions, and the layout of its requests. `ApiVersions` is derived
//! from it, and so is the guard in front of the codec.

use kafka_protocol::messages::ApiKey;
use kafka_protocol::protocol::VersionRange;

use crate::wire::shape::{
    FLAG, Field, INT8, INT16, INT32, INT64, INTS, Part, Part::Blob, Part::List, Part::Text, TEXTS, UUID, always, since,
    within,
};

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
    // Topic ids came with 13.
    api(
        ApiKey::Produce,
        3,
        13,
        9,
        &[
            always(Text),
            always(INT16),
            always(INT32),
            always(List(&[
                within(0, 12, Text),
                since(13, UUID),
                always(List(&[always(INT32), always(Blob)])),
            ])),
        ],
    ),
    // From 15 on a replica names itself in a tagged field.
    Api {
        lowest_tag: 2,
        ..api(
            ApiKey::Fetch,
            4,
            17,
            12,
            &[
                within(0, 14, INT32),
                always(Part::Fixed(4 + 4 + 4 + 1)),
                since(7, INT64),
                always(List(&[
                    within(0, 12, Text),
                    since(13, UUID),
                    always(List(&[
                        always(INT32),
                        since(9, INT32),
                        always(INT64),
                        since(12, INT32),
                        since(5, INT64),
                        always(INT32),
                    ])),
                ])),
                since(7, List(&[within(0, 12, Text), since(13, UUID), always(INTS)])),
                since(11, Text),
            ],
        )
    },
    api(
        ApiKey::ListOffsets,
        1,
        10,
        6,
        &[
            always(INT32),
            since(2, INT8),
            always(List(&[
                always(Text),
                always(List(&[always(INT32), since(4, INT32), always(INT64)])),
            ])),
            since(10, INT32),
        ],
    ),
    api(
        ApiKey::Metadata,
        0,
        13,
        9,
        &[
            always(List(&[since(10, UUID), always(Text)])),
            since(4, FLAG),
            within(8, 10, FLAG),
            since(8, FLAG),
        ],
    ),
    // 10 names topics by id in place of their names.
    api(
        ApiKey::OffsetCommit,
        2,
        9,
        8,
        &[
            always(Text),
            always(INT32),
            always(Text),
            since(7, Text),
            within(2, 4, INT64),
            always(List(&[
                always(Text),
                always(List(&[always(INT32), always(INT64), since(6, INT32), always(Text)])),
            ])),
        ],
    ),
    api(
        ApiKey::OffsetFetch,
        1,
        9,
        6,
        &[
            within(0, 7, Text),
            within(0, 7, TOPIC_PARTITIONS),
            since(
                8,
                List(&[always(Text), since(9, Text), since(9, INT32), always(TOPIC_PARTITIONS)]),
            ),
            since(7, FLAG),
        ],
    ),
    api(
        ApiKey::FindCoordinator,
        0,
        5,
        3,
        &[within(0, 3, Text), since(1, INT8), since(4, TEXTS)],
    ),
    api(
        ApiKey::JoinGroup,
        0,
        9,
        6,
        &[
            always(Text),
            always(INT32),
            since(1, INT32),
            always(Text),
            since(5, Text),
            always(Text),
            always(List(&[always(Text), always(Blob)])),
            since(8, Text),
        ],
    ),
    api(
        ApiKey::Heartbeat,
        0,
        4,
        4,
        &[always(Text), always(INT32), always(Text), since(3, Text)],
    ),
    api(
        ApiKey::LeaveGroup,
        0,
        5,
        4,
        &[
            always(Text),
            within(0, 2, Text),
            since(3, List(&[always(Text), always(Text), since(5, Text)])),
        ],
    ),
    api(
        ApiKey::SyncGroup,
        0,
        5,
        4,
        &[
            always(Text),
            always(INT32),
            always(Text),
            since(3, Text),
            since(5, Text),
            since(5, Text),
            always(List(&[always(Text), always(Blob)])),
        ],
    ),
    api(ApiKey::DescribeGroups, 0, 6, 5, &[always(TEXTS), since(3, FLAG)]),
    api(ApiKey::ListGroups, 0, 5, 3, &[since(4, TEXTS), since(5, TEXTS)]),
    api(ApiKey::ApiVersions, 0, 4, 3, &[since(3, Text), since(3, Text)]),
    api(
        ApiKey::CreateTopics,
        2,
        7,
        5,
        &[
            always(List(&[
                always(Text),
                always(INT32),
                always(INT16),
                always(List(&[always(INT32), always(INTS)])),
                always(CONFIGS),
            ])),
            always(INT32),
            always(FLAG),
        ],
    ),
    api(
        ApiKey::DeleteTopics,
        1,
        6,
        4,
        &[
            since(6, List(&[always(Text), always(UUID)])),
            within(0, 5, TEXTS),
            always(INT32),
        ],
    ),
    api(
        ApiKey::DeleteRecords,
        0,
        2,
        2,
        &[
            always(List(&[always(Text), always(List(&[always(INT32), always(INT64)]))])),
            always(INT32),
        ],
    ),
    api(
        ApiKey::InitProducerId,
        0,
        5,
        2,
        &[always(Text), always(INT32), since(3, INT64), since(3, INT16)],
    ),
    api(
        ApiKey::OffsetForLeaderEpoch,
        2,
        4,
        4,
        &[
            since(3, INT32),
            always(List(&[
                always(Text),
                always(List(&[always(INT32), always(INT32), always(INT32)])),
            ])),
        ],
    ),
    api(
        ApiKey::DescribeConfigs,
        1,
        4,
        4,
        &[
            always(List(&[always(INT8), always(Text), always(TEXTS)])),
            always(FLAG),
            since(3, FLAG),
        ],
    ),
    api(
        ApiKey::AlterConfigs,
        0,
        2,
        2,
        &[
            always(List(&[always(INT8), always(Text), always(CONFIGS)])),
            always(FLAG),
        ],
    ),
    api(ApiKey::DescribeLogDirs, 1, 4, 2, &[always(TOPIC_PARTITIONS)]),
    api(
        ApiKey::CreatePartitions,
        0,
        3,
        2,
        &[
            always(List(&[always(Text), always(INT32), always(List(&[always(INTS)]))])),
            always(INT32),
            always(FLAG),
        ],
    ),
    api(ApiKey::DeleteGroups, 0, 2, 2, &[always(TEXTS)]),
    api(
        ApiKey::IncrementalAlterConfigs,
        0,
        1,
        1,
        &[
            always(List(&[
                always(INT8),
                always(Text),
                always(List(&[always(Text), always(INT8), always(Text)])),
            ])),
            always(FLAG),
        ],
    ),
    api(
        ApiKey::ListPartitionReassignments,
        0,
        0,
        0,
        &[always(INT32), always(TOPIC_PARTITIONS)],
    ),
    api(
        ApiKey::OffsetDelete,
        0,
        0,
        NEVER,
        &[
            always(Text),
            always(List(&[always(Text), always(List(&[always(INT32)]))])),
        ],
    ),
    api(
        ApiKey::DescribeQuorum,
        0,
        2,
        0,
        &[always(List(&[always(Text), always(List(&[always(INT32)]))]))],
    ),
    api(
        ApiKey::DescribeCluster,
        0,
        2,
        0,
        &[always(FLAG), since(1, INT8), since(2, FLAG)],
    ),
    api(ApiKey::DescribeProducers, 0, 0, 0, &[always(TOPIC_PARTITIONS)]),
    api(
        ApiKey::ConsumerGroupHeartbeat,
        0,
        1,
        0,
        &[
            always(Text),
            always(Text),
            always(INT32),
            always(Text),
            always(Text),
            always(INT32),
            always(TEXTS),
            since(1, Text),
            always(Text),
            always(List(&[always(UUID), always(INTS)])),
        ],
    ),
    api(ApiKey::ConsumerGroupDescribe, 0, 1, 0, &[always(TEXTS), always(FLAG)]),
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
