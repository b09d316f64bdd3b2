//! Which results of checks are worth telling: what changed at once, and all of them now and then. Pure.

use std::collections::HashMap;

use brokerscope_contract::{CheckId, EntityKey, EntityKind, Snapshot, Status, Timestamp};

/// Everything is told again after this time, so that it is known to be still so.
const AGAIN: i64 = 600_000;

/// What was last told of each check.
#[derive(Debug, Default)]
pub struct Told(HashMap<(EntityKey, CheckId), (Status, Timestamp)>);

impl Told {
    /// Leaves those checks of queues and subscriptions in the snapshot that are bad or news. A thousand queues have five
    /// thousand results, and hardly any of them changes from one minute to the next.
    pub fn leave_news(&mut self, snapshot: &mut Snapshot) {
        let at = snapshot.at;
        snapshot.checks.retain(|result| {
            let many = matches!(result.entity.kind, EntityKind::Queue | EntityKind::Subscription);
            if !many {
                return true;
            }
            let of = (result.entity.clone(), result.check.clone());
            let known = self.0.get(&of);
            let is_news =
                known.is_none_or(|(status, told)| *status != result.status || at.millis_since(*told) >= AGAIN);
            if is_news {
                self.0.insert(of, (result.status, at));
            }
            is_news || result.status >= Status::Warning
        });
        // What was not told for long is of something that is gone.
        self.0.retain(|_, (_, told)| at.millis_since(*told) < 3 * AGAIN);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::checks;

    #[test]
    fn a_change_is_told_at_once_and_what_is_well_every_ten_minutes() {
        let mut told = Told::default();
        let mut news = |minute: i64, status: Status| {
            let mut snapshot = Snapshot::empty(Timestamp(minute * 60_000));
            let queue = EntityKey::new(EntityKind::Queue, ["111122223333", "eu-west-1", "orders"]);
            for key in [queue, EntityKey::cluster()] {
                snapshot
                    .checks
                    .push(checks::IN_FLIGHT_ROOM.result(&key, status, "so many"));
            }
            told.leave_news(&mut snapshot);
            assert!(
                snapshot
                    .checks
                    .iter()
                    .any(|result| result.entity == EntityKey::cluster())
            );
            snapshot.checks.len() == 2
        };
        assert!(news(0, Status::Ok));
        assert!(!news(1, Status::Ok));
        assert!(news(2, Status::Warning));
        assert!(news(3, Status::Warning), "as long as it is bad");
        assert!(news(4, Status::Ok));
        assert!(!news(13, Status::Ok));
        assert!(news(14, Status::Ok));
    }
}
