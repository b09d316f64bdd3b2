//! What a visit could not learn: which numbers are missing, why, and what a person can do about it.

use std::collections::BTreeMap;

use brokerscope_contract::metrics::{
    ACKNOWLEDGED, CONSUMERS, KAFKA_COMMITTED_OFFSET, KAFKA_END_OFFSET, KAFKA_RETENTION_RATIO, LAG, LAG_SECONDS,
    LOSS_SECONDS, PUBLISHED,
};
use brokerscope_contract::{Absence, MetricId, Snapshot, Warning};

use super::super::lag::{Behind, Why};
use super::super::reader::{GroupPosition, together};
use super::super::wire::{Trouble, TroubleKind};
use super::super::{connect, registry};
use super::{Sight, brokers, groups, sizes};

/// Warnings about single groups beyond this many are summed up in one: a thousand sentences tell no more.
const MOST_PER_GROUP: usize = 200;

pub fn add(sight: Sight<'_>, snapshot: &mut Snapshot) {
    let warnings = &mut snapshot.warnings;
    about_cluster(sight, warnings);
    warnings.extend(connect::map::warnings(&sight.memory.connect));
    warnings.extend(registry::map::warnings(&sight.memory.registry));
    about_brokers(sight, warnings);
    about_topics(sight, warnings);
    sizes::warnings(sight, warnings);
    about_listing(sight, warnings);
    about_descriptions(sight, warnings);
    let mut single = about_groups(sight);
    if single.len() > MOST_PER_GROUP {
        let rest = single.len() - MOST_PER_GROUP;
        single.truncate(MOST_PER_GROUP);
        single.push(Warning {
            reason: Absence::NoData,
            metrics: Vec::new(),
            entity: None,
            text: format!("{rest} more consumer groups lack figures for reasons like those of the others."),
            remedy: None,
        });
    }
    warnings.extend(single);
}

fn about_cluster(sight: Sight<'_>, warnings: &mut Vec<Warning>) {
    if let Err(trouble) = &sight.visit.cluster {
        warnings.push(Warning {
            reason: trouble.absence(),
            metrics: Vec::new(),
            entity: None,
            text: format!("The controller and the racks are not known: {}.", trouble.text),
            remedy: grant(trouble, "Describe on the cluster"),
        });
    }
}

fn about_brokers(sight: Sight<'_>, warnings: &mut Vec<Warning>) {
    for (id, silence) in &sight.visit.ends.silent {
        let address = sight
            .visit
            .metadata
            .brokers
            .iter()
            .find(|broker| broker.id == *id)
            .map(|broker| format!(" at {}:{}", broker.host, broker.port))
            .unwrap_or_default();
        warnings.push(Warning {
            reason: Absence::Failed,
            metrics: vec![KAFKA_END_OFFSET],
            entity: Some(brokers::key(*id)),
            text: format!(
                "Broker {id}{address} did not answer ({}): the ends of the {} partitions that it leads are unknown, and with \
                 them the lag of their readers.",
                silence.trouble.text, silence.partitions
            ),
            remedy: Some(
                "Check that the broker runs and that its advertised address can be reached from here.".into(),
            ),
        });
    }
}

fn about_topics(sight: Sight<'_>, warnings: &mut Vec<Warning>) {
    let refused = &sight.visit.ends.refused;
    if !refused.is_empty() {
        warnings.push(Warning {
            reason: Absence::NotPermitted,
            metrics: vec![KAFKA_END_OFFSET, PUBLISHED, LAG, LAG_SECONDS],
            entity: None,
            text: format!("This login may not read the offsets of {}.", some_of(refused.iter())),
            remedy: Some("Grant Describe on these topics.".into()),
        });
    }
    let mut kinds: BTreeMap<String, (Absence, Vec<&str>)> = BTreeMap::new();
    for (topic, config) in &sight.memory.configs {
        if let Err(trouble) = config {
            let entry = kinds.entry(trouble.text.clone());
            entry.or_insert((trouble.absence(), Vec::new())).1.push(topic);
        }
    }
    for (text, (reason, topics)) in kinds {
        warnings.push(Warning {
            reason,
            metrics: vec![LOSS_SECONDS],
            entity: None,
            text: format!("The settings of {} are not known: {text}.", some_of(topics.iter())),
            remedy: (reason == Absence::NotPermitted).then(|| "Grant DescribeConfigs on topics.".into()),
        });
    }
}

fn about_listing(sight: Sight<'_>, warnings: &mut Vec<Warning>) {
    for (id, trouble) in sight.visit.listing.as_deref().unwrap_or_default() {
        let known = sight
            .memory
            .groups
            .values()
            .filter(|group| group.listed.coordinator == *id)
            .count();
        let known = match known {
            0 => "groups that it coordinates are missing".to_string(),
            n => format!("{n} known groups that it coordinates keep their last values, and new ones are missing"),
        };
        warnings.push(Warning {
            reason: trouble.absence(),
            metrics: vec![CONSUMERS, LAG, LAG_SECONDS, ACKNOWLEDGED],
            entity: Some(brokers::key(*id)),
            text: format!(
                "Broker {id} did not list its consumer groups ({}): {known}.",
                trouble.text
            ),
            remedy: grant(trouble, "Describe on groups").or(Some(
                "Check that the broker runs and that its advertised address can be reached from here.".into(),
            )),
        });
    }
}

fn about_descriptions(sight: Sight<'_>, warnings: &mut Vec<Warning>) {
    let mut kinds: BTreeMap<&str, (Absence, &Trouble, Vec<&str>)> = BTreeMap::new();
    for (name, group) in &sight.memory.groups {
        if let Some(trouble) = &group.trouble {
            let entry = kinds.entry(trouble.text.as_str());
            entry.or_insert((trouble.absence(), trouble, Vec::new())).2.push(name);
        }
    }
    for (text, (reason, trouble, names)) in kinds {
        warnings.push(Warning {
            reason,
            metrics: vec![CONSUMERS],
            entity: None,
            text: format!("The members of {} are not known: {text}.", some_of(names.iter())),
            remedy: grant(trouble, "Describe on these groups"),
        });
    }
}

fn about_groups(sight: Sight<'_>) -> Vec<Warning> {
    let groups = sight.visit.positions.iter();
    groups
        .filter_map(|(name, answer)| {
            let (reason, metrics, text, remedy) = match answer {
                Err(trouble) => commits_unknown(trouble),
                Ok(position) => position_unknown(sight, position)?,
            };
            Some(Warning {
                reason,
                metrics,
                entity: Some(groups::key(name)),
                text,
                remedy,
            })
        })
        .collect()
}

type Missing = (Absence, Vec<MetricId>, String, Option<String>);

fn commits_unknown(trouble: &Trouble) -> Missing {
    (
        trouble.absence(),
        vec![
            LAG,
            LAG_SECONDS,
            PUBLISHED,
            ACKNOWLEDGED,
            KAFKA_COMMITTED_OFFSET,
            KAFKA_RETENTION_RATIO,
        ],
        format!("What the group has committed is not known: {}.", trouble.text),
        grant(trouble, "Describe on this group and on the topics that it reads"),
    )
}

fn position_unknown(sight: Sight<'_>, position: &GroupPosition) -> Option<Missing> {
    if position.unreadable > 0 {
        let text = format!(
            "The commits of {} of its partitions could not be read.",
            position.unreadable
        );
        return Some((Absence::Failed, vec![LAG, LAG_SECONDS], text, None));
    }
    if position.topics.is_empty() {
        let text = match position.elsewhere {
            0 => "The group has not committed anything: where it stands is not known.",
            _ => "The group has commits only for topics that are deleted, not visible to this login, or not watched.",
        };
        return Some((
            Absence::NoData,
            vec![LAG, LAG_SECONDS, PUBLISHED, ACKNOWLEDGED],
            text.into(),
            None,
        ));
    }
    let partitions = || position.topics.iter().flat_map(|topic| &topic.partitions);
    let without_end = partitions().filter(|partition| partition.end.is_none()).count();
    if without_end > 0 {
        let of = partitions().count();
        let offline = position.topics.iter().any(|topic| has_offline(sight, &topic.topic));
        let why = if offline {
            "they have no leader, or it did not answer"
        } else {
            "their leader did not answer"
        };
        return Some((
            Absence::Failed,
            vec![LAG, LAG_SECONDS],
            format!("The ends of {without_end} of its {of} partitions are unknown: {why}."),
            Some("See the checks of the brokers.".into()),
        ));
    }
    match together(partitions()).time {
        Some(Behind::Unknown(why)) => {
            let text = match why {
                Why::JustStarted => "Lag in time needs two visits to the topic.",
                Why::Idle => {
                    "The message to be read next was stored before watching began, and nothing is being produced to \
                     estimate its age by."
                }
                Why::BeforeHistory => "The message to be read next was stored long before watching began.",
            };
            Some((Absence::NoData, vec![LAG_SECONDS], text.into(), None))
        }
        _ => None,
    }
}

fn has_offline(sight: Sight<'_>, topic: &str) -> bool {
    let topic = sight.visit.metadata.topics.iter().find(|known| known.name == topic);
    topic.is_some_and(|topic| topic.partitions.iter().any(|partition| partition.is_offline()))
}

pub(super) fn grant(trouble: &Trouble, what: &str) -> Option<String> {
    (trouble.kind() == TroubleKind::NotPermitted).then(|| format!("Grant {what}."))
}

/// "a, b and 7 more".
pub(super) fn some_of<S: AsRef<str>>(names: impl ExactSizeIterator<Item = S>) -> String {
    const SHOWN: usize = 3;
    let all = names.len();
    let shown: Vec<String> = names.take(SHOWN).map(|name| name.as_ref().to_string()).collect();
    match all.checked_sub(SHOWN) {
        Some(rest) if rest > 0 => format!("{} and {rest} more", shown.join(", ")),
        _ => shown.join(", "),
    }
}
