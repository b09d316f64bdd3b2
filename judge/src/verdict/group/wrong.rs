//! What is wrong with a group, in its own words.

use brokerscope_contract::{Timestamp, Verdict};
use brokerscope_figures::format::{count, rate};

use super::{Case, Partition, Read, Sums, lag};
use crate::trend::Trend;
use crate::verdict::Assessment;
use crate::verdict::partition::{Rewind, State};
use crate::verdict::slow::{self, Paces};
use crate::wording::{at, many, messages, messages_wait, since, verb};

/// The longest that one of these partitions has stood still, since when, and what arrived in all of them meanwhile.
fn standstill(reads: &[&Read<'_>]) -> (Option<Timestamp>, f64) {
    let since = reads
        .iter()
        .filter_map(|read| read.part.window.motion.still_since())
        .min();
    let arrived = reads
        .iter()
        .filter_map(|read| read.part.window.motion.arrived_meanwhile(read.part.window.newest()?))
        .sum();
    (since, arrived)
}

fn while_arrived(arrived: f64, waiting: f64) -> String {
    if arrived > 0.0 {
        format!("while {} arrived", messages(arrived))
    } else {
        format!("while {}", messages_wait(waiting))
    }
}

/// Stopped: the positions stood still through the window while messages arrived, and nobody holds them.
pub fn stopped(case: &Case<'_>, reads: &[Read<'_>]) -> Assessment {
    let idle: Vec<_> = reads
        .iter()
        .filter(|read| matches!(read.state, State::Stopped | State::NoConsumer | State::Stalled))
        .collect();
    let (still, arrived) = standstill(&idle);
    let waiting = idle.iter().filter_map(|read| lag(read)).sum();
    let who = match (idle.iter().find_map(|read| read.part.window.motion.left), case.members) {
        (Some((n, when)), _) if n > 1.0 => format!("its {} left at {}", many(n, "member", "members"), at(when)),
        (Some((_, when)), _) => format!("its last member left at {}", at(when)),
        (None, Some(_)) => "it has no members".into(),
        (None, None) => "its members are not known".into(),
    };
    let long = still.map_or(String::new(), |still| format!(" for {}", since(still, case.now)));
    let meanwhile = while_arrived(arrived, waiting);
    Assessment::new(Verdict::Stopped, format!("Has not moved{long} {meanwhile}; {who}.")).since(still)
}

/// Stalled: members are connected and positions stand still. When none of them was ever seen to move, the members are
/// connected and not consuming.
pub fn stalled(case: &Case<'_>, reads: &[Read<'_>]) -> Assessment {
    let stuck: Vec<_> = reads.iter().filter(|read| read.state == State::Stalled).collect();
    let (still, arrived) = standstill(&stuck);
    let waiting = stuck.iter().filter_map(|read| lag(read)).sum();
    let long = still.map_or(String::new(), |still| format!(" for {}", since(still, case.now)));
    let meanwhile = while_arrived(arrived, waiting);
    let moving = reads
        .iter()
        .filter(|read| read.part.window.taking_rate().is_some_and(|rate| rate > 0.0))
        .count() as f64;
    let n = case.members.unwrap_or(1.0);
    let members = format!("{} {} connected", many(n, "member", "members"), verb(n, "is", "are"));

    if moving > 0.0 {
        let others = format!("{} {}", many(moving, "other moves", "others move"), "on");
        let subject = match stuck.as_slice() {
            [one] => format!("Partition {} of {} has", one.part.number, one.part.topic),
            [first, ..] => format!(
                "{} of {} partitions, {} of {} among them, have",
                count(stuck.len() as f64),
                count(reads.len() as f64),
                first.part.number,
                first.part.topic,
            ),
            [] => "It has".into(),
        };
        return Assessment::new(
            Verdict::Stalled,
            format!("{subject} not moved{long} {meanwhile}; {others}."),
        )
        .since(still);
    }
    if reads.iter().any(|read| read.part.window.motion.moved) {
        let sentence = format!("Has not moved{long} {meanwhile}, although {members}.");
        return Assessment::new(Verdict::Stalled, sentence).since(still);
    }
    let sentence = format!("{members} and committed nothing{long} {meanwhile}.");
    Assessment::new(Verdict::NotConsuming, sentence).since(still)
}

/// Rewound: a position went back and has not caught up with where it was.
pub fn rewound(part: &Partition<'_>, rewind: Rewind) -> Assessment {
    Assessment::new(
        Verdict::Rewound,
        format!(
            "Partition {} of {} went back by {} at {}, from offset {} to {}: what lies between is read again.",
            part.number,
            part.topic,
            messages(rewind.from - rewind.to),
            at(rewind.at),
            count(rewind.from),
            count(rewind.to),
        ),
    )
    .since(Some(rewind.at))
}

/// No consumer: messages wait and the group has no members.
pub fn no_consumer(reads: &[Read<'_>], sums: &Sums) -> Assessment {
    let left = reads.iter().find_map(|read| read.part.window.motion.left);
    let who = match left {
        Some((n, when)) if n > 1.0 => format!("its {} left at {}", many(n, "member", "members"), at(when)),
        Some((_, when)) => format!("its last member left at {}", at(when)),
        None => "the group has no members".into(),
    };
    let arriving = match sums.arriving {
        Some(arriving) if arriving > 0.0 => format!(", {} arrive", rate(arriving)),
        _ => String::new(),
    };
    let early = reads.iter().any(|read| !read.part.window.is_full());
    let sentence = format!("{}{arriving} and nobody reads: {who}.", messages_wait(sums.lag));
    Assessment::new(Verdict::NoConsumer, sentence)
        .since(left.map(|(_, when)| when))
        .early(early)
}

pub fn slow_members(case: &Case<'_>, reads: &[Read<'_>], sums: &Sums) -> Option<Assessment> {
    let slow: Vec<(&Read<'_>, Trend)> = reads
        .iter()
        .filter_map(|read| match read.state {
            State::Slow(trend) => Some((read, trend)),
            _ => None,
        })
        .collect();
    // The forecast of the partitions together grows as fast as they do together; it is as good as the worst fit.
    let whole = slow.iter().map(|(_, trend)| *trend).reduce(|a, b| Trend {
        slope: a.slope + b.slope,
        r2: a.r2.min(b.r2),
        points: a.points.min(b.points),
        never_fell: a.never_fell && b.never_fell,
        change: a.change + b.change,
    })?;
    let paces = Paces {
        waiting: sums.lag,
        arriving: sums.arriving,
        taking: sums.taking,
    };
    let span = slow.first().map_or(0.0, |(read, _)| read.part.window.seconds());
    Some(Assessment::new(
        Verdict::Slow,
        slow::sentence("Members commit", paces, &whole, span, case.now),
    ))
}
