//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Watches message brokers and says in one glance what is stuck, since when and why.
#[derive(Debug, Parser)]
#[command(name = "brokerscope", version, about)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Watch the configured brokers and serve the page and the API.
    Serve(ServeArgs),
    /// Serve with the demo shop besides what is configured; without --data-dir nothing is kept.
    Demo(ServeArgs),
    /// Say what is wrong with a configuration file, and where.
    Check(CheckArgs),
}

#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Address and port to listen on [default: 127.0.0.1:7070].
    #[arg(long, env = "BROKERSCOPE_LISTEN", value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// Folder for the database and the secret key [default: brokerscope in the user's data folder].
    #[arg(long, env = "BROKERSCOPE_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// File with connections, thresholds and settings; see brokerscope.example.toml.
    #[arg(long, env = "BROKERSCOPE_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Listen on an address that other machines reach, although there is no login yet.
    #[arg(long)]
    pub insecure_no_login: bool,
    /// Another name under which browsers may address the server, e.g. behind a proxy; may be repeated.
    #[arg(long, env = "BROKERSCOPE_ALLOWED_HOSTS", value_name = "NAME", value_delimiter = ',')]
    pub allowed_host: Vec<String>,
    /// Never start the demo shop by itself, not even when nothing is configured.
    #[arg(long, env = "BROKERSCOPE_NO_DEMO")]
    pub no_demo: bool,
    /// How log lines are written.
    #[arg(long, env = "BROKERSCOPE_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
}

#[derive(Debug, Args)]
pub struct CheckArgs {
    #[arg(long, env = "BROKERSCOPE_CONFIG", value_name = "FILE")]
    pub config: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
