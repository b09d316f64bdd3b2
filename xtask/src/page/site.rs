//! Writing `target/site`: hashed names, compressed copies, and the page that names them all.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::bind::Bound;
use super::split::{APP_SCRIPT, LINK_SCRIPT};
use super::{Build, compress, hash, site_folder, style};
use crate::failure::{Failure, Outcome};
use crate::{files, progress};

/// Writes every file of the page, `index.html` last, and removes those of an earlier build.
pub fn write(root: &Path, bound: &Bound, build: Build) -> Outcome {
    let mut site = Site::open(root, build)?;
    let assets = root.join("assets");
    for font in files::list(&assets.join("fonts"))? {
        if font.extension().is_some_and(|end| end == "woff2") {
            // Already compressed inside.
            site.add(files::name(&font), &files::read(&font)?, Compress::No)?;
        }
    }
    let css = style_sheet(&assets)?;
    let css = style::with_addresses(&css, |name| site.addresses.get(name).cloned())?;
    site.add("app.css", css.as_bytes(), Compress::Yes)?;
    site.add("icon.svg", &files::read(&assets.join("icon.svg"))?, Compress::Yes)?;
    site.add("boot.js", &files::read(&assets.join("page/boot.js"))?, Compress::Yes)?;
    site.add("app.wasm", &bound.wasm, Compress::Yes)?;
    site.add_scripts(bound)?;
    let index = files::read_text(&assets.join("page/index.html"))?;
    let index = fill(&index, &site.addresses)?;
    site.put("index.html", index.as_bytes(), Compress::Yes)?;
    site.finish()
}

/// The style sheet's parts, in the order of the cascade.
const SHEETS: [&str; 3] = ["tokens.css", "app.css", "pages.css"];

/// The parts that exist, as one sheet.
fn style_sheet(assets: &Path) -> Outcome<String> {
    let mut css = String::new();
    for sheet in SHEETS
        .map(|name| assets.join(name))
        .iter()
        .filter(|sheet| sheet.is_file())
    {
        css.push_str(&files::read_text(sheet)?);
    }
    Ok(css)
}

/// Replaces each `{{name}}` by the address of that file.
fn fill(template: &str, addresses: &BTreeMap<String, String>) -> Outcome<String> {
    let mut page = template.to_owned();
    for (name, address) in addresses {
        page = page.replace(&format!("{{{{{name}}}}}"), address);
    }
    match page.split_once("{{") {
        None => Ok(page),
        Some((_, rest)) => {
            let name = rest.split("}}").next().unwrap_or_default();
            Err(Failure::new(format!(
                "assets/page/index.html names {name}, which is no file of the page"
            )))
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Compress {
    Yes,
    No,
}

/// The folder while it is written.
struct Site {
    folder: PathBuf,
    build: Build,
    /// From a file's plain name to the address a browser asks for.
    addresses: BTreeMap<String, String>,
    /// What belongs to this build; everything else goes at the end.
    kept: BTreeSet<String>,
    /// What a first load downloads in brotli, in bytes, fonts included.
    load: usize,
    /// What is downloaded after that, when the browser is idle or another page is opened.
    later: usize,
}

impl Site {
    fn open(root: &Path, build: Build) -> Outcome<Self> {
        let folder = site_folder(root);
        // Hashed names are kept from build to build, compressed copies with them;
        // those of the other kind of build have another quality.
        let stamp = root.join("target/page/site-build");
        let kind = format!("{build:?}");
        if fs::read_to_string(&stamp).unwrap_or_default() != kind {
            files::remove_folder(&folder)?;
            files::write(&stamp, kind.as_bytes())?;
        }
        files::make_folder(&folder)?;
        let (addresses, kept) = (BTreeMap::new(), BTreeSet::new());
        Ok(Self {
            folder,
            build,
            addresses,
            kept,
            load: 0,
            later: 0,
        })
    }

    /// Writes a file under a name that changes with its content.
    fn add(&mut self, name: &str, bytes: &[u8], compress: Compress) -> Outcome {
        let (stem, end) = name.rsplit_once('.').unwrap_or((name, ""));
        let hashed = format!("{stem}-{:016x}.{end}", hash(bytes));
        self.put(&hashed, bytes, compress)?;
        self.addresses.insert(name.to_owned(), format!("/{hashed}"));
        Ok(())
    }

    /// Writes the two scripts and the parts that are loaded later, all under the hashed names that the scripts use.
    fn add_scripts(&mut self, bound: &Bound) -> Outcome {
        let mut link = text(&bound.link)?;
        let first_load = self.load;
        for (name, bytes) in &bound.later {
            self.add(name, bytes, Compress::Yes)?;
            link = link.replace(&format!("./{name}"), &format!(".{}", self.addresses[name]));
        }
        self.later += self.load - first_load;
        self.load = first_load;
        let script = text(&bound.script)?;
        // Each names the other, so neither can carry the hash of its final content: they share one.
        let mark = hash(format!("{script}{link}").as_bytes());
        let marked = |name: &str| name.replace(".js", &format!("-{mark:016x}.js"));
        for (name, content) in [(APP_SCRIPT, script), (LINK_SCRIPT, link)] {
            // Only where it is imported: the WebAssembly knows the script by its plain name.
            let content = [APP_SCRIPT, LINK_SCRIPT].iter().fold(content, |content, name| {
                content.replace(&format!("from \"./{name}\""), &format!("from \"./{}\"", marked(name)))
            });
            self.put(&marked(name), content.as_bytes(), Compress::Yes)?;
            self.addresses.insert(name.to_owned(), format!("/{}", marked(name)));
        }
        Ok(())
    }

    /// Writes a file and its compressed copies, unless they are there already.
    fn put(&mut self, name: &str, bytes: &[u8], compress: Compress) -> Outcome {
        let fresh = fs::read(self.folder.join(name)).is_ok_and(|there| there == bytes);
        if !fresh {
            files::write(&self.folder.join(name), bytes)?;
        }
        self.kept.insert(name.to_owned());
        if compress == Compress::No {
            self.load += bytes.len();
            return Ok(());
        }
        let encodings: [(&str, Encode); 2] = [("br", compress::brotli), ("gz", compress::gzip)];
        for (end, encode) in encodings {
            let copy = format!("{name}.{end}");
            let path = self.folder.join(&copy);
            if !fresh || !path.is_file() {
                files::write(&path, &encode(bytes, self.build)?)?;
            }
            if end == "br" {
                self.load += files::read(&path)?.len();
            }
            self.kept.insert(copy);
        }
        Ok(())
    }

    /// Removes what an earlier build left and says how large a first load is.
    fn finish(self) -> Outcome {
        for path in files::list(&self.folder)? {
            if !self.kept.contains(files::name(&path)) {
                fs::remove_file(&path).map_err(|error| Failure::at("remove", &path, &error))?;
            }
        }
        progress::note(&format!(
            "first load {:.0} KB in brotli, fonts included; {:.0} KB later",
            self.load as f64 / 1e3,
            self.later as f64 / 1e3
        ));
        Ok(())
    }
}

fn text(script: &[u8]) -> Outcome<String> {
    String::from_utf8(script.to_vec()).map_err(|_| Failure::new("a script of the page is not text"))
}

type Encode = fn(&[u8], Build) -> Outcome<Vec<u8>>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_that_names_a_missing_file_is_refused() {
        let addresses = BTreeMap::from([("app.js".to_owned(), "/app-1.js".to_owned())]);
        assert_eq!(fill("<a {{app.js}}>", &addresses).unwrap(), "<a /app-1.js>");
        assert!(
            fill("{{app.jsx}}", &addresses)
                .unwrap_err()
                .to_string()
                .contains("app.jsx")
        );
    }
}
