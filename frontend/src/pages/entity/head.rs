//! What it is, where it is, how it is, and why.

use brokerscope_contract::EntityKind;
use brokerscope_contract::api::entities::FarEnd;
use leptos::prelude::*;
use std::time::Duration;

use super::Detail;
use crate::components::{Button, Clock, EntityLink, Lasting, Look, Symbol, VerdictLabel};
use crate::reactive::memo;
use crate::route::Route;
use crate::state::range::absolute;
use crate::state::{use_address, use_range};

/// Between the parts of where something is; a slash would be taken for the name of a virtual host.
const STEP: &str = " › ";
/// How long a button says that it did something.
const SAID: Duration = Duration::from_secs(2);

#[component]
pub fn Head(detail: Detail) -> impl IntoView {
    let judgement = memo(move || detail.with(|detail| detail.row.judgement.clone()));
    let since = memo(move || judgement.with(|judgement| judgement.since));
    let deleted = memo(move || detail.with(|detail| detail.deleted_at));
    let far_end = memo(move || detail.with(|detail| detail.far_end.clone()));
    let title = move || detail.with(|detail| detail.row.entity.title().to_string());
    let farewell = move || {
        deleted.get().map(|at| {
            view! {
                <p class="notice info">
                    <span>"The broker no longer has it since "<Clock at />". Its history is still here."</span>
                </p>
            }
        })
    };
    view! {
        <div class="entity-head">
            <div>
                <Crumbs detail />
                <h1 class="object"><bdi>{title}</bdi></h1>
            </div>
            <p class="judged">
            <VerdictLabel judgement />
            <span>{move || judgement.with(|judgement| judgement.sentence.clone())}</span>
            <Lasting since />
            </p>
            <Tools detail />
        </div>
        {farewell}
        {move || far_end.get().map(elsewhere)}
    }
    .into_any()
}

/// Of what lies outside of the connection: whether another one watches it.
fn elsewhere(far_end: FarEnd) -> AnyView {
    let said = match far_end {
        FarEnd::Watched(entity) => {
            view! { "Another connection watches it: "<EntityLink entity />". The topology shows it there." }.into_any()
        }
        FarEnd::NotWatched => "It belongs to a broker that no connection watches.".into_any(),
        FarEnd::NotThere => {
            "A connection watches the broker that it belongs to, and knows of no such thing there.".into_any()
        }
        FarEnd::Itself => {
            "What it stands for has the name of what it is connected to here, so that both cannot be told apart."
                .into_any()
        }
        FarEnd::Ambiguous => {
            "Connections to several brokers go by its address and have such a thing, so that it cannot be \
                              told which of them it is."
                .into_any()
        }
    };
    view! { <p class="notice info"><span>{said}</span></p> }.into_any()
}

#[component]
fn Crumbs(detail: Detail) -> impl IntoView {
    let entity = memo(move || detail.with(|detail| detail.row.entity.clone()));
    let parent = memo(move || detail.with(|detail| detail.parent.clone()));
    let connection = move || detail.with(|detail| detail.row.connection_name.clone());
    let place = move || {
        let above = parent.with(|parent| parent.as_ref().map(|parent| parent.kind));
        entity.with(|entity| match (entity.scope.as_str(), entity.kind) {
            ("", _) => None,
            (broker, EntityKind::Endpoint) => Some(("", broker.to_string())),
            // What belongs to a virtual host, or to an exchange in one.
            (vhost, EntityKind::Queue | EntityKind::Exchange | EntityKind::Stream)
                if matches!(above, Some(EntityKind::Vhost | EntityKind::Exchange)) =>
            {
                Some(("vhost ", vhost.to_string()))
            }
            // The parent's link says it already.
            _ => None,
        })
    };
    // The virtual host is named before.
    let shown = move || parent.get().filter(|parent| parent.kind != EntityKind::Vhost);
    let of = move || shown().map(|entity| view! { {STEP}<EntityLink entity /> });
    view! {
        <nav class="crumbs" aria-label="Where it is">
            <a href=move || format!("{}?connection={}", Route::Destinations.path(), entity.get().connection.0)>
                <bdi>{connection}</bdi>
            </a>
            {move || place().map(|(word, name)| view! { {STEP}{word}<bdi class="path">{name}</bdi> })}
            {of}
            {STEP}
            {move || entity.get().kind.label()}
        </nav>
    }
}

#[component]
fn Tools(detail: Detail) -> impl IntoView {
    let (address, range) = (use_address(), use_range());
    let copied = RwSignal::new(false);
    let graph = move || {
        format!(
            "{}?focus={}",
            Route::Topology.path(),
            detail.with(|detail| detail.row.entity.id.0)
        )
    };
    let alert = move || {
        format!(
            "{}?entity={}",
            Route::RuleNew.path(),
            detail.with(|detail| detail.row.entity.id.0)
        )
    };
    let copy = move |()| {
        let (from, to) = range.window();
        let location = window().location();
        let path = absolute(address.query_untracked(), from, to).on(&location.pathname().unwrap_or_default());
        let link = format!("{}{path}", location.origin().unwrap_or_default());
        let _ = window().navigator().clipboard().write_text(&link);
        copied.set(true);
        set_timeout(
            move || {
                copied.try_set(false);
            },
            SAID,
        );
    };
    view! {
        <div class="actions">
            <Button press=copy look=Look::Plain symbol=Symbol::Link tip="A link that shows exactly this time range">
                {move || if copied.get() { "Copied" } else { "Copy link" }}
            </Button>
            <a class="btn" href=graph>"In the topology"</a>
            <a class="btn main" href=alert>"Alert on this"</a>
        </div>
    }
}
