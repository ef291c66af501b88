//! The generations of Covercrypt: three versions of one scheme, whose keys and ciphertexts do not fit each other.
//!
//! A generation works on the bytes of its published library and hides that library: nothing of it crosses this
//! border. The key's own attributes say which generation it is of.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::tables::enumerations::ResultReason;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::{Error, ErrorClass, Result};
use zeroize::Zeroizing;

use crate::action::Action;

/// The key of a message, which a header encapsulates.
pub(crate) type MessageKey = Zeroizing<[u8; 32]>;

/// The key of a message, from what a library gave.
///
/// # Errors
/// Cryptographic Failure: it has another length.
pub(crate) fn message_key(bytes: &[u8]) -> Result<MessageKey> {
    Ok(Zeroizing::new(bytes.try_into().map_err(|_| not_allowed())?))
}

/// The most rights (combinations of one attribute a dimension) that a master key may have. A right takes up to two
/// kilobytes of it.
pub(crate) const MOST_RIGHTS: usize = 8192;

/// The most dimensions of a structure, and of a conjunction in an access policy.
pub(crate) const MOST_DIMENSIONS: usize = 64;

/// What one generation can do. All of it is heavy work: some tenths of a millisecond for each right.
pub(crate) trait Generation: Send + Sync {
    /// What tests call it.
    #[cfg(test)]
    fn name(&self) -> &'static str;

    /// Makes a master key pair for an access structure.
    ///
    /// # Errors
    /// Invalid Attribute Value: the structure cannot be read, or has more than [`MOST_RIGHTS`] rights.
    fn setup(&self, structure: &[u8]) -> Result<Master>;

    /// Makes a user key for an access policy. This changes the master key where its generation counts its users.
    ///
    /// # Errors
    /// Invalid Attribute Value: the policy cannot be read or names what the structure does not have. Cryptographic
    /// Failure: the master key is malformed.
    fn user_key(&self, private: &[u8], structure: &[u8], policy: &str) -> Result<Issued>;

    /// Parses a master public key, to encrypt with.
    ///
    /// # Errors
    /// Cryptographic Failure: it is malformed, or does not go with the structure.
    fn encapsulator(&self, public: &[u8], structure: &[u8]) -> Result<Box<dyn Encapsulator>>;

    /// Parses a user key, to decrypt with.
    ///
    /// # Errors
    /// Cryptographic Failure: it is malformed.
    fn decapsulator(&self, user: &[u8]) -> Result<Box<dyn Decapsulator>>;

    /// Changes rights or structure of a master key pair. User keys are refreshed afterwards.
    ///
    /// # Errors
    /// Invalid Attribute Value: the action names what the structure does not have. Feature Not Supported: the
    /// generation cannot do that.
    fn change(&self, master: &Master, action: &Action) -> Result<Master>;

    /// Parses a master private key, to refresh its user keys.
    ///
    /// # Errors
    /// Cryptographic Failure: it is malformed, or cannot tell its user keys from others.
    fn refresher<'a>(&self, private: &'a [u8], structure: &'a [u8]) -> Result<Box<dyn Refresher + 'a>>;

    /// Refreshes one user key.
    #[cfg(test)]
    fn refresh(&self, private: &[u8], structure: &[u8], user: &User<'_>) -> Result<Option<ByteString>> {
        let mut refresher = self.refresher(private, structure)?;
        refresher.refresh(user)
    }

    /// Whether the bytes have the form of a key of this kind.
    fn has_form(&self, kind: KeyKind, bytes: &[u8]) -> bool;
}

/// What a key of Covercrypt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyKind {
    /// Makes and refreshes user keys; cannot decrypt.
    MasterPrivate,
    /// Encrypts.
    MasterPublic,
    /// Decrypts what its access policy allows.
    User,
}

/// A master key pair with its access structure.
#[derive(Clone, Debug)]
pub(crate) struct Master {
    /// The private key.
    pub(crate) private: ByteString,
    /// The public key.
    pub(crate) public: ByteString,
    /// The structure, as an attribute carries it.
    pub(crate) structure: Vec<u8>,
}

/// A new user key.
pub(crate) struct Issued {
    /// The user key.
    pub(crate) user: ByteString,
    /// The master private key, where making the user key has changed it.
    pub(crate) private: Option<ByteString>,
}

/// A user key with its access policy.
pub(crate) struct User<'a> {
    /// The key.
    pub(crate) key: &'a [u8],
    /// Its policy.
    pub(crate) policy: &'a str,
}

/// Why a key is not refreshed that is another's, or whose newest secrets the master key has forgotten.
pub(crate) const UNPROVEN: &str = "none of the master key's, or older than its last prune,";

/// A parsed master private key that refreshes its user keys.
pub(crate) trait Refresher {
    /// Brings a user key up to its master key: it gets the new secrets of its rights, keeps the old ones that the
    /// master key has still, and loses those that it has no more. The key itself proves its rights; its policy, which
    /// its user may have written, gives it none. Nothing if it has not changed.
    ///
    /// # Errors
    /// Cryptographic Failure: the user key is malformed, or is none of this master key.
    fn refresh(&mut self, user: &User<'_>) -> Result<Option<ByteString>>;

    /// The master private key, if refreshing has changed it.
    ///
    /// # Errors
    /// Cryptographic Failure: it cannot be written, or a refresh that failed may have left it half changed.
    fn changed(&self) -> Result<Option<ByteString>>;

    /// Why a user key that is refused is not refreshed, as the client reads it.
    fn unproven(&self) -> &'static str {
        UNPROVEN
    }
}

/// A parsed master public key.
pub(crate) trait Encapsulator: Send + Sync {
    /// Makes a message key that those may have whom the policy names, with the header that holds it.
    ///
    /// # Errors
    /// Invalid Field: the policy cannot be read or names what the structure does not have, or what is disabled in it.
    fn encapsulate(
        &self,
        policy: &str,
        metadata: Option<&[u8]>,
        additional: &[u8],
        rng: &mut dyn RandomSource,
    ) -> Result<Header>;
}

/// A header and what it encapsulates.
pub(crate) struct Header {
    /// The encapsulation and the encrypted metadata, as they precede the encrypted data.
    pub(crate) bytes: Vec<u8>,
    /// The key of the data.
    pub(crate) key: MessageKey,
}

/// A parsed user key.
pub(crate) trait Decapsulator: Send + Sync {
    /// Opens the header with which a message begins. What that costs is taken from `attempts` before it is tried.
    ///
    /// # Errors
    /// Cryptographic Failure: there is no header, the key has not the rights, or metadata or additional data are not
    /// those of the encryption. Server Limit Exceeded: too few attempts are left.
    fn open(&self, message: &[u8], additional: &[u8], attempts: &mut Attempts) -> Result<Opened>;
}

/// What one call may still cost in attempts at opening headers: a user key tries each of its secrets on each
/// encapsulation. An attempt takes about 50 µs.
pub(crate) struct Attempts(pub(crate) usize);

impl Attempts {
    /// The most that a call may make: some seconds of work.
    const MOST: usize = 1 << 18;

    /// Those of a new call.
    pub(crate) fn of_a_call() -> Self {
        Self(Self::MOST)
    }

    /// Takes those of a header that encapsulates for so many rights, from a key of so many secrets. Reading a header
    /// costs one for each right, too, and one at least.
    ///
    /// # Errors
    /// Server Limit Exceeded: so many are not left.
    pub(crate) fn take(&mut self, rights: usize, secrets: usize) -> Result<()> {
        let cost = rights.saturating_add(1).saturating_mul(secrets.saturating_add(1));
        self.0 = self.0.checked_sub(cost).ok_or_else(|| {
            too_much("opening these headers takes too many attempts; send fewer ciphertexts at a time")
        })?;
        Ok(())
    }
}

/// Work or data beyond what one call may take.
pub(crate) fn too_much(message: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ResultReason::SERVER_LIMIT_EXCEEDED, ErrorClass::Unsupported, message)
}

/// An opened header.
pub(crate) struct Opened {
    /// How much of the message it took.
    pub(crate) length: usize,
    /// The key of the data.
    pub(crate) key: MessageKey,
    /// The metadata; empty if there are none.
    pub(crate) metadata: ByteString,
}

/// What a client is told who may not open a header, or who has been given a damaged one: the scheme cannot tell these
/// apart.
pub(crate) fn not_allowed() -> Error {
    Error::cryptographic("the user key has not the rights to decrypt this, or the data is damaged")
}

/// An access structure or policy that makes no sense, in words for the client.
pub(crate) fn wrong(message: impl Into<Cow<'static, str>>) -> Error {
    Error::invalid(message).with_reason(ResultReason::INVALID_ATTRIBUTE_VALUE)
}

/// Material that is no key of the generation.
pub(crate) fn malformed(what: &str) -> Error {
    Error::cryptographic(format!("the material is no {what} of this generation of Covercrypt"))
}

/// Calls into a library that may panic on what contradicts itself, such as a key beside another key's structure.
///
/// # Errors
/// Cryptographic Failure: it did.
pub(crate) fn guarded<T>(call: impl FnOnce() -> Result<T>) -> Result<T> {
    // What the call worked on is dropped by the caller if it fails, so nothing half done is stored: the one that goes on with it,
    // to refresh further user keys, does not give it away afterwards.
    catch_unwind(AssertUnwindSafe(call))
        .unwrap_or_else(|_| Err(Error::cryptographic("keys and access structure contradict each other")))
}
