//! Requests about the cluster: its topics, its settings, its nodes.

use kafka_protocol::messages::ApiKey;

use super::{Api, CONFIGS, TOPIC_PARTITIONS, api};
use crate::wire::shape::{FLAG, INT8, INT16, INT32, INTS, Part::List, Part::Text, TEXTS, UUID, always, since, within};

pub const METADATA: Api = api(
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
);

pub const API_VERSIONS: Api = api(ApiKey::ApiVersions, 0, 4, 3, &[since(3, Text), since(3, Text)]);

pub const CREATE_TOPICS: Api = api(
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
);

pub const DELETE_TOPICS: Api = api(
    ApiKey::DeleteTopics,
    1,
    6,
    4,
    &[
        since(6, List(&[always(Text), always(UUID)])),
        within(0, 5, TEXTS),
        always(INT32),
    ],
);

pub const DESCRIBE_CONFIGS: Api = api(
    ApiKey::DescribeConfigs,
    1,
    4,
    4,
    &[
        always(List(&[always(INT8), always(Text), always(TEXTS)])),
        always(FLAG),
        since(3, FLAG),
    ],
);

pub const ALTER_CONFIGS: Api = api(
    ApiKey::AlterConfigs,
    0,
    2,
    2,
    &[
        always(List(&[always(INT8), always(Text), always(CONFIGS)])),
        always(FLAG),
    ],
);

pub const DESCRIBE_LOG_DIRS: Api = api(ApiKey::DescribeLogDirs, 1, 4, 2, &[always(TOPIC_PARTITIONS)]);

pub const CREATE_PARTITIONS: Api = api(
    ApiKey::CreatePartitions,
    0,
    3,
    2,
    &[
        always(List(&[always(Text), always(INT32), always(List(&[always(INTS)]))])),
        always(INT32),
        always(FLAG),
    ],
);

pub const INCREMENTAL_ALTER_CONFIGS: Api = api(
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
);

pub const LIST_PARTITION_REASSIGNMENTS: Api = api(
    ApiKey::ListPartitionReassignments,
    0,
    0,
    0,
    &[always(INT32), always(TOPIC_PARTITIONS)],
);

pub const DESCRIBE_QUORUM: Api = api(
    ApiKey::DescribeQuorum,
    0,
    2,
    0,
    &[always(List(&[always(Text), always(List(&[always(INT32)]))]))],
);

pub const DESCRIBE_CLUSTER: Api = api(
    ApiKey::DescribeCluster,
    0,
    2,
    0,
    &[always(FLAG), since(1, INT8), since(2, FLAG)],
);
