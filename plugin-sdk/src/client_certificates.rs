//! Certificates by which clients prove themselves: what the operation that replaces them and the authenticator that reads
//! them agree upon (KMIP 2.1 section 6.1.48, Re-Provision).

/// The flag that names who issues client certificates. Without it none is ever replaced, so nobody has to ask.
pub const ISSUER: &str = "client-issuer";

/// The kind of the documents about certificates that were replaced. Each says when, in seconds since 1970 in decimal
/// digits, and expires with its certificate.
pub const REPLACED: &str = "replaced-client-certificate";

/// The name of the document about a certificate with this SHA-256 of its DER: the digest in hexadecimal digits.
pub fn document_name(digest: [u8; 32]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
