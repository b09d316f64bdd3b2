//! A lane over a stretch of time: shared times, and per entity one or more columns of values.
//!
//! A block of samples has one column per entity, a block of rollups one for each figure. It is
//! - a byte: the version of this layout;
//! - the number of times, the length of their column, the column;
//! - the number of entities; per entity its id and the length of its part;
//! - the parts. A part is a byte that says whether a value exists at every time; if not, a bit per time, the least
//!   significant first; then each column after its length.
//!
//! So one series is read without decoding its neighbours, and a block can be read without any other table.

use brokerscope_contract::EntityId;

use super::{Corrupt, column, varint};

const VERSION: u8 = 1;
/// More times than any block is made with; what claims more is damaged.
const MAX_TIMES: usize = 1 << 20;

const FULL: u8 = 0;
const HOLES: u8 = 1;

/// One entity's values: `at[i]` is the index of the time of `columns[..][i]`, ascending.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Part {
    pub at: Vec<u32>,
    pub columns: Vec<Vec<f64>>,
}

/// The block of these parts. Parts without values are left out.
pub(crate) fn encode(times: &[i64], parts: &[(EntityId, Part)]) -> Vec<u8> {
    let mut out = vec![VERSION];
    varint::put(&mut out, times.len() as u64);
    let mut column = Vec::new();
    // Milliseconds since the epoch stay far below 2^53, where doubles are exact.
    let as_values: Vec<f64> = times.iter().map(|time| *time as f64).collect();
    column::encode(&mut column, &as_values);
    put_slice(&mut out, &column);

    let parts: Vec<_> = parts.iter().filter(|(_, part)| !part.at.is_empty()).collect();
    varint::put(&mut out, parts.len() as u64);
    let mut bodies = Vec::new();
    for (entity, part) in parts {
        let start = bodies.len();
        encode_part(&mut bodies, times.len(), part);
        varint::put(&mut out, varint::zigzag(entity.0));
        varint::put(&mut out, (bodies.len() - start) as u64);
    }
    out.extend_from_slice(&bodies);
    out
}

fn encode_part(out: &mut Vec<u8>, times: usize, part: &Part) {
    if part.at.len() == times {
        out.push(FULL);
    } else {
        out.push(HOLES);
        let start = out.len();
        out.resize(start + times.div_ceil(8), 0);
        for at in &part.at {
            out[start + *at as usize / 8] |= 1 << (at % 8);
        }
    }
    let mut bytes = Vec::new();
    for values in &part.columns {
        bytes.clear();
        column::encode(&mut bytes, values);
        put_slice(out, &bytes);
    }
}

fn put_slice(out: &mut Vec<u8>, bytes: &[u8]) {
    varint::put(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// An encoded block, its directory read and its columns not yet.
pub(crate) struct Block<'a> {
    pub times: Vec<i64>,
    parts: Vec<(EntityId, &'a [u8])>,
}

impl<'a> Block<'a> {
    pub fn parse(mut input: &'a [u8]) -> Result<Block<'a>, Corrupt> {
        if varint::take_byte(&mut input)? != VERSION {
            return Err(Corrupt("block version"));
        }
        let count = varint::take_up_to(&mut input, MAX_TIMES)?;
        let times = column::decode(take_slice(&mut input)?, count)?;
        let entities = varint::take_up_to(&mut input, super::row::WIDTH)?;
        let mut directory = Vec::with_capacity(entities);
        for _ in 0..entities {
            let entity = EntityId(varint::unzigzag(varint::take(&mut input)?));
            directory.push((entity, varint::take_up_to(&mut input, usize::MAX)?));
        }
        let mut parts = Vec::with_capacity(entities);
        for (entity, length) in directory {
            parts.push((entity, varint::take_bytes(&mut input, length)?));
        }
        Ok(Block {
            times: times.into_iter().map(|time| time as i64).collect(),
            parts,
        })
    }

    /// The entity's values, `columns` figures for each time; `None` when it has none in this block.
    pub fn part(&self, entity: EntityId, columns: usize) -> Result<Option<Part>, Corrupt> {
        let Some(part) = self.parts.iter().find(|(id, _)| *id == entity) else {
            return Ok(None);
        };
        let mut input = part.1;
        let count = self.times.len();
        let at: Vec<u32> = match varint::take_byte(&mut input)? {
            FULL => (0..count as u32).collect(),
            HOLES => {
                let bits = varint::take_bytes(&mut input, count.div_ceil(8))?;
                (0..count as u32)
                    .filter(|at| bits[*at as usize / 8] >> (at % 8) & 1 == 1)
                    .collect()
            }
            _ => return Err(Corrupt("block")),
        };
        let columns = (0..columns)
            .map(|_| column::decode(take_slice(&mut input)?, at.len()))
            .collect::<Result<_, _>>()?;
        Ok(Some(Part { at, columns }))
    }

    /// The entity's times and values, for a block of samples.
    pub fn points(&self, entity: EntityId) -> Result<Vec<(i64, f64)>, Corrupt> {
        let Some(part) = self.part(entity, 1)? else {
            return Ok(Vec::new());
        };
        let values = part.columns.first().map_or(&[][..], Vec::as_slice);
        Ok(part
            .at
            .iter()
            .zip(values)
            .map(|(at, value)| (self.times[*at as usize], *value))
            .collect())
    }
}

fn take_slice<'a>(input: &mut &'a [u8]) -> Result<&'a [u8], Corrupt> {
    let length = varint::take_up_to(input, usize::MAX)?;
    varint::take_bytes(input, length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Up to 4 entities over the same times, each with holes of its own.
    fn block() -> impl Strategy<Value = (Vec<i64>, Vec<(EntityId, Part)>)> {
        prop::collection::vec(0i64..4_000_000_000_000, 1..60).prop_flat_map(|times| {
            let n = times.len();
            let part = prop::collection::vec(prop::option::of(-1000i32..1000), n).prop_map(|cells| {
                let mut part = Part {
                    at: Vec::new(),
                    columns: vec![Vec::new(), Vec::new()],
                };
                for (at, value) in cells.iter().enumerate().filter_map(|(at, cell)| Some((at, (*cell)?))) {
                    part.at.push(at as u32);
                    part.columns[0].push(f64::from(value));
                    part.columns[1].push(f64::from(value) / 3.0);
                }
                part
            });
            let parts = prop::collection::vec(part, 0..4)
                .prop_map(|parts| (1..).map(|id| EntityId(id * 1_000_003)).zip(parts).collect::<Vec<_>>());
            (Just(times), parts)
        })
    }

    proptest! {
        #[test]
        fn each_entity_comes_back_with_its_holes((times, parts) in block()) {
            let bytes = encode(&times, &parts);
            let block = Block::parse(&bytes).unwrap();
            prop_assert_eq!(&block.times, &times);
            for (entity, part) in &parts {
                let back = block.part(*entity, 2).unwrap();
                prop_assert_eq!(back, (!part.at.is_empty()).then(|| part.clone()));
            }
            prop_assert_eq!(block.part(EntityId(-1), 2).unwrap(), None);
        }

        #[test]
        fn a_damaged_block_is_an_error_or_a_block_but_never_a_panic(
            (times, parts) in block(), at: prop::sample::Index, bits in 1u8..,
        ) {
            let mut bytes = encode(&times, &parts);
            let at = at.index(bytes.len());
            bytes[at] ^= bits;
            if let Ok(block) = Block::parse(&bytes) {
                for (entity, _) in &block.parts {
                    let _ = block.part(*entity, 2);
                }
            }
        }
    }
}
