//! One visit to all accounts and regions at once.

use std::time::Duration;

use async_trait::async_trait;
use brokerscope_contract::{Snapshot, Timestamp};
use futures_util::future::join_all;

use super::ask::Asking;
use super::client::Client;
use super::config::Config;
use super::map::{Seen, snapshot};
use super::memory::Memory;
use super::told::Told;
use super::wire::arn;
use super::{probe, session};
use crate::budget::Budget;
use crate::collector::{CollectError, Collector, ProbeReport};

pub struct AwsCollector {
    pub config: Config,
    /// Made with the first question, because credentials may have to be looked for.
    pub places: Option<Vec<Place>>,
    known_until: Option<Timestamp>,
    told: Told,
}

/// One account in one region.
pub struct Place {
    pub client: Client,
    pub memory: Memory,
}

impl AwsCollector {
    pub fn new(config: Config) -> AwsCollector {
        AwsCollector {
            config,
            places: None,
            known_until: None,
            told: Told::default(),
        }
    }

    pub async fn connect(&mut self) -> &mut Vec<Place> {
        let places = match self.places.take() {
            Some(places) => places,
            None => {
                let clients = session::clients(&self.config).await.into_iter();
                clients.map(|client| Place::new(client, self.known_until)).collect()
            }
        };
        self.places.insert(places)
    }
}

impl Place {
    fn new(client: Client, known_until: Option<Timestamp>) -> Place {
        let mut memory = Memory::new(&client.region);
        // Two roles that are refused are still two accounts.
        let account = client.role.as_deref().and_then(arn).map(|role| role.account.to_owned());
        memory.account = account;
        if let Some(known) = known_until {
            memory.ledger.resume(known);
        }
        Place { client, memory }
    }
}

#[async_trait]
impl Collector for AwsCollector {
    fn interval_seconds(&self) -> u64 {
        self.config.interval_seconds
    }

    fn resume(&mut self, known_until: Timestamp) {
        self.known_until = Some(known_until);
    }

    async fn probe(&mut self, report: &ProbeReport) {
        self.connect()
            .await
            .iter_mut()
            .for_each(|place| place.client.begin(None));
        probe::run(self, report).await;
    }

    async fn collect(&mut self, at: Timestamp) -> Result<Snapshot, CollectError> {
        self.connect().await;
        let AwsCollector {
            config, places, told, ..
        } = self;
        let places = places.get_or_insert_default();
        let budget = Budget::starting_now(Duration::from_secs(config.interval_seconds));
        let asked = places.iter_mut().map(|place| async {
            place.client.begin(Some(budget));
            let asking = Asking::new(&place.client, config, at, budget);
            let outcome = asking.ask(&mut place.memory).await;
            (outcome, place.client.take_requests())
        });
        let answers = join_all(asked).await;
        let requests = answers.iter().map(|(_, requests)| *requests).sum();
        if answers.iter().all(|(outcome, _)| outcome.is_err())
            && let Some(failure) = answers.iter().find_map(|(outcome, _)| outcome.as_ref().err())
        {
            return Err(CollectError::from(failure.clone()));
        }
        let seen = places.iter().zip(answers).map(|(place, (outcome, _))| Seen {
            memory: &place.memory,
            outcome,
        });
        let mut snapshot = snapshot(seen.collect(), config, at);
        snapshot.cost.requests = requests;
        told.leave_news(&mut snapshot);
        Ok(snapshot)
    }
}
