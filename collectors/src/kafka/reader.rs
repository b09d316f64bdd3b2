//! What one group's commits say beside the ends of the logs: lag in messages and in time, per partition and in sum.

use std::collections::{BTreeMap, HashMap};

use brokerscope_contract::{Method, Timestamp};

use super::lag::{Behind, History, Why};
use super::loss::{Place, Retention, Trend};
use super::odometer::Odometer;
use super::offsets::Offsets;
use super::wire::{PartitionOffset, Topic};

/// A topic's log as it is on this visit.
#[derive(Debug, Clone, Copy)]
pub struct Log<'a> {
    pub topic: &'a Topic,
    pub ends: &'a Offsets,
    /// Ends on the visit before, by partition.
    pub ends_before: &'a HashMap<i32, i64>,
    /// Starts, as of the last time they were asked for.
    pub starts: &'a Offsets,
    pub histories: &'a HashMap<i32, History>,
    pub retention: Retention,
}

/// What must be remembered of a group from one visit to the next.
#[derive(Debug, Clone, Default)]
pub struct Reader {
    topics: HashMap<String, Reading>,
    /// Over its topics, so that one that it begins to read later is no jump.
    published: Odometer<String>,
    acknowledged: Odometer<String>,
}

#[derive(Debug, Clone, Default)]
struct Reading {
    published: Odometer,
    acknowledged: Odometer,
    trends: HashMap<i32, Trend>,
}

/// One partition as the group reads it.
#[derive(Debug, Clone, PartialEq)]
pub struct PartitionPosition {
    pub partition: i32,
    pub committed: i64,
    /// `None` when the leader did not tell it on this visit.
    pub end: Option<i64>,
    pub behind: Option<Behind>,
    pub retention_ratio: Option<f64>,
    pub loss_seconds: Option<f64>,
    /// Messages removed before they were read.
    pub lost: i64,
}

impl PartitionPosition {
    /// End minus committed. Commits are read first, so a commit beyond the end is not a race but a topic that was
    /// made again or truncated; it has nothing to read and the lag is 0.
    pub fn lag(&self) -> Option<i64> {
        Some((self.end? - self.committed).max(0))
    }

    pub fn is_beyond_end(&self) -> bool {
        self.end.is_some_and(|end| self.committed > end)
    }
}

/// One topic as the group reads it. Never without partitions.
#[derive(Debug, Clone, PartialEq)]
pub struct TopicPosition {
    pub topic: String,
    pub partitions: Vec<PartitionPosition>,
    /// Partitions that hold messages and of which the group has committed nothing: they have no lag, not zero.
    pub uncommitted: usize,
    /// Partitions of the topic.
    pub of: usize,
    /// Messages that arrived in the partitions that it reads since watching began, on top of their ends then; `None`
    /// while no leader tells an end.
    pub published: Option<f64>,
    /// Messages committed since watching began, on top of the offsets then.
    pub acknowledged: f64,
}

/// A group's place in everything that it reads and we watch.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupPosition {
    pub topics: Vec<TopicPosition>,
    /// As of its topics, all together; `None` without any that is known.
    pub published: Option<f64>,
    pub acknowledged: Option<f64>,
    /// Topics with commits that are not watched, not visible to this login, or deleted.
    pub elsewhere: usize,
    /// Partitions whose commit could not be read although the group's others could.
    pub unreadable: usize,
}

impl Reader {
    /// Takes in the commits read on the visit at `at`. `log` gives the topics that are watched.
    pub fn read<'a>(
        &mut self,
        at: Timestamp,
        commits: Vec<PartitionOffset>,
        log: impl Fn(&str) -> Option<Log<'a>>,
    ) -> GroupPosition {
        let mut by_topic: BTreeMap<String, BTreeMap<i32, i64>> = BTreeMap::new();
        let mut unreadable = 0;
        for commit in commits {
            match commit.offset {
                Ok(offset) => {
                    by_topic
                        .entry(commit.topic)
                        .or_default()
                        .insert(commit.partition, offset);
                }
                // "No answer" here is Kafka's -1: asked, and nothing committed.
                Err(trouble) if trouble.code == 0 => {}
                Err(_) => unreadable += 1,
            }
        }
        self.topics.retain(|topic, _| by_topic.contains_key(topic));
        let (mut topics, mut elsewhere) = (Vec::new(), 0);
        for (name, commits) in by_topic {
            let Some(log) = log(&name) else {
                elsewhere += 1;
                continue;
            };
            let reading = self.topics.entry(name).or_default();
            topics.extend(reading.position(at, &commits, &log));
        }
        let whole = |total: f64| total as i64;
        let published = topics
            .iter()
            .filter_map(|topic| Some((topic.topic.clone(), whole(topic.published?))));
        let acknowledged = topics
            .iter()
            .map(|topic| (topic.topic.clone(), whole(topic.acknowledged)));
        GroupPosition {
            published: topics
                .iter()
                .any(|topic| topic.published.is_some())
                .then(|| self.published.read(published, |_| None)),
            acknowledged: (!topics.is_empty()).then(|| self.acknowledged.read(acknowledged, |_| None)),
            topics,
            elsewhere,
            unreadable,
        }
    }
}

impl Reading {
    fn position(&mut self, at: Timestamp, commits: &BTreeMap<i32, i64>, log: &Log<'_>) -> Option<TopicPosition> {
        let name = &log.topic.name;
        let exists = |partition: &i32| log.topic.partitions.iter().any(|known| known.id == *partition);
        let commits: BTreeMap<i32, i64> = commits
            .iter()
            .filter(|(partition, _)| exists(partition))
            .map(|(partition, offset)| (*partition, *offset))
            .collect();
        if commits.is_empty() {
            return None;
        }
        let holds_messages = |partition: i32| {
            let end = log.ends.get(name, partition);
            let start = log.starts.get(name, partition).unwrap_or(0);
            end.is_some_and(|end| end > start)
        };
        let uncommitted = log
            .topic
            .partitions
            .iter()
            .filter(|known| !commits.contains_key(&known.id) && holds_messages(known.id))
            .count();
        // A first commit certainly covers what arrived since the last visit and came before it; of the rest of the
        // log nobody knows whether this group ever read it.
        let before = |partition: &i32| log.ends_before.get(partition).copied();
        let acknowledged = self.acknowledged.read(commits.iter().map(|(p, o)| (*p, *o)), before);
        let ends: Vec<(i32, i64)> = commits
            .keys()
            .filter_map(|partition| Some((*partition, log.ends.get(name, *partition)?)))
            .collect();
        let published = (!ends.is_empty()).then(|| self.published.read(ends, before));
        let partitions = commits
            .iter()
            .map(|(partition, committed)| self.partition(at, *partition, *committed, log))
            .collect();
        Some(TopicPosition {
            topic: name.clone(),
            partitions,
            uncommitted,
            of: log.topic.partitions.len(),
            published,
            acknowledged,
        })
    }

    fn partition(&mut self, at: Timestamp, partition: i32, committed: i64, log: &Log<'_>) -> PartitionPosition {
        let name = &log.topic.name;
        let end = log.ends.get(name, partition);
        let behind = end.map(|_| {
            log.histories
                .get(&partition)
                .map_or(Behind::Unknown(Why::JustStarted), |history| {
                    history.behind(committed, at)
                })
        });
        let place = end.zip(log.starts.get(name, partition)).map(|(end, start)| Place {
            at,
            committed,
            end,
            start,
            seconds: match behind {
                Some(Behind::Known { seconds, method }) if method != Method::Estimated => Some(seconds),
                _ => None,
            },
        });
        let trend = self.trends.entry(partition).or_default();
        PartitionPosition {
            partition,
            committed,
            end,
            behind,
            retention_ratio: place.map(|place| place.retention_ratio()),
            loss_seconds: place.and_then(|place| trend.loss_seconds(place, log.retention)),
            lost: place.map_or(0, |place| place.lost()),
        }
    }
}

/// The lag of several partitions together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Together {
    /// The sum; `None` as soon as one end is unknown, for a sum of some is not the lag.
    pub messages: Option<i64>,
    /// The longest; unknown as soon as one partition that lags is.
    pub time: Option<Behind>,
    /// The largest share of a log that is unread.
    pub retention_ratio: Option<f64>,
    /// The soonest loss.
    pub loss_seconds: Option<f64>,
}

/// Adds partitions up. Without any there is nothing to know: everything is `None`.
pub fn together<'a>(partitions: impl Iterator<Item = &'a PartitionPosition> + Clone) -> Together {
    let largest =
        |values: &mut dyn Iterator<Item = f64>| values.fold(None, |a: Option<f64>, b| Some(a.map_or(b, |a| a.max(b))));
    let none = partitions.clone().next().is_none();
    let messages: Option<i64> = partitions.clone().map(PartitionPosition::lag).sum();
    Together {
        messages: messages.filter(|_| !none),
        time: longest(partitions.clone()),
        retention_ratio: largest(&mut partitions.clone().filter_map(|p| p.retention_ratio)),
        loss_seconds: largest(&mut partitions.filter_map(|p| p.loss_seconds).map(|s| -s)).map(|s| -s),
    }
}

fn longest<'a>(partitions: impl Iterator<Item = &'a PartitionPosition>) -> Option<Behind> {
    let mut longest: Option<Behind> = None;
    for position in partitions {
        // An unknown end makes the whole unknown, and the missing lag in messages says so already.
        let behind = position.behind?;
        longest = Some(match (longest, behind) {
            (None, first) => first,
            (Some(Behind::Unknown(a)), Behind::Unknown(b)) => Behind::Unknown(a.max(b)),
            (Some(unknown @ Behind::Unknown(_)), _) | (_, unknown @ Behind::Unknown(_)) => unknown,
            (Some(a @ Behind::Known { seconds: x, .. }), b @ Behind::Known { seconds: y, .. }) => {
                if y > x {
                    b
                } else {
                    a
                }
            }
        });
    }
    longest
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
