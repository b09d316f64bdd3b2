//! Whether the cluster has a controller, and a majority behind it.

use brokerscope_contract::{CheckResult, EntityKey, Status};

use super::super::vendor::Vendor;
use super::super::wire::{Cluster, Quorum, Trouble, Voter};
use super::{CONTROLLER, QUORUM, on_cluster, unknown};

pub fn known(cluster: &Result<Cluster, Trouble>, vendor: Vendor) -> CheckResult {
    match cluster {
        Ok(Cluster {
            controller: Some(id), ..
        }) => on_cluster(CONTROLLER, Status::Ok, format!("reached through broker {id}")),
        Ok(_) => on_cluster(CONTROLLER, Status::Critical, "no broker knows a controller".into()),
        Err(trouble) => unknown(EntityKey::cluster(), CONTROLLER, trouble, vendor),
    }
}

/// A voter this much later than the leader does not follow; controllers fetch at least twice a second.
const FOLLOWS_WITHIN_MILLIS: i64 = 10_000;

pub fn quorum(answer: &Result<Quorum, Trouble>, vendor: Vendor) -> CheckResult {
    let quorum = match answer {
        Ok(quorum) => quorum,
        Err(trouble) => return unknown(EntityKey::cluster(), QUORUM, trouble, vendor),
    };
    let caught_up = |voter: &Voter| voter.caught_up_at_millis;
    let leader = quorum.voters.iter().find(|voter| Some(voter.id) == quorum.leader);
    let (Some(leader), all) = (leader, quorum.voters.len()) else {
        return on_cluster(QUORUM, Status::Critical, "no controller leads".into());
    };
    let behind: Vec<&Voter> = quorum
        .voters
        .iter()
        .filter(|voter| voter.id != leader.id)
        .filter(|voter| match (caught_up(leader), caught_up(voter)) {
            (Some(leader), Some(voter)) => leader - voter > FOLLOWS_WITHIN_MILLIS,
            // The time of a voter that has never followed is left out.
            (Some(_), None) => true,
            // Before 3.3 there are no times, only positions.
            (None, _) => leader
                .log_end
                .zip(voter.log_end)
                .is_some_and(|(end, own)| end - own > 1_000),
        })
        .collect();
    let names = |voters: &[&Voter]| {
        voters
            .iter()
            .map(|voter| voter.id.to_string())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let healthy = all - behind.len();
    let text = format!("controller {} leads, {healthy} of {all} up to date", leader.id);
    match behind.len() {
        0 => on_cluster(QUORUM, Status::Ok, text),
        n if healthy * 2 > all => {
            let last = if healthy * 2 - all <= 2 && n > 0 {
                "; the loss of one more can end the majority"
            } else {
                ""
            };
            on_cluster(
                QUORUM,
                Status::Warning,
                format!("{text}; behind or down: {}{last}", names(&behind)),
            )
        }
        _ => on_cluster(
            QUORUM,
            Status::Critical,
            format!("{text}: no majority; behind or down: {}", names(&behind)),
        ),
    }
}
