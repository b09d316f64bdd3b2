//! The lines of the last hour after a start, read from the store beside the running visits.

use brokerscope_contract::api::series::Line;
use brokerscope_contract::{ConnectionId, EntityId, MetricId, Timestamp};
use brokerscope_store::{Store, StoreError};

use super::spark::MINUTES;
use super::{Connection, Entity, Live};

/// Series read at once: enough to be quick, few enough to leave the readers to the pages in between.
const AT_ONCE: usize = 500;

impl Live {
    /// Fills the lines of the last hour before `now` from what was stored; what was measured since stays.
    pub async fn warm(&self, store: &Store, now: Timestamp) -> Result<(), StoreError> {
        for shared in self.all() {
            let (id, series) = {
                let connection = shared.read();
                (connection.known.id, connection.lines_to_recall())
            };
            let from = now.plus_millis(-(MINUTES as i64) * 60_000);
            for part in series.chunks(AT_ONCE) {
                let lines = store.lines(part, from, now, MINUTES).await?;
                self.recall(id, &lines);
            }
        }
        Ok(())
    }

    fn recall(&self, connection: ConnectionId, lines: &[Line]) {
        let Some(connection) = self.connection(connection) else {
            return;
        };
        let mut connection = connection.write();
        for line in lines {
            connection.recall_line(line);
        }
    }
}

impl Connection {
    fn lines_to_recall(&self) -> Vec<(EntityId, MetricId)> {
        let existing = self.entities.iter().filter(|entity| entity.exists());
        existing
            .filter_map(|entity| Some((entity.id, entity.line_metric()?)))
            .collect()
    }

    fn recall_line(&mut self, line: &Line) {
        let Some(entity) = self.entities.get_mut(line.entity) else {
            return;
        };
        if entity.line_metric() != Some(line.metric) {
            return;
        }
        let mut steps = line
            .values
            .iter()
            .zip(0_i64..)
            .filter_map(|(value, step)| Some((step, (*value)?)))
            .peekable();
        if steps.peek().is_none() {
            return;
        }
        let spark = entity.line.get_or_insert_default();
        for (step, value) in steps {
            spark.recall(line.start.plus_millis(step * line.step_millis), value);
        }
    }
}

impl Entity {
    /// The line of the last hour, for tests and totals.
    pub fn last_hour(&self, now: Timestamp) -> Vec<Option<f32>> {
        self.line.as_ref().map(|line| line.line(now)).unwrap_or_default()
    }
}
