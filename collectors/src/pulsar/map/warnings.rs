//! What cannot be seen on this connection, why, and what would change that.

use std::collections::BTreeMap;

use brokerscope_contract::{Absence, EntityKey, MetricId, Warning, metrics};
use brokerscope_figures::format::count;

use crate::pulsar::failure::Failure;
use crate::pulsar::inventory::Whole;
use crate::pulsar::names::TopicName;

/// What only a broker's figures tell.
pub const FIGURES: [MetricId; 6] = [
    metrics::DEPTH,
    metrics::LAG,
    metrics::IN_FLIGHT,
    metrics::CONSUMERS,
    metrics::PUBLISHED,
    metrics::STORED_BYTES,
];

/// More warnings than this say the same thing to nobody.
const MOST_WARNINGS: usize = 20;

fn warning(reason: Absence, metrics: &[MetricId], text: impl Into<String>, remedy: &str) -> Warning {
    Warning {
        reason,
        metrics: metrics.to_vec(),
        entity: None,
        text: text.into(),
        remedy: Some(remedy.into()),
    }
}

/// A question that got no answer. `what` is what is missing because of it, as the subject of a sentence.
pub fn unanswered(what: &str, metrics: &[MetricId], failure: &Failure) -> Warning {
    let text = format!("{what} cannot be shown. {failure}");
    warning(failure.absence(), metrics, text, failure.remedy())
}

/// The role is no super-user. `how` says where figures come from instead.
pub fn no_super_user(how: &str) -> Warning {
    warning(
        Absence::NotPermitted,
        &[metrics::PULSAR_CPU, metrics::PULSAR_HEAP_USED],
        format!("Brokers, bookies and the list of tenants are hidden from this role, which is no super-user; {how}."),
        "Add the role to superUserRoles in the configuration of the brokers.",
    )
}

/// Nothing tells this role which namespaces there are.
pub fn no_namespaces() -> Warning {
    warning(
        Absence::NotPermitted,
        &FIGURES,
        "This role may not list the namespaces, and the connection's settings name none.",
        "List the namespaces in the connection's settings, or make the role a super-user.",
    )
}

/// The metrics endpoint is there and has no lines about topics.
pub fn topic_metrics_disabled() -> Warning {
    warning(
        Absence::Disabled,
        &[metrics::PULSAR_DELAYED, metrics::DELIVERED],
        "The brokers' metrics leave out topics: delayed messages are unknown, and deliveries are estimated.",
        "Set exposeTopicLevelMetricsInPrometheus=true in the configuration of the brokers.",
    )
}

/// So many topics that their metrics would cost the broker and the network more than they tell.
pub fn too_many_for_metrics(topics: usize) -> Warning {
    warning(
        Absence::Disabled,
        &[metrics::PULSAR_DELAYED],
        format!(
            "A broker serves {} topics, too many to ask for the metrics of each: delayed messages are unknown, and \
             deliveries are estimated from rates.",
            count(topics as f64)
        ),
        "Spread the topics over more brokers: a broker's metrics are of all topics that it serves.",
    )
}

/// Brokers that were not asked, because the settings say so.
pub fn brokers_left_out(asked: usize, named: usize) -> Warning {
    warning(
        Absence::Disabled,
        &FIGURES,
        format!("{asked} of {named} brokers are asked: topics of the others have no figures."),
        "Switch on \"Ask every broker\", or list the addresses of all brokers.",
    )
}

/// The brokers are hidden, and those that are asked leave topics without figures.
pub fn brokers_unknown(asked: usize, unseen: usize) -> Warning {
    warning(
        Absence::NotPermitted,
        &FIGURES,
        format!(
            "{} of an unknown number of brokers seen: {} topics and partitions are not on it, and have no figures.",
            count(asked as f64),
            count(unseen as f64)
        ),
        "List the addresses of all brokers, or make the role a super-user.",
    )
}

/// Topics take turns to be asked, and so many were not asked on this visit.
pub fn turns(waiting: usize) -> Warning {
    warning(
        Absence::Stale,
        &FIGURES,
        format!(
            "{} topics and partitions were not asked on this visit: their turn comes. Until then their figures and \
             totals over them are left out.",
            count(waiting as f64)
        ),
        "Watch fewer namespaces with this connection, or make the role a super-user.",
    )
}

/// Why a topic that exists has no figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unseen {
    /// All brokers told what they serve.
    NotLoaded,
    /// Some broker did not.
    Silent,
    /// There may be brokers that this role is not told of.
    Hidden,
}

/// Topics of which no broker told anything.
pub fn unloaded(wholes: &BTreeMap<TopicName, Whole<'_>>, unseen: Unseen) -> Vec<Warning> {
    let own = wholes.iter().filter(|(name, _)| !name.is_internal());
    let missing: Vec<_> = own.filter(|(_, whole)| !whole.unloaded.is_empty()).collect();
    let (reason, why) = match unseen {
        Unseen::NotLoaded => (Absence::NoData, "no broker serves it at present"),
        Unseen::Silent => (Absence::Failed, "the broker that serves it did not answer"),
        Unseen::Hidden => (Absence::NotPermitted, "no broker that is asked serves it"),
    };
    let totals = (unseen == Unseen::NotLoaded && !missing.is_empty()).then(|| Warning {
        entity: Some(EntityKey::cluster()),
        ..warning(
            Absence::NoData,
            &[metrics::DEPTH, metrics::PULSAR_SUBSCRIPTIONS],
            format!(
                "{} topics are not loaded or not wholly: how much waits in all of them together is not known.",
                count(missing.len() as f64)
            ),
            "A topic is loaded as soon as a producer or consumer uses it.",
        )
    });
    let all = missing.iter().map(|(name, whole)| {
        let what = match (whole.loaded.len(), whole.unloaded.len()) {
            (0, _) => format!("{} has no figures: {why}.", name.local),
            (loaded, missing) => format!(
                "{} has figures of {loaded} of {} partitions only, so sums are left out: {why}.",
                name.local,
                loaded + missing
            ),
        };
        Warning {
            entity: Some(name.key()),
            ..warning(
                reason,
                &FIGURES,
                what,
                "It is loaded as soon as a producer or consumer uses it.",
            )
        }
    });
    totals.into_iter().chain(all).take(MOST_WARNINGS).collect()
}
