//! What surrounds every page: navigation, header, banners, search palette, keyboard.

mod nav;

use leptos::prelude::*;

use nav::Nav;

#[component]
pub fn Shell(children: Children) -> impl IntoView {
    view! {
        <a class="skip" href="#main">"Skip to the content"</a>
        <div class="app">
            <Nav />
            <div class="page">
                <main id="main" tabindex="-1">{children()}</main>
            </div>
        </div>
    }
}
