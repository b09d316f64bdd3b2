//! Tests of the whole collector.

mod live;
mod redpanda;
