//! One cluster, visited again and again: the order of questions, and nothing clever.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use brokerscope_contract::{Cost, Snapshot, Timestamp};

use super::beside::Clients;
use super::cadence::{Cadence, Question, patience, whose_turn};
use super::client::{Client, Purpose};
use super::config::Config;
use super::digest::{Answers, Commits, digest};
use super::direct::{Direct, objection};
use super::explain::{distrusted, explain, not_accepted, refused};
use super::happening::Happening;
use super::map::{self, Visit};
use super::memory::Memory;
use super::offsets::{Chunk, Offsets, chunks};
use super::probe;
use super::statistics::Meter;
use super::wire::{Broker, ListedGroup, LogEnd, Metadata, Survey, Topic, TopicConfig, Trouble, TroubleKind};
use crate::collector::{CollectError, Collector, ProbeReport};

/// A client is replaced after this many visits: what it has learnt of topics and brokers stays in its memory.
const VISITS_PER_CLIENT: u32 = 240;
/// Up to this many groups all are listed on every visit, which shows a group that comes, goes or rebalances at
/// once; more are listed with the inventory only.
const GROUPS_LISTED_ALWAYS: usize = 1_000;
/// Groups described on one visit; others have their turn on the next ones.
const DESCRIPTIONS_PER_VISIT: usize = 500;
/// The wall clock may run this much differently from the steady one between two visits before it counts as set.
const CLOCK_STEP: Duration = Duration::from_secs(30);

/// Brokers that did not list their groups, when they were asked to.
type Listing = Option<Vec<(i32, Trouble)>>;

pub struct Visitor {
    config: Config,
    client: Option<Client>,
    direct: Direct,
    visits: u32,
    memory: Memory,
    cadence: Cadence,
    meter: Meter,
    beside: Clients,
    /// Whether a visit has got an answer.
    met: bool,
    /// When the last visit was, by the wall clock and by the steady one.
    last: Option<(Timestamp, Instant)>,
}

impl Visitor {
    pub fn new(config: Config) -> Visitor {
        Visitor {
            direct: Direct::new(config.clone()),
            beside: Clients::new(&config),
            config,
            client: None,
            visits: 0,
            memory: Memory::default(),
            cadence: Cadence::default(),
            meter: Meter::default(),
            met: false,
            last: None,
        }
    }

    fn interval(&self) -> Duration {
        Duration::from_secs(self.config.interval_seconds)
    }

    /// The client of this visit, taken out while it is used: a visit that is cancelled drops it, connections and
    /// all, and the next one starts with a new one.
    fn client(&mut self) -> Result<Client, CollectError> {
        self.visits += 1;
        if self.visits > VISITS_PER_CLIENT {
            self.visits = 1;
            self.client = None;
        }
        match self.client.take() {
            Some(client) => Ok(client),
            None => {
                self.meter.restart();
                Client::open(&self.config, Purpose::Visits).map_err(|reason| refused(&reason))
            }
        }
    }

    /// Why the cluster could not be reached. What is wrong with a certificate is found out by another handshake.
    async fn why(&self, heard: &[Happening], trouble: &Trouble) -> CollectError {
        if let Some(address) = distrusted(heard)
            && let Some(objection) = objection(&self.config, &address, patience(self.interval())).await
        {
            return not_accepted(&address, &objection);
        }
        explain(heard, &self.config, trouble, self.met)
    }

    /// Times remembered before the clock was set mean nothing afterwards.
    fn notice_clock(&mut self, at: Timestamp) {
        let now = Instant::now();
        if let Some((last_at, last)) = self.last {
            let steady = i64::try_from(now.duration_since(last).as_millis()).unwrap_or(i64::MAX);
            let wall = at.millis_since(last_at);
            if wall.abs_diff(steady) > CLOCK_STEP.as_millis() as u64 {
                self.memory.forget_times();
            }
        }
        self.last = Some((at, now));
    }

    /// Who the groups are: listed when few or when due, described when new, changed, or long not described.
    async fn ask_groups(&mut self, brokers: &[Broker], at: Timestamp, inventory: bool) -> (Listing, BTreeSet<String>) {
        let wait = patience(self.interval());
        let mut listing = None;
        if inventory || self.memory.groups.len() <= GROUPS_LISTED_ALWAYS {
            let list = self.direct.groups(brokers, wait).await;
            listing = Some(list.troubles.clone());
            let filter = &self.config.groups;
            self.memory.take_list(list, |name| filter.admits(name));
        }
        let due = self.memory.to_describe(at, DESCRIPTIONS_PER_VISIT);
        let brokers = answering(brokers, &listing);
        let mut described = BTreeSet::new();
        for (name, answer) in self.direct.describe(&brokers, &due, wait).await {
            self.memory.take_description(at, &name, answer);
            described.insert(name);
        }
        (listing, described)
    }

    /// Where the groups stand, and only then where the logs end: the other way round a message that arrives
    /// between the two would make a reader seem ahead of the log.
    async fn ask_offsets(&self, metadata: &Metadata, at: Timestamp, listing: &Listing) -> (Commits, Offsets) {
        let wait = patience(self.interval());
        let due: Vec<ListedGroup> = whose_turn(self.memory.turns(), at)
            .iter()
            .filter_map(|name| Some(self.memory.groups.get(name)?.listed.clone()))
            .collect();
        let brokers = answering(&metadata.brokers, listing);
        let mut commits = self.direct.committed(&brokers, &due, wait).await;
        for (silent, trouble) in listing.iter().flatten() {
            let its = due.iter().filter(|group| group.coordinator == *silent);
            commits.extend(its.map(|group| (group.name.clone(), Err(trouble.clone()))));
        }
        let chunks = self.wanted(metadata);
        let ends = self.direct.offsets(&brokers, chunks, LogEnd::Latest, wait).await;
        (commits, Offsets::gather(ends))
    }

    async fn ask_starts(&self, brokers: &[Broker], metadata: &Metadata, inventory: bool) -> Option<Offsets> {
        if !inventory {
            return None;
        }
        let wait = patience(self.interval());
        let chunks = self.wanted(metadata);
        Some(Offsets::gather(
            self.direct.offsets(brokers, chunks, LogEnd::Earliest, wait).await,
        ))
    }

    /// Settings of all topics when due; of new topics and of those that got no answer last time always.
    async fn ask_configs(
        &self,
        brokers: &[Broker],
        metadata: &Metadata,
        due: bool,
    ) -> Vec<(String, Result<TopicConfig, Trouble>)> {
        let wanted = |topic: &Topic| match self.memory.configs.get(&topic.name) {
            None => true,
            Some(Err(trouble)) => due || trouble.kind() == TroubleKind::Silent,
            Some(Ok(_)) => due,
        };
        let topics: Vec<String> = metadata
            .topics
            .iter()
            .filter(|topic| wanted(topic))
            .map(|topic| topic.name.clone())
            .collect();
        if topics.is_empty() {
            return Vec::new();
        }
        self.direct
            .topic_configs(brokers, &topics, patience(self.interval()))
            .await
    }

    /// Sizes on disk and the controllers.
    async fn ask_survey(&self, metadata: &Metadata, due: bool) -> Option<Survey> {
        if !due {
            return None;
        }
        Some(self.direct.survey(&metadata.brokers, patience(self.interval())).await)
    }

    fn wanted(&self, metadata: &Metadata) -> Vec<Chunk> {
        chunks(metadata, |topic| self.config.topics.admits(&topic.name))
    }

    /// Asks everything that is due, and takes it in.
    async fn visit(&mut self, metadata: Metadata, at: Timestamp) -> Visit {
        let interval = self.interval();
        let inventory = self.cadence.is_due(Question::Inventory, at, interval);
        let configs_due = self.cadence.is_due(Question::TopicConfigs, at, interval);
        let survey_due = self.cadence.is_due(Question::LogDirs, at, interval);
        let beside_due = self.cadence.is_due(Question::Beside, at, interval);
        let (listing, described) = self.ask_groups(&metadata.brokers, at, inventory).await;
        let brokers = answering(&metadata.brokers, &listing);
        // These do not depend on each other, so a silent broker holds them up together and not in turn.
        let ((commits, ends), starts, configs, survey, cluster, beside) = tokio::join!(
            self.ask_offsets(&metadata, at, &listing),
            self.ask_starts(&brokers, &metadata, inventory),
            self.ask_configs(&brokers, &metadata, configs_due),
            self.ask_survey(&metadata, survey_due),
            self.direct.cluster(&brokers, false, patience(interval)),
            self.beside
                .ask(beside_due, &self.memory, &metadata, at, patience(interval) * 2),
        );
        let asked = [
            (Question::Inventory, inventory),
            (Question::TopicConfigs, configs_due),
            (Question::LogDirs, survey_due),
            (Question::Beside, beside_due),
        ];
        for (question, due) in asked {
            if due {
                self.cadence.asked(question, at);
            }
        }
        let answers = Answers {
            metadata,
            cluster,
            listing,
            described,
            commits,
            ends,
            starts,
            configs,
            survey,
            inventory,
            beside,
        };
        digest(&mut self.memory, &self.config, at, answers)
    }
}

/// The brokers without those that have just not answered: asking them again would only cost the same time again.
fn answering(brokers: &[Broker], listing: &Listing) -> Vec<Broker> {
    let silent = |id: i32| listing.iter().flatten().any(|(silent, _)| *silent == id);
    brokers.iter().filter(|broker| !silent(broker.id)).cloned().collect()
}

#[async_trait]
impl Collector for Visitor {
    fn interval_seconds(&self) -> u64 {
        self.config.interval_seconds
    }

    async fn probe(&mut self, report: &ProbeReport) {
        probe::run(&self.config, report).await;
    }

    async fn collect(&mut self, at: Timestamp) -> Result<Snapshot, CollectError> {
        let started = Instant::now();
        self.notice_clock(at);
        let client = self.client()?;
        // The first answer may need name lookup, handshakes and a login, so it gets the time of two.
        let metadata = match client.metadata(patience(self.interval()) * 2).await {
            Ok(metadata) => metadata,
            Err(trouble) => {
                // Both clients let go, so that neither goes on knocking while the runner backs off.
                self.direct.close();
                let heard = client.happenings();
                drop(client);
                return Err(self.why(&heard, &trouble).await);
            }
        };
        self.met = true;
        let visit = self.visit(metadata, at).await;
        self.meter.take(&client.happenings());
        self.client = Some(client);
        let mut snapshot = map::snapshot(&visit, &self.memory, &self.config);
        let (requests, bytes) = self.meter.per_visit().unwrap_or_default();
        let costs = [(requests, bytes), self.direct.take_cost(), self.beside.take_cost()];
        snapshot.cost = Cost {
            requests: costs.iter().fold(0, |sum, cost| sum.saturating_add(cost.0)),
            bytes: costs.iter().fold(0, |sum, cost| sum.saturating_add(cost.1)),
            seconds: started.elapsed().as_secs_f64(),
        };
        Ok(snapshot)
    }
}
