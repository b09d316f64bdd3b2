//! One visit to a Pulsar cluster: the order of the questions, and nothing clever.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use async_trait::async_trait;
use brokerscope_contract::{EntityKey, EntityKind, ServerInfo, Snapshot, Timestamp, metrics};

use super::brokers::Broker;
use super::client::Client;
use super::config::Config;
use super::failure::Failure;
use super::functions;
use super::inventory::Whole;
use super::map::{self, Mapped, View, cluster, nodes, warnings};
use super::memory::{About, Memory};
use super::names::{Reader, TopicName};
use super::plan::Plan;
use super::probe;
use super::wire::Topic;
use crate::addresses;
use crate::budget::Budget;
use crate::collector::{CollectError, Collector, ProbeReport};

pub struct PulsarCollector {
    pub(super) config: Config,
    pub(super) client: Client,
    pub(super) plan: Plan,
    pub(super) memory: Memory,
}

/// What all questions of one visit share.
pub(super) struct Visit {
    pub at: Timestamp,
    pub budget: Budget,
    /// What brokers told of the topics and partitions that they serve.
    pub topics: HashMap<TopicName, Topic>,
    pub brokers: Vec<(Broker, nodes::Answered)>,
    /// Some broker told nothing, or some topic's turn did not come: what was not seen is unknown, and not gone.
    pub is_incomplete: bool,
    pub asked_namespaces: bool,
    /// Neither statistics nor metrics told of topics.
    pub is_one_by_one: bool,
}

impl PulsarCollector {
    pub fn new(config: Config, client: Client) -> PulsarCollector {
        PulsarCollector {
            config,
            client,
            plan: Plan::default(),
            memory: Memory::default(),
        }
    }

    async fn visit(&mut self, at: Timestamp) -> Result<Snapshot, Failure> {
        let budget = Budget::starting_now(self.config.interval);
        self.client.clock().begin(at);
        let version = budget.spend(self.client.first_answer("brokers/version")).await?;
        self.notice_version(&version)?;
        let mut visit = Visit {
            at,
            budget,
            topics: HashMap::new(),
            brokers: Vec::new(),
            is_incomplete: false,
            asked_namespaces: false,
            is_one_by_one: false,
        };
        self.ask_brokers(&visit).await;
        self.ask_figures(&mut visit).await;
        self.ask_namespaces(&mut visit).await;
        self.ask_without_rights(&mut visit).await;
        self.ask_ages(&visit).await;
        self.ask_cluster(&visit).await;
        self.ask_functions(&visit).await;
        Ok(self.tell(visit))
    }

    /// After an upgrade everything may be different. A version is short and has a digit; a web page has not.
    fn notice_version(&mut self, said: &str) -> Result<(), Failure> {
        let version = said.trim().trim_matches('"');
        if version.len() > 60 || !version.bytes().any(|byte| byte.is_ascii_digit()) || version.contains('<') {
            let place = super::redirect::place(self.client.current());
            return Err(Failure::NotPulsar(place, "it names no version".into()));
        }
        if self.memory.version.as_deref() != Some(version) {
            self.memory.version = Some(version.to_string());
            self.memory.is_super_user = None;
            self.plan = Plan::default();
        }
        Ok(())
    }

    /// Makes of what was learnt what is told.
    fn tell(&mut self, mut visit: Visit) -> Snapshot {
        let at = visit.at;
        self.memory.counted.correct(&mut visit.topics, at);
        for (name, topic) in &visit.topics {
            self.memory.odometer.take(name, topic, at);
        }
        let mut memory = std::mem::take(&mut self.memory);
        let wholes = memory.inventory.wholes(&visit.topics);
        let view = View {
            at,
            wholes: &wholes,
            inventory: &memory.inventory,
            odometer: &memory.odometer,
            ages: &memory.ages,
            functions: &memory.functions,
            is_incomplete: visit.is_incomplete,
        };
        let mut mapped = map::all(view);
        mapped.checks.extend(functions::results(&memory.functions));
        for (broker, answered) in &visit.brokers {
            nodes::broker(broker, answered, &memory, &mut mapped);
        }
        nodes::missing(&memory, at, &mut mapped);
        nodes::bookies(&memory, &mut mapped);
        let brokers = (memory.is_super_user == Some(true)).then_some(visit.brokers.len());
        cluster::totals(view, brokers, &mut mapped);
        let unloaded = warnings::unloaded(&wholes, unseen(&memory, &visit));
        let (readers, settled) = readers(&wholes);
        let existing: BTreeSet<TopicName> = wholes.keys().cloned().collect();
        drop(wholes);
        memory.note(About::Loaded, unloaded);
        memory.inventory.remember(&readers, &settled);
        // What was asked and has been read since is no age any more.
        for sample in mapped
            .samples
            .iter()
            .filter(|sample| sample.metric == metrics::LAG && sample.value <= 0.0)
        {
            if let Some((name, subscription)) = subscription_of(&sample.entity) {
                memory.ages.forget(&name, &subscription);
            }
        }
        let knows_all = memory.inventory.is_whole() && !visit.is_incomplete;
        let exists = |name: &TopicName| existing.contains(&name.whole());
        memory.odometer.keep(at, knows_all, exists);
        memory.ages.keep(at, knows_all, exists);
        memory.odometer.end_visit(!visit.is_incomplete);
        self.memory = memory;
        self.snapshot(visit, mapped)
    }

    fn snapshot(&mut self, visit: Visit, mapped: Mapped) -> Snapshot {
        let mut snapshot = Snapshot::empty(visit.at);
        let memory = &mut self.memory;
        let mut entities = mapped.entities;
        entities.push(cluster::entity(memory));
        // Told again only when something changed: in a quiet cluster of ten thousand topics nothing does.
        if entities != memory.entities {
            snapshot.complete = complete(memory, &visit);
            snapshot.entities.clone_from(&entities);
            memory.entities = entities;
        }
        if mapped.links != memory.links {
            memory.links.clone_from(&mapped.links);
            snapshot.links = Some(mapped.links);
        }
        snapshot.samples = mapped.samples;
        snapshot.checks = mapped.checks;
        snapshot.checks.extend([
            cluster::reachable(memory),
            cluster::login(memory),
            nodes::leader(memory),
        ]);
        snapshot.server = ServerInfo {
            version: memory.version.clone(),
            cluster_name: memory.cluster_name.clone(),
            nodes: u32::try_from(memory.named_brokers).ok().filter(|nodes| *nodes > 0),
            tier: Some(cluster::tier(memory, visit.is_one_by_one)),
            addresses: addresses::of_urls(
                self.client
                    .admin()
                    .iter()
                    .chain(memory.brokers.iter().map(|broker| &broker.root)),
            ),
        };
        snapshot.warnings = memory.all_warnings();
        snapshot.cost = self.client.take_cost();
        snapshot
    }
}

/// The kinds of which everything was told. What an unreached broker serves is not gone.
fn complete(memory: &Memory, visit: &Visit) -> Vec<EntityKind> {
    use EntityKind::*;
    let mut kinds = Vec::new();
    if memory.inventory.is_whole() && !visit.is_incomplete {
        kinds.extend([Namespace, Topic, Partition, Subscription]);
        // Metrics count clients and name none.
        if memory.is_super_user != Some(false) || visit.is_one_by_one {
            kinds.extend([Consumer, Producer, EntityKind::Service]);
        }
        // Connectors and what is behind them are told by the functions worker too.
        if memory.functions.is_whole(memory.inventory.namespaces.keys()) {
            kinds.extend([Connector, Endpoint]);
        }
    }
    if memory.is_super_user == Some(true) && memory.bookies.is_some() {
        kinds.push(Node);
    }
    kinds
}

/// What it means that no broker told of a topic.
fn unseen(memory: &Memory, visit: &Visit) -> warnings::Unseen {
    match memory.is_super_user {
        // It was asked itself.
        Some(false) if visit.is_one_by_one => warnings::Unseen::NotLoaded,
        Some(false) => warnings::Unseen::Hidden,
        _ if visit.is_incomplete => warnings::Unseen::Silent,
        _ => warnings::Unseen::NotLoaded,
    }
}

/// Applications that read each topic, and the topics of which that is all.
fn readers(wholes: &BTreeMap<TopicName, Whole<'_>>) -> (BTreeMap<TopicName, Vec<String>>, BTreeSet<TopicName>) {
    let readers = wholes.iter().map(|(name, whole)| {
        let names = whole.loaded.iter().flat_map(|(_, topic)| topic.subscriptions.keys());
        let own = names.filter(|name| Reader::of(name) == Reader::Application).cloned();
        (name.clone(), own.collect())
    });
    let settled = wholes
        .iter()
        .filter(|(_, whole)| whole.is_complete())
        .map(|(name, _)| name.clone());
    (readers.collect(), settled.collect())
}

fn subscription_of(key: &EntityKey) -> Option<(TopicName, String)> {
    let [tenant, namespace, topic, subscription] = &*key.path else {
        return None;
    };
    let name = TopicName::parse(&format!("persistent://{tenant}/{namespace}/{topic}"))?;
    Some((name, subscription.clone()))
}

#[async_trait]
impl Collector for PulsarCollector {
    fn interval_seconds(&self) -> u64 {
        self.config.interval.as_secs()
    }

    async fn probe(&mut self, report: &ProbeReport) {
        probe::run(self, report).await;
    }

    async fn collect(&mut self, at: Timestamp) -> Result<Snapshot, CollectError> {
        // A visit that failed half way has cost something too, but not the next visit.
        self.client.take_cost();
        let visited = self.visit(at).await;
        visited.map_err(CollectError::from)
    }
}
