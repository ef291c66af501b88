//! The user in a client certificate.

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;

/// Which name of a certificate is the user. There must be one of its kind, and no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UserName {
    /// The common name of the subject.
    CommonName,
    /// The email address among the alternative names.
    Email,
    /// The URI among the alternative names.
    Uri,
    /// The SPIFFE ID (X.509-SVID, section 2): the one URI among the alternative names, which must be of that scheme.
    Spiffe,
}

impl UserName {
    /// What the setting calls them.
    pub(crate) const WORDS: &[&str] = &["common-name", "email", "uri", "spiffe"];

    /// By a word of the setting.
    pub(crate) fn read(word: &str) -> Self {
        match word {
            "email" => Self::Email,
            "uri" => Self::Uri,
            "spiffe" => Self::Spiffe,
            _ => Self::CommonName,
        }
    }

    /// The user in a certificate in DER that may prove a client.
    ///
    /// # Errors
    /// Why there is no user in it: it cannot be read, is not for clients, has no name of the kind or several, or one that
    /// is no user's name (empty, `*` which stands for everyone, or with control characters). The text is for the log.
    pub(crate) fn of(self, certificate: &[u8]) -> Result<String, &'static str> {
        let (rest, certificate) = X509Certificate::from_der(certificate).map_err(|_| "it cannot be read")?;
        if !rest.is_empty() {
            return Err("it is followed by other bytes");
        }
        check_usage(&certificate)?;
        let names = match self {
            Self::CommonName => common_names(&certificate)?,
            Self::Email => alternative_names(&certificate, |name| match name {
                GeneralName::RFC822Name(address) => Some(address),
                _ => None,
            })?,
            Self::Uri | Self::Spiffe => alternative_names(&certificate, |name| match name {
                GeneralName::URI(uri) => Some(uri),
                _ => None,
            })?,
        };
        match names.as_slice() {
            [] => Err("it has no name of the kind that --client-certificate-user asks for"),
            [name] if self == Self::Spiffe && !is_spiffe(name) => Err("its URI is no SPIFFE ID"),
            [name] => user(name),
            _ => Err("it has several names of the kind that --client-certificate-user asks for"),
        }
    }
}

/// A certificate that says what it is for must say that it is for clients (RFC 5280 section 4.2.1.12).
fn check_usage(certificate: &X509Certificate<'_>) -> Result<(), &'static str> {
    let usage = certificate.extended_key_usage().map_err(|_| "its extended key usage cannot be read")?;
    match usage.map(|extension| extension.value) {
        Some(usage) if !usage.client_auth && !usage.any => Err("it is not for clients (extended key usage)"),
        _ => Ok(()),
    }
}

fn common_names<'c>(certificate: &'c X509Certificate<'_>) -> Result<Vec<&'c str>, &'static str> {
    let names = certificate.subject().iter_common_name();
    names.map(|name| name.as_str().map_err(|_| "its common name is no text")).collect()
}

fn alternative_names<'c>(
    certificate: &'c X509Certificate<'_>,
    wanted: impl Fn(&GeneralName<'c>) -> Option<&'c str>,
) -> Result<Vec<&'c str>, &'static str> {
    let names = certificate.subject_alternative_name().map_err(|_| "its alternative names cannot be read")?;
    Ok(names.map_or_else(Vec::new, |names| names.value.general_names.iter().filter_map(wanted).collect()))
}

/// A trust domain and, perhaps, a path, without anything else that a URI may have (SPIFFE ID, section 2).
fn is_spiffe(uri: &str) -> bool {
    let Some(rest) = uri.strip_prefix("spiffe://") else { return false };
    let (domain, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let is_domain = |letter: char| matches!(letter, 'a'..='z' | '0'..='9' | '.' | '-' | '_');
    let is_segment = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
    let mut segments = path.split('/').skip(1);
    !domain.is_empty()
        && domain.chars().all(is_domain)
        && segments.all(|segment| !matches!(segment, "" | "." | "..") && segment.chars().all(is_segment))
}

fn user(name: &str) -> Result<String, &'static str> {
    match name {
        "" => Err("its name is empty"),
        "*" => Err("its name is *, which stands for everyone"),
        name if name.contains(char::is_control) => Err("its name has control characters"),
        name => Ok(name.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spiffe_id_is_a_trust_domain_with_a_path() {
        for good in ["spiffe://example.org", "spiffe://example.org/keys/a-b_c.D", "spiffe://a_1/x"] {
            assert!(is_spiffe(good), "{good}");
        }
        for wrong in [
            "spiffe://",
            "spiffe:///a",
            "https://example.org/a",
            "spiffe://Example.org/a",
            "spiffe://example.org/",
            "spiffe://example.org/a//b",
            "spiffe://example.org/../a",
            "spiffe://example.org/a?b",
            "spiffe://example.org:80/a",
            "spiffe://user@example.org/a",
            "spiffe://example.org/%41",
        ] {
            assert!(!is_spiffe(wrong), "{wrong}");
        }
    }
}
