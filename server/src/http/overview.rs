//! `GET /overview`: what needs a person, in one answer.

use axum::Json;
use axum::extract::State;
use brokerscope_contract::api::overview::{Attention, Banner, Overview, ProcessView};
use brokerscope_contract::{Alert, AlertState};
use brokerscope_store::{Trouble, TroubleKind};

use super::state::Api;
use crate::process;

const ATTENTION_SHOWN: usize = 20;

pub async fn show(State(api): State<Api>) -> Json<Overview> {
    let now = api.now();
    let connections = api.live.connections(now);
    let firing: Vec<Alert> = api
        .alerts
        .active()
        .into_iter()
        .filter(|alert| alert.state == AlertState::Firing)
        .collect();
    let (found, found_total) = api.live.attention(now, ATTENTION_SHOWN);
    let store = api.store.health();
    Json(Overview {
        attention_total: found_total + firing.len(),
        firing: firing.len(),
        // A person has asked for alerts by name, so they come first.
        attention: firing
            .into_iter()
            .map(|alert| Attention::Alert { alert: Box::new(alert) })
            .chain(found)
            .take(ATTENTION_SHOWN)
            .collect(),
        destinations: connections.iter().map(|connection| connection.destinations).sum(),
        subscriptions: connections.iter().map(|connection| connection.subscriptions).sum(),
        as_of: connections
            .iter()
            .filter(|connection| !connection.paused)
            .filter_map(|c| c.last_answer_at)
            .min(),
        connections,
        process: ProcessView {
            version: env!("CARGO_PKG_VERSION").to_string(),
            resident_bytes: process::resident_bytes(),
            cpu: api.process.cpu(),
            database_bytes: (store.bytes > 0).then_some(store.bytes),
            started_at: api.process.started_at,
        },
        banners: store.trouble.map(banner).into_iter().collect(),
    })
}

fn banner(trouble: Trouble) -> Banner {
    let (kind, text, remedy) = match trouble.kind {
        TroubleKind::DiskFull => (
            "disk_full",
            "The disk is full: nothing new is stored. What was stored before is still shown.".to_string(),
            "Free some space where the data folder is; storing goes on by itself.",
        ),
        TroubleKind::Failing => (
            "store_failing",
            format!("Nothing new can be stored: {}.", trouble.text.trim_end_matches('.')),
            "Check the disk and the permissions of the data folder; storing goes on by itself.",
        ),
    };
    Banner {
        kind: kind.to_string(),
        text,
        remedy: remedy.to_string(),
        since: trouble.since,
    }
}
