//! What watching costs the broker, and when it is asked next.

use brokerscope_contract::Cost;
use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_figures::{calendar, format};
use leptos::prelude::*;

use crate::reactive::{derive, memo, redrawn};
use crate::state::clock;

#[component]
pub fn CostLine(connection: Signal<ConnectionView>) -> impl IntoView {
    let cost = memo(move || connection.with(|connection| connection.cost.map(said)));
    let tier = memo(move || connection.with(|connection| connection.server.tier.clone()));
    let due = memo(move || connection.with(|connection| (connection.next_visit_at, connection.paused)));
    let next = memo(move || match due.get() {
        (_, true) => "no visits while paused".to_string(),
        (None, _) => "not planned yet".to_string(),
        (Some(at), _) => next_visit((at.0 - clock::ticking_now()) as f64 / 1000.0),
    });
    let exactly = move || due.get().0.map(|at| calendar::whole(at.0));
    view! {
        <dl class="facts">
            <div>
                <dt>"Cost of the last visit"</dt>
                <dd>{derive(move || cost.get().unwrap_or_else(|| "not measured yet".into()))}</dd>
            </div>
            <div>
                <dt>"Next visit"</dt>
                <dd title=exactly>{next}</dd>
            </div>
            {redrawn(move || tier.get().map(|tier| view! { <div><dt>"How it is read"</dt><dd>{tier}</dd></div> }).into_any())}
        </dl>
    }
}

/// "5 requests · 120 kB · 210 ms". A client library that counts neither tells only the time.
fn said(cost: Cost) -> String {
    if cost.requests == 0 && cost.bytes == 0 {
        return format!("{}, requests not counted", format::duration(cost.seconds));
    }
    let plural = if cost.requests == 1 { "" } else { "s" };
    let requests = format::count(f64::from(cost.requests));
    format!(
        "{requests} request{plural} · {} · {}",
        format::bytes(cost.bytes as f64),
        format::duration(cost.seconds)
    )
}

fn next_visit(seconds: f64) -> String {
    match seconds {
        s if s < 1.0 => "now".into(),
        s => format!("in {}", format::duration_short(s.floor())),
    }
}
