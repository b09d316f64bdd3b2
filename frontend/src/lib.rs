//! The page: what a person sees of Brokerscope, compiled to WebAssembly and drawn in the browser.
//!
//! Pages fetch and arrange; components and charts take values and signals and never fetch; `state` holds what
//! outlives a page; `api` talks to the server; the arithmetic of charts is in the figures crate.

pub mod api;
pub mod app;
pub mod charts;
pub mod components;
pub mod forms;
pub mod pages;
pub mod parts;
pub mod query;
pub mod reactive;
pub mod route;
pub mod shell;
pub mod state;
pub mod topology;

use wasm_bindgen::prelude::wasm_bindgen;

/// Draws the page into `#app`, replacing what the document shows while this program loads.
#[wasm_bindgen(start)]
pub fn start() {
    app::mount();
}
