//! Sends ended spans to an OTLP receiver over HTTP, in batches, and never holds up the shop for it.

use std::time::Duration;

use tokio::sync::mpsc;

use super::otlp;
use super::span::Span;

/// Spans that wait while a request is under way; more are dropped.
const WAITING: usize = 4_096;
const BATCH: usize = 512;
const EVERY: Duration = Duration::from_secs(1);
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// Where spans go.
pub struct Exporter {
    address: String,
    arriving: mpsc::Receiver<Span>,
}

impl Exporter {
    /// `endpoint` is the base address, as in `OTEL_EXPORTER_OTLP_ENDPOINT`. The sender is for the tracer.
    pub fn new(endpoint: &str) -> (Exporter, mpsc::Sender<Span>) {
        let (sender, arriving) = mpsc::channel(WAITING);
        let address = format!("{}/v1/traces", endpoint.trim_end_matches('/'));
        (Exporter { address, arriving }, sender)
    }

    /// Runs until every tracer is gone.
    pub async fn run(mut self) {
        let client = match reqwest::Client::builder().timeout(ANSWER_WITHIN).build() {
            Ok(client) => client,
            Err(error) => {
                tracing::warn!(%error, "the demo's spans cannot be sent");
                return;
            }
        };
        let mut batch = Vec::with_capacity(BATCH);
        // Said once and not with every batch, until it works again.
        let mut failing = false;
        while self.arriving.recv_many(&mut batch, BATCH).await > 0 {
            let outcome = client.post(&self.address).json(&otlp::body(&batch)).send().await;
            let outcome = outcome.and_then(reqwest::Response::error_for_status);
            if let (Err(error), false) = (&outcome, failing) {
                tracing::warn!(%error, address = self.address, "the demo's spans are not taken");
            }
            failing = outcome.is_err();
            let more_is_waiting = batch.len() == BATCH;
            batch.clear();
            if !more_is_waiting {
                tokio::time::sleep(EVERY).await;
            }
        }
    }
}
