//! The last verdict about each entity, so that "since when" survives a restart.

use brokerscope_contract::{ConnectionId, EntityId, Judgement, Timestamp, Verdict};
use sqlx::{Connection as _, QueryBuilder};

use crate::rows::PER_STATEMENT;
use crate::{Store, StoreError, words};

impl Store {
    /// Replaces the judgements of these entities. Entities that no longer exist are passed over.
    pub async fn save_judgements(&self, judgements: &[(EntityId, Judgement)]) -> Result<(), StoreError> {
        if judgements.is_empty() {
            return Ok(());
        }
        self.inner
            .write(async |writer| {
                let mut tx = writer.begin().await?;
                for judgements in judgements.chunks(PER_STATEMENT) {
                    let mut tuples = Vec::with_capacity(judgements.len());
                    for (entity, judgement) in judgements {
                        let absent = judgement.absent.as_ref().map(words::name).transpose()?;
                        tuples.push((entity, judgement, absent));
                    }
                    let mut query = QueryBuilder::new(
                        "INSERT OR REPLACE INTO judgements (entity, verdict, sentence, since, absent) SELECT * FROM (",
                    );
                    query.push_values(tuples, |mut tuple, (entity, judgement, absent)| {
                        tuple.push_bind(entity.0).push_bind(judgement.verdict.slug());
                        tuple
                            .push_bind(judgement.sentence.clone())
                            .push_bind(judgement.since.0)
                            .push_bind(absent);
                    });
                    query.push(") WHERE column1 IN (SELECT id FROM entities)");
                    query.build().persistent(false).execute(&mut *tx).await?;
                }
                Ok(tx.commit().await?)
            })
            .await
    }

    pub async fn judgements(&self, connection: ConnectionId) -> Result<Vec<(EntityId, Judgement)>, StoreError> {
        let rows: Vec<(i64, String, String, i64, Option<String>)> = sqlx::query_as(
            "SELECT entity, verdict, sentence, since, absent FROM judgements
             JOIN entities ON entities.id = entity WHERE connection = ? ORDER BY entity",
        )
        .bind(connection.0)
        .fetch_all(&self.inner.readers)
        .await?;
        rows.into_iter()
            .map(|(entity, verdict, sentence, since, absent)| {
                let judgement = Judgement {
                    verdict: Verdict::from_slug(&verdict)
                        .ok_or_else(|| StoreError::Damaged(format!("unknown verdict {verdict:?}")))?,
                    sentence,
                    since: Timestamp(since),
                    absent: absent.map(words::named).transpose()?,
                };
                Ok((EntityId(entity), judgement))
            })
            .collect()
    }
}
