//! Every replica reports a stream and its consumers; only what the leader says counts.

use std::collections::BTreeMap;

use super::wire::{Config, Consumer, ConsumerConfig, Group, JetStream, Limits, Stream, StreamConfig};

/// One report out of several about the same object.
#[derive(Debug, Clone)]
pub struct Found<T> {
    pub report: T,
    /// Whether its leader, or the only server that has it, said so. The figures of others are stale.
    pub led: bool,
}

/// A consumer with its configuration, where that is known.
#[derive(Debug, Clone)]
pub struct ConsumerView {
    pub found: Found<Consumer>,
    pub config: Option<ConsumerConfig>,
}

/// A stream with its consumers.
#[derive(Debug, Clone)]
pub struct StreamView {
    pub account: String,
    pub found: Found<Stream>,
    pub config: Option<StreamConfig>,
    pub consumers: BTreeMap<String, ConsumerView>,
}

impl StreamView {
    pub fn name(&self) -> &str {
        self.found.report.name()
    }
}

/// What an account uses of JetStream, all servers together.
#[derive(Debug, Clone, Default)]
pub struct AccountUse {
    pub memory: u64,
    pub storage: u64,
    pub limits: Limits,
    /// By server: requests and failed ones, each counted since that server started.
    pub api: Vec<(String, f64, f64)>,
}

/// JetStream as a whole.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    pub streams: BTreeMap<(String, String), StreamView>,
    pub accounts: BTreeMap<String, AccountUse>,
    /// What the meta group's leader says of it, or where there is none any server that belongs to it.
    pub meta: Option<Found<Group>>,
    /// The servers' time of the answers.
    pub now: String,
    /// Everything was told: what is not in it does not exist.
    pub complete: bool,
    /// Accounts with JetStream of which a server said that they exist, and nothing else.
    pub untold: usize,
    /// The configuration of everything in it is known. Until then a new durable consumer looks like an ephemeral one.
    pub described: bool,
}

/// One inventory of all servers' answers. `complete` says whether all of them answered.
pub fn choose(answers: Vec<(String, JetStream)>, complete: bool) -> Inventory {
    let mut inventory = Inventory {
        complete: complete && !answers.is_empty(),
        ..Inventory::default()
    };
    for (server, answer) in answers {
        let untold = match answer.disabled {
            true => 0,
            false => answer.total.saturating_sub(answer.account_details.len()),
        };
        inventory.untold = inventory.untold.max(untold);
        inventory.complete &= untold == 0;
        inventory.now = inventory.now.max(answer.now);
        if let Some(meta) = answer.meta_cluster {
            let led = meta.leader == server;
            take(&mut inventory.meta, meta, led);
        }
        for account in answer.account_details {
            let used = inventory.accounts.entry(account.name.clone()).or_default();
            used.memory += account.usage.memory;
            used.storage += account.usage.storage;
            used.limits.max_memory = signed(account.usage.reserved_memory);
            used.limits.max_storage = signed(account.usage.reserved_storage);
            let api = account.usage.api;
            used.api.push((server.clone(), api.total, api.errors));
            for stream in account.stream_detail {
                inventory.add(&server, &account.name, stream);
            }
        }
    }
    inventory
}

impl Inventory {
    /// Whether the stream has a consumer of this name.
    pub fn has(&self, (account, stream, consumer): &(String, String, String)) -> bool {
        let view = self.streams.get(&(account.clone(), stream.clone()));
        view.is_some_and(|view| view.consumers.contains_key(consumer))
    }

    /// Takes one server's report of a stream.
    pub fn add(&mut self, server: &str, account: &str, mut stream: Stream) {
        let consumers = std::mem::take(&mut stream.consumer_detail);
        // JetStream's API has the name in the configuration, which is taken out later.
        stream.name = stream.name().to_string();
        let key = (account.to_string(), stream.name.clone());
        let led = leads(server, stream.cluster.as_ref());
        let view = self.streams.entry(key).or_insert_with(|| StreamView {
            account: account.to_string(),
            found: Found {
                report: stream.clone(),
                led,
            },
            config: None,
            consumers: BTreeMap::new(),
        });
        if led && !view.found.led {
            view.found = Found { report: stream, led };
        }
        for consumer in consumers {
            let led = leads(server, consumer.cluster.as_ref());
            match view.consumers.get_mut(&consumer.name) {
                Some(known) if known.found.led || !led => {}
                Some(known) => known.found = Found { report: consumer, led },
                None => {
                    let name = consumer.name.clone();
                    let found = Found { report: consumer, led };
                    view.consumers.insert(name, ConsumerView { found, config: None });
                }
            }
        }
    }
}

/// An object without a group belongs to a single server. A server without a name stands for JetStream's API, which
/// asks the leaders itself.
fn leads(server: &str, group: Option<&Group>) -> bool {
    group.is_none_or(|group| group.leader == server || (server.is_empty() && !group.leader.is_empty()))
}

fn take(place: &mut Option<Found<Group>>, report: Group, led: bool) {
    if place.as_ref().is_none_or(|known| led && !known.led) {
        *place = Some(Found { report, led });
    }
}

/// Limits are signed, and written as if they were not: unset is -1.
pub fn signed(limit: u64) -> i64 {
    i64::try_from(limit).unwrap_or(-1)
}

/// Configurations by account, stream and, for consumers, name.
#[derive(Debug, Default)]
pub struct Configs {
    streams: BTreeMap<(String, String), Config<StreamConfig>>,
    consumers: BTreeMap<(String, String, String), Config<ConsumerConfig>>,
}

impl Configs {
    /// Remembers the configurations that came along, and fills in the remembered ones where none did. Returns how many
    /// objects remain without one. What is gone is forgotten when the inventory is complete.
    pub fn fill_in(&mut self, inventory: &mut Inventory) -> usize {
        let mut unknown = 0;
        for ((account, name), view) in &mut inventory.streams {
            let key = (account.clone(), name.clone());
            let report = &mut view.found.report;
            view.config = remembered(&mut self.streams, key, &report.created, report.config.take());
            unknown += usize::from(view.config.is_none());
            for (consumer, view) in &mut view.consumers {
                let key = (account.clone(), name.clone(), consumer.clone());
                let report = &mut view.found.report;
                view.config = remembered(&mut self.consumers, key, &report.created, report.config.take());
                unknown += usize::from(view.config.is_none());
            }
        }
        if inventory.complete {
            let streams = &inventory.streams;
            self.streams.retain(|key, _| streams.contains_key(key));
            self.consumers.retain(|key, _| inventory.has(key));
        }
        inventory.described = unknown == 0;
        unknown
    }
}

fn remembered<K: Ord, C: Clone>(
    known: &mut BTreeMap<K, Config<C>>,
    key: K,
    created: &str,
    config: Option<C>,
) -> Option<C> {
    if let Some(config) = config {
        let kept = Config {
            created: created.to_string(),
            config: config.clone(),
        };
        known.insert(key, kept);
        return Some(config);
    }
    let kept = known.get(&key).filter(|kept| kept.created == created);
    kept.map(|kept| kept.config.clone())
}

#[cfg(test)]
#[path = "leaders_tests.rs"]
mod tests;
