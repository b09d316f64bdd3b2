//! A peer's process: started, waited for, measured from outside, and stopped when dropped.

use std::error::Error;
use std::fs;
use std::io;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::measure;

pub struct Process(Child);

impl Process {
    pub fn start(program: &Path, arguments: &[String], folder: &Path) -> io::Result<Process> {
        let log = fs::File::create(folder.join("log"))?;
        let child = Command::new(program)
            .args(arguments)
            .current_dir(folder)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()?;
        Ok(Process(child))
    }

    pub async fn wait_until_ready(&self, client: &reqwest::Client, address: &str) -> Result<(), Box<dyn Error>> {
        for _ in 0..300 {
            let answer = client.get(address).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err(format!("{address} did not answer within 30 s").into())
    }

    pub fn cpu_seconds(&self) -> f64 {
        measure::cpu_seconds_of(&self.0.id().to_string())
    }

    pub fn peak_memory(&self) -> u64 {
        measure::peak_memory_of(&self.0.id().to_string())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself; its folder goes away either way.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A port of loopback that is free now.
pub fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// The bytes of all files below `folder`.
pub fn folder_bytes(folder: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = match entry.metadata() {
            Ok(metadata) => metadata,
            // Merged away in the meantime.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        bytes += match metadata.is_dir() {
            true => folder_bytes(&entry.path()).or_else(|error| match error.kind() {
                io::ErrorKind::NotFound => Ok(0),
                _ => Err(error),
            })?,
            false => metadata.len(),
        };
    }
    Ok(bytes)
}

/// Bytes and samples of Prometheus' finished blocks, by their `meta.json`.
pub fn prometheus_blocks(data: &Path) -> Result<(u64, u64), Box<dyn Error>> {
    let (mut bytes, mut samples) = (0, 0);
    for entry in fs::read_dir(data)? {
        let block = entry?.path();
        let Ok(meta) = fs::read_to_string(block.join("meta.json")) else {
            continue;
        };
        let meta: serde_json::Value = serde_json::from_str(&meta)?;
        samples += meta["stats"]["numSamples"].as_u64().unwrap_or(0);
        bytes += folder_bytes(&block)?;
    }
    Ok((bytes, samples))
}
