//! Makes the folder of the built page exist, so that the server compiles without it, and watches it for changes.

use std::path::Path;

fn main() {
    let site = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/site");
    // A folder that cannot be made leaves the server without its page; rust-embed then says which one is missing.
    let _ = std::fs::create_dir_all(&site);
    println!("cargo:rerun-if-changed={}", site.display());
}
