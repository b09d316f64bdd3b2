//! The numbers that entities, lanes and ticks get: given out in memory, never twice.

use brokerscope_contract::EntityId;

/// The last numbers given out. A number that a failed transaction would have used stays unused.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ids {
    pub entity: i64,
    pub lane: i64,
    pub tick: i64,
}

impl Ids {
    pub fn entity(&mut self) -> EntityId {
        self.entity += 1;
        EntityId(self.entity)
    }

    pub fn lane(&mut self) -> i64 {
        self.lane += 1;
        self.lane
    }

    /// The first of `count` numbers in a row.
    pub fn ticks(&mut self, count: usize) -> i64 {
        let first = self.tick + 1;
        self.tick += count as i64;
        first
    }
}
