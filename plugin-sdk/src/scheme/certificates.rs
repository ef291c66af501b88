//! Certificates of one type, such as X.509.

use std::fmt;

use claviger_kmip::ByteString;
use claviger_kmip::attributes::Attributes;
use claviger_kmip::field::DateTime;
use claviger_kmip::objects::{CryptographicParameters, KeyBlock};
use claviger_kmip::tables::enumerations::CertificateRequestType;

use crate::error::Result;

/// Reads certificates, makes them and judges chains of them.
///
/// It holds no private key: it says which bytes are to be signed and how, whoever has the issuer's key signs them, and
/// it puts the signature in its place. So any key that signs can issue certificates, as far as the type of certificate
/// has a name for its algorithm. Certificates, names and revocation lists are given and taken in DER, unless said
/// otherwise.
pub trait CertificateScheme: Send + Sync {
    /// Every certificate in the bytes, in their order: one in DER, or any number in PEM or in a bundle (PKCS#7).
    ///
    /// # Errors
    /// Invalid Field: there is none, or one is malformed.
    fn read(&self, encoded: &[u8]) -> Result<Vec<CertificateDescription>>;

    /// A request for a certificate, whose signature by the key that it holds is verified.
    ///
    /// # Errors
    /// Invalid CSR: it is malformed, of another kind, or not signed by its key. Feature Not Supported: requests of this
    /// kind cannot be read.
    fn read_request(&self, kind: CertificateRequestType, encoded: &[u8]) -> Result<RequestDescription>;

    /// A revocation list, in DER or PEM; nothing if the bytes are none.
    fn read_revocation_list(&self, encoded: &[u8]) -> Option<RevocationList>;

    /// The identifier that a certificate of this public key would give the key.
    ///
    /// # Errors
    /// Key Format Type Not Supported: the key is not in the format that certificates hold.
    fn key_identifier(&self, public_key: &KeyBlock) -> Result<ByteString>;

    /// A certificate without its signature.
    ///
    /// # Errors
    /// Invalid Field: the names, dates or extensions that are wanted contradict one another or are malformed. Bad
    /// Cryptographic Parameters: the issuer's key makes no signatures with these parameters. Invalid Attribute Value: the
    /// issuer must not issue it.
    fn draft(&self, plan: &CertificatePlan<'_>) -> Result<CertificateDraft>;

    /// The certificate, after the issuer's key has signed [`CertificateDraft::to_be_signed`] with
    /// [`CertificateDraft::parameters`].
    ///
    /// # Errors
    /// Cryptographic Failure: it is no signature of the draft by the issuer.
    fn finish(&self, draft: &CertificateDraft, signature: &[u8]) -> Result<ByteString>;

    /// Whether certificates are valid together at a time.
    ///
    /// # Errors
    /// Invalid Field: there is no certificate, or one is malformed.
    fn judge(&self, question: &ChainQuestion<'_>) -> Result<Verdict>;
}

/// What a certificate says.
#[derive(Clone, Debug)]
pub struct CertificateDescription {
    /// The certificate.
    pub value: ByteString,
    /// The KMIP attributes that follow from it: type, length, identifier, subject, issuer, signature algorithm.
    pub attributes: Attributes,
    /// The public key, in the format that certificates hold.
    pub public_key: KeyBlock,
    /// From when it is valid.
    pub not_before: DateTime,
    /// Until when it is valid, that second included.
    pub not_after: DateTime,
    /// Whom it is for.
    pub subject: ByteString,
    /// Who issued it.
    pub issuer: ByteString,
    /// The identifier of its key: that which it states, else the one that follows from the key.
    pub key_identifier: ByteString,
    /// The identifier of the issuer's key, if it states one.
    pub issuer_key_identifier: Option<ByteString>,
    /// The name under which it may issue others; nothing if it may not.
    pub authority: Option<String>,
    /// The name of the authority that issued it, if it has a plain one.
    pub issuing_authority: Option<String>,
    /// What its key may be used for, as a Cryptographic Usage Mask.
    pub usage: i32,
}

impl CertificateDescription {
    /// Whether it is issued by its subject.
    pub fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }
}

/// What a request for a certificate says.
#[derive(Clone, Debug)]
pub struct RequestDescription {
    /// The request, in the encoding of its kind without text around it.
    pub value: ByteString,
    /// Whom the certificate is to be for.
    pub subject: ByteString,
    /// The public key that is to be certified, in the format that certificates hold.
    pub public_key: KeyBlock,
}

/// A list of revoked certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationList {
    /// The list.
    pub value: ByteString,
    /// Who issued it.
    pub issuer: ByteString,
}

/// What a new certificate is to hold.
#[derive(Clone, Copy, Debug)]
pub struct CertificatePlan<'a> {
    /// What the client wants: the certificate's subject, a Cryptographic Usage Mask, the Digital Signature Algorithm, and
    /// what [`certificate_attributes`](crate::certificate_attributes) names.
    pub attributes: &'a Attributes,
    /// A request; what it says goes before the attributes.
    pub request: Option<&'a RequestDescription>,
    /// A certificate that the new one renews: it says what neither the request nor the attributes say.
    pub renewed: Option<&'a CertificateDescription>,
    /// The public key, in the format that certificates hold.
    pub public_key: &'a KeyBlock,
    /// The certificate of the issuer; nothing if the key of the certificate itself signs it.
    pub issuer: Option<&'a CertificateDescription>,
    /// Parameters of the issuer's key.
    pub parameters: &'a CryptographicParameters,
    /// The serial number: up to 20 bytes, taken as a positive number.
    pub serial: &'a [u8],
    /// From when it is to be valid.
    pub not_before: DateTime,
    /// Until when it is to be valid.
    pub not_after: DateTime,
}

/// A certificate that waits for its signature.
#[derive(Clone, Debug)]
pub struct CertificateDraft {
    /// The bytes to sign.
    pub to_be_signed: ByteString,
    /// How to sign them.
    pub parameters: CryptographicParameters,
    /// The name of the signature algorithm, in the encoding of the scheme.
    pub algorithm: ByteString,
    /// The public key that the signature will be verified with, in the encoding of the scheme.
    pub issuer_key: ByteString,
}

/// What is asked about certificates.
#[derive(Clone, Copy, Debug)]
pub struct ChainQuestion<'a> {
    /// The certificates in question, in any order. All of them must belong to one chain.
    pub chain: &'a [ByteString],
    /// Others that may complete the chain. Those that issued themselves are trusted, here and in the chain.
    pub known: &'a [ByteString],
    /// Revocation lists, of whoever.
    pub revocation_lists: &'a [ByteString],
    /// When the chain has to be valid.
    pub at: DateTime,
}

/// The answer to a [`ChainQuestion`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All certificates are valid.
    Valid,
    /// One is not.
    Invalid(String),
    /// It cannot be told: an issuer is not known, or its signature algorithm is not.
    Unknown(String),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Valid => f.write_str("valid"),
            Self::Invalid(why) | Self::Unknown(why) => f.write_str(why),
        }
    }
}
