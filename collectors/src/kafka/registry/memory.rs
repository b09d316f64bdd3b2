//! What a Schema Registry has told, kept from one visit to the next, and whose turn it is to be asked.

use std::collections::{BTreeMap, BTreeSet};

use brokerscope_contract::Timestamp;

use super::super::rest::Failure;
use super::ask::Answers;
use super::{Part, subject};

/// A subject is asked again after this time; a new version is seen that late at most.
const ASK_EVERY_MILLIS: i64 = 10 * 60_000;

#[derive(Debug, Default)]
pub struct Memory {
    /// The names of all subjects, as last told.
    pub names: Option<BTreeSet<String>>,
    /// Why they could not be asked for the last time.
    pub trouble: Option<Failure>,
    /// What the registry accepts at present.
    pub mode: Option<Result<String, Failure>>,
    /// The compatibility of subjects that have none of their own.
    pub level: Option<Result<String, Failure>>,
    /// Of the subjects that belong to topics, those that were asked.
    pub subjects: BTreeMap<String, Subject>,
    /// Whether the registry tells the latest versions of all subjects at once; unknown until it was asked to.
    pub tells_all: Option<bool>,
    told_all_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subject {
    /// Number and type of the latest version.
    pub latest: Option<(i64, String)>,
    pub versions: Option<usize>,
    /// Its own compatibility; `Some(None)` when it has none of its own.
    pub level: Option<Option<String>>,
    /// Why something of it is not known.
    pub trouble: Option<Failure>,
    pub asked: Option<Timestamp>,
}

impl Memory {
    pub fn take(&mut self, at: Timestamp, answers: Option<Answers>) {
        let Some(answers) = answers else { return };
        match answers.names {
            Ok(names) => {
                self.subjects.retain(|name, _| names.contains(name));
                self.names = Some(names);
                self.trouble = None;
            }
            Err(failure) => {
                self.trouble = Some(failure);
                return;
            }
        }
        self.mode = Some(answers.mode);
        self.level = Some(answers.level);
        if let Some(all) = answers.all {
            self.tells_all = all.told;
            if all.told == Some(true) {
                self.told_all_at = Some(at);
            }
            for latest in all.latest {
                let subject = self.subjects.entry(latest.subject).or_default();
                subject.latest = Some((latest.version, latest.kind));
            }
        }
        for (name, told) in answers.subjects {
            let subject = self.subjects.entry(name).or_default();
            // What one question was not answered keeps what was told before.
            subject.latest = told.latest.or(subject.latest.take());
            subject.versions = told.versions.or(subject.versions);
            subject.level = told.level.or(subject.level.take());
            subject.trouble = told.trouble;
            subject.asked = Some(at);
        }
    }

    pub fn has_latest(&self, name: &str) -> bool {
        self.subjects.get(name).is_some_and(|subject| subject.latest.is_some())
    }

    /// Whether it is time to ask for all latest versions at once.
    pub fn is_all_due(&self, at: Timestamp) -> bool {
        let due = |asked: Timestamp| !(0..ASK_EVERY_MILLIS).contains(&at.millis_since(asked));
        self.tells_all != Some(false) && self.told_all_at.is_none_or(due)
    }

    /// The subjects of these topics to ask now: those that never were first, then those that have waited longest.
    pub fn whose_turn<'a>(
        &self,
        names: &BTreeSet<String>,
        topics: impl Iterator<Item = &'a str>,
        at: Timestamp,
        most: usize,
    ) -> Vec<String> {
        let mut waiting: Vec<(Option<Timestamp>, String)> = topics
            .flat_map(|topic| [Part::Key, Part::Value].map(|part| subject(topic, part)))
            .filter(|subject| names.contains(subject))
            .map(|subject| (self.subjects.get(&subject).and_then(|known| known.asked), subject))
            .filter(|(asked, _)| asked.is_none_or(|asked| !(0..ASK_EVERY_MILLIS).contains(&at.millis_since(asked))))
            .collect();
        waiting.sort();
        waiting.into_iter().take(most).map(|(_, subject)| subject).collect()
    }
}
