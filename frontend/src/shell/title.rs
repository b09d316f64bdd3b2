//! The window's title: how many alerts fire, and the page.

use leptos::prelude::*;

use crate::reactive::effect;
use crate::state::page_name::PageName;
use crate::state::{use_address, use_live};

/// Keeps the title up to date: "(2) Topology · Brokerscope". A page may name itself.
pub fn keep() {
    let live = use_live();
    let route = use_address().route();
    let name = PageName::start();
    provide_context(name);
    effect(move || {
        let page = name.get().unwrap_or_else(|| route.get().title().to_string());
        document().set_title(&title(live.firing(), &page));
    });
}

fn title(firing: Option<usize>, page: &str) -> String {
    match firing {
        Some(firing @ 1..) => format!("({firing}) {page} · Brokerscope"),
        _ => format!("{page} · Brokerscope"),
    }
}

#[cfg(test)]
mod tests {
    use super::title;

    #[test]
    fn what_fires_comes_first() {
        assert_eq!(title(Some(2), "Overview"), "(2) Overview · Brokerscope");
        assert_eq!(title(Some(0), "Overview"), "Overview · Brokerscope");
        assert_eq!(title(None, "Overview"), "Overview · Brokerscope");
    }
}
