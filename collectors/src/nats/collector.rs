//! One visit to NATS: the order of the questions, and nothing clever.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use brokerscope_contract::{Snapshot, Timestamp};

use super::access::{Access, Answers, Level};
use super::account::Own;
use super::advisories::Advisories;
use super::bus::Bus;
use super::cadence::{Cadence, Question};
use super::config::Config;
use super::failure::Failure;
use super::gathered::Gathered;
use super::leaders::{self, Inventory};
use super::memory::Memory;
use super::operator;
use super::page::{self, ACCOUNTS_A_PAGE, Page};
use super::wire::JetStream;
use super::witnesses::Witnesses;
use super::{account, map, probe, sites};
use crate::collector::{CollectError, Collector, ProbeReport};

/// Pages of accounts that are read of JetStream on one visit; who has more is told so.
const MOST_PAGES: usize = 32;

pub struct NatsCollector {
    pub(super) config: Config,
    access: Option<Access>,
    /// Servers that answer an ordinary account.
    witnesses: Arc<Witnesses>,
    /// What the server said when it ended the last connection because of the login; until it lets us in again.
    farewell: Option<String>,
    /// The account that is logged in to, once known, and why it is not.
    account: Option<Own>,
    nameless: Option<Failure>,
    advisories: Advisories,
    /// Gaps of the connection when the advisories were subscribed to.
    gaps: u32,
    pub(super) cadence: Cadence,
    pub(super) memory: Memory,
}

impl NatsCollector {
    pub fn new(config: Config) -> NatsCollector {
        NatsCollector {
            config,
            access: None,
            witnesses: Arc::default(),
            farewell: None,
            account: None,
            nameless: None,
            advisories: Advisories::default(),
            gaps: 0,
            cadence: Cadence::default(),
            memory: Memory::default(),
        }
    }

    /// The way in of this visit, taken out while it is used: a visit that is cancelled drops it.
    async fn access(&mut self, at: Timestamp) -> Result<Access, Failure> {
        if let Some(access) = self.access.take() {
            if access.is_alive() {
                return Ok(access);
            }
            self.farewell = access.bus.as_ref().and_then(Bus::farewell).or(self.farewell.take());
        }
        let access = Access::open(&self.config, self.farewell.as_deref(), &self.witnesses, at).await?;
        if access.bus.is_some() {
            self.farewell = None;
        }
        (self.account, self.nameless) = match access.bus.is_some() {
            true => match account::own(&access).await {
                Ok(own) => (Some(own), None),
                Err(failure) => (None, Some(failure)),
            },
            false => (None, None),
        };
        // A new connection has new subscriptions; what was counted before stays counted.
        let given_up = std::mem::take(&mut self.advisories.given_up);
        let own = self.account.clone().unwrap_or_default();
        self.advisories = Advisories::listen(&access, &own).await;
        self.advisories.given_up = given_up;
        self.gaps = 0;
        Ok(access)
    }

    async fn visit(&mut self, access: &mut Access, at: Timestamp) -> Result<Snapshot, Failure> {
        let mut gathered = Gathered::new(at, access.level);
        gathered.account = self.account.as_ref().map(|own| own.name.clone());
        gathered.names.clone_from(&self.memory.account_names);
        for failure in &access.limits {
            gathered.failures.insert("Server addresses", failure.clone());
        }
        if let Some(failure) = &self.nameless {
            gathered.failures.insert("Name of the account", failure.clone());
        }
        match access.level {
            Level::System | Level::Monitoring => self.ask_servers(access, &mut gathered).await?,
            Level::Account => self.greet(access, &mut gathered),
        }
        if self.is_due(Question::JetStream, at) {
            self.ask_jetstream(access, &mut gathered).await?;
        }
        self.ask_clients(access, &mut gathered).await;
        operator::name_accounts(&mut gathered);
        self.advisories.name_accounts(&gathered.names);
        self.memory.account_names.clone_from(&gathered.names);
        if self.is_due(Question::Services, at) && access.level == Level::Account {
            self.ask_services(access, &mut gathered).await;
        }
        self.listen(access, &mut gathered);
        gathered.keep_accounts(&self.config);
        let mut snapshot = map::snapshot(&gathered, &self.advisories, &mut self.memory);
        snapshot.server.addresses = sites::addresses(&self.config, &gathered);
        let pace = self.cadence.described(self.config.interval);
        snapshot.server.tier = Some(format!("{}; {pace}", map::described(access.level)));
        Ok(snapshot)
    }

    /// Who is there. The first question of a visit: nothing else makes sense when nobody answers it.
    async fn ask_servers(&mut self, access: &mut Access, gathered: &mut Gathered) -> Result<(), Failure> {
        for (server, answer) in access.servers().await? {
            match answer {
                Ok(varz) => gathered.varz.push((server, varz)),
                Err(failure) => gathered.silent.push((server, failure)),
            }
        }
        let answered = gathered.varz.iter().map(|(server, _)| server.as_str());
        for missing in self.memory.note_servers(gathered.at, answered) {
            let is_told = gathered.silent.iter().any(|(server, _)| *server == missing);
            if !is_told && access.level == Level::System {
                let failure = Failure::TimedOut(missing.clone());
                gathered.silent.push((missing, failure));
            }
        }
        gathered.health = access.ask_all(&page::HEALTHZ).await;
        if self.is_due(Question::Bridges, gathered.at) {
            self.cadence.asked(Question::Bridges, gathered.at);
            gathered.routez = Some(access.ask_all(&page::ROUTEZ).await);
            gathered.leafz = Some(access.ask_all(&page::LEAFZ).await);
            if gathered.varz.iter().any(|(_, varz)| !varz.gateway.name.is_empty()) {
                gathered.gatewayz = Some(access.ask_all(&page::GATEWAYZ).await);
            }
        }
        Ok(())
    }

    /// What the connection itself tells.
    fn greet(&self, access: &Access, gathered: &mut Gathered) {
        if let Some(bus) = &access.bus {
            gathered.version = Some(bus.server().0);
        }
    }

    async fn ask_jetstream(&mut self, access: &Access, gathered: &mut Gathered) -> Result<(), Failure> {
        let (at, started) = (gathered.at, Instant::now());
        let asked = match access.level {
            Level::System | Level::Monitoring => self.ask_replicas(access, gathered).await,
            Level::Account => self.ask_own_account(access, gathered).await,
        };
        self.cadence.asked(Question::JetStream, at);
        match asked {
            Ok(mut inventory) => {
                let unknown = self.memory.configs.fill_in(&mut inventory);
                if inventory.complete {
                    self.advisories.forget(|consumer| inventory.has(consumer));
                }
                let consumers = inventory.streams.values().map(|view| view.consumers.len()).sum();
                self.cadence.learn(consumers, unknown, started.elapsed());
                gathered.jetstream = Some(inventory);
            }
            // An account that cannot ask this learns next to nothing otherwise: its visit fails when the connection does.
            Err(failure @ (Failure::Unreachable(..) | Failure::TimedOut(_))) if access.level == Level::Account => {
                return Err(failure);
            }
            Err(failure) => {
                gathered.failures.insert("Streams and consumers", failure);
            }
        }
        Ok(())
    }

    /// A lost connection fails the visit; consumers that may not be listed are missing, and streams are told.
    async fn ask_own_account(&self, access: &Access, gathered: &mut Gathered) -> Result<Inventory, Failure> {
        let own = self.account.as_ref().map_or("own account", |own| own.name.as_str());
        let told = account::jetstream(access, &self.config, own).await?;
        match told.without_consumers {
            Some(failure @ Failure::Unreachable(..)) => return Err(failure),
            Some(failure) => drop(gathered.failures.insert("Consumers", failure)),
            None => {}
        }
        Ok(told.inventory)
    }

    async fn ask_replicas(&mut self, access: &Access, gathered: &Gathered) -> Result<Inventory, Failure> {
        let with_config = self.is_due(Question::Configuration, gathered.at);
        let page = if with_config { page::JSZ_WITH_CONFIG } else { page::JSZ };
        if with_config {
            self.cadence.asked(Question::Configuration, gathered.at);
        }
        let answers = replicas(access, &page).await;
        let complete = gathered.silent.is_empty() && answers.iter().all(|(_, answer)| answer.is_ok());
        let mut good = Vec::new();
        let mut failed = None;
        for (server, answer) in answers {
            match answer {
                Ok(answer) => good.push((server, answer)),
                Err(failure) => failed = Some(failure),
            }
        }
        match failed {
            Some(failure) if good.is_empty() => Err(failure),
            _ => Ok(leaders::choose(good, complete)),
        }
    }

    /// Counts the announcements that came in, and says when some may have been missed.
    fn listen(&mut self, access: &Access, gathered: &mut Gathered) {
        self.advisories.take_in();
        if let Some(bus) = &access.bus {
            self.advisories.notice_refusals(bus);
        }
        if let Some(failure) = &self.advisories.refused {
            gathered.failures.insert("Given-up messages", failure.clone());
        }
        let gaps = access.bus.as_ref().map_or(0, Bus::gaps);
        if gaps > self.gaps {
            self.gaps = gaps;
            let why = "the connection was interrupted, and announcements in between are lost".to_string();
            let place = "given-up messages".to_string();
            gathered
                .failures
                .insert("Announcements", Failure::Unreachable(place, why));
        }
    }

    pub(super) fn is_due(&self, question: Question, at: Timestamp) -> bool {
        self.cadence.is_due(question, at, self.config.interval)
    }
}

/// What all servers tell of JetStream, in as many pages as the one with most accounts needs.
async fn replicas(access: &Access, page: &Page) -> Answers<JetStream> {
    let mut answers: Answers<JetStream> = access.ask_all(page).await;
    for read in (1..MOST_PAGES).map(|pages| pages * ACCOUNTS_A_PAGE) {
        let has_more = |answer: &JetStream| answer.total > read && answer.account_details.len() == read;
        if !answers.iter().any(|(_, answer)| answer.as_ref().is_ok_and(has_more)) {
            break;
        }
        let more: Answers<JetStream> = access.ask_all(&page.after(read)).await;
        for (server, more) in more {
            let known = answers.iter_mut().find(|(known, _)| *known == server);
            if let (Some((_, Ok(known))), Ok(more)) = (known, more)
                && known.account_details.len() == read
            {
                known.account_details.extend(more.account_details);
            }
        }
    }
    answers
}

#[async_trait]
impl Collector for NatsCollector {
    fn interval_seconds(&self) -> u64 {
        self.config.interval.as_secs()
    }

    async fn probe(&mut self, report: &ProbeReport) {
        probe::run(&self.config, report).await;
    }

    async fn collect(&mut self, at: Timestamp) -> Result<Snapshot, CollectError> {
        let started = Instant::now();
        let mut access = self.access(at).await?;
        let mut snapshot = self.visit(&mut access, at).await?;
        snapshot.cost = access.take_cost();
        snapshot.cost.seconds = started.elapsed().as_secs_f64();
        self.access = Some(access);
        Ok(snapshot)
    }
}
