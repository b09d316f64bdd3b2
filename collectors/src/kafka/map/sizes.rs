//! Sizes on disk, from the log directories of the brokers.

use std::collections::{BTreeMap, HashMap};

use brokerscope_contract::metrics::{DISK_FREE, KAFKA_LOG_BYTES, STORED_BYTES};
use brokerscope_contract::{Absence, EntityKey, Snapshot, Warning};

use super::super::vendor::Vendor;
use super::super::wire::{LogDir, Survey, Topic, Trouble};
use super::warnings::{grant, some_of};
use super::{Sight, brokers, measure, topics};

/// Bytes of one partition: of each broker's replica.
type Replicas<'a> = HashMap<(&'a str, i32), HashMap<i32, i64>>;

pub fn add(sight: Sight<'_>, snapshot: &mut Snapshot) {
    let Some(survey) = &sight.visit.survey else { return };
    for id in survey.brokers.keys() {
        if let Some(Ok(dirs)) = survey.log_dirs(*id) {
            node(*id, dirs, snapshot);
        }
    }
    let replicas = replicas(survey);
    for topic in sight.topics() {
        topic_sizes(topic, &replicas, snapshot);
    }
}

fn node(id: i32, dirs: &[LogDir], snapshot: &mut Snapshot) {
    let key = brokers::key(id);
    let used: i64 = dirs
        .iter()
        .filter(|dir| !dir.is_remote())
        .flat_map(|dir| &dir.replicas)
        .map(|replica| replica.bytes)
        .sum();
    measure(snapshot, &key, KAFKA_LOG_BYTES, Some(used as f64));
    // The broker stops when any one of them is full.
    let free = dirs.iter().filter_map(|dir| dir.usable_bytes).min();
    measure(snapshot, &key, DISK_FREE, free.map(|free| free as f64));
}

fn replicas(survey: &Survey) -> Replicas<'_> {
    let mut replicas = Replicas::new();
    for id in survey.brokers.keys() {
        let dirs = survey.log_dirs(*id).and_then(Result::ok).unwrap_or_default();
        // A copy that is being moved between directories counts when it has arrived.
        for replica in dirs
            .iter()
            .filter(|dir| !dir.is_remote())
            .flat_map(|dir| &dir.replicas)
            .filter(|replica| !replica.future)
        {
            let partition = replicas.entry((replica.topic.as_str(), replica.partition)).or_default();
            partition.insert(*id, replica.bytes);
        }
    }
    replicas
}

/// Of each partition and of the topic, as far as every replica that belongs to the figure is known.
fn topic_sizes(topic: &Topic, replicas: &Replicas<'_>, snapshot: &mut Snapshot) {
    let sizes = |partition: i32| replicas.get(&(topic.name.as_str(), partition));
    let mut all = Some(0);
    let mut leaders = Some(0);
    for partition in &topic.partitions {
        let known = sizes(partition.id);
        let of = |id: &i32| known?.get(id).copied();
        let sum: Option<i64> = partition.replicas.iter().map(of).sum();
        let led = partition.leader.as_ref().and_then(of);
        let key = topics::partition_key(&topic.name, partition.id);
        measure(snapshot, &key, KAFKA_LOG_BYTES, sum.map(|sum| sum as f64));
        all = all.zip(sum).map(|(all, sum)| all + sum);
        leaders = leaders.zip(led).map(|(leaders, led)| leaders + led);
    }
    let key: EntityKey = topics::key(&topic.name);
    let some = |bytes: Option<i64>| bytes.filter(|_| !topic.partitions.is_empty()).map(|bytes| bytes as f64);
    measure(snapshot, &key, KAFKA_LOG_BYTES, some(all));
    measure(snapshot, &key, STORED_BYTES, some(leaders));
}

pub fn warnings(sight: Sight<'_>, warnings: &mut Vec<Warning>) {
    unknown(sight, warnings);
    about_room(sight, warnings);
}

/// Which sizes are not known.
fn unknown(sight: Sight<'_>, warnings: &mut Vec<Warning>) {
    let Some(survey) = &sight.memory.survey else { return };
    let mut kinds: BTreeMap<&str, (&Trouble, Vec<String>)> = BTreeMap::new();
    for id in survey.brokers.keys() {
        if let Some(Err(trouble)) = survey.log_dirs(*id) {
            let entry = kinds.entry(trouble.text.as_str());
            entry.or_insert((trouble, Vec::new())).1.push(id.to_string());
        }
    }
    for (text, (trouble, brokers)) in kinds {
        warnings.push(Warning {
            reason: trouble.absence(),
            metrics: vec![KAFKA_LOG_BYTES, STORED_BYTES, DISK_FREE],
            entity: None,
            text: format!(
                "Sizes on disk of broker {} are not known: {text}.",
                some_of(brokers.iter())
            ),
            remedy: grant(trouble, "Describe on the cluster"),
        });
    }
}

/// Redpanda tells the sizes of logs, and not how much room is left for them.
fn about_room(sight: Sight<'_>, warnings: &mut Vec<Warning>) {
    if sight.vendor() != Vendor::Redpanda {
        return;
    }
    let Some(survey) = &sight.memory.survey else { return };
    let told = survey
        .brokers
        .keys()
        .filter_map(|id| survey.log_dirs(*id)?.ok())
        .flatten();
    let mut told = told.peekable();
    if told.peek().is_some() && told.all(|dir| dir.usable_bytes.is_none()) {
        warnings.push(Warning {
            reason: Absence::NotSupported,
            metrics: vec![DISK_FREE],
            entity: None,
            text: "Redpanda does not tell in Kafka's protocol how much room its disks have.".into(),
            remedy: None,
        });
    }
}
