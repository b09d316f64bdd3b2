//! Many values of one series, compressed: the first byte says how.

use pco::standalone::{simple_compress, simple_decompress};
use pco::{ChunkConfig, DeltaSpec, ModeSpec};

use super::row::whole;
use super::{Corrupt, varint};

/// One value, eight bytes, for all.
const CONSTANT: u8 = 0;
/// The zigzag changes, one after the other: for columns too short to pay for pco's header.
const CHANGES: u8 = 1;
/// The least value, then the distance of each from it, by pco as 32-bit integers.
const NARROW: u8 = 2;
/// By pco as 64-bit integers.
const WIDE: u8 = 3;
/// By pco as doubles.
const DOUBLES: u8 = 4;
/// Eight bytes each: short columns of anything.
const PLAIN: u8 = 5;

/// Below this many values pco's header outweighs what it saves.
const SHORT: usize = 24;

/// Appends `values` to `out` in the shape that suits them. Every bit pattern comes back.
pub(crate) fn encode(out: &mut Vec<u8>, values: &[f64]) {
    let Some(first) = values.first() else { return };
    if values.iter().all(|value| value.to_bits() == first.to_bits()) {
        out.push(CONSTANT);
        out.extend_from_slice(&first.to_bits().to_le_bytes());
        return;
    }
    match values.iter().map(|value| whole(*value)).collect::<Option<Vec<i64>>>() {
        Some(integers) => encode_integers(out, &integers),
        None => encode_doubles(out, values),
    }
}

fn encode_integers(out: &mut Vec<u8>, values: &[i64]) {
    if values.len() < SHORT {
        out.push(CHANGES);
        let mut before = 0;
        for value in values {
            varint::put(out, varint::zigzag(value - before));
            before = *value;
        }
        return;
    }
    let least = values.iter().copied().min().unwrap_or(0);
    // Differences fit: `whole` admits nothing beyond 2^53.
    let narrow: Result<Vec<u32>, _> = values.iter().map(|value| u32::try_from(value - least)).collect();
    let packed = match &narrow {
        Ok(distances) => simple_compress(distances, &config()),
        Err(_) => simple_compress(values, &config()),
    };
    match (packed, narrow) {
        (Ok(packed), Ok(_)) => {
            out.push(NARROW);
            varint::put(out, varint::zigzag(least));
            out.extend_from_slice(&packed);
        }
        (Ok(packed), Err(_)) => {
            out.push(WIDE);
            out.extend_from_slice(&packed);
        }
        // pco refuses nothing that is given to it here; should it ever, size is lost and no value.
        (Err(_), _) => encode_plain(out, values.iter().map(|value| *value as f64)),
    }
}

fn encode_doubles(out: &mut Vec<u8>, values: &[f64]) {
    let config = ChunkConfig::default().with_compression_level(LEVEL);
    match simple_compress(values, &config) {
        Ok(packed) if values.len() >= SHORT || packed.len() < values.len() * 8 => {
            out.push(DOUBLES);
            out.extend_from_slice(&packed);
        }
        _ => encode_plain(out, values.iter().copied()),
    }
}

fn encode_plain(out: &mut Vec<u8>, values: impl Iterator<Item = f64>) {
    out.push(PLAIN);
    out.extend(values.flat_map(|value| value.to_bits().to_le_bytes()));
}

/// pco's own default; higher levels cost time and gave less than 1 % on queue-like data.
const LEVEL: usize = 8;

/// For integers: depths and counters have no common divisor worth looking for.
fn config() -> ChunkConfig {
    ChunkConfig::default()
        .with_compression_level(LEVEL)
        .with_mode_spec(ModeSpec::Classic)
        .with_delta_spec(DeltaSpec::Auto)
}

/// The `n` values that were encoded into exactly these bytes.
pub(crate) fn decode(mut input: &[u8], n: usize) -> Result<Vec<f64>, Corrupt> {
    if n == 0 {
        return Ok(Vec::new());
    }
    let values = match varint::take_byte(&mut input)? {
        CONSTANT => vec![f64::from_bits(varint::take_u64(&mut input)?); n],
        CHANGES => decode_changes(input, n)?,
        NARROW => {
            let least = varint::unzigzag(varint::take(&mut input)?);
            let distances: Vec<u32> = unpack(input)?;
            distances
                .iter()
                .map(|far| least.wrapping_add(i64::from(*far)) as f64)
                .collect()
        }
        WIDE => unpack::<i64>(input)?.iter().map(|value| *value as f64).collect(),
        DOUBLES => unpack(input)?,
        PLAIN => input
            .chunks_exact(8)
            .map(|mut eight| varint::take_u64(&mut eight).map(f64::from_bits))
            .collect::<Result<_, _>>()?,
        _ => return Err(Corrupt("column")),
    };
    if values.len() == n {
        Ok(values)
    } else {
        Err(Corrupt("column"))
    }
}

fn decode_changes(mut input: &[u8], n: usize) -> Result<Vec<f64>, Corrupt> {
    let mut before = 0i64;
    (0..n)
        .map(|_| {
            before = before.wrapping_add(varint::unzigzag(varint::take(&mut input)?));
            Ok(before as f64)
        })
        .collect()
}

fn unpack<T: pco::data_types::Number>(input: &[u8]) -> Result<Vec<T>, Corrupt> {
    simple_decompress(input).map_err(|_| Corrupt("column"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn comes_back(values: &[f64]) {
        let mut bytes = Vec::new();
        encode(&mut bytes, values);
        let back = decode(&bytes, values.len()).unwrap();
        let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&back), bits(values));
    }

    proptest! {
        #[test]
        fn any_values_come_back_bit_for_bit(values: Vec<f64>) {
            comes_back(&values);
        }

        #[test]
        fn whole_numbers_come_back(values: Vec<i64>, narrow: Vec<u16>) {
            comes_back(&values.iter().map(|value| *value as f64).collect::<Vec<_>>());
            comes_back(&narrow.iter().map(|value| f64::from(*value)).collect::<Vec<_>>());
        }

        #[test]
        fn rubbish_is_never_a_panic(bytes: Vec<u8>, n in 0usize..100) {
            let _ = decode(&bytes, n);
        }
    }

    #[test]
    fn shapes_at_their_edges() {
        let edge = (1u64 << 53) as f64;
        let cases: &[&[f64]] = &[
            &[],
            &[1.0],
            &[-0.0, 0.0],
            &[edge, -edge],
            &[edge + 2.0, 1.0],
            &[f64::MAX, f64::MIN, f64::MIN_POSITIVE],
            &[0.0, f64::from(u32::MAX)],
            &[0.0, f64::from(u32::MAX) + 1.0],
        ];
        for values in cases {
            comes_back(values);
            let long: Vec<f64> = values.iter().copied().cycle().take(values.len() * 50).collect();
            comes_back(&long);
        }
    }

    #[test]
    fn a_constant_takes_nine_bytes() {
        let mut bytes = Vec::new();
        encode(&mut bytes, &[42.0; 1000]);
        assert_eq!(bytes.len(), 9);
    }
}
