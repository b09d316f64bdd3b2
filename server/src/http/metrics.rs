//! `GET /api/v1/metrics`, the catalogue of what can be measured, and `/metrics`, Brokerscope about itself for Prometheus.

use std::fmt::Write;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderName;
use axum::http::header::CONTENT_TYPE;
use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::{MetricDef, Timestamp, Verdict, metrics};

use super::state::Api;
use crate::process;

pub async fn catalogue() -> Json<Vec<&'static MetricDef>> {
    Json(metrics::all().collect())
}

pub async fn prometheus(State(api): State<Api>) -> ([(HeaderName, &'static str); 1], String) {
    let now = api.now();
    let mut page = Page::default();
    page.family(
        "brokerscope_build_info",
        "gauge",
        "The version of this binary; always 1.",
    );
    page.sample("brokerscope_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1.0);
    page.number(
        "process_start_time_seconds",
        "gauge",
        "When the process started.",
        Some(seconds(api.process.started_at)),
    );
    page.number(
        "process_cpu_seconds_total",
        "counter",
        "Processor time used.",
        process::cpu_seconds(),
    );
    let resident = process::resident_bytes().map(|bytes| bytes as f64);
    page.number("process_resident_memory_bytes", "gauge", "Memory occupied.", resident);
    let store = api.store.health();
    page.number(
        "brokerscope_database_bytes",
        "gauge",
        "Size of the database on disk.",
        Some(store.bytes as f64),
    );
    let pending = Some(store.pending_samples as f64);
    page.number(
        "brokerscope_pending_samples",
        "gauge",
        "Samples stored but not yet compressed.",
        pending,
    );
    let writable = Some(f64::from(u8::from(store.trouble.is_none())));
    page.number(
        "brokerscope_store_writable",
        "gauge",
        "1 while what is collected can be stored.",
        writable,
    );
    let firing = Some(api.alerts.firing() as f64);
    page.number("brokerscope_alerts_firing", "gauge", "Alerts that fire now.", firing);
    connections(&mut page, &api.live.connections(now), now);
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], page.0)
}

/// A family of one sample per connection; `None` leaves the connection out.
type Family = (
    &'static str,
    &'static str,
    fn(&ConnectionView, Timestamp) -> Option<f64>,
);

const PER_CONNECTION: &[Family] = &[
    (
        "brokerscope_connection_up",
        "1 when the last visit got an answer.",
        |view, _| {
            let up = view.judgement.verdict != Verdict::Unreachable;
            (!view.paused && view.last_answer_at.is_some() || !up).then_some(f64::from(u8::from(up)))
        },
    ),
    (
        "brokerscope_connection_paused",
        "1 while the connection is paused.",
        |view, _| Some(f64::from(u8::from(view.paused))),
    ),
    (
        "brokerscope_connection_answer_age_seconds",
        "Time since the last visit that got an answer.",
        |view, now| view.last_answer_at.map(|at| now.seconds_since(at).max(0.0)),
    ),
    (
        "brokerscope_visit_seconds",
        "How long the last visit took.",
        |view, _| view.cost.map(|cost| cost.seconds),
    ),
    (
        "brokerscope_visit_requests",
        "Requests that the last visit sent to the broker.",
        |view, _| view.cost.map(|cost| f64::from(cost.requests)),
    ),
    (
        "brokerscope_visit_bytes",
        "Bytes that the last visit received from the broker.",
        |view, _| view.cost.map(|cost| cost.bytes as f64),
    ),
    (
        "brokerscope_connection_destinations",
        "Destinations known.",
        |view, _| Some(view.destinations as f64),
    ),
    (
        "brokerscope_connection_subscriptions",
        "Subscriptions known.",
        |view, _| Some(view.subscriptions as f64),
    ),
];

fn connections(page: &mut Page, views: &[ConnectionView], now: Timestamp) {
    for (name, meaning, value) in PER_CONNECTION {
        page.family(name, "gauge", meaning);
        for view in views {
            if let Some(value) = value(view, now) {
                page.sample(
                    name,
                    &[("connection", &view.name), ("system", view.system.slug())],
                    value,
                );
            }
        }
    }
}

fn seconds(at: Timestamp) -> f64 {
    at.0 as f64 / 1000.0
}

/// The text format of Prometheus while it is being written.
#[derive(Default)]
struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, meaning: &str) {
        // Writing to a string does not fail.
        let _ = writeln!(self.0, "# HELP {name} {meaning}\n# TYPE {name} {kind}");
    }

    /// A family of one sample; left out altogether when it cannot be measured.
    fn number(&mut self, name: &str, kind: &str, meaning: &str, value: Option<f64>) {
        if let Some(value) = value {
            self.family(name, kind, meaning);
            self.sample(name, &[], value);
        }
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: f64) {
        let labels: Vec<String> = labels
            .iter()
            .map(|(key, text)| format!("{key}=\"{}\"", escaped(text)))
            .collect();
        let labels = if labels.is_empty() {
            String::new()
        } else {
            format!("{{{}}}", labels.join(","))
        };
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_escaped_and_an_unknown_number_is_left_out() {
        let mut page = Page::default();
        page.number("a", "gauge", "A.", None);
        page.number("b", "counter", "B.", Some(1.5));
        page.sample("c", &[("connection", "say \"hi\"\n\\o/"), ("system", "kafka")], 1e9);
        assert_eq!(
            page.0,
            "# HELP b B.\n# TYPE b counter\nb 1.5\nc{connection=\"say \\\"hi\\\"\\n\\\\o/\",system=\"kafka\"} 1000000000\n"
        );
    }
}
