//! Requests that write to logs and read from them.

use kafka_protocol::messages::ApiKey;

use super::{Api, TOPIC_PARTITIONS, api};
use crate::wire::shape::{
    INT8, INT16, INT32, INT64, INTS, Part, Part::Blob, Part::List, Part::Text, UUID, always, since, within,
};

/// Topic ids came with 13.
pub const PRODUCE: Api = api(
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
);

/// From 15 on a replica names itself in a tagged field.
pub const FETCH: Api = Api {
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
};

pub const LIST_OFFSETS: Api = api(
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
);

pub const DELETE_RECORDS: Api = api(
    ApiKey::DeleteRecords,
    0,
    2,
    2,
    &[
        always(List(&[always(Text), always(List(&[always(INT32), always(INT64)]))])),
        always(INT32),
    ],
);

pub const INIT_PRODUCER_ID: Api = api(
    ApiKey::InitProducerId,
    0,
    5,
    2,
    &[always(Text), always(INT32), since(3, INT64), since(3, INT16)],
);

pub const OFFSET_FOR_LEADER_EPOCH: Api = api(
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
);

pub const DESCRIBE_PRODUCERS: Api = api(ApiKey::DescribeProducers, 0, 0, 0, &[always(TOPIC_PARTITIONS)]);
