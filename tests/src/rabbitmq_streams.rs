//! Speaks RabbitMQ's stream protocol as far as tests need it: to publish, and to subscribe without reading on.
//!
//! Frames are a length, a key, a version and a body; numbers are big-endian, texts carry their length before them.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::brokers::Endpoints;

const DECLARE_PUBLISHER: u16 = 1;
const PUBLISH: u16 = 2;
const SUBSCRIBE: u16 = 7;
const CREDIT: u16 = 9;
const CREATE: u16 = 13;
const PEER_PROPERTIES: u16 = 17;
const SASL_HANDSHAKE: u16 = 18;
const SASL_AUTHENTICATE: u16 = 19;
const TUNE: u16 = 20;
const OPEN: u16 = 21;
const CREATE_SUPER_STREAM: u16 = 29;

const ANSWER: u16 = 0x8000;
const OK: u16 = 1;
/// Where a subscription begins: at the first message that is there.
const FIRST: u16 = 1;

/// A connection. What it is sent is read only while it waits for an answer.
pub struct Streams {
    socket: TcpStream,
    requests: u32,
    published: i64,
}

impl Streams {
    /// `name` is what the broker shows as the connection's.
    pub async fn connect(endpoints: &Endpoints, vhost: &str, name: &str) -> Streams {
        let socket = TcpStream::connect(&endpoints.stream[0]).await;
        let mut streams = Streams {
            socket: socket.expect("RabbitMQ listens for streams"),
            requests: 0,
            published: 0,
        };
        let properties = pairs(&[("connection_name", name), ("product", "brokerscope tests")]);
        streams.ask(PEER_PROPERTIES, properties).await;
        streams.ask(SASL_HANDSHAKE, Vec::new()).await;
        let login = b"\0guest\0guest";
        let login = [
            text("PLAIN"),
            (login.len() as u32).to_be_bytes().to_vec(),
            login.to_vec(),
        ];
        streams.ask(SASL_AUTHENTICATE, login.concat()).await;
        // The broker proposes the size of frames and the time between heartbeats; no heartbeats, please.
        let proposed = loop {
            let (key, frame) = streams.frame().await;
            if key == TUNE {
                break frame;
            }
        };
        let tuned = [&proposed[4..8], &0_u32.to_be_bytes()].concat();
        streams.send(TUNE | ANSWER, &tuned).await;
        streams.ask(OPEN, text(vhost)).await;
        streams
    }

    pub async fn create(&mut self, stream: &str) {
        self.ask(CREATE, [text(stream), pairs(&[])].concat()).await;
    }

    /// With partitions called by its name and a number.
    pub async fn create_super_stream(&mut self, name: &str, partitions: u32) {
        let names: Vec<String> = (0..partitions).map(|n| format!("{name}-{n}")).collect();
        let keys: Vec<String> = (0..partitions).map(|n| n.to_string()).collect();
        let body = [text(name), list(&names), list(&keys), pairs(&[])].concat();
        self.ask(CREATE_SUPER_STREAM, body).await;
    }

    pub async fn declare_publisher(&mut self, id: u8, stream: &str) {
        let body = [vec![id], text(""), text(stream)].concat();
        self.ask(DECLARE_PUBLISHER, body).await;
    }

    /// Sends messages in one frame; the broker's confirmations are not waited for.
    pub async fn publish(&mut self, publisher: u8, count: u32) {
        let mut body = [vec![publisher], count.to_be_bytes().to_vec()].concat();
        for _ in 0..count {
            // The payload is an AMQP 1.0 message: one section of data, two bytes long.
            let message = b"\x00\x53\x75\xa0\x02hi";
            body.extend(self.published.to_be_bytes());
            body.extend((message.len() as u32).to_be_bytes());
            body.extend(message);
            self.published += 1;
        }
        self.send(PUBLISH, &body).await;
    }

    /// From the first message on, with credit for so many chunks of messages. `name` is the subscription's.
    pub async fn subscribe(&mut self, id: u8, stream: &str, name: &str, credit: u16) {
        let begin = [FIRST.to_be_bytes(), credit.to_be_bytes()].concat();
        let body = [vec![id], text(stream), begin, pairs(&[("name", name)])].concat();
        self.ask(SUBSCRIBE, body).await;
    }

    /// Allows the broker to send more chunks.
    pub async fn credit(&mut self, id: u8, chunks: u16) {
        let body = [vec![id], chunks.to_be_bytes().to_vec()].concat();
        self.send(CREDIT, &body).await;
    }

    async fn send(&mut self, key: u16, body: &[u8]) {
        let length = (4 + body.len()) as u32;
        let head = [
            length.to_be_bytes().as_slice(),
            &key.to_be_bytes(),
            &1_u16.to_be_bytes(),
        ]
        .concat();
        let frame = [head, body.to_vec()].concat();
        self.socket.write_all(&frame).await.expect("RabbitMQ takes the frame");
    }

    async fn ask(&mut self, key: u16, body: Vec<u8>) {
        self.requests += 1;
        let body = [self.requests.to_be_bytes().to_vec(), body].concat();
        self.send(key, &body).await;
        loop {
            let (answered, frame) = self.frame().await;
            if answered == key | ANSWER {
                let code = u16::from_be_bytes([frame[8], frame[9]]);
                assert_eq!(code, OK, "the answer to request {key} of the stream protocol");
                return;
            }
        }
    }

    /// The next frame's key, and the frame without its length.
    async fn frame(&mut self) -> (u16, Vec<u8>) {
        let length = self.socket.read_u32().await.expect("RabbitMQ keeps the connection");
        let mut frame = vec![0; length as usize];
        self.socket.read_exact(&mut frame).await.expect("a whole frame");
        (u16::from_be_bytes([frame[0], frame[1]]), frame)
    }
}

fn text(text: &str) -> Vec<u8> {
    [&(text.len() as u16).to_be_bytes(), text.as_bytes()].concat()
}

fn list(texts: &[String]) -> Vec<u8> {
    let items = texts.iter().flat_map(|item| text(item));
    (texts.len() as u32).to_be_bytes().into_iter().chain(items).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<u8> {
    let items = pairs.iter().flat_map(|(key, value)| [text(key), text(value)].concat());
    (pairs.len() as u32).to_be_bytes().into_iter().chain(items).collect()
}
