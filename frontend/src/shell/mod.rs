//! What surrounds every page: navigation, header, banners, search palette, keyboard.

mod banners;
mod header;
mod help;
mod keys;
mod live_pill;
mod nav;
mod palette;
mod range_picker;
mod shortcuts;
mod tip;
mod title;

use leptos::prelude::*;

use banners::Banners;
use header::Header;
use help::Help;
use nav::Nav;
use palette::Palette;
use tip::Tip;

/// Which of the overlays are open.
#[derive(Debug, Clone, Copy)]
pub struct Overlays {
    pub palette: RwSignal<bool>,
    pub help: RwSignal<bool>,
}

#[component]
pub fn Shell(children: Children) -> impl IntoView {
    let overlays = Overlays {
        palette: RwSignal::new(false),
        help: RwSignal::new(false),
    };
    provide_context(overlays);
    shortcuts::listen(overlays);
    title::keep();
    view! {
        <a class="skip" href="#main">"Skip to the content"</a>
        <div class="app">
            <Nav />
            <div class="page">
                <Header overlays />
                <Banners />
                <main id="main" tabindex="-1">{children()}</main>
            </div>
        </div>
        <Palette open=overlays.palette />
        <Help open=overlays.help />
        <Tip />
    }
    .into_any()
}
