//! The one trait behind which every broker system is watched, and what it may answer.

use async_trait::async_trait;
use brokerscope_contract::{CheckDef, Field, FieldProblem, ProbeStep, Settings, Snapshot, System, Timestamp};
use tokio::sync::mpsc;

/// Makes collectors of one system from settings. Registered once per system in the crate's root.
///
/// Describing and validating open no connection: a factory works without any broker.
pub trait Factory: Send + Sync + 'static {
    fn system(&self) -> System;

    /// The settings of this system, in form order.
    fn fields(&self) -> Vec<Field>;

    /// Every health check that [`Snapshot::checks`] may hold, with meaning and remedy.
    fn checks(&self) -> Vec<CheckDef>;

    /// Parses and validates the settings. Every wrong field is named, not only the first one.
    fn build(&self, settings: &Settings) -> Result<Box<dyn Collector>, Vec<FieldProblem>>;
}

/// Watches one cluster. One visit at a time; the runner owns the loop, the deadline and the back-off.
///
/// A collector may keep what it learnt (an inventory, the last answers of slow questions): each question has
/// its own cadence, so one visit asks only what is due at `at`.
#[async_trait]
pub trait Collector: Send {
    /// Seconds between two visits when nothing else is configured.
    fn interval_seconds(&self) -> u64 {
        15
    }

    /// What happened until `known_until` is stored already, by an earlier process. Told once, before the first visit, and
    /// only of a connection that has answered before: a collector that can read the past reads what was missed.
    fn resume(&mut self, _known_until: Timestamp) {}

    /// The steps of "test connection". Each step is sent to `report` as soon as it ended.
    async fn probe(&mut self, report: &ProbeReport);

    /// One visit. `Err` only when nothing at all could be learnt; everything less is a snapshot with warnings.
    async fn collect(&mut self, at: Timestamp) -> Result<Snapshot, CollectError>;
}

/// Takes the steps of a probe. Sending never fails: when nobody listens any more the steps are dropped.
#[derive(Debug, Clone)]
pub struct ProbeReport {
    steps: mpsc::UnboundedSender<ProbeStep>,
    at: Timestamp,
}

impl ProbeReport {
    /// The report of a probe that begins at `at`, and the end at which its steps come out.
    pub fn channel(at: Timestamp) -> (ProbeReport, mpsc::UnboundedReceiver<ProbeStep>) {
        let (steps, receiver) = mpsc::unbounded_channel();
        (ProbeReport { steps, at }, receiver)
    }

    /// When the probe began, as a visit is told its time.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    pub fn step(&self, step: ProbeStep) {
        // The page was closed: the rest of the probe goes on unheard and ends by itself.
        let _ = self.steps.send(step);
    }
}

/// Why a visit brought nothing home. The text is a whole sentence for people and holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CollectError {
    #[error("{detail}")]
    Unreachable { detail: String, remedy: String },
    #[error("{detail}")]
    Tls { detail: String, remedy: String },
    #[error("{detail}")]
    Login { detail: String, remedy: String },
    /// Something answers, but it is not what the connection says it is, or its answer makes no sense.
    #[error("{detail}")]
    NotThisSystem { detail: String, remedy: String },
    /// The runner's deadline passed.
    #[error("{detail}")]
    TimedOut { detail: String, remedy: String },
    /// The connection's settings cannot be used; nothing was asked.
    #[error("{detail}")]
    Settings { detail: String, remedy: String },
    /// A fault of Brokerscope itself while it visited the broker.
    #[error("{detail}")]
    Defect { detail: String, remedy: String },
}

impl CollectError {
    pub fn remedy(&self) -> &str {
        match self {
            CollectError::Unreachable { remedy, .. }
            | CollectError::Tls { remedy, .. }
            | CollectError::Login { remedy, .. }
            | CollectError::NotThisSystem { remedy, .. }
            | CollectError::TimedOut { remedy, .. }
            | CollectError::Settings { remedy, .. }
            | CollectError::Defect { remedy, .. } => remedy,
        }
    }
}
