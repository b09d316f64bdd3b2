//! Judges what reads: consumer groups and subscriptions, and what each says about the topics and streams it reads.

use std::collections::HashMap;

use brokerscope_contract::{EntityKey, EntityKind, LinkKind, Role, Timestamp, metrics};
use brokerscope_judge::verdict::{Assessment, Window, group};

use super::Judging;
use crate::ingest::watch::Watch;
use crate::live::Entity;

impl<'a> Judging<'a> {
    /// First, because topics are judged by them.
    pub(super) fn groups(&mut self, watch: &Watch) {
        let mut partitions: HashMap<&str, Vec<group::Partition<'_>>> = HashMap::new();
        for entity in self.connection.entities.iter().filter(|entity| entity.exists()) {
            if entity.kind() == EntityKind::GroupPartition
                && let [name, topic, number] = &*entity.key.path
                && let Some(window) = watch.window(entity.id)
            {
                partitions
                    .entry(name)
                    .or_default()
                    .push(group::Partition { topic, number, window });
            }
        }
        let groups = self.connection.existing(Role::Subscription);
        for entity in groups.filter(|entity| entity.kind() == EntityKind::ConsumerGroup) {
            let name = entity.key.name();
            let reading = self.connection.reading(entity, metrics::LAG, self.at);
            let partitions = partitions.remove(name).unwrap_or_default();
            let observed =
                watch.was_observed(entity.id) || partitions.iter().any(|part| was_seen(part.window, self.at));
            // Not asked about on this visit, and not overdue: what was said stands.
            let stands = !observed && reading.value.is_some() && reading.absent.is_none();
            let judged = group::judge(&group::Case {
                now: self.at,
                members: entity.readings.shown(metrics::CONSUMERS).map(|(_, members)| members),
                rebalancing: watch.groups.is_rebalancing(name, self.at),
                partitions: if observed || stands { partitions } else { Vec::new() },
                was: watch.verdict(entity),
                absent: reading.absent,
            });
            self.readers_of_topics(entity, &judged, stands, observed);
            if !stands {
                self.said.push((entity, judged.whole));
            }
        }
    }

    /// What the group says about each topic that it reads. Of a group that this visit was not told about, of which
    /// no partition is remembered either, the judgement in force speaks: a topic that it reads is not one that nothing
    /// reads.
    fn readers_of_topics(&mut self, group: &'a Entity, judged: &group::Judged, stands: bool, observed: bool) {
        for (topic, said) in &judged.topics {
            if let Some(topic) = self
                .connection
                .entity(&EntityKey::new(EntityKind::Topic, [topic.as_str()]))
            {
                self.readers.entry(topic.id).or_default().push((group, said.clone()));
            }
        }
        if observed || !judged.topics.is_empty() {
            return;
        }
        let standing = group.judgement.as_ref().filter(|_| stands).map(Assessment::standing);
        let said = standing.unwrap_or_else(|| judged.whole.clone());
        for edge in self.connection.edges.to(group.id, LinkKind::Subscribes) {
            self.readers.entry(edge.from).or_default().push((group, said.clone()));
        }
    }

    /// Before topics and streams, which are judged by them. One that was not asked about on this visit is what it was.
    pub(super) fn subscriptions(&mut self, watch: &Watch) {
        for entity in self.connection.existing(Role::Subscription) {
            if entity.kind() == EntityKind::ConsumerGroup {
                continue;
            }
            let said = self.queue(entity, watch);
            let stands = || entity.judgement.as_ref().map(Assessment::standing);
            if let Some(reads) = said.clone().or_else(stands) {
                for edge in self.connection.edges.to(entity.id, LinkKind::Subscribes) {
                    self.readers.entry(edge.from).or_default().push((entity, reads.clone()));
                }
            }
            self.said.extend(said.map(|said| (entity, said)));
        }
    }
}

fn was_seen(window: &Window, at: Timestamp) -> bool {
    window.newest().is_some_and(|seen| seen.at == at)
}
