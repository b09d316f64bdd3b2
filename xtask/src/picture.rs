//! `cargo xtask picture`: the picture of the page in the README, from the real product on real brokers.

use crate::failure::{Failure, Outcome};
use crate::native::Profile;
use crate::progress::step;
use crate::{brokers, files, native, page, process, test};

/// Where the picture goes, from the project's folder.
const PICTURE: &str = "docs/overview.png";
/// What the README's visitors should have to load.
const MOST_BYTES: u64 = 300_000;

/// `cargo xtask picture`.
pub fn command(words: &[&str]) -> Outcome {
    if !words.is_empty() {
        return Err(Failure::new("usage: cargo xtask picture"));
    }
    let root = files::root()?;
    let chromium = test::ensure_browser()?;
    brokers::up(&["rabbitmq", "kafka"])?;
    page::build(page::Build::Release)?;
    let program = native::build(&root, Profile::Dev)?;
    let picture = root.join(PICTURE);
    step("watching a shop for some minutes", || {
        let mut command = process::cargo();
        command
            .current_dir(&root)
            .args(["run", "--package", "brokerscope-tests", "--bin", "readme-picture", "--"])
            .arg(&picture)
            .env("BROKERSCOPE_TEST_BINARY", program)
            .env("BROKERSCOPE_TEST_BROKERS", "rabbitmq,kafka")
            .env("BROKERSCOPE_TEST_CHROMIUM", chromium);
        process::run(&mut command)
    })?;
    match files::read(&picture)?.len() as u64 {
        bytes if bytes > MOST_BYTES => Err(Failure::new(format!(
            "{PICTURE} has {bytes} bytes, more than {MOST_BYTES}"
        ))),
        _ => Ok(()),
    }
}
