//! What Kafka Connect has told, kept from one visit to the next.

use std::collections::{BTreeMap, HashMap};

use brokerscope_contract::Timestamp;

use super::super::rest::Failure;
use super::ask::Answers;
use super::wire::{Connectors, Direction, Worker};

#[derive(Debug, Default)]
pub struct Memory {
    /// Each address by its place, and what answered there last.
    pub workers: Vec<(String, Result<Worker, Failure>)>,
    /// As last told.
    pub connectors: Option<Connectors>,
    /// Why they could not be asked for the last time.
    pub trouble: Option<Failure>,
    /// Topics that source connectors have written to.
    pub written: BTreeMap<String, Vec<String>>,
    /// Why they are not told.
    pub written_trouble: Option<Failure>,
    written_asked: HashMap<String, Timestamp>,
    /// The last visit has asked,
    pub asked: bool,
    /// and was answered.
    pub fresh: bool,
}

impl Memory {
    pub fn take(&mut self, at: Timestamp, answers: Option<Answers>) {
        self.asked = answers.is_some();
        self.fresh = false;
        let Some(answers) = answers else { return };
        self.workers = answers.workers;
        match answers.connectors {
            Ok(connectors) => {
                self.written.retain(|name, _| connectors.contains_key(name));
                self.written_asked.retain(|name, _| connectors.contains_key(name));
                self.connectors = Some(connectors);
                self.trouble = None;
                self.fresh = true;
            }
            Err(failure) => self.trouble = Some(failure),
        }
        if !answers.written.is_empty() {
            self.written_trouble = None;
        }
        for (name, answer) in answers.written {
            self.written_asked.insert(name.clone(), at);
            match answer {
                Ok(topics) => {
                    self.written.insert(name, topics);
                }
                // What was told before still says where it has written to.
                Err(failure) => self.written_trouble = Some(failure),
            }
        }
    }

    /// The source connectors to ask for their topics, those first that have waited longest.
    pub fn whose_topics(&self, connectors: &Connectors, most: usize) -> Vec<String> {
        let sources = connectors
            .iter()
            .filter(|(_, connector)| connector.info.direction == Direction::Source);
        let mut waiting: Vec<(Option<Timestamp>, &String)> = sources
            .map(|(name, _)| (self.written_asked.get(name).copied(), name))
            .collect();
        waiting.sort();
        waiting.into_iter().take(most).map(|(_, name)| name.clone()).collect()
    }

    /// The workers' version, and the id of the Kafka cluster that they work on.
    pub fn worker(&self) -> Option<&Worker> {
        self.workers.iter().find_map(|(_, answer)| answer.as_ref().ok())
    }

    /// The connector that reads through the consumer group of this name.
    pub fn reader(&self, group: &str) -> Option<&str> {
        let connectors = self.connectors.as_ref()?;
        // The usual name finds it at once; only a group of its own is searched for.
        if let Some(name) = group.strip_prefix("connect-")
            && let Some((name, connector)) = connectors.get_key_value(name)
            && connector.group(name).as_deref() == Some(group)
        {
            return Some(name);
        }
        let own = connectors
            .iter()
            .filter(|(_, connector)| connector.info.config.group.is_some());
        own.into_iter()
            .find(|(name, connector)| connector.group(name).as_deref() == Some(group))
            .map(|(name, _)| name.as_str())
    }
}
