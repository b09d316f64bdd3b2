//! What is said about a group that keeps up, or of which nothing is known.

use brokerscope_contract::Absence;
use brokerscope_figures::format::{duration, rate};

use super::{Case, Sums};
use crate::verdict::Assessment;
use crate::wording::{many, messages_wait, verb};

pub fn lag_unknown(case: &Case<'_>) -> Assessment {
    let why = case.absent.unwrap_or(Absence::NoData);
    Assessment::unknown(
        why,
        match (why, case.members) {
            (Absence::NoData, Some(n)) if n > 0.0 => {
                let members = many(n, "member", "members");
                format!(
                    "{members} {} connected and nothing was committed yet, so the lag is not known.",
                    verb(n, "is", "are")
                )
            }
            (Absence::NoData, _) => "It has no members and has committed nothing that is still there.".into(),
            (why, _) => format!("Its lag is not known: {}.", why.label()),
        },
    )
}

pub fn keeps_up(case: &Case<'_>, sums: &Sums) -> Assessment {
    let members = match case.members {
        Some(n) if n > 0.0 => format!("{} {} connected", many(n, "member", "members"), verb(n, "is", "are")),
        Some(_) => "it has no members".into(),
        None => "its members are not known".into(),
    };
    Assessment::ok(match sums.taking {
        _ if sums.lag <= 0.0 && sums.taking.is_none_or(|taking| taking == 0.0) => format!("Nothing waits; {members}."),
        Some(taking) if sums.lag <= 0.0 => format!("Nothing waits: members commit {}.", rate(taking)),
        Some(taking) if taking > 0.0 => format!(
            "Keeps up: members commit {}, {} or {} of work.",
            rate(taking),
            messages_wait(sums.lag),
            duration(sums.lag / taking),
        ),
        _ => format!("{} and no more than before; {members}.", messages_wait(sums.lag)),
    })
}
