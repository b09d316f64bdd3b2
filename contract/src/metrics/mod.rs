//! The metric table: every metric, defined once, in a file per system beside the neutral ones.
//!
//! The API's catalogue, axes and units, the rule editor and the reference page are derived from it.

macro_rules! metrics {
    (of $system:expr; $($konst:ident = $name:literal, $kind:ident, $unit:ident, $label:literal, $meaning:literal;)*) => {
        $(#[doc = $meaning] pub const $konst: $crate::MetricId = $crate::MetricId($name);)*
        pub(crate) const DEFS: &[$crate::MetricDef] = &[
            $($crate::MetricDef {
                id: $konst,
                kind: $crate::MetricKind::$kind,
                unit: $crate::Unit::$unit,
                label: $label,
                meaning: $meaning,
                system: $system,
            },)*
        ];
    };
}

mod aws;
mod kafka;
mod nats;
mod neutral;
mod pubsub;
mod pulsar;
mod rabbitmq;

pub use aws::*;
pub use kafka::*;
pub use nats::*;
pub use neutral::*;
pub use pubsub::*;
pub use pulsar::*;
pub use rabbitmq::*;

use crate::{MetricDef, MetricId, MetricKind, Unit};

/// Stands in for an id that is not in the table, which the types make impossible from outside this crate.
pub(crate) const UNKNOWN: MetricDef = MetricDef {
    id: MetricId("unknown"),
    kind: MetricKind::Gauge,
    unit: Unit::Count,
    label: "Unknown",
    meaning: "Not a metric.",
    system: None,
};

/// Every metric, neutral ones first, in display order.
pub fn all() -> impl Iterator<Item = &'static MetricDef> {
    neutral::DEFS
        .iter()
        .chain(rabbitmq::DEFS)
        .chain(kafka::DEFS)
        .chain(pulsar::DEFS)
        .chain(nats::DEFS)
        .chain(aws::DEFS)
        .chain(pubsub::DEFS)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    #[test]
    fn names_are_unique_and_snake_case() {
        let mut seen = HashSet::new();
        for def in super::all() {
            assert!(seen.insert(def.id.name()), "{} is defined twice", def.id);
            assert!(
                def.id
                    .name()
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
            );
            assert!(def.meaning.ends_with('.'), "{}: a meaning is a sentence", def.id);
        }
    }
}
