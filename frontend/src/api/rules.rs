//! Alert rules and their preview.

use brokerscope_contract::api::path;
use brokerscope_contract::api::rules::{Preview, PreviewRequest, RuleView};
use brokerscope_contract::rule::{Rule, RuleId};

use crate::api::{ApiError, http};

pub async fn list() -> Result<Vec<RuleView>, ApiError> {
    http::get(path::RULES).await
}

pub async fn create(rule: &Rule) -> Result<Rule, ApiError> {
    http::post(path::RULES, rule).await
}

pub async fn update(rule: &Rule) -> Result<Rule, ApiError> {
    http::put(&one(rule.id), rule).await
}

pub async fn delete(id: RuleId) -> Result<(), ApiError> {
    http::delete(&one(id)).await
}

pub async fn preview(request: &PreviewRequest) -> Result<Preview, ApiError> {
    http::post(path::RULE_PREVIEW, request).await
}

pub fn one(id: RuleId) -> String {
    format!("{}/{}", path::RULES, id.0)
}
