//! The broker's own health checks, counters that only nodes have, and which address belongs to which node.

use brokerscope_contract::{Absence, CheckResult, EntityKey, metrics};
use futures_util::StreamExt;
use reqwest::Url;

use crate::budget::Budget;
use crate::rabbitmq::acquaintance::Answers;
use crate::rabbitmq::checks::{self, ENDPOINTS, Endpoint, classify};
use crate::rabbitmq::client::Answer;
use crate::rabbitmq::collector::{RabbitMqCollector, Visit};
use crate::rabbitmq::endpoints::Seat;
use crate::rabbitmq::failure::Failure;
use crate::rabbitmq::map::{blind_spots, nodes};
use crate::rabbitmq::memory::Topic;
use crate::rabbitmq::scrape::{NODE, NodeFigures};
use crate::rabbitmq::tier::{Question, Tier};
use crate::rabbitmq::wire::Overview;

/// Checks asked at the same time.
const AT_ONCE: usize = 4;

impl RabbitMqCollector {
    /// Which node answers at which management address.
    pub(in crate::rabbitmq) async fn ask_addresses(&mut self, visit: &mut Visit) {
        if !self.is_due(Question::Addresses, visit) {
            return;
        }
        let mut seats = Vec::new();
        for management in self.client.management() {
            let answer = visit
                .budget
                .spend(self.client.ask_at::<Overview>(management, "overview?columns=node"))
                .await;
            let node = answer.ok().and_then(|overview| overview.node);
            seats.extend(node.map(|node| Seat {
                node,
                management: management.clone(),
            }));
        }
        self.note(
            Question::Addresses,
            visit,
            seats.len() == self.client.management().len(),
        );
        // An address that led to another node before is a balancer's: it says nothing about any node.
        let moved = |seat: &Seat| {
            self.memory
                .seats
                .iter()
                .any(|old| old.management == seat.management && old.node != seat.node)
        };
        seats.retain(|seat| !moved(seat));
        self.memory.seats = seats;
    }

    pub(in crate::rabbitmq) async fn ask_health(&mut self, visit: &mut Visit) {
        if !self.is_due(Question::HealthChecks, visit) {
            return;
        }
        let mut wanted: Vec<(Endpoint, EntityKey, Url)> = Vec::new();
        for endpoint in ENDPOINTS {
            if !endpoint.per_node {
                wanted.push((*endpoint, EntityKey::cluster(), self.client.current().clone()));
                continue;
            }
            let seats = self.memory.seats.iter();
            wanted.extend(seats.map(|seat| (*endpoint, nodes::key(&seat.node), seat.management.clone())));
        }
        let (this, bounds) = (&*self, (visit.budget, visit.tier));
        let questions = wanted
            .into_iter()
            .map(|(endpoint, entity, at)| this.health_check(endpoint, entity, at, bounds));
        let results = futures_util::stream::iter(questions);
        let results: Vec<(Endpoint, CheckResult)> = results.buffer_unordered(AT_ONCE).collect().await;
        for (endpoint, result) in &results {
            if result.absent == Some(Absence::NotSupported) {
                self.memory.unknown_checks.insert(endpoint.path);
            }
        }
        self.note(Question::HealthChecks, visit, true);
        visit
            .snapshot
            .checks
            .extend(results.into_iter().map(|(_, result)| result));
    }

    async fn health_check(
        &self,
        endpoint: Endpoint,
        entity: EntityKey,
        at: Url,
        (budget, tier): (Budget, Tier),
    ) -> (Endpoint, CheckResult) {
        let leaderless = endpoint.check.id() == checks::LEADERLESS_QUEUES.id();
        if leaderless && tier > Tier::Counts {
            let text = "too many queues: the broker would ask each of them";
            return (endpoint, endpoint.check.unknown(entity, Absence::Disabled, text));
        }
        let answer: Result<Answer, Failure> = match self.memory.unknown_checks.contains(endpoint.path) {
            true => Ok(Answer {
                status: 404,
                body: Vec::new(),
            }),
            false => {
                budget
                    .spend(self.client.check_at(&at, &format!("health/checks/{}", endpoint.path)))
                    .await
            }
        };
        let result = classify(&endpoint, entity, &answer);
        (endpoint, result)
    }

    /// Counters that only the nodes' own endpoints have: dead letters by reason, protocols.
    pub(in crate::rabbitmq) async fn ask_node_counters(&mut self, visit: &mut Visit) {
        if !self.is_due(Question::NodeCounters, visit) {
            return;
        }
        let all = self.endpoints(visit);
        let worth_asking = self.memory.endpoints.worth_asking(all, visit.at);
        let cluster = visit.cluster();
        let context = (&cluster, visit.at, visit.budget);
        let answers: Answers<NodeFigures> = self
            .memory
            .endpoints
            .ask_all(&self.client, worth_asking, NODE, context)
            .await;
        self.note(Question::NodeCounters, visit, !answers.by_node.is_empty());
        let silent = answers.failures.first().map(|failure| {
            let missing = [metrics::DEAD_LETTERED, metrics::RABBITMQ_PROTOCOL_PUBLISHED];
            blind_spots::unanswered("Dead letters by reason and counts by protocol", &missing, failure)
        });
        let amqp10 = answers
            .by_node
            .iter()
            .any(|(_, figures)| figures.amqp10 > 0.0)
            .then(blind_spots::amqp10);
        self.memory.note(Topic::NodeCounters, silent.into_iter().chain(amqp10));
        for (node, figures) in &answers.by_node {
            visit.snapshot.samples.extend(nodes::prometheus_samples(node, figures));
        }
    }
}
