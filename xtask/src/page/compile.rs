//! Cargo's part of the page: the frontend crate to one WebAssembly file.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Build;
use crate::failure::{Failure, Outcome};
use crate::process;
use crate::progress::step;

pub const TARGET: &str = "wasm32-unknown-unknown";

/// Adds the WebAssembly target to the toolchain when it is not there.
pub fn ensure_target() -> Outcome {
    let folder = process::stdout(Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]))?;
    if Path::new(folder.trim()).is_dir() {
        return Ok(());
    }
    if process::find("rustup").is_none() {
        return Err(Failure::new(format!(
            "this Rust toolchain has no {TARGET} target and there is no rustup to add it: \
             install your distribution's package for it (Debian: libstd-rust-dev-wasm32), or rustup"
        )));
    }
    step("adding the WebAssembly target", || {
        process::run(Command::new("rustup").args(["target", "add", TARGET]))
    })
}

/// Compiles and returns the file that cargo says it wrote.
pub fn compile(root: &Path, build: Build) -> Outcome<PathBuf> {
    let mut command = process::cargo();
    command
        .current_dir(root)
        .args(["build", "--package", "brokerscope-frontend", "--target", TARGET])
        .args(["--message-format", "json-render-diagnostics"])
        .stdin(Stdio::null());
    like_the_page(&mut command, build);
    wasm_in(&process::stdout(&mut command)?)
}

/// Gives a cargo command the folder, the flags and the profile of the page.
pub fn like_the_page(command: &mut Command, build: Build) {
    command
        // Its own folder: flags differ from the server's, and neither build waits for the other.
        .args(["--target-dir", "target/page"])
        // Flags and wrappers meant for the machine's own target break or rebuild the page.
        .env_remove("RUSTC_WRAPPER")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        // Leptos erases its view types: quicker to compile, and with many views an eighth smaller to load.
        // Relocations say which code needs which: the page is cut into parts by them.
        .env("RUSTFLAGS", "--cfg erase_components -C link-arg=--emit-relocs");
    match build {
        Build::Dev => command
            // No browser here reads debug information, and binding takes twice as long with it.
            .env("CARGO_PROFILE_DEV_DEBUG", "false")
            .env("CARGO_PROFILE_DEV_STRIP", "debuginfo"),
        Build::Release => command.args(["--profile", "page"]),
    };
}

/// The WebAssembly file among cargo's messages, one JSON object a line.
fn wasm_in(messages: &str) -> Outcome<PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["reason"] == "compiler-artifact")
        .flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default())
        .filter_map(|name| name.as_str().map(PathBuf::from))
        .rfind(|path| path.extension().is_some_and(|end| end == "wasm"))
        .ok_or_else(|| {
            Failure::new(
                "the frontend crate made no .wasm file: it needs a binary, \
                 or `crate-type = [\"cdylib\", \"rlib\"]` with a wasm_bindgen(start) function",
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wasm_file_is_the_one_cargo_names_last() {
        let messages = r#"{"reason":"compiler-artifact","filenames":["/t/libserde.rlib"]}
not json
{"reason":"compiler-artifact","filenames":["/t/libpage.rlib","/t/page.wasm"]}
{"reason":"build-finished","success":true}"#;
        assert_eq!(wasm_in(messages).unwrap(), PathBuf::from("/t/page.wasm"));
    }

    #[test]
    fn a_frontend_without_an_entry_is_said_so() {
        let failure = wasm_in(r#"{"reason":"build-finished","success":true}"#).unwrap_err();
        assert!(failure.to_string().contains("cdylib"), "{failure}");
    }
}
