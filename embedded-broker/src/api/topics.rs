//! CreateTopics, DeleteTopics, CreatePartitions and DeleteRecords.

use std::collections::BTreeSet;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::create_partitions_response::CreatePartitionsTopicResult;
use kafka_protocol::messages::create_topics_request::CreatableTopic;
use kafka_protocol::messages::create_topics_response::{CreatableTopicConfigs, CreatableTopicResult};
use kafka_protocol::messages::delete_records_response::{DeleteRecordsPartitionResult, DeleteRecordsTopicResult};
use kafka_protocol::messages::delete_topics_response::DeletableTopicResult;
use kafka_protocol::messages::{
    BrokerId, CreatePartitionsRequest, CreatePartitionsResponse, CreateTopicsRequest, CreateTopicsResponse,
    DeleteRecordsRequest, DeleteRecordsResponse, DeleteTopicsRequest, DeleteTopicsResponse,
};
use uuid::Uuid;

use super::context::{Context, Refusal, code, text, told, topic_name};
use crate::state::State;
use crate::topics::{MOST_PARTITIONS, check_name};

pub fn create(state: &mut State, cx: &Context<'_>, request: CreateTopicsRequest) -> CreateTopicsResponse {
    let (mut named, mut twice) = (BTreeSet::new(), BTreeSet::new());
    twice.extend(
        request
            .topics
            .iter()
            .map(|asked| &asked.name)
            .filter(|name| !named.insert(*name)),
    );
    let once = request.topics.iter().filter(|asked| !twice.contains(&asked.name));
    let once = once.map(|asked| {
        let created = cx.check().map_err(Refusal::from);
        created_topic(
            asked,
            created.and_then(|()| create_one(state, asked, request.validate_only)),
        )
    });
    let mut topics: Vec<_> = once.collect();
    // As in Kafka, who names a topic twice is told so once, and it is not made.
    topics.extend(twice.into_iter().map(|name| {
        let asked = CreatableTopic::default().with_name(topic_name(name));
        created_topic(&asked, Err(ResponseError::InvalidRequest.into()))
    }));
    CreateTopicsResponse::default().with_topics(topics)
}

fn created_topic(asked: &CreatableTopic, created: Result<Made, Refusal>) -> CreatableTopicResult {
    let (code, message) = told(&created);
    let result = CreatableTopicResult::default()
        .with_name(topic_name(&asked.name))
        .with_error_code(code)
        .with_error_message(message);
    let Ok(made) = created else {
        return result.with_num_partitions(-1).with_replication_factor(-1);
    };
    let configs = asked.configs.iter().map(|config| {
        CreatableTopicConfigs::default()
            .with_name(text(&config.name))
            .with_value(config.value.as_deref().map(text))
            .with_config_source(1)
    });
    result
        .with_topic_id(made.id)
        .with_num_partitions(made.partitions)
        .with_replication_factor(made.replicas)
        .with_configs(Some(configs.collect()))
}

struct Made {
    id: Uuid,
    partitions: i32,
    replicas: i16,
}

fn create_one(state: &mut State, asked: &CreatableTopic, only_check: bool) -> Result<Made, Refusal> {
    let (partitions, replicas) = counted(state, asked)?;
    let settings = asked.configs.iter();
    let settings = settings.filter_map(|config| Some((config.name.to_string(), config.value.as_ref()?.to_string())));
    let settings = crate::settings::checked(settings)?;
    if only_check {
        check_name(&asked.name)?;
        if state.topics.get(&asked.name).is_some() {
            return Err(ResponseError::TopicAlreadyExists.into());
        }
        let (partitions, replicas) = state.check_topic(partitions, replicas)?;
        return Ok(Made {
            id: Uuid::nil(),
            partitions,
            replicas: replicas as i16,
        });
    }
    let topic = state.create_topic(&asked.name, partitions, replicas, settings)?;
    let first = topic.partitions.first();
    Ok(Made {
        id: topic.id,
        partitions: topic.partitions.len() as i32,
        replicas: first.map_or(0, |first| first.placement.replicas.len() as i16),
    })
}

/// How many partitions and replicas there are to be. An assignment by hand says so as well; where they lie is decided
/// here nevertheless.
fn counted(state: &State, asked: &CreatableTopic) -> Result<(i32, i16), ResponseError> {
    let Some(first) = asked.assignments.first() else {
        return Ok((asked.num_partitions, asked.replication_factor));
    };
    if asked.num_partitions != -1 || asked.replication_factor != -1 {
        return Err(ResponseError::InvalidRequest);
    }
    let replicas = first.broker_ids.len();
    let numbers: BTreeSet<i32> = asked.assignments.iter().map(|one| one.partition_index).collect();
    let fits = asked
        .assignments
        .iter()
        .all(|one| one.broker_ids.len() == replicas && are_nodes(state, &one.broker_ids));
    // All different, and none left out.
    let is_whole = numbers.into_iter().eq(0..asked.assignments.len() as i32);
    if !fits || !is_whole {
        return Err(ResponseError::InvalidReplicaAssignment);
    }
    Ok((asked.assignments.len() as i32, replicas as i16))
}

/// Some nodes, all of them there, each once.
fn are_nodes(state: &State, ids: &[BrokerId]) -> bool {
    let mut seen = BTreeSet::new();
    !ids.is_empty()
        && ids
            .iter()
            .all(|id| state.cluster.node(id.0).is_some() && seen.insert(id.0))
}

pub fn delete(state: &mut State, cx: &Context<'_>, request: DeleteTopicsRequest) -> DeleteTopicsResponse {
    let by_name = request
        .topic_names
        .iter()
        .map(|name| (Some(name.to_string()), Uuid::nil()));
    let by_state = request.topics.iter().map(|topic| {
        let name = topic.name.as_ref().map(|name| name.to_string());
        (name, topic.topic_id)
    });
    let asked: Vec<(Option<String>, Uuid)> = by_name.chain(by_state).collect();
    let responses = asked.into_iter().map(|(name, id)| {
        let name = match name {
            Some(name) => Ok(name),
            None => {
                let known = state.topics.name_of(id).map(ToString::to_string);
                known.ok_or(ResponseError::UnknownTopicId)
            }
        };
        let deleted = cx
            .check()
            .and_then(|()| state.delete_topic(name.as_deref().map_err(|error| *error)?));
        let message = deleted.err().filter(|_| cx.version >= 5);
        DeletableTopicResult::default()
            .with_name(name.ok().as_deref().map(topic_name))
            .with_topic_id(id)
            .with_error_code(code(&deleted))
            .with_error_message(message.map(|error| text(&error.to_string())))
    });
    DeleteTopicsResponse::default().with_responses(responses.collect())
}

pub fn create_partitions(
    state: &mut State,
    cx: &Context<'_>,
    request: CreatePartitionsRequest,
) -> CreatePartitionsResponse {
    let results = request.topics.iter().map(|asked| {
        let grown = cx.check().and_then(|()| {
            let topic = state
                .topics
                .get(&asked.name)
                .ok_or(ResponseError::UnknownTopicOrPartition)?;
            let more = asked.count.saturating_sub(topic.partitions.len() as i32);
            if more < 1 || asked.count > MOST_PARTITIONS {
                return Err(ResponseError::InvalidPartitions);
            }
            if asked.assignments.as_ref().is_some_and(|placed| {
                placed.len() as i32 != more || !placed.iter().all(|one| are_nodes(state, &one.broker_ids))
            }) {
                return Err(ResponseError::InvalidReplicaAssignment);
            }
            if request.validate_only {
                return Ok(());
            }
            state.grow_topic(&asked.name, asked.count)
        });
        // As in Kafka: where the topic is not there, the code says it all.
        let message = grown
            .err()
            .filter(|error| *error != ResponseError::UnknownTopicOrPartition);
        CreatePartitionsTopicResult::default()
            .with_name(topic_name(&asked.name))
            .with_error_code(code(&grown))
            .with_error_message(message.map(|error| text(&error.to_string())))
    });
    CreatePartitionsResponse::default().with_results(results.collect())
}

pub fn delete_records(state: &mut State, cx: &Context<'_>, request: DeleteRecordsRequest) -> DeleteRecordsResponse {
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|asked| {
            let start = cx.check().and_then(|()| {
                let partition = state.led_mut(cx.node, &topic.name, asked.partition_index)?;
                partition.log.delete_before(asked.offset)
            });
            DeleteRecordsPartitionResult::default()
                .with_partition_index(asked.partition_index)
                .with_error_code(code(&start))
                .with_low_watermark(start.unwrap_or(-1))
        });
        DeleteRecordsTopicResult::default()
            .with_name(topic_name(&topic.name))
            .with_partitions(partitions.collect())
    });
    DeleteRecordsResponse::default().with_topics(topics.collect())
}
