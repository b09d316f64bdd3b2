//! The questions to a Schema Registry, within a budget: single subjects have their turn.

use std::collections::BTreeSet;

use brokerscope_contract::Timestamp;
use futures_util::{StreamExt, stream};
use tokio::time::{Instant, timeout_at};

use super::super::rest::{Client, Failure, segment};
use super::memory::{Memory, Subject};
use super::wire::{Compatibility, Latest, Mode};

/// Subjects asked on one visit, each with two or three requests, and so many of them at once.
pub const SUBJECTS_PER_VISIT: usize = 30;
const AT_ONCE: usize = 4;
/// Latest versions on one page, and pages asked for on one visit: each version comes with its whole schema.
const PAGE: usize = 200;
const PAGES: usize = 10;

pub struct Answers {
    pub names: Result<BTreeSet<String>, Failure>,
    pub mode: Result<String, Failure>,
    pub level: Result<String, Failure>,
    /// When it was time to ask for all at once.
    pub all: Option<All>,
    pub subjects: Vec<(String, Subject)>,
}

impl Answers {
    /// Nothing could be asked, or the first question was not answered.
    pub fn failed(failure: Failure) -> Answers {
        Answers {
            names: Err(failure.clone()),
            mode: Err(failure.clone()),
            level: Err(failure),
            all: None,
            subjects: Vec::new(),
        }
    }
}

/// The latest versions of all subjects.
#[derive(Debug, Default)]
pub struct All {
    /// Whether the registry can tell them; nothing when it did not answer.
    pub told: Option<bool>,
    pub latest: Vec<Latest>,
}

/// Asks until `deadline` for the subjects of these topics; what was answered by then counts.
pub async fn ask(client: &Client, memory: &Memory, topics: &[&str], at: Timestamp, deadline: Instant) -> Answers {
    let asking = Asking { client, deadline };
    let names = match asking.of::<BTreeSet<String>>("subjects").await {
        Ok(names) => names,
        Err(failure) => return Answers::failed(failure),
    };
    let (mode, level) = tokio::join!(
        async { asking.of::<Mode>("mode").await.map(|answer| answer.mode) },
        async { asking.of::<Compatibility>("config").await.map(|answer| answer.level) },
    );
    let mut all = None;
    if memory.is_all_due(at) && !names.is_empty() {
        all = Some(asking.all(&names, memory.tells_all).await);
    }
    let tells = all.as_ref().map_or(memory.tells_all, |all| all.told) == Some(true);
    let listed = |name: &str| {
        all.iter()
            .flat_map(|all| &all.latest)
            .any(|latest| latest.subject == name)
    };
    // One that is newer than the list is asked for its latest version too.
    let is_told = |name: &str| tells && (memory.has_latest(name) || listed(name));
    let turn = memory.whose_turn(&names, topics.iter().copied(), at, SUBJECTS_PER_VISIT);
    let answers = stream::iter(turn)
        .map(|name| async {
            let told = asking.subject(&name, !is_told(&name)).await;
            (name, told)
        })
        .buffer_unordered(AT_ONCE);
    // One that no time was left for has its turn on the next visit.
    let answers = answers.filter_map(|(name, told)| async move { Some((name, told?)) });
    let subjects = answers.collect().await;
    Answers {
        names: Ok(names),
        mode,
        level,
        all,
        subjects,
    }
}

struct Asking<'a> {
    client: &'a Client,
    deadline: Instant,
}

impl Asking<'_> {
    async fn of<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        let asked = timeout_at(self.deadline, self.client.ask(path)).await;
        asked.unwrap_or_else(|_| Err(Failure::timed_out(self.client.service().name)))
    }

    /// Page by page. A registry that does not know the question is asked one by one.
    async fn all(&self, names: &BTreeSet<String>, before: Option<bool>) -> All {
        let mut all = All::default();
        for page in 0..PAGES {
            let path = format!("schemas?latestOnly=true&offset={}&limit={PAGE}", page * PAGE);
            match self.of::<Vec<Latest>>(&path).await {
                Ok(latest) => {
                    let count = latest.len();
                    all.latest
                        .extend(latest.into_iter().filter(|latest| names.contains(&latest.subject)));
                    all.told = Some(true);
                    // Fewer: the last page. More: the registry took no heed of pages, and told everything.
                    if count != PAGE {
                        return all;
                    }
                }
                Err(Failure::Unknown(..) | Failure::AnotherService(..)) => {
                    all.told = Some(false);
                    return all;
                }
                // Silent or refused at once: asked again on the next visit. Later, what the pages had counts, and
                // the rest is asked for one by one: to ask for all pages again each time would be a burden.
                Err(_) => {
                    if page == 0 {
                        all.told = before;
                    }
                    return all;
                }
            }
        }
        // More than fit on the pages: the rest is asked for one by one.
        all.told = Some(false);
        all
    }

    /// Nothing when the time was up.
    async fn subject(&self, name: &str, with_latest: bool) -> Option<Subject> {
        if Instant::now() >= self.deadline {
            return None;
        }
        let name = segment(name);
        let mut subject = Subject::default();
        match self.of::<Vec<i64>>(&format!("subjects/{name}/versions")).await {
            Ok(versions) => subject.versions = Some(versions.len()),
            Err(failure) => subject.trouble = Some(failure),
        }
        match self.of::<Compatibility>(&format!("config/{name}")).await {
            Ok(answer) => subject.level = Some(Some(answer.level)),
            // It has none of its own.
            Err(Failure::Unknown(..)) => subject.level = Some(None),
            Err(failure) => subject.trouble = subject.trouble.or(Some(failure)),
        }
        if with_latest {
            match self.of::<Latest>(&format!("subjects/{name}/versions/latest")).await {
                Ok(latest) => subject.latest = Some((latest.version, latest.kind)),
                Err(failure) => subject.trouble = subject.trouble.or(Some(failure)),
            }
        }
        Some(subject)
    }
}
