//! "Test connection": the steps, while they happen.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use brokerscope_collectors::ProbeReport;
use brokerscope_contract::api::connections::ConnectionRequest;
use brokerscope_contract::{ProbeStep, StepOutcome};
use futures_util::Stream;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_util::task::AbortOnDropHandle;

use super::change;
use super::error::ConnectionError;
use super::registry::{Connections, factory};
use crate::settings::Secrets;

/// Every step has its own deadline; this one is for a collector that forgot.
const LONGEST_TEST: Duration = Duration::from_secs(90);

/// The steps of one test. Dropping it ends the test.
pub struct ProbeSteps {
    steps: UnboundedReceiver<ProbeStep>,
    _task: AbortOnDropHandle<()>,
}

impl Connections {
    /// Tries the settings out. Nothing is stored.
    pub async fn test(&self, request: &ConnectionRequest) -> Result<ProbeSteps, ConnectionError> {
        let factory = factory(request.system)?;
        let kept = match request.id {
            Some(id) => {
                let stored = self.store.connection(id).await?.ok_or(ConnectionError::NotFound)?;
                self.kept_secrets(&stored)
            }
            None => Secrets::new(),
        };
        let settings = change::complete(factory.as_ref(), request, &kept)?;
        let mut collector = factory.build(&settings).map_err(ConnectionError::Invalid)?;
        let place = Arc::clone(&self.tests)
            .try_acquire_owned()
            .map_err(|_| ConnectionError::TooManyTests)?;
        let (report, steps) = ProbeReport::channel(self.clock.now());
        let task = tokio::spawn(async move {
            let _place = place;
            if tokio::time::timeout(LONGEST_TEST, collector.probe(&report))
                .await
                .is_err()
            {
                report.step(gave_up());
            }
        });
        Ok(ProbeSteps {
            steps,
            _task: AbortOnDropHandle::new(task),
        })
    }
}

impl Stream for ProbeSteps {
    type Item = ProbeStep;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<ProbeStep>> {
        self.steps.poll_recv(context)
    }
}

fn gave_up() -> ProbeStep {
    ProbeStep {
        title: "Test".to_string(),
        outcome: StepOutcome::Failed,
        detail: format!(
            "The broker did not get through the test within {} s.",
            LONGEST_TEST.as_secs()
        ),
        remedy: Some("Check that nothing between here and the broker drops its answers.".to_string()),
        millis: u64::try_from(LONGEST_TEST.as_millis()).unwrap_or(u64::MAX),
    }
}
