//! Reads and writes the primitive types of Kafka's protocol.
//!
//! Requests and answers come in two encodings: the older with lengths of fixed size, and the "flexible" one with
//! lengths of variable size and tagged fields at the end of every structure. A reader never reserves more memory
//! than the bytes that are there could fill, whatever length an answer claims.

use super::super::wire::Trouble;

pub type Read<T> = Result<T, Trouble>;

/// The bytes of an answer that are still to be read.
pub struct Reader<'a> {
    rest: &'a [u8],
    flexible: bool,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8], flexible: bool) -> Reader<'a> {
        Reader { rest: bytes, flexible }
    }

    /// Changes the encoding of what follows.
    pub fn flexible(mut self, flexible: bool) -> Reader<'a> {
        self.flexible = flexible;
        self
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    fn take(&mut self, length: usize) -> Read<&'a [u8]> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or_else(|| garbled("it ends too early"))?;
        self.rest = rest;
        Ok(taken)
    }

    fn fixed<const N: usize>(&mut self) -> Read<[u8; N]> {
        let mut bytes = [0; N];
        bytes.copy_from_slice(self.take(N)?);
        Ok(bytes)
    }

    pub fn boolean(&mut self) -> Read<bool> {
        Ok(self.fixed::<1>()?[0] != 0)
    }

    pub fn i8(&mut self) -> Read<i8> {
        Ok(i8::from_be_bytes(self.fixed()?))
    }

    pub fn i16(&mut self) -> Read<i16> {
        Ok(i16::from_be_bytes(self.fixed()?))
    }

    pub fn i32(&mut self) -> Read<i32> {
        Ok(i32::from_be_bytes(self.fixed()?))
    }

    pub fn i64(&mut self) -> Read<i64> {
        Ok(i64::from_be_bytes(self.fixed()?))
    }

    /// Sixteen bytes that are of no use here.
    pub fn skip_uuid(&mut self) -> Read<()> {
        self.take(16).map(|_| ())
    }

    /// Seven bits a byte, the lowest first.
    fn varint(&mut self) -> Read<u32> {
        let mut value = 0_u32;
        for shift in [0, 7, 14, 21, 28] {
            let [byte] = self.fixed()?;
            value |= u32::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(garbled("a number does not end"))
    }

    /// The length of a text, of bytes or of an array; `None` for null. `old` reads it in the older encoding.
    fn length(&mut self, old: impl FnOnce(&mut Self) -> Read<i64>) -> Read<Option<usize>> {
        if self.flexible {
            return Ok(match self.varint()? {
                0 => None,
                length => Some(length as usize - 1),
            });
        }
        match old(self)? {
            -1 => Ok(None),
            length => usize::try_from(length)
                .map(Some)
                .map_err(|_| garbled("a length is negative")),
        }
    }

    /// `None` for null.
    pub fn nullable_string(&mut self) -> Read<Option<String>> {
        let length = self.length(|reader| reader.i16().map(i64::from))?;
        let Some(length) = length else { return Ok(None) };
        let bytes = self.take(length)?;
        Ok(Some(String::from_utf8_lossy(bytes).into_owned()))
    }

    /// Null reads as empty.
    pub fn string(&mut self) -> Read<String> {
        Ok(self.nullable_string()?.unwrap_or_default())
    }

    /// Null reads as empty.
    pub fn bytes(&mut self) -> Read<&'a [u8]> {
        match self.length(|reader| reader.i32().map(i64::from))? {
            Some(length) => self.take(length),
            None => Ok(&[]),
        }
    }

    /// Null reads as empty.
    pub fn array<T>(&mut self, mut element: impl FnMut(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let length = self.length(|reader| reader.i32().map(i64::from))?.unwrap_or(0);
        // Every element takes one byte at least.
        if length > self.rest.len() {
            return Err(garbled("an array is longer than the answer"));
        }
        // Not reserved ahead: an element takes more room in memory than the one byte that is certain.
        let mut elements = Vec::new();
        for _ in 0..length {
            elements.push(element(self)?);
        }
        Ok(elements)
    }

    /// The end of a structure: its tagged fields, of which none is needed.
    pub fn end(&mut self) -> Read<()> {
        self.tagged(|_, _| Ok(()))
    }

    /// The end of a structure, with each tagged field handed to `field` by its number.
    pub fn tagged(&mut self, mut field: impl FnMut(u32, &mut Reader<'a>) -> Read<()>) -> Read<()> {
        if !self.flexible {
            return Ok(());
        }
        for _ in 0..self.varint()? {
            let tag = self.varint()?;
            let length = self.varint()? as usize;
            field(tag, &mut Reader::new(self.take(length)?, true))?;
        }
        Ok(())
    }
}

/// A request being written.
pub struct Writer {
    bytes: Vec<u8>,
    flexible: bool,
}

impl Writer {
    pub fn new() -> Writer {
        Writer {
            bytes: Vec::new(),
            flexible: false,
        }
    }

    /// Changes the encoding of what follows.
    pub fn set_flexible(&mut self, flexible: bool) {
        self.flexible = flexible;
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    pub fn boolean(&mut self, value: bool) {
        self.bytes.push(u8::from(value));
    }

    pub fn i8(&mut self, value: i8) {
        self.bytes.extend(value.to_be_bytes());
    }

    pub fn i16(&mut self, value: i16) {
        self.bytes.extend(value.to_be_bytes());
    }

    pub fn i32(&mut self, value: i32) {
        self.bytes.extend(value.to_be_bytes());
    }

    pub fn i64(&mut self, value: i64) {
        self.bytes.extend(value.to_be_bytes());
    }

    fn varint(&mut self, mut value: u32) {
        while value >= 0x80 {
            self.bytes.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    /// Lengths come from our own settings and lists, far below every limit.
    fn length(&mut self, length: usize, old: impl FnOnce(&mut Self, usize)) {
        if self.flexible {
            self.varint(u32::try_from(length).unwrap_or(u32::MAX - 1) + 1);
        } else {
            old(self, length);
        }
    }

    pub fn string(&mut self, text: &str) {
        self.length(text.len(), |writer, length| {
            writer.i16(i16::try_from(length).unwrap_or(i16::MAX))
        });
        self.bytes.extend(text.as_bytes());
    }

    pub fn null_string(&mut self) {
        if self.flexible {
            self.varint(0);
        } else {
            self.i16(-1);
        }
    }

    pub fn blob(&mut self, bytes: &[u8]) {
        self.array_length(bytes.len());
        self.bytes.extend(bytes);
    }

    pub fn array<T>(&mut self, elements: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.array_length(elements.len());
        for element in elements {
            write(self, element);
        }
    }

    fn array_length(&mut self, length: usize) {
        self.length(length, |writer, length| {
            writer.i32(i32::try_from(length).unwrap_or(i32::MAX))
        });
    }

    pub fn null_array(&mut self) {
        if self.flexible {
            self.varint(0);
        } else {
            self.i32(-1);
        }
    }

    /// The end of a structure: no tagged fields.
    pub fn end(&mut self) {
        if self.flexible {
            self.varint(0);
        }
    }
}

/// librdkafka's `_BAD_MSG`.
pub fn garbled(what: &str) -> Trouble {
    Trouble::new(-199, format!("the broker's answer makes no sense: {what}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(flexible: bool, write: impl FnOnce(&mut Writer)) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.set_flexible(flexible);
        write(&mut writer);
        writer.into_bytes()
    }

    #[test]
    fn what_is_written_is_read_in_both_encodings() {
        for flexible in [false, true] {
            let names = ["", "orders", "ü", &"x".repeat(300)];
            let bytes = written(flexible, |writer| {
                writer.array(&names, |writer, name| writer.string(name));
                writer.null_string();
                writer.null_array();
                writer.blob(b"\x00\xff");
                writer.i16(-3);
                writer.end();
            });
            let mut reader = Reader::new(&bytes, flexible);
            assert_eq!(reader.array(Reader::string).unwrap(), names);
            assert_eq!(reader.nullable_string().unwrap(), None);
            assert_eq!(reader.array(Reader::i32).unwrap(), Vec::<i32>::new());
            assert_eq!(reader.bytes().unwrap(), b"\x00\xff");
            assert_eq!(reader.i16().unwrap(), -3);
            reader.end().unwrap();
            assert!(reader.is_empty());
        }
    }

    #[test]
    fn an_array_that_claims_to_be_huge_is_refused_before_memory_is_taken() {
        let old = i32::MAX.to_be_bytes();
        assert!(Reader::new(&old, false).array(Reader::i64).is_err());
        assert!(
            Reader::new(&[0xff, 0xff, 0xff, 0xff, 0x0f], true)
                .array(Reader::i64)
                .is_err()
        );
        assert!(
            Reader::new(&[0xff; 8], true).array(Reader::i64).is_err(),
            "a number without an end"
        );
        assert!(Reader::new(&(-2_i32).to_be_bytes(), false).array(Reader::i64).is_err());
    }

    #[test]
    fn unknown_tagged_fields_are_skipped() {
        // Two fields: number 5 of three bytes and number 300 of none.
        let bytes = [2, 5, 3, 9, 9, 9, 0xac, 0x02, 0, 0, 7];
        let mut reader = Reader::new(&bytes, true);
        let mut seen = Vec::new();
        reader
            .tagged(|tag, _| {
                seen.push(tag);
                Ok(())
            })
            .unwrap();
        assert_eq!(seen, [5, 300]);
        assert_eq!(reader.i16().unwrap(), 7);
    }

    proptest! {
        #[test]
        fn garbage_is_an_error_and_nothing_worse(bytes in prop::collection::vec(any::<u8>(), 0..200), flexible: bool) {
            let mut reader = Reader::new(&bytes, flexible);
            let _ = reader.array(|reader| {
                reader.string()?;
                reader.array(Reader::i32)?;
                reader.end()
            });
        }
    }
}
