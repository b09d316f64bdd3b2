//! What a broker is made of.

use std::collections::HashSet;

use brokerscope_contract::{Attribute, ConnectionId, Elsewhere, EntityId, EntityKey, EntityKind, Timestamp};
use sqlx::{QueryBuilder, SqliteConnection};

use crate::rows::PER_STATEMENT;
use crate::visits::Plan;
use crate::{Store, StoreError, words};

#[derive(Debug, Clone, PartialEq)]
pub struct StoredEntity {
    pub id: EntityId,
    pub key: EntityKey,
    pub parent: Option<EntityId>,
    pub attributes: Vec<Attribute>,
    pub internal: bool,
    /// Where the real one is, when this is only what is known of it here.
    pub stands_for: Option<Elsewhere>,
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
    /// Set when the broker no longer has it.
    pub deleted_at: Option<Timestamp>,
}

impl Store {
    /// Every entity of the connection, deleted ones included, in the order of their ids.
    pub async fn entities(&self, connection: ConnectionId) -> Result<Vec<StoredEntity>, StoreError> {
        let state = self.inner.catalogue.read().connection(connection)?;
        let mut entities = read(&self.inner.readers, connection).await?;
        let state = state.read();
        for entity in &mut entities {
            if let Some(known) = state.known.get(&entity.id) {
                entity.last_seen = known.last_seen;
            }
        }
        Ok(entities)
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    kind: String,
    path: String,
    parent: Option<i64>,
    internal: bool,
    attributes: String,
    stands_for: Option<String>,
    first_seen: i64,
    last_seen: i64,
    deleted_at: Option<i64>,
}

/// The rows of the connection. One whose kind this release does not know is left out.
pub(crate) async fn read(
    from: impl sqlx::SqliteExecutor<'_>,
    connection: ConnectionId,
) -> Result<Vec<StoredEntity>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, kind, path, parent, internal, attributes, stands_for, first_seen, last_seen, deleted_at
         FROM entities WHERE connection = ? ORDER BY id",
    )
    .bind(connection.0)
    .fetch_all(from)
    .await?;
    let mut entities = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(kind) = EntityKind::from_slug(&row.kind) else {
            tracing::warn!(
                kind = row.kind,
                id = row.id,
                "an entity of a kind that this release does not know"
            );
            continue;
        };
        entities.push(StoredEntity {
            id: EntityId(row.id),
            key: EntityKey {
                kind,
                path: words::from_json(&row.path)?,
            },
            parent: row.parent.map(EntityId),
            attributes: words::from_json(&row.attributes)?,
            internal: row.internal,
            stands_for: row.stands_for.as_deref().map(words::from_json).transpose()?,
            first_seen: Timestamp(row.first_seen),
            last_seen: Timestamp(row.last_seen),
            deleted_at: row.deleted_at.map(Timestamp),
        });
    }
    Ok(entities)
}

/// Writes the entities that a visit created, described anew, lost or found again.
pub(crate) async fn write(tx: &mut SqliteConnection, connection: ConnectionId, plan: &Plan) -> Result<(), StoreError> {
    insert(tx, connection, plan).await?;
    update(tx, plan).await?;
    set_deleted(tx, &plan.revived, None, plan.at).await?;
    set_deleted(tx, &plan.deleted, Some(plan.at), plan.at).await
}

async fn insert(tx: &mut SqliteConnection, connection: ConnectionId, plan: &Plan) -> Result<(), StoreError> {
    for created in plan.created.chunks(PER_STATEMENT) {
        let mut tuples = Vec::with_capacity(created.len());
        for (id, key) in created {
            tuples.push((*id, key.kind.slug(), words::json(&key.path)?));
        }
        let mut query = QueryBuilder::new(
            "INSERT INTO entities (id, connection, kind, path, parent, internal, attributes, stands_for,
             first_seen, last_seen, deleted_at) ",
        );
        query.push_values(tuples, |mut tuple, (id, kind, path)| {
            let said = plan.described.get(&id);
            tuple
                .push_bind(id.0)
                .push_bind(connection.0)
                .push_bind(kind)
                .push_bind(path);
            tuple.push_bind(said.and_then(|said| said.parent).map(|parent| parent.0));
            tuple.push_bind(said.is_some_and(|said| said.internal));
            tuple.push_bind(said.map_or_else(|| "[]".to_string(), |said| said.attributes.clone()));
            tuple.push_bind(said.and_then(|said| said.stands_for.clone()));
            tuple.push_bind(plan.at.0).push_bind(plan.at.0);
            tuple.push_bind(plan.absent.contains(&id).then_some(plan.at.0));
        });
        query.build().persistent(false).execute(&mut *tx).await?;
    }
    Ok(())
}

async fn update(tx: &mut SqliteConnection, plan: &Plan) -> Result<(), StoreError> {
    let created: HashSet<EntityId> = plan.created.iter().map(|(id, _)| *id).collect();
    let known: Vec<_> = plan.described.iter().filter(|(id, _)| !created.contains(id)).collect();
    for described in known.chunks(PER_STATEMENT) {
        let mut query = QueryBuilder::new(
            "UPDATE entities SET parent = new.column2, internal = new.column3, attributes = new.column4,
             stands_for = new.column5, last_seen = new.column6 FROM (",
        );
        query.push_values(described, |mut tuple, (id, said)| {
            tuple
                .push_bind(id.0)
                .push_bind(said.parent.map(|parent| parent.0))
                .push_bind(said.internal);
            tuple
                .push_bind(said.attributes.clone())
                .push_bind(said.stands_for.clone())
                .push_bind(plan.at.0);
        });
        query.push(") AS new WHERE entities.id = new.column1");
        query.build().persistent(false).execute(&mut *tx).await?;
    }
    Ok(())
}

async fn set_deleted(
    tx: &mut SqliteConnection,
    ids: &[EntityId],
    deleted_at: Option<Timestamp>,
    at: Timestamp,
) -> Result<(), StoreError> {
    for ids in ids.chunks(PER_STATEMENT) {
        let mut query = QueryBuilder::new("UPDATE entities SET deleted_at = ");
        query.push_bind(deleted_at.map(|at| at.0));
        if deleted_at.is_none() {
            query.push(", last_seen = ").push_bind(at.0);
        }
        query.push(" WHERE id IN (");
        list_ids(&mut query, ids);
        query.push(")").build().persistent(false).execute(&mut *tx).await?;
    }
    Ok(())
}

/// Writes when entities were last seen; those of the same moment share a statement.
pub(crate) async fn write_last_seen(
    tx: &mut SqliteConnection,
    at: Timestamp,
    ids: &[EntityId],
) -> Result<(), StoreError> {
    for ids in ids.chunks(PER_STATEMENT) {
        let mut query = QueryBuilder::new("UPDATE entities SET last_seen = ");
        query.push_bind(at.0).push(" WHERE id IN (");
        list_ids(&mut query, ids);
        query.push(")").build().persistent(false).execute(&mut *tx).await?;
    }
    Ok(())
}

/// Removes the entities; what hangs on them goes with them.
pub(crate) async fn delete(tx: &mut SqliteConnection, ids: &[EntityId]) -> Result<(), StoreError> {
    for ids in ids.chunks(PER_STATEMENT) {
        let mut query = QueryBuilder::new("DELETE FROM entities WHERE id IN (");
        list_ids(&mut query, ids);
        query.push(")").build().persistent(false).execute(&mut *tx).await?;
    }
    Ok(())
}

fn list_ids(query: &mut QueryBuilder<sqlx::Sqlite>, ids: &[EntityId]) {
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind(id.0);
    }
}
