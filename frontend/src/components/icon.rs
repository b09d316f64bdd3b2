//! The symbols of the interface as inline SVG strokes, 16 units square.

use leptos::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symbol {
    Overview,
    Topology,
    Queues,
    Alerts,
    Health,
    Connections,
    Search,
    Theme,
    Help,
    Link,
    Table,
    Chart,
    Close,
    Down,
    Up,
    Left,
    Right,
    Pause,
    Play,
    Plus,
    Bell,
    Warning,
    ZoomOut,
    More,
}

impl Symbol {
    /// SVG path data.
    fn path(self) -> &'static str {
        match self {
            Symbol::Overview => "M2 9l6-6 6 6M4 8v6h8V8",
            Symbol::Topology => {
                "M5 8a2 2 0 1 1-4 0 2 2 0 0 1 4 0zM15 3.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0zM15 12.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0zM5 8h2c3 0 2-4.5 4-4.5M7 8c3 0 2 4.5 4 4.5"
            }
            Symbol::Queues => "M2 4h12M2 8h12M2 12h7",
            Symbol::Alerts | Symbol::Bell => {
                "M8 2a4 4 0 0 1 4 4c0 4 1.5 5 1.5 5h-11S4 10 4 6a4 4 0 0 1 4-4zM6.7 13.5a1.4 1.4 0 0 0 2.6 0"
            }
            Symbol::Health => "M1.5 8h3l1.7-4.5 3 9L11 8h3.5",
            Symbol::Connections => "M6 5V2M10 5V2M4 5h8v3a4 4 0 0 1-8 0zM8 12v2.5",
            Symbol::Search => "M11.5 7a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0zM10.5 10.5L14 14",
            Symbol::Theme => "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0zM8 2v12M8 5l4-1.5M8 8h6M8 11l4 1.5",
            Symbol::Help => {
                "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0zM6.2 6.3a1.8 1.8 0 1 1 2.5 1.6c-.5.2-.7.6-.7 1.1M8 11.3v.1"
            }
            Symbol::Link => {
                "M6.5 9.5l3-3M7 4.5l1.3-1.3a3 3 0 0 1 4.3 4.3L11.3 8.8M9 11.5l-1.3 1.3a3 3 0 0 1-4.3-4.3L4.7 7.2"
            }
            Symbol::Table => "M2 3h12v10H2zM2 6.5h12M2 10h12M6.5 3v10",
            Symbol::Chart => "M2 2v12h12M4.5 10.5l3-3.5 2.5 2 3.5-4.5",
            Symbol::Close => "M4 4l8 8M12 4l-8 8",
            Symbol::Down => "M4 6.5l4 4 4-4",
            Symbol::Up => "M4 9.5l4-4 4 4",
            Symbol::Left => "M9.5 4l-4 4 4 4",
            Symbol::Right => "M6.5 4l4 4-4 4",
            Symbol::Pause => "M5.5 3.5v9M10.5 3.5v9",
            Symbol::Play => "M5 3.5v9l7-4.5z",
            Symbol::Plus => "M8 3v10M3 8h10",
            Symbol::Warning => "M8 2.5L14.5 13.5H1.5zM8 6.5v3.5M8 11.8v.1",
            Symbol::ZoomOut => "M11.5 7a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0zM10.5 10.5L14 14M5 7h4",
            Symbol::More => "M3.5 8v.1M8 8v.1M12.5 8v.1",
        }
    }
}

/// A symbol beside text; alone it needs a label on its button.
#[component]
pub fn Icon(symbol: Symbol) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
            <path d=symbol.path() />
        </svg>
    }
}
