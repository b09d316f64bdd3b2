//! What fires now, what fired before, the rules, and who is told.

mod alert_card;
mod ended;
mod rule_row;
mod rules;
mod webhook;
mod words;

use brokerscope_contract::api::alerts::AlertsView;
use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::path;
use brokerscope_contract::api::rules::RuleView;
use brokerscope_contract::{Alert, AlertState, Status};
use leptos::prelude::*;

use crate::components::{EmptyState, Icon, Notice, Skeleton, StatusMark, Symbol, each};
use crate::reactive::{derive, memo, redrawn};
use crate::route::Route;
use crate::state::{Fetched, fetched, use_live};

use alert_card::AlertCard;
use ended::Ended;
use rules::Rules;
use webhook::Webhook;
pub(super) use words::quantity_of;

#[component]
pub fn Alerts() -> impl IntoView {
    let live = use_live();
    let alerts = fetched::<AlertsView>(
        || Some(path::ALERTS.into()),
        move || {
            live.follow_alerts();
            live.follow_all();
        },
    );
    let rules = fetched::<Vec<RuleView>>(|| Some(path::RULES.into()), move || live.follow_alerts());
    let connections =
        fetched::<Vec<ConnectionView>>(|| Some(path::CONNECTIONS.into()), move || live.follow_connections());
    let error = derive(move || alerts.error().or_else(|| rules.error()));
    let ended = derive(move || alerts.get().map(|alerts| alerts.ended.clone()).unwrap_or_default());
    view! {
        <div class="page-head">
            <div>
                <h1>{derive(move || headline(alerts))}</h1>
                <p class="sub" role="status">{derive(move || rules.get().map(|rules| summary(&rules)))}</p>
            </div>
            <a class="btn main" href=Route::RuleNew.path()>
                <Icon symbol=Symbol::Plus />
                "New rule"
            </a>
        </div>
        <Notice error retry=move |()| { alerts.refresh(); rules.refresh() } />
        <Active alerts rules />
        <Rules rules connections changed=move |()| { rules.refresh(); alerts.refresh() } />
        <Ended alerts=ended />
        <Webhook />
    }
    .into_any()
}

/// What fires, in words, before any number.
fn headline(alerts: Fetched<AlertsView>) -> String {
    let Some(alerts) = alerts.get() else {
        return "Alerts".into();
    };
    match alerts.active.iter().filter(|alert| is_firing(alert)).count() {
        0 => "Nothing fires".into(),
        1 => "One alert fires".into(),
        n => format!("{n} alerts fire"),
    }
}

fn is_firing(alert: &Alert) -> bool {
    matches!(alert.state, AlertState::Firing | AlertState::Recovering)
}

fn summary(rules: &[RuleView]) -> String {
    let on = rules.iter().filter(|view| view.rule.enabled).count();
    let watched: usize = rules
        .iter()
        .filter(|view| view.rule.enabled)
        .map(|view| view.matches)
        .sum();
    let plural = if on == 1 { "rule is" } else { "rules are" };
    format!(
        "{on} {plural} on, over {} values",
        brokerscope_figures::format::count(watched as f64)
    )
}

#[component]
fn Active(alerts: Fetched<AlertsView>, rules: Fetched<Vec<RuleView>>) -> impl IntoView {
    let some = memo(move || alerts.get().map(|alerts| alerts.active.len()));
    let firing = derive(move || shown(alerts, is_firing));
    let pending = derive(move || shown(alerts, |alert| alert.state == AlertState::Pending));
    let any_pending = memo(move || pending.with(|pending| !pending.is_empty()));
    let quietness = memo(move || rules.get().map(|rules| Quietness::of(&rules)));
    move || match (some.get(), quietness.get()) {
        (Some(0), Some(quietness)) => quiet(quietness).into_any(),
        (None, _) | (Some(0), None) => view! { <Skeleton rows=2 height=88 /> }.into_any(),
        (Some(_), _) => view! {
            <div class="alerts">{cards(firing)}</div>
            {redrawn(move || any_pending.get().then(|| view! {
                <h2>"About to fire"</h2>
                <div class="alerts">{cards(pending)}</div>
            }).into_any())}
        }
        .into_any(),
    }
}

fn cards(alerts: Signal<Vec<Alert>>) -> AnyView {
    each(
        alerts,
        |alert| (alert.rule.0, alert.entity.id.0),
        |alert| view! { <AlertCard alert /> }.into_any(),
    )
}

fn shown(alerts: Fetched<AlertsView>, which: fn(&Alert) -> bool) -> Vec<Alert> {
    alerts
        .get()
        .map(|alerts| alerts.active.iter().filter(|alert| which(alert)).cloned().collect())
        .unwrap_or_default()
}

/// What it means that nothing fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quietness {
    NoRules,
    /// So many of the rules that are on have nothing to judge by.
    Blind(usize),
    Judged,
}

impl Quietness {
    fn of(rules: &[RuleView]) -> Quietness {
        let on = || rules.iter().filter(|view| view.rule.enabled);
        match (on().count(), on().filter(|view| view.problem.is_some()).count()) {
            (0, _) => Quietness::NoRules,
            (_, 0) => Quietness::Judged,
            (_, blind) => Quietness::Blind(blind),
        }
    }
}

fn quiet(quietness: Quietness) -> impl IntoView {
    let (status, words) = match quietness {
        Quietness::Judged => (Status::Ok, "No threshold is crossed.".to_string()),
        Quietness::Blind(1) => (
            Status::Unknown,
            "No threshold is known to be crossed: one rule has nothing to judge by.".to_string(),
        ),
        Quietness::Blind(n) => (
            Status::Unknown,
            format!("No threshold is known to be crossed: {n} rules have nothing to judge by."),
        ),
        Quietness::NoRules => (Status::Unknown, "No rule is on, so nothing can fire.".to_string()),
    };
    view! {
        <div class="card all-quiet">
            <StatusMark status />
            <p>{words}" Verdicts are on without any rule; see the overview."</p>
        </div>
    }
}

#[component]
fn NoRules() -> impl IntoView {
    view! {
        <EmptyState title="No rules yet" text="A rule watches one value with a threshold to fire and one to clear.">
            <a class="btn" href=Route::RuleNew.path()>"New rule"</a>
        </EmptyState>
    }
}
