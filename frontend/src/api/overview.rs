//! What needs a person, in one answer.

use brokerscope_contract::api::overview::Overview;
use brokerscope_contract::api::path;

use crate::api::{ApiError, http};

pub async fn get() -> Result<Overview, ApiError> {
    http::get(path::OVERVIEW).await
}
