//! What exists, and how it is connected: virtual hosts, exchanges, queues, bindings, policies of both kinds.

use std::collections::HashSet;

use brokerscope_contract::{EntityKey, EntityKind, Warning};

use crate::rabbitmq::collector::{RabbitMqCollector, Visit};
use crate::rabbitmq::failure::Failure;
use crate::rabbitmq::figures::ExchangeFigures;
use crate::rabbitmq::inventory::Inventory;
use crate::rabbitmq::map::{blind_spots, dead_letters, objects, routes, samples};
use crate::rabbitmq::memory::{CounterSource, Topic};
use crate::rabbitmq::policies::Policies;
use crate::rabbitmq::super_streams::SuperStreams;
use crate::rabbitmq::tier::{Question, Tier};
use crate::rabbitmq::wire::{Binding, Exchange, Policy, Queue, Vhost, WhoAmI};

impl RabbitMqCollector {
    /// `vhosts` are those of this visit, if they could be had.
    pub(in crate::rabbitmq) async fn ask_inventory(&mut self, visit: &mut Visit, vhosts: Option<Vec<Vhost>>) {
        if !self.is_due(Question::Inventory, visit) {
            return;
        }
        let answer = match vhosts {
            Some(vhosts) => self.inventory(visit, vhosts).await,
            // That virtual hosts are missing is said already.
            None => return,
        };
        self.note(Question::Inventory, visit, answer.is_ok());
        match answer {
            Ok(inventory) => {
                self.memory.note(Topic::Inventory, []);
                self.keep(visit, &inventory);
            }
            Err(failure) => {
                let warning = blind_spots::unanswered("Queues, exchanges and bindings", &[], &failure);
                self.memory.note(Topic::Inventory, [warning]);
            }
        }
    }

    async fn inventory(&mut self, visit: &Visit, vhosts: Vec<Vhost>) -> Result<Inventory, Failure> {
        let (client, budget) = (&self.client, visit.budget);
        // Version 3.10 tells states and effective policies only in the list with figures.
        let rich = visit.tier == Tier::EveryFigure && is_before_4(visit.overview.rabbitmq_version.as_deref());
        let queues = if rich { "queues" } else { "queues?disable_stats=true" };
        let (exchanges, queues) = tokio::try_join!(
            budget.spend(client.ask::<Vec<Exchange>>("exchanges")),
            budget.spend(client.ask::<Vec<Queue>>(queues)),
        )?;
        let (bindings, policies, operator_policies, user) = tokio::try_join!(
            budget.spend(client.ask::<Vec<Binding>>("bindings")),
            budget.spend(client.ask::<Vec<Policy>>("policies")),
            budget.spend(client.ask::<Vec<Policy>>("operator-policies")),
            // Tags change while we run.
            budget.spend(client.ask::<WhoAmI>("whoami")),
        )?;
        self.notice_user(&user);
        let policies = Policies::new(&policies, &operator_policies);
        Ok(Inventory {
            vhosts,
            exchanges,
            queues,
            bindings,
            policies,
        }
        .narrowed(&self.config))
    }

    fn keep(&mut self, visit: &mut Visit, inventory: &Inventory) {
        self.notice_blindness(visit, inventory);
        let dead_letters = dead_letters::dead_letters(inventory);
        let memory = &mut self.memory;
        memory.kinds = inventory
            .queues
            .iter()
            .map(|queue| (queue.key(), queue.kind()))
            .collect();
        memory.counters.keep(&memory.kinds);
        memory.super_streams = SuperStreams::of(inventory);
        memory.default_routes.retain(|queue| memory.kinds.contains_key(queue));
        let fed: Vec<_> = memory.default_routes.iter().cloned().collect();
        memory.object_links = routes::links(inventory, &fed);
        memory.object_links.extend(dead_letters.links);
        // A policy may name an exchange that nobody declared: a link must not bring it to life.
        memory.exchanges = inventory.exchanges.iter().map(Exchange::key).collect();
        let declared: HashSet<EntityKey> = memory
            .exchanges
            .iter()
            .map(|name| name.key(EntityKind::Exchange))
            .collect();
        let exists = |key: &EntityKey| key.kind != EntityKind::Exchange || declared.contains(key);
        memory
            .object_links
            .retain(|link| exists(&link.from) && exists(&link.to));
        memory.note(Topic::DeadLetters, dead_letters.warnings);
        let from_list = memory.counters.source() != Some(CounterSource::Prometheus);
        for exchange in &inventory.exchanges {
            let published = exchange.message_stats.publish_in;
            if published.is_some_and(|n| n > 0.0) {
                memory.published_to.insert(exchange.key());
            }
            if from_list {
                let figures = ExchangeFigures {
                    published,
                    unroutable: exchange.message_stats.unroutable(),
                };
                samples::of_exchange(&exchange.key(), &figures, &mut visit.snapshot.samples);
            }
        }
        visit.links_changed = true;
        visit.snapshot.checks.extend(dead_letters.check);
        visit
            .snapshot
            .entities
            .extend(objects::entities(inventory, &self.memory.super_streams));
        if !self.memory.is_blind {
            let kinds = [
                EntityKind::Vhost,
                EntityKind::Exchange,
                EntityKind::Queue,
                EntityKind::Stream,
            ];
            visit.snapshot.complete.extend(kinds);
        }
    }

    /// RabbitMQ answers users without permission with empty lists. What gives it away: virtual hosts without the
    /// exchanges that each is born with, and figures of queues that no list has.
    fn notice_blindness(&mut self, visit: &Visit, inventory: &Inventory) {
        let hidden = inventory.hidden_vhosts();
        let elsewhere = visit
            .queues
            .keys()
            .filter(|name| self.config.wants_vhost(&name.vhost))
            .count();
        let warning = match inventory.vhosts.is_empty() {
            true => Some(blind_spots::nothing_visible(elsewhere)),
            false => blind_spots::hidden_vhosts(&hidden).or_else(|| unlisted(visit, inventory)),
        };
        self.memory.is_blind = warning.is_some();
        self.memory.note(Topic::Permissions, warning);
    }
}

/// Virtual hosts that the endpoints tell about and the list leaves out altogether.
fn unlisted(visit: &Visit, inventory: &Inventory) -> Option<Warning> {
    let is_listed = |vhost: &str| inventory.vhosts.iter().any(|listed| listed.name == vhost);
    let mut missing: Vec<&str> = visit
        .queues
        .keys()
        .map(|name| name.vhost.as_str())
        .filter(|vhost| !is_listed(vhost))
        .collect();
    missing.sort_unstable();
    missing.dedup();
    blind_spots::hidden_vhosts(&missing)
}

fn is_before_4(version: Option<&str>) -> bool {
    let major = version.and_then(|version| version.split('.').next()?.parse::<u32>().ok());
    major.is_some_and(|major| major < 4)
}
