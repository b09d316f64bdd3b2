//! How old the oldest messages of single topics are, and how many messages wait, counted.

use std::collections::BTreeSet;

use futures_util::StreamExt;
use futures_util::stream;

use super::AT_ONCE;
use crate::pulsar::ages::TOPICS_A_VISIT;
use crate::pulsar::collector::{PulsarCollector, Visit};
use crate::pulsar::failure::Failure;
use crate::pulsar::map::warnings;
use crate::pulsar::memory::About;
use crate::pulsar::names::TopicName;
use crate::pulsar::plan::FEW_NAMESPACES;
use crate::pulsar::wire::{PartitionedTopic, Topic};

/// Every flag is said, because defaults changed over versions. `subscriptionBacklogSize` locks the ledger. The exact
/// backlog costs less than the age, for which the broker reads a message.
const AGES: &str = "getPreciseBacklog=true&subscriptionBacklogSize=false&getEarliestTimeInBacklog=true\
                    &excludePublishers=true&excludeConsumers=true";

impl PulsarCollector {
    /// How old the oldest messages are, of a few topics. In a cluster of many namespaces only on visits that ask those
    /// nothing.
    pub async fn ask_ages(&mut self, visit: &Visit) {
        let many = self.memory.inventory.namespaces.len() > FEW_NAMESPACES;
        if many && visit.asked_namespaces {
            return;
        }
        let due = self.memory.ages.due(&visit.topics, TOPICS_A_VISIT);
        let client = &self.client;
        let budget = visit.budget;
        let partitioned: BTreeSet<TopicName> = visit
            .topics
            .keys()
            .filter(|name| name.partition.is_some())
            .map(TopicName::whole)
            .collect();
        let answers: Vec<_> = stream::iter(due)
            .map(|name| {
                let is_partitioned = partitioned.contains(&name);
                async move {
                    let path = name.api_path();
                    let parts: Result<Vec<(TopicName, Topic)>, Failure> = if is_partitioned {
                        let path = format!("{path}/partitioned-stats?perPartition=true&{AGES}");
                        let answer = budget.spend(client.ask::<PartitionedTopic>(&path)).await;
                        answer.map(|answer| {
                            let parts = answer.partitions.into_iter();
                            parts
                                .filter_map(|(name, part)| Some((TopicName::parse(&name)?, part)))
                                .collect()
                        })
                    } else {
                        let answer = budget.spend(client.ask::<Topic>(&format!("{path}/stats?{AGES}"))).await;
                        answer.map(|topic| vec![(name.clone(), topic)])
                    };
                    (name, parts)
                }
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let mut failed = None;
        let asked = !answers.is_empty();
        for (name, answer) in answers {
            match answer {
                Ok(parts) => {
                    let as_here = |theirs| self.client.clock().as_here(theirs);
                    let topics = parts.iter().map(|(_, part)| part);
                    self.memory.ages.answered(&name, topics, as_here, visit.at);
                    for (name, part) in &parts {
                        if let Some(seen) = visit.topics.get(name) {
                            self.memory.counted.answered(name, seen, part, visit.at);
                        }
                    }
                }
                Err(failure) => {
                    self.memory.ages.failed(&name, visit.at);
                    // Deleted or unloaded in between is no trouble.
                    if !matches!(failure, Failure::Missing(..)) {
                        failed = Some((name, failure));
                    }
                }
            }
        }
        if asked {
            let warning = failed.map(|(name, failure)| {
                let missing = [brokerscope_contract::metrics::OLDEST_AGE];
                warnings::unanswered(&format!("The oldest message of {}", name.local), &missing, &failure)
            });
            self.memory.note(About::Ages, warning);
        }
    }
}
