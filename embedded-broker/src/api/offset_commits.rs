//! OffsetCommit, OffsetFetch and OffsetDelete: where groups are.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::offset_commit_request::OffsetCommitRequestPartition;
use kafka_protocol::messages::offset_commit_response::{OffsetCommitResponsePartition, OffsetCommitResponseTopic};
use kafka_protocol::messages::offset_delete_response::{OffsetDeleteResponsePartition, OffsetDeleteResponseTopic};
use kafka_protocol::messages::offset_fetch_request::OffsetFetchRequestGroup;
use kafka_protocol::messages::offset_fetch_response::{
    OffsetFetchResponseGroup, OffsetFetchResponsePartition, OffsetFetchResponsePartitions, OffsetFetchResponseTopic,
    OffsetFetchResponseTopics,
};
use kafka_protocol::messages::{
    OffsetCommitRequest, OffsetCommitResponse, OffsetDeleteRequest, OffsetDeleteResponse, OffsetFetchRequest,
    OffsetFetchResponse,
};

use super::context::{Context, code, group_id, text, topic_name};
use crate::groups::{Commit, Commits};
use crate::state::State;

/// Kafka's default for `offset.metadata.max.bytes`.
const LONGEST_METADATA: usize = 4096;

pub fn commit(state: &mut State, cx: &Context<'_>, request: OffsetCommitRequest) -> OffsetCommitResponse {
    let allowed = may_commit(state, cx, &request);
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|asked| {
            let done = allowed.and_then(|()| commit_one(state, &request.group_id, &topic.name, asked));
            OffsetCommitResponsePartition::default()
                .with_partition_index(asked.partition_index)
                .with_error_code(code(&done))
        });
        OffsetCommitResponseTopic::default()
            .with_name(topic_name(&topic.name))
            .with_partitions(partitions.collect())
    });
    OffsetCommitResponse::default().with_topics(topics.collect())
}

fn may_commit(state: &mut State, cx: &Context<'_>, request: &OffsetCommitRequest) -> Result<(), ResponseError> {
    cx.check()?;
    state.check_coordinator(cx.node, &request.group_id)?;
    let epoch = request.generation_id_or_member_epoch;
    let instance = request.group_instance_id.as_deref();
    state.make_room_in_groups(cx.size)?;
    if epoch >= 0 && state.groups.get(&request.group_id).is_none() {
        return Err(match cx.version {
            9.. => ResponseError::GroupIdNotFound,
            _ => ResponseError::IllegalGeneration,
        });
    }
    let group = state.groups.ensure(&request.group_id)?;
    group.check_commit(&request.member_id, instance, epoch, cx.at.now)
}

fn commit_one(
    state: &mut State,
    group: &str,
    topic: &str,
    asked: &OffsetCommitRequestPartition,
) -> Result<(), ResponseError> {
    check_partition(state, topic, asked.partition_index)?;
    let metadata = asked.committed_metadata.as_deref().unwrap_or_default();
    if metadata.len() > LONGEST_METADATA {
        return Err(ResponseError::OffsetMetadataTooLarge);
    }
    let commit = Commit {
        offset: asked.committed_offset,
        leader_epoch: asked.committed_leader_epoch,
        metadata: metadata.to_owned(),
    };
    let group = state.groups.ensure(group)?;
    group.commits.set(topic, asked.partition_index, commit);
    Ok(())
}

fn check_partition(state: &State, topic: &str, partition: i32) -> Result<(), ResponseError> {
    let known = state.topics.get(topic).map_or(0, |topic| topic.partitions.len());
    match usize::try_from(partition) {
        Ok(index) if index < known => Ok(()),
        _ => Err(ResponseError::UnknownTopicOrPartition),
    }
}

pub fn fetch(state: &mut State, cx: &Context<'_>, request: OffsetFetchRequest) -> OffsetFetchResponse {
    if cx.version >= 8 {
        let groups = request.groups.iter().map(|asked| one_group(state, cx, asked));
        return OffsetFetchResponse::default().with_groups(groups.collect());
    }
    // The older form asks for one group and is answered in types of its own.
    let topics = request.topics.map(|topics| {
        let names = topics.into_iter();
        let names = names.map(|topic| (topic.name.to_string(), topic.partition_indexes));
        names.collect::<Vec<_>>()
    });
    let found = committed(state, cx, &request.group_id, None, topics.as_deref());
    let error = code(&found);
    let topics = found.unwrap_or_default().into_iter().map(|(topic, partitions)| {
        let partitions = partitions.into_iter().map(|(index, commit)| {
            let (offset, epoch, metadata) = commit_fields(commit);
            OffsetFetchResponsePartition::default()
                .with_partition_index(index)
                .with_committed_offset(offset)
                .with_committed_leader_epoch(epoch)
                .with_metadata(Some(text(&metadata)))
                // Before version 2 there was no place for the group's own error.
                .with_error_code(if cx.version < 2 { error } else { 0 })
        });
        OffsetFetchResponseTopic::default()
            .with_name(topic_name(&topic))
            .with_partitions(partitions.collect())
    });
    OffsetFetchResponse::default()
        .with_topics(topics.collect())
        .with_error_code(if cx.version < 2 { 0 } else { error })
}

fn one_group(state: &mut State, cx: &Context<'_>, asked: &OffsetFetchRequestGroup) -> OffsetFetchResponseGroup {
    let topics = asked.topics.as_ref().map(|topics| {
        let names = topics.iter();
        let names = names.map(|topic| (topic.name.to_string(), topic.partition_indexes.clone()));
        names.collect::<Vec<_>>()
    });
    let member = asked.member_id.as_deref().filter(|_| asked.member_epoch >= 0);
    let member = member.map(|id| (id, asked.member_epoch));
    let found = committed(state, cx, &asked.group_id, member, topics.as_deref());
    let response = OffsetFetchResponseGroup::default()
        .with_group_id(group_id(&asked.group_id))
        .with_error_code(code(&found));
    let topics = found.unwrap_or_default().into_iter().map(|(topic, partitions)| {
        let partitions = partitions.into_iter().map(|(index, commit)| {
            let (offset, epoch, metadata) = commit_fields(commit);
            OffsetFetchResponsePartitions::default()
                .with_partition_index(index)
                .with_committed_offset(offset)
                .with_committed_leader_epoch(epoch)
                .with_metadata(Some(text(&metadata)))
        });
        OffsetFetchResponseTopics::default()
            .with_name(topic_name(&topic))
            .with_partitions(partitions.collect())
    });
    response.with_topics(topics.collect())
}

type Committed = Vec<(String, Vec<(i32, Option<Commit>)>)>;

/// The commits of a group: of the topics that were asked for, or of all.
fn committed(
    state: &mut State,
    cx: &Context<'_>,
    group: &str,
    member: Option<(&str, i32)>,
    topics: Option<&[(String, Vec<i32>)]>,
) -> Result<Committed, ResponseError> {
    cx.check()?;
    state.check_coordinator(cx.node, group)?;
    let none = Commits::default();
    let group = state.groups.get(group);
    if let (Some(group), Some((id, epoch))) = (group, member) {
        group.check_reader(id, epoch)?;
    }
    let commits = group.map_or(&none, |group| &group.commits);
    Ok(match topics {
        None => commits
            .topics()
            .map(|(topic, partitions)| {
                let all = partitions.iter().map(|(index, commit)| (*index, Some(commit.clone())));
                (topic.to_owned(), all.collect())
            })
            .collect(),
        Some(topics) => topics
            .iter()
            .map(|(topic, partitions)| {
                let asked = partitions
                    .iter()
                    .map(|index| (*index, commits.get(topic, *index).cloned()));
                (topic.clone(), asked.collect())
            })
            .collect(),
    })
}

/// Offset, epoch and metadata; -1 and nothing for a partition that was never committed.
fn commit_fields(commit: Option<Commit>) -> (i64, i32, String) {
    commit.map_or((-1, -1, String::new()), |commit| {
        (commit.offset, commit.leader_epoch, commit.metadata)
    })
}

/// Forgets commits of topics that the group does not read now.
pub fn delete(state: &mut State, cx: &Context<'_>, request: OffsetDeleteRequest) -> OffsetDeleteResponse {
    let allowed = cx.check().and_then(|()| {
        state.check_coordinator(cx.node, &request.group_id)?;
        state
            .groups
            .get(&request.group_id)
            .ok_or(ResponseError::GroupIdNotFound)?;
        Ok(())
    });
    if let Err(error) = allowed {
        return OffsetDeleteResponse::default().with_error_code(error.code());
    }
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|asked| {
            let deleted = delete_one(state, &request.group_id, &topic.name, asked.partition_index);
            OffsetDeleteResponsePartition::default()
                .with_partition_index(asked.partition_index)
                .with_error_code(code(&deleted))
        });
        OffsetDeleteResponseTopic::default()
            .with_name(topic_name(&topic.name))
            .with_partitions(partitions.collect())
    });
    OffsetDeleteResponse::default().with_topics(topics.collect())
}

fn delete_one(state: &mut State, group: &str, topic: &str, partition: i32) -> Result<(), ResponseError> {
    check_partition(state, topic, partition)?;
    let group = state.groups.known(group).ok_or(ResponseError::GroupIdNotFound)?;
    if group.reads(topic) {
        return Err(ResponseError::GroupSubscribedToTopic);
    }
    group.commits.remove(topic, partition);
    Ok(())
}
