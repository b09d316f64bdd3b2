//! The words of Brokerscope: everything that the server and the page both say, written once.
//!
//! Only data and the tables that describe it live here: no I/O, no clock, nothing that decides.
//! The crate compiles natively and to WebAssembly.

pub mod absence;
pub mod api;
pub mod check;
pub mod connection;
pub mod elsewhere;
pub mod entity;
pub mod field;
pub mod kind;
pub mod link;
pub mod metric;
pub mod metrics;
pub mod probe;
pub mod problem;
pub mod rule;
pub mod snapshot;
pub mod system;
pub mod time;
pub mod verdict;

pub use absence::{Absence, Method, Reading};
pub use check::{CheckDef, CheckId, CheckResult};
pub use connection::{ConnectionId, Settings};
pub use elsewhere::{Elsewhere, Site};
pub use entity::{Attribute, Entity, EntityId, EntityKey};
pub use field::{Field, FieldKind};
pub use kind::{EntityKind, Role};
pub use link::{Evidence, Link, LinkKind};
pub use metric::{MetricDef, MetricId, MetricKind, Unit};
pub use probe::{ProbeStep, StepOutcome};
pub use problem::{FieldProblem, Problem};
pub use rule::{Alert, AlertState, Comparison, Rule, RuleId, Scope, Severity};
pub use snapshot::{Cost, History, Sample, ServerInfo, Snapshot, Warning};
pub use system::System;
pub use time::Timestamp;
pub use verdict::{Judgement, Status, Verdict};

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::*;

    fn written(value: impl Serialize) -> String {
        serde_json::to_value(value)
            .expect("it serialises")
            .as_str()
            .expect("as a string")
            .to_string()
    }

    #[test]
    fn slugs_are_what_the_api_writes() {
        for kind in EntityKind::ALL {
            assert_eq!(written(kind), kind.slug());
            assert_eq!(EntityKind::from_slug(kind.slug()), Some(*kind));
        }
        for verdict in Verdict::ALL {
            assert_eq!(written(verdict), verdict.slug());
            assert_eq!(Verdict::from_slug(verdict.slug()), Some(*verdict));
        }
        for system in System::ALL {
            assert_eq!(written(system), system.slug());
            assert_eq!(System::from_slug(system.slug()), Some(*system));
        }
        assert_eq!(System::from_slug("carrier-pigeon"), None);
    }

    #[test]
    fn a_metric_outside_the_table_is_refused() {
        assert_eq!(
            serde_json::from_str::<MetricId>("\"depth\"").expect("it is in the table"),
            metrics::DEPTH
        );
        let error = serde_json::from_str::<MetricId>("\"colour\"").expect_err("it is not");
        assert!(error.to_string().contains("unknown metric \"colour\""), "{error}");
    }

    #[test]
    fn a_stale_reading_keeps_its_value_and_its_time() {
        let reading = Reading::measured(12.0, Timestamp(5)).stale();
        assert_eq!(
            (reading.value, reading.at, reading.absent),
            (Some(12.0), Some(Timestamp(5)), Some(Absence::Stale))
        );
    }

    #[test]
    fn a_name_may_hold_any_character_and_the_scope_is_what_precedes_it() {
        let key = EntityKey::new(EntityKind::Queue, ["/", "a/b \"<c>\""]);
        assert_eq!((key.name(), key.scope().as_str()), ("a/b \"<c>\"", "/"));
        assert_eq!(
            (EntityKey::cluster().name(), EntityKey::cluster().scope().as_str()),
            ("", "")
        );
    }
}
