//! ListGroups, DescribeGroups and DeleteGroups: groups as others see them.

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::delete_groups_response::DeletableGroupResult;
use kafka_protocol::messages::describe_groups_response::{DescribedGroup, DescribedGroupMember};
use kafka_protocol::messages::list_groups_response::ListedGroup;
use kafka_protocol::messages::{
    DeleteGroupsRequest, DeleteGroupsResponse, DescribeGroupsRequest, DescribeGroupsResponse, ListGroupsRequest,
    ListGroupsResponse,
};

use super::context::{Context, code, group_id, text};
use crate::groups::Kind;
use crate::groups::classic::{Classic, Phase};
use crate::state::State;

/// "Not asked for" in fields for authorized operations.
const NOT_ASKED: i32 = i32::MIN;

/// The groups that this node coordinates.
pub fn list(state: &mut State, cx: &Context<'_>, request: ListGroupsRequest) -> ListGroupsResponse {
    if let Err(error) = cx.check() {
        return ListGroupsResponse::default().with_error_code(error.code());
    }
    let wanted = |filter: &[kafka_protocol::protocol::StrBytes], value: &str| {
        filter.is_empty() || filter.iter().any(|one| one.eq_ignore_ascii_case(value))
    };
    let groups = state
        .groups
        .iter()
        .filter(|(name, _)| state.cluster.coordinator(name) == Some(cx.node))
        .filter(|(_, group)| wanted(&request.states_filter, group.state()))
        .filter(|(_, group)| wanted(&request.types_filter, group.type_name()))
        .map(|(name, group)| {
            let listed = ListedGroup::default()
                .with_group_id(group_id(name))
                .with_protocol_type(text(group.protocol_type()));
            let listed = match cx.version {
                4.. => listed.with_group_state(text(group.state())),
                _ => listed,
            };
            match cx.version {
                5.. => listed.with_group_type(text(group.type_name())),
                _ => listed,
            }
        });
    ListGroupsResponse::default().with_groups(groups.collect())
}

pub fn describe(state: &mut State, cx: &Context<'_>, request: DescribeGroupsRequest) -> DescribeGroupsResponse {
    let groups = request.groups.iter().map(|name| {
        let allowed = cx.check().and_then(|()| state.check_coordinator(cx.node, name));
        let described = DescribedGroup::default()
            .with_group_id(group_id(name))
            .with_authorized_operations(NOT_ASKED);
        if let Err(error) = allowed {
            return described.with_error_code(error.code());
        }
        match state.groups.get(name).map(|group| &group.kind) {
            Some(Kind::Classic(classic)) => classic_group(described, classic),
            // Not there, or of the newer kind. From version 6 on that is an error; before, the group is dead.
            _ => {
                let dead = described.with_group_state(text("Dead"));
                if cx.version >= 6 {
                    dead.with_error_code(ResponseError::GroupIdNotFound.code())
                        .with_error_message(Some(text("there is no classic group of this name")))
                } else {
                    dead
                }
            }
        }
    });
    DescribeGroupsResponse::default().with_groups(groups.collect())
}

fn classic_group(described: DescribedGroup, classic: &Classic) -> DescribedGroup {
    let stable = classic.phase() == Phase::Stable;
    let members = classic.members.iter().map(|(id, member)| {
        DescribedGroupMember::default()
            .with_member_id(text(id))
            .with_group_instance_id(member.instance_id.as_deref().map(text))
            .with_client_id(text(&member.client_id))
            .with_client_host(text(&format!("/{}", member.host)))
            // Between generations nobody has an assignment, and which protocol it will be is open.
            .with_member_metadata(if stable {
                member.metadata(&classic.protocol)
            } else {
                Bytes::new()
            })
            .with_member_assignment(if stable {
                member.assignment.clone()
            } else {
                Bytes::new()
            })
    });
    described
        .with_group_state(text(classic.phase().name()))
        .with_protocol_type(text(&classic.protocol_type))
        .with_protocol_data(text(if stable { &classic.protocol } else { "" }))
        .with_members(members.collect())
}

pub fn delete(state: &mut State, cx: &Context<'_>, request: DeleteGroupsRequest) -> DeleteGroupsResponse {
    let results = request.groups_names.iter().map(|name| {
        let deleted = cx.check().and_then(|()| {
            state.check_coordinator(cx.node, name)?;
            state.groups.remove(name)
        });
        DeletableGroupResult::default()
            .with_group_id(group_id(name))
            .with_error_code(code(&deleted))
    });
    DeleteGroupsResponse::default().with_results(results.collect())
}
