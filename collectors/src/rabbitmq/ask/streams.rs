//! Who reads and writes streams over their own protocol, where the plugin that tells of them is enabled.

use std::collections::HashSet;

use brokerscope_contract::{EntityKind, metrics};

use crate::rabbitmq::collector::{RabbitMqCollector, Visit};
use crate::rabbitmq::failure::Failure;
use crate::rabbitmq::map::blind_spots;
use crate::rabbitmq::map::clients::{Clients, People, StreamClients};
use crate::rabbitmq::map::streams;
use crate::rabbitmq::memory::Topic;
use crate::rabbitmq::names::{Name, QueueType};
use crate::rabbitmq::wire::Consumer;

const PLUGIN: &str = "rabbitmq_stream_management";

/// Whether the memory's clients of streams are those of this visit.
pub(super) enum Streams {
    Told,
    /// No node has the plugin, so nobody will tell.
    NoPlugin,
    /// The clients that were told last stand.
    Failed(Failure),
}

impl RabbitMqCollector {
    /// A failure is no reason to lose the clients that the other questions told of.
    pub(super) async fn ask_streams(&mut self, visit: &Visit) -> Streams {
        if visit.has_plugin(PLUGIN) == Some(false) {
            self.memory.stream_clients = StreamClients::default();
            return Streams::NoPlugin;
        }
        let answers = tokio::try_join!(
            visit.budget.spend(self.client.ask("stream/consumers")),
            visit.budget.spend(self.client.ask("stream/publishers")),
        );
        match answers {
            Ok((consumers, publishers)) => {
                self.memory.stream_clients = StreamClients { consumers, publishers };
                Streams::Told
            }
            Err(Failure::Unsupported(_)) => {
                self.memory.stream_clients = StreamClients::default();
                Streams::NoPlugin
            }
            Err(failure) => Streams::Failed(failure),
        }
    }

    /// Readers of streams, and what is not known of them.
    pub(super) fn keep_streams(&mut self, visit: &mut Visit, clients: &Clients, streams: Streams) {
        if let Streams::Failed(failure) = streams {
            let missing = [metrics::LAG, metrics::DELIVERED];
            let warning = blind_spots::unanswered("Readers of streams", &missing, &failure);
            self.memory.note(Topic::Streams, [warning]);
            return;
        }
        let memory = &mut self.memory;
        let is_stream = |queue: &Name| memory.kinds.get(queue) == Some(&QueueType::Stream);
        let people = People::new(clients);
        memory.streams_told = matches!(streams, Streams::Told);
        let said = streams::reads(clients, &people);
        let rows = said
            .iter()
            .map(|(reader, name, value)| (reader.clone(), std::iter::once((name, *value))));
        memory.stream_reads.read(rows.collect());
        let present: HashSet<&Name> = said.iter().map(|(_, name, _)| name).collect();
        memory.stream_reads.keep(|read| present.contains(read));
        let total = |stream: &Name, subscription: &str| {
            let [total] = memory.stream_reads.total(&streams::counted(stream, subscription));
            total
        };
        let mapped = streams::map(clients, &people, &memory.super_streams, is_stream, total);
        let mut warnings = streams::silent_readers(clients, is_stream);
        warnings.extend(mapped.warnings);
        if !memory.streams_told && clients.consumers.iter().any(Consumer::is_of_streams) {
            warnings.push(blind_spots::no_stream_plugin());
        }
        memory.stream_links = mapped.links;
        memory.note(Topic::Streams, warnings);
        visit.snapshot.entities.extend(mapped.entities);
        visit.snapshot.samples.extend(mapped.samples);
        visit.snapshot.complete.push(EntityKind::StreamConsumer);
    }
}
