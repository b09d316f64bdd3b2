//! Whose Prometheus endpoint answered: figures of somebody else's broker must not be taken for ours.

use crate::prometheus::{Line, lines};

/// What an endpoint says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    pub node: Option<String>,
    /// The cluster's name as this node knows it. Unless it was set by hand, each node has its own idea.
    pub cluster: Option<String>,
    /// The same on all nodes of a cluster. The management API tells it to administrators only.
    pub id: Option<String>,
}

/// What the management API says about the cluster.
#[derive(Debug, Clone, Default)]
pub struct Cluster {
    /// The node that answered for the cluster, and the cluster's name as it knows it.
    pub speaker: Option<String>,
    pub name: Option<String>,
    /// All nodes; empty where the user may not see them.
    pub nodes: Vec<String>,
}

/// Why an endpoint is not one of the cluster's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stranger {
    /// It does not name its node: it is no RabbitMQ.
    Nameless,
    /// A node of another cluster, by that cluster's name.
    OtherCluster(String),
    /// Not the node that was expected at this address.
    OtherNode(String),
}

impl Identity {
    /// From an answer to any question.
    pub fn read(text: &str) -> Identity {
        let mut identity = Identity::default();
        lines(text).for_each(|line| identity.take(&line));
        identity
    }

    /// Takes what is in `line`, if it is the one.
    pub fn take(&mut self, line: &Line<'_>) {
        if line.name == "rabbitmq_identity_info" {
            let text = |label: &str| line.labels.get(label).map(String::from);
            self.node = text("rabbitmq_node");
            self.cluster = text("rabbitmq_cluster");
            self.id = text("rabbitmq_cluster_permanent_id");
        }
    }

    /// The node, if it is one of the cluster. `id` is the cluster's, where it is known already.
    pub fn recognise(&self, cluster: &Cluster, expected: Option<&str>, id: Option<&str>) -> Result<&str, Stranger> {
        let node = self.node.as_deref().ok_or(Stranger::Nameless)?;
        if expected.is_some_and(|expected| expected != node) {
            return Err(Stranger::OtherNode(node.into()));
        }
        let other_cluster = || Stranger::OtherCluster(self.cluster.clone().unwrap_or_else(|| node.into()));
        let speaks = cluster.speaker.as_deref() == Some(node);
        if !speaks && !cluster.nodes.is_empty() {
            if !cluster.nodes.iter().any(|known| known == node) {
                return Err(other_cluster());
            }
        } else if differ(self.cluster.as_deref(), cluster.name.as_deref()) && !agree(self.id.as_deref(), id) {
            return Err(other_cluster());
        }
        if !speaks && differ(self.id.as_deref(), id) {
            return Err(other_cluster());
        }
        Ok(node)
    }
}

impl Cluster {
    /// The cluster's id, as told by the node that answered for it.
    pub fn id_of<'a>(&self, mut identities: impl Iterator<Item = &'a Identity>) -> Option<&'a str> {
        let speaker = self.speaker.as_deref()?;
        let own = identities.find(|identity| identity.node.as_deref() == Some(speaker))?;
        own.id
            .as_deref()
            .filter(|_| !differ(own.cluster.as_deref(), self.name.as_deref()))
    }
}

fn differ(a: Option<&str>, b: Option<&str>) -> bool {
    a.zip(b).is_some_and(|(a, b)| a != b)
}

fn agree(a: Option<&str>, b: Option<&str>) -> bool {
    a.zip(b).is_some_and(|(a, b)| a == b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(node: &str, cluster: &str, id: &str) -> Identity {
        Identity {
            node: Some(node.into()),
            cluster: Some(cluster.into()),
            id: Some(id.into()),
        }
    }

    fn cluster(nodes: &[&str]) -> Cluster {
        Cluster {
            speaker: Some("a@x".into()),
            name: Some("a@host".into()),
            nodes: nodes.iter().map(|node| node.to_string()).collect(),
        }
    }

    #[test]
    fn nodes_of_one_cluster_may_have_different_ideas_of_its_name() {
        let (own, peer) = (identity("a@x", "a@host", "id-1"), identity("b@x", "b@host", "id-1"));
        let cluster = cluster(&["a@x", "b@x"]);
        let id = cluster.id_of([&peer, &own].into_iter());
        assert_eq!(id, Some("id-1"));
        assert_eq!(own.recognise(&cluster, None, id), Ok("a@x"));
        assert_eq!(peer.recognise(&cluster, Some("b@x"), id), Ok("b@x"));
        assert_eq!(peer.recognise(&cluster, None, None), Ok("b@x"), "the id may be unknown");
    }

    #[test]
    fn strangers_are_told_by_node_by_name_and_by_id() {
        let known = cluster(&["a@x", "b@x"]);
        let other = |name: &str| Err(Stranger::OtherCluster(name.into()));
        assert_eq!(
            identity("z@x", "z@host", "id-2").recognise(&known, None, None),
            other("z@host")
        );
        assert_eq!(
            identity("b@x", "b@host", "id-2").recognise(&known, None, Some("id-1")),
            other("b@host")
        );
        assert_eq!(
            identity("a@x", "other", "id-2").recognise(&known, None, None),
            other("other"),
            "a node of the same name"
        );
        let wrong_node = Err(Stranger::OtherNode("b@x".into()));
        assert_eq!(
            identity("b@x", "b@host", "id-1").recognise(&known, Some("a@x"), None),
            wrong_node
        );
        assert_eq!(
            Identity::default().recognise(&known, None, None),
            Err(Stranger::Nameless)
        );
    }

    #[test]
    fn without_a_list_of_nodes_name_or_id_must_agree() {
        let unknown = cluster(&[]);
        let peer = identity("b@x", "b@host", "id-1");
        assert_eq!(peer.recognise(&unknown, None, Some("id-1")), Ok("b@x"));
        assert_eq!(
            peer.recognise(&unknown, None, None),
            Err(Stranger::OtherCluster("b@host".into()))
        );
        assert_eq!(
            identity("b@x", "a@host", "id-1").recognise(&unknown, None, None),
            Ok("b@x")
        );
    }
}
