//! Sums over a whole connection, and the lines of the last hour.

use brokerscope_contract::{EntityKey, EntityKind, Role, Timestamp, metrics};

use super::connection::Totals;
use super::{Connection, Entity};

impl Connection {
    /// After a visit was taken in.
    pub(super) fn sum(&mut self, at: Timestamp) {
        let bridge = self.visits.interval_millis.map_or(1, |millis| 1 + 2 * millis / 60_000);
        let (index, entities) = (&self.index, &mut self.entities);
        for id in [Role::Destination, Role::Subscription]
            .into_iter()
            .flat_map(|role| index.of_role(role))
        {
            if let Some(entity) = entities.get_mut(id).filter(|entity| entity.exists()) {
                entity.draw(at, bridge);
            }
        }
        self.totals = self.totals_now();
        if let Some(depth) = self.totals.depth {
            self.depth_line.put(at, depth, bridge);
        }
        if let Some(throughput) = self.totals.throughput {
            self.throughput_line.put(at, throughput, bridge);
        }
    }

    pub(super) fn totals_now(&self) -> Totals {
        let mut totals = Totals::default();
        let mut published: Option<f64> = None;
        let counted = [Role::Destination, Role::Subscription]
            .into_iter()
            .flat_map(|role| self.existing(role));
        for entity in counted.filter(|entity| !entity.internal) {
            match entity.role() {
                Role::Destination => totals.destinations += 1,
                _ => totals.subscriptions += 1,
            }
            let shown = |metric| entity.readings.shown(metric).map(|(_, value)| value);
            let waiting = match entity.kind() {
                EntityKind::Queue => shown(metrics::DEPTH),
                kind if kind.role() == Role::Subscription => shown(metrics::LAG).or_else(|| shown(metrics::DEPTH)),
                _ => None,
            };
            totals.depth = add(totals.depth, waiting);
            // What an exchange takes in is counted again by the queues behind it.
            if entity.role() == Role::Destination && entity.kind() != EntityKind::Exchange {
                let arriving = Entity::IN.iter().find_map(|metric| shown(*metric));
                published = add(published, arriving);
            }
        }
        // The cluster's own count, where it has one, knows the messages of every protocol.
        let whole = self
            .entity(&EntityKey::cluster())
            .and_then(|cluster| cluster.readings.shown(metrics::PUBLISHED));
        totals.throughput = whole.map(|(_, rate)| rate).or(published);
        totals
    }
}

fn add(sum: Option<f64>, more: Option<f64>) -> Option<f64> {
    match (sum, more) {
        (Some(a), Some(b)) => Some(a + b),
        (a, b) => a.or(b),
    }
}
