//! Compressing a file of the page once, so that the server never does.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::Build;
use crate::failure::{Failure, Outcome};

/// The file in brotli: as small as can be for a release, quickly otherwise.
pub fn brotli(bytes: &[u8], build: Build) -> Outcome<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: match build {
            Build::Dev => 2,
            Build::Release => 11,
        },
        lgwin: 22,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut compressed, &parameters)
        .map_err(|error| Failure::new(format!("brotli: {error}")))?;
    Ok(compressed)
}

/// The file in gzip, for the few that take no brotli (plain HTTP in some browsers).
pub fn gzip(bytes: &[u8], build: Build) -> Outcome<Vec<u8>> {
    let level = match build {
        Build::Dev => Compression::fast(),
        Build::Release => Compression::best(),
    };
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .map_err(|error| Failure::new(format!("gzip: {error}")))
}
