//! One cluster, visited again and again: the order of questions, and nothing clever.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use brokerscope_contract::{Cost, Snapshot, Timestamp};

use super::cadence::{Cadence, Question, lanes, patience, whose_turn};
use super::client::{Chunk, Client, Purpose};
use super::config::Config;
use super::digest::{Answers, Commits, digest};
use super::direct;
use super::explain::{explain, refused};
use super::map::{self, Visit};
use super::memory::Memory;
use super::offsets::{Offsets, chunks};
use super::probe;
use super::statistics::Meter;
use super::wire::{LogEnd, Metadata, Survey, Topic, TopicConfig, Trouble, TroubleKind};
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

pub struct Visitor {
    config: Config,
    client: Option<Client>,
    visits: u32,
    memory: Memory,
    cadence: Cadence,
    meter: Meter,
    /// When the last visit was, by the wall clock and by the steady one.
    last: Option<(Timestamp, Instant)>,
}

impl Visitor {
    pub fn new(config: Config) -> Visitor {
        Visitor {
            config,
            client: None,
            visits: 0,
            memory: Memory::default(),
            cadence: Cadence::default(),
            meter: Meter::default(),
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
    async fn ask_groups(
        &mut self,
        client: &Client,
        at: Timestamp,
        inventory: bool,
    ) -> (Option<Vec<Trouble>>, BTreeSet<String>) {
        let wait = patience(self.interval());
        let mut listing = None;
        if inventory || self.memory.groups.len() <= GROUPS_LISTED_ALWAYS {
            listing = Some(match client.groups(wait).await {
                Ok(list) => {
                    let troubles = list.troubles.clone();
                    let filter = &self.config.groups;
                    self.memory.take_list(list, |name| filter.admits(name));
                    troubles
                }
                Err(trouble) => vec![trouble],
            });
        }
        let due = self.memory.to_describe(at, DESCRIPTIONS_PER_VISIT);
        let mut described = BTreeSet::new();
        if !due.is_empty() {
            for (name, answer) in client.describe_groups(due, wait).await {
                self.memory.take_description(at, &name, answer);
                described.insert(name);
            }
        }
        (listing, described)
    }

    /// Where the groups stand, and only then where the logs end: the other way round a message that arrives
    /// between the two would make a reader seem ahead of the log.
    async fn ask_offsets(&self, client: &Client, metadata: &Metadata, at: Timestamp) -> (Commits, Offsets) {
        let wait = patience(self.interval());
        let due = whose_turn(self.memory.turns(), at);
        let lanes = lanes(due.into_iter().map(|name| {
            let lane = self.memory.lane(&name);
            (name, lane)
        }));
        let commits = client.committed(lanes, wait).await;
        let ends = client.offsets(self.wanted(metadata), LogEnd::Latest, wait).await;
        (commits, Offsets::gather(ends))
    }

    async fn ask_starts(&self, client: &Client, metadata: &Metadata, inventory: bool) -> Option<Offsets> {
        if !inventory {
            return None;
        }
        let chunks = self.wanted(metadata);
        Some(Offsets::gather(
            client
                .offsets(chunks, LogEnd::Earliest, patience(self.interval()))
                .await,
        ))
    }

    /// Settings of all topics when due; of new topics and of those that got no answer last time always.
    async fn ask_configs(
        &self,
        client: &Client,
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
        client.topic_configs(topics, patience(self.interval())).await
    }

    /// Sizes on disk and the controllers, over connections of their own. Where a broker does not take part in a visit
    /// because it is silent, it is silent here too and costs no more time than there.
    async fn ask_survey(&self, metadata: &Metadata, due: bool) -> Option<Survey> {
        if !due {
            return None;
        }
        Some(direct::survey(&self.config, &metadata.brokers, patience(self.interval())).await)
    }

    fn wanted(&self, metadata: &Metadata) -> Vec<Chunk> {
        chunks(metadata, |topic| self.config.topics.admits(&topic.name))
    }

    /// Asks everything that is due, and takes it in.
    async fn visit(&mut self, client: &Client, metadata: Metadata, at: Timestamp) -> Visit {
        let interval = self.interval();
        let inventory = self.cadence.is_due(Question::Inventory, at, interval);
        let configs_due = self.cadence.is_due(Question::TopicConfigs, at, interval);
        let survey_due = self.cadence.is_due(Question::LogDirs, at, interval);
        let (listing, described) = self.ask_groups(client, at, inventory).await;
        // These do not depend on each other, so a silent broker holds them up together and not in turn.
        let ((commits, ends), starts, configs, survey, cluster) = tokio::join!(
            self.ask_offsets(client, &metadata, at),
            self.ask_starts(client, &metadata, inventory),
            self.ask_configs(client, &metadata, configs_due),
            self.ask_survey(&metadata, survey_due),
            client.cluster(false, patience(interval)),
        );
        let asked = [
            (Question::Inventory, inventory),
            (Question::TopicConfigs, configs_due),
            (Question::LogDirs, survey_due),
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
        };
        digest(&mut self.memory, &self.config, at, answers)
    }
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
                // The client is dropped, so that librdkafka does not go on knocking while the runner backs off.
                return Err(explain(&client.happenings(), &self.config, &trouble));
            }
        };
        let visit = self.visit(&client, metadata, at).await;
        self.meter.take(&client.happenings());
        self.client = Some(client);
        let mut snapshot = map::snapshot(&visit, &self.memory, &self.config);
        let (requests, bytes) = self.meter.per_visit().unwrap_or_default();
        let survey = visit.survey.unwrap_or_default();
        snapshot.cost = Cost {
            requests: requests.saturating_add(survey.requests),
            bytes: bytes.saturating_add(survey.bytes),
            seconds: started.elapsed().as_secs_f64(),
        };
        Ok(snapshot)
    }
}
