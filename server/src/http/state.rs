//! What handlers work with.

use std::ops::Deref;
use std::sync::Arc;

use brokerscope_contract::Timestamp;
use brokerscope_store::Store;
use tokio_util::sync::CancellationToken;

use crate::alerts::Alerts;
use crate::clock::Clock;
use crate::connections::Connections;
use crate::demo::Demo;
use crate::events::Events;
use crate::live::Live;
use crate::notify::Webhook;
use crate::process::Process;

/// The rooms that the API speaks to. Cheap to clone.
#[derive(Clone)]
pub struct Api(Arc<Parts>);

pub struct Parts {
    pub store: Store,
    pub live: Arc<Live>,
    pub connections: Arc<Connections>,
    pub demo: Arc<Demo>,
    pub alerts: Arc<Alerts>,
    pub webhook: Arc<Webhook>,
    /// The configuration file has a webhook, which the page may then not change.
    pub webhook_declared: bool,
    pub events: Events,
    pub process: Arc<Process>,
    pub clock: Clock,
    /// Cancelled when the server stops: answers without an end have to end then.
    pub stopping: CancellationToken,
}

impl Api {
    pub fn new(parts: Parts) -> Api {
        Api(Arc::new(parts))
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

impl Deref for Api {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
