//! The name of a broker object as a link to its page.

use brokerscope_contract::entity::EntityRef;
use brokerscope_contract::{EntityId, EntityKind};
use leptos::prelude::*;

use crate::route::Route;

pub fn entity_href(id: EntityId) -> String {
    Route::Entity(id).path()
}

/// Name in the monospaced face; its scope, such as a virtual host, after it. Names of any script keep to themselves.
#[component]
pub fn EntityLink(
    #[prop(into)] entity: Signal<EntityRef>,
    /// Leaves out what comes before the name.
    #[prop(optional)]
    bare: bool,
) -> impl IntoView {
    let scope = move || entity.with(|entity| entity.scope.clone());
    let scope_shown = move || !bare && !scope().is_empty();
    view! {
        <a class="path" href=move || entity_href(entity.get().id) title=move || entity.with(full_name)>
            <bdi>{move || entity.with(|entity| entity.title().to_string())}</bdi>
        </a>
        <Show when=scope_shown>
            <small class="scope"><bdi>{scope}</bdi></small>
        </Show>
    }
}

/// "queue orders.created in /": everything that tells it from its namesakes.
pub fn full_name(entity: &EntityRef) -> String {
    let place = match (entity.scope.as_str(), entity.kind) {
        ("", _) => String::new(),
        (scope, EntityKind::Queue | EntityKind::Exchange | EntityKind::Stream) => format!(" in virtual host {scope}"),
        (scope, _) => format!(" of {scope}"),
    };
    format!("{} {}{place}", entity.kind.label(), entity.title())
}
