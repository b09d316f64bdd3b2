//! One connection to one broker: frames, correlation, versions.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use futures_util::FutureExt;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use super::super::config::{Address, Config};
use super::super::wire::Trouble;
use super::calls::{ApiVersions, Call, Versions};
use super::codec::{Reader, Writer, garbled};
use super::tls;

/// The largest answer that is read; a broker with 100,000 replicas needs about a tenth of it.
const LARGEST_ANSWER: usize = 64 << 20;
/// Kafka's UNSUPPORTED_VERSION.
const UNSUPPORTED_VERSION: i32 = 35;

/// What all connections together have cost.
#[derive(Debug, Default)]
pub struct Cost {
    requests: AtomicU32,
    received: AtomicU64,
}

impl Cost {
    /// Requests sent and bytes received since the last call.
    pub fn take(&self) -> (u32, u64) {
        (
            self.requests.swap(0, Ordering::Relaxed),
            self.received.swap(0, Ordering::Relaxed),
        )
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Sync + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Sync + Unpin> Stream for S {}

pub struct Connection {
    stream: Box<dyn Stream>,
    versions: Versions,
    correlation: i32,
    cost: Arc<Cost>,
}

impl Connection {
    /// Connects, with TLS where configured, and exchanges versions.
    pub async fn open(config: &Config, address: &Address, cost: Arc<Cost>) -> Result<Connection, Trouble> {
        let tcp = TcpStream::connect((address.host.as_str(), address.port))
            .await
            .map_err(|error| failed("connecting", &error))?;
        // Requests are small and each waits for its answer: nothing is gained by holding them back.
        tcp.set_nodelay(true).map_err(|error| failed("connecting", &error))?;
        let stream: Box<dyn Stream> = match &config.tls {
            Some(tls) => Box::new(tls::wrap(tls, address, tcp).await?),
            None => Box::new(tcp),
        };
        let mut connection = Connection {
            stream,
            versions: Versions::default(),
            correlation: 0,
            cost,
        };
        connection.versions = connection.exchange_versions().await?;
        Ok(connection)
    }

    /// The level of a feature that the cluster has agreed on.
    pub fn feature(&self, name: &str) -> Option<i16> {
        self.versions.features.get(name).copied()
    }

    /// Whether the broker has left the connection open. Between two questions nothing may arrive on it.
    pub fn is_open(&mut self) -> bool {
        self.stream.read_u8().now_or_never().is_none()
    }

    /// The newest version of a request that both sides know.
    pub fn version<C: Call>(&self) -> Result<i16, Trouble> {
        let (lowest, highest) = self.versions.requests.get(&C::KEY).copied().ok_or_else(not_offered)?;
        let version = C::VERSIONS.1.min(highest);
        if version < lowest.max(C::VERSIONS.0) {
            return Err(not_offered());
        }
        Ok(version)
    }

    pub async fn ask<C: Call>(&mut self, call: &C) -> Result<C::Answer, Trouble> {
        let version = self.version::<C>()?;
        self.ask_in(call, version).await
    }

    /// Version 3 tells the features too. A broker before 2.4 refuses it, and then is asked in version 0.
    async fn exchange_versions(&mut self) -> Result<Versions, Trouble> {
        match self.ask_in(&ApiVersions, 3).await {
            Err(refused) if refused.code == UNSUPPORTED_VERSION => self.ask_in(&ApiVersions, 0).await,
            answer => answer,
        }
    }

    async fn ask_in<C: Call>(&mut self, call: &C, version: i16) -> Result<C::Answer, Trouble> {
        let flexible = version >= C::FLEXIBLE_FROM;
        self.correlation = self.correlation.wrapping_add(1);
        let answer = self.exchange(request(call, version, self.correlation)).await?;
        let mut reader = Reader::new(&answer, false);
        if reader.i32()? != self.correlation {
            return Err(garbled("it answers another question"));
        }
        // The header's own tagged fields, which ApiVersions leaves out so that any client can read it.
        let mut reader = reader.flexible(flexible);
        if C::KEY != ApiVersions::KEY {
            reader.end()?;
        }
        let read = call.read(version, &mut reader)?;
        if !reader.is_empty() {
            return Err(garbled("it goes on after its end"));
        }
        Ok(read)
    }

    /// Sends one frame and reads the one that answers it.
    async fn exchange(&mut self, frame: Vec<u8>) -> Result<Vec<u8>, Trouble> {
        self.cost.requests.fetch_add(1, Ordering::Relaxed);
        let length = u32::try_from(frame.len()).map_err(|_| garbled("the request is too long"))?;
        let mut bytes = length.to_be_bytes().to_vec();
        bytes.extend(frame);
        self.stream
            .write_all(&bytes)
            .await
            .map_err(|error| failed("sending", &error))?;
        self.stream.flush().await.map_err(|error| failed("sending", &error))?;

        let length = self
            .stream
            .read_i32()
            .await
            .map_err(|error| failed("reading", &error))?;
        let length = usize::try_from(length)
            .ok()
            .filter(|length| *length <= LARGEST_ANSWER)
            .ok_or_else(|| garbled("it claims an impossible length"))?;
        // Grows as bytes arrive, so that a length alone takes no memory.
        let mut answer = Vec::new();
        let read = (&mut self.stream).take(length as u64).read_to_end(&mut answer).await;
        if read.map_err(|error| failed("reading", &error))? < length {
            return Err(failed("reading", &io::ErrorKind::UnexpectedEof.into()));
        }
        self.cost.received.fetch_add(length as u64 + 4, Ordering::Relaxed);
        Ok(answer)
    }
}

/// Header and body.
fn request<C: Call>(call: &C, version: i16, correlation: i32) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.i16(C::KEY);
    writer.i16(version);
    writer.i32(correlation);
    // In the older encoding always, so that brokers can read it before they know the version.
    writer.string("brokerscope");
    writer.set_flexible(version >= C::FLEXIBLE_FROM);
    writer.end();
    call.write(version, &mut writer);
    writer.into_bytes()
}

fn failed(doing: &str, error: &io::Error) -> Trouble {
    // librdkafka's _TRANSPORT.
    Trouble::new(-195, format!("{doing} failed: {error}"))
}

fn not_offered() -> Trouble {
    Trouble::new(UNSUPPORTED_VERSION, "this broker does not offer it")
}
