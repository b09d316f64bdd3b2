//! What was chosen: verdict, numbers, neighbours; beside the graph, on a phone below it.

use std::sync::Arc;

use brokerscope_contract::api::topology::NodeView;
use leptos::prelude::*;

use super::asked::Wanted;
use super::edges::EdgeList;
use super::group::GroupDetails;
use crate::components::{Button, Figure, IconButton, Quantity, StatusMark, Symbol, entity_href, tone_of};
use crate::reactive::{derive, memo, redrawn, when};
use crate::topology::{Scene, Stage, Subject, connection_name};

#[component]
pub fn Details(stage: Stage, wanted: Wanted) -> impl IntoView {
    // What is chosen and gone from the drawing is no longer chosen.
    let chosen = memo(move || {
        let id = stage.chosen.get()?;
        stage.scene.with(|scene| {
            scene
                .item(id)
                .map(|item| (item.id, matches!(item.subject, Subject::Group(_))))
        })
    });
    let close = move |()| stage.chosen.set(None);
    move || {
        let (id, is_group) = chosen.get()?;
        let body = match is_group {
            true => view! { <GroupDetails stage id wanted /> }.into_any(),
            false => view! { <NodeDetails stage id wanted /> }.into_any(),
        };
        Some(view! {
            <aside class="details" aria-label="Details">
                <IconButton symbol=Symbol::Close label="Close" press=close />
                {body}
            </aside>
        })
    }
}

#[component]
fn NodeDetails(stage: Stage, id: i64, wanted: Wanted) -> impl IntoView {
    let node = Memo::new(move |before: Option<&Option<NodeView>>| {
        let now = stage.scene.with(|scene| node_of(scene, id));
        now.or_else(|| before.cloned().flatten())
    });
    let first = node.get_untracked()?;
    let kind = first.entity.kind.label();
    let connection = stage
        .scene
        .with_untracked(|scene| connection_name(&scene.topology, first.entity.connection));
    let place: Vec<String> = [
        connection.unwrap_or_default(),
        first.system.label().into(),
        first.entity.scope.clone(),
    ]
    .into_iter()
    .filter(|part| !part.is_empty())
    .collect();
    let place = place.join(" · ");
    let verdict = memo(move || node.with(|node| node.as_ref().map(|node| node.verdict)));
    let sentence = move || node.with(|node| node.as_ref().map(|node| node.sentence.clone()));
    let hidden = move || node.with(|node| node.as_ref().map_or(0, |node| node.hidden_neighbours));
    let title = first.entity.title().to_string();
    let focused = move || wanted.focus.get() == Some(id);
    Some(
        view! {
            <p class="muted">{kind} " · " {place}</p>
            <h2 class="path"><bdi>{title}</bdi></h2>
            {redrawn(move || verdict.get().map(|verdict| view! {
                <p class=format!("verdict {}", tone_of(verdict.status()))>
                    <StatusMark status=verdict.status() />
                    {verdict.label()}
                </p>
            }).into_any())}
            <p>{sentence}</p>
            <Numbers node />
            <div class="actions">
                <a class="btn main" href=entity_href(first.entity.id)>"Open its page"</a>
                {when(move || !focused(), move || view! {
                    <Button press=move |()| wanted.set_focus(Some(id))>"Focus here"</Button>
                }.into_any())}
            </div>
            {redrawn(move || (hidden() > 0).then(|| view! {
                <p class="muted">{format!("{} neighbours are outside this view.", hidden())}</p>
            }).into_any())}
            <EdgeList stage id />
        }
        .into_any(),
    )
}

fn node_of(scene: &Arc<Scene>, id: i64) -> Option<NodeView> {
    scene.item(id).and_then(|item| scene.node(item)).cloned()
}

#[component]
fn Numbers(node: Memo<Option<NodeView>>) -> impl IntoView {
    let nothing = brokerscope_contract::Reading::absent(brokerscope_contract::Absence::NoData);
    let reading = move |pick: fn(&NodeView) -> brokerscope_contract::Reading| {
        derive(move || node.with(|node| node.as_ref().map_or(nothing, pick)))
    };
    let (waiting, behind, rate) = (
        reading(|node| node.waiting),
        reading(|node| node.lag_seconds),
        reading(|node| node.rate_in),
    );
    view! {
        <dl class="facts">
            <div>
                <dt>"Waiting"</dt>
                <dd><Figure reading=waiting quantity=Quantity::Count /></dd>
            </div>
            <div>
                <dt>"Behind by"</dt>
                <dd><Figure reading=behind quantity=Quantity::Duration /></dd>
            </div>
            <div>
                <dt>"Arriving"</dt>
                <dd><Figure reading=rate quantity=Quantity::Rate /></dd>
            </div>
        </dl>
    }
}
