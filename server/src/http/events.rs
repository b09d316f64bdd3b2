//! `GET /events`: server-sent events that say what changed, so that the page asks for it again.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event as Message, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use brokerscope_contract::api::events::Event;
use futures_util::{Stream, StreamExt, stream};
use tokio_stream::wrappers::BroadcastStream;

use super::state::Api;

/// Shorter than the idle limits of common proxies, which begin at 30 s.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How long a page waits before it connects again.
const RETRY: Duration = Duration::from_secs(2);

pub async fn stream(State(api): State<Api>) -> Response {
    // Subscribed before the present state is read, so that nothing falls in between.
    let news = BroadcastStream::new(api.events.subscribe());
    let later = {
        let api = api.clone();
        news.flat_map(move |event| match event {
            Ok(event) => stream::iter(vec![event]),
            // This page was too slow and missed some: it is told the present state of everything.
            Err(_) => stream::iter(present(&api)),
        })
    };
    let stopping = api.stopping.clone().cancelled_owned();
    let events = stream::iter(present(&api)).chain(later).take_until(stopping);
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    let headers = [("x-accel-buffering", "no")];
    (headers, Sse::new(messages(events)).keep_alive(keep_alive)).into_response()
}

fn messages(events: impl Stream<Item = Event>) -> impl Stream<Item = Result<Message, Infallible>> {
    events.filter_map(async |event| {
        let data = serde_json::to_string(&event).ok()?;
        Some(Ok(Message::default().event("change").retry(RETRY).data(data)))
    })
}

/// Every event that could have been missed.
fn present(api: &Api) -> Vec<Event> {
    let connections = api.live.all().into_iter().map(|shared| shared.read().known.id);
    let revisions = connections.filter_map(|connection| {
        let revision = api.live.revision(connection)?;
        Some(Event::Revision { connection, revision })
    });
    let firing = api.alerts.firing();
    [Event::Connections, Event::Alerts { firing }]
        .into_iter()
        .chain(revisions)
        .collect()
}
