//! What a service has done already, so that a message that comes twice has its effect once.

use std::collections::{HashSet, VecDeque};

/// Ids of messages that were handled: the newest [`Seen::KEPT`] of them.
#[derive(Debug, Default)]
pub struct Seen {
    ids: HashSet<u64>,
    order: VecDeque<u64>,
}

impl Seen {
    /// A message comes again within seconds, or minutes after a fault: this is several minutes at the usual pace.
    pub const KEPT: usize = 10_000;

    pub fn has(&self, id: u64) -> bool {
        self.ids.contains(&id)
    }

    /// Notes a handled message; false when it was known already.
    pub fn note(&mut self, id: u64) -> bool {
        if !self.ids.insert(id) {
            return false;
        }
        self.order.push_back(id);
        if self.order.len() > Seen::KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_id_is_known_until_enough_others_came() {
        let mut seen = Seen::default();
        assert!(seen.note(7));
        assert!(!seen.note(7));
        for id in 100..100 + Seen::KEPT as u64 {
            assert!(seen.note(id));
        }
        assert!(!seen.has(7));
        assert!(seen.has(100));
        assert_eq!((seen.ids.len(), seen.order.len()), (Seen::KEPT, Seen::KEPT));
    }
}
