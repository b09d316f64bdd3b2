//! Who is in sync and who leads: a pure rule over one partition's replicas.

/// Where a partition is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// The preferred leader first.
    pub replicas: Vec<i32>,
    pub isr: Vec<i32>,
    /// -1 while no replica that is in sync is up.
    pub leader: i32,
    /// Grows with every change of the leader.
    pub epoch: i32,
}

impl Placement {
    pub fn new(replicas: Vec<i32>) -> Self {
        Self {
            isr: replicas.clone(),
            leader: replicas.first().copied().unwrap_or(-1),
            replicas,
            epoch: 0,
        }
    }
}

/// The placement after nodes came, went or fell behind. `None` when nothing changes.
///
/// The preferred leader leads whenever it is in sync. The last replica in sync stays in the list when it goes down:
/// nobody else has all messages, so the partition is offline until it is back (unclean elections are off).
pub fn elect(before: &Placement, is_up: impl Fn(i32) -> bool, is_lagging: impl Fn(i32) -> bool) -> Option<Placement> {
    let alive = |id: &i32| is_up(*id);
    let offline = !before.isr.iter().any(alive);
    let mut isr: Vec<i32> = before
        .replicas
        .iter()
        .copied()
        .filter(|id| is_up(*id) && !is_lagging(*id) && !offline)
        .collect();
    if isr.is_empty() {
        // The leader cannot fall behind itself, so the last one in sync remains.
        let last = before.isr.iter().copied().find(alive);
        isr = last.map_or_else(|| before.isr.clone(), |id| vec![id]);
    }
    let leader = isr.iter().copied().find(alive).unwrap_or(-1);
    let changed = leader != before.leader;
    let after = Placement {
        replicas: before.replicas.clone(),
        isr,
        leader,
        epoch: before.epoch + i32::from(changed),
    };
    (after != *before).then_some(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Replicas 1, 2, 3 with these in sync and this leader.
    fn placed(isr: &[i32], leader: i32) -> Placement {
        Placement {
            replicas: vec![1, 2, 3],
            isr: isr.to_vec(),
            leader,
            epoch: 7,
        }
    }

    #[test]
    fn leaders_move_to_who_is_in_sync_and_come_back() {
        // (in sync, leader), (up, lagging) => (in sync, leader, epoch)
        type Case<'a> = (&'a [i32], i32, &'a [i32], &'a [i32], &'a [i32], i32, i32);
        let cases: [Case<'_>; 9] = [
            (&[1, 2, 3], 1, &[1, 2, 3], &[], &[1, 2, 3], 1, 7),
            (&[1, 2, 3], 1, &[2, 3], &[], &[2, 3], 2, 8),
            (&[2, 3], 2, &[1, 2, 3], &[], &[1, 2, 3], 1, 8),
            (&[1, 2, 3], 1, &[1, 2, 3], &[3], &[1, 2], 1, 7),
            (&[1, 2, 3], 1, &[1, 2, 3], &[1], &[2, 3], 2, 8),
            (&[1, 2, 3], 1, &[1, 2, 3], &[1, 2, 3], &[1], 1, 7),
            (&[1], 1, &[2, 3], &[2, 3], &[1], -1, 8),
            // In sync is only who is down: the others may not lead, even when they no longer lag.
            (&[1], -1, &[2, 3], &[], &[1], -1, 7),
            (&[1], -1, &[1, 2, 3], &[], &[1, 2, 3], 1, 8),
        ];
        for (isr, leader, up, lagging, isr_after, leader_after, epoch) in cases {
            let before = placed(isr, leader);
            let after = elect(&before, |id| up.contains(&id), |id| lagging.contains(&id)).unwrap_or(before);
            let expected = Placement {
                epoch,
                ..placed(isr_after, leader_after)
            };
            assert_eq!(after, expected, "up {up:?}, lagging {lagging:?}");
        }
    }
}
