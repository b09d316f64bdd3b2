//! One connection to one broker: frames, correlation, versions.

use std::collections::{BTreeMap, HashMap};
use std::io;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use kafka_protocol::messages::{
    ApiVersionsRequest, ApiVersionsResponse, DescribeLogDirsRequest, DescribeLogDirsResponse, DescribeQuorumRequest,
    DescribeQuorumResponse, RequestHeader, ResponseHeader, SaslAuthenticateRequest, SaslAuthenticateResponse,
    SaslHandshakeRequest, SaslHandshakeResponse,
};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, Message, StrBytes};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use super::super::config::{Address, Config};
use super::super::wire::Trouble;
use super::tls;

/// The largest answer that is read; a broker with 100,000 replicas needs about a tenth of it.
const LARGEST_ANSWER: usize = 64 << 20;
/// Kafka's UNSUPPORTED_VERSION.
const UNSUPPORTED_VERSION: i16 = 35;

/// A request with its number and the type of its answer.
pub trait Call: Encodable + HeaderVersion + Message {
    const KEY: i16;
    type Answer: Decodable + HeaderVersion + Message;
}

macro_rules! calls {
    ($($key:literal $request:ty => $answer:ty;)*) => {
        $(impl Call for $request {
            const KEY: i16 = $key;
            type Answer = $answer;
        })*
    };
}

calls! {
    17 SaslHandshakeRequest => SaslHandshakeResponse;
    18 ApiVersionsRequest => ApiVersionsResponse;
    35 DescribeLogDirsRequest => DescribeLogDirsResponse;
    36 SaslAuthenticateRequest => SaslAuthenticateResponse;
    55 DescribeQuorumRequest => DescribeQuorumResponse;
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

pub struct Connection {
    stream: Box<dyn Stream>,
    /// Lowest and highest version of each request that the broker takes.
    versions: HashMap<i16, (i16, i16)>,
    /// Features that the whole cluster has agreed on, with their levels.
    features: BTreeMap<String, i16>,
    requests: u32,
    received: u64,
}

impl Connection {
    /// Connects, with TLS where configured, and exchanges versions.
    pub async fn open(config: &Config, address: &Address) -> Result<Connection, Trouble> {
        let tcp = TcpStream::connect((address.host.as_str(), address.port))
            .await
            .map_err(|error| failed("connecting", &error))?;
        let stream: Box<dyn Stream> = match &config.tls {
            Some(tls) => Box::new(tls::wrap(tls, address, tcp).await?),
            None => Box::new(tcp),
        };
        let mut connection = Connection {
            stream,
            versions: HashMap::new(),
            features: BTreeMap::new(),
            requests: 0,
            received: 0,
        };
        connection.exchange_versions().await?;
        Ok(connection)
    }

    /// Requests sent and bytes received so far.
    pub fn cost(&self) -> (u32, u64) {
        (self.requests, self.received)
    }

    pub fn feature(&self, name: &str) -> Option<i16> {
        self.features.get(name).copied()
    }

    /// Sends the request in the newest version that both sides know.
    pub async fn ask<C: Call>(&mut self, call: &C) -> Result<C::Answer, Trouble> {
        let version = self.version::<C>(i16::MAX)?;
        self.ask_in(call, version).await
    }

    /// The newest version that both sides know, up to `most`.
    pub fn version<C: Call>(&self, most: i16) -> Result<i16, Trouble> {
        let (lowest, highest) = self.versions.get(&C::KEY).copied().ok_or_else(not_offered)?;
        let version = C::VERSIONS.max.min(highest).min(most);
        if version < lowest || version < C::VERSIONS.min {
            return Err(not_offered());
        }
        Ok(version)
    }

    pub async fn ask_in<C: Call>(&mut self, call: &C, version: i16) -> Result<C::Answer, Trouble> {
        let body = self.exchange::<C>(call, version).await?;
        decode(body, version)
    }

    /// Version 3 tells the features too. A broker before 2.4 refuses it in the format of version 0, which then is
    /// asked for.
    async fn exchange_versions(&mut self) -> Result<(), Trouble> {
        let request = ApiVersionsRequest::default()
            .with_client_software_name(StrBytes::from_static_str("brokerscope"))
            .with_client_software_version(StrBytes::from_static_str(env!("CARGO_PKG_VERSION")));
        let body = self.exchange(&request, 3).await?;
        let refused = body.get(..2).map(|code| i16::from_be_bytes([code[0], code[1]])) == Some(UNSUPPORTED_VERSION);
        let answer: ApiVersionsResponse = if refused {
            self.ask_in(&ApiVersionsRequest::default(), 0).await?
        } else {
            decode(body, 3)?
        };
        check(answer.error_code, None)?;
        self.versions = answer
            .api_keys
            .iter()
            .map(|api| (api.api_key, (api.min_version, api.max_version)))
            .collect();
        self.features = answer
            .finalized_features
            .iter()
            .map(|feature| (feature.name.to_string(), feature.max_version_level))
            .collect();
        Ok(())
    }

    /// Sends one frame and reads the one that answers it, without its header.
    async fn exchange<C: Call>(&mut self, call: &C, version: i16) -> Result<Bytes, Trouble> {
        self.requests += 1;
        let correlation = i32::try_from(self.requests).unwrap_or(0);
        let header = RequestHeader::default()
            .with_request_api_key(C::KEY)
            .with_request_api_version(version)
            .with_correlation_id(correlation)
            .with_client_id(Some(StrBytes::from_static_str("brokerscope")));
        let mut frame = BytesMut::new();
        frame.put_i32(0);
        header.encode(&mut frame, C::header_version(version)).map_err(garbled)?;
        call.encode(&mut frame, version).map_err(garbled)?;
        let length = i32::try_from(frame.len() - 4).map_err(garbled)?;
        frame[..4].copy_from_slice(&length.to_be_bytes());
        self.stream
            .write_all(&frame)
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
            .ok_or_else(|| garbled("an answer of impossible length"))?;
        let mut answer = vec![0; length];
        self.stream
            .read_exact(&mut answer)
            .await
            .map_err(|error| failed("reading", &error))?;
        self.received += length as u64 + 4;
        let mut answer = Bytes::from(answer);
        let header = ResponseHeader::decode(&mut answer, C::Answer::header_version(version)).map_err(garbled)?;
        if header.correlation_id != correlation {
            return Err(garbled("an answer to another question"));
        }
        Ok(answer)
    }
}

fn decode<A: Decodable>(mut body: Bytes, version: i16) -> Result<A, Trouble> {
    let answer = A::decode(&mut body, version).map_err(garbled)?;
    if body.has_remaining() {
        return Err(garbled("more than the answer"));
    }
    Ok(answer)
}

/// An error number of Kafka with the broker's own words for it, where it gives some.
pub fn check(code: i16, words: Option<&str>) -> Result<(), Trouble> {
    if code == 0 {
        return Ok(());
    }
    let name = kafka_protocol::ResponseError::try_from_code(code)
        .map_or_else(|| format!("error {code}"), |error| error.to_string());
    Err(Trouble::new(i32::from(code), words.unwrap_or(&name)))
}

fn failed(doing: &str, error: &io::Error) -> Trouble {
    // librdkafka's _TRANSPORT.
    Trouble::new(-195, format!("{doing} failed: {error}"))
}

fn garbled(what: impl std::fmt::Display) -> Trouble {
    // librdkafka's _BAD_MSG.
    Trouble::new(-199, format!("the broker's answer makes no sense: {what}"))
}

fn not_offered() -> Trouble {
    Trouble::new(i32::from(UNSUPPORTED_VERSION), "this broker does not offer it")
}
