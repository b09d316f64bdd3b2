//! One fault: its switch, what to expect, and the page where it shows.

use brokerscope_contract::api::demo::{FaultPlace, FaultView};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, ApiError};
use crate::forms::Switch;
use crate::query::Query;
use crate::reactive::{derive, memo};
use crate::route::Route;

/// `changed` is told what went wrong, if anything, after each switching.
#[component]
pub fn FaultRow(fault: Signal<FaultView>, changed: Callback<Option<ApiError>>) -> impl IntoView {
    let FaultView {
        slug,
        title,
        expect,
        place,
        search,
        ..
    } = fault.get_untracked();
    let on = memo(move || fault.with(|fault| fault.on));
    let refused = RwSignal::new(false);
    let id = format!("fault-{slug}");
    let switch = move |on: bool| {
        let slug = slug.clone();
        spawn_local(async move {
            let error = api::demo::set_fault(&slug, on).await.err();
            // The page may have been left meanwhile.
            refused.try_set(error.is_some());
            changed.try_run(error);
        });
    };
    let (words, href) = link(place, &search);
    view! {
        <li class="rule fault" class:off=derive(move || !on.get())>
            <Switch id label=title.clone() on changed=switch bare=true refused />
            <div class="words">
                <span class="name">{title}</span>
                <p>{expect}</p>
            </div>
            <a class="btn" href=href>{words}</a>
        </li>
    }
    .into_any()
}

/// The words and the address of the page where a fault shows.
fn link(place: FaultPlace, search: &str) -> (&'static str, String) {
    let (words, route) = match place {
        FaultPlace::Overview => ("See the overview", Route::Overview),
        FaultPlace::Destinations => ("See the destinations", Route::Destinations),
        FaultPlace::Subscriptions => ("See the subscriptions", Route::Subscriptions),
        FaultPlace::Health => ("See the health", Route::Health),
    };
    let searched = (!search.is_empty()).then_some(search);
    (words, Query::default().with("q", searched).on(&route.path()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_leads_to_its_page_with_its_search() {
        for (place, search, href) in [
            (FaultPlace::Overview, "", "/"),
            (FaultPlace::Health, "", "/health"),
            (
                FaultPlace::Subscriptions,
                "payment-service",
                "/queues/subscriptions?q=payment-service",
            ),
            (FaultPlace::Destinations, "retry", "/queues?q=retry"),
        ] {
            assert_eq!(link(place, search).1, href);
        }
    }
}
