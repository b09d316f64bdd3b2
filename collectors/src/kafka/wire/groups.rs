//! Consumer groups and their members.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Trouble;

/// The answers of all brokers to ListGroups.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct GroupList {
    /// Each group once, sorted by name.
    pub groups: Vec<ListedGroup>,
    /// Brokers whose groups are not known, and why.
    pub troubles: Vec<(i32, Trouble)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedGroup {
    pub name: String,
    /// Unknown from brokers before 2.6.
    pub state: GroupState,
    pub protocol: GroupProtocol,
    /// The broker that listed it.
    pub coordinator: i32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum GroupState {
    Unknown,
    PreparingRebalance,
    CompletingRebalance,
    /// Only of the new protocol, like the next one.
    Assigning,
    Reconciling,
    Stable,
    Empty,
    Dead,
}

impl GroupState {
    pub const ALL: &[GroupState] = &[
        GroupState::Unknown,
        GroupState::PreparingRebalance,
        GroupState::CompletingRebalance,
        GroupState::Assigning,
        GroupState::Reconciling,
        GroupState::Stable,
        GroupState::Empty,
        GroupState::Dead,
    ];

    /// Kafka's own word.
    pub fn word(self) -> &'static str {
        match self {
            GroupState::Unknown => "Unknown",
            GroupState::PreparingRebalance => "PreparingRebalance",
            GroupState::CompletingRebalance => "CompletingRebalance",
            GroupState::Assigning => "Assigning",
            GroupState::Reconciling => "Reconciling",
            GroupState::Stable => "Stable",
            GroupState::Empty => "Empty",
            GroupState::Dead => "Dead",
        }
    }

    /// The inverse of [`GroupState::word`]; a word of a newer Kafka is unknown.
    pub fn of(word: &str) -> GroupState {
        let known = GroupState::ALL
            .iter()
            .find(|state| state.word().eq_ignore_ascii_case(word));
        known.copied().unwrap_or(GroupState::Unknown)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum GroupProtocol {
    /// Not told, as by brokers before 3.8.
    Unknown,
    Classic,
    /// The consumer protocol of KIP-848.
    Consumer,
}

/// One group as its coordinator describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    pub name: String,
    pub state: GroupState,
    pub protocol: GroupProtocol,
    pub assignor: String,
    pub members: Vec<Member>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub id: String,
    pub client: String,
    pub host: String,
    /// `group.instance.id` of a static member.
    #[serde(default)]
    pub instance: Option<String>,
    /// Partitions by topic.
    pub assignment: BTreeMap<String, Vec<i32>>,
}
