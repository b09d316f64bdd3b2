//! A group that was chosen: how many, the worst of them, and the way in.

use std::collections::BTreeSet;
use std::sync::Arc;

use brokerscope_contract::Status;
use brokerscope_contract::api::topology::NodeView;
use leptos::prelude::*;

use crate::components::{Button, EntityLink, Look, StatusMark, word_of};
use crate::reactive::memo;
use crate::topology::{Scene, Stage, Subject, figure_line};

/// Members named here; all of them are in the drawing once the group is open.
const NAMED: usize = 8;

#[component]
pub fn GroupDetails(stage: Stage, id: i64, open: RwSignal<BTreeSet<i64>>) -> impl IntoView {
    let summary = memo(move || stage.scene.with(|scene| summary(scene, id)));
    let expand = move |()| {
        open.update(|open| {
            open.insert(id);
        });
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
            .map(|summary| counts(&summary.members))
            .unwrap_or_default()
    };
    let worst = move || {
        let members = summary.get().map(|summary| summary.members).unwrap_or_default();
        members.into_iter().take(NAMED).map(member).collect_view()
    };
    Some(
        view! {
            <p class="muted">{first.caption}</p>
            <h2 class="path"><bdi>{first.name}</bdi></h2>
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

#[derive(Debug, Clone, PartialEq)]
struct Summary {
    caption: String,
    name: String,
    /// Worst first.
    members: Vec<NodeView>,
}

fn summary(scene: &Arc<Scene>, id: i64) -> Option<Summary> {
    let item = scene.item(id)?;
    let Subject::Group(group) = &item.subject else {
        return None;
    };
    let ids: BTreeSet<i64> = group.members.iter().copied().collect();
    let mut members: Vec<NodeView> = scene
        .topology
        .nodes
        .iter()
        .filter(|node| ids.contains(&node.entity.id.0))
        .cloned()
        .collect();
    members.sort_by(|a, b| {
        let waiting = |node: &NodeView| node.waiting.value.unwrap_or(0.0);
        a.verdict
            .rank()
            .cmp(&b.verdict.rank())
            .then(waiting(b).total_cmp(&waiting(a)))
    });
    Some(Summary {
        caption: item.caption.clone(),
        name: item.name.clone(),
        members,
    })
}

/// "2 critical, 5 warning, 193 ok".
fn counts(members: &[NodeView]) -> String {
    let states = [
        Status::Critical,
        Status::Warning,
        Status::Maintenance,
        Status::Unknown,
        Status::Ok,
    ];
    let parts = states.into_iter().filter_map(|status| {
        let count = members.iter().filter(|node| node.verdict.status() == status).count();
        (count > 0).then(|| format!("{count} {}", word_of(status).to_lowercase()))
    });
    parts.collect::<Vec<_>>().join(", ")
}
