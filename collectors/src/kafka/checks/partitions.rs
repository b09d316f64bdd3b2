//! Whether partitions have leaders, their replicas, and their leaders in the planned place.

use std::collections::BTreeMap;

use brokerscope_contract::{Absence, CheckResult, Status};
use brokerscope_figures::format::percent;

use super::super::vendor::Vendor;
use super::super::wire::{Metadata, Partition, TopicConfig, Trouble};
use super::{BELOW_MIN_ISR, OFFLINE, PREFERRED_LEADERS, UNDER_REPLICATED, on_cluster};

/// Kafka moves leadership back by itself above this share (`leader.imbalance.per.broker.percentage`).
const IMBALANCE: f64 = 0.10;

pub fn offline(metadata: &Metadata) -> CheckResult {
    let offline = partitions(metadata).filter(|(_, partition)| partition.is_offline());
    counted(OFFLINE, Status::Critical, offline, "without a leader", metadata)
}

pub fn under_replicated(metadata: &Metadata) -> CheckResult {
    let under = partitions(metadata).filter(|(_, partition)| partition.is_under_replicated());
    counted(
        UNDER_REPLICATED,
        Status::Warning,
        under,
        "with replicas out of sync",
        metadata,
    )
}

pub fn min_isr(
    metadata: &Metadata,
    configs: &BTreeMap<String, Result<TopicConfig, Trouble>>,
    vendor: Vendor,
) -> CheckResult {
    let least = |topic: &str| {
        let config = configs.get(topic)?.as_ref().ok()?;
        usize::try_from(config.number("min.insync.replicas")?).ok()
    };
    let known = metadata
        .topics
        .iter()
        .filter(|topic| least(&topic.name).is_some())
        .count();
    if known == 0 && !metadata.topics.is_empty() {
        let (absent, text) = match vendor {
            Vendor::Redpanda => (
                Absence::NotSupported,
                "not a setting of Redpanda, where a majority of the replicas must have such a write",
            ),
            Vendor::Kafka => (Absence::NoData, "min.insync.replicas of no topic is known"),
        };
        return CheckResult {
            absent: Some(absent),
            ..on_cluster(BELOW_MIN_ISR, Status::Unknown, text.into())
        };
    }
    // Brokers never ask for more than there are replicas.
    let below = partitions(metadata).filter(|(topic, partition)| {
        least(topic).is_some_and(|least| partition.isr.len() < least.min(partition.replicas.len()))
    });
    counted(
        BELOW_MIN_ISR,
        Status::Critical,
        below,
        "with fewer than min.insync.replicas in sync",
        metadata,
    )
}

pub fn preferred_leaders(metadata: &Metadata) -> CheckResult {
    // Of each broker's preferred partitions: all of them, and those that another broker leads.
    let mut places: BTreeMap<i32, (usize, usize)> = BTreeMap::new();
    for (_, partition) in partitions(metadata) {
        if let (Some(preferred), Some(leader)) = (partition.replicas.first(), partition.leader) {
            let place = places.entry(*preferred).or_default();
            place.0 += 1;
            place.1 += usize::from(leader != *preferred);
        }
    }
    let share = |(all, elsewhere): (usize, usize)| elsewhere as f64 / all as f64;
    let worst = places.into_iter().max_by(|a, b| share(a.1).total_cmp(&share(b.1)));
    match worst {
        Some((id, place)) if share(place) > IMBALANCE => on_cluster(
            PREFERRED_LEADERS,
            Status::Warning,
            format!(
                "{} of the partitions that broker {id} should lead are led by others",
                percent(share(place))
            ),
        ),
        Some((id, place)) => on_cluster(
            PREFERRED_LEADERS,
            Status::Ok,
            format!("at most {} led by others (broker {id})", percent(share(place))),
        ),
        None => on_cluster(PREFERRED_LEADERS, Status::Ok, "no partitions".into()),
    }
}

/// Every partition with its topic's name.
fn partitions(metadata: &Metadata) -> impl Iterator<Item = (&str, &Partition)> {
    metadata.topics.iter().flat_map(|topic| {
        topic
            .partitions
            .iter()
            .map(|partition| (topic.name.as_str(), partition))
    })
}

/// Ok when there are none; otherwise how many, and the first as an example.
fn counted<'a>(
    check: &str,
    otherwise: Status,
    bad: impl Iterator<Item = (&'a str, &'a Partition)>,
    what: &str,
    metadata: &Metadata,
) -> CheckResult {
    let all = partitions(metadata).count();
    let mut bad = bad.peekable();
    let Some((topic, partition)) = bad.peek().copied() else {
        return on_cluster(check, Status::Ok, format!("none of {all} partitions"));
    };
    let example = format!("{topic}/{}", partition.id);
    let count = bad.count();
    let text = format!("{count} of {all} partitions {what}, for example {example}");
    on_cluster(check, otherwise, text)
}
