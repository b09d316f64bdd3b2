//! One visit to a RabbitMQ cluster: the order of the questions, and nothing clever.

use async_trait::async_trait;
use brokerscope_contract::{Entity, EntityKey, EntityKind, ServerInfo, Snapshot, Status, Timestamp};

use super::client::Client;
use super::config::Config;
use super::failure::Failure;
use super::figures::Queues;
use super::identity::Cluster;
use super::map::{blind_spots, nodes, samples, sites};
use super::memory::{Memory, Topic};
use super::plan::Plan;
use super::tier::{Choice, Question, Tier};
use super::wire::{Node, Overview, Vhost, WhoAmI};
use super::{ask, checks, probe};
use crate::addresses;
use crate::budget::Budget;
use crate::collector::{CollectError, Collector, ProbeReport};

pub struct RabbitMqCollector {
    pub(super) config: Config,
    pub(super) client: Client,
    pub(super) plan: Plan,
    pub(super) choice: Choice,
    pub(super) memory: Memory,
}

/// What all questions of one visit share.
pub(super) struct Visit {
    pub at: Timestamp,
    pub budget: Budget,
    pub tier: Tier,
    pub overview: Overview,
    /// Empty where the user may not see them.
    pub nodes: Vec<Node>,
    /// Figures come from Prometheus endpoints on this visit, or would if they were due.
    pub prometheus: bool,
    /// Empty where they were not asked for on this visit.
    pub queues: Queues,
    /// Consumers of all queues, where those were counted on this visit.
    pub consumers: Option<f64>,
    pub links_changed: bool,
    pub snapshot: Snapshot,
}

impl Visit {
    /// What the management API says about the cluster.
    pub fn cluster(&self) -> Cluster {
        cluster(&self.overview, &self.nodes)
    }

    /// Whether any node has a plugin enabled; `None` where nodes were not told of, and then only asking tells.
    pub fn has_plugin(&self, name: &str) -> Option<bool> {
        let mut plugins = self.nodes.iter().flat_map(|node| &node.enabled_plugins);
        (!self.nodes.is_empty()).then(|| plugins.any(|plugin| plugin == name))
    }
}

pub(super) fn cluster(overview: &Overview, nodes: &[Node]) -> Cluster {
    Cluster {
        speaker: overview.node.clone(),
        name: overview.cluster_name.clone(),
        nodes: nodes.iter().map(|node| node.name.clone()).collect(),
    }
}

impl RabbitMqCollector {
    pub fn new(config: Config, client: Client) -> RabbitMqCollector {
        RabbitMqCollector {
            config,
            client,
            plan: Plan::default(),
            choice: Choice::default(),
            memory: Memory::default(),
        }
    }

    async fn visit(&mut self, at: Timestamp) -> Result<Snapshot, Failure> {
        let budget = Budget::starting_now(self.config.interval);
        let overview = ask::overview(&self.client).await?;
        self.notice_version(&overview);
        if self.memory.is_monitor.is_none() {
            let user: WhoAmI = budget.spend(self.client.ask("whoami")).await?;
            self.notice_user(&user);
        }
        let queues = overview.object_totals.queues.unwrap_or(self.memory.kinds.len() as f64);
        let mut visit = Visit {
            at,
            budget,
            tier: self.choice.choose(queues),
            overview,
            nodes: Vec::new(),
            prometheus: true,
            queues: Queues::new(),
            consumers: None,
            links_changed: false,
            snapshot: Snapshot::empty(at),
        };
        self.ask_addresses(&mut visit).await;
        self.ask_nodes(&mut visit).await;
        let vhosts = self.ask_vhosts(&mut visit).await;
        self.ask_counts(&mut visit).await;
        self.ask_inventory(&mut visit, vhosts).await;
        self.emit_queues(&mut visit);
        self.ask_clients(&mut visit).await;
        self.ask_bridges(&mut visit).await;
        self.ask_features(&mut visit).await;
        self.ask_node_counters(&mut visit).await;
        self.ask_health(&mut visit).await;
        self.finish(&mut visit, queues);
        Ok(visit.snapshot)
    }

    pub(super) fn notice_user(&mut self, user: &WhoAmI) {
        self.memory.is_monitor = Some(user.is_monitor());
        self.memory.reads_definitions = user.reads_definitions();
    }

    /// Whether a question is due; noted as asked by [`Self::note`].
    pub(super) fn is_due(&self, question: Question, visit: &Visit) -> bool {
        let cadence = visit.tier.cadence(question, self.config.interval, visit.prometheus);
        self.plan.is_due(question, visit.at, cadence, self.config.interval)
    }

    pub(super) fn note(&mut self, question: Question, visit: &Visit, answered: bool) {
        match answered {
            true => self.plan.answered(question, visit.at),
            false => self.plan.failed(question, visit.at),
        }
    }

    /// After an upgrade everything may be different.
    fn notice_version(&mut self, overview: &Overview) {
        if self.memory.version != overview.rabbitmq_version {
            self.memory.version = overview.rabbitmq_version.clone();
            self.memory.unknown_checks.clear();
            self.memory.is_monitor = None;
        }
    }

    async fn ask_nodes(&mut self, visit: &mut Visit) {
        if self.memory.is_monitor == Some(false) {
            self.memory.note(Topic::Tag, [blind_spots::no_monitor()]);
            return;
        }
        self.memory.note(Topic::Tag, []);
        match visit.budget.spend(ask::nodes(&self.client)).await {
            Ok(found) => {
                let version = visit.overview.rabbitmq_version.as_deref();
                for node in &found {
                    visit.snapshot.entities.push(nodes::entity(node, version));
                    visit.snapshot.samples.extend(nodes::samples(node));
                    visit
                        .snapshot
                        .checks
                        .extend(nodes::checks(node, &visit.overview.listeners));
                }
                visit.snapshot.complete.push(EntityKind::Node);
                visit.nodes = found;
                self.memory.note(Topic::Nodes, []);
            }
            Err(failure) => {
                use brokerscope_contract::metrics::{DISK_FREE, MEMORY_USED};
                self.memory.note(
                    Topic::Nodes,
                    [blind_spots::unanswered("Nodes", &[MEMORY_USED, DISK_FREE], &failure)],
                );
            }
        }
    }

    async fn ask_vhosts(&mut self, visit: &mut Visit) -> Option<Vec<Vhost>> {
        match visit.budget.spend(self.client.ask::<Vec<Vhost>>("vhosts")).await {
            Ok(mut vhosts) => {
                vhosts.retain(|vhost| self.config.wants_vhost(&vhost.name));
                let totals_only = visit.tier == Tier::VhostTotals;
                for vhost in &vhosts {
                    samples::of_vhost(vhost, totals_only, &mut visit.snapshot.samples);
                }
                visit.snapshot.checks.extend(nodes::vhost_checks(&vhosts, &visit.nodes));
                self.memory.note(Topic::Vhosts, []);
                Some(vhosts)
            }
            Err(failure) => {
                self.memory
                    .note(Topic::Vhosts, [blind_spots::unanswered("Virtual hosts", &[], &failure)]);
                None
            }
        }
    }

    fn finish(&mut self, visit: &mut Visit, queues: f64) {
        let totals_only = visit.tier == Tier::VhostTotals;
        let settings = blind_spots::disabled(&visit.overview).into_iter();
        let size = totals_only.then(|| blind_spots::totals_only(queues, self.choice.is_held_back()));
        self.memory.note(Topic::Settings, settings.chain(size));
        let depth = if totals_only {
            visit.overview.queue_totals.messages_ready
        } else {
            depth(&visit.snapshot)
        };
        // Totals of the cluster are of no use when only some virtual hosts are watched.
        if self.config.vhosts.is_empty() {
            samples::of_cluster(&visit.overview, depth, &mut visit.snapshot.samples);
        }
        let bridged = self.bridged(visit);
        let snapshot = &mut visit.snapshot;
        let version = visit.overview.rabbitmq_version.as_deref();
        snapshot.entities.push(Entity::new(EntityKey::cluster()));
        snapshot.checks.extend([
            checks::REACHABLE.result(
                EntityKey::cluster(),
                Status::Ok,
                version.map_or("it answers".into(), |version| format!("RabbitMQ {version} answers")),
            ),
            self.login_check(),
        ]);
        snapshot.server = ServerInfo {
            version: visit.overview.rabbitmq_version.clone(),
            cluster_name: visit.overview.cluster_name.clone(),
            nodes: u32::try_from(visit.nodes.len()).ok().filter(|nodes| *nodes > 0),
            tier: Some(visit.tier.described(self.config.interval, visit.prometheus)),
            addresses: sites::addresses(&visit.overview.listeners, &addresses::hosts(self.client.management())),
        };
        if visit.links_changed {
            let mut links = bridged.links;
            links.extend(
                self.memory
                    .object_links
                    .iter()
                    .chain(&self.memory.client_links)
                    .chain(&self.memory.stream_links)
                    .cloned(),
            );
            snapshot.links = Some(links);
            snapshot.entities.extend(bridged.endpoints);
            snapshot.complete.push(EntityKind::Endpoint);
        }
        snapshot.warnings = self.memory.all_warnings();
        snapshot.cost = self.client.take_cost();
    }

    fn login_check(&self) -> brokerscope_contract::CheckResult {
        let mut warnings = [Topic::Tag, Topic::Permissions]
            .iter()
            .filter_map(|topic| self.memory.warnings.get(topic));
        let missing = warnings.find_map(|warnings| warnings.first());
        match missing {
            Some(warning) => checks::LOGIN.result(EntityKey::cluster(), Status::Warning, &warning.text),
            None => {
                let text = format!("logged in as {}", self.config.user);
                checks::LOGIN.result(EntityKey::cluster(), Status::Ok, text)
            }
        }
    }
}

/// What waits in all queues together, when queues were counted on this visit.
fn depth(snapshot: &Snapshot) -> Option<f64> {
    let of_queues = snapshot.samples.iter().filter(|sample| {
        sample.metric == brokerscope_contract::metrics::DEPTH && sample.entity.kind == EntityKind::Queue
    });
    of_queues.map(|sample| sample.value).reduce(|sum, depth| sum + depth)
}

#[async_trait]
impl Collector for RabbitMqCollector {
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
