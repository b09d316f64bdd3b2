//! The numbers of a row, and where each comes from: in a log nothing waits, so a topic's are those of its readers.

use brokerscope_contract::{EntityKey, EntityKind, LinkKind, MetricId, Reading, Role, Timestamp, metrics};

use super::{Connection, Entity};

/// A column of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Figure {
    Depth,
    InFlight,
    Lag,
    LagSeconds,
    OldestAge,
    RateIn,
    RateOut,
    Consumers,
}

/// How the numbers of several readers become one of what they read.
#[derive(Debug, Clone, Copy)]
enum Join {
    /// That of the reader furthest behind.
    Largest,
    /// Together, and only when each is known: a sum of some is not the sum.
    Sum,
}

impl Figure {
    /// What it is called in the API.
    pub(super) fn from_slug(slug: &str) -> Option<Figure> {
        Some(match slug {
            "depth" => Figure::Depth,
            "in_flight" => Figure::InFlight,
            "lag" => Figure::Lag,
            "lag_seconds" => Figure::LagSeconds,
            "oldest_age" => Figure::OldestAge,
            "rate_in" => Figure::RateIn,
            "rate_out" => Figure::RateOut,
            "consumers" => Figure::Consumers,
            _ => return None,
        })
    }

    /// What the tables show in the same column of something that has no such number: the lag of a log in place of its
    /// depth, the age of the oldest message in place of the lag in time. A column is sorted by what it shows.
    pub(super) fn shown_otherwise(self) -> Option<Figure> {
        match self {
            Figure::Depth => Some(Figure::Lag),
            Figure::LagSeconds => Some(Figure::OldestAge),
            _ => None,
        }
    }

    /// The metrics of the entity itself, the first that has a value.
    fn own(self, kind: EntityKind) -> &'static [MetricId] {
        match self {
            Figure::Depth => &[metrics::DEPTH],
            Figure::InFlight => &[metrics::IN_FLIGHT],
            // What waits in a subscription of Google's is called its depth there.
            Figure::Lag if kind.role() == Role::Subscription => &[metrics::LAG, metrics::DEPTH],
            Figure::Lag => &[metrics::LAG],
            Figure::LagSeconds => &[metrics::LAG_SECONDS],
            Figure::OldestAge => &[metrics::OLDEST_AGE],
            // Only what arrives in what it reads is known of a group, and that is the topic's number.
            Figure::RateIn if kind == EntityKind::ConsumerGroup => &Entity::IN[..1],
            Figure::RateIn => Entity::IN,
            Figure::RateOut => Entity::OUT,
            Figure::Consumers => &[metrics::CONSUMERS],
        }
    }

    /// The metrics of its readers that stand for it, where it has none itself.
    fn of_readers(self) -> Option<(&'static [MetricId], Join)> {
        Some(match self {
            Figure::Depth | Figure::RateIn => return None,
            Figure::Lag => (&[metrics::LAG, metrics::DEPTH], Join::Largest),
            Figure::LagSeconds => (&[metrics::LAG_SECONDS], Join::Largest),
            Figure::OldestAge => (&[metrics::OLDEST_AGE], Join::Largest),
            Figure::InFlight => (&[metrics::IN_FLIGHT], Join::Sum),
            Figure::RateOut => (Entity::OUT, Join::Sum),
            Figure::Consumers => (&[metrics::CONSUMERS], Join::Sum),
        })
    }
}

impl Connection {
    /// As a page shows it.
    pub(super) fn figure(&self, entity: &Entity, figure: Figure, now: Timestamp) -> Reading {
        let readings: Vec<Reading> = self
            .holders(entity, figure)
            .into_iter()
            .map(|(holder, metric)| self.reading(holder, metric, now))
            .collect();
        match readings.as_slice() {
            [] => self.first_reading(entity, figure.own(entity.kind()), now),
            [one] => *one,
            [first, ..] => Reading {
                value: readings.iter().map(|reading| reading.value).sum(),
                // Only as fresh as the oldest of them.
                at: readings.iter().filter_map(|reading| reading.at).min(),
                method: readings.iter().find_map(|reading| reading.method),
                absent: readings.iter().find_map(|reading| reading.absent).or(first.absent),
            },
        }
    }

    /// The number alone, to sort by.
    pub(super) fn figure_value(&self, entity: &Entity, figure: Figure) -> Option<f64> {
        let holders = self.holders(entity, figure);
        let values = holders.iter().map(|(holder, metric)| self.shown(holder, *metric));
        (!holders.is_empty()).then(|| values.sum())?
    }

    /// Whose values make up the number: the entity's own, or its readers'. All of them have one.
    fn holders<'a>(&'a self, entity: &'a Entity, figure: Figure) -> Vec<(&'a Entity, MetricId)> {
        if let Some(metric) = self.first_standing(entity, figure.own(entity.kind())) {
            return vec![(entity, metric)];
        }
        let Some((candidates, join)) = figure.of_readers().filter(|_| entity.role() == Role::Destination) else {
            return Vec::new();
        };
        let readers: Vec<_> = self
            .readers(entity, figure)
            .map(|reader| Some((reader, self.first_standing(reader, candidates)?)))
            .collect();
        match join {
            Join::Sum => readers.into_iter().collect::<Option<_>>().unwrap_or_default(),
            Join::Largest => {
                let value = |held: &(&Entity, MetricId)| self.shown(held.0, held.1).unwrap_or(f64::NEG_INFINITY);
                let largest = readers
                    .into_iter()
                    .flatten()
                    .max_by(|a, b| value(a).total_cmp(&value(b)));
                largest.into_iter().collect()
            }
        }
    }

    /// The first of these that has a value which still stands.
    fn first_standing(&self, entity: &Entity, candidates: &[MetricId]) -> Option<MetricId> {
        candidates
            .iter()
            .copied()
            .find(|metric| self.shown(entity, *metric).is_some())
    }

    fn shown(&self, entity: &Entity, metric: MetricId) -> Option<f64> {
        let shown = entity.readings.shown(metric).filter(|_| self.stands(entity, metric));
        shown.map(|(_, value)| value)
    }

    /// What stands for each subscription here: of a group that reads several topics only its part in this one.
    fn readers<'a>(&'a self, destination: &'a Entity, figure: Figure) -> impl Iterator<Item = &'a Entity> {
        self.edges
            .from(destination.id, LinkKind::Subscribes)
            .filter_map(|edge| self.entities.get(edge.to))
            .filter(|reader| reader.exists())
            .filter_map(move |reader| match reader.kind() {
                // Members belong to the whole group.
                EntityKind::ConsumerGroup if figure != Figure::Consumers => self.entity(&EntityKey::new(
                    EntityKind::GroupTopic,
                    [reader.key.name(), destination.key.name()],
                )),
                _ => Some(reader),
            })
    }
}

#[cfg(test)]
mod tests {
    use brokerscope_contract::api::entities::{EntityRow, RowsQuery};
    use brokerscope_contract::{Absence, Evidence, Link, MetricId, Snapshot, System};

    use super::*;
    use crate::ingest::world::{World, put};

    fn topic(name: &str) -> EntityKey {
        EntityKey::new(EntityKind::Topic, [name])
    }

    /// A group with members that is so far behind in each of these topics.
    fn reader(snapshot: &mut Snapshot, group: &str, members: f64, lags: &[(&str, f64)]) {
        let key = EntityKey::new(EntityKind::ConsumerGroup, [group]);
        let all = lags.iter().map(|(_, lag)| lag).sum();
        put(snapshot, &key, &[(metrics::LAG, all), (metrics::CONSUMERS, members)]);
        for (name, lag) in lags {
            let part = EntityKey::new(EntityKind::GroupTopic, [group, *name]);
            put(snapshot, &part, &[(metrics::LAG, *lag)]);
            snapshot.links.get_or_insert_default().push(Link {
                from: topic(name),
                to: key.clone(),
                kind: LinkKind::Subscribes,
                label: None,
                evidence: Evidence::Declared,
            });
        }
    }

    fn topics(snapshot: &mut Snapshot) {
        for name in ["orders", "prices", "unread"] {
            put(snapshot, &topic(name), &[]);
        }
        reader(snapshot, "billing", 2.0, &[("orders", 40.0), ("prices", 500.0)]);
        reader(snapshot, "search", 3.0, &[("orders", 7.0)]);
    }

    async fn sorted_by_lag() -> Vec<EntityRow> {
        sorted_by("lag").await
    }

    async fn sorted_by(column: &str) -> Vec<EntityRow> {
        let mut world = World::new(System::Kafka).await;
        world.visit(topics).await;
        let query = RowsQuery {
            sort: Some(column.into()),
            ..RowsQuery::default()
        };
        let rows = world.live.rows(Role::Destination, &query, world.now()).unwrap();
        rows.page.items
    }

    #[tokio::test]
    async fn a_topic_is_as_far_behind_as_its_slowest_reader_is_in_it_and_sorted_by_that() {
        let rows = sorted_by_lag().await;
        let lags: Vec<_> = rows
            .iter()
            .map(|row| (row.entity.name.as_str(), row.lag.value))
            .collect();
        assert_eq!(
            lags,
            [("prices", Some(500.0)), ("orders", Some(40.0)), ("unread", None)]
        );
    }

    #[tokio::test]
    async fn topics_are_sorted_among_queues_by_what_the_column_of_messages_shows() {
        let names: Vec<_> = sorted_by("depth")
            .await
            .into_iter()
            .map(|row| row.entity.name)
            .collect();
        assert_eq!(names, ["prices", "orders", "unread"]);
    }

    #[tokio::test]
    async fn what_is_not_shown_any_more_is_not_sorted_by() {
        let mut world = World::new(System::RabbitMq).await;
        let queue = |name: &str| EntityKey::new(EntityKind::Queue, [name]);
        // An age that is derived stands only as long as each visit brings it anew.
        for ages in [&[("a", 900.0), ("b", 60.0)][..], &[("b", 75.0)]] {
            world
                .visit(|snapshot| {
                    ["a", "b"].iter().for_each(|name| put(snapshot, &queue(name), &[]));
                    for (name, age) in ages {
                        put(snapshot, &queue(name), &[(metrics::LAG_SECONDS, *age)]);
                    }
                })
                .await;
        }
        let query = RowsQuery {
            sort: Some("lag_seconds".into()),
            dir: Some("desc".into()),
            ..RowsQuery::default()
        };
        let rows = world
            .live
            .rows(Role::Destination, &query, world.now())
            .unwrap()
            .page
            .items;
        let told: Vec<_> = rows
            .iter()
            .map(|row| (row.entity.name.as_str(), row.lag_seconds.value))
            .collect();
        assert_eq!(told, [("b", Some(75.0)), ("a", None)]);
    }

    #[tokio::test]
    async fn readers_are_counted_together_and_what_nobody_reads_has_no_number() {
        let rows = sorted_by_lag().await;
        let readers = |name: &str| rows.iter().find(|row| row.entity.name == name).unwrap().consumers;
        assert_eq!(readers("orders").value, Some(5.0));
        assert_eq!(readers("prices").value, Some(2.0));
        assert_eq!(readers("unread").value, None);
        assert_eq!(readers("unread").absent, Some(Absence::NotSupported));
    }

    #[tokio::test]
    async fn a_sum_of_some_readers_is_not_shown_as_the_sum() {
        let mut world = World::new(System::Kafka).await;
        let silent = EntityKey::new(EntityKind::ConsumerGroup, ["silent"]);
        world
            .visit(|snapshot| {
                topics(snapshot);
                put(snapshot, &silent, &[] as &[(MetricId, f64)]);
                snapshot.links.get_or_insert_default().push(Link {
                    from: topic("prices"),
                    to: silent.clone(),
                    kind: LinkKind::Subscribes,
                    label: None,
                    evidence: Evidence::Declared,
                });
            })
            .await;
        let rows = world.live.rows(Role::Destination, &RowsQuery::default(), world.now());
        let items = rows.unwrap().page.items;
        let prices = items.iter().find(|row| row.entity.name == "prices").unwrap();
        assert_eq!((prices.consumers.value, prices.lag.value), (None, Some(500.0)));
    }
}
