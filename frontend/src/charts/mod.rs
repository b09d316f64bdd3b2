//! Charts: drawing only; the arithmetic is in the figures crate.
