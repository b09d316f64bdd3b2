//! Modal dialogs on the browser's own element, which keeps the focus inside and closes on Escape.

use crate::reactive::effect;
use leptos::html;
use leptos::prelude::*;

use crate::components::{IconButton, Look, Symbol};

/// Shown while `open`; pressing outside, Escape and the cross close it.
#[component]
pub fn Dialog(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    #[prop(optional, into)] class: String,
    children: ChildrenFn,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    effect(move || {
        let Some(element) = dialog.get() else { return };
        match (open.get(), element.open()) {
            (true, false) => drop(element.show_modal()),
            (false, true) => element.close(),
            _ => {}
        }
    });
    // A press on the backdrop has the dialog itself as its target.
    let outside = move |event: leptos::ev::MouseEvent| {
        let target = event.target();
        if target.is_some() && target == dialog.get_untracked().map(Into::into) {
            open.set(false);
        }
    };
    let children = StoredValue::new(children);
    view! {
        <dialog
            node_ref=dialog
            class=format!("dialog {class}")
            aria-label=title
            on:close=move |_| open.set(false)
            on:click=outside
        >
            <div class="dialog-body">
                <header>
                    <h2>{title}</h2>
                    <IconButton symbol=Symbol::Close label="Close" press=move |()| open.set(false) />
                </header>
                <Show when=move || open.get()>{children.with_value(|children| children())}</Show>
            </div>
        </dialog>
    }
}

/// Asks before something that cannot be undone; `yes` names what will happen, as a verb.
#[component]
pub fn Confirm(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    #[prop(into)] text: Signal<String>,
    #[prop(into)] yes: String,
    #[prop(into)] confirmed: Callback<()>,
) -> impl IntoView {
    let yes = StoredValue::new(yes);
    let go = move |_| {
        open.set(false);
        confirmed.run(());
    };
    view! {
        <Dialog open title class="small">
            <p>{text}</p>
            <div class="actions">
                <button type="button" class=Look::Plain.class() on:click=move |_| open.set(false)>"Cancel"</button>
                <button type="button" class=Look::Danger.class() on:click=go>{yes.get_value()}</button>
            </div>
        </Dialog>
    }
}
