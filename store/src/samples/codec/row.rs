//! One tick of one lane: the values of up to 32 series at one moment, as changes since the tick before.
//!
//! Most values of a broker at rest do not change from one visit to the next, and most that do are whole numbers that
//! change a little. A row is
//! - a byte of flags: 1 = changes are counted from zero, not from the row before; 2 = some slots have no value;
//! - the number of slots;
//! - with flag 2, a bit per slot that has a value, the least significant first;
//! - per value a code: 0 and n: this and the next n values are as before; 1 and eight bytes: the value itself;
//!   anything else: the zigzag change plus one.

use super::{Corrupt, varint};

/// How many series share a lane. Wide enough to share SQLite's cost per row and the times, narrow enough that reading
/// one series does not read much for nothing.
pub(crate) const WIDTH: usize = 32;

const FRESH: u8 = 1;
const SPARSE: u8 = 2;

const SAME: u64 = 0;
const RAW: u64 = 1;

/// Appends the row of `values`, of which NaN is "no value", to `out`.
///
/// `before` holds the state that decoding the rows before leaves; slots beyond its end are 0. With `fresh` it is not
/// looked at and the row can be decoded without those before it.
pub(crate) fn encode(out: &mut Vec<u8>, before: &[f64], values: &[f64], fresh: bool) {
    debug_assert!(values.len() <= WIDTH);
    let sparse = values.iter().any(|value| value.is_nan());
    out.push(if fresh { FRESH } else { 0 } | if sparse { SPARSE } else { 0 });
    varint::put(out, values.len() as u64);
    if sparse {
        for eight in values.chunks(8) {
            let bits = eight
                .iter()
                .rev()
                .fold(0, |bits, value| bits << 1 | u8::from(!value.is_nan()));
            out.push(bits);
        }
    }
    let mut same = 0u64;
    for (slot, value) in values.iter().enumerate().filter(|(_, value)| !value.is_nan()) {
        let before = if fresh {
            0.0
        } else {
            before.get(slot).copied().unwrap_or(0.0)
        };
        if value.to_bits() == before.to_bits() {
            same += 1;
            continue;
        }
        put_same(out, &mut same);
        match (whole(before), whole(*value)) {
            (Some(before), Some(value)) => varint::put(out, varint::zigzag(value - before) + 1),
            _ => {
                varint::put(out, RAW);
                out.extend_from_slice(&value.to_bits().to_le_bytes());
            }
        }
    }
    put_same(out, &mut same);
}

fn put_same(out: &mut Vec<u8>, same: &mut u64) {
    if *same > 0 {
        varint::put(out, SAME);
        varint::put(out, *same - 1);
        *same = 0;
    }
}

/// The value as an integer, if it is one that a double holds exactly. Minus zero is not: its sign would be lost.
pub(crate) fn whole(value: f64) -> Option<i64> {
    const EXACT: f64 = (1u64 << 53) as f64;
    let integer = value as i64;
    (value.abs() <= EXACT && (integer as f64).to_bits() == value.to_bits()).then_some(integer)
}

/// Whether the row can be decoded without those before it.
pub(crate) fn is_fresh(row: &[u8]) -> bool {
    row.first().is_some_and(|flags| flags & FRESH != 0)
}

/// Takes one row off the front of `input`, brings `state` up to date and tells `each` slot that has a value.
pub(crate) fn decode(
    input: &mut &[u8],
    state: &mut [f64; WIDTH],
    mut each: impl FnMut(usize, f64),
) -> Result<(), Corrupt> {
    let flags = varint::take_byte(input)?;
    let width = varint::take_up_to(input, WIDTH)?;
    if flags & FRESH != 0 {
        state.fill(0.0);
    }
    let present = if flags & SPARSE != 0 {
        let bytes = varint::take_bytes(input, width.div_ceil(8))?;
        bytes.iter().rev().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte))
    } else {
        u32::MAX
    };
    let mut same = 0u64;
    for (slot, state) in state.iter_mut().enumerate().take(width) {
        if present >> slot & 1 == 0 {
            continue;
        }
        if same > 0 {
            same -= 1;
        } else {
            match varint::take(input)? {
                SAME => same = varint::take(input)?,
                RAW => *state = f64::from_bits(varint::take_u64(input)?),
                code => {
                    let before = whole(*state).ok_or(Corrupt("row"))?;
                    *state = before.wrapping_add(varint::unzigzag(code - 1)) as f64;
                }
            }
        }
        each(slot, *state);
    }
    if same == 0 { Ok(()) } else { Err(Corrupt("row")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Values as brokers give them, and every other finite double; NaN is "no value".
    fn value() -> impl Strategy<Value = f64> {
        prop_oneof![
            4 => (-5i32..1000).prop_map(f64::from),
            1 => Just(f64::NAN),
            1 => (0u64..1 << 60).prop_map(|v| v as f64),
            1 => any::<f64>().prop_filter("only NaN means no value", |v| !v.is_nan()),
            1 => Just(-0.0),
        ]
    }

    proptest! {
        #[test]
        fn rows_come_back_bit_for_bit(
            rows in prop::collection::vec((prop::collection::vec(value(), 0..=WIDTH), any::<bool>()), 1..20),
        ) {
            let (mut bytes, mut before) = (Vec::new(), [0.0; WIDTH]);
            for (values, fresh) in &rows {
                encode(&mut bytes, &before, values, *fresh);
                if *fresh {
                    before = [0.0; WIDTH];
                }
                for (before, value) in before.iter_mut().zip(values).filter(|(_, value)| !value.is_nan()) {
                    *before = *value;
                }
            }
            let (mut input, mut state) = (&bytes[..], [0.0; WIDTH]);
            for (values, _) in &rows {
                let mut seen = vec![f64::NAN; values.len()];
                decode(&mut input, &mut state, |slot, value| seen[slot] = value).unwrap();
                for (seen, value) in seen.iter().zip(values) {
                    prop_assert!(seen.to_bits() == value.to_bits() || seen.is_nan() && value.is_nan());
                }
            }
            prop_assert!(input.is_empty());
        }

        #[test]
        fn rubbish_is_an_error_or_a_row_but_never_a_panic(bytes: Vec<u8>) {
            let mut input = &bytes[..];
            let mut state = [0.0; WIDTH];
            while !input.is_empty() && decode(&mut input, &mut state, |_, _| ()).is_ok() {}
        }
    }

    #[test]
    fn a_lane_at_rest_takes_four_bytes_a_tick() {
        let mut bytes = Vec::new();
        encode(&mut bytes, &[7.0; WIDTH], &[7.0; WIDTH], false);
        assert_eq!(bytes.len(), 4);
    }
}
