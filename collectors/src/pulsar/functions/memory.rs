//! What is known of functions and connectors, and what is to be asked next.

use std::collections::BTreeMap;
use std::time::Duration;

use brokerscope_contract::{Attribute, EntityKey, EntityKind, Timestamp};

use super::Kind;
use super::wire::{Config, Status};
use crate::pulsar::failure::Failure;
use crate::pulsar::plan::is_due;

/// How often a namespace is asked for each of its lists, a component for its settings, and a broker without a worker
/// whether it has got one.
const SELDOM: Duration = Duration::from_secs(600);
/// How often a component is asked whether it runs.
const STATUS: Duration = Duration::from_secs(120);
/// Questions about single components on one visit.
pub const MOST_DETAILS: usize = 20;

/// A component: `tenant/namespace`, and its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id {
    pub namespace: String,
    pub name: String,
}

impl Id {
    /// Reads `tenant/namespace/name`, which is how its clients call themselves.
    pub fn parse(text: &str) -> Option<Id> {
        let (namespace, name) = text.rsplit_once('/')?;
        (namespace.contains('/') && !name.is_empty()).then(|| Id {
            namespace: namespace.into(),
            name: name.into(),
        })
    }

    pub fn key(&self) -> EntityKey {
        let path = self.namespace.split('/').chain([self.name.as_str()]);
        EntityKey::new(EntityKind::Connector, path)
    }

    /// Pulsar's own way to write it, which is also the name of its subscription.
    pub fn full(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}

/// Whether the brokers have a functions worker.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Worker {
    #[default]
    NotAsked,
    Present,
    /// Since when it is known, and what the broker says.
    Absent(Timestamp, Failure),
}

#[derive(Debug, Default)]
pub struct Component {
    pub config: Option<Config>,
    pub config_asked: Option<Timestamp>,
    pub status: Option<Result<Status, Failure>>,
    pub status_asked: Option<Timestamp>,
}

/// The last answer to one list of a namespace.
#[derive(Debug)]
struct List {
    asked: Timestamp,
    failure: Option<Failure>,
}

#[derive(Debug, Default)]
pub struct Functions {
    pub worker: Worker,
    lists: BTreeMap<(String, Kind), List>,
    pub components: BTreeMap<(Id, Kind), Component>,
}

/// One question to the worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    List(String, Kind),
    Config(Id, Kind),
    Status(Id, Kind),
}

pub enum Answer {
    List(Result<Vec<String>, Failure>),
    Config(Box<Result<Config, Failure>>),
    Status(Result<Status, Failure>),
}

impl Functions {
    /// The questions of this visit, at most `most`. Asked again after the answers, for one leads to the next.
    pub fn due(&self, namespaces: &[String], at: Timestamp, interval: Duration, most: usize) -> Vec<Ask> {
        let Some(first) = namespaces.first() else {
            return Vec::new();
        };
        let asked = match &self.worker {
            Worker::NotAsked => None,
            Worker::Absent(asked, _) => Some(*asked),
            Worker::Present => {
                let mut due = self.details_due(at, interval);
                let all = namespaces
                    .iter()
                    .flat_map(|name| Kind::ALL.map(|kind| (name.clone(), kind)));
                let lists = all.filter(|list| {
                    let asked = self.lists.get(list).map(|list| list.asked);
                    is_due(asked, at, SELDOM, interval)
                });
                due.extend(lists.map(|(name, kind)| Ask::List(name, kind)));
                due.truncate(most);
                return due;
            }
        };
        match is_due(asked, at, SELDOM, interval) && most > 0 {
            true => vec![Ask::List(first.clone(), Kind::Function)],
            false => Vec::new(),
        }
    }

    /// What was never asked comes first, then what was not asked for longest. What was asked on this visit counts.
    fn details_due(&self, at: Timestamp, interval: Duration) -> Vec<Ask> {
        let mut due: Vec<(Option<Timestamp>, Ask)> = Vec::new();
        let mut spent = 0;
        for ((id, kind), known) in &self.components {
            for (asked, cadence, ask) in [
                (known.config_asked, SELDOM, Ask::Config(id.clone(), *kind)),
                (known.status_asked, STATUS, Ask::Status(id.clone(), *kind)),
            ] {
                spent += usize::from(asked == Some(at));
                if is_due(asked, at, cadence, interval) {
                    due.push((asked, ask));
                }
            }
        }
        due.sort_by_key(|(asked, _)| *asked);
        due.truncate(MOST_DETAILS.saturating_sub(spent));
        due.into_iter().map(|(_, ask)| ask).collect()
    }

    pub fn take(&mut self, ask: Ask, answer: Answer, at: Timestamp) {
        match (ask, answer) {
            (Ask::List(namespace, kind), Answer::List(answer)) => self.take_list(namespace, kind, answer, at),
            (Ask::Config(id, kind), Answer::Config(answer)) => {
                if let Some(known) = self.components.get_mut(&(id, kind)) {
                    known.config_asked = Some(at);
                    // One that is asked in vain is shown as it was.
                    known.config = (*answer).ok().or(known.config.take());
                }
            }
            (Ask::Status(id, kind), Answer::Status(answer)) => {
                if let Some(known) = self.components.get_mut(&(id, kind)) {
                    known.status_asked = Some(at);
                    known.status = Some(answer);
                }
            }
            // A question has an answer of its own kind.
            _ => {}
        }
    }

    fn take_list(&mut self, namespace: String, kind: Kind, answer: Result<Vec<String>, Failure>, at: Timestamp) {
        let answer = match answer {
            Err(failure) if says_no_worker(&failure) => {
                self.worker = Worker::Absent(at, failure);
                return;
            }
            // The namespace was deleted since.
            Err(Failure::Missing(..)) => Ok(Vec::new()),
            other => other,
        };
        self.worker = Worker::Present;
        let failure = match answer {
            Ok(names) => {
                let is_gone = |id: &Id| id.namespace == namespace && !names.contains(&id.name);
                self.components.retain(|(id, other), _| *other != kind || !is_gone(id));
                // A name is of one kind: one that comes up here is no longer what it was.
                let is_new = |id: &Id| id.namespace == namespace && names.contains(&id.name);
                self.components.retain(|(id, other), _| *other == kind || !is_new(id));
                for name in names {
                    let namespace = namespace.clone();
                    self.components.entry((Id { namespace, name }, kind)).or_default();
                }
                None
            }
            Err(failure) => Some(failure),
        };
        self.lists.insert((namespace, kind), List { asked: at, failure });
    }

    /// That there is no worker, for whoever looks for functions.
    pub fn absent(&self) -> Option<Attribute> {
        match &self.worker {
            Worker::Absent(_, failure) if self.components.is_empty() => {
                Some(Attribute::new("functions worker", "none").note(failure.to_string()))
            }
            _ => None,
        }
    }

    /// Forgets what is in namespaces that are no more.
    pub fn keep(&mut self, exists: impl Fn(&str) -> bool) {
        self.lists.retain(|(namespace, _), _| exists(namespace));
        self.components.retain(|(id, _), _| exists(&id.namespace));
    }

    /// Lists that were not answered.
    pub fn failures(&self) -> impl Iterator<Item = (&str, Kind, &Failure)> {
        let lists = self.lists.iter();
        lists.filter_map(|((namespace, kind), list)| Some((namespace.as_str(), *kind, list.failure.as_ref()?)))
    }

    /// Whether everything that there is has been told.
    pub fn is_whole(&self, namespaces: impl Iterator<Item = impl AsRef<str>>) -> bool {
        let told = |name: &str| {
            Kind::ALL
                .iter()
                .all(|kind| self.lists.contains_key(&(name.to_string(), *kind)))
        };
        match self.worker {
            Worker::NotAsked => false,
            Worker::Absent(..) => true,
            Worker::Present => {
                let mut namespaces = namespaces;
                namespaces.all(|name| told(name.as_ref()))
            }
        }
    }
}

/// A broker without a worker says 409, an old one does not know the question, and one whose worker is still starting
/// says 503.
fn says_no_worker(failure: &Failure) -> bool {
    matches!(failure, Failure::Unsupported(_) | Failure::Status(_, 409 | 503, _))
}
