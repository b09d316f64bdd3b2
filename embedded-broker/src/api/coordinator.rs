//! FindCoordinator: which node answers for a group.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::find_coordinator_response::Coordinator;
use kafka_protocol::messages::{BrokerId, FindCoordinatorRequest, FindCoordinatorResponse};

use super::context::{Context, text};
use crate::cluster::HOST;
use crate::state::State;

/// Key type of groups; transactions (1) and share groups (2) have no coordinator here.
const GROUP: i8 = 0;

pub fn find(state: &mut State, cx: &Context<'_>, request: FindCoordinatorRequest) -> FindCoordinatorResponse {
    if cx.version >= 4 {
        let keys = request.coordinator_keys.iter();
        let found = keys
            .map(|key| coordinator_of(state, cx, key, request.key_type))
            .collect();
        return FindCoordinatorResponse::default().with_coordinators(found);
    }
    let found = coordinator_of(state, cx, &request.key, request.key_type);
    FindCoordinatorResponse::default()
        .with_error_code(found.error_code)
        .with_node_id(found.node_id)
        .with_host(found.host)
        .with_port(found.port)
}

fn coordinator_of(state: &State, cx: &Context<'_>, key: &str, key_type: i8) -> Coordinator {
    let node = cx.check().and_then(|()| {
        if key_type != GROUP {
            return Err(ResponseError::InvalidRequest);
        }
        let id = state
            .cluster
            .coordinator(key)
            .ok_or(ResponseError::CoordinatorNotAvailable)?;
        let node = state.cluster.node(id).ok_or(ResponseError::CoordinatorNotAvailable)?;
        Ok((id, node.port))
    });
    let coordinator = Coordinator::default().with_key(text(key));
    match node {
        Ok((id, port)) => coordinator
            .with_node_id(BrokerId(id))
            .with_host(text(HOST))
            .with_port(port.into()),
        Err(error) => coordinator
            .with_error_code(error.code())
            .with_node_id(BrokerId(-1))
            .with_port(-1),
    }
}
