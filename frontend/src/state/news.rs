//! The overview answer, shared by the overview page, the navigation, the footer and the banners.

use std::sync::Arc;

use crate::reactive::{effect, memo};
use brokerscope_contract::api::overview::Overview;
use brokerscope_contract::api::path;
use brokerscope_contract::connection::Origin;
use leptos::prelude::*;

use crate::route::Route;
use crate::state::{Fetched, clock, fetched, use_address, use_live};

/// Away from the overview page the footer and the banners are brought up to date this often, in milliseconds.
const SLOW: i64 = 15_000;

#[derive(Debug, Clone, Copy)]
pub struct News(Fetched<Overview>);

/// The shared overview; provided by the application.
pub fn use_news() -> News {
    expect_context()
}

impl News {
    pub fn start() -> News {
        let live = use_live();
        let route = use_address().route();
        let slow = memo(|| clock::ticking_now() / SLOW);
        let follow = move || match route.get() {
            Route::Overview => live.follow_all(),
            _ => {
                slow.track();
                live.follow_connections();
                live.follow_alerts();
            }
        };
        let overview = fetched::<Overview>(|| Some(path::OVERVIEW.to_string()), follow);
        effect(move || {
            if let Some(overview) = overview.get() {
                live.learn_firing(overview.firing);
            }
        });
        News(overview)
    }

    pub fn get(self) -> Option<Arc<Overview>> {
        self.0.get()
    }

    /// Whether the demo shop is among the connections; tracked.
    pub fn demo_runs(self) -> bool {
        let is_demo = |overview: &Overview| overview.connections.iter().any(|one| one.origin == Origin::Demo);
        self.get().is_some_and(|overview| is_demo(&overview))
    }

    pub fn fetched(self) -> Fetched<Overview> {
        self.0
    }
}
