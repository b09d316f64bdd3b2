//! One visit to some projects: the order of the questions, and nothing clever.

mod picture;

use std::collections::BTreeMap;

use async_trait::async_trait;
use brokerscope_contract::{History, Snapshot, Timestamp};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;

use super::activity::Activities;
use super::client::Client;
use super::config::Config;
use super::failure::Failure;
use super::ledger::{Ledger, Told};
use super::listing::{self, Listing};
use super::map::Inventories;
use super::project::{Project, SNAPSHOTS};
use super::questions::Question;
use super::wire::TimeSeries;
use super::{numbers, probe};
use crate::budget::Budget;
use crate::collector::{CollectError, Collector, ProbeReport};

/// Requests under way at the same time. Google allows many more; this is enough and never a burst.
const AT_ONCE: usize = 4;

pub struct PubSubCollector {
    pub(super) config: Config,
    pub(super) client: Client,
    inventories: Inventories,
    projects: BTreeMap<String, Project>,
    ledger: Ledger,
    activities: Activities,
    /// What an earlier process has stored already.
    known_until: Option<Timestamp>,
}

/// The answer to one question of one project.
type Numbers = (String, &'static Question, Result<Vec<TimeSeries>, Failure>);

/// The answers in whatever order they come.
async fn few_at_once<T>(asked: Vec<BoxFuture<'_, T>>) -> Vec<T> {
    futures_util::stream::iter(asked)
        .buffer_unordered(AT_ONCE)
        .collect()
        .await
}

/// How the questions of one visit went.
#[derive(Debug, Default)]
struct Outcome {
    answered: u32,
    first_failure: Option<Failure>,
    history: Vec<History>,
    listed: bool,
}

impl Outcome {
    fn note(&mut self, failure: Option<&Failure>) {
        match failure {
            None => self.answered += 1,
            Some(failure) => self.first_failure = self.first_failure.take().or_else(|| Some(failure.clone())),
        }
    }
}

impl PubSubCollector {
    pub fn new(config: Config, client: Client) -> PubSubCollector {
        let projects = config.projects.iter();
        PubSubCollector {
            inventories: projects.clone().map(|id| (id.clone(), Default::default())).collect(),
            projects: projects.map(|id| (id.clone(), Project::default())).collect(),
            config,
            client,
            ledger: Ledger::default(),
            activities: Activities::default(),
            known_until: None,
        }
    }

    async fn visit(&mut self, at: Timestamp) -> Result<Snapshot, Failure> {
        let budget = Budget::starting_now(self.config.interval);
        self.client.begin(at);
        budget.spend(self.client.log_in()).await?;
        let mut outcome = Outcome::default();
        self.list(budget, &mut outcome).await;
        self.count(budget, &mut outcome).await;
        self.give_up_if_useless(&outcome)?;
        let now = self.client.now();
        self.ledger.forget(now);
        Ok(self.picture(at, now, outcome))
    }

    /// Lists the projects for which it is time.
    async fn list(&mut self, budget: Budget, outcome: &mut Outcome) {
        let (now, every) = (self.client.now(), self.config.inventory);
        let half = self.config.interval / 2;
        let is_due = |project: &Project| {
            if project.lists_rest(now) {
                return false;
            }
            let Some(listed) = project.listed_at else { return true };
            let wait = match project.is_listed_badly() {
                true => every.min(self.config.interval),
                false => every,
            };
            let passed = now.seconds_since(listed);
            let due = passed < 0.0 || passed + half.as_secs_f64() >= wait.as_secs_f64();
            due || project.has_strangers_since(listed)
        };
        let due = self.projects.iter().filter(|(_, project)| is_due(project));
        let due: Vec<String> = due.map(|(id, _)| id.clone()).collect();
        let (client, root) = (&self.client, &self.config.pubsub);
        let mut asked: Vec<BoxFuture<'_, (String, Result<Listing, Failure>)>> = Vec::new();
        for id in due {
            asked.push(Box::pin(async move {
                let listing = budget.spend(listing::ask(client, root, &id)).await;
                (id, listing)
            }));
        }
        for (id, listing) in few_at_once(asked).await {
            outcome.listed = true;
            self.take_listing(&id, listing, now, outcome);
        }
    }

    fn take_listing(&mut self, id: &str, listing: Result<Listing, Failure>, now: Timestamp, outcome: &mut Outcome) {
        let (Some(project), Some(inventory)) = (self.projects.get_mut(id), self.inventories.get_mut(id)) else {
            return;
        };
        let listing = match listing {
            Ok(listing) => listing,
            Err(failure) => {
                outcome.note(Some(&failure));
                project.listed(now, vec![("Topics and subscriptions", failure)]);
                return;
            }
        };
        let mut unlisted = Vec::new();
        for (what, failure) in [
            ("Topics", listing.topics.as_ref().err()),
            ("Subscriptions", listing.subscriptions.as_ref().err()),
            (SNAPSHOTS, listing.snapshots.as_ref().err()),
        ] {
            outcome.note(failure);
            unlisted.extend(failure.map(|failure| (what, failure.clone())));
        }
        project.listed(now, unlisted);
        inventory.update(listing.topics.ok(), listing.subscriptions.ok(), now);
        if let Ok(snapshots) = listing.snapshots {
            inventory.snapshots = snapshots;
        }
    }

    /// Asks for the figures that are due.
    async fn count(&mut self, budget: Budget, outcome: &mut Outcome) {
        let Some(root) = &self.config.monitoring else { return };
        let (now, interval) = (self.client.now(), self.config.interval);
        let client = &self.client;
        let mut asked: Vec<BoxFuture<'_, Numbers>> = Vec::new();
        for question in self.config.detail.questions() {
            for (id, project) in &self.projects {
                if project.is_due(question, now, interval) {
                    let before = project.answered_at(question).or(self.known_until);
                    let window = numbers::window(question, now, before);
                    let id = id.clone();
                    asked.push(Box::pin(async move {
                        let answer = budget.spend(numbers::ask(client, root, &id, question, window)).await;
                        (id, question, answer)
                    }));
                }
            }
        }
        for (id, question, answer) in few_at_once(asked).await {
            outcome.note(answer.as_ref().err());
            let (Some(project), Some(inventory)) = (self.projects.get_mut(&id), self.inventories.get(&id)) else {
                continue;
            };
            match answer {
                Err(failure) => project.failed(question, now, failure),
                Ok(series) => {
                    let told: Told = self.ledger.take(question, series);
                    project.answered(question, now, &told, inventory);
                    outcome.history.extend(told.history);
                }
            }
        }
    }

    /// A visit that brought nothing home failed, unless what is known still stands and only figures are withheld.
    fn give_up_if_useless(&self, outcome: &Outcome) -> Result<(), Failure> {
        use brokerscope_contract::Absence::Failed;
        let Some(failure) = outcome.first_failure.as_ref().filter(|_| outcome.answered == 0) else {
            return Ok(());
        };
        let is_known = self.inventories.values().any(|inventory| inventory.listed_at.is_some());
        match failure.absence() != Failed && is_known {
            true => Ok(()),
            false => Err(failure.clone()),
        }
    }
}

#[async_trait]
impl Collector for PubSubCollector {
    fn interval_seconds(&self) -> u64 {
        self.config.interval.as_secs()
    }

    fn resume(&mut self, known_until: Timestamp) {
        self.known_until = Some(known_until);
    }

    async fn probe(&mut self, report: &ProbeReport) {
        probe::run(&self.config, &self.client, report).await;
    }

    async fn collect(&mut self, at: Timestamp) -> Result<Snapshot, CollectError> {
        // A visit that failed half way has cost something too, but not the next visit.
        self.client.take_cost();
        let visited = self.visit(at).await;
        visited.map_err(CollectError::from)
    }
}
