//! Maps by the store's numbers of entities: a page that shows everything looks up several for each line of the graph.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use brokerscope_contract::EntityId;

/// The numbers are our own, one after the other: nobody can choose them so that they collide.
pub type ById<T> = HashMap<EntityId, T, BuildHasherDefault<Spread>>;

/// Spreads a number over all bits by a multiplication (Knuth, The Art of Computer Programming 3, 6.4).
#[derive(Debug, Default, Clone, Copy)]
pub struct Spread(u64);

/// 2^64 divided by the golden ratio.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

impl Hasher for Spread {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(5) ^ number).wrapping_mul(GOLDEN);
    }

    fn write_i64(&mut self, number: i64) {
        self.write_u64(number.cast_unsigned());
    }

    /// The map takes its place from the lowest bits, which a multiplication mixes least.
    fn finish(&self) -> u64 {
        self.0.rotate_left(32)
    }
}
