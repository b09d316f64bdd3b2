//! Starts Brokerscope: reads the command line, sets up the log, and turns the end into an exit code.

use std::io::IsTerminal;
use std::num::NonZero;
use std::process::ExitCode;

use brokerscope::cli::{Cli, Command, LogFormat};
use brokerscope::command::{self, serve::ServeError};
use clap::Parser;
use tracing_subscriber::EnvFilter;

/// Each visit leaves what is kept between what is not: the usual allocator finds no use for the gaps, and grows.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Threads that visits and pages share. There is never work for more of them, and each keeps memory of its own.
const MOST_WORKERS: usize = 8;

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Serve(args) => run(args.log_format, command::serve::serve(args)),
        Command::Demo(args) => run(args.log_format, command::serve::demo(args)),
        Command::Check(args) => {
            let (text, good) = command::check::check(&args.config);
            println!("{text}");
            if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
    }
}

fn run(log: LogFormat, command: impl Future<Output = Result<(), ServeError>>) -> ExitCode {
    log_as(log);
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores.clamp(2, MOST_WORKERS))
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return failed(&format!("threads cannot be started: {error}")),
    };
    match runtime.block_on(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error.to_string()),
    }
}

fn failed(sentence: &str) -> ExitCode {
    eprintln!("brokerscope: {sentence}");
    ExitCode::FAILURE
}

/// `RUST_LOG` chooses what is logged; by default everything from `info` on.
fn log_as(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.with_target(false).with_ansi(std::io::stderr().is_terminal()).init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
}
