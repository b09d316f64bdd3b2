//! One check: what was seen, and opened: what it means, what to do, what it was before.

use brokerscope_contract::api::health::{CheckChange, CheckView};
use brokerscope_contract::{Absence, Status};
use leptos::prelude::*;

use crate::components::{Ago, Clock, Lasting, StatusMark, absence_reason, prose, tone_of};
use crate::reactive::{derive, memo, redrawn, when};

#[component]
pub fn Check(#[prop(into)] check: Signal<CheckView>) -> impl IntoView {
    let status = memo(move || check.with(|check| check.status));
    let since = derive(move || check.with(|check| check.since));
    let checked_at = derive(move || check.with(|check| check.checked_at));
    // What could not be checked may well be in order: its remedy would mislead.
    let wrong = move || matches!(status.get(), Status::Warning | Status::Critical);
    let remedy = move || check.with(|check| check.def.remedy.clone());
    view! {
        <li class=derive(move || format!("check {}", tone_of(status.get())))>
            <details>
                <summary>
                    <StatusMark status alone=true />
                    <span class="label">{derive(move || check.with(|check| check.def.label.clone()))}</span>
                    <span class="seen">{derive(move || check.with(seen))}</span>
                    <Lasting since />
                </summary>
                <div class="more">
                    <p>{derive(move || check.with(|check| check.def.meaning.clone()))}</p>
                    <p class="muted">"Checked "<Ago at=checked_at />"."</p>
                    <History check />
                </div>
            </details>
            {when(wrong, move || view! {
                <p class="remedy">{redrawn(move || prose(&remedy()))}</p>
            }.into_any())}
        </li>
    }
    .into_any()
}

/// What was seen. A check that could not be made says itself why not; one that is old, what was seen last.
fn seen(check: &CheckView) -> String {
    match (check.text.as_str(), check.status) {
        ("", Status::Unknown) => absence_reason(check.absent).into(),
        (last, Status::Unknown) if check.absent == Some(Absence::Stale) => {
            format!("{}; last seen: {last}", absence_reason(check.absent))
        }
        ("", Status::Ok) => "ok".into(),
        ("", _) => "not ok".into(),
        (text, _) => text.into(),
    }
}

#[component]
fn History(check: Signal<CheckView>) -> impl IntoView {
    let history = memo(move || check.with(|check| check.history.clone()));
    let change = |change: CheckChange| {
        view! {
            <li>
                <StatusMark status=change.status alone=true />
                <Clock at=change.at />
                <span>{change.text}</span>
            </li>
        }
    };
    view! {
        {when(move || history.with(Vec::is_empty), || {
            view! { <p class="muted">"It has not changed as far as stored."</p> }.into_any()
        })}
        {when(move || !history.with(Vec::is_empty), move || view! {
            <h4>"Before"</h4>
            <ul class="history">{redrawn(move || history.get().into_iter().map(change).collect_view().into_any())}</ul>
        }.into_any())}
    }
}

#[cfg(test)]
mod tests {
    use brokerscope_contract::entity::EntityRef;
    use brokerscope_contract::{CheckDef, ConnectionId, EntityId, EntityKind, Timestamp};

    use super::*;

    #[test]
    fn what_was_seen_is_told_as_what_it_is() {
        let check = |status, absent, text: &str| CheckView {
            entity: EntityRef {
                id: EntityId(1),
                connection: ConnectionId(1),
                kind: EntityKind::Node,
                scope: String::new(),
                name: "3".into(),
            },
            def: CheckDef::new("disk", "Disk", "", ""),
            status,
            text: text.into(),
            absent,
            since: Timestamp(0),
            checked_at: Timestamp(0),
            history: Vec::new(),
        };
        for (status, absent, text, shown) in [
            (Status::Ok, None, "12 GB free", "12 GB free"),
            (Status::Ok, None, "", "ok"),
            (Status::Warning, None, "", "not ok"),
            (
                Status::Unknown,
                Some(Absence::Failed),
                "could not be asked: it timed out",
                "could not be asked: it timed out",
            ),
            (
                Status::Unknown,
                Some(Absence::NotPermitted),
                "",
                "not permitted for this login",
            ),
            (
                Status::Unknown,
                Some(Absence::Stale),
                "12 GB free",
                "stale: the broker has not answered lately; last seen: 12 GB free",
            ),
        ] {
            assert_eq!(seen(&check(status, absent, text)), shown);
        }
    }
}
