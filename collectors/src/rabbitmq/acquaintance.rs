//! Asks every node's Prometheus endpoint the same question, and makes sure that it is one of this cluster.

use std::collections::{HashMap, HashSet};

use brokerscope_contract::Timestamp;
use futures_util::StreamExt;
use reqwest::Url;

use super::client::{Client, place};
use super::endpoints::Endpoint;
use super::failure::Failure;
use super::identity::{Cluster, Identity, Stranger};
use super::scrape::{self, NodeFigures, Scrape};
use crate::budget::Budget;

/// An endpoint that failed is left alone for this long.
const ENDPOINT_REST_MILLIS: i64 = 60_000;
/// Endpoints asked at the same time.
const AT_ONCE: usize = 4;

/// Who answered where, and which endpoints rest.
#[derive(Debug, Default)]
pub struct Acquaintance {
    nodes: HashMap<Url, String>,
    failed: HashMap<Url, (Timestamp, Failure)>,
    /// Of the cluster, as the node that answers for it told.
    cluster_id: Option<String>,
}

/// The answers of all endpoints that answered, by node.
#[derive(Debug, Default)]
pub struct Answers<T> {
    pub by_node: Vec<(String, T)>,
    pub failures: Vec<Failure>,
}

/// An answer that says whose it is.
pub trait FromNode: Sized {
    fn read(text: &str) -> Self;
    fn identity(&self) -> &Identity;
}

impl FromNode for Scrape {
    fn read(text: &str) -> Scrape {
        scrape::read_queues(text)
    }
    fn identity(&self) -> &Identity {
        &self.identity
    }
}

impl FromNode for NodeFigures {
    fn read(text: &str) -> NodeFigures {
        scrape::read_node(text)
    }
    fn identity(&self) -> &Identity {
        &self.identity
    }
}

impl<T> Answers<T> {
    /// Those of `running` that nobody spoke for.
    pub fn uncovered(&self, running: &[String]) -> Vec<String> {
        let seen: HashSet<&str> = self.by_node.iter().map(|(node, _)| node.as_str()).collect();
        running
            .iter()
            .filter(|node| !seen.contains(node.as_str()))
            .cloned()
            .collect()
    }
}

impl Acquaintance {
    /// Endpoints worth asking at `at`: one for each node, and none that failed a moment ago.
    pub fn worth_asking(&self, endpoints: Vec<Endpoint>, at: Timestamp) -> Vec<Endpoint> {
        let mut nodes = HashSet::new();
        let rests = |root: &Url| {
            let failed = self.failed.get(root);
            failed.is_some_and(|(when, _)| (0..ENDPOINT_REST_MILLIS).contains(&at.millis_since(*when)))
        };
        let known = |endpoint: &Endpoint| self.nodes.get(&endpoint.root).cloned().or(endpoint.node.clone());
        let first_of_its_node = |endpoint: &Endpoint| known(endpoint).is_none_or(|node| nodes.insert(node));
        endpoints
            .into_iter()
            .filter(|endpoint| !rests(&endpoint.root))
            .filter(first_of_its_node)
            .collect()
    }

    /// Why the endpoints that rest do so.
    pub fn last_failure(&self, root: &Url) -> Option<&Failure> {
        self.failed.get(root).map(|(_, failure)| failure)
    }

    /// Asks all endpoints the same question, and believes those that belong to the cluster.
    pub async fn ask_all<T: FromNode>(
        &mut self,
        client: &Client,
        endpoints: Vec<Endpoint>,
        path: &str,
        (cluster, at, budget): (&Cluster, Timestamp, Budget),
    ) -> Answers<T> {
        let asked = futures_util::stream::iter(endpoints.into_iter().map(|endpoint| async move {
            let text = budget.spend(client.scrape(&endpoint.root, path)).await;
            (endpoint, text.map(|text| T::read(&text)))
        }));
        let asked: Vec<(Endpoint, Result<T, Failure>)> = asked.buffer_unordered(AT_ONCE).collect().await;
        let identities = asked
            .iter()
            .filter_map(|(_, answer)| Some(answer.as_ref().ok()?.identity()));
        if let Some(id) = cluster.id_of(identities) {
            self.cluster_id = Some(id.to_string());
        }
        let mut answers = Answers {
            by_node: Vec::new(),
            failures: Vec::new(),
        };
        for (endpoint, answer) in asked {
            match answer.and_then(|answer| Ok((self.recognise(answer.identity(), &endpoint, cluster)?, answer))) {
                Ok((node, answer)) => {
                    self.failed.remove(&endpoint.root);
                    self.nodes.insert(endpoint.root, node.clone());
                    // Two addresses may turn out to be the same node.
                    if !answers.by_node.iter().any(|(known, _)| *known == node) {
                        answers.by_node.push((node, answer));
                    }
                }
                Err(failure) => {
                    answers.failures.push(failure.clone());
                    self.failed.insert(endpoint.root, (at, failure));
                }
            }
        }
        answers
    }

    fn recognise(&self, identity: &Identity, endpoint: &Endpoint, cluster: &Cluster) -> Result<String, Failure> {
        let node = identity.recognise(cluster, endpoint.node.as_deref(), self.cluster_id.as_deref());
        node.map(str::to_string)
            .map_err(|stranger| refused(&stranger, endpoint))
    }
}

/// An endpoint that is not one of ours, as a failure to ask it.
fn refused(stranger: &Stranger, endpoint: &Endpoint) -> Failure {
    let at = || format!("The Prometheus endpoint at {}", place(&endpoint.root));
    match stranger {
        Stranger::Nameless => Failure::NotRabbitMq(place(&endpoint.root), "it names no node".into()),
        Stranger::OtherCluster(name) => Failure::Foreign(at(), format!("another cluster, \"{name}\"")),
        Stranger::OtherNode(node) => Failure::Foreign(at(), format!("node {node}, which has an address of its own")),
    }
}

impl FromNode for Identity {
    fn read(text: &str) -> Identity {
        Identity::read(text)
    }
    fn identity(&self) -> &Identity {
        self
    }
}
