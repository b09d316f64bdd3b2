//! The door for faults and figures. What is done here shows through the protocol, as it would on a real cluster.

use std::sync::{Arc, mpsc as blocking};
use std::time::Duration;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::ApiKey;
use tokio::sync::mpsc;

use crate::broker::Command;
use crate::clock;
use crate::guarded::Shared;
use crate::node;
use crate::options::Error;
use crate::pose;
use crate::state::{State, Stats};

/// How long closing a node may take; it takes milliseconds.
const STOP_WITHIN: Duration = Duration::from_secs(5);
/// How long a port may be in another's hands, who got it by chance while its node was down.
const PORT_FREE_WITHIN: Duration = Duration::from_secs(2);

/// Switches faults of a running broker. Cheap to clone; may be used from any thread.
#[derive(Debug, Clone)]
pub struct Handle {
    shared: Arc<Shared>,
    commands: mpsc::UnboundedSender<Command>,
}

impl Handle {
    pub(crate) fn new(shared: Arc<Shared>, commands: mpsc::UnboundedSender<Command>) -> Self {
        Self { shared, commands }
    }

    /// The ids of all nodes, up or not.
    pub fn nodes(&self) -> Vec<i32> {
        self.shared.lock().cluster.ids().collect()
    }

    pub fn is_node_up(&self, node: i32) -> bool {
        self.shared.lock().cluster.is_up(node)
    }

    /// Closes a node's listener and its connections, and moves what it led. Nothing happens when it is down already.
    /// Waits for the broker's thread, and for another change of a node.
    pub fn kill_node(&self, node: i32) -> Result<(), Error> {
        let _changing = self.shared.change_nodes();
        {
            let (mut state, at) = (self.shared.lock(), clock::moment());
            let was_up = state.cluster.set_up(node, false, at.millis);
            if !was_up.ok_or(Error::NoSuchNode(node))? {
                return Ok(());
            }
            state.nodes_changed(at.now);
        }
        self.shared.wake_groups();
        let (done, stopped) = blocking::channel();
        self.commands
            .send(Command::Stop(node, done))
            .map_err(|_| Error::Stopped)?;
        stopped.recv_timeout(STOP_WITHIN).map_err(|_| Error::Stopped)?;
        tracing::info!(node, "node killed");
        Ok(())
    }

    /// Brings a node back on its port, which clients know, and gives it back what it prefers to lead. Waits a moment when
    /// the port is taken just now.
    ///
    /// # Errors
    /// The port is still taken then. The node stays down, and this can be tried again.
    pub fn restart_node(&self, node: i32) -> Result<(), Error> {
        let _changing = self.shared.change_nodes();
        let port = {
            let state = self.shared.lock();
            let known = state.cluster.node(node).ok_or(Error::NoSuchNode(node))?;
            if known.up {
                return Ok(());
            }
            known.port
        };
        let listener = node::listen_again(node, port, PORT_FREE_WITHIN)?;
        self.commands
            .send(Command::Start(node, listener))
            .map_err(|_| Error::Stopped)?;
        let (mut state, at) = (self.shared.lock(), clock::moment());
        state.cluster.set_up(node, true, at.millis);
        state.nodes_changed(at.now);
        drop(state);
        self.shared.wake_groups();
        tracing::info!(node, "node restarted");
        Ok(())
    }

    /// Takes a node's replicas out of sync: of one topic, or of all. Stays so until [`Handle::restore_isr`].
    pub fn shrink_isr(&self, topic: Option<&str>, node: i32) {
        self.change(|state| {
            state.cluster.let_lag(topic, node);
            state.settle_all();
        });
    }

    /// All replicas of nodes that are up are in sync again.
    pub fn restore_isr(&self) {
        self.change(|state| {
            state.cluster.let_catch_up();
            state.settle_all();
        });
    }

    /// Delays every answer to an API or to all, of a node or of all. Zero takes the delay away.
    pub fn delay_api(&self, api: Option<ApiKey>, node: Option<i32>, delay: Duration) {
        self.change(|state| state.faults.delay_api(api, node, delay));
    }

    pub fn clear_delays(&self) {
        self.change(|state| state.faults.clear_delays());
    }

    /// Answers an API with an error, at a node or at all.
    pub fn fail_api(&self, api: ApiKey, node: Option<i32>, error: ResponseError) {
        self.change(|state| state.faults.fail_api(api, node, error));
    }

    pub fn clear_errors(&self) {
        self.change(|state| state.faults.clear_errors());
    }

    /// Carries out a client's requests and then loses one answer in so many, together with the connection, as a bad
    /// network does. Who repeats the request without idempotence has it done twice.
    pub fn lose_answers(&self, api: ApiKey, client_id: &str, one_in: u32) {
        self.change(|state| state.faults.lose_answers(api, client_id, one_in));
    }

    pub fn clear_losses(&self) {
        self.change(|state| state.faults.clear_losses());
    }

    /// A group's coordinator says that it is loading: no joins, heartbeats or commits. Nobody expires meanwhile.
    pub fn pause_coordinator(&self, group: &str) {
        self.change(|state| state.faults.pause(group));
        self.shared.wake_groups();
    }

    pub fn resume_coordinator(&self, group: &str) {
        self.change(|state| {
            state.faults.resume(group);
            // Nobody could report, so everybody's time begins anew.
            state.forgive(clock::moment().now);
        });
    }

    /// Heals everything: nodes, replicas, delays, errors, losses, coordinators. Data and commits stay.
    pub fn reset(&self) -> Result<(), Error> {
        self.change(|state| {
            state.faults.clear();
            state.cluster.let_catch_up();
            state.forgive(clock::moment().now);
            state.settle_all();
        });
        self.nodes().into_iter().try_for_each(|node| self.restart_node(node))
    }

    /// Creates a topic, as CreateTopics would; fine when there is one of this name already.
    pub fn create_topic(&self, name: &str, partitions: i32) -> Result<(), ResponseError> {
        let created = self
            .shared
            .lock()
            .create_topic(name, partitions, -1, Default::default())
            .map(|_| ());
        match created {
            Err(ResponseError::TopicAlreadyExists) => Ok(()),
            other => other,
        }
    }

    /// Removes all records of a topic, as DeleteRecords would.
    pub fn empty_topic(&self, name: &str) -> Result<(), ResponseError> {
        let mut state = self.shared.lock();
        let topic = state
            .topics
            .get_mut(name)
            .ok_or(ResponseError::UnknownTopicOrPartition)?;
        for partition in &mut topic.partitions {
            partition.log.delete_before(-1)?;
        }
        Ok(())
    }

    /// Poses as a large cluster: topics `pose-00000` and so on with one small batch in each partition, and groups with
    /// a member and commits somewhat behind. They stay until the broker ends.
    pub fn pose(&self, topics: usize, partitions: i32, groups: usize) -> Result<(), ResponseError> {
        let at = clock::moment();
        pose::pose(&mut self.shared.lock(), topics, partitions, groups, at)
    }

    pub fn stats(&self) -> Stats {
        self.shared.stats()
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.shared.lock());
    }
}
