//! One bar of the heartbeat from one visit.

use brokerscope_collectors::CollectError;
use brokerscope_contract::api::connections::Beat;
use brokerscope_contract::{CheckDef, Snapshot, Status, Timestamp};

/// An answered visit is as well as its worst check; unknown ones do not count, they have their own place on the page.
pub fn answered(snapshot: &Snapshot, defs: &[CheckDef]) -> Beat {
    let bad = snapshot.checks.iter().filter(|result| result.status >= Status::Warning);
    let worst = bad.max_by_key(|result| result.status);
    Beat {
        at: snapshot.at,
        status: worst.map_or(Status::Ok, |result| result.status),
        text: worst.map_or(String::new(), |result| {
            let label = defs
                .iter()
                .find(|def| def.id == result.check)
                .map_or(result.check.0.as_str(), |def| &def.label);
            match result.entity.name() {
                "" => format!("{label}: {}", result.text),
                place => format!("{label} on {place}: {}", result.text),
            }
        }),
    }
}

pub fn failed(at: Timestamp, error: &CollectError) -> Beat {
    Beat {
        at,
        status: Status::Critical,
        text: error.to_string(),
    }
}
