//! The ASN.1 of certificates, requests and revocation lists (RFC 5280 sections 4.1 and 5.1, RFC 2986).
//!
//! What is only passed on, such as names and keys, is kept as it is encoded, so that an issuer's name in a certificate is
//! byte for byte the subject of its issuer.

use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::prelude::DateTime;
use der::asn1::{AnyRef, BitStringRef, ObjectIdentifier};
use der::{Decode, Encode, Reader, Sequence, SliceReader};
use x509_cert::ext::Extension;
use x509_cert::time::Time;

/// A certificate, a request or a list with its signature.
#[derive(Clone, Debug, Sequence)]
pub(super) struct Signed<'a> {
    pub(super) content: AnyRef<'a>,
    pub(super) algorithm: AnyRef<'a>,
    pub(super) signature: BitStringRef<'a>,
}

/// What the issuer of a certificate signs.
#[derive(Clone, Debug, Sequence)]
pub(super) struct TbsCertificate<'a> {
    #[asn1(context_specific = "0", default = "Default::default")]
    pub(super) version: u8,
    pub(super) serial: AnyRef<'a>,
    pub(super) algorithm: AnyRef<'a>,
    pub(super) issuer: AnyRef<'a>,
    pub(super) validity: Validity,
    pub(super) subject: AnyRef<'a>,
    pub(super) public_key: AnyRef<'a>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    pub(super) issuer_unique_id: Option<BitStringRef<'a>>,
    #[asn1(context_specific = "2", tag_mode = "IMPLICIT", optional = "true")]
    pub(super) subject_unique_id: Option<BitStringRef<'a>>,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    pub(super) extensions: Option<Vec<Extension>>,
}

/// The version number of certificates with extensions.
pub(super) const V3: u8 = 2;

/// From when to when a certificate is valid.
#[derive(Clone, Copy, Debug, Sequence)]
pub(super) struct Validity {
    pub(super) not_before: Time,
    pub(super) not_after: Time,
}

/// What the requester of a certificate signs.
#[derive(Clone, Debug, Sequence)]
pub(super) struct RequestInfo<'a> {
    pub(super) version: u8,
    pub(super) subject: AnyRef<'a>,
    pub(super) public_key: AnyRef<'a>,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", constructed = "true")]
    pub(super) attributes: AnySet<'a>,
}

/// The attributes of a request, in whatever order they stand: not every encoder sorts its sets.
pub(super) type AnySet<'a> = Vec<AnyRef<'a>>;

/// One attribute of a request.
#[derive(Clone, Debug, Sequence)]
pub(super) struct RequestAttribute<'a> {
    pub(super) oid: ObjectIdentifier,
    pub(super) values: AnyRef<'a>,
}

/// Part of a distinguished name.
#[derive(Clone, Debug, Sequence)]
pub(super) struct NamePart<'a> {
    pub(super) oid: ObjectIdentifier,
    pub(super) value: AnyRef<'a>,
}

/// A public key with its algorithm.
#[derive(Clone, Debug, Sequence)]
pub(super) struct PublicKeyInfo<'a> {
    pub(super) algorithm: AlgorithmId<'a>,
    pub(super) key: BitStringRef<'a>,
}

/// An algorithm with its parameters.
#[derive(Clone, Debug, Sequence)]
pub(super) struct AlgorithmId<'a> {
    pub(super) oid: ObjectIdentifier,
    pub(super) parameters: Option<AnyRef<'a>>,
}

/// The elements that stand one after the other in the content of a SEQUENCE or SET.
pub(crate) fn elements<'a, T: Decode<'a, Error = der::Error>>(content: &'a [u8]) -> der::Result<Vec<T>> {
    let mut reader = SliceReader::new(content)?;
    let mut elements = Vec::new();
    while !reader.is_finished() {
        elements.push(T::decode(&mut reader)?);
    }
    Ok(elements)
}

/// The bytes of an element with its tag and length.
pub(super) fn encoded(value: &impl Encode) -> Result<Vec<u8>> {
    value.to_der().map_err(|error| Error::certificate("a certificate cannot be encoded").because(error))
}

/// A time in seconds since 1970.
pub(super) fn seconds(time: Time) -> DateTime {
    DateTime(i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX))
}

/// Seconds since 1970 as a time of a certificate: in two digits of the year up to 2049, in four from then on (RFC 5280
/// section 4.1.2.5).
///
/// # Errors
/// Invalid Field: it is before 1970 or after 9999.
pub(super) fn time(at: DateTime) -> Result<Time> {
    let refused = || Error::certificate("a certificate is valid between the years 1970 and 9999");
    let seconds = u64::try_from(at.0).map_err(|_| refused())?;
    let time = der::DateTime::from_unix_duration(std::time::Duration::from_secs(seconds));
    time.map(Time::from).map_err(|error| refused().because(error))
}

/// The extension of this kind, if there is one.
pub(super) fn extension(extensions: &[Extension], oid: ObjectIdentifier) -> Option<&Extension> {
    extensions.iter().find(|extension| extension.extn_id == oid)
}

/// The content of the extension of this kind; nothing if there is none or it is malformed.
pub(super) fn content_of<'a, T: Decode<'a>>(extensions: &'a [Extension], oid: ObjectIdentifier) -> Option<T> {
    T::from_der(extension(extensions, oid)?.extn_value.as_bytes()).ok()
}
