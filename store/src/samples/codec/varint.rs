//! Whole numbers in as few bytes as they need: seven bits a byte, the least significant first.

use super::Corrupt;

/// Appends `value`; 1 byte below 128, 10 bytes at most.
pub(crate) fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Takes one number off the front of `input`.
pub(crate) fn take(input: &mut &[u8]) -> Result<u64, Corrupt> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let byte = take_byte(input)?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(Corrupt("number"))
}

/// Takes a number that must not exceed `max`: a length or an index, before anything is allocated for it.
pub(crate) fn take_up_to(input: &mut &[u8], max: usize) -> Result<usize, Corrupt> {
    usize::try_from(take(input)?)
        .ok()
        .filter(|value| *value <= max)
        .ok_or(Corrupt("length"))
}

pub(crate) fn take_byte(input: &mut &[u8]) -> Result<u8, Corrupt> {
    let (first, rest) = input.split_first().ok_or(Corrupt("end of data"))?;
    *input = rest;
    Ok(*first)
}

pub(crate) fn take_bytes<'a>(input: &mut &'a [u8], n: usize) -> Result<&'a [u8], Corrupt> {
    let (taken, rest) = input.split_at_checked(n).ok_or(Corrupt("end of data"))?;
    *input = rest;
    Ok(taken)
}

/// Eight bytes, least significant first.
pub(crate) fn take_u64(input: &mut &[u8]) -> Result<u64, Corrupt> {
    let (taken, rest) = input.split_first_chunk::<8>().ok_or(Corrupt("end of data"))?;
    *input = rest;
    Ok(u64::from_le_bytes(*taken))
}

/// Maps small negative numbers to small positive ones: 0, -1, 1, -2 become 0, 1, 2, 3.
pub(crate) fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// The inverse of [`zigzag`].
pub(crate) fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_number_comes_back(value: u64, signed: i64) {
            let mut bytes = Vec::new();
            put(&mut bytes, value);
            let mut input = &bytes[..];
            prop_assert_eq!(take(&mut input), Ok(value));
            prop_assert!(input.is_empty());
            prop_assert_eq!(unzigzag(zigzag(signed)), signed);
        }
    }

    #[test]
    fn what_is_cut_off_or_too_long_is_an_error() {
        assert!(take(&mut &[][..]).is_err());
        assert!(take(&mut &[0x80][..]).is_err());
        assert!(take(&mut &[0xff; 11][..]).is_err());
        assert!(take_up_to(&mut &[9][..], 8).is_err());
        assert!(take_u64(&mut &[0; 7][..]).is_err());
        assert!(take_bytes(&mut &[0; 7][..], 8).is_err());
    }
}
