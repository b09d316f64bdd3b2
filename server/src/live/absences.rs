//! Why a number is not there: from the warnings of the last visit, or from what a kind of entity can have at all.

use brokerscope_contract::{Absence, EntityKind, MetricId, Warning, metrics};

use super::{Connection, Entity};

/// Further up nothing belongs to anything; a circle of parents ends here too.
const DEEPEST: usize = 8;

impl Connection {
    /// The reason, and the sentence that says it.
    pub fn why_absent(&self, entity: &Entity, metric: MetricId) -> (Absence, Option<String>) {
        if let Some(warning) = self.warning_about(entity, metric) {
            return (warning.reason, Some(said(warning)));
        }
        let def = metric.def();
        if entity.readings.has(metric) {
            return match def.kind {
                brokerscope_contract::MetricKind::Counter => (
                    Absence::NoData,
                    Some("A rate needs two visits without a restart of the broker in between.".into()),
                ),
                brokerscope_contract::MetricKind::Gauge => (Absence::NoData, nothing_to_say(metric)),
            };
        }
        if expected(entity.kind()).contains(&metric) {
            return (Absence::NoData, nothing_to_say(metric));
        }
        (Absence::NotSupported, None)
    }

    /// A warning that names the metric, for this entity, for what it belongs to, what that belongs to and so on, or for the
    /// whole connection; the closest one first.
    fn warning_about(&self, entity: &Entity, metric: MetricId) -> Option<&Warning> {
        let above = |known: &&Entity| known.parent.and_then(|parent| self.entities.get(parent));
        let mut line = std::iter::successors(Some(entity), above).take(DEEPEST);
        let warnings = &self.visits.warnings;
        line.find_map(|known| warnings.about(Some(&known.key), metric))
            .or_else(|| warnings.about(None, metric))
    }
}

fn said(warning: &Warning) -> String {
    match &warning.remedy {
        Some(remedy) => format!("{} {remedy}", warning.text),
        None => warning.text.clone(),
    }
}

/// Figures that are derived are often rightly absent: say what they would need.
fn nothing_to_say(metric: MetricId) -> Option<String> {
    let text = match metric {
        m if m == metrics::DRAIN_SECONDS => "What waits does not shrink steadily, so there is no time to drain.",
        m if m == metrics::LOSS_SECONDS => "At the present rates nothing is going to be lost.",
        m if m == metrics::OLDEST_AGE => "The broker does not tell it, and there is too little traffic to estimate it.",
        m if m == metrics::LAG_SECONDS => "There is too little history or traffic to tell how long ago it was.",
        _ => return None,
    };
    Some(text.into())
}

/// What a page should say something about, whether it was measured or not.
pub(super) fn expected(kind: EntityKind) -> &'static [MetricId] {
    match kind {
        EntityKind::Queue => &[
            metrics::DEPTH,
            metrics::IN_FLIGHT,
            metrics::OLDEST_AGE,
            metrics::DRAIN_SECONDS,
            metrics::CONSUMERS,
            metrics::PUBLISHED,
            metrics::DELIVERED,
            metrics::ACKNOWLEDGED,
            metrics::REDELIVERED,
        ],
        EntityKind::Stream => &[metrics::PUBLISHED],
        EntityKind::Subscription | EntityKind::StreamConsumer => {
            &[metrics::DEPTH, metrics::OLDEST_AGE, metrics::DRAIN_SECONDS]
        }
        EntityKind::Exchange => &[metrics::PUBLISHED],
        EntityKind::Topic => &[metrics::PUBLISHED],
        EntityKind::ConsumerGroup => &[
            metrics::LAG,
            metrics::LAG_SECONDS,
            metrics::DRAIN_SECONDS,
            metrics::CONSUMERS,
            metrics::ACKNOWLEDGED,
        ],
        EntityKind::Partition => &[metrics::KAFKA_END_OFFSET, metrics::KAFKA_START_OFFSET],
        EntityKind::GroupTopic => &[metrics::LAG, metrics::LAG_SECONDS],
        EntityKind::GroupPartition => &[metrics::LAG, metrics::LAG_SECONDS, metrics::KAFKA_COMMITTED_OFFSET],
        EntityKind::Cluster => &[
            metrics::UP,
            metrics::VISIT_SECONDS,
            metrics::VISIT_REQUESTS,
            metrics::VISIT_BYTES,
        ],
        EntityKind::Node
        | EntityKind::Vhost
        | EntityKind::Namespace
        | EntityKind::Account
        | EntityKind::Subject
        | EntityKind::Member
        | EntityKind::Consumer
        | EntityKind::Producer
        | EntityKind::Bridge
        | EntityKind::Service
        | EntityKind::Connector
        | EntityKind::Endpoint => &[],
    }
}
