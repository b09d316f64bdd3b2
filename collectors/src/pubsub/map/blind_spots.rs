//! What cannot be seen on this connection, why, and what would change that.

use brokerscope_contract::{Absence, MetricId, Warning, metrics};
use brokerscope_figures::format::duration;

use super::project_key;
use super::state::few;
use crate::pubsub::failure::{Failure, grant};

/// Of one project, or of the whole connection.
fn warning(
    project: Option<&str>,
    reason: Absence,
    metrics: &[MetricId],
    text: String,
    remedy: impl Into<String>,
) -> Warning {
    Warning {
        reason,
        metrics: metrics.to_vec(),
        entity: project.map(project_key),
        text,
        remedy: Some(remedy.into()),
    }
}

/// A question of a project that got no answer. `what` is what is missing because of it, as a plural subject.
pub fn unanswered(project: &str, what: &str, metrics: &[MetricId], failure: &Failure) -> Warning {
    warning(
        Some(project),
        failure.absence(),
        metrics,
        format!("{what} of {project} cannot be shown. {failure}"),
        failure.remedy(),
    )
}

/// Figures rest because the quota is used up.
pub fn resting(project: &str, seconds: f64, metrics: &[MetricId]) -> Warning {
    warning(
        Some(project),
        Absence::Stale,
        metrics,
        format!(
            "The quota of requests to Cloud Monitoring is used up in {project}; figures are asked for again in {}.",
            duration(seconds)
        ),
        "Choose fewer figures or a longer interval, or raise the quota in the console under IAM, Quotas.",
    )
}

/// Beside an emulator.
pub fn no_monitoring() -> Warning {
    warning(
        None,
        Absence::NotSupported,
        &[
            metrics::DEPTH,
            metrics::OLDEST_AGE,
            metrics::ACKNOWLEDGED,
            metrics::DELIVERED,
            metrics::DEAD_LETTERED,
            metrics::PUBLISHED,
            metrics::CONSUMERS,
        ],
        "There are no figures: the admin API has none, and no Cloud Monitoring is configured.".into(),
        "The emulator has no Cloud Monitoring. For a real project, log in and leave the address empty.",
    )
}

/// The chosen detail leaves figures out.
pub fn not_chosen(metrics: &[MetricId]) -> Option<Warning> {
    (!metrics.is_empty()).then(|| {
        warning(
            None,
            Absence::Disabled,
            metrics,
            format!(
                "{} kinds of figures are not asked for, to save requests.",
                metrics.len()
            ),
            "Choose standard or full figures in the connection's settings.",
        )
    })
}

/// Cloud Monitoring has figures of something that the admin API does not list.
pub fn unlisted(project: &str, names: &[String]) -> Warning {
    warning(
        Some(project),
        Absence::NotPermitted,
        &[],
        format!(
            "Cloud Monitoring has figures of {} in {project}, which Pub/Sub does not list to this login.",
            few(names)
        ),
        grant(project, "pubsub.subscriptions.list"),
    )
}

/// A metric that is not what Google's list says.
pub fn no_count(project: &str, name: &str, metrics: &[MetricId]) -> Warning {
    warning(
        Some(project),
        Absence::NotSupported,
        metrics,
        format!("Cloud Monitoring tells {name} as a level and not as a count, so no rate can be made of it."),
        "Please report it: Google has changed this metric.",
    )
}
