//! Reading samples back: what is asked of the database and of memory, and how it is put together.

use std::collections::HashMap;

use brokerscope_contract::api::series::Line;
use brokerscope_contract::{Absence, ConnectionId, EntityId, MetricId, MetricKind, Timestamp};

use super::history::{self, LaneReader, Lines};
use super::spacing;
use crate::{Store, StoreError};

impl Store {
    /// The stored points in `from..=to`, raw (counters too), in the order of time. A counter keeps the order in
    /// which it was stored when a clock was set back.
    pub async fn points(
        &self,
        entity: EntityId,
        metric: MetricId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(Timestamp, f64)>, StoreError> {
        let Some((connection, place)) = self.inner.catalogue.read().find(entity, metric) else {
            return Ok(Vec::new());
        };
        let reader = LaneReader::new(&connection, place.lane, vec![(place.slot, entity)]);
        let (from, to) = spacing::sane(from, to);
        let points = reader
            .points(&self.inner.readers, from, to)
            .await?
            .pop()
            .unwrap_or_default();
        Ok(points.into_iter().map(|(at, value)| (Timestamp(at), value)).collect())
    }

    /// The series in at most `max_points` even steps, and one more when the range begins inside a step; counters as
    /// reset-safe rates per second, gaps as `None`.
    pub async fn line(
        &self,
        entity: EntityId,
        metric: MetricId,
        from: Timestamp,
        to: Timestamp,
        max_points: usize,
    ) -> Result<Line, StoreError> {
        let mut lines = self.lines(&[(entity, metric)], from, to, max_points).await?;
        lines.pop().ok_or(StoreError::NotFound("series"))
    }

    /// [`Store::line`] for many series at once, in the same order; much cheaper than one by one.
    pub async fn lines(
        &self,
        series: &[(EntityId, MetricId)],
        from: Timestamp,
        to: Timestamp,
        max_points: usize,
    ) -> Result<Vec<Line>, StoreError> {
        let wanted = Lines {
            from: spacing::sane(from, to).0,
            to: spacing::sane(from, to).1,
            max: max_points,
        };
        let mut lines: Vec<Option<Line>> = vec![None; series.len()];
        for (reader, positions) in self.readers_of(series) {
            let histories = history::read(&reader, &self.inner.readers, &wanted).await?;
            for (position, history) in positions.into_iter().zip(histories) {
                let (entity, metric) = series[position];
                lines[position] = Some(history.line(entity, metric, &wanted));
            }
        }
        let lines = lines.into_iter().zip(series);
        Ok(lines
            .map(|(line, (entity, metric))| line.unwrap_or_else(|| wanted.nothing(*entity, *metric)))
            .collect())
    }

    /// The series by the lanes that they are in, each lane with the positions of its series in the list.
    fn readers_of(&self, series: &[(EntityId, MetricId)]) -> Vec<(LaneReader, Vec<usize>)> {
        let catalogue = self.inner.catalogue.read();
        let mut lanes: HashMap<(ConnectionId, usize), Vec<usize>> = HashMap::new();
        let mut slots = vec![0; series.len()];
        for connection in catalogue.all() {
            let connection = connection.read();
            for (position, (entity, metric)) in series.iter().enumerate() {
                if let Some(place) = connection.place(*entity, *metric) {
                    slots[position] = place.slot;
                    lanes.entry((connection.id, place.lane)).or_default().push(position);
                }
            }
        }
        let readers = lanes.into_iter().filter_map(|((connection, lane), positions)| {
            let connection = catalogue.connection(connection).ok()?;
            let wanted = positions.iter().map(|position| (slots[*position], series[*position].0));
            Some((LaneReader::new(&connection, lane, wanted.collect()), positions))
        });
        readers.collect()
    }

    /// The `n` entities that exist and have the greatest last value of the metric, greatest first.
    /// A counter is compared by its raw count.
    pub async fn top(&self, metric: MetricId, n: usize) -> Result<Vec<(EntityId, f64)>, StoreError> {
        let mut all = Vec::new();
        let connections = self.inner.catalogue.read().all();
        for connection in connections {
            let connection = connection.read();
            let lanes = connection.lanes.iter().filter(|lane| lane.metric == Some(metric));
            let slots = lanes.flat_map(|lane| &lane.slots).filter(|slot| slot.live);
            all.extend(slots.filter_map(|slot| Some((slot.entity?, slot.last?.1))));
        }
        let greatest_first = |a: &(EntityId, f64), b: &(EntityId, f64)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        if n < all.len() {
            all.select_nth_unstable_by(n, greatest_first);
            all.truncate(n);
        }
        all.sort_unstable_by(greatest_first);
        Ok(all)
    }

    /// The last value of every series of the connection whose entity exists.
    pub async fn latest(
        &self,
        connection: ConnectionId,
    ) -> Result<Vec<(EntityId, MetricId, Timestamp, f64)>, StoreError> {
        let connection = self.inner.catalogue.read().connection(connection)?;
        let connection = connection.read();
        let values = connection
            .lanes
            .iter()
            .filter_map(|lane| Some((lane.metric?, lane)))
            .flat_map(|(metric, lane)| {
                lane.slots.iter().filter(|slot| slot.live).filter_map(move |slot| {
                    let (at, value) = slot.last?;
                    Some((slot.entity?, metric, Timestamp(at), value))
                })
            });
        Ok(values.collect())
    }
}

impl Lines {
    /// The line of a series that was never measured.
    fn nothing(&self, entity: EntityId, metric: MetricId) -> Line {
        let steps = super::line::Steps::covering(self.from, self.to, self.step(0));
        let def = metric.def();
        Line {
            entity,
            metric,
            unit: def.unit,
            per_second: def.kind == MetricKind::Counter,
            start: Timestamp(steps.start),
            step_millis: steps.step,
            values: vec![None; steps.cells.len()],
            min: Vec::new(),
            max: Vec::new(),
            absent: Some(Absence::NoData),
        }
    }
}
