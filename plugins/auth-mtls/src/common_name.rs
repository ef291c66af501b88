//! The common name of a certificate's subject.

use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

/// The one common name of the subject, from a certificate in DER.
///
/// # Errors
/// Why there is no user in it: it cannot be read, has no common name or several, or one that is no user's name
/// (empty, `*` which stands for everyone, or with control characters). The text is for the log.
pub(crate) fn of(certificate: &[u8]) -> Result<String, &'static str> {
    let (rest, certificate) = X509Certificate::from_der(certificate).map_err(|_| "it cannot be read")?;
    if !rest.is_empty() {
        return Err("it is followed by other bytes");
    }
    let mut names = certificate.subject().iter_common_name();
    let name = match (names.next(), names.next()) {
        (Some(name), None) => name.as_str().map_err(|_| "its common name is no text")?,
        (None, _) => return Err("its subject has no common name"),
        (Some(_), Some(_)) => return Err("its subject has several common names"),
    };
    match name {
        "" => Err("its common name is empty"),
        "*" => Err("its common name is *, which stands for everyone"),
        name if name.contains(char::is_control) => Err("its common name has control characters"),
        name => Ok(name.to_owned()),
    }
}
