//! Turns the wanted connections into running runners, and back.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use brokerscope_contract::{ConnectionId, Settings, System, Timestamp};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::collector::{CollectError, Collector};
use crate::runner::{Clock, Runner, Visit};

/// A connection that is to be watched.
#[derive(Clone, PartialEq)]
pub struct Wanted {
    pub connection: ConnectionId,
    /// For the log only: a connection that is merely renamed goes on undisturbed.
    pub name: String,
    pub system: System,
    pub settings: Settings,
    /// `None` leaves it to the collector and its settings.
    pub interval: Option<Duration>,
    /// The last answer that is stored; `None` before the first. It changes nothing about what runs already.
    pub known_until: Option<Timestamp>,
}

/// By hand, since the settings hold secrets.
impl fmt::Debug for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Wanted({} {:?} {})",
            self.connection.0,
            self.name,
            self.system.slug()
        )
    }
}

/// Makes a collector for a connection. Opens nothing.
pub type Build = dyn Fn(&Wanted) -> Result<Box<dyn Collector>, CollectError> + Send + Sync;

/// One runner per wanted connection. Dropping it stops them all.
pub struct Supervisor {
    clock: Clock,
    visits: mpsc::Sender<Visit>,
    build: Arc<Build>,
    running: HashMap<ConnectionId, Running>,
    /// Runners told to stop; kept so that their ends can be awaited.
    stopping: Vec<JoinHandle<()>>,
}

struct Running {
    wanted: Wanted,
    cancel: DropGuard,
    task: JoinHandle<()>,
}

impl Supervisor {
    /// Collectors come from this crate's registry; every visit goes to `visits`.
    pub fn new(clock: Clock, visits: mpsc::Sender<Visit>) -> Supervisor {
        Supervisor::with_build(clock, visits, Arc::new(build_from_registry))
    }

    /// The same with collectors from elsewhere.
    pub fn with_build(clock: Clock, visits: mpsc::Sender<Visit>, build: Arc<Build>) -> Supervisor {
        Supervisor {
            clock,
            visits,
            build,
            running: HashMap::new(),
            stopping: Vec::new(),
        }
    }

    /// Makes the running ones equal to `wanted`: starts, stops, and restarts those whose settings changed.
    /// Must be called inside a tokio runtime.
    pub fn apply(&mut self, wanted: Vec<Wanted>) {
        self.stopping.retain(|task| !task.is_finished());
        let mut before = std::mem::take(&mut self.running);
        for wanted in wanted {
            let running = match before.remove(&wanted.connection) {
                Some(running) if same_work(&running.wanted, &wanted) => Running { wanted, ..running },
                Some(outdated) => {
                    tracing::info!(connection = wanted.connection.0, name = %wanted.name, "settings changed, starting anew");
                    self.start(wanted, Some(outdated.stop()))
                }
                None => {
                    tracing::info!(connection = wanted.connection.0, name = %wanted.name, "watching");
                    self.start(wanted, None)
                }
            };
            self.running.insert(running.wanted.connection, running);
        }
        for (id, unwanted) in before {
            tracing::info!(connection = id.0, name = %unwanted.wanted.name, "no longer watching");
            self.stopping.push(unwanted.stop());
        }
    }

    /// Stops every runner and waits until the last one has ended.
    pub async fn shutdown(self) {
        let tasks: Vec<_> = self
            .running
            .into_values()
            .map(Running::stop)
            .chain(self.stopping)
            .collect();
        futures_util::future::join_all(tasks).await;
    }

    /// `predecessor` watched the same connection: two visits to it never overlap.
    fn start(&self, wanted: Wanted, predecessor: Option<JoinHandle<()>>) -> Running {
        let cancel = CancellationToken::new();
        let (build, cause) = (self.build.clone(), wanted.clone());
        let runner = Runner {
            connection: wanted.connection,
            make: Box::new(move || build(&cause)),
            interval: wanted.interval,
            clock: self.clock.clone(),
            visits: self.visits.clone(),
            cancel: cancel.clone(),
        };
        let task = tokio::spawn(async move {
            if let Some(predecessor) = predecessor {
                // It was cancelled; whether it ended well or by a panic makes no difference here.
                let _ = predecessor.await;
            }
            runner.run().await;
        });
        Running {
            wanted,
            cancel: cancel.drop_guard(),
            task,
        }
    }
}

impl Running {
    /// Cancels the runner; the handle tells when it has ended.
    fn stop(self) -> JoinHandle<()> {
        drop(self.cancel);
        self.task
    }
}

/// Whether both describe the same visits to the same broker.
fn same_work(a: &Wanted, b: &Wanted) -> bool {
    (a.system, &a.settings, a.interval) == (b.system, &b.settings, b.interval)
}

fn build_from_registry(wanted: &Wanted) -> Result<Box<dyn Collector>, CollectError> {
    let factory = crate::factory(wanted.system).ok_or_else(|| CollectError::Settings {
        detail: format!("This binary was built without {}.", wanted.system.label()),
        remedy: format!("Use a build with the feature \"{}\".", wanted.system.feature()),
    })?;
    let mut collector = factory.build(&wanted.settings).map_err(|problems| {
        let details: Vec<_> = problems
            .iter()
            .map(|problem| format!("{}: {}", problem.field, problem.detail))
            .collect();
        CollectError::Settings {
            detail: format!(
                "The settings cannot be used: {}.",
                details.join("; ").trim_end_matches('.')
            ),
            remedy: problems
                .first()
                .map(|problem| problem.remedy.clone())
                .unwrap_or_default(),
        }
    })?;
    if let Some(known_until) = wanted.known_until {
        collector.resume(known_until);
    }
    Ok(collector)
}

#[cfg(test)]
mod tests;
