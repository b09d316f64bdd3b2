//! Other time series databases, fed the same fleet in the same run.
//!
//! A peer runs as a process of its own on loopback and takes Prometheus remote write (protocol 1.0). Its rate includes
//! our encoding of the requests on the same cores, so its processor time a million samples is the fairer figure.

mod process;
mod remote_write;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use brokerscope_contract::Timestamp;

use crate::fleet::{self, Fleet};
use process::Process;
use remote_write::Requests;

/// So many visits make one request: a minute of every series, as a remote-write client gathers them.
const VISITS_A_REQUEST: i64 = 12;

/// A database to compare with.
pub struct Peer {
    pub name: &'static str,
    /// The environment variable with the path of its program.
    program: &'static str,
    write: &'static str,
    ready: &'static str,
    arguments: fn(&Path, u16) -> Vec<String>,
    settle: Settle,
}

/// How its disk usage is read once everything was sent.
enum Settle {
    /// Finished blocks only: their samples are counted in `meta.json`; the head is memory and log.
    PrometheusBlocks,
    /// Parts are merged on request; then the whole folder counts.
    ForceMerge,
}

/// What a peer needed.
pub struct Figures {
    pub samples_a_second: f64,
    pub cpu_a_million: f64,
    pub bytes_a_sample: f64,
    pub peak_memory: u64,
}

pub const PEERS: [Peer; 2] = [
    Peer {
        name: "Prometheus",
        program: "BROKERSCOPE_BENCH_PROMETHEUS",
        write: "/api/v1/write",
        ready: "/-/ready",
        arguments: prometheus,
        settle: Settle::PrometheusBlocks,
    },
    Peer {
        name: "VictoriaMetrics",
        program: "BROKERSCOPE_BENCH_VICTORIAMETRICS",
        write: "/api/v1/write",
        ready: "/health",
        arguments: victoriametrics,
        settle: Settle::ForceMerge,
    },
];

fn prometheus(folder: &Path, port: u16) -> Vec<String> {
    let config = folder.join("prometheus.yml");
    vec![
        format!("--config.file={}", config.display()),
        format!("--storage.tsdb.path={}", folder.join("data").display()),
        "--storage.tsdb.retention.time=10y".into(),
        format!("--web.listen-address=127.0.0.1:{port}"),
        "--web.enable-remote-write-receiver".into(),
    ]
}

fn victoriametrics(folder: &Path, port: u16) -> Vec<String> {
    vec![
        format!("-storageDataPath={}", folder.join("data").display()),
        "-retentionPeriod=10y".into(),
        format!("-httpListenAddr=127.0.0.1:{port}"),
    ]
}

impl Peer {
    /// Its program, when the environment names it.
    pub fn program(&self) -> Option<PathBuf> {
        std::env::var_os(self.program).map(PathBuf::from)
    }

    /// Feeds a fleet of `queues` for `visits` visits from `start`, and measures.
    pub async fn feed(
        &self,
        program: &Path,
        queues: usize,
        visits: i64,
        start: Timestamp,
    ) -> Result<Figures, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("prometheus.yml"), "")?;
        let port = process::free_port()?;
        let process = Process::start(program, &(self.arguments)(folder.path(), port), folder.path())?;
        let address = format!("http://127.0.0.1:{port}");
        let client = reqwest::Client::builder().build()?;
        process
            .wait_until_ready(&client, &format!("{address}{}", self.ready))
            .await?;

        let mut fleet = Fleet::new(queues, start);
        let mut requests = Requests::new(fleet.keys(), &fleet::METRICS);
        let (started, cpu_before) = (Instant::now(), process.cpu_seconds());
        for visit in 0..visits {
            requests.add(fleet.visit().0);
            if visit % VISITS_A_REQUEST == VISITS_A_REQUEST - 1 || visit == visits - 1 {
                let sent = client.post(format!("{address}{}", self.write)).body(requests.take());
                let answer = remote_write::headers(sent).send().await?;
                if !answer.status().is_success() {
                    let status = answer.status();
                    return Err(format!("{} answered {status}: {}", self.name, answer.text().await?).into());
                }
            }
        }
        let samples = visits as f64 * fleet.samples() as f64;
        let seconds = started.elapsed().as_secs_f64();
        let bytes_a_sample = self
            .settle
            .bytes_a_sample(&client, &address, folder.path(), samples)
            .await?;
        Ok(Figures {
            samples_a_second: samples / seconds,
            cpu_a_million: (process.cpu_seconds() - cpu_before) / samples * 1e6,
            bytes_a_sample,
            peak_memory: process.peak_memory(),
        })
    }
}

impl Settle {
    async fn bytes_a_sample(
        &self,
        client: &reqwest::Client,
        address: &str,
        folder: &Path,
        samples: f64,
    ) -> Result<f64, Box<dyn Error>> {
        let data = folder.join("data");
        match self {
            Settle::PrometheusBlocks => {
                // The head is cut into blocks once a minute, when it spans more than three hours.
                let mut known = (0, 0);
                for _ in 0..12 {
                    tokio::time::sleep(Duration::from_secs(15)).await;
                    let now = process::prometheus_blocks(&data)?;
                    if now.1 > 0 && now == known {
                        break;
                    }
                    known = now;
                }
                Ok(known.0 as f64 / known.1 as f64)
            }
            Settle::ForceMerge => {
                for call in ["/internal/force_flush", "/internal/force_merge"] {
                    client
                        .get(format!("{address}{call}"))
                        .send()
                        .await?
                        .error_for_status()?;
                }
                let mut known = 0;
                for _ in 0..12 {
                    tokio::time::sleep(Duration::from_secs(5)).await;
                    let now = process::folder_bytes(&data)?;
                    if now == known {
                        break;
                    }
                    known = now;
                }
                Ok(known as f64 / samples)
            }
        }
    }
}
