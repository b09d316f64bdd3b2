//! How topics, groups and services are connected, with the evidence for each connection.

use std::collections::{BTreeMap, BTreeSet};

use brokerscope_contract::{EntityKey, Evidence, Link, LinkKind, Snapshot};

use super::super::connect;
use super::{Sight, groups, names, topics};

pub fn add(sight: Sight<'_>, snapshot: &mut Snapshot) {
    let mut links = connect::map::links(&sight.memory.connect, &Present::of(sight));
    dead_letters(sight, &mut links);
    subscriptions(sight, &mut links);
    services(sight, &mut links);
    snapshot.links = Some(links);
}

/// What connectors may be joined to: what this visit shows.
pub(super) struct Present<'a> {
    topics: BTreeSet<&'a str>,
    sight: Sight<'a>,
    /// Whether the connectors work on this cluster, so that their topics are these.
    here: bool,
}

impl<'a> Present<'a> {
    pub fn of(sight: Sight<'a>) -> Present<'a> {
        let cluster = sight
            .visit
            .cluster
            .as_ref()
            .ok()
            .and_then(|cluster| cluster.id.as_deref());
        let worker = sight.memory.connect.worker();
        let elsewhere = worker
            .zip(cluster)
            .is_some_and(|(worker, id)| worker.kafka_cluster_id != id);
        Present {
            topics: sight.topics().map(|topic| topic.name.as_str()).collect(),
            sight,
            here: !elsewhere,
        }
    }
}

impl connect::map::Known for Present<'_> {
    fn topic(&self, name: &str) -> Option<EntityKey> {
        (self.here && self.topics.contains(name)).then(|| topics::key(name))
    }

    fn group(&self, name: &str) -> Option<EntityKey> {
        (self.here && self.sight.memory.groups.contains_key(name)).then(|| groups::key(name))
    }
}

/// Kafka has no dead-letter setting: `orders.dlq` beside `orders` is a habit, and so only inferred. What a connector
/// declares needs no such guess.
fn dead_letters(sight: Sight<'_>, links: &mut Vec<Link>) {
    let known: BTreeSet<&str> = sight.topics().map(|topic| topic.name.as_str()).collect();
    let declared: BTreeSet<EntityKey> = links
        .iter()
        .filter(|link| link.kind == LinkKind::DeadLetter)
        .map(|link| link.to.clone())
        .collect();
    for name in known.iter().filter(|name| !declared.contains(&topics::key(name))) {
        if let Some(origin) = names::dead_letter_origin(name)
            && known.contains(origin)
        {
            links.push(Link {
                from: topics::key(origin),
                to: topics::key(name),
                kind: LinkKind::DeadLetter,
                label: Some("by name".into()),
                evidence: Evidence::Inferred,
            });
        }
    }
}

/// A group reads the topics that its members are assigned, and those that it has committed for.
fn subscriptions(sight: Sight<'_>, links: &mut Vec<Link>) {
    let mut read: BTreeMap<(&str, &str), Evidence> = BTreeMap::new();
    for (group, position) in &sight.visit.positions {
        for topic in position.iter().flat_map(|position| &position.topics) {
            read.insert((topic.topic.as_str(), group), Evidence::Counted);
        }
    }
    let watched: BTreeSet<&str> = sight.topics().map(|topic| topic.name.as_str()).collect();
    for (name, group) in &sight.memory.groups {
        let members = groups::members(group).unwrap_or_default();
        for topic in members.iter().flat_map(|member| member.assignment.keys()) {
            if watched.contains(topic.as_str()) {
                read.insert((topic, name), Evidence::Connected);
            }
        }
    }
    links.extend(read.into_iter().map(|((topic, group), evidence)| Link {
        from: topics::key(topic),
        to: groups::key(group),
        kind: LinkKind::Subscribes,
        label: None,
        evidence,
    }));
}

/// Members name their application by their client id.
fn services(sight: Sight<'_>, links: &mut Vec<Link>) {
    let mut consumes = BTreeSet::new();
    for (name, group) in &sight.memory.groups {
        for member in groups::members(group).unwrap_or_default() {
            if let Some(service) = groups::service(sight, name, member) {
                consumes.insert((name.as_str(), service));
            }
        }
    }
    links.extend(consumes.into_iter().map(|(group, service)| Link {
        from: groups::key(group),
        to: groups::service_key(service),
        kind: LinkKind::Consumes,
        label: None,
        evidence: Evidence::Connected,
    }));
}
