//! The SASL login of a connection: PLAIN and SCRAM.

use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::super::config::{Config, Mechanism, Sasl};
use super::super::wire::Trouble;
use super::calls::{Authenticate, Handshake};
use super::connection::Connection;
use super::scram::{Hash, Refusal, Scram};

/// Logs in, where the connection wants it.
pub async fn log_in(config: &Config, connection: &mut Connection) -> Result<(), Trouble> {
    let Some(sasl) = &config.sasl else { return Ok(()) };
    connection.ask(&Handshake(sasl.mechanism.name())).await?;
    match sasl.mechanism {
        Mechanism::Plain => {
            let token = format!("\0{}\0{}", sasl.user, sasl.password);
            connection.ask(&Authenticate(token.into_bytes())).await?;
            Ok(())
        }
        Mechanism::ScramSha256 => scram(connection, sasl, Hash::Sha256).await,
        Mechanism::ScramSha512 => scram(connection, sasl, Hash::Sha512).await,
    }
}

async fn scram(connection: &mut Connection, sasl: &Sasl, hash: Hash) -> Result<(), Trouble> {
    let mut random = [0; 24];
    rand::fill(&mut random).map_err(|_| denied("no random numbers"))?;
    let nonce = STANDARD_NO_PAD.encode(random);
    let mut scram = Scram::new(hash, &sasl.user, &sasl.password, &nonce);
    let first = connection.ask(&Authenticate(scram.first().into_bytes())).await?;
    let last = scram.last(&text(first)?).map_err(refused)?;
    let proof = connection.ask(&Authenticate(last.into_bytes())).await?;
    scram.verify(&text(proof)?).map_err(refused)
}

fn text(bytes: Vec<u8>) -> Result<String, Trouble> {
    String::from_utf8(bytes).map_err(|_| denied("the broker's answer to the login makes no sense"))
}

fn refused(Refusal(reason): Refusal) -> Trouble {
    denied(&reason)
}

fn denied(reason: &str) -> Trouble {
    // librdkafka's _AUTHENTICATION.
    Trouble::new(-169, reason)
}
