//! The client's side of SCRAM (RFC 5802) without channel binding: pure, except for the nonce that it is given.

use std::num::NonZeroU32;

use aws_lc_rs::{constant_time, digest, hmac, pbkdf2};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

/// More rounds than this only keep the processor busy; Kafka uses 4096.
const MOST_ROUNDS: u32 = 1_000_000;
/// "n,,": no channel binding, no other identity.
const GS2_HEADER: &str = "n,,";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    Sha256,
    Sha512,
}

/// Why the exchange cannot go on, in words for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal(pub String);

/// An exchange under way.
pub struct Scram {
    hash: Hash,
    password: String,
    nonce: String,
    first_bare: String,
    /// What the server must prove that it knows, once the client's last message is out.
    expected: Option<Vec<u8>>,
}

impl Scram {
    /// `nonce` is fresh random text without commas.
    pub fn new(hash: Hash, user: &str, password: &str, nonce: &str) -> Scram {
        let user = user.replace('=', "=3D").replace(',', "=2C");
        Scram {
            hash,
            password: password.to_string(),
            nonce: nonce.to_string(),
            first_bare: format!("n={user},r={nonce}"),
            expected: None,
        }
    }

    pub fn first(&self) -> String {
        format!("{GS2_HEADER}{}", self.first_bare)
    }

    /// The client's last message, in answer to the server's first.
    pub fn last(&mut self, server_first: &str) -> Result<String, Refusal> {
        let field = |name| field(server_first, name);
        if let Some(error) = field("e=") {
            return Err(Refusal(format!("the broker refused the login: {error}")));
        }
        let malformed = || Refusal("the broker's answer to the login makes no sense".into());
        let nonce = field("r=").ok_or_else(malformed)?;
        if !nonce.starts_with(&self.nonce) || nonce.len() == self.nonce.len() {
            return Err(Refusal("the broker answered to another login".into()));
        }
        let salt = BASE64
            .decode(field("s=").ok_or_else(malformed)?)
            .map_err(|_| malformed())?;
        let rounds: u32 = field("i=").and_then(|text| text.parse().ok()).ok_or_else(malformed)?;
        let rounds = NonZeroU32::new(rounds)
            .filter(|rounds| rounds.get() <= MOST_ROUNDS)
            .ok_or_else(malformed)?;

        let without_proof = format!("c={},r={nonce}", BASE64.encode(GS2_HEADER));
        let conversation = format!("{},{server_first},{without_proof}", self.first_bare);
        let salted = self.hash.salted(&self.password, &salt, rounds);
        let client_key = self.hash.hmac(&salted, b"Client Key");
        let stored = self.hash.digest(&client_key);
        let signature = self.hash.hmac(&stored, conversation.as_bytes());
        let proof: Vec<u8> = client_key.iter().zip(&signature).map(|(a, b)| a ^ b).collect();
        let server_key = self.hash.hmac(&salted, b"Server Key");
        self.expected = Some(self.hash.hmac(&server_key, conversation.as_bytes()));
        Ok(format!("{without_proof},p={}", BASE64.encode(proof)))
    }

    /// Whether the server's last message proves that it knows the password too.
    pub fn verify(&self, server_last: &str) -> Result<(), Refusal> {
        if let Some(error) = field(server_last, "e=") {
            return Err(Refusal(format!("the broker refused the login: {error}")));
        }
        let signature = field(server_last, "v=").and_then(|text| BASE64.decode(text).ok());
        match (signature, &self.expected) {
            (Some(signature), Some(expected))
                if constant_time::verify_slices_are_equal(&signature, expected).is_ok() =>
            {
                Ok(())
            }
            _ => Err(Refusal("the broker could not prove that it knows the password".into())),
        }
    }
}

fn field<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    message.split(',').find_map(|part| part.strip_prefix(name))
}

impl Hash {
    fn digest(self, data: &[u8]) -> Vec<u8> {
        let algorithm = match self {
            Hash::Sha256 => &digest::SHA256,
            Hash::Sha512 => &digest::SHA512,
        };
        digest::digest(algorithm, data).as_ref().to_vec()
    }

    fn hmac(self, key: &[u8], data: &[u8]) -> Vec<u8> {
        let algorithm = match self {
            Hash::Sha256 => hmac::HMAC_SHA256,
            Hash::Sha512 => hmac::HMAC_SHA512,
        };
        hmac::sign(&hmac::Key::new(algorithm, key), data).as_ref().to_vec()
    }

    fn salted(self, password: &str, salt: &[u8], rounds: NonZeroU32) -> Vec<u8> {
        let (algorithm, length) = match self {
            Hash::Sha256 => (pbkdf2::PBKDF2_HMAC_SHA256, digest::SHA256_OUTPUT_LEN),
            Hash::Sha512 => (pbkdf2::PBKDF2_HMAC_SHA512, digest::SHA512_OUTPUT_LEN),
        };
        let mut salted = vec![0; length];
        pbkdf2::derive(algorithm, rounds, salt, password.as_bytes(), &mut salted);
        salted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7677, section 3.
    #[test]
    fn the_exchange_of_the_standard_comes_out_letter_by_letter() {
        let mut scram = Scram::new(Hash::Sha256, "user", "pencil", "rOprNGfwEbeRWgbNEkqO");
        assert_eq!(scram.first(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        let server_first = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        assert_eq!(
            scram.last(server_first).unwrap(),
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        );
        assert_eq!(scram.verify("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="), Ok(()));
    }

    #[test]
    fn a_server_that_does_not_know_the_password_is_refused() {
        let mut scram = Scram::new(Hash::Sha512, "user", "pencil", "abc");
        scram.last("r=abcdef,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096").unwrap();
        for message in ["v=AAAA", "v=", "", "v=!!!", "e=invalid-proof", "x"] {
            assert!(scram.verify(message).is_err(), "{message:?}");
        }
    }

    #[test]
    fn answers_that_make_no_sense_end_the_exchange() {
        for message in [
            "",
            "r=abc,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            "r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            "r=abcdef,s=***,i=4096",
            "r=abcdef,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=0",
            "r=abcdef,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=999999999",
            "r=abcdef,s=W22ZaJ0SNY7soEsUEjb6gQ==",
            "e=unknown-user",
        ] {
            assert!(
                Scram::new(Hash::Sha256, "user", "pencil", "abc").last(message).is_err(),
                "{message:?}"
            );
        }
    }

    #[test]
    fn commas_and_equal_signs_in_a_user_name_are_written_otherwise() {
        assert_eq!(
            Scram::new(Hash::Sha256, "a,b=c", "p", "x").first(),
            "n,,n=a=2Cb=3Dc,r=x"
        );
    }
}
