//! As much of CBOR (RFC 8949) as the protocol of CloudWatch needs.

use serde_json::{Map, Value, json};

pub fn text(text: &str) -> Vec<u8> {
    [&head(3, text.len())[..], text.as_bytes()].concat()
}

/// The beginning of a text or list of so many parts.
pub fn head(kind: u8, length: usize) -> Vec<u8> {
    let length = u16::try_from(length).unwrap().to_be_bytes();
    vec![kind << 5 | 25, length[0], length[1]]
}

pub fn read(bytes: &[u8]) -> Value {
    let mut rest = bytes;
    item(&mut rest).unwrap_or_default()
}

/// `None` is the end of a list of unknown length, or of the bytes.
fn item(rest: &mut &[u8]) -> Option<Value> {
    let first = take(rest, 1)?[0];
    let (kind, short) = (first >> 5, first & 31);
    if kind == 7 {
        return match short {
            20 | 21 => Some(json!(short == 21)),
            26 => Some(json!(f32::from_be_bytes(take(rest, 4)?.try_into().ok()?))),
            27 => Some(json!(f64::from_be_bytes(take(rest, 8)?.try_into().ok()?))),
            31 => None,
            _ => Some(Value::Null),
        };
    }
    let number = match short {
        0..24 => u64::from(short),
        24..28 => {
            let bytes = take(rest, 1 << (short - 24))?;
            bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
        }
        _ => u64::MAX,
    };
    match kind {
        0 => Some(json!(number)),
        1 => Some(json!(-1 - i64::try_from(number).ok()?)),
        2 | 3 => {
            let bytes = take(rest, usize::try_from(number).ok()?)?;
            Some(json!(String::from_utf8_lossy(bytes)))
        }
        4 => Some((0..number).map_while(|_| item(rest)).collect()),
        5 => {
            let pairs = (0..number).map_while(|_| Some((item(rest)?.as_str()?.to_owned(), item(rest)?)));
            Some(Value::Object(pairs.collect::<Map<_, _>>()))
        }
        // A tag: what it marks is enough.
        _ => item(rest),
    }
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(taken)
}
