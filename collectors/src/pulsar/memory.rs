//! What a collector keeps between visits.

use std::collections::BTreeMap;

use brokerscope_contract::{Entity, Link, Timestamp, Warning};

use super::ages::Ages;
use super::brokers::Broker;
use super::counted::Counted;
use super::functions::Functions;
use super::inventory::Inventory;
use super::odometer::Odometer;

#[derive(Debug, Default)]
pub struct Memory {
    pub version: Option<String>,
    /// Whether the role may ask about brokers and all topics at once; `None` until it was tried.
    pub is_super_user: Option<bool>,
    pub brokers: Vec<Broker>,
    /// How many brokers the cluster named, asked or not.
    pub named_brokers: usize,
    /// When each broker was last named by the cluster: one that left is shown for a while.
    pub last_named: BTreeMap<String, Timestamp>,
    pub leader: Option<String>,
    /// Of each broker, by its name: its failure to send itself a message, if any.
    pub health: BTreeMap<String, Result<(), String>>,
    pub bookies: Option<Vec<String>>,
    /// Clusters by name, and where each one is reached.
    pub clusters: BTreeMap<String, Option<String>>,
    pub cluster_name: Option<String>,
    pub inventory: Inventory,
    pub odometer: Odometer,
    pub ages: Ages,
    pub counted: Counted,
    pub functions: Functions,
    /// The last lists that were told, so that they are told again only when they differ.
    pub entities: Vec<Entity>,
    pub links: Vec<Link>,
    /// What is missing, by the question that would tell; stands until the question is asked again.
    pub warnings: BTreeMap<About, Vec<Warning>>,
}

/// What a standing warning is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    Role,
    Brokers,
    Figures,
    Metrics,
    Leader,
    Health,
    Load,
    Bookies,
    Clusters,
    Namespaces,
    Topics,
    Policies,
    Ages,
    Loaded,
    Functions,
}

impl Memory {
    /// Replaces what stands about it.
    pub fn note(&mut self, about: About, warnings: impl IntoIterator<Item = Warning>) {
        self.warnings.insert(about, warnings.into_iter().collect());
    }

    /// Every standing warning.
    pub fn all_warnings(&self) -> Vec<Warning> {
        self.warnings.values().flatten().cloned().collect()
    }
}
