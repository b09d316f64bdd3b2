//! Metadata and DescribeCluster: nodes, topics, leaders and replicas.

use std::collections::{BTreeMap, HashSet};

use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_cluster_response::DescribeClusterBroker;
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use kafka_protocol::messages::{
    BrokerId, DescribeClusterRequest, DescribeClusterResponse, MetadataRequest, MetadataResponse,
};

use super::context::{Context, broker_ids, code, text, topic_name};
use crate::cluster::HOST;
use crate::state::State;
use crate::topics::{Partition, Topic};

/// "Not asked for" in fields for authorized operations.
const NOT_ASKED: i32 = i32::MIN;
/// Everything that Kafka lets somebody do whom nothing is forbidden, a bit for each operation.
const ON_CLUSTER: i32 = 8096;
const ON_TOPIC: i32 = 3576;
/// What endpoints DescribeCluster may ask for. Controllers have no listener of their own here.
const BROKERS: i8 = 1;
const CONTROLLERS: i8 = 2;

pub fn metadata(state: &mut State, cx: &Context<'_>, request: MetadataRequest) -> MetadataResponse {
    let create = request.allow_auto_topic_creation || cx.version < 4;
    let on_topic = operations(request.include_topic_authorized_operations, ON_TOPIC);
    let on_cluster = operations(request.include_cluster_authorized_operations, ON_CLUSTER);
    let everything = match &request.topics {
        None => true,
        Some(topics) => cx.version == 0 && topics.is_empty(),
    };
    let topics: Vec<_> = if everything {
        let all = state.topics.iter();
        all.map(|(name, topic)| described(state, cx, name, topic)).collect()
    } else {
        let (asked, mut named) = (request.topics.unwrap_or_default(), HashSet::new());
        asked
            .iter()
            // As in Kafka, who asks twice is told once.
            .filter(|asked| named.insert((&asked.name, asked.topic_id)))
            .map(|asked| asked_topic(state, cx, asked, create))
            .collect()
    };
    let allowed = topics.into_iter().map(|topic| match topic.error_code {
        0 => topic.with_topic_authorized_operations(on_topic),
        _ => topic,
    });
    let brokers = state.cluster.up().map(|(id, node)| {
        MetadataResponseBroker::default()
            .with_node_id(BrokerId(id))
            .with_host(text(HOST))
            .with_port(node.port.into())
    });
    MetadataResponse::default()
        .with_brokers(brokers.collect())
        .with_cluster_id(Some(text(&state.cluster.id)))
        .with_controller_id(BrokerId(state.cluster.controller()))
        .with_cluster_authorized_operations(on_cluster)
        .with_topics(allowed.collect())
}

fn asked_topic(
    state: &mut State,
    cx: &Context<'_>,
    asked: &MetadataRequestTopic,
    create: bool,
) -> MetadataResponseTopic {
    let name = match &asked.name {
        Some(name) => name.to_string(),
        None => match state.topics.name_of(asked.topic_id) {
            Some(name) => name.to_string(),
            None => {
                return failed(ResponseError::UnknownTopicId)
                    .with_topic_id(asked.topic_id)
                    .with_name(None);
            }
        },
    };
    if state.topics.get(&name).is_none() && create && state.options.auto_create_topics {
        if let Err(error) = state.create_topic(&name, -1, -1, BTreeMap::new()) {
            return failed(error).with_name(Some(topic_name(&name)));
        }
        tracing::debug!(topic = name, "topic created, because it was asked for");
    }
    match state.topics.get(&name) {
        Some(topic) => described(state, cx, &name, topic),
        None => failed(ResponseError::UnknownTopicOrPartition).with_name(Some(topic_name(&name))),
    }
}

fn failed(error: ResponseError) -> MetadataResponseTopic {
    MetadataResponseTopic::default()
        .with_error_code(error.code())
        .with_topic_authorized_operations(NOT_ASKED)
}

fn described(state: &State, cx: &Context<'_>, name: &str, topic: &Topic) -> MetadataResponseTopic {
    let partitions = (0..).zip(&topic.partitions);
    MetadataResponseTopic::default()
        .with_error_code(code(&cx.check()))
        .with_name(Some(topic_name(name)))
        .with_topic_id(topic.id)
        .with_topic_authorized_operations(NOT_ASKED)
        .with_partitions(partitions.map(|(i, partition)| located(state, i, partition)).collect())
}

fn located(state: &State, index: i32, partition: &Partition) -> MetadataResponsePartition {
    let placement = &partition.placement;
    let offline: Vec<i32> = placement
        .replicas
        .iter()
        .copied()
        .filter(|id| !state.cluster.is_up(*id))
        .collect();
    let error = if placement.leader < 0 {
        ResponseError::LeaderNotAvailable.code()
    } else {
        0
    };
    MetadataResponsePartition::default()
        .with_error_code(error)
        .with_partition_index(index)
        .with_leader_id(BrokerId(placement.leader))
        .with_leader_epoch(placement.epoch)
        .with_replica_nodes(broker_ids(&placement.replicas))
        .with_isr_nodes(broker_ids(&placement.isr))
        .with_offline_replicas(broker_ids(&offline))
}

pub fn describe_cluster(
    state: &mut State,
    cx: &Context<'_>,
    request: DescribeClusterRequest,
) -> DescribeClusterResponse {
    let asked = match request.endpoint_type {
        0 | BROKERS => cx.check(),
        CONTROLLERS => Err(ResponseError::MismatchedEndpointType),
        _ => Err(ResponseError::UnsupportedEndpointType),
    };
    let response = DescribeClusterResponse::default()
        .with_endpoint_type(BROKERS)
        .with_error_code(code(&asked));
    if let Err(error) = asked {
        return response
            .with_error_message(Some(text(&error.to_string())))
            .with_controller_id(BrokerId(-1))
            .with_cluster_authorized_operations(NOT_ASKED);
    }
    let brokers = state.cluster.up().map(|(id, node)| {
        DescribeClusterBroker::default()
            .with_broker_id(BrokerId(id))
            .with_host(text(HOST))
            .with_port(node.port.into())
    });
    response
        .with_cluster_id(text(&state.cluster.id))
        .with_controller_id(BrokerId(state.cluster.controller()))
        .with_brokers(brokers.collect())
        .with_cluster_authorized_operations(operations(request.include_cluster_authorized_operations, ON_CLUSTER))
}

/// What may be done, where it was asked for.
fn operations(asked: bool, all: i32) -> i32 {
    if asked { all } else { NOT_ASKED }
}
