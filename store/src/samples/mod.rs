//! Samples over time, from the tick of a visit to compressed blocks and rollups, and back to lines.
//!
//! ```text
//! visit -> tick (one row, all lanes; also kept per lane in memory)
//!       -> block (one row per lane, an hour or so, compressed per series)       seal
//!       -> rollup (one row per lane, a day of 5-minute steps; 16 days of hours)  rollup
//! read  <- blocks or rollups, then what is in memory  -> line (rates, gaps, even steps)
//! ```
//!
//! Four files hold what can be known without a database: [`rate`], [`spacing`], [`past`] and [`line`]; so does all of `codec`.

pub(crate) mod codec;
mod history;
pub(crate) mod lane;
mod lanes;
mod line;
mod past;
mod rate;
mod read;
mod rollup;
mod seal;
mod spacing;
pub(crate) mod tick;

pub(crate) use lanes::{changed_lanes, encode_last, freed_lanes, lanes_of, write_freed, write_lanes, write_tick};
pub(crate) use rollup::roll_up;
pub(crate) use seal::run as run_sealer;
