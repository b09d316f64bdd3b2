//! The numbers by which librdkafka names kinds and states of groups, in our words.

use std::ffi::c_int;

use super::super::wire::{GroupProtocol, GroupState};

/// The numbers are those of `rd_kafka_consumer_group_type_t`.
pub fn protocol(number: c_int) -> GroupProtocol {
    match number {
        1 => GroupProtocol::Consumer,
        2 => GroupProtocol::Classic,
        _ => GroupProtocol::Unknown,
    }
}

/// The numbers are those of `rd_kafka_consumer_group_state_t`, which has no word for the two states that only
/// the new protocol has; it calls them unknown.
pub fn state(number: c_int, protocol: GroupProtocol) -> GroupState {
    match (number, protocol) {
        (1, _) => GroupState::PreparingRebalance,
        (2, _) => GroupState::CompletingRebalance,
        (3, _) => GroupState::Stable,
        (4, _) => GroupState::Dead,
        (5, _) => GroupState::Empty,
        (_, GroupProtocol::Consumer) => GroupState::Reconciling,
        _ => GroupState::Unknown,
    }
}
