//! Requests of groups, of who is in them, and of what they have committed.

use kafka_protocol::messages::ApiKey;

use super::{Api, NEVER, TOPIC_PARTITIONS, api};
use crate::wire::shape::{
    FLAG, INT8, INT32, INT64, INTS, Part::Blob, Part::List, Part::Text, TEXTS, UUID, always, since, within,
};

/// 10 names topics by id in place of their names.
pub const OFFSET_COMMIT: Api = api(
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
);

pub const OFFSET_FETCH: Api = api(
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
);

pub const FIND_COORDINATOR: Api = api(
    ApiKey::FindCoordinator,
    0,
    5,
    3,
    &[within(0, 3, Text), since(1, INT8), since(4, TEXTS)],
);

pub const JOIN_GROUP: Api = api(
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
);

pub const HEARTBEAT: Api = api(
    ApiKey::Heartbeat,
    0,
    4,
    4,
    &[always(Text), always(INT32), always(Text), since(3, Text)],
);

pub const LEAVE_GROUP: Api = api(
    ApiKey::LeaveGroup,
    0,
    5,
    4,
    &[
        always(Text),
        within(0, 2, Text),
        since(3, List(&[always(Text), always(Text), since(5, Text)])),
    ],
);

pub const SYNC_GROUP: Api = api(
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
);

pub const DESCRIBE_GROUPS: Api = api(ApiKey::DescribeGroups, 0, 6, 5, &[always(TEXTS), since(3, FLAG)]);

pub const LIST_GROUPS: Api = api(ApiKey::ListGroups, 0, 5, 3, &[since(4, TEXTS), since(5, TEXTS)]);

pub const DELETE_GROUPS: Api = api(ApiKey::DeleteGroups, 0, 2, 2, &[always(TEXTS)]);

pub const OFFSET_DELETE: Api = api(
    ApiKey::OffsetDelete,
    0,
    0,
    NEVER,
    &[
        always(Text),
        always(List(&[always(Text), always(List(&[always(INT32)]))])),
    ],
);

pub const CONSUMER_GROUP_HEARTBEAT: Api = api(
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
);

pub const CONSUMER_GROUP_DESCRIBE: Api = api(ApiKey::ConsumerGroupDescribe, 0, 1, 0, &[always(TEXTS), always(FLAG)]);
