//! Who reads and publishes: connections, channels and consumers.

use std::collections::BTreeSet;

use brokerscope_contract::{EntityKind, metrics};

use super::streams::Streams;
use crate::rabbitmq::client::segment;
use crate::rabbitmq::collector::{RabbitMqCollector, Visit};
use crate::rabbitmq::failure::Failure;
use crate::rabbitmq::map::blind_spots;
use crate::rabbitmq::map::clients::{Clients, Publisher, map};
use crate::rabbitmq::memory::Topic;
use crate::rabbitmq::names::Name;
use crate::rabbitmq::publishers::{self, EXCHANGES_PER_VISIT};
use crate::rabbitmq::tier::Question;
use crate::rabbitmq::wire::{Channel, Connection, Consumer, ExchangeTraffic};

/// Beyond this many connections the lists cost the broker more than they tell.
const MOST_CONNECTIONS: f64 = 20_000.0;

const CONNECTIONS: &str = "connections?columns=name,user_provided_name,client_properties.connection_name,\
    client_properties.product,user,vhost,node,peer_host,protocol,state";
const CHANNELS: &str = "channels?columns=name,vhost,connection_details.name,consumer_count,messages_unacknowledged,\
    message_stats.publish,message_stats.deliver_get,message_stats.deliver_no_ack,message_stats.get_no_ack,\
    message_stats.ack,message_stats.redeliver";

impl RabbitMqCollector {
    pub(in crate::rabbitmq) async fn ask_clients(&mut self, visit: &mut Visit) {
        if !self.is_due(Question::Clients, visit) {
            return;
        }
        let connections = visit.overview.object_totals.connections;
        if let Some(connections) = connections.filter(|n| *n > MOST_CONNECTIONS) {
            self.memory
                .note(Topic::Clients, [blind_spots::too_many_clients(connections)]);
            self.note(Question::Clients, visit, true);
            return;
        }
        let answer = self.clients(visit).await;
        self.note(Question::Clients, visit, answer.is_ok());
        match answer {
            Ok((clients, streams)) => {
                self.memory.note(Topic::Clients, []);
                self.memory.clients_then = (visit.consumers, connections);
                self.keep_clients(visit, &clients);
                self.keep_streams(visit, &clients, streams);
            }
            Err(failure) => {
                let missing = [metrics::IN_FLIGHT_LIMIT];
                let warning = blind_spots::unanswered("Consumers and services", &missing, &failure);
                self.memory.note(Topic::Clients, [warning]);
            }
        }
    }

    async fn clients(&mut self, visit: &Visit) -> Result<(Clients, Streams), Failure> {
        let (client, budget) = (&self.client, visit.budget);
        let (connections, channels, consumers) = tokio::try_join!(
            budget.spend(client.ask::<Vec<Connection>>(CONNECTIONS)),
            budget.spend(client.ask::<Vec<Channel>>(CHANNELS)),
            budget.spend(client.ask::<Vec<Consumer>>("consumers")),
        )?;
        let streams = self.ask_streams(visit).await;
        let publishers = self.publishers(visit, &channels).await;
        let clients = Clients {
            connections,
            channels,
            consumers,
            streams: self.memory.stream_clients.clone(),
            publishers,
        };
        Ok((clients, streams))
    }

    /// Exchanges tell their publishers where rates are detailed, some on each visit; otherwise it is concluded where
    /// that is safe.
    async fn publishers(&mut self, visit: &Visit, channels: &[Channel]) -> Vec<Publisher> {
        if visit.overview.rates_mode.as_deref() != Some("detailed") {
            return publishers::inferred(self.memory.published_to.iter(), channels);
        }
        // Those never asked come first, then the others in turn.
        let never: Vec<Name> = self
            .memory
            .published_to
            .iter()
            .filter(|name| !self.memory.publishers.contains_key(name))
            .cloned()
            .collect();
        let start = self.memory.next_exchange.clone();
        let in_turn = self
            .memory
            .published_to
            .iter()
            .filter(|name| start.as_ref().is_none_or(|start| *name > start));
        let turn: BTreeSet<Name> = never.iter().chain(in_turn).take(EXCHANGES_PER_VISIT).cloned().collect();
        self.memory.next_exchange = turn.last().filter(|_| turn.len() == EXCHANGES_PER_VISIT).cloned();
        for exchange in turn {
            let path = format!("exchanges/{}/{}", segment(&exchange.vhost), exchange_segment(&exchange));
            let asked = visit.budget.spend(self.client.ask::<ExchangeTraffic>(&path)).await;
            match asked {
                Ok(traffic) => {
                    let told = publishers::told(&exchange, &traffic);
                    self.memory.publishers.insert(exchange, told);
                }
                // It was deleted; there is nothing to warn about.
                Err(Failure::Unsupported(_)) => {
                    self.memory.published_to.remove(&exchange);
                    self.memory.publishers.remove(&exchange);
                }
                Err(_) => break,
            }
        }
        self.memory.publishers.values().flatten().cloned().collect()
    }

    fn keep_clients(&mut self, visit: &mut Visit, clients: &Clients) {
        let mapped = map(clients, |queue| self.memory.kinds.get(queue).copied());
        self.memory.client_links = mapped.links;
        visit.links_changed = true;
        visit.snapshot.entities.extend(mapped.entities);
        visit.snapshot.samples.extend(mapped.samples);
        visit.snapshot.complete.push(EntityKind::Service);
        if mapped.complete {
            visit.snapshot.complete.push(EntityKind::Consumer);
        }
    }
}

/// The default exchange has no name, and the API a name for it.
fn exchange_segment(exchange: &Name) -> String {
    if exchange.name.is_empty() {
        "amq.default".into()
    } else {
        segment(&exchange.name)
    }
}
