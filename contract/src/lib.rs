//! The words of Brokerscope: everything that the server and the page both say, written once.
//!
//! Only data and the tables that describe it live here: no I/O, no clock, nothing that decides.
//! The crate compiles natively and to WebAssembly.

pub mod absence;
pub mod api;
pub mod check;
pub mod connection;
pub mod entity;
pub mod field;
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
pub use entity::{Attribute, Entity, EntityId, EntityKey, EntityKind, Evidence, Link, LinkKind, Role};
pub use field::{Field, FieldKind};
pub use metric::{MetricDef, MetricId, MetricKind, Unit};
pub use probe::{ProbeStep, StepOutcome};
pub use problem::{FieldProblem, Problem};
pub use rule::{Alert, AlertState, Comparison, Rule, RuleId, Scope, Severity};
pub use snapshot::{Cost, Sample, ServerInfo, Snapshot, Warning};
pub use system::System;
pub use time::Timestamp;
pub use verdict::{Judgement, Status, Verdict};
