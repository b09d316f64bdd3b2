//! The one Kafka question that readiness needs: which brokers does this one know?
//!
//! DescribeCluster (key 60) version 0, which every KRaft release answers.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(5);

/// Larger answers than this are not an answer to our question.
const LARGEST: u32 = 1 << 20;

/// How many brokers the one at `address` knows, itself included.
pub fn brokers_known_to(address: &str) -> Result<usize, String> {
    let answer = exchange(address).map_err(|error| format!("{address}: {error}"))?;
    count(&answer).ok_or_else(|| format!("{address} answered something else than a cluster"))
}

fn exchange(address: &str) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.set_write_timeout(Some(LIMIT))?;
    stream.write_all(&request())?;
    let mut size = [0; 4];
    stream.read_exact(&mut size)?;
    let size = u32::from_be_bytes(size).min(LARGEST);
    let mut answer = vec![0; size as usize];
    stream.read_exact(&mut answer)?;
    Ok(answer)
}

/// Size, header version 2 (key, version, correlation, client id, no tags), body.
fn request() -> Vec<u8> {
    let mut body: Vec<u8> = Vec::new();
    body.extend(60_i16.to_be_bytes());
    body.extend(0_i16.to_be_bytes());
    body.extend(1_i32.to_be_bytes());
    body.extend(5_i16.to_be_bytes());
    body.extend(b"xtask\0");
    // No authorised operations, no tags.
    body.extend([0, 0]);
    let mut request = (body.len() as u32).to_be_bytes().to_vec();
    request.extend(body);
    request
}

/// The number of brokers in an answer, `None` when it is an error or something else.
fn count(answer: &[u8]) -> Option<usize> {
    // Correlation id 4, no tags 1, throttle time 4.
    let mut rest = answer.get(9..)?;
    let error = i16::from_be_bytes([*rest.first()?, *rest.get(1)?]);
    if error != 0 {
        return None;
    }
    rest = rest.get(2..)?;
    // Error message and cluster id: compact strings, whose length is written plus one.
    for _ in 0..2 {
        let length = varint(&mut rest)?.saturating_sub(1);
        rest = rest.get(length..)?;
    }
    // Controller id.
    rest = rest.get(4..)?;
    varint(&mut rest)?.checked_sub(1)
}

/// An unsigned integer of seven bits a byte, lowest first.
fn varint(bytes: &mut &[u8]) -> Option<usize> {
    let mut value = 0;
    for shift in [0, 7, 14, 21, 28] {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(error: i16, brokers: u8) -> Vec<u8> {
        let mut bytes = vec![0, 0, 0, 1, 0, 0, 0, 0, 0];
        bytes.extend(error.to_be_bytes());
        bytes.push(0);
        bytes.extend(b"\x04abc");
        bytes.extend(1_i32.to_be_bytes());
        bytes.push(brokers + 1);
        bytes
    }

    #[test]
    fn brokers_are_counted_and_errors_are_not_an_answer() {
        assert_eq!(count(&answer(0, 3)), Some(3));
        assert_eq!(count(&answer(0, 0)), Some(0));
        assert_eq!(count(&answer(35, 3)), None);
        assert_eq!(count(b"HTTP/1.1"), None);
        assert_eq!(count(&answer(0, 3)[..14]), None);
    }

    #[test]
    fn the_request_says_its_own_size() {
        let request = request();
        let (size, body) = request.split_at(4);
        assert_eq!(u32::from_be_bytes(size.try_into().unwrap()) as usize, body.len());
    }
}
