//! The edges between entities: only what changed since the visit before is written.

use brokerscope_contract::{ConnectionId, Link};
use sqlx::{QueryBuilder, SqliteConnection};

use crate::catalogue::connection::Edge;
use crate::rows::PER_STATEMENT;
use crate::visits::LinkChanges;
use crate::{Store, StoreError, words};

impl Store {
    /// The links as last told by the broker, in no particular order.
    pub async fn links(&self, connection: ConnectionId) -> Result<Vec<Link>, StoreError> {
        let connection = self.inner.catalogue.read().connection(connection)?;
        let connection = connection.read();
        let key = |id| connection.known.get(id).map(|known| (*known.key).clone());
        let links = connection.links.keys().filter_map(|edge| {
            Some(Link {
                from: key(&edge.from)?,
                to: key(&edge.to)?,
                kind: edge.kind,
                label: edge.label.clone(),
                evidence: edge.evidence,
            })
        });
        Ok(links.collect())
    }
}

/// Writes the changes and returns what was added, with row ids.
pub(crate) async fn write(
    tx: &mut SqliteConnection,
    connection: ConnectionId,
    changes: &LinkChanges,
) -> Result<Vec<(Edge, i64)>, StoreError> {
    for rows in changes.removed.chunks(PER_STATEMENT) {
        let mut query = QueryBuilder::new("DELETE FROM links WHERE id IN (");
        let mut list = query.separated(", ");
        for row in rows {
            list.push_bind(*row);
        }
        query.push(")").build().persistent(false).execute(&mut *tx).await?;
    }
    let (mut row,): (i64,) = sqlx::query_as("SELECT coalesce(max(id), 0) FROM links")
        .fetch_one(&mut *tx)
        .await?;
    let mut added = Vec::with_capacity(changes.added.len());
    for edges in changes.added.chunks(PER_STATEMENT) {
        let mut tuples = Vec::with_capacity(edges.len());
        for edge in edges {
            row += 1;
            tuples.push((row, edge, words::name(&edge.kind)?, words::name(&edge.evidence)?));
            added.push((edge.clone(), row));
        }
        let mut query =
            QueryBuilder::new("INSERT INTO links (id, connection, from_entity, to_entity, kind, label, evidence) ");
        query.push_values(tuples, |mut tuple, (row, edge, kind, evidence)| {
            tuple
                .push_bind(row)
                .push_bind(connection.0)
                .push_bind(edge.from.0)
                .push_bind(edge.to.0);
            tuple.push_bind(kind).push_bind(edge.label.clone()).push_bind(evidence);
        });
        query.build().persistent(false).execute(&mut *tx).await?;
    }
    Ok(added)
}
