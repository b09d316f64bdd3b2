//! DescribeConfigs, AlterConfigs and IncrementalAlterConfigs, for topics; brokers only show theirs.

use std::collections::BTreeMap;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::alter_configs_response::AlterConfigsResourceResponse;
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResult, DescribeConfigsSynonym,
};
use kafka_protocol::messages::incremental_alter_configs_response::AlterConfigsResourceResponse as IncrementalResponse;
use kafka_protocol::messages::{
    AlterConfigsRequest, AlterConfigsResponse, DescribeConfigsRequest, DescribeConfigsResponse,
    IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, incremental_alter_configs_request,
};

use super::context::{Context, Refusal, code, text, told};
use crate::settings;
use crate::state::State;
use crate::topics::check_name;

/// Kinds of resources.
const TOPIC: i8 = 2;
const BROKER: i8 = 4;

/// Where a value comes from.
const SET_FOR_TOPIC: i8 = 1;
const SET_FOR_BROKER: i8 = 4;
const DEFAULT: i8 = 5;

/// What an incremental change does.
const SET: i8 = 0;
const DELETE: i8 = 1;

pub fn describe(state: &mut State, cx: &Context<'_>, request: DescribeConfigsRequest) -> DescribeConfigsResponse {
    let results = request.resources.iter().map(|asked| {
        let found = cx.check().and_then(|()| match asked.resource_type {
            TOPIC => check_name(&asked.resource_name).and_then(|()| of_topic(state, &asked.resource_name)),
            BROKER => of_broker(state, &asked.resource_name),
            _ => Err(ResponseError::InvalidRequest),
        });
        let result = DescribeConfigsResult::default()
            .with_error_code(code(&found))
            // As in Kafka: an empty one when all is well.
            .with_error_message(Some(
                found
                    .as_ref()
                    .map_or_else(|error| text(&error.to_string()), |_| text("")),
            ))
            .with_resource_type(asked.resource_type)
            .with_resource_name(text(&asked.resource_name));
        let entries = found
            .unwrap_or_default()
            .into_iter()
            .filter(|entry| wanted(asked, entry));
        result.with_configs(entries.map(|entry| shown(entry, request.include_synonyms)).collect())
    });
    DescribeConfigsResponse::default().with_results(results.collect())
}

/// One value as it is shown.
struct Entry {
    name: String,
    value: String,
    source: i8,
    kind: i8,
    read_only: bool,
}

fn wanted(asked: &DescribeConfigsResource, entry: &Entry) -> bool {
    let keys = asked.configuration_keys.as_ref();
    keys.is_none_or(|keys| keys.iter().any(|key| **key == *entry.name))
}

fn shown(entry: Entry, synonyms: bool) -> DescribeConfigsResourceResult {
    let synonym = DescribeConfigsSynonym::default()
        .with_name(text(&entry.name))
        .with_value(Some(text(&entry.value)))
        .with_source(entry.source);
    DescribeConfigsResourceResult::default()
        .with_name(text(&entry.name))
        .with_value(Some(text(&entry.value)))
        .with_read_only(entry.read_only)
        .with_config_source(entry.source)
        .with_config_type(entry.kind)
        .with_documentation(None)
        .with_synonyms(if synonyms { vec![synonym] } else { Vec::new() })
}

fn of_topic(state: &State, name: &str) -> Result<Vec<Entry>, ResponseError> {
    let topic = state.topics.get(name).ok_or(ResponseError::UnknownTopicOrPartition)?;
    let limits = state.limits();
    let entries = settings::TOPIC.iter().map(|setting| {
        let (value, source) = match (topic.settings.get(setting.name), setting.name) {
            (Some(set), _) => (set.clone(), SET_FOR_TOPIC),
            (None, "retention.bytes") => (limits.bytes.to_string(), SET_FOR_BROKER),
            (None, "retention.ms") => (limits.millis.to_string(), SET_FOR_BROKER),
            (None, "min.insync.replicas") => (state.options.min_insync_replicas.to_string(), SET_FOR_BROKER),
            (None, _) => (setting.default.to_owned(), DEFAULT),
        };
        Entry {
            name: setting.name.to_owned(),
            value,
            source,
            kind: setting.kind,
            read_only: false,
        }
    });
    Ok(entries.collect())
}

fn of_broker(state: &State, name: &str) -> Result<Vec<Entry>, ResponseError> {
    let id: i32 = name.parse().map_err(|_| ResponseError::InvalidRequest)?;
    let node = state.cluster.node(id).ok_or(ResponseError::InvalidRequest)?;
    let (limits, options) = (state.limits(), &state.options);
    // 1 boolean, 2 string, 3 int, 4 short, 5 long, 7 list.
    let entries = [
        (
            "advertised.listeners",
            format!("PLAINTEXT://127.0.0.1:{}", node.port),
            2,
        ),
        ("auto.create.topics.enable", options.auto_create_topics.to_string(), 1),
        ("broker.id", id.to_string(), 3),
        ("default.replication.factor", state.cluster.len().min(3).to_string(), 3),
        (
            "group.consumer.heartbeat.interval.ms",
            options.heartbeat_interval.as_millis().to_string(),
            3,
        ),
        (
            "group.consumer.session.timeout.ms",
            options.consumer_session_timeout.as_millis().to_string(),
            3,
        ),
        ("log.retention.bytes", limits.bytes.to_string(), 5),
        ("log.retention.ms", limits.millis.to_string(), 5),
        ("message.max.bytes", super::produce::MOST_BATCH_BYTES.to_string(), 3),
        ("min.insync.replicas", options.min_insync_replicas.to_string(), 3),
        ("num.partitions", options.default_partitions.to_string(), 3),
        ("socket.request.max.bytes", options.max_frame_bytes.to_string(), 3),
        ("unclean.leader.election.enable", "false".to_owned(), 1),
    ];
    let entries = entries.into_iter().map(|(name, value, kind)| Entry {
        name: name.to_owned(),
        value,
        source: SET_FOR_BROKER,
        kind,
        read_only: true,
    });
    Ok(entries.collect())
}

/// Replaces all settings of a topic.
pub fn alter(state: &mut State, cx: &Context<'_>, request: AlterConfigsRequest) -> AlterConfigsResponse {
    let responses = request.resources.iter().map(|asked| {
        let settings = asked.configs.iter();
        let settings =
            settings.filter_map(|config| Some((config.name.to_string(), config.value.as_ref()?.to_string())));
        let done = cx.check().map_err(Refusal::from).and_then(|()| {
            let settings = settings::checked(settings)?;
            set(
                state,
                asked.resource_type,
                &asked.resource_name,
                settings,
                request.validate_only,
            )
        });
        let (code, message) = told(&done);
        AlterConfigsResourceResponse::default()
            .with_error_code(code)
            .with_error_message(message)
            .with_resource_type(asked.resource_type)
            .with_resource_name(text(&asked.resource_name))
    });
    AlterConfigsResponse::default().with_responses(responses.collect())
}

/// Changes some settings of a topic.
pub fn alter_incrementally(
    state: &mut State,
    cx: &Context<'_>,
    request: IncrementalAlterConfigsRequest,
) -> IncrementalAlterConfigsResponse {
    let responses = request.resources.iter().map(|asked| {
        let done = cx.check().map_err(Refusal::from).and_then(|()| {
            let topic = state.topics.get(&asked.resource_name);
            let mut settings = topic.map(|topic| topic.settings.clone()).unwrap_or_default();
            asked
                .configs
                .iter()
                .try_for_each(|change| apply(&mut settings, change))?;
            set(
                state,
                asked.resource_type,
                &asked.resource_name,
                settings,
                request.validate_only,
            )
        });
        let (code, message) = told(&done);
        IncrementalResponse::default()
            .with_error_code(code)
            .with_error_message(message)
            .with_resource_type(asked.resource_type)
            .with_resource_name(text(&asked.resource_name))
    });
    IncrementalAlterConfigsResponse::default().with_responses(responses.collect())
}

fn apply(
    settings: &mut BTreeMap<String, String>,
    change: &incremental_alter_configs_request::AlterableConfig,
) -> Result<(), Refusal> {
    let name = change.name.to_string();
    match (change.config_operation, &change.value) {
        (SET, Some(value)) => {
            settings::check(&name, value)?;
            settings.insert(name, value.to_string());
            Ok(())
        }
        (SET, None) => Err(ResponseError::InvalidRequest.into()),
        (DELETE, _) => {
            settings::find(&name).ok_or(ResponseError::InvalidConfig)?;
            settings.remove(&name);
            Ok(())
        }
        // Adding to a list and taking from it: no setting that matters here is a list of several.
        _ => Err(ResponseError::InvalidConfig.into()),
    }
}

fn set(
    state: &mut State,
    kind: i8,
    name: &str,
    settings: BTreeMap<String, String>,
    only_check: bool,
) -> Result<(), Refusal> {
    if kind != TOPIC {
        // A broker's settings are its options, which are fixed at the start.
        return Err(ResponseError::InvalidRequest.into());
    }
    let topic = state
        .topics
        .get_mut(name)
        .ok_or(ResponseError::UnknownTopicOrPartition)?;
    if !only_check {
        topic.settings = settings;
        state.cluster.record(1);
    }
    Ok(())
}
