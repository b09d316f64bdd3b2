//! The page of one entity.

use brokerscope_contract::api::entities::{EntityDetail, FarEnd, MetricView, PartView};
use brokerscope_contract::{Absence, EntityId, EntityKind, MetricId, Timestamp, metrics};

use super::absences::expected;
use super::graph::Graph;
use super::join::{Place, Sites};
use super::{Connection, Entity, Live};

impl Live {
    /// `None` when there is no such entity and has not been lately.
    pub fn entity(&self, id: EntityId, now: Timestamp) -> Option<EntityDetail> {
        let table = self.read();
        let connections: Vec<_> = table.values().map(|shared| shared.read()).collect();
        let mut graph = Graph::of(connections.iter().map(|connection| &**connection).collect(), now);
        let place = graph.find(id)?;
        let far_end = graph.far_end(place);
        // On its own page a far end is shown as what is known of it here.
        graph.joins.part(id);
        let (nodes, edges, connections) = graph.neighbourhood(place);
        Some(EntityDetail {
            nodes,
            edges,
            connections,
            far_end,
            ..graph.connection(place).detail(graph.entity(place)?, now)
        })
    }
}

impl Graph<'_> {
    fn far_end(&self, place: Place) -> Option<FarEnd> {
        let elsewhere = self.entity(place)?.stands_for.as_deref()?;
        Some(match Sites::of(&self.connections).find(place, elsewhere) {
            Ok(real) => {
                let connection = self.connection(real);
                FarEnd::Watched(self.entity(real)?.reference(connection.known.id))
            }
            Err(apart) => apart.into(),
        })
    }
}

/// What accounts, projects and the like consist of.
const PARTS: [EntityKind; 3] = [EntityKind::Queue, EntityKind::Topic, EntityKind::Subscription];

impl Connection {
    /// Without what lies around it.
    fn detail(&self, entity: &Entity, now: Timestamp) -> EntityDetail {
        EntityDetail {
            row: self.row(entity, now),
            first_seen: entity.first_seen,
            last_seen: entity.last_seen,
            deleted_at: entity.deleted_at,
            parent: self.reference(entity.parent),
            attributes: entity.attributes.to_vec(),
            metrics: self.metrics(entity, now),
            parts: self.parts(entity, now),
            nodes: Vec::new(),
            edges: Vec::new(),
            connections: Vec::new(),
            far_end: None,
            // The rules are known elsewhere; the API fills them in.
            rules: Vec::new(),
            revision: self.visits.revision,
        }
    }

    fn reference(&self, id: Option<EntityId>) -> Option<brokerscope_contract::entity::EntityRef> {
        Some(self.entities.get(id?)?.reference(self.known.id))
    }

    /// Every metric that it has or should have, in the order of the metric table.
    fn metrics(&self, entity: &Entity, now: Timestamp) -> Vec<MetricView> {
        let should = expected(entity.kind());
        // What an account or a project lacks is missing of the queues in it, which say so on pages of their own.
        let of_parts =
            |metric: &MetricId| should.is_empty() && PARTS.iter().any(|kind| expected(*kind).contains(metric));
        let warned =
            |metric: &MetricId| self.visits.warnings.about(Some(&entity.key), *metric).is_some() && !of_parts(metric);
        metrics::all()
            .map(|def| def.id)
            .filter(|metric| entity.readings.has(*metric) || should.contains(metric) || warned(metric))
            .map(|metric| self.metric(entity, metric, now))
            .collect()
    }

    fn metric(&self, entity: &Entity, metric: MetricId, now: Timestamp) -> MetricView {
        let reading = self.reading(entity, metric, now);
        let why = match reading.absent {
            None => None,
            Some(Absence::Stale) => self.why_stale(entity, now),
            Some(_) => self.why_absent(entity, metric).1,
        };
        MetricView { metric, reading, why }
    }

    fn why_stale(&self, entity: &Entity, now: Timestamp) -> Option<String> {
        if let Some(at) = entity.deleted_at {
            let at = brokerscope_figures::format::moment(at.0, now.0);
            return Some(format!(
                "The broker no longer has it since {at}; this is the last known value."
            ));
        }
        let failure = self.visits.failure.as_ref();
        Some(match failure {
            Some(failure) => format!("This is the last known value. {}", failure.detail),
            None => "The last visits brought no newer value.".into(),
        })
    }

    /// Partitions, consumers and members, in the order of their names, numbers as numbers.
    fn parts(&self, entity: &Entity, now: Timestamp) -> Vec<PartView> {
        let mut parts: Vec<&Entity> = self.children(entity.id).collect();
        // A topic of a group is a heading of its own partitions: on the group's page they are what matters.
        let below: Vec<&Entity> = parts
            .iter()
            .filter(|part| part.kind() == EntityKind::GroupTopic)
            .flat_map(|topic| self.children(topic.id))
            .collect();
        parts.extend(below);
        parts.sort_by_cached_key(|part| (part.kind(), natural(&part.key.path)));
        parts.dedup_by_key(|part| part.id);
        parts.into_iter().map(|part| self.part(part, now)).collect()
    }

    fn part(&self, part: &Entity, now: Timestamp) -> PartView {
        let readings = self.metrics(part, now);
        let silent = readings.iter().all(|view| view.reading.value.is_none());
        PartView {
            entity: part.reference(self.known.id),
            attributes: part.attributes.to_vec(),
            absent: readings.iter().find_map(|view| view.reading.absent).filter(|_| silent),
            readings,
        }
    }
}

/// A path in the order in which people count: partition 2 before partition 10.
fn natural(path: &[String]) -> Vec<(u64, String)> {
    path.iter()
        .map(|part| (part.parse().unwrap_or(u64::MAX), part.clone()))
        .collect()
}
