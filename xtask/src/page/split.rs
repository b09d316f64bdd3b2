//! Cutting the compiled page into the part that is loaded first and those that are loaded later.
//!
//! The functions marked `wasm_split` in the frontend are the seams. What only they need goes into files of their own;
//! a script loads those, and the first part calls that script.

use std::path::{Path, PathBuf};

use wasm_split_cli_support::{Options, transform};

use super::Build;
use crate::failure::{Failure, Outcome};
use crate::files;

/// The names by which script and WebAssembly refer to one another before they get their hashed ones.
pub const APP_SCRIPT: &str = "app.js";
pub const LINK_SCRIPT: &str = "parts.js";
const FIRST: &str = "first.wasm";

/// A page in parts.
pub struct Cut {
    /// The part that is loaded first, still to be bound to JavaScript.
    pub first: PathBuf,
    /// The script that loads the others.
    pub link: Vec<u8>,
    /// The others, by file name.
    pub later: Vec<(String, Vec<u8>)>,
}

/// Cuts `wasm`, which was linked with its relocations, into files in `folder`.
pub fn cut(wasm: &Path, folder: &Path, build: Build) -> Outcome<Cut> {
    files::remove_folder(folder)?;
    files::make_folder(folder)?;
    let input = files::read(wasm)?;
    let first = folder.join(FIRST);
    let (app, link) = (format!("./{APP_SCRIPT}"), format!("./{LINK_SCRIPT}"));
    let mut options = Options::new(&input);
    options.output_dir = folder;
    options.main_out_path = &first;
    options.main_module = &app;
    options.link_name = &link;
    let split = transform(options).map_err(|error| Failure::new(format!("cutting the page into parts: {error:#}")))?;
    let mut later = Vec::new();
    for path in &split.split_modules {
        let part = files::read(path)?;
        let part = match build {
            Build::Dev => part,
            Build::Release => {
                without_names(&part).ok_or_else(|| Failure::new(format!("{} is no WebAssembly", path.display())))?
            }
        };
        later.push((files::name(path).to_owned(), part));
    }
    later.sort();
    let link = files::read(&folder.join(LINK_SCRIPT))?;
    Ok(Cut { first, link, later })
}

/// The module without its custom sections: names of functions, larger than the code itself. `None` when it is none.
fn without_names(wasm: &[u8]) -> Option<Vec<u8>> {
    /// Magic number and version.
    const HEAD: usize = 8;
    const CUSTOM: u8 = 0;
    let mut kept = wasm.get(..HEAD)?.to_vec();
    let mut rest = &wasm[HEAD..];
    while let Some((kind, after)) = rest.split_first() {
        let (length, digits) = leb128(after)?;
        let section = rest.get(..1 + digits + length)?;
        if *kind != CUSTOM {
            kept.extend_from_slice(section);
        }
        rest = &rest[section.len()..];
    }
    Some(kept)
}

/// A number of WebAssembly's variable length, and how many bytes it takes.
fn leb128(bytes: &[u8]) -> Option<(usize, usize)> {
    let last = bytes.iter().take(5).position(|byte| byte & 0x80 == 0)?;
    let value = bytes[..=last]
        .iter()
        .rev()
        .fold(0, |value, byte| value << 7 | usize::from(byte & 0x7f));
    Some((value, last + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &[u8] = b"\0asm\x01\0\0\0";

    #[test]
    fn custom_sections_go_and_the_others_stay_in_order() {
        let long = [&[10, 0x80, 0x01][..], &[7; 128]].concat();
        let with = [HEAD, &[1, 2, 9, 9], &[0, 3, 1, 2, 3], &long, &[0, 0]].concat();
        let without = [HEAD, &[1, 2, 9, 9], &long].concat();
        assert_eq!(without_names(&with), Some(without));
    }

    #[test]
    fn half_a_module_is_none() {
        for broken in [&HEAD[..4], &[HEAD, &[1, 9, 0]].concat(), &[HEAD, &[1, 0x80]].concat()] {
            assert_eq!(without_names(broken), None);
        }
    }
}
