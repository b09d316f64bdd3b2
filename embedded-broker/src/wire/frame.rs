//! Cuts the byte stream of a connection into frames: four bytes of length, then that many bytes.

use bytes::{Buf, Bytes, BytesMut};

/// The fixed part of a request's header: api key, version, correlation id.
const SMALLEST: usize = 8;

/// The most that is set aside for a frame before its bytes have arrived.
const FIRST_RESERVE: usize = 64 * 1024;

/// Why a stream cannot be cut any further. The connection is closed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    #[error("a frame of {length} bytes, which is less than a request's header")]
    TooShort { length: i32 },
    #[error("a frame of {length} bytes, where {limit} are the limit")]
    TooLong { length: i32, limit: usize },
}

/// Takes one whole frame off the front, or says with `None` that more bytes are needed.
pub fn take_frame(stream: &mut BytesMut, limit: usize) -> Result<Option<Bytes>, FrameError> {
    let Some(prefix) = stream.first_chunk::<4>() else {
        return Ok(None);
    };
    let length = i32::from_be_bytes(*prefix);
    let size = match usize::try_from(length) {
        Ok(size) if size >= SMALLEST => size,
        _ => return Err(FrameError::TooShort { length }),
    };
    if size > limit {
        return Err(FrameError::TooLong { length, limit });
    }
    if stream.len() < 4 + size {
        let missing = 4 + size - stream.len();
        stream.reserve(missing.min(FIRST_RESERVE));
        return Ok(None);
    }
    stream.advance(4);
    Ok(Some(stream.split_to(size).freeze()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn framed(body: &[u8]) -> Vec<u8> {
        let mut bytes = (body.len() as i32).to_be_bytes().to_vec();
        bytes.extend_from_slice(body);
        bytes
    }

    #[test]
    fn impossible_lengths_are_refused_before_anything_is_set_aside() {
        for (length, error) in [
            (-1, FrameError::TooShort { length: -1 }),
            (i32::MIN, FrameError::TooShort { length: i32::MIN }),
            (7, FrameError::TooShort { length: 7 }),
            (
                101,
                FrameError::TooLong {
                    length: 101,
                    limit: 100,
                },
            ),
            (
                i32::MAX,
                FrameError::TooLong {
                    length: i32::MAX,
                    limit: 100,
                },
            ),
        ] {
            let mut stream = BytesMut::from(&length.to_be_bytes()[..]);
            assert_eq!(take_frame(&mut stream, 100), Err(error));
            assert!(stream.capacity() < 1024);
        }
    }

    #[test]
    fn a_long_frame_that_never_comes_takes_little_memory() {
        let mut stream = BytesMut::from(&(2_000_000_i32).to_be_bytes()[..]);
        assert_eq!(take_frame(&mut stream, 2 << 20), Ok(None));
        assert!(stream.capacity() < 4 * FIRST_RESERVE);
    }

    proptest! {
        #[test]
        fn any_bytes_are_cut_refused_or_waited_for_and_little_is_set_aside(
            length: i32,
            rest in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let mut stream = BytesMut::from(&length.to_be_bytes()[..]);
            stream.extend_from_slice(&rest);
            match take_frame(&mut stream, 2 << 20) {
                Ok(Some(frame)) => prop_assert_eq!(&frame[..], &rest[..frame.len()]),
                Ok(None) => prop_assert!(rest.len() < usize::try_from(length).unwrap()),
                Err(_) => prop_assert!(!(SMALLEST as i32..=2 << 20).contains(&length)),
            }
            prop_assert!(stream.capacity() < 4 * FIRST_RESERVE);
        }

        #[test]
        fn frames_come_out_whole_however_the_bytes_arrive(
            bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), SMALLEST..60), 0..6),
            cuts in prop::collection::vec(1_usize..40, 1..40),
        ) {
            let bytes: Vec<u8> = bodies.iter().flat_map(|body| framed(body)).collect();
            let (mut stream, mut taken, mut rest) = (BytesMut::new(), Vec::new(), &bytes[..]);
            for cut in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (now, later) = rest.split_at((*cut).min(rest.len()));
                stream.extend_from_slice(now);
                rest = later;
                while let Some(frame) = take_frame(&mut stream, 64)? {
                    taken.push(frame.to_vec());
                }
            }
            prop_assert_eq!(taken, bodies);
        }
    }
}
