//! What is kept of one project between visits, and what is to be said about it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use brokerscope_contract::{Absence, CheckResult, EntityKey, MetricId, Sample, Status, Timestamp, Warning, metrics};
use brokerscope_figures::format::duration;

use super::checks;
use super::failure::Failure;
use super::inventory::Inventory;
use super::ledger::Told;
use super::map::{blind_spots, project_key, state};
use super::questions::{DEPTH_QUESTION, Detail, Meaning, Question};
use super::quota::Quota;

/// Something without a place in the list is told of only after this long: figures outlive what was deleted.
const UNLISTED_MILLIS: i64 = 15 * 60_000;
/// Beyond Google's own delay a figure may be late by this much before it is worth a warning.
const LATE_SECONDS: f64 = 180.0;

/// What is missing, by its name in sentences.
pub const SNAPSHOTS: &str = "Snapshots";

#[derive(Debug, Default)]
pub struct Project {
    /// When it was last tried to list the project.
    pub listed_at: Option<Timestamp>,
    /// What was not listed, and why. Empty when all was.
    pub unlisted: Vec<(&'static str, Failure)>,
    quota: Quota,
    /// The same of the admin API, which has a quota of its own.
    listing_quota: Quota,
    asked: HashMap<&'static str, Turn>,
    newest: Option<Timestamp>,
    /// Series of things that are on no list: since when.
    strangers: BTreeMap<EntityKey, Timestamp>,
    unfulfilled: BTreeMap<EntityKey, Vec<String>>,
    odd: BTreeMap<&'static str, &'static [MetricId]>,
}

#[derive(Debug, Clone)]
struct Turn {
    at: Timestamp,
    answered_at: Option<Timestamp>,
    failure: Option<(Failure, &'static [MetricId])>,
}

impl Project {
    /// Whether a question is to be asked at `at`. Half an interval early counts as due: the visit after is too late.
    ///
    /// While the figures are refused as a whole only the first one is asked for, to notice when that ends.
    pub fn is_due(&self, question: &Question, at: Timestamp, interval: Duration) -> bool {
        if self.quota.rests(at) || (self.refusal().is_some() && question.name != DEPTH_QUESTION) {
            return false;
        }
        let Some(asked) = self.asked.get(question.name) else {
            return true;
        };
        let cadence = match asked.failure {
            Some(_) => interval,
            None => question.cadence(interval),
        };
        let passed = at.seconds_since(asked.at);
        passed < 0.0 || passed + interval.as_secs_f64() / 2.0 >= cadence.as_secs_f64()
    }

    /// Why there are no figures at all.
    fn refusal(&self) -> Option<&Failure> {
        let (failure, _) = self.asked.get(DEPTH_QUESTION)?.failure.as_ref()?;
        let whole = !matches!(failure.absence(), Absence::Failed | Absence::Stale);
        whole.then_some(failure)
    }

    /// Whether the last listing brought all topics and subscriptions. Snapshots only add to what is said of topics.
    pub fn listed_objects(&self) -> bool {
        self.unlisted.iter().all(|(what, _)| *what == SNAPSHOTS)
    }

    /// Whether it is worth listing again soon: something failed or was too much at once, rather than being refused.
    pub fn is_listed_badly(&self) -> bool {
        let mut failures = self.unlisted.iter().map(|(_, failure)| failure.absence());
        failures.any(|absence| matches!(absence, Absence::Failed | Absence::Stale))
    }

    /// Whether the lists are left alone, because they were asked for too often.
    pub fn lists_rest(&self, at: Timestamp) -> bool {
        self.listing_quota.rests(at)
    }

    /// Takes in which lists did not come, and why.
    pub fn listed(&mut self, at: Timestamp, unlisted: Vec<(&'static str, Failure)>) {
        self.listed_at = Some(at);
        let mut refused = unlisted.iter().filter_map(|(_, failure)| match failure {
            Failure::Quota(_, retry_after) => Some(*retry_after),
            _ => None,
        });
        match refused.next() {
            Some(retry_after) => self.listing_quota.refused(at, retry_after, fastrand::f64()),
            None => self.listing_quota.answered(),
        }
        self.unlisted = unlisted;
    }

    pub fn answered_at(&self, question: &Question) -> Option<Timestamp> {
        self.asked.get(question.name)?.answered_at
    }

    /// Whether the question that tells what became of pushes was answered.
    pub fn knows_pushes(&self) -> bool {
        let asked = self.asked.get("subscription/push_request_count");
        asked.is_some_and(|asked| asked.failure.is_none())
    }

    /// Whether the questions that tell readers were answered.
    pub fn knows_readers(&self) -> bool {
        let of_pulls = ["subscription/open_streaming_pulls", "subscription/pull_request_count"];
        of_pulls
            .iter()
            .all(|name| self.asked.get(name).is_some_and(|asked| asked.failure.is_none()))
    }

    pub fn answered(&mut self, question: &'static Question, at: Timestamp, told: &Told, inventory: &Inventory) {
        self.quota.answered();
        let asked = Turn {
            at,
            answered_at: Some(at),
            failure: None,
        };
        self.asked.insert(question.name, asked);
        self.newest = self.newest.max(told.newest);
        match told.is_no_count {
            true => self.odd.insert(question.name, question.metrics),
            false => self.odd.remove(question.name),
        };
        if question.meaning == Meaning::Health {
            self.unfulfilled.clone_from(&told.unfulfilled);
        }
        if question.name == DEPTH_QUESTION {
            self.compare(&told.entities, inventory, at);
        }
    }

    /// The sets of both interfaces should be the same: a series of something that is not listed is a blind spot.
    fn compare(&mut self, told: &HashSet<EntityKey>, inventory: &Inventory, at: Timestamp) {
        let strangers: Vec<&EntityKey> = match inventory.listed_at {
            Some(_) => told.iter().filter(|key| !inventory.knows(key)).collect(),
            None => Vec::new(),
        };
        self.strangers.retain(|key, _| strangers.contains(&key));
        for key in strangers {
            self.strangers.entry(key.clone()).or_insert(at);
        }
    }

    /// Something new has figures already: time to list again.
    pub fn has_strangers_since(&self, listed: Timestamp) -> bool {
        self.strangers.values().any(|since| *since > listed)
    }

    pub fn failed(&mut self, question: &'static Question, at: Timestamp, failure: Failure) {
        if let Failure::Quota(_, retry_after) = &failure {
            self.quota.refused(at, *retry_after, fastrand::f64());
        }
        let asked = self.asked.entry(question.name).or_insert(Turn {
            at,
            answered_at: None,
            failure: None,
        });
        asked.at = at;
        asked.failure = Some((failure, question.metrics));
    }

    pub fn warnings(&self, project: &str, detail: Detail, at: Timestamp) -> Vec<Warning> {
        let mut warnings: Vec<Warning> = self
            .unlisted
            .iter()
            .map(|(what, failure)| blind_spots::unanswered(project, what, &[], failure))
            .collect();
        if let Some(failure) = self.refusal() {
            let all: Vec<MetricId> = detail.questions().flat_map(|q| q.metrics).copied().collect();
            warnings.push(blind_spots::unanswered(project, "Figures", &all, failure));
        } else if self.quota.rests(at) {
            let all: Vec<MetricId> = detail.questions().flat_map(|q| q.metrics).copied().collect();
            warnings.push(blind_spots::resting(project, self.quota.rest_seconds(at), &all));
        } else {
            warnings.extend(self.failures().into_iter().map(|(failure, metrics)| {
                let what = match metrics.len() {
                    1 => "A figure",
                    _ => "Some figures",
                };
                blind_spots::unanswered(project, what, &metrics, failure)
            }));
        }
        let lasting = self
            .strangers
            .iter()
            .filter(|(_, since)| at.millis_since(**since) >= UNLISTED_MILLIS);
        let names: Vec<String> = lasting.map(|(key, _)| key.name().to_string()).collect();
        if !names.is_empty() && self.unlisted.is_empty() {
            warnings.push(blind_spots::unlisted(project, &names));
        }
        warnings.extend(
            self.odd
                .iter()
                .map(|(name, metrics)| blind_spots::no_count(project, name, metrics)),
        );
        warnings
    }

    /// Questions that failed, each reason with all that is missing because of it.
    fn failures(&self) -> Vec<(&Failure, Vec<MetricId>)> {
        let mut grouped: Vec<(&Failure, Vec<MetricId>)> = Vec::new();
        for (failure, metrics) in self.asked.values().filter_map(|asked| asked.failure.as_ref()) {
            match grouped.iter_mut().find(|(known, _)| *known == failure) {
                Some((_, all)) => all.extend(*metrics),
                None => grouped.push((failure, metrics.to_vec())),
            }
        }
        for (_, metrics) in &mut grouped {
            metrics.sort_unstable();
            metrics.dedup();
        }
        grouped
    }

    /// The checks of what was asked; those of the objects come from the inventory.
    pub fn checks(
        &self,
        project: &str,
        subscriptions: usize,
        interval: Duration,
        with_figures: bool,
        at: Timestamp,
    ) -> Vec<CheckResult> {
        let entity = || project_key(project);
        let listed = match self.unlisted.first() {
            None => checks::LISTED.result(entity(), Status::Ok, format!("{subscriptions} subscriptions")),
            Some((_, failure)) if self.listed_objects() => {
                checks::LISTED.result(entity(), Status::Warning, failure.to_string())
            }
            Some((_, failure)) => checks::LISTED.result(entity(), Status::Critical, failure.to_string()),
        };
        if !with_figures {
            return vec![listed];
        }
        let mut all = vec![
            listed,
            self.numbers_check(entity()),
            self.freshness_check(entity(), interval, at),
        ];
        let rests = self.quota.rest_seconds(at);
        all.push(match self.quota.rests(at) {
            true => {
                let text = format!("used up; asked again in {}", duration(rests));
                checks::QUOTA.result(entity(), Status::Warning, text)
            }
            false => checks::QUOTA.result(entity(), Status::Ok, "not used up"),
        });
        if self.asked.contains_key("subscription/delivery_latency_health_score") {
            let named =
                |(key, criteria): (&EntityKey, &Vec<String>)| format!("{} ({})", key.name(), criteria.join(", "));
            let found: Vec<String> = self.unfulfilled.iter().map(named).collect();
            let check = checks::LATENCY_HEALTH;
            all.push(state::result(check, entity(), &found, subscriptions, "subscriptions"));
        }
        all
    }

    fn numbers_check(&self, entity: EntityKey) -> CheckResult {
        let failure = self.asked.get(DEPTH_QUESTION).map(|asked| &asked.failure);
        match failure {
            None => checks::NUMBERS.unknown(entity, Absence::NoData, "not asked yet"),
            Some(None) => checks::NUMBERS.result(entity, Status::Ok, "Cloud Monitoring answers"),
            Some(Some((Failure::Quota(..), _))) => {
                checks::NUMBERS.unknown(entity, Absence::Stale, "not asked: the quota is used up")
            }
            Some(Some((failure, _))) => checks::NUMBERS.result(entity, Status::Critical, failure.to_string()),
        }
    }

    fn freshness_check(&self, entity: EntityKey, interval: Duration, at: Timestamp) -> CheckResult {
        let Some(newest) = self.newest else {
            let text = "no figures yet: new and idle projects have none";
            return checks::FRESHNESS.unknown(entity, Absence::NoData, text);
        };
        let age = at.seconds_since(newest).max(0.0);
        // Hidden for two minutes, measured once a minute.
        let expected = 180.0 + interval.as_secs_f64() + LATE_SECONDS;
        let status = if age <= expected { Status::Ok } else { Status::Warning };
        checks::FRESHNESS.result(entity, status, format!("the newest figure is {} old", duration(age)))
    }

    pub fn samples(&self, project: &str, at: Timestamp) -> Vec<Sample> {
        let answers = self.listed_objects() || self.asked.values().any(|asked| asked.failure.is_none());
        let age = self.newest.map(|newest| at.seconds_since(newest).max(0.0));
        let values = [(metrics::UP, Some(f64::from(answers))), (metrics::PUBSUB_DATA_AGE, age)];
        let sample = |(metric, value): (MetricId, Option<f64>)| Some(Sample::new(project_key(project), metric, value?));
        values.into_iter().filter_map(sample).collect()
    }
}
