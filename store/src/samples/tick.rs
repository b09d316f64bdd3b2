//! What one visit measured, over all lanes of its connection, as the bytes of one row of the table `ticks`.

use std::collections::BTreeMap;

use brokerscope_contract::Timestamp;

use super::codec::row::{self, WIDTH};
use super::codec::{Corrupt, varint};
use super::lane::Lane;

/// The values of one visit, collected in the order in which the broker gave them.
pub(crate) struct Values {
    /// `WIDTH` per lane; NaN is "no value".
    values: Vec<f64>,
    touched: Vec<bool>,
}

impl Values {
    pub fn for_lanes(lanes: usize) -> Values {
        Values {
            values: vec![f64::NAN; lanes * WIDTH],
            touched: vec![false; lanes],
        }
    }

    /// Sets the value of a slot; a lane beyond the last makes room for itself.
    pub fn set(&mut self, lane: usize, slot: usize, value: f64) {
        if lane >= self.touched.len() {
            self.touched.resize(lane + 1, false);
            self.values.resize((lane + 1) * WIDTH, f64::NAN);
        }
        self.touched[lane] = true;
        self.values[lane * WIDTH + slot] = value;
    }

    /// The bytes of the tick: the number of lanes, then each one's id and row. `None` when nothing was measured.
    pub fn encode<'a>(&self, lanes: impl Iterator<Item = (&'a Lane, usize)>) -> Option<Vec<u8>> {
        let count = self.touched.iter().filter(|touched| **touched).count();
        if count == 0 {
            return None;
        }
        let mut out = Vec::with_capacity(count * WIDTH * 2);
        varint::put(&mut out, count as u64);
        for (index, (lane, width)) in lanes.enumerate() {
            if self.touched.get(index).copied().unwrap_or(false) {
                varint::put(&mut out, lane.id as u64);
                lane.encode(&mut out, &self.values[index * WIDTH..index * WIDTH + width]);
            }
        }
        Some(out)
    }
}

/// The values of times before the visit, a row of a lane for each time at which it has some.
#[derive(Default)]
pub(crate) struct Past(BTreeMap<Timestamp, BTreeMap<usize, [f64; WIDTH]>>);

impl Past {
    pub fn set(&mut self, at: Timestamp, lane: usize, slot: usize, value: f64) {
        let row = self.0.entry(at).or_default().entry(lane).or_insert([f64::NAN; WIDTH]);
        row[slot] = value;
    }

    /// A tick per time, the oldest first. Their rows are fresh: each can be read without those before it.
    /// `lanes` has the width of each as well.
    pub fn encode(&self, lanes: &[(&Lane, usize)]) -> impl Iterator<Item = (Timestamp, Vec<u8>)> {
        self.0.iter().map(|(at, rows)| {
            let mut out = Vec::with_capacity(rows.len() * WIDTH * 2);
            let known = || rows.iter().filter_map(|(lane, row)| Some((lanes.get(*lane)?, row)));
            varint::put(&mut out, known().count() as u64);
            for ((lane, width), row) in known() {
                varint::put(&mut out, lane.id as u64);
                row::encode(&mut out, &[], &row[..*width], true);
            }
            (*at, out)
        })
    }
}

/// Adds a stored tick to the lanes it names, found by `index` from their ids.
///
/// After an error some lanes have the tick and some have not; the store must not go on with them.
pub(crate) fn replay(
    lanes: &mut [Lane],
    index: impl Fn(i64) -> Option<usize>,
    tick: i64,
    at: i64,
    mut data: &[u8],
) -> Result<(), Corrupt> {
    let input = &mut data;
    let count = varint::take(input)?;
    for _ in 0..count {
        let id = varint::take(input)? as i64;
        let lane = index(id).and_then(|at| lanes.get_mut(at)).ok_or(Corrupt("tick"))?;
        lane.append(tick, at, input)?;
    }
    if input.is_empty() { Ok(()) } else { Err(Corrupt("tick")) }
}
