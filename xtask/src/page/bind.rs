//! wasm-bindgen's part of the page, used as a library: nothing to install, and never another version.

use std::path::Path;

use wasm_bindgen_cli_support::Bindgen;

use super::split::{self, APP_SCRIPT, LINK_SCRIPT};
use super::{Build, hash};
use crate::failure::{Failure, Outcome};
use crate::files;

const FIRST_WASM: &str = "app.wasm";

/// The page as the browser loads it.
pub struct Bound {
    /// Starts the page.
    pub script: Vec<u8>,
    /// Loads the later parts; it and `script` import each other.
    pub link: Vec<u8>,
    /// The part that is loaded first.
    pub wasm: Vec<u8>,
    /// The parts that are loaded later, by file name.
    pub later: Vec<(String, Vec<u8>)>,
}

/// The scripts and the final WebAssembly, made anew only when the compiled file is another than last time.
pub fn bind(wasm: &Path, kept: &Path, build: Build) -> Outcome<Bound> {
    let recipe = format!("{build:?} {:016x}\n", hash(&files::read(wasm)?));
    let stamp = kept.join("recipe");
    if std::fs::read_to_string(&stamp).is_ok_and(|made_by| made_by == recipe) {
        return Bound::read(kept);
    }
    files::remove_folder(kept)?;
    let made = bind_anew(wasm, &kept.with_extension("cut"), build)?;
    made.write(kept)?;
    // Last: half a folder is no folder.
    files::write(&stamp, recipe.as_bytes())?;
    Ok(made)
}

impl Bound {
    fn read(kept: &Path) -> Outcome<Bound> {
        let mut later = Vec::new();
        for path in files::list(&kept.join("later"))? {
            later.push((files::name(&path).to_owned(), files::read(&path)?));
        }
        Ok(Bound {
            script: files::read(&kept.join(APP_SCRIPT))?,
            link: files::read(&kept.join(LINK_SCRIPT))?,
            wasm: files::read(&kept.join(FIRST_WASM))?,
            later,
        })
    }

    fn write(&self, kept: &Path) -> Outcome {
        files::write(&kept.join(APP_SCRIPT), &self.script)?;
        files::write(&kept.join(LINK_SCRIPT), &self.link)?;
        files::write(&kept.join(FIRST_WASM), &self.wasm)?;
        for (name, bytes) in &self.later {
            files::write(&kept.join("later").join(name), bytes)?;
        }
        Ok(())
    }
}

fn bind_anew(wasm: &Path, folder: &Path, build: Build) -> Outcome<Bound> {
    let cut = split::cut(wasm, folder, build)?;
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(&cut.first)
        .out_name("app")
        .typescript(false)
        // The later parts use the first one's memory, table and stack.
        .keep_lld_exports(true)
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
        link: cut.link,
        wasm: output.wasm_mut().emit_wasm(),
        later: cut.later,
    })
}
