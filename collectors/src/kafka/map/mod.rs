//! From what a visit learnt to a snapshot: pure.

mod brokers;
mod group_entities;
mod groups;
mod links;
mod names;
mod releases;
mod sizes;
mod topics;
mod warnings;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use brokerscope_contract::{EntityKey, EntityKind, MetricId, Sample, ServerInfo, Snapshot, Timestamp};

use super::cadence::GROUPS_PER_VISIT;
use super::checks;
use super::config::Config;
use super::connect;
use super::memory::Memory;
use super::offsets::Offsets;
use super::reader::GroupPosition;
use super::registry::SUBJECTS_PER_VISIT;
use super::vendor::Vendor;
use super::wire::{Cluster, Metadata, Survey, Topic, Trouble};
use crate::addresses::{self, address, is_loopback};

/// Everything that one visit learnt. What is asked for less often is in [`Memory`].
pub struct Visit {
    pub at: Timestamp,
    pub metadata: Metadata,
    pub cluster: Result<Cluster, Trouble>,
    /// Nothing when the groups were not listed on this visit; otherwise what went wrong with it.
    pub listing: Option<Vec<(i32, Trouble)>>,
    pub ends: Offsets,
    /// Messages published per topic since watching began, on top of the end offsets then.
    pub published: HashMap<String, f64>,
    pub positions: Vec<(String, Result<GroupPosition, Trouble>)>,
    /// Groups that were described on this visit.
    pub described: BTreeSet<String>,
    /// Groups whose parts are to be announced as entities.
    pub announced: HashSet<String>,
    /// Sizes on disk, when they were asked for.
    pub survey: Option<Survey>,
    /// The whole list of entities is due.
    pub inventory: bool,
    /// Topics, partitions, leaders or replicas are not those of the visit before.
    pub shape_changed: bool,
}

/// One visit beside what is remembered and what is wanted.
#[derive(Clone, Copy)]
struct Sight<'a> {
    visit: &'a Visit,
    memory: &'a Memory,
    config: &'a Config,
}

pub fn snapshot(visit: &Visit, memory: &Memory, config: &Config) -> Snapshot {
    let sight = Sight { visit, memory, config };
    let mut snapshot = Snapshot::empty(visit.at);
    snapshot.server = sight.server();
    brokers::add(sight, &mut snapshot);
    topics::add(sight, &mut snapshot);
    groups::add(sight, &mut snapshot);
    sizes::add(sight, &mut snapshot);
    if memory.connect.fresh {
        let workers = config
            .connect
            .iter()
            .flat_map(|service| addresses::hosts(&service.roots));
        let workers: Vec<&str> = workers.collect();
        let known = links::Present::of(sight);
        snapshot
            .entities
            .extend(connect::map::entities(&memory.connect, &known, &workers));
        snapshot.complete.extend([EntityKind::Connector, EntityKind::Endpoint]);
    }
    if visit.inventory {
        links::add(sight, &mut snapshot);
        snapshot.complete.extend(sight.complete());
    } else if visit.shape_changed {
        snapshot.complete.extend([EntityKind::Topic, EntityKind::Partition]);
    }
    warnings::add(sight, &mut snapshot);
    snapshot.checks = checks::results(&checks::Seen {
        metadata: &visit.metadata,
        cluster: &visit.cluster,
        ends: &visit.ends,
        configs: &memory.configs,
        survey: memory.survey.as_ref(),
        connect: &memory.connect,
        registry: &memory.registry,
    });
    snapshot
}

impl<'a> Sight<'a> {
    fn vendor(self) -> Vendor {
        self.visit.cluster.as_ref().map(Vendor::of).unwrap_or_default()
    }

    /// Topics that the connection's patterns admit.
    fn topics(self) -> impl Iterator<Item = &'a Topic> {
        let filter = &self.config.topics;
        self.visit
            .metadata
            .topics
            .iter()
            .filter(move |topic| filter.admits(&topic.name))
    }

    /// Every broker that the cluster lists, or that holds a replica although the cluster lists it no longer.
    fn broker_ids(self) -> BTreeSet<i32> {
        let metadata = &self.visit.metadata;
        let replicas = metadata.topics.iter().flat_map(|topic| &topic.partitions);
        let listed = metadata.brokers.iter().map(|broker| broker.id);
        listed
            .chain(replicas.flat_map(|partition| partition.replicas.iter().copied()))
            .collect()
    }

    fn server(self) -> ServerInfo {
        let watched = self.topics().count();
        let all = self.visit.metadata.topics.len();
        let mut tier = vec![format!("offsets every {} s", self.config.interval_seconds)];
        if self.vendor() == Vendor::Redpanda {
            tier.insert(0, "Redpanda".into());
        }
        if watched < all {
            tier.push(format!("{watched} of {all} topics watched"));
        }
        let groups = self.memory.groups.len();
        if groups > GROUPS_PER_VISIT {
            tier.push(format!(
                "commits of {GROUPS_PER_VISIT} of {groups} groups per visit, in turn"
            ));
        }
        let subjects = self.memory.registry.names.as_ref().map_or(0, BTreeSet::len);
        if subjects > SUBJECTS_PER_VISIT {
            tier.push(format!(
                "schemas of {SUBJECTS_PER_VISIT} of {subjects} subjects a minute, in turn"
            ));
        }
        ServerInfo {
            version: self
                .memory
                .survey
                .as_ref()
                .and_then(|survey| survey.metadata_version())
                .and_then(releases::of_metadata_version)
                .map(str::to_string),
            cluster_name: self.visit.cluster.as_ref().ok().and_then(|cluster| cluster.id.clone()),
            nodes: u32::try_from(self.visit.metadata.brokers.len()).ok(),
            tier: Some(tier.join(", ")),
            addresses: self.addresses(),
        }
    }

    /// Where clients reach the cluster: as it is configured here, and as its brokers say themselves.
    fn addresses(self) -> Vec<String> {
        let bootstrap = &self.config.bootstrap;
        let is_here = bootstrap.iter().any(|server| is_loopback(&server.host));
        // What a broker elsewhere calls loopback is its own machine.
        let brokers = self.visit.metadata.brokers.iter();
        let brokers = brokers.filter(|broker| is_here || !is_loopback(&broker.host));
        let all = bootstrap
            .iter()
            .map(|server| address(&server.host, server.port))
            .chain(brokers.map(|broker| address(&broker.host, broker.port)));
        addresses::set(all)
    }

    /// Kinds of which this visit lists everything. A kind with any failed answer is left out: what is missing from
    /// its list may well exist.
    fn complete(self) -> Vec<EntityKind> {
        let mut complete = vec![EntityKind::Node, EntityKind::Topic, EntityKind::Partition];
        let listed = self.visit.listing.as_ref().is_some_and(Vec::is_empty);
        if !listed {
            return complete;
        }
        complete.push(EntityKind::ConsumerGroup);
        let groups = &self.memory.groups;
        if groups
            .values()
            .all(|group| group.described.is_some() && group.trouble.is_none())
        {
            complete.extend([EntityKind::Member, EntityKind::Service]);
        }
        let read: BTreeMap<&str, bool> = self
            .visit
            .positions
            .iter()
            .map(|(name, position)| (name.as_str(), position.is_ok()))
            .collect();
        if groups.keys().all(|name| read.get(name.as_str()) == Some(&true)) {
            complete.extend([EntityKind::GroupTopic, EntityKind::GroupPartition]);
        }
        complete
    }
}

/// Adds a sample when there is a value.
fn measure(snapshot: &mut Snapshot, entity: &EntityKey, metric: MetricId, value: Option<f64>) {
    if let Some(value) = value {
        snapshot.samples.push(Sample::new(entity.clone(), metric, value));
    }
}

#[cfg(test)]
mod tests;
