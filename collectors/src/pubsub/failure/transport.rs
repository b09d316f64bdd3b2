//! What the HTTP client's errors mean for a question to Google.

use super::Failure;
use crate::transport::Transport;

impl Failure {
    /// `place` is the address that was asked.
    pub fn of_transport(error: &reqwest::Error, place: &str) -> Failure {
        let place = place.to_string();
        match Transport::of(error, false) {
            Transport::Lookup => Failure::Lookup(place),
            Transport::Refused => Failure::Refused(place),
            Transport::Unreachable(why) => Failure::Unreachable(place, why),
            Transport::TimedOut => Failure::TimedOut(place),
            Transport::Broken => Failure::Broken(place),
            Transport::NoHttp => Failure::NotGoogle(place, "it is not HTTP".into()),
            Transport::NoTls => Failure::Tls(place, "it does not speak TLS".into()),
            Transport::Certificate(why) => Failure::Tls(place, format!("its certificate is not accepted: {why}")),
            Transport::Handshake(why) => Failure::Tls(place, why),
            Transport::ClientCertificate(why) => Failure::Tls(place, why.into()),
        }
    }
}
