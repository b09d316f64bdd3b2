//! A credentials file, as far as it says who it is for: a server refuses a wrong, an expired and a revoked one in the
//! same words.

use nkeys::KeyPair;

use crate::jwt::Claims;

const JWT: &str = "-----BEGIN NATS USER JWT-----";
const SEED: &str = "-----BEGIN USER NKEY SEED-----";

/// The user's claims; `None` where they cannot be read.
pub fn claims(file: &str) -> Option<Claims> {
    Claims::of(after(file, JWT)?)
}

/// Whether the file holds the seed of another key than the one that its JWT is for.
pub fn is_of_two_users(file: &str) -> bool {
    let seed = after(file, SEED).and_then(|seed| KeyPair::from_seed(seed).ok());
    let user = claims(file).and_then(|claims| claims.sub);
    match (seed, user) {
        (Some(seed), Some(user)) => seed.public_key() != user,
        // What cannot be read is the server's to judge.
        _ => false,
    }
}

/// The public key of the user's account: a signing key of the account may have signed instead of its own.
pub fn account(claims: &Claims) -> Option<&str> {
    let named = claims.nats["issuer_account"].as_str().filter(|key| !key.is_empty());
    named.or(claims.iss.as_deref())
}

fn after<'a>(file: &'a str, begin: &str) -> Option<&'a str> {
    file.split_once(begin)?.1.split_whitespace().next()
}
