//! A group that was chosen: how many, the worst of them, and the way in.

use brokerscope_contract::Status;
use brokerscope_contract::api::entities::VerdictCount;
use brokerscope_contract::api::topology::{GroupView, NodeView};
use brokerscope_figures::format;
use leptos::prelude::*;

use super::asked::Wanted;
use crate::components::{Button, EntityLink, Look, StatusMark, word_of};
use crate::reactive::memo;
use crate::topology::{Stage, caption_of, figure_line, title_of};

#[component]
pub fn GroupDetails(stage: Stage, id: i64, wanted: Wanted) -> impl IntoView {
    let summary = memo(move || {
        stage.scene.with(|scene| {
            let item = scene.item(id)?;
            scene.group(item).cloned()
        })
    });
    let expand = move |()| {
        wanted.open_group(id);
        stage.chosen.set(None);
    };
    let first = summary.get_untracked()?;
    let member = |node: NodeView| {
        let status = node.verdict.status();
        view! {
            <li>
                <StatusMark status alone=true />
                <EntityLink entity=node.entity.clone() bare=true />
                <small class="num">{figure_line(&node)}</small>
            </li>
        }
    };
    let counts = move || {
        summary
            .get()
            .map(|group: GroupView| counts(&group.verdicts))
            .unwrap_or_default()
    };
    let worst = move || {
        let members = summary.get().map(|group| group.worst).unwrap_or_default();
        members.into_iter().map(member).collect_view()
    };
    Some(
        view! {
            <p class="muted">{caption_of(&first)}</p>
            <h2 class="path"><bdi>{title_of(&first)}</bdi></h2>
            <p>{counts}</p>
            <div class="actions">
                <Button look=Look::Main press=expand>"Show them"</Button>
            </div>
            <h3>"The worst of them"</h3>
            <ul class="members">{worst}</ul>
        }
        .into_any(),
    )
}

/// "2 critical, 5 warning, 193 ok".
pub fn counts(verdicts: &[VerdictCount]) -> String {
    let states = [
        Status::Critical,
        Status::Warning,
        Status::Maintenance,
        Status::Unknown,
        Status::Ok,
    ];
    let parts = states.into_iter().filter_map(|status| {
        let of_status = verdicts.iter().filter(|one| one.verdict.status() == status);
        let count: usize = of_status.map(|one| one.count).sum();
        (count > 0).then(|| format!("{} {}", format::count(count as f64), word_of(status).to_lowercase()))
    });
    parts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use brokerscope_contract::Verdict;

    use super::*;

    #[test]
    fn members_are_counted_by_how_bad_they_are() {
        let count = |verdict, count| VerdictCount { verdict, count };
        let all = [
            count(Verdict::Broken, 1),
            count(Verdict::Stalled, 1),
            count(Verdict::Slow, 5),
            count(Verdict::Ok, 1_193),
        ];
        assert_eq!(counts(&all), "2 critical, 5 warning, 1,193 ok");
    }
}
