//! The keyboard map: which keys do what, as a table that the help shows too.

use crate::route::Route;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Help,
    /// To the search field of the page, or the palette where there is none.
    Search,
    Go(Route),
    NextRow,
    PreviousRow,
    Back,
    Earlier,
    Later,
    ZoomOut,
    CopyRange,
    PasteRange,
}

/// Keys, one after the other with a space, and what they do. Letters, so that they work on any layout.
pub const MAP: &[(&str, Action, &str)] = &[
    ("?", Action::Help, "This list"),
    ("/", Action::Search, "Search on this page"),
    ("g o", Action::Go(Route::Overview), "Go to the overview"),
    ("g t", Action::Go(Route::Topology), "Go to the topology"),
    ("g q", Action::Go(Route::Destinations), "Go to the queues"),
    ("g a", Action::Go(Route::Alerts), "Go to the alerts"),
    ("g h", Action::Go(Route::Health), "Go to health"),
    ("g c", Action::Go(Route::Connections), "Go to the connections"),
    ("j", Action::NextRow, "Next row"),
    ("k", Action::PreviousRow, "Previous row"),
    ("Escape", Action::Back, "Back"),
    ("[", Action::Earlier, "Earlier by half a window"),
    ("]", Action::Later, "Later by half a window"),
    ("z", Action::ZoomOut, "Zoom out to twice the time"),
    ("t c", Action::CopyRange, "Copy the time range"),
    ("t v", Action::PasteRange, "Paste a time range"),
];

/// What a key means after the one before it: an action, or the first half of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    Nothing,
    FirstHalf,
    Act(Action),
}

pub fn meaning(before: Option<&str>, key: &str) -> Meaning {
    let both = before.map(|before| format!("{before} {key}"));
    let found = |keys: &str| MAP.iter().find(|(map, ..)| *map == keys).map(|(_, action, _)| *action);
    if let Some(action) = both.as_deref().and_then(found).or_else(|| found(key)) {
        return Meaning::Act(action);
    }
    let first = MAP
        .iter()
        .any(|(map, ..)| map.split_once(' ').is_some_and(|(first, _)| first == key));
    if first { Meaning::FirstHalf } else { Meaning::Nothing }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_keys_in_a_row_are_one_action() {
        assert_eq!(meaning(None, "g"), Meaning::FirstHalf);
        assert_eq!(meaning(Some("g"), "t"), Meaning::Act(Action::Go(Route::Topology)));
        assert_eq!(meaning(Some("t"), "c"), Meaning::Act(Action::CopyRange));
        assert_eq!(meaning(Some("g"), "g"), Meaning::FirstHalf);
    }

    #[test]
    fn a_key_alone_is_its_own_action_whatever_came_before() {
        assert_eq!(meaning(None, "z"), Meaning::Act(Action::ZoomOut));
        assert_eq!(meaning(Some("g"), "z"), Meaning::Act(Action::ZoomOut));
        assert_eq!(meaning(None, "q"), Meaning::Nothing);
        assert_eq!(meaning(None, "Enter"), Meaning::Nothing);
    }
}
