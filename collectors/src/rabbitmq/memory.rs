//! What a collector keeps between visits.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use brokerscope_contract::{Link, Warning};

use super::acquaintance::Acquaintance;
use super::bridges::Bridge;
use super::counters::Counters;
use super::endpoints::Seat;
use super::figures::{Exchanges, Queues};
use super::map::clients::{Publisher, StreamClients};
use super::names::{Name, QueueType};
use super::super_streams::SuperStreams;
use super::tier::Question;

#[derive(Debug, Default)]
pub struct Memory {
    /// `None` until asked: whether the user may see nodes.
    pub is_monitor: Option<bool>,
    /// Whether the user may read the definitions of shovels.
    pub reads_definitions: bool,
    pub endpoints: Acquaintance,
    /// Nodes behind management addresses, except those whose address leads to a different node each time.
    pub seats: Vec<Seat>,
    pub counters: CounterMemory,
    /// The queues and streams of the last inventory.
    pub kinds: HashMap<Name, QueueType>,
    /// The inventory does not show everything to this user.
    pub is_blind: bool,
    /// How many queues of the inventory had no figures on the last visit.
    pub without_figures: usize,
    /// Exchanges that publishers were seen to use.
    pub published_to: BTreeSet<Name>,
    /// Queues that the default exchange was seen to feed.
    pub default_routes: BTreeSet<Name>,
    pub exchanges: HashSet<Name>,
    pub object_links: Vec<Link>,
    pub client_links: Vec<Link>,
    pub stream_links: Vec<Link>,
    /// Readers and writers of streams of the last answers.
    pub stream_clients: StreamClients,
    /// Shovels and federation links of the last answers.
    pub bridges: Vec<Bridge>,
    pub super_streams: SuperStreams,
    /// Messages sent to the readers of each subscription of a stream.
    pub stream_reads: Counters<1>,
    /// The stream plugin tells how far its readers are behind.
    pub streams_told: bool,
    pub publishers: BTreeMap<Name, Vec<Publisher>>,
    /// After which exchange the next ones are asked for their publishers; `None` begins anew.
    pub next_exchange: Option<Name>,
    /// Consumers and connections when clients were last asked for.
    pub clients_then: (Option<f64>, Option<f64>),
    /// Health checks that this version does not have.
    pub unknown_checks: HashSet<&'static str>,
    /// The version, to notice an upgrade.
    pub version: Option<String>,
    /// What is missing, by the question that would tell; stands until the question is asked again.
    pub warnings: BTreeMap<Topic, Vec<Warning>>,
}

/// What a standing warning is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// The user's tag.
    Tag,
    /// The user's permissions on virtual hosts.
    Permissions,
    Settings,
    Nodes,
    Vhosts,
    Prometheus,
    Counts,
    Rates,
    Inventory,
    DeadLetters,
    Clients,
    Streams,
    Bridges,
    NodeCounters,
}

/// Where counters of queues and exchanges come from. The two count differently, so a change is no jump.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CounterSource {
    Prometheus,
    Management,
}

#[derive(Debug, Default)]
pub struct CounterMemory {
    source: Option<CounterSource>,
    queues: Counters<4>,
    exchanges: Counters<2>,
}

impl CounterMemory {
    /// Takes in what each source (a node, or the management API) says and returns the queues with the running sums in
    /// place of the raw counters.
    pub fn advance(&mut self, source: CounterSource, said: &[(String, Queues, Exchanges)]) {
        if self.source.is_some_and(|before| before != source) {
            self.queues.change_source();
            self.exchanges.change_source();
        }
        self.source = Some(source);
        let queues = said.iter().map(|(node, queues, _)| {
            (
                node.clone(),
                queues.iter().map(|(name, figures)| (name, figures.counters())),
            )
        });
        self.queues.read(queues.collect());
        let exchanges = said.iter().map(|(node, _, exchanges)| {
            let rows = exchanges
                .iter()
                .map(|(name, figures)| (name, [figures.published, figures.unroutable]));
            (node.clone(), rows)
        });
        self.exchanges.read(exchanges.collect());
    }

    /// Replaces raw counters by running sums.
    pub fn apply(&self, queues: &mut Queues) {
        for (name, figures) in queues {
            let totals = self.queues.total(name);
            for (slot, total) in figures.counters_mut().into_iter().zip(totals) {
                *slot = total;
            }
        }
    }

    pub fn source(&self) -> Option<CounterSource> {
        self.source
    }

    pub fn exchange(&self, name: &Name) -> [Option<f64>; 2] {
        self.exchanges.total(name)
    }

    /// Forgets queues that are gone.
    pub fn keep(&mut self, known: &HashMap<Name, QueueType>) {
        self.queues.keep(|name| known.contains_key(name));
    }
}

impl Memory {
    /// Replaces what stands about a topic.
    pub fn note(&mut self, topic: Topic, warnings: impl IntoIterator<Item = Warning>) {
        self.warnings.insert(topic, warnings.into_iter().collect());
    }

    /// Every standing warning.
    pub fn all_warnings(&self) -> Vec<Warning> {
        self.warnings.values().flatten().cloned().collect()
    }

    /// Questions about which a changed number of consumers or connections says that it is time to ask again.
    pub fn clients_changed(&self, now: (Option<f64>, Option<f64>)) -> Option<Question> {
        let differs = |then: Option<f64>, now: Option<f64>| now.is_some() && then != now;
        let changed = differs(self.clients_then.0, now.0) || differs(self.clients_then.1, now.1);
        changed.then_some(Question::Clients)
    }
}
