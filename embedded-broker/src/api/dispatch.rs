//! From an API key to who answers it.

use kafka_protocol::messages::ApiKey;
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion};

use super::context::Context;
use super::{
    configs, consumer_group, coordinator, fetch, group_list, log_dirs, membership, metadata, offset_commits, offsets,
    produce, quorum, topics, versions,
};
use crate::state::State;
use crate::wire::{Incoming, Reply, RequestError, decode, encode};

/// Answers a request. Only Fetch, JoinGroup and SyncGroup may take their time.
pub async fn answer(cx: &Context<'_>, incoming: &Incoming) -> Result<Reply, RequestError> {
    match incoming.api.key {
        ApiKey::Produce => match produce::produce(cx, decode(incoming)?) {
            Ok(Some(response)) => encode(incoming, &response),
            Ok(None) => Ok(Reply::Nothing),
            Err(refusal) => Err(RequestError::Unanswered(refusal)),
        },
        ApiKey::Fetch => encode(incoming, &fetch::fetch(cx, decode(incoming)?).await),
        ApiKey::JoinGroup => encode(incoming, &membership::join(cx, decode(incoming)?).await),
        ApiKey::SyncGroup => encode(incoming, &membership::sync(cx, decode(incoming)?).await),
        ApiKey::ApiVersions => encode(incoming, &versions::versions(cx, &decode(incoming)?)),
        ApiKey::Metadata => at_once(cx, incoming, metadata::metadata),
        ApiKey::DescribeCluster => at_once(cx, incoming, metadata::describe_cluster),
        ApiKey::ListOffsets => at_once(cx, incoming, offsets::list),
        ApiKey::OffsetForLeaderEpoch => at_once(cx, incoming, offsets::for_leader_epoch),
        ApiKey::InitProducerId => at_once(cx, incoming, produce::init_producer_id),
        ApiKey::DescribeQuorum => at_once(cx, incoming, quorum::describe),
        ApiKey::DescribeProducers => at_once(cx, incoming, produce::describe_producers),
        ApiKey::FindCoordinator => at_once(cx, incoming, coordinator::find),
        ApiKey::Heartbeat => at_once(cx, incoming, membership::heartbeat),
        ApiKey::LeaveGroup => at_once(cx, incoming, membership::leave),
        ApiKey::OffsetCommit => at_once(cx, incoming, offset_commits::commit),
        ApiKey::OffsetFetch => at_once(cx, incoming, offset_commits::fetch),
        ApiKey::OffsetDelete => at_once(cx, incoming, offset_commits::delete),
        ApiKey::ListGroups => at_once(cx, incoming, group_list::list),
        ApiKey::DescribeGroups => at_once(cx, incoming, group_list::describe),
        ApiKey::DeleteGroups => at_once(cx, incoming, group_list::delete),
        ApiKey::ConsumerGroupHeartbeat => at_once(cx, incoming, consumer_group::heartbeat),
        ApiKey::ConsumerGroupDescribe => at_once(cx, incoming, consumer_group::describe),
        ApiKey::DescribeConfigs => at_once(cx, incoming, configs::describe),
        ApiKey::AlterConfigs => at_once(cx, incoming, configs::alter),
        ApiKey::IncrementalAlterConfigs => at_once(cx, incoming, configs::alter_incrementally),
        ApiKey::DescribeLogDirs => at_once(cx, incoming, log_dirs::describe),
        ApiKey::ListPartitionReassignments => at_once(cx, incoming, log_dirs::reassignments),
        ApiKey::CreateTopics => at_once(cx, incoming, topics::create),
        ApiKey::DeleteTopics => at_once(cx, incoming, topics::delete),
        ApiKey::CreatePartitions => at_once(cx, incoming, topics::create_partitions),
        ApiKey::DeleteRecords => at_once(cx, incoming, topics::delete_records),
        other => Err(RequestError::UnknownApi(other as i16)),
    }
}

/// One look at the state, or one change of it.
fn at_once<Q, A>(
    cx: &Context<'_>,
    incoming: &Incoming,
    answer: impl FnOnce(&mut State, &Context<'_>, Q) -> A,
) -> Result<Reply, RequestError>
where
    Q: Decodable,
    A: Encodable + HeaderVersion,
{
    let request = decode(incoming)?;
    let response = answer(&mut cx.shared.lock(), cx, request);
    encode(incoming, &response)
}
