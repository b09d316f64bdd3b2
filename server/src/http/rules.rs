//! `/rules`: alert thresholds, and what they would have done.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use brokerscope_contract::api::rules::{Preview, PreviewRequest, RuleView};
use brokerscope_contract::connection::Origin;
use brokerscope_contract::{FieldProblem, Rule, RuleId};

use super::error::ApiError;
use super::extract::{Id, Json};
use super::state::Api;
use crate::rules;

pub async fn list(State(api): State<Api>) -> Answer<Vec<RuleView>> {
    Answer(api.alerts.rules(api.now()))
}

pub async fn add(State(api): State<Api>, Json(rule): Json<Rule>) -> Result<Response, ApiError> {
    let rule = checked(Rule {
        id: RuleId(0),
        origin: Origin::Page,
        ..rule
    })?;
    let saved = api.alerts.save(rule, api.now()).await?;
    record(&api, "rule.add", &saved).await?;
    Ok((StatusCode::CREATED, Answer(saved)).into_response())
}

pub async fn update(State(api): State<Api>, Id(id): Id, Json(rule): Json<Rule>) -> Result<Answer<Rule>, ApiError> {
    let before = changeable(&api, id)?;
    let rule = checked(Rule {
        id: before.id,
        origin: before.origin,
        ..rule
    })?;
    let saved = api.alerts.save(rule, api.now()).await?;
    record(&api, "rule.change", &saved).await?;
    Ok(Answer(saved))
}

pub async fn delete(State(api): State<Api>, Id(id): Id) -> Result<StatusCode, ApiError> {
    let rule = changeable(&api, id)?;
    if rule.origin == Origin::BuiltIn {
        return Err(ApiError::ReadOnly {
            detail: format!("The rule \"{}\" is built in.", rule.name),
            remedy: "Switch it off instead.".to_string(),
        });
    }
    api.alerts.delete(rule.id, api.now()).await?;
    record(&api, "rule.delete", &rule).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn preview(State(api): State<Api>, Json(request): Json<PreviewRequest>) -> Result<Answer<Preview>, ApiError> {
    if request.from >= request.to {
        return Err(ApiError::field(
            "from",
            "is not before `to`",
            "Give a range that begins before it ends.",
        ));
    }
    let rule = rules::check(request.rule)
        .map_err(|problems| ApiError::Invalid(problems.into_iter().map(in_rule).collect()))?;
    let request = PreviewRequest { rule, ..request };
    Ok(Answer(api.alerts.preview(&request).await?))
}

/// The rule of this number, unless a file declares it.
fn changeable(api: &Api, id: i64) -> Result<Rule, ApiError> {
    let rules = api.alerts.rules(api.now());
    let found = rules
        .into_iter()
        .map(|view| view.rule)
        .find(|rule| rule.id == RuleId(id));
    let rule = found.ok_or(ApiError::NotFound("rule"))?;
    match rule.origin {
        Origin::File => Err(ApiError::ReadOnly {
            detail: format!("The rule \"{}\" is declared in the configuration file.", rule.name),
            remedy: "Change it there, and restart Brokerscope.".to_string(),
        }),
        Origin::Page | Origin::BuiltIn | Origin::Demo => Ok(rule),
    }
}

fn checked(rule: Rule) -> Result<Rule, ApiError> {
    rules::check(rule).map_err(ApiError::Invalid)
}

fn in_rule(mut problem: FieldProblem) -> FieldProblem {
    problem.field = format!("rule.{}", problem.field);
    problem
}

async fn record(api: &Api, action: &str, rule: &Rule) -> Result<(), ApiError> {
    tracing::info!(action, rule = rule.id.0, name = %rule.name, "rules changed");
    Ok(api.store.audit(api.now(), action, &rule.name).await?)
}
