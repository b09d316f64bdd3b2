//! The state behind one mutex that is never held across an await, and what is counted and waited for beside it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::state::{State, Stats};

/// The state as all tasks and handles have it.
#[derive(Debug)]
pub struct Shared {
    state: Mutex<State>,
    groups_changed: watch::Sender<()>,
    /// Held while a node is taken down or brought back, which takes longer than a look at the state.
    node_changes: Mutex<()>,
    connections: AtomicUsize,
    panics: AtomicUsize,
}

impl Shared {
    pub fn new(state: State) -> Self {
        Self {
            state: Mutex::new(state),
            groups_changed: watch::Sender::new(()),
            node_changes: Mutex::default(),
            connections: AtomicUsize::new(0),
            panics: AtomicUsize::new(0),
        }
    }

    /// Nothing in here panics half way through a change, so a poisoned lock is as good as any.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One node comes or goes at a time.
    pub fn change_nodes(&self) -> MutexGuard<'_, ()> {
        self.node_changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn stats(&self) -> Stats {
        Stats {
            connections: self.connections.load(Ordering::Relaxed),
            panics: self.panics.load(Ordering::Relaxed),
            ..self.lock().stats()
        }
    }

    /// Counts a connection until what is returned is dropped.
    pub fn connected(&self) -> Connected<'_> {
        self.connections.fetch_add(1, Ordering::Relaxed);
        Connected(self)
    }

    /// Those who wait for a join or a sync look again.
    pub fn wake_groups(&self) {
        self.groups_changed.send_replace(());
    }

    pub fn group_changes(&self) -> watch::Receiver<()> {
        self.groups_changed.subscribe()
    }
}

/// A connection that is being served. Its socket closes in the same way whether serving it ends or panics, so here is
/// where that is told apart.
#[derive(Debug)]
pub struct Connected<'a>(&'a Shared);

impl Drop for Connected<'_> {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::Relaxed);
        if std::thread::panicking() {
            self.0.panics.fetch_add(1, Ordering::Relaxed);
            tracing::error!("serving a connection has panicked");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Cluster;
    use crate::options::Options;

    #[test]
    fn connections_are_counted_while_they_last_and_panics_for_good() {
        let shared = Shared::new(State::new(Options::default(), Cluster::new("test".into(), &[1])));
        let count = || (shared.stats().connections, shared.stats().panics);
        let first = shared.connected();
        let served = std::thread::scope(|scope| {
            let served = scope.spawn(|| {
                let _second = shared.connected();
                assert_eq!(count(), (2, 0));
                panic!("this one is meant");
            });
            served.join()
        });
        assert!(served.is_err());
        assert_eq!(count(), (1, 1));
        drop(first);
        assert_eq!(count(), (0, 1));
    }
}
