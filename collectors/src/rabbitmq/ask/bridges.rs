//! Shovels and federation links, where the plugins that tell of them are enabled.

use std::collections::BTreeSet;

use brokerscope_contract::{Absence, CheckResult, EntityKey, EntityKind, Status, Warning};
use serde::de::DeserializeOwned;

use crate::addresses;
use crate::rabbitmq::bridges::shovels::Definitions;
use crate::rabbitmq::bridges::{Bridge, Ends, Id, Kind, federation, shovels};
use crate::rabbitmq::checks::{self, Check};
use crate::rabbitmq::collector::{RabbitMqCollector, Visit};
use crate::rabbitmq::failure::Failure;
use crate::rabbitmq::map::bridge_links::{Here, Joined, join};
use crate::rabbitmq::map::{blind_spots, bridges, sites};
use crate::rabbitmq::memory::Topic;
use crate::rabbitmq::names::Name;
use crate::rabbitmq::tier::Question;
use crate::rabbitmq::wire::{FederationLink, Shovel, ShovelParameter};

/// Beyond this many channels federation is not asked about: the broker looks through all of them to answer.
const MOST_CHANNELS: f64 = 20_000.0;

/// Why nothing is known about one kind of bridge.
enum Untold {
    NotMonitor,
    /// The plugin by this name is enabled nowhere.
    NoPlugin(&'static str),
    TooMany(f64),
    Failed(Failure),
}

impl RabbitMqCollector {
    pub(in crate::rabbitmq) async fn ask_bridges(&mut self, visit: &mut Visit) {
        if !self.is_due(Question::Bridges, visit) {
            return;
        }
        let found = [
            (checks::SHOVELS, Kind::Shovel, self.shovels(visit).await),
            (checks::FEDERATION, Kind::Federation, self.federation(visit).await),
        ];
        let failed = |answer: &Result<_, Untold>| matches!(answer, Err(Untold::Failed(_)));
        let answered = !found.iter().any(|(.., answer)| failed(answer));
        self.note(Question::Bridges, visit, answered);
        let mut is_whole = true;
        let mut warnings: Vec<Warning> = Vec::new();
        let idle: BTreeSet<Id> = self
            .memory
            .bridges
            .iter()
            .filter(|bridge| !bridge.state.runs())
            .map(|bridge| bridge.id.clone())
            .collect();
        let mut present: Vec<Bridge> = Vec::new();
        for (check, kind, answer) in found {
            visit.snapshot.checks.push(told(check, kind, &answer));
            match answer {
                Ok(found) => {
                    for bridge in &found {
                        visit.snapshot.entities.push(bridges::entity(bridge));
                        visit.snapshot.samples.extend(bridges::samples(bridge));
                        visit.snapshot.checks.push(bridges::check(bridge, &idle));
                    }
                    present.extend(found);
                }
                Err(_) if visit.has_plugin(kind.plugin()) == Some(false) => {}
                // What was known stands until it is told again: not asked is not gone.
                Err(untold) => {
                    is_whole = false;
                    present.extend(self.memory.bridges.iter().filter(|b| b.id.kind == kind).cloned());
                    if let Untold::Failed(failure) = untold {
                        let what = match kind {
                            Kind::Shovel => "Shovels",
                            Kind::Federation => "Federation links",
                        };
                        warnings.push(blind_spots::unanswered(what, &[], &failure));
                    }
                }
            }
        }
        self.memory.note(Topic::Bridges, warnings);
        if is_whole {
            visit.snapshot.complete.push(EntityKind::Bridge);
        }
        self.memory.bridges = present;
        visit.links_changed = true;
    }

    /// The edges of the bridges that were told last, between what is known now.
    pub(in crate::rabbitmq) fn bridged(&self, visit: &Visit) -> Joined {
        let hosts = addresses::hosts(self.client.management());
        let is_watched = |vhost: &str| self.config.wants_vhost(vhost) && !self.memory.is_blind;
        let here = Here {
            listeners: &visit.overview.listeners,
            addresses: sites::addresses(&visit.overview.listeners, &hosts),
            hosts,
            queues: &self.memory.kinds,
            exchanges: &self.memory.exchanges,
            is_watched: &is_watched,
        };
        join(&self.memory.bridges, &here)
    }

    async fn shovels(&self, visit: &Visit) -> Result<Vec<Bridge>, Untold> {
        let told: Vec<Shovel> = self.told(visit, "rabbitmq_shovel_management", "shovels").await?;
        let is_idle = |shovel: &Shovel| shovel.src_uri.is_none();
        let definitions = match self.memory.reads_definitions && told.iter().any(is_idle) {
            true => self.definitions(visit).await,
            false => Definitions::default(),
        };
        let watched: Vec<Shovel> = told
            .into_iter()
            .filter(|shovel| {
                shovel
                    .vhost
                    .as_deref()
                    .is_none_or(|vhost| self.config.wants_vhost(vhost))
            })
            .collect();
        Ok(shovels::bridges(&watched, |id| self.known_ends(id, &definitions)))
    }

    /// Without them the ends of those that do not run stay unknown, which is said there.
    async fn definitions(&self, visit: &Visit) -> Definitions {
        let asked = visit
            .budget
            .spend(self.client.ask::<Vec<ShovelParameter>>("parameters/shovel"));
        asked
            .await
            .map(|found| shovels::definitions(&found))
            .unwrap_or_default()
    }

    /// As it is defined, or as it was when it ran.
    fn known_ends(&self, id: &Id, definitions: &Definitions) -> Option<Ends> {
        let name = Name::new(id.vhost.clone().unwrap_or_default(), id.name.clone());
        let before = || self.memory.bridges.iter().find(|bridge| bridge.id == *id)?.ends.clone();
        definitions.get(&name).cloned().or_else(before)
    }

    async fn federation(&self, visit: &Visit) -> Result<Vec<Bridge>, Untold> {
        let channels = visit.overview.object_totals.channels;
        if let Some(channels) = channels.filter(|channels| *channels > MOST_CHANNELS) {
            return Err(Untold::TooMany(channels));
        }
        let mut told: Vec<FederationLink> = self
            .told(visit, "rabbitmq_federation_management", "federation-links")
            .await?;
        told.retain(|link| self.config.wants_vhost(&link.vhost));
        Ok(federation::bridges(&told))
    }

    async fn told<T: DeserializeOwned>(
        &self,
        visit: &Visit,
        plugin: &'static str,
        path: &str,
    ) -> Result<Vec<T>, Untold> {
        if self.memory.is_monitor == Some(false) {
            return Err(Untold::NotMonitor);
        }
        if visit.has_plugin(plugin) == Some(false) {
            return Err(Untold::NoPlugin(plugin));
        }
        match visit.budget.spend(self.client.ask(path)).await {
            Ok(answer) => Ok(answer),
            Err(Failure::Unsupported(_)) => Err(Untold::NoPlugin(plugin)),
            Err(failure) => Err(Untold::Failed(failure)),
        }
    }
}

/// Whether it is known which bridges of a kind there are.
fn told(check: Check, kind: Kind, answer: &Result<Vec<Bridge>, Untold>) -> CheckResult {
    let cluster = EntityKey::cluster();
    let word = kind.word();
    match answer {
        Ok(found) => {
            let text = match (found.len(), found.iter().filter(|bridge| bridge.state.runs()).count()) {
                (0, _) => "there is none".to_string(),
                (all, running) => format!("{running} of {all} run"),
            };
            check.result(cluster, Status::Ok, text)
        }
        Err(Untold::NotMonitor) => {
            let text = format!("the user may not see what {word} there is: it has no tag monitoring");
            check.unknown(cluster, Absence::NotPermitted, text)
        }
        Err(Untold::NoPlugin(plugin)) => {
            let text = format!("switched off in the broker: the plugin {plugin} is not enabled");
            check.unknown(cluster, Absence::Disabled, text)
        }
        Err(Untold::TooMany(channels)) => {
            let text = format!("not asked: with {channels} channels the answer costs the broker too much");
            check.unknown(cluster, Absence::Disabled, text)
        }
        Err(Untold::Failed(failure)) => check.unknown(cluster, failure.absence(), failure.to_string()),
    }
}
