//! Configured connections. Secrets are an opaque sealed blob here.

use std::sync::Arc;

use brokerscope_contract::connection::Origin;
use brokerscope_contract::{ConnectionId, Settings, System, Timestamp};

use sqlx::SqliteConnection;

use crate::catalogue::{Connection, Shared};
use crate::{Store, StoreError, words};

#[derive(Debug, Clone, PartialEq)]
pub struct StoredConnection {
    pub id: ConnectionId,
    pub name: String,
    pub system: System,
    pub origin: Origin,
    pub paused: bool,
    /// Settings without the secret ones.
    pub settings: Settings,
    /// The secret settings, encrypted by the server; the store cannot read them.
    pub sealed: Option<Vec<u8>>,
    pub created_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq)]
pub struct NewConnection {
    pub name: String,
    pub system: System,
    pub origin: Origin,
    pub paused: bool,
    pub settings: Settings,
    pub sealed: Option<Vec<u8>>,
    pub created_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    name: String,
    system: String,
    origin: String,
    paused: bool,
    settings: String,
    sealed: Option<Vec<u8>>,
    created_at: i64,
}

impl Row {
    fn read(self) -> Result<StoredConnection, StoreError> {
        Ok(StoredConnection {
            id: ConnectionId(self.id),
            name: self.name,
            system: System::from_slug(&self.system)
                .ok_or_else(|| StoreError::Damaged(format!("unknown system {:?}", self.system)))?,
            origin: words::named(self.origin)?,
            paused: self.paused,
            settings: words::from_json(&self.settings)?,
            sealed: self.sealed,
            created_at: Timestamp(self.created_at),
        })
    }
}

impl Store {
    /// All connections, oldest first.
    pub async fn connections(&self) -> Result<Vec<StoredConnection>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as("SELECT * FROM connections ORDER BY id")
            .fetch_all(&self.inner.readers)
            .await?;
        rows.into_iter().map(Row::read).collect()
    }

    pub async fn connection(&self, id: ConnectionId) -> Result<Option<StoredConnection>, StoreError> {
        let row: Option<Row> = sqlx::query_as("SELECT * FROM connections WHERE id = ?")
            .bind(id.0)
            .fetch_optional(&self.inner.readers)
            .await?;
        row.map(Row::read).transpose()
    }

    /// Fails with [`StoreError::NameTaken`] when another connection has the name.
    pub async fn add_connection(&self, new: &NewConnection) -> Result<StoredConnection, StoreError> {
        // By itself: between the row and its place in memory nobody may stop it.
        let (inner, new) = (self.inner.clone(), new.clone());
        let adding = tokio::spawn(async move {
            let mut writer = inner.writer().await?;
            let outcome = insert(&mut writer, new).await;
            let stored = inner.note(outcome)?;
            let state = Arc::new(Shared::new(Connection::new(stored.id)));
            inner.catalogue.write().connections.insert(stored.id, state);
            Ok(stored)
        });
        adding.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Replaces everything but the id and `created_at`.
    pub async fn update_connection(&self, connection: &StoredConnection) -> Result<(), StoreError> {
        let (origin, settings) = (words::name(&connection.origin)?, words::json(&connection.settings)?);
        self.inner
            .write(async |writer| {
                let done = sqlx::query(
                    "UPDATE connections SET name = ?, system = ?, origin = ?, paused = ?, settings = ?, sealed = ?
                     WHERE id = ?",
                )
                .bind(&connection.name)
                .bind(connection.system.slug())
                .bind(origin)
                .bind(connection.paused)
                .bind(settings)
                .bind(connection.sealed.as_deref())
                .bind(connection.id.0)
                .execute(writer)
                .await
                .map_err(StoreError::or_taken(&connection.name))?;
                if done.rows_affected() == 0 {
                    Err(StoreError::NotFound("connection"))
                } else {
                    Ok(())
                }
            })
            .await
    }

    /// Removes the connection with all that is known of its entities. Its id is never used again.
    ///
    /// Its samples may be many: they can no longer be read, and the next rounds of housekeeping delete them.
    pub async fn delete_connection(&self, id: ConnectionId) -> Result<(), StoreError> {
        self.inner.catalogue.read().connection(id)?;
        let inner = self.inner.clone();
        let deleting = tokio::spawn(async move {
            let mut writer = inner.writer().await?;
            let outcome = sqlx::query("DELETE FROM connections WHERE id = ?")
                .bind(id.0)
                .execute(&mut *writer)
                .await;
            inner.note(outcome.map_err(StoreError::from))?;
            inner.catalogue.write().connections.remove(&id);
            Ok(())
        });
        deleting.await.unwrap_or(Err(StoreError::Closed))
    }
}

async fn insert(writer: &mut SqliteConnection, new: NewConnection) -> Result<StoredConnection, StoreError> {
    let (id,): (i64,) = sqlx::query_as(
        "INSERT INTO connections (name, system, origin, paused, settings, sealed, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
    )
    .bind(&new.name)
    .bind(new.system.slug())
    .bind(words::name(&new.origin)?)
    .bind(new.paused)
    .bind(words::json(&new.settings)?)
    .bind(new.sealed.as_deref())
    .bind(new.created_at.0)
    .fetch_one(writer)
    .await
    .map_err(StoreError::or_taken(&new.name))?;
    Ok(StoredConnection {
        id: ConnectionId(id),
        name: new.name,
        system: new.system,
        origin: new.origin,
        paused: new.paused,
        settings: new.settings,
        sealed: new.sealed,
        created_at: new.created_at,
    })
}
