//! The words in which the layout of a request is written down: enough to count and measure, not to understand.

/// One field of a request, and the versions that have it.
#[derive(Debug)]
pub struct Field {
    pub since: i16,
    pub until: i16,
    pub part: Part,
}

/// What stands in a field's place.
#[derive(Debug)]
pub enum Part {
    /// This many bytes, whatever they say.
    Fixed(usize),
    /// A string, or none.
    Text,
    /// A run of bytes, or none.
    Blob,
    /// A list of bare values, or none.
    Values(&'static Part),
    /// A list of structures, or none.
    List(&'static [Field]),
}

pub const FLAG: Part = Part::Fixed(1);
pub const INT8: Part = Part::Fixed(1);
pub const INT16: Part = Part::Fixed(2);
pub const INT32: Part = Part::Fixed(4);
pub const INT64: Part = Part::Fixed(8);
pub const UUID: Part = Part::Fixed(16);
pub const TEXTS: Part = Part::Values(&Part::Text);
pub const INTS: Part = Part::Values(&INT32);

/// A field that every version has.
pub const fn always(part: Part) -> Field {
    within(0, i16::MAX, part)
}

/// A field that came with a version.
pub const fn since(version: i16, part: Part) -> Field {
    within(version, i16::MAX, part)
}

/// A field that went with a version: `until` is the last that has it.
pub const fn within(since: i16, until: i16, part: Part) -> Field {
    Field { since, until, part }
}
