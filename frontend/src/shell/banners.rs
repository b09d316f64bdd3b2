//! What everybody must know about Brokerscope itself, above every page.

use brokerscope_contract::Timestamp;
use brokerscope_contract::api::overview::Banner;
use leptos::prelude::*;

use crate::components::{Clock, Icon, Symbol};
use crate::reactive::memo;
use crate::state::live::Link;
use crate::state::{clock, use_live, use_news};

/// A shorter interruption, such as a restart of the server, is not worth moving the page.
const PATIENCE_MILLIS: i64 = 3_000;

#[component]
pub fn Banners() -> impl IntoView {
    let news = use_news();
    let lost = lost_since();
    let own = move || news.get().map(|overview| overview.banners.clone()).unwrap_or_default();
    view! {
        <div class="banners" role="status">
            {move || lost.get().map(unreachable)}
            {move || own().into_iter().map(banner).collect_view()}
        </div>
    }
}

/// Since when the server has not answered, once that has lasted a while.
fn lost_since() -> Memo<Option<i64>> {
    let live = use_live();
    memo(move || match live.link() {
        Link::Lost(since) if clock::ticking_now() - since > PATIENCE_MILLIS => Some(since),
        _ => None,
    })
}

fn unreachable(since: i64) -> AnyView {
    view! {
        <p class="banner crit">
            <Icon symbol=Symbol::Warning />
            <span>
                <b>"Brokerscope does not answer. "</b>
                "What you see is as of "
                <Clock at=Timestamp(since) />
                "; this page goes on by itself as soon as the server is back."
            </span>
        </p>
    }
    .into_any()
}

fn banner(banner: Banner) -> AnyView {
    view! {
        <p class="banner warn">
            <Icon symbol=Symbol::Warning />
            <span><b>{banner.text}</b>" "{banner.remedy}" "<small>"since "<Clock at=banner.since /></small></span>
        </p>
    }
    .into_any()
}
