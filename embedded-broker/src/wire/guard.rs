//! Walks over a request before the codec sees it, because the codec sets aside as many elements as a length claims.
//!
//! A list of two billion entries in a frame of fifty bytes would end the process. Here nothing is set aside: a length
//! counts only when the bytes for it are really there.

use super::shape::{Field, Part};

/// Elements of lists in one request. An element in memory is some 100 bytes, so a frame costs 25 MB at worst; the
/// largest honest request names each of 40,000 partitions.
const MOST_ELEMENTS: usize = 250_000;

/// What is wrong with a request, so that its connection is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error("it ends in the middle of a field")]
    Truncated,
    #[error("a length is negative")]
    NegativeLength,
    #[error("a list claims {claimed} elements in {left} bytes")]
    ImpossibleList { claimed: usize, left: usize },
    #[error("its lists hold more than {MOST_ELEMENTS} elements")]
    TooManyElements,
    #[error("it carries a field that only brokers send each other")]
    NotForClients,
}

/// How a version writes lengths, and which tagged fields the codec would take apart.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    pub version: i16,
    pub flexible: bool,
    /// Tags below this one are refused: they belong to replication between brokers.
    pub lowest_tag: u32,
}

/// Bytes not yet walked over, and elements not yet spent.
pub struct Walk<'a> {
    rest: &'a [u8],
    elements: usize,
}

impl<'a> Walk<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            elements: MOST_ELEMENTS,
        }
    }

    /// Bytes not yet walked over.
    pub fn left(&self) -> usize {
        self.rest.len()
    }

    /// Checks that the bytes begin with these fields; returns how many bytes follow. Kafka does not mind them, and
    /// librdkafka 2.12 sends three after a question for all topics.
    pub fn request(mut self, fields: &[Field], style: Style) -> Result<usize, Malformed> {
        self.fields(fields, style)?;
        Ok(self.left())
    }

    fn fields(&mut self, fields: &[Field], style: Style) -> Result<(), Malformed> {
        let present = |field: &&Field| (field.since..=field.until).contains(&style.version);
        for field in fields.iter().filter(present) {
            self.part(&field.part, style)?;
        }
        if style.flexible {
            self.tags(style.lowest_tag)
        } else {
            Ok(())
        }
    }

    fn part(&mut self, part: &Part, style: Style) -> Result<(), Malformed> {
        match part {
            Part::Fixed(size) => self.skip(*size),
            Part::Text if style.flexible => self.compact_run(),
            Part::Text => match self.int16()? {
                -1 => Ok(()),
                length => self.skip(usize::try_from(length).map_err(|_| Malformed::NegativeLength)?),
            },
            Part::Blob if style.flexible => self.compact_run(),
            Part::Blob => match self.int32()? {
                -1 => Ok(()),
                length => self.skip(usize::try_from(length).map_err(|_| Malformed::NegativeLength)?),
            },
            Part::Values(one) => (0..self.count(style)?).try_for_each(|_| self.part(one, style)),
            Part::List(fields) => (0..self.count(style)?).try_for_each(|_| self.fields(fields, style)),
        }
    }

    /// The length of a list; a list that is none has no elements.
    fn count(&mut self, style: Style) -> Result<usize, Malformed> {
        let claimed = if style.flexible {
            (self.varint()? as usize).saturating_sub(1)
        } else {
            match self.int32()? {
                -1 => 0,
                length => usize::try_from(length).map_err(|_| Malformed::NegativeLength)?,
            }
        };
        // No element is smaller than a byte.
        let left = self.rest.len();
        if claimed > left {
            return Err(Malformed::ImpossibleList { claimed, left });
        }
        self.elements = self.elements.checked_sub(claimed).ok_or(Malformed::TooManyElements)?;
        Ok(claimed)
    }

    pub fn tags(&mut self, lowest: u32) -> Result<(), Malformed> {
        for _ in 0..self.varint()? {
            if self.varint()? < lowest {
                return Err(Malformed::NotForClients);
            }
            let size = self.varint()? as usize;
            self.skip(size)?;
        }
        Ok(())
    }

    fn compact_run(&mut self) -> Result<(), Malformed> {
        let length = self.varint()? as usize;
        self.skip(length.saturating_sub(1))
    }

    fn skip(&mut self, size: usize) -> Result<(), Malformed> {
        self.rest = self.rest.get(size..).ok_or(Malformed::Truncated)?;
        Ok(())
    }

    fn chunk<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (chunk, rest) = self.rest.split_first_chunk::<N>().ok_or(Malformed::Truncated)?;
        self.rest = rest;
        Ok(*chunk)
    }

    fn int16(&mut self) -> Result<i16, Malformed> {
        self.chunk().map(i16::from_be_bytes)
    }

    fn int32(&mut self) -> Result<i32, Malformed> {
        self.chunk().map(i32::from_be_bytes)
    }

    /// Exactly as the codec reads it: five bytes at most, what overflows is dropped.
    fn varint(&mut self) -> Result<u32, Malformed> {
        let mut value = 0;
        for place in 0..5 {
            let [byte] = self.chunk::<1>()?;
            value |= u32::from(byte & 0x7F) << (place * 7);
            if byte < 0x80 {
                break;
            }
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::super::shape::{INT32, INTS, always, since};
    use super::*;

    const FIELDS: &[Field] = &[
        always(Part::Text),
        since(1, Part::List(&[always(INT32), always(Part::Blob)])),
        always(INTS),
    ];

    fn walk(bytes: &[u8], version: i16, flexible: bool) -> Result<usize, Malformed> {
        let style = Style {
            version,
            flexible,
            lowest_tag: 2,
        };
        Walk::new(bytes).request(FIELDS, style)
    }

    #[test]
    fn what_is_whole_passes_and_what_lies_about_its_length_does_not() {
        let old: &[u8] = &[0, 1, b'a', 0, 0, 0, 1, 9, 9, 9, 9];
        let one = [0, 1, b'a', 0, 0, 0, 1, 9, 9, 9, 9, 0, 0, 0, 0, 0, 0, 0, 0];
        type Case<'a> = (&'a [u8], i16, bool, Result<usize, Malformed>);
        let cases: &[Case<'_>] = &[
            (old, 0, false, Ok(0)),
            (&one, 1, false, Ok(0)),
            (&one[..18], 1, false, Err(Malformed::Truncated)),
            (&[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], 0, false, Ok(0)),
            (&[0xFF, 0xFE], 0, false, Err(Malformed::NegativeLength)),
            (
                &[0, 0, 0x7F, 0xFF, 0xFF, 0xFF, 1],
                0,
                false,
                Err(Malformed::ImpossibleList {
                    claimed: 0x7FFF_FFFF,
                    left: 1,
                }),
            ),
            (&[2, b'a', 2, 9, 9, 9, 9, 0], 0, true, Ok(0)),
            (&[2, b'a', 2, 9, 9, 9, 9, 1, 2, 1, 7], 0, true, Ok(0)),
            (
                &[2, b'a', 2, 9, 9, 9, 9, 1, 1, 1, 7],
                0,
                true,
                Err(Malformed::NotForClients),
            ),
            (&[2, b'a', 2, 9, 9, 9, 9, 0, 5], 0, true, Ok(1)),
        ];
        for (bytes, version, flexible, expected) in cases {
            assert_eq!(walk(bytes, *version, *flexible), *expected, "{bytes:?}");
        }
    }

    #[test]
    fn more_elements_than_any_client_needs_are_refused() {
        let mut bytes = vec![0, 0];
        bytes.extend_from_slice(&300_000_i32.to_be_bytes());
        bytes.resize(bytes.len() + 4 * 300_000, 0);
        assert_eq!(walk(&bytes, 0, false), Err(Malformed::TooManyElements));
    }
}
