//! Samples over time, from the tick of a visit to compressed blocks and rollups, and back to lines.

mod read;
