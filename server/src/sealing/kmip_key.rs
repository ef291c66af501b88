//! A server key that another key server holds and never gives out: it encrypts and decrypts there, by KMIP 1.4 over TLS,
//! which newer servers speak, too.

use std::time::{Duration, Instant};

use claviger_engine::sealing::{DATA_KEY, ServerKey};
use claviger_kmip::codec::binary;
use claviger_kmip::codec::limits::Limits;
use claviger_kmip::field::TtlvValue;
use claviger_kmip::identifier::UniqueIdentifier;
use claviger_kmip::message::{RequestMessage, ResponseMessage};
use claviger_kmip::objects::CryptographicParameters;
use claviger_kmip::payload::Payload;
use claviger_kmip::payloads::{DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse};
use claviger_kmip::tables::enumerations::{BlockCipherMode, OperationCode, ResultStatus};
use claviger_kmip::version::ProtocolVersion;
use claviger_kmip::{ByteString, Tag, Ttlv, structure};
use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};

use super::key_encryption_key::{KeyEncryptionKey, altered, parts};
use crate::peer::Peer;

/// The pause before it is tried again, at first and at most.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(8)];

/// A key in another key server.
pub(super) struct KmipKey {
    name: String,
    id: String,
    address: String,
    server: Peer,
    patience: Duration,
}

structure! {
    /// What the other server made of a key that seals a data key.
    pub struct Kept {
        /// The ciphertext.
        data: ByteString = DATA,
        /// The nonce.
        nonce: Option<ByteString> = IV_COUNTER_NONCE,
        /// The tag, unless it is a part of the ciphertext.
        tag: Option<ByteString> = AUTHENTICATED_ENCRYPTION_TAG,
    }
}

impl KmipKey {
    /// The key with this identifier. While the server cannot be reached it is tried again for as long as `patience`.
    pub(super) fn new(id: &str, address: &str, server: Peer, patience: Duration) -> Self {
        Self { name: format!("kmip:{id}"), id: id.to_owned(), address: address.to_owned(), server, patience }
    }

    async fn wrap(&self, data_key: &[u8; DATA_KEY], context: &[u8]) -> Result<ByteString> {
        let key = KeyEncryptionKey::random();
        let request = EncryptRequest {
            unique_identifier: Some(UniqueIdentifier::Text(self.id.clone())),
            cryptographic_parameters: Some(parameters()),
            data: Some(key.bytes().as_slice().into()),
            iv_counter_nonce: None,
            correlation_value: None,
            init_indicator: None,
            final_indicator: None,
            authenticated_encryption_additional_data: None,
        };
        let response: EncryptResponse = self.ask(OperationCode::ENCRYPT, request).await?;
        let data = response.data.ok_or_else(|| self.wrong("it encrypts nothing"))?;
        let kept =
            Kept { data, nonce: response.iv_counter_nonce, tag: response.authenticated_encryption_tag };
        let kept = binary::encode(&Ttlv::new(Tag::RESPONSE_PAYLOAD, kept.into_value()));
        key.wrap(&kept, data_key, context)
    }

    async fn unwrap(&self, wrapped: &[u8], context: &[u8]) -> Result<ByteString> {
        let (kept, sealed) = parts(wrapped)?;
        let kept = binary::decode(kept, &Limits::default()).map_err(|error| altered().because(error))?;
        let kept = Kept::from_value(kept.tag, kept.value).map_err(|error| altered().because(error))?;
        let request = DecryptRequest {
            unique_identifier: Some(UniqueIdentifier::Text(self.id.clone())),
            cryptographic_parameters: Some(parameters()),
            data: Some(kept.data),
            iv_counter_nonce: kept.nonce,
            correlation_value: None,
            init_indicator: None,
            final_indicator: None,
            authenticated_encryption_additional_data: None,
            authenticated_encryption_tag: kept.tag,
        };
        let response: DecryptResponse = self.ask(OperationCode::DECRYPT, request).await?;
        let key = response.data.as_deref().and_then(KeyEncryptionKey::of);
        key.ok_or_else(|| self.wrong("it decrypts something else"))?.open(sealed, context)
    }

    /// Asks the other server, again and again while it cannot be reached.
    async fn ask<T: TtlvValue>(&self, operation: OperationCode, request: impl TtlvValue) -> Result<T> {
        let message = RequestMessage::of_one(ProtocolVersion::V1_4, operation, request.into_value());
        let message = Ttlv::new(Tag::REQUEST_MESSAGE, message.into_value());
        let started = Instant::now();
        let [mut pause, longest] = PAUSES;
        loop {
            let error = match self.ask_once(message.clone()).await {
                Ok(answer) => return self.payload(answer),
                Err(error) => error,
            };
            if error.class() != ErrorClass::Server || started.elapsed() + pause > self.patience {
                return Err(self.wrong(&format!("{error:?}")));
            }
            tracing::warn!(
                address = self.address,
                ?error,
                "the key server that holds the server key is tried again"
            );
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
    }

    async fn ask_once(&self, message: Ttlv) -> Result<Ttlv> {
        let mut talk = self.server.connect().await?;
        let answer = talk.ask(message, &Limits::default()).await;
        talk.end().await;
        answer
    }

    /// What it answers.
    fn payload<T: TtlvValue>(&self, answer: Ttlv) -> Result<T> {
        let malformed = |error| self.wrong(&format!("it answers by what is no answer: {error}"));
        let message = ResponseMessage::from_value(answer.tag, answer.value).map_err(malformed)?;
        let item = message.batch_item.into_iter().next();
        let item = item.ok_or_else(|| self.wrong("its answer is empty"))?;
        if item.result_status != ResultStatus::SUCCESS {
            let (reason, text) = (item.result_reason, item.result_message.unwrap_or_default());
            return Err(self.wrong(&format!("it does not use the key: {reason:?}, {text}")));
        }
        let payload = item.response_payload.unwrap_or_else(Payload::empty).into_value();
        T::from_value(Tag::RESPONSE_PAYLOAD, payload).map_err(malformed)
    }

    fn wrong(&self, what: &str) -> Error {
        let message = format!("the key server {} that holds the server key: {what}", self.address);
        Error::server("the key server that holds the server key fails").because(message)
    }
}

/// AES-GCM with a nonce of the other server's own: a wrong key shows.
fn parameters() -> CryptographicParameters {
    CryptographicParameters {
        block_cipher_mode: Some(BlockCipherMode::GCM),
        random_iv: Some(true),
        tag_length: Some(16),
        ..CryptographicParameters::NONE
    }
}

impl ServerKey for KmipKey {
    fn name(&self) -> &str {
        &self.name
    }

    fn wrap_key<'a>(
        &'a self,
        data_key: &'a [u8; DATA_KEY],
        context: &'a [u8],
    ) -> BoxFuture<'a, Result<ByteString>> {
        Box::pin(self.wrap(data_key, context))
    }

    fn unwrap_key<'a>(&'a self, wrapped: &'a [u8], context: &'a [u8]) -> BoxFuture<'a, Result<ByteString>> {
        Box::pin(self.unwrap(wrapped, context))
    }
}
