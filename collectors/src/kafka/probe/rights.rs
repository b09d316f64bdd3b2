//! What this login may see, asked the way a visit asks it, on a few examples.

use futures_util::future::join_all;

use super::super::config::{Address, Config};
use super::super::direct::Direct;
use super::super::offsets::{Offsets, chunks};
use super::super::vendor::Vendor;
use super::super::wire::{Broker, ListedGroup, LogEnd, Metadata, Trouble, TroubleKind};
use super::reach::listens;
use super::{PATIENCE, Step, many};
use crate::collector::ProbeReport;

/// Groups and topics that are asked as examples.
const EXAMPLES: usize = 5;
/// Brokers whose addresses are tried.
const MOST_BROKERS: usize = 100;
/// Kafka's number of the operation.
const DESCRIBE: i32 = 8;

/// Returns the cluster's id.
pub async fn run(config: &Config, metadata: &Metadata, report: &ProbeReport) -> Option<String> {
    let direct = Direct::new(config.clone());
    brokers(metadata, report).await;
    let id = cluster(&direct, &metadata.brokers, report).await;
    let topics = topics(config, metadata, report);
    if topics > 0 {
        offsets(config, &direct, metadata, report).await;
        configs(config, &direct, metadata, report).await;
    }
    let groups = groups(config, &direct, &metadata.brokers, report).await;
    let examples = &groups[..groups.len().min(EXAMPLES)];
    if !examples.is_empty() {
        members(&direct, &metadata.brokers, examples, report).await;
        commits(&direct, &metadata.brokers, examples, report).await;
    }
    sizes(&direct, &metadata.brokers, report).await;
    Step::begin("What will be visible", report).passed(format!(
        "{}, {} and {}; lag in messages at once, lag in time from the second visit on",
        many(metadata.brokers.len(), "broker"),
        many(topics, "topic"),
        many(groups.len(), "consumer group")
    ));
    id
}

/// Bootstrap servers only introduce; the data comes from the addresses that the brokers advertise.
async fn brokers(metadata: &Metadata, report: &ProbeReport) {
    let step = Step::begin("Advertised addresses of the brokers", report);
    let tried = metadata.brokers.iter().take(MOST_BROKERS);
    let answers = join_all(tried.map(|broker| async move {
        let address = Address {
            host: broker.host.clone(),
            port: broker.port,
        };
        let reason = listens(&address).await.err()?;
        Some(format!("broker {} at {address} ({reason})", broker.id))
    }))
    .await;
    let (all, silent) = (answers.len(), answers.into_iter().flatten().collect::<Vec<_>>());
    if silent.is_empty() {
        step.passed(format!("{all} of {all} can be reached from here"));
        return;
    }
    let detail = format!(
        "{} of {all} cannot be reached from here: {}",
        silent.len(),
        silent.join(", ")
    );
    let remedy = "Brokers send clients to their advertised.listeners: these names and ports must work from the machine that \
                  runs Brokerscope.";
    if silent.len() < all {
        step.limited(detail, remedy);
    } else {
        step.failed(detail, remedy);
    }
}

async fn cluster(direct: &Direct, brokers: &[Broker], report: &ProbeReport) -> Option<String> {
    let step = Step::begin("Permission: describe the cluster", report);
    let answer = direct.cluster(brokers, true, PATIENCE).await;
    let id = answer.as_ref().ok().and_then(|cluster| cluster.id.clone());
    match answer {
        Ok(cluster) if cluster.operations.as_ref().is_some_and(|may| !may.contains(&DESCRIBE)) => step.limited(
            "without Describe on the cluster only those consumer groups are listed that may be described one by one",
            "Grant Describe on the cluster.",
        ),
        Ok(cluster) => step.passed(match (&cluster.id, cluster.controller) {
            (Some(id), Some(controller)) if Vendor::of(&cluster) == Vendor::Redpanda => {
                format!("Redpanda, cluster {id}, controller on broker {controller}")
            }
            (Some(id), Some(controller)) => format!("cluster {id}, controller reached through broker {controller}"),
            (Some(id), None) => format!("cluster {id}, no controller known"),
            _ => "answered".into(),
        }),
        Err(trouble) => refuse(step, &trouble, "Grant Describe on the cluster."),
    }
    id
}

fn topics(config: &Config, metadata: &Metadata, report: &ProbeReport) -> usize {
    let step = Step::begin("Permission: describe topics", report);
    let admitted: Vec<_> = metadata
        .topics
        .iter()
        .filter(|topic| config.topics.admits(&topic.name))
        .collect();
    let partitions: usize = admitted.iter().map(|topic| topic.partitions.len()).sum();
    let (seen, all) = (admitted.len(), metadata.topics.len());
    if all == 0 {
        step.limited(
            "no topic is visible: the cluster has none, or this login may describe none",
            "Grant Describe on the topics to watch.",
        );
    } else if seen == 0 {
        step.limited(
            format!("none of the {all} visible topics fits the topic patterns"),
            "Check the patterns under \"Only these topics\" and \"Not these topics\".",
        );
    } else if seen < all {
        step.passed(format!(
            "{seen} of {} fit the patterns, with {}",
            many(all, "topic"),
            many(partitions, "partition")
        ));
    } else {
        // Kafka leaves out what a login may not describe, without a word.
        step.passed(format!(
            "{} with {} visible to this login",
            many(all, "topic"),
            many(partitions, "partition")
        ));
    }
    seen
}

async fn offsets(config: &Config, direct: &Direct, metadata: &Metadata, report: &ProbeReport) {
    let step = Step::begin("Permission: offsets of topics", report);
    let mut chunks = chunks(metadata, |topic| config.topics.admits(&topic.name));
    // One small question to each leader shows both rights and reach.
    chunks.dedup_by_key(|chunk| chunk.leader);
    chunks.iter_mut().for_each(|chunk| chunk.partitions.truncate(EXAMPLES));
    let asked = chunks.len();
    let offsets = Offsets::gather(
        direct
            .offsets(&metadata.brokers, chunks, LogEnd::Latest, PATIENCE)
            .await,
    );
    if let Some((id, silence)) = offsets.silent.first_key_value() {
        step.limited(
            format!(
                "{} of {} did not answer, first broker {id}: {}",
                offsets.silent.len(),
                many(asked, "leader"),
                silence.trouble.text
            ),
            "Check that every broker runs and that its advertised address can be reached from here.",
        );
    } else if let Some(topic) = offsets.refused.first() {
        step.limited(format!("refused, for example for {topic}"), "Grant Describe on topics.");
    } else {
        step.passed(format!("asked {}: where their logs end is told", many(asked, "leader")));
    }
}

async fn configs(config: &Config, direct: &Direct, metadata: &Metadata, report: &ProbeReport) {
    let step = Step::begin("Permission: settings of topics", report);
    let admitted = metadata.topics.iter().filter(|topic| config.topics.admits(&topic.name));
    let names: Vec<String> = admitted.take(EXAMPLES).map(|topic| topic.name.clone()).collect();
    let answers = direct.topic_configs(&metadata.brokers, &names, PATIENCE).await;
    match answers
        .iter()
        .find_map(|(name, answer)| Some((name, answer.as_ref().err()?)))
    {
        None => step.passed("retention, cleanup and replication settings can be read"),
        Some((name, trouble)) => step.limited(
            format!(
                "refused for {name}: {}; retention and time to data loss will be missing",
                trouble.text
            ),
            "Grant DescribeConfigs on topics.",
        ),
    }
}

async fn groups(config: &Config, direct: &Direct, brokers: &[Broker], report: &ProbeReport) -> Vec<ListedGroup> {
    let step = Step::begin("Permission: list consumer groups", report);
    let mut list = direct.groups(brokers, PATIENCE).await;
    list.groups.retain(|group| config.groups.admits(&group.name));
    match list.troubles.first() {
        Some((id, trouble)) => step.limited(
            format!(
                "{}; {} did not list theirs, first broker {id}: {}",
                many(list.groups.len(), "group"),
                many(list.troubles.len(), "broker"),
                trouble.text
            ),
            "Check that every broker runs and can be reached, and that Describe on groups is granted.",
        ),
        None => step.passed(format!("{} visible to this login", many(list.groups.len(), "group"))),
    }
    list.groups
}

async fn members(direct: &Direct, brokers: &[Broker], examples: &[ListedGroup], report: &ProbeReport) {
    let step = Step::begin("Permission: members of consumer groups", report);
    let answers = direct.describe(brokers, examples, PATIENCE).await;
    match answers
        .iter()
        .find_map(|(name, answer)| Some((name, answer.as_ref().err()?)))
    {
        None => step.passed("members and assignments can be read"),
        Some((name, trouble)) => refuse_one(step, name, trouble, "Grant Describe on groups."),
    }
}

async fn commits(direct: &Direct, brokers: &[Broker], examples: &[ListedGroup], report: &ProbeReport) {
    let step = Step::begin("Permission: committed offsets", report);
    let answers = direct.committed(brokers, examples, PATIENCE).await;
    match answers
        .iter()
        .find_map(|(name, answer)| Some((name, answer.as_ref().err()?)))
    {
        None => step.passed("commits can be read"),
        Some((name, trouble)) => refuse_one(
            step,
            name,
            trouble,
            "Grant Describe on groups and on the topics they read.",
        ),
    }
}

async fn sizes(direct: &Direct, brokers: &[Broker], report: &ProbeReport) {
    let step = Step::begin("Permission: sizes on disk", report);
    // One broker is enough to see whether it is allowed.
    let survey = direct.survey(brokers.get(..1).unwrap_or_default(), PATIENCE).await;
    match brokers.first().and_then(|broker| survey.log_dirs(broker.id)) {
        Some(Ok(dirs)) => step.passed(format!("log directories can be read: {}", dirs.len())),
        Some(Err(trouble)) => refuse(
            step,
            trouble,
            "Grant Describe on the cluster; without it sizes on disk are missing.",
        ),
        None => step.limited("no broker to ask", "Check that the brokers run."),
    }
}

fn refuse_one(step: Step<'_>, name: &str, trouble: &Trouble, grant: &str) {
    let remedy = match trouble.kind() {
        TroubleKind::NotPermitted => grant,
        _ => "Check the broker that coordinates the group.",
    };
    step.limited(format!("not for {name}: {}", trouble.text), remedy);
}

fn refuse(step: Step<'_>, trouble: &Trouble, grant: &str) {
    let remedy = match trouble.kind() {
        TroubleKind::NotPermitted => grant,
        TroubleKind::NotSupported => "This broker or service does not offer it.",
        _ => "Check that the brokers run and can be reached from here.",
    };
    step.limited(trouble.text.clone(), remedy);
}
