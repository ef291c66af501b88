//! The other server: its objects, in whatever version and form it speaks.

use std::collections::BTreeSet;
use std::sync::Arc;

use claviger_engine::registry::Registry;
use claviger_kmip::codec::limits::Limits;
use claviger_kmip::codec::rest_json::{self, KeyMaterialForm, RestBody};
use claviger_kmip::field::TtlvValue as _;
use claviger_kmip::tables::enumerations::{
    BlockCipherMode, EncodingOption, ObjectType, OperationCode, ResultReason, ResultStatus, WrappingMethod,
};
use claviger_kmip::version::ProtocolVersion;
use claviger_kmip::{Tag, Ttlv, Value};
use claviger_plugin_sdk::dialect::Dialect;
use hyper::StatusCode;

use super::add_new;
use super::fetched::Fetched;
use super::link::{Link, unexpected};
use super::options::{From, FromKmip};
use crate::failure::Failure;
use crate::http::REST;

/// Why there is no answer.
pub(super) enum CallError {
    /// The server says why not.
    Refused(String),
    /// Nothing more can be asked.
    Broken(Failure),
}

/// The other server.
pub(super) struct Source {
    options: FromKmip,
    registry: Arc<Registry>,
    link: Link,
    speech: Speech,
    /// Whether it knows Export.
    exports: bool,
}

/// What is spoken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Speech {
    /// Bare operations in the JSON of the REST family.
    Rest,
    /// Messages of this version.
    Messages(ProtocolVersion),
}

/// From the latest to the first.
const VERSIONS: [(i32, i32); 7] = [(2, 1), (2, 0), (1, 4), (1, 3), (1, 2), (1, 1), (1, 0)];
/// The first version that locates from an offset on.
const OFFSETS: (i32, i32) = (1, 3);
/// The first version that exports.
const EXPORTS: (i32, i32) = (1, 4);
/// How many identifiers are asked for at once.
const PAGE: i32 = 1000;

impl Source {
    /// Connects, and finds out what can be spoken.
    ///
    /// # Errors
    /// The other server cannot be reached, or speaks no version of KMIP that this one does.
    pub(super) async fn connect(options: &FromKmip, registry: Arc<Registry>) -> Result<Self, Failure> {
        let rest = match &options.from {
            From::Http(url) => url.ends_with("/kmip_2_1") || url.ends_with("/kmip/2_1"),
            From::Ttlv(_) => false,
        };
        let link = Link::open(options).await?;
        let speech = match rest {
            true => Speech::Rest,
            false => Speech::Messages(ProtocolVersion::V2_1),
        };
        let mut source = Self { options: options.clone(), registry, link, speech, exports: true };
        if !rest {
            source.agree_on_a_version().await?;
        }
        Ok(source)
    }

    async fn agree_on_a_version(&mut self) -> Result<(), Failure> {
        let mut last = None;
        for (major, minor) in VERSIONS {
            let version = ProtocolVersion { major, minor };
            self.speech = Speech::Messages(version);
            let probe = vec![Ttlv::new(Tag::MAXIMUM_ITEMS, Value::Integer(1))];
            match self.call(OperationCode::LOCATE, probe).await {
                Ok(_) => {
                    self.exports = (major, minor) >= EXPORTS;
                    return Ok(());
                }
                Err(CallError::Refused(refusal)) => last = Some(refusal),
                // Some end the connection when they do not know a version.
                Err(CallError::Broken(failure)) => {
                    last = Some(failure.to_string());
                    self.link = Link::open(&self.options).await?;
                }
            }
        }
        let why = last.unwrap_or_default();
        Err(Failure::new(format!(
            "the other server answers Locate in no version of KMIP; in 1.0 it says: {why}"
        )))
    }

    /// The dialect in which what it hands out is imported here.
    pub(super) fn dialect(&self) -> Option<&'static dyn Dialect> {
        match self.speech {
            Speech::Rest => self.registry.dialect(REST),
            Speech::Messages(_) => None,
        }
    }

    /// The identifiers of all objects that it shows, page by page where it knows pages.
    ///
    /// # Errors
    /// It cannot say.
    pub(super) async fn locate_all(&mut self) -> Result<Vec<String>, Failure> {
        let (mut ids, mut known) = (Vec::new(), BTreeSet::new());
        let pages = match self.speech {
            Speech::Rest => false,
            Speech::Messages(version) => (version.major, version.minor) >= OFFSETS,
        };
        loop {
            let mut request = Vec::new();
            if pages {
                let offset = i32::try_from(ids.len()).unwrap_or(i32::MAX);
                request.push(Ttlv::new(Tag::MAXIMUM_ITEMS, Value::Integer(PAGE)));
                request.push(Ttlv::new(Tag::OFFSET_ITEMS, Value::Integer(offset)));
            }
            let found = match self.call(OperationCode::LOCATE, request).await {
                Ok(found) => found,
                Err(CallError::Refused(why)) => {
                    return Err(Failure::new(format!("the other server does not locate its objects: {why}")));
                }
                Err(CallError::Broken(failure)) => return Err(failure),
            };
            let page = found.into_iter().filter(|item| item.tag == Tag::UNIQUE_IDENTIFIER);
            let page = page.filter_map(|item| match item.value {
                Value::TextString(id) => Some(id),
                _ => None,
            });
            // One that ignores the offset repeats itself.
            if !add_new(&mut ids, &mut known, page.collect()) || !pages {
                return Ok(ids);
            }
        }
    }

    /// An object with its attributes; a key wrapped under a key of both servers, if one is named, unless it is kept wrapped.
    ///
    /// # Errors
    /// See [`CallError`].
    pub(super) async fn fetch(
        &mut self,
        id: &str,
        wrapped_under: Option<&str>,
    ) -> Result<Fetched, CallError> {
        let wrapping = match wrapped_under {
            Some(wrapping_key) if self.is_key(id).await? => Some(specification(wrapping_key)),
            _ => None,
        };
        let wraps = wrapping.is_some();
        let found = self.fetch_as(id, wrapping).await;
        // One that is kept wrapped there need not be wrapped once more.
        let is_refused = wraps && matches!(found, Err(CallError::Refused(_)));
        match is_refused && self.attributes(id).await?.is_kept_wrapped() {
            true => self.fetch_as(id, None).await,
            false => found,
        }
    }

    async fn fetch_as(&mut self, id: &str, wrapping: Option<Ttlv>) -> Result<Fetched, CallError> {
        let mut request = vec![text(Tag::UNIQUE_IDENTIFIER, id)];
        request.extend(wrapping.clone());
        if self.exports {
            match self.call(OperationCode::EXPORT, request.clone()).await {
                Err(CallError::Refused(why)) if does_not_know(&why) => self.exports = false,
                other => return other.map(|found| Fetched::of_export(found).wrapped_by(wrapping)),
            }
        }
        let object = self.call(OperationCode::GET, request).await?;
        let attributes =
            self.call(OperationCode::GET_ATTRIBUTES, vec![text(Tag::UNIQUE_IDENTIFIER, id)]).await?;
        Ok(Fetched::of_get(object, attributes).wrapped_by(wrapping))
    }

    async fn attributes(&mut self, id: &str) -> Result<Fetched, CallError> {
        let attributes =
            self.call(OperationCode::GET_ATTRIBUTES, vec![text(Tag::UNIQUE_IDENTIFIER, id)]).await?;
        Ok(Fetched::of_get(Vec::new(), attributes))
    }

    async fn is_key(&mut self, id: &str) -> Result<bool, CallError> {
        let object_type = self.attributes(id).await?.object_type();
        Ok(object_type.is_some_and(|object_type| {
            [
                ObjectType::SYMMETRIC_KEY,
                ObjectType::PUBLIC_KEY,
                ObjectType::PRIVATE_KEY,
                ObjectType::SPLIT_KEY,
                ObjectType::SECRET_DATA,
            ]
            .contains(&object_type)
        }))
    }

    /// Has an operation done; the items of its response payload.
    async fn call(&mut self, operation: OperationCode, payload: Vec<Ttlv>) -> Result<Vec<Ttlv>, CallError> {
        match self.speech {
            Speech::Rest => self.call_rest(operation, payload).await,
            Speech::Messages(version) => {
                let answer = self.link.message(message(version, operation, payload)).await;
                payload_of(&answer.map_err(CallError::Broken)?).map_err(CallError::Refused)
            }
        }
    }

    async fn call_rest(
        &mut self,
        operation: OperationCode,
        payload: Vec<Ttlv>,
    ) -> Result<Vec<Ttlv>, CallError> {
        let Link::Http(http) = &mut self.link else { return Ok(Vec::new()) };
        let vocabulary = self.registry.vocabulary();
        let payload = Ttlv::structure(Tag::REQUEST_PAYLOAD, payload);
        let body = RestBody::Operation { operation, payload };
        let body = rest_json::encode(&body, KeyMaterialForm::Bare, vocabulary);
        let (status, answer) = http.post("application/json", body).await.map_err(CallError::Broken)?;
        if status == StatusCode::UNAUTHORIZED {
            return Err(CallError::Broken(unexpected(status, &answer)));
        }
        if status != StatusCode::OK {
            return Err(CallError::Refused(unexpected(status, &answer).to_string()));
        }
        let read = rest_json::decode(&answer, &Limits::trusted(), vocabulary);
        match read.map_err(|error| CallError::Refused(format!("its answer cannot be read: {error}")))? {
            RestBody::Operation { payload: Ttlv { value: Value::Structure(items), .. }, .. } => Ok(items),
            _ => Err(CallError::Refused("its answer is none to the operation".to_owned())),
        }
    }
}

/// Whether a refusal says that the server does not have the operation. Some cannot even read a request for one.
fn does_not_know(why: &str) -> bool {
    why.contains(NOT_SUPPORTED) || why.starts_with(&format!("{:?}", ResultReason::INVALID_MESSAGE))
}

/// What the refusal of an operation that a server does not have says.
const NOT_SUPPORTED: &str = "OperationNotSupported";

/// A message of one item.
pub(super) fn message(version: ProtocolVersion, operation: OperationCode, payload: Vec<Ttlv>) -> Ttlv {
    let header = Ttlv::structure(
        Tag::REQUEST_HEADER,
        vec![
            Ttlv::new(Tag::PROTOCOL_VERSION, version.into_value()),
            Ttlv::new(Tag::BATCH_COUNT, Value::Integer(1)),
        ],
    );
    let item = Ttlv::structure(
        Tag::BATCH_ITEM,
        vec![
            Ttlv::new(Tag::OPERATION, operation.into_value()),
            Ttlv::structure(Tag::REQUEST_PAYLOAD, payload),
        ],
    );
    Ttlv::structure(Tag::REQUEST_MESSAGE, vec![header, item])
}

/// The response payload of a message of one item, or why there is none.
pub(super) fn payload_of(answer: &Ttlv) -> Result<Vec<Ttlv>, String> {
    let item = answer.child(Tag::BATCH_ITEM).ok_or("there is no item in the answer")?;
    let code = |tag| match item.child(tag).map(|item| &item.value) {
        Some(Value::Enumeration(code)) => Some(*code),
        _ => None,
    };
    if code(Tag::RESULT_STATUS) == Some(ResultStatus::SUCCESS.0) {
        return Ok(item.child(Tag::RESPONSE_PAYLOAD).map(Ttlv::children).unwrap_or_default().to_vec());
    }
    let reason = match code(Tag::RESULT_REASON).map(ResultReason) {
        Some(ResultReason::OPERATION_NOT_SUPPORTED) => NOT_SUPPORTED.to_owned(),
        Some(reason) => format!("{reason:?}"),
        None => "no reason".to_owned(),
    };
    match item.child(Tag::RESULT_MESSAGE).map(|item| &item.value) {
        Some(Value::TextString(text)) => Err(format!("{reason}: {text}")),
        _ => Err(reason),
    }
}

/// An item of text.
pub(super) fn text(tag: Tag, text: &str) -> Ttlv {
    Ttlv::new(tag, Value::TextString(text.to_owned()))
}

/// Wrapped under a key by AES Key Wrap (NIST SP 800-38F), the key alone.
fn specification(wrapping_key: &str) -> Ttlv {
    let mode = Ttlv::new(Tag::BLOCK_CIPHER_MODE, BlockCipherMode::NIST_KEY_WRAP.into_value());
    let information = Ttlv::structure(
        Tag::ENCRYPTION_KEY_INFORMATION,
        vec![
            text(Tag::UNIQUE_IDENTIFIER, wrapping_key),
            Ttlv::structure(Tag::CRYPTOGRAPHIC_PARAMETERS, vec![mode]),
        ],
    );
    Ttlv::structure(
        Tag::KEY_WRAPPING_SPECIFICATION,
        vec![
            Ttlv::new(Tag::WRAPPING_METHOD, WrappingMethod::ENCRYPT.into_value()),
            information,
            Ttlv::new(Tag::ENCODING_OPTION, EncodingOption::NO_ENCODING.into_value()),
        ],
    )
}
