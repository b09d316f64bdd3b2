//! Depth, in flight, consumers and rates of every queue: at every node's Prometheus endpoint, or, where that is not to
//! be had, in the lists of the management API.

use std::collections::HashMap;

use brokerscope_contract::{CheckResult, MetricId, Status, metrics};
use tokio::time::Instant;

use crate::rabbitmq::acquaintance::Answers;
use crate::rabbitmq::checks;
use crate::rabbitmq::collector::{RabbitMqCollector, Visit};
use crate::rabbitmq::endpoints::{Endpoint, endpoints};
use crate::rabbitmq::failure::Failure;
use crate::rabbitmq::figures::{ExchangeFigures, Exchanges, QueueFigures, Queues};
use crate::rabbitmq::map::{blind_spots, nodes, samples};
use crate::rabbitmq::memory::{CounterSource, Topic};
use crate::rabbitmq::names::{Name, QueueType};
use crate::rabbitmq::scrape::{COUNTS, EVERYTHING, Scrape};
use crate::rabbitmq::super_streams::whole_sum;
use crate::rabbitmq::tier::{Question, Tier};
use crate::rabbitmq::wire::Queue;

const FIGURES: [MetricId; 4] = [
    metrics::DEPTH,
    metrics::IN_FLIGHT,
    metrics::CONSUMERS,
    metrics::PUBLISHED,
];

impl RabbitMqCollector {
    pub(in crate::rabbitmq) async fn ask_counts(&mut self, visit: &mut Visit) {
        let asked = self.endpoints(visit);
        visit.prometheus = !self.memory.endpoints.worth_asking(asked.clone(), visit.at).is_empty();
        if !self.is_due(Question::Counts, visit) {
            return;
        }
        let started = Instant::now();
        let queues = match self.scrape_all(visit, asked).await {
            Some(queues) => Ok(queues),
            None => self.ask_lists(visit).await,
        };
        let cadence = visit
            .tier
            .cadence(Question::Counts, self.config.interval, visit.prometheus);
        self.choice
            .took(started.elapsed().as_secs_f64(), cadence.unwrap_or(self.config.interval));
        self.note(Question::Counts, visit, queues.is_ok());
        match queues {
            Ok(queues) => {
                self.memory.note(Topic::Counts, []);
                self.notice_strangers(&queues, visit);
                visit.queues = queues;
            }
            Err(failure) => {
                self.memory.note(
                    Topic::Counts,
                    [blind_spots::unanswered("Figures of queues", &FIGURES, &failure)],
                );
            }
        }
    }

    /// The Prometheus endpoints of the cluster.
    pub(in crate::rabbitmq) fn endpoints(&self, visit: &Visit) -> Vec<Endpoint> {
        let management = self.client.management();
        endpoints(
            &self.config.prometheus,
            management,
            &visit.overview.listeners,
            &self.memory.seats,
        )
    }

    /// The figures from all nodes, if every running node answered. `None` when the API has to be asked instead.
    async fn scrape_all(&mut self, visit: &mut Visit, all: Vec<Endpoint>) -> Option<Queues> {
        let sizes = self.is_due(Question::Sizes, visit);
        let path = if sizes { EVERYTHING } else { COUNTS };
        let worth_asking = self.memory.endpoints.worth_asking(all.clone(), visit.at);
        let cluster = visit.cluster();
        let context = (&cluster, visit.at, visit.budget);
        let answers: Answers<Scrape> = self
            .memory
            .endpoints
            .ask_all(&self.client, worth_asking, path, context)
            .await;
        let running: Vec<String> = visit
            .nodes
            .iter()
            .filter(|n| n.running)
            .map(|n| n.name.clone())
            .collect();
        let uncovered = answers.uncovered(&running);
        self.check_endpoints(visit, &all, &uncovered);
        if answers.by_node.is_empty() || !uncovered.is_empty() {
            visit.prometheus = false;
            return None;
        }
        if sizes {
            self.note(Question::Sizes, visit, true);
        }
        Some(self.joined(visit, answers).await)
    }

    /// One answer for the cluster out of one for each node.
    async fn joined(&mut self, visit: &mut Visit, answers: Answers<Scrape>) -> Queues {
        let counts_deliveries = answers.by_node.iter().all(|(_, scrape)| scrape.counts_deliveries);
        let mut said: Vec<(String, Queues, Exchanges)> = Vec::new();
        let mut queues = Queues::new();
        for (node, mut scrape) in answers.by_node {
            scrape.queues.retain(|name, _| self.config.wants_vhost(&name.vhost));
            scrape.exchanges.retain(|name, _| self.config.wants_vhost(&name.vhost));
            self.memory.default_routes.extend(scrape.default_routes);
            for (name, figures) in &scrape.queues {
                match queues.get_mut(name) {
                    Some(known) => known.merge(figures),
                    None => drop(queues.insert(name.clone(), figures.clone())),
                }
            }
            said.push((node, scrape.queues, scrape.exchanges));
        }
        if counts_deliveries {
            self.memory.counters.advance(CounterSource::Prometheus, &said);
            self.memory.counters.apply(&mut queues);
            self.memory.note(Topic::Rates, []);
            for name in said.iter().flat_map(|(_, _, exchanges)| exchanges.keys()) {
                self.emit_exchange(name, visit);
            }
        } else {
            self.rates_from_list(visit, &mut queues).await;
        }
        queues
    }

    /// Versions before 4.0 count deliveries only in the full list, which small clusters can afford.
    async fn rates_from_list(&mut self, visit: &mut Visit, queues: &mut Queues) {
        if visit.tier != Tier::EveryFigure {
            let version = visit.overview.rabbitmq_version.as_deref().unwrap_or("before 4.0");
            self.memory
                .note(Topic::Rates, [blind_spots::no_delivery_counters(version)]);
            return;
        }
        if !self.is_due(Question::Rates, visit) {
            return;
        }
        let list = visit.budget.spend(self.client.ask::<Vec<Queue>>("queues")).await;
        self.note(Question::Rates, visit, list.is_ok());
        match list {
            Ok(list) => {
                for (name, figures) in self.counted_by_management(&list) {
                    let known = queues.entry(name).or_default();
                    known.fill_from(&figures);
                }
                self.memory.note(Topic::Rates, []);
            }
            Err(failure) => {
                self.memory.note(
                    Topic::Rates,
                    [blind_spots::unanswered("Rates of queues", &FIGURES[3..], &failure)],
                );
            }
        }
    }

    /// Without Prometheus: the full list while it is affordable, else the one with totals.
    async fn ask_lists(&mut self, visit: &mut Visit) -> Result<Queues, Failure> {
        let full = visit.tier == Tier::EveryFigure;
        let path = if full {
            "queues"
        } else {
            "queues?disable_stats=true&enable_queue_totals=true"
        };
        let list = visit.budget.spend(self.client.ask::<Vec<Queue>>(path)).await?;
        if full {
            return Ok(self.counted_by_management(&list));
        }
        let watched = list.iter().filter(|queue| self.config.wants_vhost(&queue.vhost));
        Ok(watched
            .map(|queue| (queue.key(), QueueFigures::of_api(queue)))
            .collect())
    }

    /// The figures of a full list, with running sums for counters.
    fn counted_by_management(&mut self, list: &[Queue]) -> Queues {
        let watched = list.iter().filter(|queue| self.config.wants_vhost(&queue.vhost));
        let queues: Queues = watched
            .map(|queue| (queue.key(), QueueFigures::of_api(queue)))
            .collect();
        let mut said = [("management".to_string(), queues, Exchanges::new())];
        self.memory.counters.advance(CounterSource::Management, &said);
        self.memory.counters.apply(&mut said[0].1);
        let [(_, queues, _)] = said;
        queues
    }

    /// Queues that the inventory does not know, or that it knows and nobody counts, mean that it is out of date.
    fn notice_strangers(&mut self, queues: &Queues, visit: &mut Visit) {
        let known = &self.memory.kinds;
        let strangers = queues.keys().filter(|name| !known.contains_key(*name)).count();
        let without_figures = known.keys().filter(|name| !queues.contains_key(*name)).count();
        if strangers > 0 || without_figures != self.memory.without_figures {
            self.plan.hurry(Question::Inventory);
        }
        self.memory.without_figures = without_figures;
        let consumers = queues.values().filter_map(|figures| figures.consumers);
        visit.consumers = consumers.reduce(|sum, consumers| sum + consumers);
        let connections = visit.overview.object_totals.connections;
        if let Some(clients) = self.memory.clients_changed((visit.consumers, connections)) {
            self.plan.hurry(clients);
        }
    }

    /// The figures as samples, once the inventory had its turn.
    ///
    /// A queue that is not in the inventory is either so new that it waits for the next one, which tells whether it is
    /// a stream, or just deleted. Where the inventory hides queues from this user, what the endpoints tell is shown.
    pub(in crate::rabbitmq) fn emit_queues(&self, visit: &mut Visit) {
        let samples = &mut visit.snapshot.samples;
        samples.reserve(visit.queues.len() * 6);
        for (name, figures) in &visit.queues {
            let hidden = || figures.queue_type.unwrap_or(QueueType::Classic);
            let kind = self
                .memory
                .kinds
                .get(name)
                .copied()
                .or_else(|| self.memory.is_blind.then(hidden));
            if let Some(kind) = kind {
                let mut figures = figures.clone();
                // Here it is the largest of all readers', with a zero for those that were sent nothing yet.
                figures.stream_lag = figures.stream_lag.filter(|_| !self.memory.streams_told);
                samples::of_queue(name, kind, &figures, visit.at, samples);
            }
        }
        if visit.queues.is_empty() {
            return;
        }
        for (exchange, partitions) in self.memory.super_streams.all() {
            let held = partitions.iter().map(|partition| visit.queues.get(partition)?.ready);
            samples::of_super_stream(exchange, whole_sum(held), samples);
        }
    }

    fn emit_exchange(&mut self, name: &Name, visit: &mut Visit) {
        let [published, unroutable] = self.memory.counters.exchange(name);
        let figures = ExchangeFigures { published, unroutable };
        samples::of_exchange(name, &figures, &mut visit.snapshot.samples);
        if published.is_some_and(|n| n > 0.0) {
            self.memory.published_to.insert(name.clone());
        }
    }

    /// Says of each running node whether its endpoint answered.
    fn check_endpoints(&mut self, visit: &mut Visit, all: &[Endpoint], uncovered: &[String]) {
        let silent: HashMap<&str, &Endpoint> = all
            .iter()
            .filter_map(|endpoint| Some((endpoint.node.as_deref()?, endpoint)))
            .collect();
        let results = visit.nodes.iter().filter(|node| node.running).map(|node| {
            let entity = nodes::key(&node.name);
            if !uncovered.contains(&node.name) {
                return checks::PROMETHEUS.result(entity, Status::Ok, "answers");
            }
            let why = silent
                .get(node.name.as_str())
                .and_then(|at| self.memory.endpoints.last_failure(&at.root));
            let text = why.map_or("no endpoint is known".to_string(), ToString::to_string);
            checks::PROMETHEUS.result(entity, Status::Warning, text)
        });
        let results: Vec<CheckResult> = results.collect();
        visit.snapshot.checks.extend(results);
        let missing = (!uncovered.is_empty()).then(|| blind_spots::uncovered(uncovered));
        self.memory.note(Topic::Prometheus, missing);
    }
}
