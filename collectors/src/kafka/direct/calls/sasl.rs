//! The two requests of a SASL login.

use super::super::codec::{Read, Reader, Writer};
use super::{Call, check};

/// Announces the mechanism, by Kafka's name.
pub struct Handshake<'a>(pub &'a str);

impl Call for Handshake<'_> {
    const KEY: i16 = 17;
    // Version 0 goes on outside of Kafka's framing, as brokers before 1.0 want it.
    const VERSIONS: (i16, i16) = (1, 1);
    const FLEXIBLE_FROM: i16 = i16::MAX;
    type Answer = ();

    fn write(&self, _version: i16, request: &mut Writer) {
        request.string(self.0);
    }

    fn read(&self, _version: i16, answer: &mut Reader<'_>) -> Read<()> {
        let code = answer.i16()?;
        let offered = answer.array(Reader::string)?;
        check(code, None).map_err(|mut trouble| {
            trouble.text = format!("{}; it offers {}", trouble.text, offered.join(", "));
            trouble
        })
    }
}

/// One step of the mechanism's own exchange.
pub struct Authenticate(pub Vec<u8>);

impl Call for Authenticate {
    const KEY: i16 = 36;
    const VERSIONS: (i16, i16) = (0, 0);
    const FLEXIBLE_FROM: i16 = 2;
    type Answer = Vec<u8>;

    fn write(&self, _version: i16, request: &mut Writer) {
        request.blob(&self.0);
    }

    fn read(&self, _version: i16, answer: &mut Reader<'_>) -> Read<Vec<u8>> {
        let (code, words) = (answer.i16()?, answer.nullable_string()?);
        let token = answer.bytes()?.to_vec();
        check(code, words)?;
        Ok(token)
    }
}
