//! The table of contents: every path, who answers it, and what stands around all of them.

use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{Next, from_fn, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use brokerscope_contract::api::alerts::CHART;
use brokerscope_contract::api::path;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::timeout::RequestBodyTimeoutLayer;

use super::error::ApiError;
use super::guard::{Hosts, guard};
use super::state::Api;
use super::{
    alerts, chart, connections, demo, entities, etag, events, extract, headers, health, metrics, openapi, overview,
    probes, rows, rules, series, systems, topology, webhook,
};
use crate::web;

/// Until the head of an answer is there. Nothing here waits for a broker, except a test, whose head comes at once.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// Until the whole body of a request is there.
const BODY_WITHIN: Duration = Duration::from_secs(15);

pub fn router(api: Api, hosts: Hosts) -> Router {
    let guarded = Router::new()
        .merge(data())
        .merge(streams())
        .fallback(web::page)
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .layer(DefaultBodyLimit::max(extract::BODY_LIMIT_BYTES))
        .layer(RequestBodyTimeoutLayer::new(BODY_WITHIN))
        .layer(from_fn_with_state(hosts, guard));
    Router::new()
        .merge(guarded)
        .merge(outside_the_guard())
        .layer(from_fn(in_time))
        .layer(tower_http::catch_panic::CatchPanicLayer::custom(panicked))
        .layer(map_response(headers::protect))
        .with_state(api)
}

/// Whole answers: those in JSON are tagged, so that an unchanged one is not sent again, and compressed.
#[rustfmt::skip]
fn data() -> Router<Api> {
    let worth_compressing = SizeAbove::new(512).and(NotForContentType::IMAGES);
    Router::new()
        .route(path::OVERVIEW,                get(overview::show))
        .route(path::SYSTEMS,                 get(systems::list))
        .route(path::METRICS,                 get(metrics::catalogue))
        .route(path::CONNECTIONS,             get(connections::list).post(connections::add))
        .route(&with_id(path::CONNECTIONS),   get(connections::show).put(connections::update)
                                                  .patch(connections::pause).delete(connections::delete))
        .route(path::DESTINATIONS,            get(rows::destinations))
        .route(path::SUBSCRIPTIONS,           get(rows::subscriptions))
        .route(&with_id(path::ENTITIES),      get(entities::show))
        .route(path::SERIES,                  get(series::show))
        .route(path::TOPOLOGY,                get(topology::show))
        .route(path::HEALTH,                  get(health::list))
        .route(path::RULES,                   get(rules::list).post(rules::add))
        .route(path::RULE_PREVIEW,            post(rules::preview))
        .route(&with_id(path::RULES),         put(rules::update).delete(rules::delete))
        .route(path::ALERTS,                  get(alerts::list))
        .route(&format!("{}/{CHART}", with_id(path::ALERTS)), get(chart::of_alert))
        .route(path::WEBHOOK,                 get(webhook::show).put(webhook::set))
        .route(path::WEBHOOK_TEST,            post(webhook::test))
        .route(path::DEMO,                    get(demo::show).post(demo::switch_on).delete(demo::switch_off))
        .route(&format!("{}/{{slug}}", path::DEMO_FAULTS), put(demo::set_fault))
        .route(path::DEMO_RESET,              post(demo::reset))
        .route(openapi::PATH,                 get(openapi::show))
        .layer(from_fn(etag::etag))
        .layer(CompressionLayer::new().compress_when(worth_compressing))
}

/// Answers that come piece by piece: neither held back nor compressed.
#[rustfmt::skip]
fn streams() -> Router<Api> {
    Router::new()
        .route(path::EVENTS,                  get(events::stream))
        .route(path::CONNECTION_TEST,         post(connections::test))
        .route("/metrics",                    get(metrics::prometheus))
}

/// For container platforms, which ask by whatever address they know, and are told nothing but yes or no.
#[rustfmt::skip]
fn outside_the_guard() -> Router<Api> {
    Router::new()
        .route("/healthz",                    get(probes::alive))
        .route("/readyz",                     get(probes::ready))
}

fn with_id(path: &str) -> String {
    format!("{path}/{{id}}")
}

async fn in_time(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_string();
    match tokio::time::timeout(ANSWER_WITHIN, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::TooSlow { path }.into_response(),
    }
}

fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    ApiError::Internal(format!("a handler panicked: {}", text.unwrap_or("no message"))).into_response()
}
