//! The one error type.

use std::borrow::Cow;
use std::fmt;

use claviger_kmip::Value;
use claviger_kmip::attributes::Attributes;
use claviger_kmip::attributes::rules::RuleViolation;
use claviger_kmip::field::DecodeError;
use claviger_kmip::tables::enumerations::ResultReason;

/// The result of everything that a plugin does.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Where a failure comes from. Dialects choose a status and a text by reason and class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// The request cannot be read.
    Malformed,
    /// The request can be read and asks for something that makes no sense.
    Request,
    /// The request asks for something that this server does not do.
    Unsupported,
    /// There is no such object, or the caller may not know of it.
    NotFound,
    /// The caller is not who he must be.
    Denied,
    /// The object is there and in a state in which the operation is not allowed.
    State,
    /// The request clashes with something that exists.
    Conflict,
    /// A cryptographic operation failed.
    Cryptographic,
    /// A certificate cannot be read, or is not valid where it has to be.
    Certificate,
    /// The server failed.
    Server,
    /// The storage failed, or what it holds is damaged.
    Storage,
}

/// A failure, with what the client is told and what the log keeps.
///
/// The message goes to the client: it holds no key material, no SQL, no path. The source goes to the log.
pub struct Error {
    reason: ResultReason,
    class: ErrorClass,
    message: Cow<'static, str>,
    subject: Option<Box<Attributes>>,
    payload: Option<Box<Value>>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What everybody is told who is not accepted, whatever is wrong.
const UNPROVEN: &str = "authentication was not successful";

impl Error {
    /// A failure of any class.
    pub fn new(reason: ResultReason, class: ErrorClass, message: impl Into<Cow<'static, str>>) -> Self {
        Self { reason, class, message: message.into(), subject: None, payload: None, source: None }
    }

    /// The request makes no sense: Invalid Field.
    pub fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ResultReason::INVALID_FIELD, ErrorClass::Request, message)
    }

    /// This server does not do that: Feature Not Supported.
    pub fn unsupported(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ResultReason::FEATURE_NOT_SUPPORTED, ErrorClass::Unsupported, message)
    }

    /// There is no such object: Object Not Found, with the identifier that was asked for.
    pub fn not_found(identifier: &str) -> Self {
        Self::new(
            ResultReason::OBJECT_NOT_FOUND,
            ErrorClass::NotFound,
            format!("object not found for identifier {identifier}"),
        )
    }

    /// The caller may not do that: Permission Denied.
    pub fn denied(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ResultReason::PERMISSION_DENIED, ErrorClass::Denied, message)
    }

    /// Nobody is proven: Authentication Not Successful. The client is not told why: give the cause to
    /// [`because`](Self::because), for the log.
    pub fn unproven() -> Self {
        Self::new(ResultReason::AUTHENTICATION_NOT_SUCCESSFUL, ErrorClass::Denied, UNPROVEN)
    }

    /// Whether it is [`unproven`](Self::unproven), and not that what was asked for needs another secret.
    pub fn is_unproven(&self) -> bool {
        self.reason == ResultReason::AUTHENTICATION_NOT_SUCCESSFUL && self.message == UNPROVEN
    }

    /// The object is in the wrong state: Wrong Key Lifecycle State.
    pub fn state(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ResultReason::WRONG_KEY_LIFECYCLE_STATE, ErrorClass::State, message)
    }

    /// A cryptographic operation failed: Cryptographic Failure.
    pub fn cryptographic(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ResultReason::CRYPTOGRAPHIC_FAILURE, ErrorClass::Cryptographic, message)
    }

    /// A certificate cannot be read, or is not valid where it has to be: Invalid Field.
    pub fn certificate(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ResultReason::INVALID_FIELD, ErrorClass::Certificate, message)
    }

    /// The server failed: Internal Server Error. Tell the log why with [`Error::because`].
    pub fn server(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ResultReason::INTERNAL_SERVER_ERROR, ErrorClass::Server, message)
    }

    /// The storage failed: Internal Server Error. Tell the log why with [`Error::because`].
    pub fn storage(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ResultReason::INTERNAL_SERVER_ERROR, ErrorClass::Storage, message)
    }

    /// Whether the server or its storage failed, so that the request may be as good as any.
    pub fn is_internal(&self) -> bool {
        matches!(self.class, ErrorClass::Server | ErrorClass::Storage)
    }

    /// The same failure with another result reason.
    pub fn with_reason(mut self, reason: ResultReason) -> Self {
        self.reason = reason;
        self
    }

    /// The same failure with its cause, for the log alone.
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The same failure with the attributes of the object that it is about, unless it has some already. A dialect
    /// answers as they say; the caller must be allowed to know of the object.
    pub fn about(mut self, attributes: &Attributes) -> Self {
        self.subject.get_or_insert_with(|| Box::new(attributes.clone()));
        self
    }

    /// The same failure with the response payload that goes with it: the client is told what of his request is refused,
    /// as Check tells it (KMIP 2.1 section 6.1.7). Later items of the batch find the ID Placeholder empty, also if the
    /// payload is, which is then left out.
    pub fn with_payload(mut self, payload: Value) -> Self {
        self.payload = Some(Box::new(payload));
        self
    }

    /// The response payload that goes with the failure.
    pub fn payload(&self) -> Option<&Value> {
        self.payload.as_deref()
    }

    /// The attributes of the object that the failure is about.
    pub fn subject(&self) -> Option<&Attributes> {
        self.subject.as_deref()
    }

    /// The KMIP result reason.
    pub fn reason(&self) -> ResultReason {
        self.reason
    }

    /// Where the failure comes from.
    pub fn class(&self) -> ErrorClass {
        self.class
    }

    /// What the client is told.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Self {
        Self::new(error.reason(), ErrorClass::Malformed, error.to_string())
    }
}

impl From<RuleViolation> for Error {
    fn from(violation: RuleViolation) -> Self {
        Self::new(violation.reason, ErrorClass::Request, violation.message)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.reason, self.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} ({:?}): {}", self.reason, self.class, self.message)?;
        match &self.source {
            Some(source) => write!(f, " because {source:?}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source.as_ref() as &(dyn std::error::Error + 'static))
    }
}
