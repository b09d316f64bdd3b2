//! What exists in the cluster: the answers to the slow questions, kept together.

use std::collections::HashSet;

use super::config::Config;
use super::policies::Policies;
use super::wire::{Binding, Exchange, Queue, Vhost};

/// Objects of the virtual hosts that are watched.
#[derive(Debug, Default)]
pub struct Inventory {
    pub vhosts: Vec<Vhost>,
    pub exchanges: Vec<Exchange>,
    pub queues: Vec<Queue>,
    pub bindings: Vec<Binding>,
    pub policies: Policies,
}

impl Inventory {
    /// Leaves out what the connection is not to watch, and the binding by which the default exchange reaches every
    /// queue, which the broker invents for each.
    pub fn narrowed(mut self, config: &Config) -> Inventory {
        self.vhosts.retain(|vhost| config.wants_vhost(&vhost.name));
        self.exchanges.retain(|exchange| config.wants_vhost(&exchange.vhost));
        self.queues.retain(|queue| config.wants_vhost(&queue.vhost));
        self.bindings
            .retain(|binding| config.wants_vhost(&binding.vhost) && !binding.source.is_empty());
        self
    }

    /// Virtual hosts of which nothing was shown: each has exchanges from birth, so one without any is one that the
    /// user has no permission for.
    pub fn hidden_vhosts(&self) -> Vec<&str> {
        let seen: HashSet<&str> = self.exchanges.iter().map(|exchange| exchange.vhost.as_str()).collect();
        let names = self.vhosts.iter().map(|vhost| vhost.name.as_str());
        names.filter(|name| !seen.contains(name)).collect()
    }
}
