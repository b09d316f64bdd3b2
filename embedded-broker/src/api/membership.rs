//! JoinGroup, SyncGroup, Heartbeat and LeaveGroup: being a member of a classic group.

use std::time::Duration;

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::join_group_response::JoinGroupResponseMember;
use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::messages::leave_group_response::MemberResponse;
use kafka_protocol::messages::{
    HeartbeatRequest, HeartbeatResponse, JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest, LeaveGroupResponse,
    SyncGroupRequest, SyncGroupResponse,
};

use super::context::{Context, code, text};
use crate::clock;
use crate::groups::classic::{Admission, Classic, Joined};
use crate::groups::{Join, Protocol};
use crate::state::State;

/// Shorter ones than Kafka's 6 s are fine: nothing here is far away.
const SHORTEST_SESSION: i32 = 500;
const LONGEST_SESSION: i32 = 1_800_000;

pub async fn join(cx: &Context<'_>, request: JoinGroupRequest) -> JoinGroupResponse {
    let asked = request.member_id.to_string();
    match admitted(cx, &request).await {
        Ok(Entry::Joined(joined)) => accepted(cx, joined),
        Ok(Entry::AskAgain(id)) => turned_away(cx, ResponseError::MemberIdRequired, &id),
        Err(error) => turned_away(cx, error, &asked),
    }
}

enum Entry {
    Joined(Joined),
    AskAgain(String),
}

async fn admitted(cx: &Context<'_>, request: &JoinGroupRequest) -> Result<Entry, ResponseError> {
    if !(SHORTEST_SESSION..=LONGEST_SESSION).contains(&request.session_timeout_ms) {
        return Err(ResponseError::InvalidSessionTimeout);
    }
    let group = request.group_id.to_string();
    let mut changes = cx.shared.group_changes();
    let admission = {
        let mut state = cx.shared.lock();
        let delay = state.options.initial_rebalance_delay;
        cx.check()?;
        state.check_coordinator(cx.node, &group)?;
        state.make_room_in_groups(cx.size)?;
        let classic = state.groups.classic(&group)?;
        classic.join(&requested_join(cx, request), || new_id(cx.client_id), delay, cx.at.now)?
    };
    cx.shared.wake_groups();
    let id = match admission {
        Admission::AskAgain(id) => return Ok(Entry::AskAgain(id)),
        Admission::Now(joined) => {
            drop(Waiting::new(cx, &group, &joined.member_id).answered());
            return Ok(Entry::Joined(joined));
        }
        Admission::Wait(id) => id,
    };
    let waiting = Waiting::new(cx, &group, &id);
    loop {
        // The sender lives as long as the state does.
        let _ = changes.changed().await;
        let joined = {
            let mut state = cx.shared.lock();
            classic(&mut state, cx, &group)?.joined(&id)
        };
        if let Some(joined) = joined {
            drop(waiting.answered());
            return joined.map(Entry::Joined);
        }
    }
}

/// Tells the group when the connection that waits for an answer has it, or is gone.
struct Waiting<'a> {
    cx: &'a Context<'a>,
    group: &'a str,
    id: &'a str,
    answered: bool,
}

impl<'a> Waiting<'a> {
    fn new(cx: &'a Context<'a>, group: &'a str, id: &'a str) -> Self {
        Self {
            cx,
            group,
            id,
            answered: false,
        }
    }

    fn answered(mut self) -> Self {
        self.answered = true;
        self
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut state = self.cx.shared.lock();
        if let Some(classic) = state.groups.known_classic(self.group) {
            classic.stops_waiting(self.id, self.answered, clock::moment().now);
        }
    }
}

fn requested_join(cx: &Context<'_>, request: &JoinGroupRequest) -> Join {
    let millis = |millis: i32| Duration::from_millis(millis.max(0).unsigned_abs().into());
    let session_timeout = millis(request.session_timeout_ms);
    let protocols = request.protocols.iter().map(|protocol| Protocol {
        name: protocol.name.to_string(),
        // A slice would keep the whole request in memory.
        metadata: Bytes::copy_from_slice(&protocol.metadata),
    });
    Join {
        member_id: request.member_id.to_string(),
        instance_id: request.group_instance_id.as_ref().map(ToString::to_string),
        client_id: cx.client_id.to_owned(),
        host: cx.host.to_owned(),
        session_timeout,
        // Version 0 knows but one time-out.
        rebalance_timeout: match request.rebalance_timeout_ms {
            -1 => session_timeout,
            asked => millis(asked),
        },
        protocol_type: request.protocol_type.to_string(),
        protocols: protocols.collect(),
        two_steps: cx.version >= 4,
    }
}

/// As Kafka makes them: the client's name and something that nobody else has.
pub fn new_id(client_id: &str) -> String {
    format!("{client_id}-{}", uuid::Uuid::from_u128(fastrand::u128(..)))
}

/// The group, where this node answers for it. Only a join makes one.
fn classic<'s>(state: &'s mut State, cx: &Context<'_>, group: &str) -> Result<&'s mut Classic, ResponseError> {
    cx.check()?;
    if group.is_empty() {
        return Err(ResponseError::InvalidGroupId);
    }
    state.check_coordinator(cx.node, group)?;
    state.groups.known_classic(group).ok_or(ResponseError::UnknownMemberId)
}

fn accepted(cx: &Context<'_>, joined: Joined) -> JoinGroupResponse {
    let members = joined.members.into_iter().map(|(id, instance, metadata)| {
        JoinGroupResponseMember::default()
            .with_member_id(text(&id))
            .with_group_instance_id(instance.as_deref().map(text))
            .with_metadata(metadata)
    });
    let response = JoinGroupResponse::default()
        .with_generation_id(joined.generation)
        .with_protocol_name(Some(text(&joined.protocol)))
        .with_leader(text(&joined.leader))
        .with_member_id(text(&joined.member_id))
        .with_members(members.collect());
    if cx.version >= 7 {
        response.with_protocol_type(Some(text(&joined.protocol_type)))
    } else {
        response
    }
}

fn turned_away(cx: &Context<'_>, error: ResponseError, id: &str) -> JoinGroupResponse {
    JoinGroupResponse::default()
        .with_error_code(error.code())
        .with_generation_id(-1)
        // Null came with version 7.
        .with_protocol_name(if cx.version >= 7 { None } else { Some(text("")) })
        .with_member_id(text(id))
}

pub async fn sync(cx: &Context<'_>, request: SyncGroupRequest) -> SyncGroupResponse {
    let synced = share(cx, request).await;
    let response = SyncGroupResponse::default().with_error_code(code(&synced));
    match synced {
        Ok((protocol_type, protocol, assignment)) if cx.version >= 5 => response
            .with_protocol_type(Some(text(&protocol_type)))
            .with_protocol_name(Some(text(&protocol)))
            .with_assignment(assignment),
        Ok((_, _, assignment)) => response.with_assignment(assignment),
        Err(_) => response,
    }
}

/// The group's protocol, and what this member is to read.
async fn share(cx: &Context<'_>, request: SyncGroupRequest) -> Result<(String, String, Bytes), ResponseError> {
    let (group, id) = (request.group_id.to_string(), request.member_id.to_string());
    let generation = request.generation_id;
    let mut changes = cx.shared.group_changes();
    let mut outcome = {
        let mut state = cx.shared.lock();
        state.make_room_in_groups(cx.size)?;
        let classic = classic(&mut state, cx, &group)?;
        check_instance(classic, request.group_instance_id.as_deref(), &id)?;
        classic.check(&id, generation)?;
        check_protocol(classic, &request)?;
        let brought = request.assignments.into_iter();
        let brought = brought.map(|one| (one.member_id.to_string(), one.assignment));
        classic.sync(&id, generation, brought.collect(), cx.at.now)
    };
    cx.shared.wake_groups();
    let waiting = outcome.is_none().then(|| Waiting::new(cx, &group, &id));
    loop {
        if let Some(outcome) = outcome {
            drop(waiting.map(Waiting::answered));
            let assignment = outcome?;
            let mut state = cx.shared.lock();
            let classic = classic(&mut state, cx, &group)?;
            return Ok((classic.protocol_type.clone(), classic.protocol.clone(), assignment));
        }
        let _ = changes.changed().await;
        let mut state = cx.shared.lock();
        outcome = classic(&mut state, cx, &group)?.synced(&id, generation);
    }
}

/// Newer members say which protocol they take it to be.
fn check_protocol(classic: &Classic, request: &SyncGroupRequest) -> Result<(), ResponseError> {
    let fits = |said: Option<&str>, is: &str| said.is_none_or(|said| said == is);
    if fits(request.protocol_type.as_deref(), &classic.protocol_type)
        && fits(request.protocol_name.as_deref(), &classic.protocol)
    {
        Ok(())
    } else {
        Err(ResponseError::InconsistentGroupProtocol)
    }
}

/// A static member whose place another one has taken is out.
fn check_instance(classic: &Classic, instance: Option<&str>, id: &str) -> Result<(), ResponseError> {
    match instance.and_then(|instance| classic.member_of(instance)) {
        Some(current) if current != id => Err(ResponseError::FencedInstanceId),
        _ => Ok(()),
    }
}

pub fn heartbeat(state: &mut State, cx: &Context<'_>, request: HeartbeatRequest) -> HeartbeatResponse {
    let beat = classic(state, cx, &request.group_id).and_then(|classic| {
        check_instance(classic, request.group_instance_id.as_deref(), &request.member_id)?;
        classic.heartbeat(&request.member_id, request.generation_id, cx.at.now)
    });
    HeartbeatResponse::default().with_error_code(code(&beat))
}

pub fn leave(state: &mut State, cx: &Context<'_>, request: LeaveGroupRequest) -> LeaveGroupResponse {
    let response = LeaveGroupResponse::default();
    let classic = match classic(state, cx, &request.group_id) {
        Ok(classic) => classic,
        Err(error) => return response.with_error_code(error.code()),
    };
    let response = if cx.version >= 3 {
        let goers = request.members.iter();
        response.with_members(goers.map(|member| go(classic, cx, member)).collect())
    } else {
        let left = classic.leave(&request.member_id, cx.at.now);
        response.with_error_code(code(&left))
    };
    cx.shared.wake_groups();
    response
}

/// A static member may be named by its instance alone: that is how an operator removes it.
fn go(classic: &mut Classic, cx: &Context<'_>, member: &MemberIdentity) -> MemberResponse {
    let instance = member.group_instance_id.as_deref();
    let id = match instance.filter(|_| member.member_id.is_empty()) {
        Some(instance) => classic.member_of(instance).ok_or(ResponseError::UnknownMemberId),
        None => check_instance(classic, instance, &member.member_id).map(|()| member.member_id.to_string()),
    };
    let left = id.and_then(|id| classic.leave(&id, cx.at.now));
    MemberResponse::default()
        .with_member_id(text(&member.member_id))
        .with_group_instance_id(instance.map(text))
        .with_error_code(code(&left))
}
