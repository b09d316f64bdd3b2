//! The one HTTP question that readiness needs: GET with a login, answered with a body.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(5);

/// `guest:guest` in base64.
const GUEST: &str = "Z3Vlc3Q6Z3Vlc3Q=";

/// The body of a 200 answer; anything else is a reason to ask again.
pub fn get(address: &str, path: &str) -> Result<String, String> {
    let answer = exchange(address, path).map_err(|error| format!("{address}{path}: {error}"))?;
    // HTTP/1.0: the body ends where the connection does, and is never chunked.
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .ok_or_else(|| format!("{address}{path}: half an answer"))?;
    let status = head.lines().next().unwrap_or_default();
    if status.split_whitespace().nth(1) != Some("200") {
        return Err(format!("{address}{path}: {status}"));
    }
    Ok(body.to_owned())
}

fn exchange(address: &str, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.set_write_timeout(Some(LIMIT))?;
    write!(
        stream,
        "GET {path} HTTP/1.0\r\nHost: {address}\r\nAuthorization: Basic {GUEST}\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
