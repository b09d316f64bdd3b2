//! What a visit saw of each thing that is read: the samples of a snapshot as observations.

use std::collections::HashMap;

use brokerscope_contract::{EntityKey, EntityKind, MetricId, Snapshot, Timestamp, metrics};
use brokerscope_judge::verdict::Observation;

/// The counters of an observation, before it is decided which of them tells what was taken.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    depth: Option<f64>,
    lag: Option<f64>,
    in_flight: Option<f64>,
    in_flight_limit: Option<f64>,
    published: Option<f64>,
    end_offset: Option<f64>,
    acknowledged: Option<f64>,
    committed: Option<f64>,
    delivered: Option<f64>,
    consumers: Option<f64>,
}

/// One observation for each entity whose development is judged.
pub fn observations(snapshot: &Snapshot) -> HashMap<&EntityKey, Observation> {
    let mut seen: HashMap<&EntityKey, Seen> = HashMap::new();
    // Collectors tell an entity's samples one after the other, so they are taken in runs.
    for run in snapshot.samples.chunk_by(|a, b| a.entity == b.entity) {
        let Some(first) = run.first().filter(|sample| is_watched(sample.entity.kind)) else {
            continue;
        };
        let entry = seen.entry(&first.entity).or_default();
        run.iter().for_each(|sample| entry.note(sample.metric, sample.value));
    }
    let late = told_late(snapshot, &seen);
    let members: HashMap<String, f64> = seen
        .iter()
        .filter(|(key, _)| key.kind == EntityKind::ConsumerGroup)
        .filter_map(|(key, seen)| Some((key.name().to_owned(), seen.consumers?)))
        .collect();
    seen.into_iter()
        .map(|(key, seen)| {
            let of_group = key.path.first().and_then(|group| members.get(group)).copied();
            let observation = seen.observation(snapshot.at);
            let consumers = match key.kind {
                EntityKind::GroupPartition => of_group,
                _ => observation.consumers,
            };
            (
                key,
                Observation {
                    consumers,
                    ..observation
                },
            )
        })
        .chain(late)
        .collect()
}

/// What is only known with a time of its own is observed at that time: when the newest depth was measured. Its
/// counters may be some minutes older still, as clouds tell each metric with a delay of its own.
fn told_late<'a>(
    snapshot: &'a Snapshot,
    present: &HashMap<&EntityKey, Seen>,
) -> impl Iterator<Item = (&'a EntityKey, Observation)> + use<'a> {
    let mut late: HashMap<&EntityKey, (Seen, Option<Timestamp>)> = HashMap::new();
    for series in &snapshot.history {
        let watched = is_watched(series.entity.kind) && !present.contains_key(&series.entity);
        let Some((at, value)) = series.points.last().filter(|_| watched) else {
            continue;
        };
        let (seen, measured) = late.entry(&series.entity).or_default();
        seen.note(series.metric, *value);
        if [metrics::DEPTH, metrics::LAG].contains(&series.metric) {
            *measured = Some(*at);
        }
    }
    late.into_iter()
        .filter_map(|(key, (seen, measured))| Some((key, seen.observation(measured?))))
}

fn is_watched(kind: EntityKind) -> bool {
    use EntityKind::{ConsumerGroup, GroupPartition, Queue, Stream, StreamConsumer, Subscription, Topic};
    matches!(
        kind,
        Queue | Stream | Topic | ConsumerGroup | GroupPartition | Subscription | StreamConsumer
    )
}

impl Seen {
    fn note(&mut self, metric: MetricId, value: f64) {
        let place = match metric {
            m if m == metrics::DEPTH => &mut self.depth,
            m if m == metrics::LAG => &mut self.lag,
            m if m == metrics::IN_FLIGHT => &mut self.in_flight,
            m if m == metrics::IN_FLIGHT_LIMIT => &mut self.in_flight_limit,
            m if m == metrics::PUBLISHED => &mut self.published,
            m if m == metrics::KAFKA_END_OFFSET => &mut self.end_offset,
            m if m == metrics::ACKNOWLEDGED => &mut self.acknowledged,
            m if m == metrics::KAFKA_COMMITTED_OFFSET => &mut self.committed,
            m if m == metrics::DELIVERED => &mut self.delivered,
            m if m == metrics::CONSUMERS => &mut self.consumers,
            _ => return,
        };
        *place = Some(value).filter(|value| value.is_finite());
    }

    fn observation(self, at: Timestamp) -> Observation {
        Observation {
            waiting: self.depth.or(self.lag),
            in_flight: self.in_flight,
            in_flight_limit: self.in_flight_limit,
            arrived: self.end_offset.or(self.published),
            taken: self.committed.or(self.settled()),
            consumers: self.consumers,
            ..Observation::at(at)
        }
    }

    /// Messages that readers are done with. Where acknowledgements are not counted at all and nothing is in flight,
    /// delivering is the end of it. A count that stands at zero is a count: what is delivered again and again, because
    /// readers refuse it, was never taken.
    fn settled(&self) -> Option<f64> {
        let delivered = || self.delivered.filter(|_| self.in_flight.is_none_or(|n| n == 0.0));
        self.acknowledged.or_else(delivered)
    }
}

#[cfg(test)]
mod tests {
    use brokerscope_contract::{History, Sample};

    use super::*;

    fn seen(samples: &[(brokerscope_contract::MetricId, f64)]) -> Observation {
        let key = EntityKey::new(EntityKind::Queue, ["/", "orders"]);
        let mut snapshot = Snapshot::empty(Timestamp(1));
        snapshot.samples = samples
            .iter()
            .map(|(metric, value)| Sample::new(key.clone(), *metric, *value))
            .collect();
        observations(&snapshot)[&key]
    }

    #[test]
    fn delivering_is_the_end_only_where_acknowledgements_are_not_counted() {
        for (acknowledged, in_flight, taken, why) in [
            (Some(5.0), Some(0.0), Some(5.0), "acknowledged is acknowledged"),
            (None, Some(0.0), Some(9.0), "readers take without acknowledging"),
            (None, None, Some(9.0), "and what is in flight is not counted either"),
            (None, Some(9.0), None, "delivered, held, not acknowledged"),
            (Some(0.0), None, Some(0.0), "delivered and refused"),
            (Some(0.0), Some(0.0), Some(0.0), "delivered and refused at once"),
            (Some(0.0), Some(9.0), Some(0.0), "delivered and held"),
        ] {
            let mut told = vec![(metrics::DELIVERED, 9.0)];
            told.extend(acknowledged.map(|n| (metrics::ACKNOWLEDGED, n)));
            told.extend(in_flight.map(|n| (metrics::IN_FLIGHT, n)));
            assert_eq!(seen(&told).taken, taken, "{why}");
        }
    }

    #[test]
    fn partitions_of_a_group_know_its_members() {
        let part = EntityKey::new(EntityKind::GroupPartition, ["billing", "orders", "0"]);
        let mut snapshot = Snapshot::empty(Timestamp(1));
        snapshot.samples = vec![
            Sample::new(part.clone(), metrics::LAG, 4.0),
            Sample::new(
                EntityKey::new(EntityKind::ConsumerGroup, ["billing"]),
                metrics::CONSUMERS,
                2.0,
            ),
        ];
        let seen = observations(&snapshot)[&part];
        assert_eq!((seen.waiting, seen.consumers), (Some(4.0), Some(2.0)));
    }

    #[test]
    fn what_is_not_a_number_was_not_measured() {
        assert_eq!(seen(&[(metrics::DEPTH, f64::NAN)]).waiting, None);
    }

    #[test]
    fn what_is_told_late_is_observed_when_it_was_measured() {
        let key = EntityKey::new(EntityKind::Subscription, ["shop", "billing"]);
        let told = |metric, at, value| History {
            entity: key.clone(),
            metric,
            points: vec![(Timestamp(at - 60), value + 1.0), (Timestamp(at), value)],
        };
        let mut snapshot = Snapshot::empty(Timestamp(1_000));
        snapshot.history = vec![told(metrics::DEPTH, 800, 4.0), told(metrics::ACKNOWLEDGED, 700, 90.0)];
        let seen = observations(&snapshot)[&key];
        assert_eq!(
            (seen.at, seen.waiting, seen.taken),
            (Timestamp(800), Some(4.0), Some(90.0))
        );
        // Where the present is known it counts.
        snapshot.samples = vec![Sample::new(key.clone(), metrics::DEPTH, 6.0)];
        let seen = observations(&snapshot)[&key];
        assert_eq!((seen.at, seen.waiting), (Timestamp(1_000), Some(6.0)));
        // Without a depth there is nothing to judge.
        snapshot.samples.clear();
        snapshot.history.remove(0);
        assert!(observations(&snapshot).is_empty());
    }
}
