//! wasm-bindgen's part of the page, used as a library: nothing to install, and never another version.

use std::path::Path;

use wasm_bindgen_cli_support::Bindgen;

use super::{Build, hash};
use crate::failure::{Failure, Outcome};
use crate::files;

/// The page as the browser loads it.
pub struct Bound {
    pub script: Vec<u8>,
    pub wasm: Vec<u8>,
}

/// The script that loads the WebAssembly and the final WebAssembly, bound anew only when
/// the compiled file is another than last time.
pub fn bind(wasm: &Path, kept: &Path, build: Build) -> Outcome<Bound> {
    let recipe = format!("{build:?} {:016x}\n", hash(&files::read(wasm)?));
    let (stamp, script, bound) = (kept.join("recipe"), kept.join("app.js"), kept.join("app.wasm"));
    if std::fs::read_to_string(&stamp).is_ok_and(|made_by| made_by == recipe) {
        return Ok(Bound {
            script: files::read(&script)?,
            wasm: files::read(&bound)?,
        });
    }
    let made = bind_anew(wasm, build)?;
    files::remove_folder(kept)?;
    files::write(&script, &made.script)?;
    files::write(&bound, &made.wasm)?;
    // Last: half a folder is no folder.
    files::write(&stamp, recipe.as_bytes())?;
    Ok(made)
}

fn bind_anew(wasm: &Path, build: Build) -> Outcome<Bound> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(wasm)
        .out_name("app")
        .typescript(false)
        // Function names make a panic readable; they cost more than half a megabyte.
        .remove_name_section(build == Build::Release)
        .remove_producers_section(true);
    let mut output = bindgen
        .web(true)
        .and_then(Bindgen::generate_output)
        .map_err(|error| Failure::new(format!("wasm-bindgen: {error:#}")))?;
    // Snippets would be further files beside the script, which the flat folder has no place for.
    let snippets = output.snippets().iter().filter(|(_, pieces)| !pieces.is_empty());
    let modules = output.local_modules().keys();
    let extra: Vec<_> = snippets.map(|(name, _)| name).chain(modules).collect();
    if !extra.is_empty() {
        return Err(Failure::new(format!(
            "a dependency of the page brings JavaScript of its own: {extra:?}"
        )));
    }
    Ok(Bound {
        script: output.js().as_bytes().to_vec(),
        wasm: output.wasm_mut().emit_wasm(),
    })
}
