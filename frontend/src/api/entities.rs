//! Destinations, subscriptions and single entities.

use brokerscope_contract::EntityId;
use brokerscope_contract::api::entities::{Rows, RowsQuery};
use brokerscope_contract::api::path;

use crate::api::{ApiError, http};
use crate::query::Query;

/// Which of the two tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    Destinations,
    Subscriptions,
}

impl Table {
    pub fn path(self) -> &'static str {
        match self {
            Table::Destinations => path::DESTINATIONS,
            Table::Subscriptions => path::SUBSCRIPTIONS,
        }
    }
}

pub async fn rows(table: Table, query: &RowsQuery) -> Result<Rows, ApiError> {
    http::get(&rows_path(table, query)).await
}

pub fn rows_path(table: Table, query: &RowsQuery) -> String {
    Query::of(query).on(table.path())
}

pub fn one(id: EntityId) -> String {
    format!("{}/{}", path::ENTITIES, id.0)
}
