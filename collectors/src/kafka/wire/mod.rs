//! What a Kafka cluster answers, in shapes of our own: no type of librdkafka leaves its client.

mod cluster;
mod groups;
mod offsets;
mod survey;
mod trouble;

pub use cluster::{Broker, Cluster, ConfigValue, KEPT_CONFIGS, Metadata, Partition, Topic, TopicConfig};
pub use groups::{Group, GroupList, GroupProtocol, GroupState, ListedGroup, Member};
pub use offsets::{LogEnd, PartitionOffset};
pub use survey::{LogDir, Quorum, ReplicaSize, Survey, SurveyedBroker, Voter};
pub use trouble::{Trouble, TroubleKind};
