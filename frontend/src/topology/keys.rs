//! What keys do on the graph.

use brokerscope_figures::layout::Direction;
use leptos::ev::KeyboardEvent;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// To the next box that way.
    Walk(Direction),
    Pan(Direction),
    /// Opens the details of the box at the cursor.
    Choose,
    /// Shows only what is around the box at the cursor.
    Focus,
    Closer,
    Further,
    Fit,
    First,
    Leave,
}

/// The action of a key; none for keys that belong to the page or the browser.
pub fn action(event: &KeyboardEvent) -> Option<Action> {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return None;
    }
    named(&event.key(), event.shift_key())
}

fn named(key: &str, shift: bool) -> Option<Action> {
    let arrow = |direction| {
        if shift {
            Action::Pan(direction)
        } else {
            Action::Walk(direction)
        }
    };
    Some(match key {
        "ArrowLeft" => arrow(Direction::Left),
        "ArrowRight" => arrow(Direction::Right),
        "ArrowUp" => arrow(Direction::Up),
        "ArrowDown" => arrow(Direction::Down),
        "Enter" | " " => Action::Choose,
        "f" => Action::Focus,
        "+" | "=" => Action::Closer,
        "-" | "_" => Action::Further,
        "0" => Action::Fit,
        "Home" => Action::First,
        "Escape" => Action::Leave,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_walk_and_with_shift_they_pan() {
        assert_eq!(named("ArrowUp", false), Some(Action::Walk(Direction::Up)));
        assert_eq!(named("ArrowUp", true), Some(Action::Pan(Direction::Up)));
        assert_eq!(named("0", false), Some(Action::Fit));
        assert_eq!(named("q", false), None);
    }
}
