//! ConsumerGroupHeartbeat and ConsumerGroupDescribe: the newer kind of group.

use std::collections::BTreeMap;
use std::time::Duration;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::consumer_group_describe_response::{
    Assignment as DescribedAssignment, DescribedGroup, Member, TopicPartitions as DescribedPartitions,
};
use kafka_protocol::messages::consumer_group_heartbeat_response::{Assignment, TopicPartitions};
use kafka_protocol::messages::{
    ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, ConsumerGroupHeartbeatRequest,
    ConsumerGroupHeartbeatResponse,
};
use uuid::Uuid;

use super::context::{Context, group_id, text, topic_name};
use super::membership::new_id;
use crate::groups::consumer::{Beat, ConsumerGroup, LEAVES, LEAVES_FOR_A_WHILE, Report};
use crate::groups::{Assignor, Kind, Share, check_report};
use crate::state::State;
use crate::topics::Topics;

/// "Not asked for" in fields for authorized operations.
const NOT_ASKED: i32 = i32::MIN;

pub fn heartbeat(
    state: &mut State,
    cx: &Context<'_>,
    request: ConsumerGroupHeartbeatRequest,
) -> ConsumerGroupHeartbeatResponse {
    let interval = i32::try_from(state.options.heartbeat_interval.as_millis()).unwrap_or(i32::MAX);
    match beat(state, cx, &request) {
        Ok((id, beat)) => {
            let assignment = beat.assignment.map(|share| {
                let topics = by_topic(&state.topics, &share).into_iter().map(|(id, _, partitions)| {
                    TopicPartitions::default().with_topic_id(id).with_partitions(partitions)
                });
                Assignment::default().with_topic_partitions(topics.collect())
            });
            ConsumerGroupHeartbeatResponse::default()
                .with_member_id(Some(text(&id)))
                .with_member_epoch(beat.epoch)
                // Who goes does not report again.
                .with_heartbeat_interval_ms(if beat.epoch < 0 { 0 } else { interval })
                .with_assignment(assignment)
        }
        Err(error) => ConsumerGroupHeartbeatResponse::default()
            .with_error_code(error.code())
            .with_error_message(Some(text(&error.to_string()))),
    }
}

fn beat(
    state: &mut State,
    cx: &Context<'_>,
    request: &ConsumerGroupHeartbeatRequest,
) -> Result<(String, Beat), ResponseError> {
    cx.check()?;
    state.check_coordinator(cx.node, &request.group_id)?;
    // Only version 0 leaves it to the broker to find an id.
    let id = match request.member_id.as_str() {
        "" if cx.version == 0 && request.member_epoch == 0 => new_id(cx.client_id),
        id => id.to_owned(),
    };
    // All of it before there is a group: who asks for what cannot be must not leave one behind.
    check_request(request, &id)?;
    let report = report(state, cx, request, &id)?;
    check_report(&report)?;
    if report.topics.is_some() {
        state.make_room_in_groups(cx.size)?;
    }
    let session = state.options.consumer_session_timeout;
    let (topics, groups) = (&state.topics, &mut state.groups);
    let count = |name: &str| i32::try_from(topics.get(name)?.partitions.len()).ok();
    let group = if request.member_epoch == 0 {
        groups.consumer(&request.group_id)?
    } else {
        groups
            .known_consumer(&request.group_id)
            .ok_or(ResponseError::GroupIdNotFound)?
    };
    let beat = group.heartbeat(&report, count, session, cx.at.now)?;
    Ok((id, beat))
}

/// What is no sound report whatever the group is, as Kafka sees it.
fn check_request(request: &ConsumerGroupHeartbeatRequest, id: &str) -> Result<(), ResponseError> {
    let nameless =
        request.group_id.is_empty() || id.is_empty() || request.instance_id.as_ref().is_some_and(|id| id.is_empty());
    let owns_nothing = request.topic_partitions.as_ref().is_some_and(Vec::is_empty);
    // Who joins says everything, and owns nothing.
    let is_whole = || request.rebalance_timeout_ms >= 0 && request.subscribed_topic_names.is_some() && owns_nothing;
    let is_sound = match request.member_epoch {
        0 => is_whole(),
        LEAVES | LEAVES_FOR_A_WHILE | 1.. => true,
        _ => false,
    };
    if nameless || !is_sound {
        return Err(ResponseError::InvalidRequest);
    }
    Ok(())
}

fn report(
    state: &State,
    cx: &Context<'_>,
    request: &ConsumerGroupHeartbeatRequest,
    id: &str,
) -> Result<Report, ResponseError> {
    if request
        .subscribed_topic_regex
        .as_deref()
        .is_some_and(|regex| !regex.is_empty())
    {
        return Err(ResponseError::InvalidRegularExpression);
    }
    let assignor = request.server_assignor.as_deref();
    let assignor = assignor.map(|name| Assignor::parse(name).ok_or(ResponseError::UnsupportedAssignor));
    let timeout = u64::try_from(request.rebalance_timeout_ms).ok();
    let names = request.subscribed_topic_names.as_ref();
    Ok(Report {
        member_id: id.to_owned(),
        epoch: request.member_epoch,
        instance_id: request.instance_id.as_ref().map(ToString::to_string),
        rack_id: request.rack_id.as_ref().map(ToString::to_string),
        client_id: cx.client_id.to_owned(),
        host: cx.host.to_owned(),
        rebalance_timeout: timeout.map(Duration::from_millis),
        topics: names.map(|names| names.iter().map(|name| name.to_string()).collect()),
        assignor: assignor.transpose()?,
        owned: request.topic_partitions.as_ref().map(|topics| {
            let known = topics.iter().filter_map(|topic| {
                let name = state.topics.name_of(topic.topic_id)?;
                Some(topic.partitions.iter().map(|number| (name.to_string(), *number)))
            });
            known.flatten().collect()
        }),
    })
}

/// Id, name and partitions of each topic that is still there.
fn by_topic(topics: &Topics, share: &Share) -> Vec<(Uuid, String, Vec<i32>)> {
    let mut grouped: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for (name, number) in share {
        grouped.entry(name).or_default().push(*number);
    }
    grouped
        .into_iter()
        .filter_map(|(name, partitions)| Some((topics.get(name)?.id, name.to_owned(), partitions)))
        .collect()
}

pub fn describe(
    state: &mut State,
    cx: &Context<'_>,
    request: ConsumerGroupDescribeRequest,
) -> ConsumerGroupDescribeResponse {
    let groups = request.group_ids.iter().map(|name| {
        let described = DescribedGroup::default()
            .with_group_id(group_id(name))
            .with_authorized_operations(NOT_ASKED);
        let found = cx.check().and_then(|()| {
            state.check_coordinator(cx.node, name)?;
            match state.groups.get(name).map(|group| &group.kind) {
                Some(Kind::Consumer(group)) => Ok(group),
                _ => Err(ResponseError::GroupIdNotFound),
            }
        });
        match found {
            Ok(group) => consumer_group(state, described, group),
            Err(error) => described
                .with_error_code(error.code())
                .with_error_message(Some(text(&error.to_string()))),
        }
    });
    ConsumerGroupDescribeResponse::default().with_groups(groups.collect())
}

fn consumer_group(state: &State, described: DescribedGroup, group: &ConsumerGroup) -> DescribedGroup {
    let share = |share: &Share| {
        let topics = by_topic(&state.topics, share)
            .into_iter()
            .map(|(id, name, partitions)| {
                DescribedPartitions::default()
                    .with_topic_id(id)
                    .with_topic_name(topic_name(&name))
                    .with_partitions(partitions)
            });
        DescribedAssignment::default().with_topic_partitions(topics.collect())
    };
    let members = group.members.iter().map(|(id, member)| {
        Member::default()
            .with_member_id(text(id))
            .with_instance_id(member.instance_id.as_deref().map(text))
            .with_rack_id(member.rack_id.as_deref().map(text))
            .with_member_epoch(member.epoch)
            .with_client_id(text(&member.client_id))
            .with_client_host(text(&format!("/{}", member.host)))
            .with_subscribed_topic_regex(Some(text("")))
            .with_subscribed_topic_names(member.topics.iter().map(|name| topic_name(name)).collect())
            .with_assignment(share(&member.assigned))
            .with_target_assignment(share(&member.target))
            // 1: of the newer kind. The field came with version 1 and is left out before.
            .with_member_type(1)
    });
    described
        .with_group_state(text(group.state()))
        .with_group_epoch(group.epoch)
        .with_assignment_epoch(group.assignment_epoch)
        .with_assignor_name(text(group.assignor().name()))
        .with_members(members.collect())
}
