//! The verdict on a consumer group: the worst of its partitions, in the words of the whole group.

use brokerscope_contract::{Absence, Timestamp, Verdict};
use brokerscope_figures::format::{count, duration, rate};

use super::partition::{self, Rewind, State};
use super::slow::{self, Paces};
use super::{Assessment, Window};
use crate::trend::Trend;
use crate::wording::{at, many, messages, messages_wait, since, verb};

/// One partition as the group reads it.
#[derive(Debug, Clone, Copy)]
pub struct Partition<'a> {
    pub topic: &'a str,
    pub number: &'a str,
    pub window: &'a Window,
}

/// What is known about a group after a visit.
#[derive(Debug)]
pub struct Case<'a> {
    pub now: Timestamp,
    pub members: Option<f64>,
    /// A rebalance is under way or has only just ended: standing still means nothing.
    pub rebalancing: bool,
    pub partitions: Vec<Partition<'a>>,
    /// The verdict that stands.
    pub was: Option<Verdict>,
    /// Why there is no lag, where there is none.
    pub absent: Option<Absence>,
}

/// The verdict on the group, and on each topic that it reads.
#[derive(Debug)]
pub struct Judged {
    pub whole: Assessment,
    pub topics: Vec<(String, Assessment)>,
}

pub fn judge(case: &Case<'_>) -> Judged {
    let was_slow = case.was == Some(Verdict::Slow);
    let mut read: Vec<Read<'_>> = case
        .partitions
        .iter()
        .map(|part| Read {
            part: *part,
            state: partition::judge(part.window, case.members, was_slow),
        })
        .collect();
    read.sort_by_key(|read| read.part.topic);
    let topics = read
        .chunk_by(|a, b| a.part.topic == b.part.topic)
        .map(|reads| (reads[0].part.topic.to_owned(), assess(case, reads)))
        .collect();
    Judged {
        whole: assess(case, &read),
        topics,
    }
}

#[derive(Debug, Clone, Copy)]
struct Read<'a> {
    part: Partition<'a>,
    state: State,
}

/// The worst of some partitions, worst first; undecided ones count only when nothing is wrong elsewhere.
fn assess(case: &Case<'_>, reads: &[Read<'_>]) -> Assessment {
    let sums = Sums::of(reads);
    let is = |wanted: fn(&State) -> bool| reads.iter().any(|read| wanted(&read.state));
    if reads.iter().all(|read| read.state == State::NoData) {
        return lag_unknown(case);
    }
    let stands = is(|state| matches!(state, State::Stopped | State::Stalled | State::NoConsumer));
    if stands && case.rebalancing {
        let wait = messages_wait(sums.lag);
        return Assessment::undecided(format!(
            "Is rebalancing: {wait} until its members have agreed who reads what."
        ));
    }
    if is(|state| *state == State::Stopped) {
        return stopped(case, reads);
    }
    if is(|state| *state == State::Stalled) {
        return stalled(case, reads);
    }
    if let Some((part, rewind)) = reads.iter().find_map(|read| match read.state {
        State::Rewound(rewind) => Some((&read.part, rewind)),
        _ => None,
    }) {
        return rewound(part, rewind);
    }
    if is(|state| *state == State::NoConsumer) {
        return no_consumer(reads, &sums);
    }
    if let Some(assessment) = slow_members(case, reads, &sums) {
        return assessment;
    }
    if is(|state| *state == State::Undecided) {
        let waiting = reads.iter().find(|read| read.state == State::Undecided);
        let text = waiting.map_or(String::new(), |read| super::queue::watching(sums.lag, read.part.window));
        return Assessment::undecided(text);
    }
    keeps_up(case, &sums)
}

/// Totals over some partitions.
struct Sums {
    lag: f64,
    arriving: Option<f64>,
    taking: Option<f64>,
}

impl Sums {
    fn of(reads: &[Read<'_>]) -> Sums {
        let sum = |figure: fn(&Window) -> Option<f64>| {
            reads
                .iter()
                .filter_map(|read| figure(read.part.window))
                .reduce(|total, one| total + one)
        };
        Sums {
            lag: reads.iter().filter_map(|read| lag(read)).sum(),
            arriving: sum(Window::arrival_rate),
            taking: sum(Window::taking_rate),
        }
    }
}

fn lag(read: &Read<'_>) -> Option<f64> {
    read.part.window.newest()?.waiting
}

fn lag_unknown(case: &Case<'_>) -> Assessment {
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
fn stopped(case: &Case<'_>, reads: &[Read<'_>]) -> Assessment {
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
fn stalled(case: &Case<'_>, reads: &[Read<'_>]) -> Assessment {
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
fn rewound(part: &Partition<'_>, rewind: Rewind) -> Assessment {
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
fn no_consumer(reads: &[Read<'_>], sums: &Sums) -> Assessment {
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

fn slow_members(case: &Case<'_>, reads: &[Read<'_>], sums: &Sums) -> Option<Assessment> {
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

fn keeps_up(case: &Case<'_>, sums: &Sums) -> Assessment {
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
