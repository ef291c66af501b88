//! The prepared requests of one scenario, and how to tell that an answer is a success.

use std::net::SocketAddr;

use xtask::Outcome;

use crate::{rest, ttlv};

/// The forms of the wire that are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WireForm {
    /// `GET`, without a body.
    Get,
    /// REST JSON over HTTP.
    Rest,
    /// Binary TTLV over HTTP.
    TtlvHttp,
    /// Binary TTLV on the TLS socket.
    TtlvSocket,
}

impl WireForm {
    /// Its name in the report.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Rest => "REST JSON",
            Self::TtlvHttp => "TTLV HTTP",
            Self::TtlvSocket => "TTLV socket",
        }
    }

    /// The bytes to send for this body.
    pub(crate) fn frame(self, address: SocketAddr, body: &[u8]) -> Vec<u8> {
        let (line, content_type) = match self {
            Self::Get => return format!("GET /version HTTP/1.1\r\nhost: {address}\r\n\r\n").into_bytes(),
            Self::TtlvSocket => return body.to_vec(),
            Self::Rest => ("POST /kmip/2_1", "application/json"),
            Self::TtlvHttp => ("POST /kmip", "application/octet-stream"),
        };
        let length = body.len();
        let head = format!(
            "{line} HTTP/1.1\r\nhost: {address}\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n\r\n"
        );
        [head.as_bytes(), body].concat()
    }
}

/// What a request asks for.
#[derive(Clone, Debug)]
pub(crate) enum Ask<'a> {
    /// A request in REST JSON, as it stands.
    #[cfg_attr(not(feature = "covercrypt"), allow(dead_code))]
    Json(&'a serde_json::Value),
    /// The server's version.
    Version,
    /// An AES-256 key with these tags.
    Create { tags: &'a [String] },
    /// Several AES-256 keys, all or none.
    CreateMany { keys: &'a [NewKey] },
    /// AES-GCM under this key; several times in one message if `times` is not 1.
    Encrypt { key: &'a str, data: &'a [u8], times: usize },
    /// A key pair.
    CreatePair { of: PairOf },
    /// A signature under this private key; several times in one message if `times` is not 1.
    Sign { key: &'a str, of: PairOf, data: &'a [u8], times: usize },
    /// The key itself.
    Get { key: &'a str },
    /// The keys that meet a condition.
    Locate { by: &'a Condition },
}

/// What a key is made with, for it to be found by.
#[derive(Clone, Debug, Default)]
pub(crate) struct NewKey {
    pub(crate) tags: Vec<String>,
    pub(crate) names: Vec<String>,
    pub(crate) groups: Vec<String>,
}

/// What keys are searched for by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// A tag.
    Tag(String),
    /// A name.
    Name(String),
    /// An Object Group and a Cryptographic Length of 256 bits.
    Group(String),
    /// Nothing but what the user may see.
    Nothing,
}

/// The key pairs that are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // each is named after its algorithm
pub(crate) enum PairOf {
    Rsa2048,
    Rsa4096,
    P256,
    Ed25519,
}

impl Ask<'_> {
    /// The body of the request.
    ///
    /// # Errors
    /// The form has no such request.
    pub(crate) fn body(&self, form: WireForm) -> Outcome<Vec<u8>> {
        match form {
            WireForm::Get => Ok(Vec::new()),
            WireForm::Rest => rest::body(self),
            WireForm::TtlvHttp | WireForm::TtlvSocket => ttlv::body(self),
        }
    }
}

/// Requests of one kind, ready to be sent in turn.
pub(crate) struct Requests {
    form: WireForm,
    frames: Vec<Vec<u8>>,
}

impl Requests {
    /// Prepares these requests for a server at this address.
    pub(crate) fn new<'a>(
        form: WireForm,
        address: SocketAddr,
        asks: impl IntoIterator<Item = Ask<'a>>,
    ) -> Outcome<Self> {
        let frame = |ask: Ask<'_>| Ok(form.frame(address, &ask.body(form)?));
        let frames = asks.into_iter().map(frame).collect::<Outcome<Vec<_>>>()?;
        if frames.is_empty() {
            return Err("a scenario needs at least one request".into());
        }
        Ok(Self { form, frames })
    }

    /// One of the requests.
    pub(crate) fn first(&self) -> &[u8] {
        self.frames.first().map(Vec::as_slice).unwrap_or_default()
    }

    /// The request of this connection at this turn: neighbours in time are no neighbours in the list.
    pub(crate) fn pick(&self, connection: usize, turn: usize) -> &[u8] {
        let index = (connection * 7919 + turn * 31) % self.frames.len();
        self.frames.get(index).map(Vec::as_slice).unwrap_or_default()
    }

    /// Checks that an answer is a success. The HTTP status has been checked before.
    ///
    /// # Errors
    /// It is not.
    pub(crate) fn check(&self, answer: &[u8]) -> Outcome {
        match self.form {
            WireForm::Get => Ok(()),
            WireForm::Rest => rest::check(answer),
            WireForm::TtlvHttp | WireForm::TtlvSocket => ttlv::check(answer),
        }
    }
}

/// How many objects an answer names.
///
/// # Errors
/// It is no answer, or is none in binary TTLV.
pub(crate) fn hits(form: WireForm, answer: &[u8]) -> Outcome<usize> {
    match form {
        WireForm::TtlvHttp | WireForm::TtlvSocket => ttlv::hits(answer),
        WireForm::Get | WireForm::Rest => Err("hits are counted in binary TTLV alone".into()),
    }
}

/// The identifier of the object that an answer is about.
///
/// # Errors
/// The answer has none.
pub(crate) fn identifier(form: WireForm, answer: &[u8]) -> Outcome<String> {
    match form {
        WireForm::Get => Err("a version has no identifier".into()),
        WireForm::Rest => rest::identifier(answer),
        WireForm::TtlvHttp | WireForm::TtlvSocket => ttlv::identifier(answer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_frames_state_the_length_of_the_body() {
        let address = "127.0.0.1:9998".parse().unwrap();
        let frame = String::from_utf8(WireForm::Rest.frame(address, b"{}")).unwrap();
        assert!(
            frame.starts_with("POST /kmip/2_1 HTTP/1.1\r\n")
                && frame.ends_with("content-length: 2\r\n\r\n{}")
        );
        assert_eq!(WireForm::TtlvSocket.frame(address, b"BB"), b"BB");
    }

    #[test]
    fn all_requests_have_their_turn() {
        let address = "127.0.0.1:9998".parse().unwrap();
        let tags: Vec<_> = (0..10).map(|number| Condition::Tag(format!("tag-{number}"))).collect();
        let requests =
            Requests::new(WireForm::Rest, address, tags.iter().map(|by| Ask::Locate { by })).unwrap();
        let picked: std::collections::BTreeSet<_> = (0..10).map(|turn| requests.pick(3, turn)).collect();
        assert_eq!(picked.len(), 10);
    }
}
