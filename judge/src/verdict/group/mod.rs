//! The verdict on a consumer group: the worst of its partitions, in the words of the whole group.

mod fine;
mod wrong;

use brokerscope_contract::{Absence, Timestamp, Verdict};

use super::partition::{self, State};
use super::{Assessment, Window};
use crate::wording::messages_wait;

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
        return fine::lag_unknown(case);
    }
    let stands = is(|state| matches!(state, State::Stopped | State::Stalled | State::NoConsumer));
    if stands && case.rebalancing {
        let wait = messages_wait(sums.lag);
        return Assessment::undecided(format!(
            "Is rebalancing: {wait} until its members have agreed who reads what."
        ));
    }
    if is(|state| *state == State::Stopped) {
        return wrong::stopped(case, reads);
    }
    if is(|state| *state == State::Stalled) {
        return wrong::stalled(case, reads);
    }
    if let Some((part, rewind)) = reads.iter().find_map(|read| match read.state {
        State::Rewound(rewind) => Some((&read.part, rewind)),
        _ => None,
    }) {
        return wrong::rewound(part, rewind);
    }
    if is(|state| *state == State::NoConsumer) {
        return wrong::no_consumer(reads, &sums);
    }
    if let Some(assessment) = wrong::slow_members(case, reads, &sums) {
        return assessment;
    }
    if is(|state| *state == State::Undecided) {
        let waiting = reads.iter().find(|read| read.state == State::Undecided);
        let text = waiting.map_or(String::new(), |read| super::queue::watching(sums.lag, read.part.window));
        return Assessment::undecided(text);
    }
    fine::keeps_up(case, &sums)
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
