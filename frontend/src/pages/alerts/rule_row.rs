//! One rule in the list: on or off, what it says, what it does now.

use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::rules::RuleView;
use brokerscope_contract::connection::Origin;
use brokerscope_contract::{Rule, Status};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::alert_card::status_of;
use super::words::{ScopeWords, condition};
use crate::api::{self, ApiError};
use crate::components::{Button, Confirm, Look, Notice, StatusMark};
use crate::forms::Switch;
use crate::reactive::{derive, memo, redrawn};
use crate::route::Route;

#[component]
pub fn RuleRow(
    #[prop(into)] view: Signal<RuleView>,
    #[prop(into)] connections: Signal<Vec<ConnectionView>>,
    changed: Callback<()>,
) -> impl IntoView {
    let error = RwSignal::new(None::<ApiError>);
    let rule = memo(move || view.with(|view| view.rule.clone()));
    let scope = memo(move || rule.with(|rule| rule.scope.clone()));
    let status = memo(move || view.with(state_of));
    view! {
        <li class="rule" class:off=derive(move || !rule.with(|rule| rule.enabled))>
            <StatusMark status />
            <div class="words">
                <a class="name" href=derive(move || Route::Rule(rule.with(|rule| rule.id)).path())>
                    {derive(move || rule.with(|rule| rule.name.clone()))}
                </a>
                <p>{derive(move || rule.with(condition))} ", " {redrawn(move || view! { <ScopeWords scope=scope.get() connections /> }.into_any())}</p>
                <Notice error />
            </div>
            <p class="does">{derive(move || view.with(does))}</p>
            <Controls rule error changed />
        </li>
    }
    .into_any()
}

/// Worst is what fires; a rule that can do nothing is unknown.
fn state_of(view: &RuleView) -> Status {
    match (view.rule.enabled, view.firing, &view.problem) {
        (false, ..) | (true, 0, Some(_)) => Status::Unknown,
        (true, 0, None) => Status::Ok,
        (true, ..) => status_of(view.rule.severity),
    }
}

/// "fires on 2 of 12", or why it does nothing.
fn does(view: &RuleView) -> String {
    match (view.rule.enabled, &view.problem, view.firing) {
        (false, ..) => "off".into(),
        (true, Some(problem), _) => problem.clone(),
        (true, None, 0) => format!("watches {}", view.matches),
        (true, None, n) => format!("fires on {n} of {}", view.matches),
    }
}

#[component]
fn Controls(rule: Memo<Rule>, error: RwSignal<Option<ApiError>>, changed: Callback<()>) -> impl IntoView {
    let asked = RwSignal::new(false);
    let origin = rule.with_untracked(|rule| rule.origin);
    let id = rule.with_untracked(|rule| rule.id);
    let on = derive(move || rule.with(|rule| rule.enabled));
    let turn = move |enabled: bool| {
        let next = Rule {
            enabled,
            ..rule.get_untracked()
        };
        spawn_local(async move {
            error.try_set(api::rules::update(&next).await.err());
            changed.try_run(());
        });
    };
    let remove = move |()| {
        spawn_local(async move {
            error.try_set(api::rules::delete(id).await.err());
            changed.try_run(());
        });
    };
    let label = move || format!("{} is on", rule.with_untracked(|rule| rule.name.clone()));
    let title = derive(move || format!("Delete the rule {}?", rule.with(|rule| rule.name.clone())));
    let deletion = (origin == Origin::Page).then(|| {
        view! {
            <Button look=Look::Quiet press=move |()| asked.set(true)>"Delete"</Button>
            <Confirm open=asked title text="Its alerts end with it. This cannot be undone." yes="Delete" confirmed=remove />
        }
    });
    view! {
        <div class="actions">
            {origin_words(origin)}
            <Switch
                id=format!("rule-on-{}", id.0)
                label=label()
                on
                changed=turn
                disabled=origin == Origin::File
                bare=true
                refused=derive(move || error.with(Option::is_some))
            />
            <a class="btn" href=Route::Rule(id).path()>{if origin == Origin::File { "Look" } else { "Edit" }}</a>
            {deletion}
        </div>
    }
    .into_any()
}

fn origin_words(origin: Origin) -> Option<impl IntoView> {
    let (words, why) = match origin {
        Origin::Page | Origin::Demo => return None,
        Origin::File => ("from the file", "Declared in the configuration file; change it there."),
        Origin::BuiltIn => (
            "built in",
            "Comes with Brokerscope: it can be changed and switched off, not deleted.",
        ),
    };
    Some(view! { <span class="origin" tabindex="0" data-tip=why>{words}</span> })
}
