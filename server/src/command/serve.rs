//! `brokerscope serve` and `brokerscope demo`: from the command line to a running server, until a signal ends it.

use std::path::PathBuf;

use tokio::signal::unix::{SignalKind, signal};

use super::check;
use crate::app::{App, Options, StartError};
use crate::cli::ServeArgs;
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::data_dir;
use crate::demo::{self, When};
use crate::secrets::{Key, KeyError};

/// The environment variable that replaces the key file.
const KEY_VARIABLE: &str = "BROKERSCOPE_SECRET_KEY";
/// Where OpenTelemetry programs send their spans; the demo's services are such programs.
const OTLP_VARIABLE: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const DEFAULT_LISTEN: std::net::SocketAddr =
    std::net::SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 7070);

/// Why it did not start, or did not go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The whole list, ready to be printed.
    #[error("{0}")]
    Config(String),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("no temporary folder can be made: {0}; name one with --data-dir")]
    Folder(std::io::Error),
    #[error("the system does not deliver signals: {0}")]
    Signals(std::io::Error),
}

pub async fn serve(args: ServeArgs) -> Result<(), ServeError> {
    let when = if args.no_demo || args.config.is_some() {
        When::Never
    } else {
        When::Unconfigured
    };
    run(options(args, when)?).await
}

/// Like [`serve`], with the demo, and by default in a folder that is gone at the end.
pub async fn demo(mut args: ServeArgs) -> Result<(), ServeError> {
    let mut temporary = None;
    if args.data_dir.is_none() {
        let folder = tempfile::Builder::new().prefix("brokerscope-demo-").tempdir();
        let folder = folder.map_err(ServeError::Folder)?;
        args.data_dir = Some(folder.path().to_path_buf());
        temporary = Some(folder);
    }
    let outcome = run(options(args, When::Always)?).await;
    drop(temporary);
    outcome
}

async fn run(options: Options) -> Result<(), ServeError> {
    let data_dir = options.data_dir.display().to_string();
    let mut interrupt = signal(SignalKind::interrupt()).map_err(ServeError::Signals)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(ServeError::Signals)?;
    let app = App::start(options).await?;
    let version = env!("CARGO_PKG_VERSION");
    tracing::info!(version, data_dir, "Brokerscope listens on http://{}", app.address());
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("stopping");
    let stop = app.shutdown();
    tokio::select! {
        () = stop => tracing::info!("stopped"),
        // A second signal means now.
        _ = interrupt.recv() => tracing::warn!("stopped at once"),
        _ = terminate.recv() => tracing::warn!("stopped at once"),
    }
    Ok(())
}

/// The command line wins over the file, the file over the defaults.
fn options(args: ServeArgs, when: When) -> Result<Options, ServeError> {
    let config = match &args.config {
        Some(path) => config::file::load(path).map_err(|problems| ServeError::Config(check::bad(path, &problems)))?,
        None => Config::default(),
    };
    let data_dir = args.data_dir.or_else(|| config.server.data_dir.clone());
    let secret_key = std::env::var(KEY_VARIABLE).ok().filter(|text| !text.trim().is_empty());
    let secret_key = secret_key
        .map(|text| Key::parse(&text, &format!("in {KEY_VARIABLE}")))
        .transpose()?;
    Ok(Options {
        listen: args.listen.or(config.server.listen).unwrap_or(DEFAULT_LISTEN),
        data_dir: data_dir.unwrap_or_else(|| data_dir::default_path(|name| std::env::var_os(name).map(PathBuf::from))),
        insecure_no_login: args.insecure_no_login,
        allowed_hosts: args.allowed_host,
        secret_key,
        clock: Clock::system(),
        demo: demo::Settings {
            when,
            otlp_endpoint: std::env::var(OTLP_VARIABLE).ok().filter(|text| !text.trim().is_empty()),
        },
        config,
    })
}
