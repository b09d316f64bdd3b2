//! Brings the stored connections in line with the configuration file.

use brokerscope_contract::connection::Origin;
use brokerscope_store::{NewConnection, StoredConnection};

use super::change::Accepted;
use super::error::ConnectionError;
use super::registry::{Connections, factory};
use super::sealing;
use crate::config::DeclaredConnection;
use crate::settings;

impl Connections {
    /// Called once at start, also without a file, and starts the runners.
    ///
    /// A connection that is no longer declared is paused and handed to the page instead of being removed: a start
    /// with the wrong file must not cost its history.
    pub async fn take_up(&self, declared: &[DeclaredConnection]) -> Result<(), ConnectionError> {
        let mut runners = self.runners.lock().await;
        let stored = self.store.connections().await?;
        for orphan in stored.iter().filter(|stored| stored.origin == Origin::File) {
            if !declared.iter().any(|declared| same(declared, orphan)) {
                self.hand_to_page(orphan.clone()).await?;
            }
        }
        for declared in declared {
            match stored.iter().find(|stored| same(declared, stored)) {
                Some(stored) => self.replace(stored.clone(), declared).await?,
                None => self.create(declared, &stored).await?,
            }
        }
        self.refresh(&mut runners).await
    }

    async fn hand_to_page(&self, mut orphan: StoredConnection) -> Result<(), ConnectionError> {
        tracing::warn!(
            name = %orphan.name,
            "no longer in the configuration file: paused, its history is kept; delete it on the page or declare it again"
        );
        orphan.origin = Origin::Page;
        orphan.paused = true;
        self.store.update_connection(&orphan).await?;
        self.record("connection.undeclare", &orphan).await;
        Ok(())
    }

    async fn replace(&self, before: StoredConnection, declared: &DeclaredConnection) -> Result<(), ConnectionError> {
        let accepted = accepted(declared)?;
        let unchanged = before.origin == Origin::File
            && before.paused == declared.paused
            && before.settings == accepted.settings
            && sealing::open(&self.vault, &before.name, before.sealed.as_deref()).as_ref() == Ok(&accepted.secrets);
        if unchanged {
            return Ok(());
        }
        let mut stored = before;
        self.put(&mut stored, accepted)?;
        stored.origin = Origin::File;
        stored.paused = declared.paused;
        self.store.update_connection(&stored).await?;
        self.record("connection.declare", &stored).await;
        Ok(())
    }

    async fn create(&self, declared: &DeclaredConnection, stored: &[StoredConnection]) -> Result<(), ConnectionError> {
        // The name of a connection to another system: that one makes way, with its history.
        if let Some(other) = stored.iter().find(|stored| stored.name == declared.name) {
            let mut other = other.clone();
            let secrets = self.kept_secrets(&other);
            other.name = aside(&other, stored);
            other.sealed = sealing::seal(&self.vault, &other.name, &secrets)?;
            other.origin = Origin::Page;
            other.paused = true;
            tracing::warn!(name = %other.name, "renamed and paused: the file declares its name for another system");
            self.store.update_connection(&other).await?;
        }
        let accepted = accepted(declared)?;
        let new = NewConnection {
            sealed: sealing::seal(&self.vault, &accepted.name, &accepted.secrets)?,
            name: accepted.name,
            system: declared.system,
            origin: Origin::File,
            paused: declared.paused,
            settings: accepted.settings,
            created_at: self.clock.now(),
        };
        let stored = self.store.add_connection(&new).await?;
        self.record("connection.declare", &stored).await;
        Ok(())
    }
}

/// A name for a connection that makes way: with its system, and a number where that is taken as well.
fn aside(other: &StoredConnection, stored: &[StoredConnection]) -> String {
    let (name, slug) = (&other.name, other.system.slug());
    let mut free = format!("{name} ({slug})");
    let mut number = 2;
    while stored.iter().any(|stored| stored.name == free) {
        free = format!("{name} ({slug} {number})");
        number += 1;
    }
    free
}

/// The file was checked when it was read; only the secrets have to be taken out.
fn accepted(declared: &DeclaredConnection) -> Result<Accepted, ConnectionError> {
    let mut settings = declared.settings.clone();
    let secrets = settings::split_secrets(&factory(declared.system)?.fields(), &mut settings);
    Ok(Accepted {
        name: declared.name.clone(),
        settings,
        secrets,
    })
}

fn same(declared: &DeclaredConnection, stored: &StoredConnection) -> bool {
    stored.name == declared.name && stored.system == declared.system
}
