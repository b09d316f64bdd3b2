//! Sentences of the server in which what is to be typed stands between backticks.

use leptos::prelude::*;

/// The text, with what stands between backticks as code.
pub fn prose(text: &str) -> AnyView {
    let part = |(index, part): (usize, &str)| match index % 2 {
        1 => view! { <code>{part.to_string()}</code> }.into_any(),
        _ => part.to_string().into_any(),
    };
    text.split('`').enumerate().map(part).collect::<Vec<_>>().into_any()
}
