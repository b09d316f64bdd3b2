//! `cargo xtask NAME`: the build and the housekeeping, one file or folder per command.

mod axe;
mod bench;
mod brokers;
mod deny;
mod failure;
mod files;
mod lint;
mod native;
mod packages;
mod page;
mod picture;
mod process;
mod progress;
mod run;
mod test;
mod tidy;

use std::process::ExitCode;

use failure::{Failure, Outcome};

const USAGE: &str = "\
cargo xtask NAME

  run [--release] [-- ARGS]   build page and server and start Brokerscope
  page [--release]            build the web page into target/site
  test [-- NAME...]           everything; BROKERS=kafka,nats for fewer brokers (default all)
  lint                        format and clippy
  tidy                        the house rules that no compiler checks
  deny                        licences and duplicate crates, without a network
  brokers up|down|status ...  real brokers on loopback ports
  bench NAME                  run a benchmark and write its section of BENCHMARKS.md
  picture                     take the README's picture of the page, on real brokers
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(words: &[String]) -> Outcome {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["page", rest @ ..] => page::command(rest),
        ["brokers", rest @ ..] => brokers::command(rest),
        ["tidy", rest @ ..] => tidy::command(rest),
        ["deny", rest @ ..] => deny::command(rest),
        ["run", rest @ ..] => run::command(rest),
        ["test", rest @ ..] => test::command(rest),
        ["lint", rest @ ..] => lint::command(rest),
        ["bench", rest @ ..] => bench::command(rest),
        ["picture", rest @ ..] => picture::command(rest),
        [] | ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            Ok(())
        }
        [name, ..] => Err(Failure::new(format!("there is no `cargo xtask {name}`\n\n{USAGE}"))),
    }
}
