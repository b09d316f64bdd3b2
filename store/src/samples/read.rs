//! Reading samples back.

use brokerscope_contract::api::series::Line;
use brokerscope_contract::{ConnectionId, EntityId, MetricId, Timestamp};

use crate::store::unfinished;
use crate::{Store, StoreError};

impl Store {
    /// The stored points in `from..=to`, raw (counters too), in the order in which they were stored.
    pub async fn points(
        &self,
        _entity: EntityId,
        _metric: MetricId,
        _from: Timestamp,
        _to: Timestamp,
    ) -> Result<Vec<(Timestamp, f64)>, StoreError> {
        unfinished()
    }

    /// The series in at most `max_points` even steps; counters as reset-safe rates per second, gaps as `None`.
    pub async fn line(
        &self,
        _entity: EntityId,
        _metric: MetricId,
        _from: Timestamp,
        _to: Timestamp,
        _max_points: usize,
    ) -> Result<Line, StoreError> {
        unfinished()
    }

    /// [`Store::line`] for many series at once, in the same order; much cheaper than one by one.
    pub async fn lines(
        &self,
        _series: &[(EntityId, MetricId)],
        _from: Timestamp,
        _to: Timestamp,
        _max_points: usize,
    ) -> Result<Vec<Line>, StoreError> {
        unfinished()
    }

    /// The `n` entities that exist and have the greatest last value of the metric, greatest first.
    /// A counter is compared by its raw count.
    pub async fn top(&self, _metric: MetricId, _n: usize) -> Result<Vec<(EntityId, f64)>, StoreError> {
        unfinished()
    }

    /// The last value of every series of the connection.
    pub async fn latest(
        &self,
        _connection: ConnectionId,
    ) -> Result<Vec<(EntityId, MetricId, Timestamp, f64)>, StoreError> {
        unfinished()
    }
}
