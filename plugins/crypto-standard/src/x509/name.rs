//! Distinguished names: between their encoding, the KMIP attributes of their parts, and text.

use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::prelude::*;
use der::Decode;
use der::asn1::{AnyRef, ObjectIdentifier};

use super::oids;
use super::structure::{NamePart, elements, encoded};

/// A kind of part that KMIP has attributes for (KMIP 2.1 section 4.6).
struct Kind {
    oid: ObjectIdentifier,
    /// Its name in text (RFC 4514 section 3).
    short: &'static str,
    subject: Tag,
    issuer: Tag,
    /// The string type of the part (RFC 5280 appendix A.1).
    string: der::Tag,
}

const UTF8: der::Tag = der::Tag::Utf8String;
const PRINTABLE: der::Tag = der::Tag::PrintableString;
const IA5: der::Tag = der::Tag::Ia5String;

macro_rules! kinds {
    ($($oid:ident, $short:literal, $subject:ident, $issuer:ident, $string:ident;)*) => {
        /// In the order in which a new name has them: from the root of the directory.
        const KINDS: &[Kind] = &[$(
            Kind {
                oid: oids::$oid,
                short: $short,
                subject: Tag::$subject,
                issuer: Tag::$issuer,
                string: $string,
            },
        )*];
    };
}

kinds! {
    DOMAIN_COMPONENT, "DC", CERTIFICATE_SUBJECT_DC, CERTIFICATE_ISSUER_DC, IA5;
    COUNTRY, "C", CERTIFICATE_SUBJECT_C, CERTIFICATE_ISSUER_C, PRINTABLE;
    STATE, "ST", CERTIFICATE_SUBJECT_ST, CERTIFICATE_ISSUER_ST, UTF8;
    LOCALITY, "L", CERTIFICATE_SUBJECT_L, CERTIFICATE_ISSUER_L, UTF8;
    ORGANIZATION, "O", CERTIFICATE_SUBJECT_O, CERTIFICATE_ISSUER_O, UTF8;
    ORGANIZATIONAL_UNIT, "OU", CERTIFICATE_SUBJECT_OU, CERTIFICATE_ISSUER_OU, UTF8;
    DN_QUALIFIER, "dnQualifier", CERTIFICATE_SUBJECT_DN_QUALIFIER, CERTIFICATE_ISSUER_DN_QUALIFIER, PRINTABLE;
    TITLE, "title", CERTIFICATE_SUBJECT_TITLE, CERTIFICATE_ISSUER_TITLE, UTF8;
    SERIAL_NUMBER, "serialNumber", CERTIFICATE_SUBJECT_SERIAL_NUMBER, CERTIFICATE_ISSUER_SERIAL_NUMBER, PRINTABLE;
    USER_ID, "UID", CERTIFICATE_SUBJECT_UID, CERTIFICATE_ISSUER_UID, UTF8;
    COMMON_NAME, "CN", CERTIFICATE_SUBJECT_CN, CERTIFICATE_ISSUER_CN, UTF8;
    EMAIL_ADDRESS, "emailAddress", CERTIFICATE_SUBJECT_EMAIL, CERTIFICATE_ISSUER_EMAIL, IA5;
}

/// The parts of a name, each with its kind and its text.
///
/// # Errors
/// Invalid Field: the bytes are no name.
pub(super) fn parts(name: &[u8]) -> Result<Vec<(ObjectIdentifier, String)>> {
    let malformed = |error| Error::certificate("a distinguished name is malformed").because(error);
    let mut parts = Vec::new();
    for set in Vec::<AnyRef<'_>>::from_der(name).map_err(malformed)? {
        for part in elements::<NamePart<'_>>(set.value()).map_err(malformed)? {
            parts.push((part.oid, text_of(part.value)));
        }
    }
    Ok(parts)
}

/// The common name, the last if there are several.
pub(super) fn common_name(name: &[u8]) -> Option<String> {
    let parts = parts(name).ok()?;
    parts.into_iter().rfind(|(oid, _)| *oid == oids::COMMON_NAME).map(|(_, text)| text)
}

/// The e-mail addresses in a name.
pub(super) fn email_addresses(name: &[u8]) -> Result<Vec<String>> {
    let parts = parts(name)?.into_iter();
    Ok(parts.filter(|(oid, _)| *oid == oids::EMAIL_ADDRESS).map(|(_, text)| text).collect())
}

/// Gives an object the attributes of its subject's and its issuer's name.
///
/// # Errors
/// As [`parts`].
pub(super) fn describe(subject: &[u8], issuer: &[u8], attributes: &mut Attributes) -> Result<()> {
    let tag_of_subject: fn(&Kind) -> Tag = |kind| kind.subject;
    let tag_of_issuer: fn(&Kind) -> Tag = |kind| kind.issuer;
    for (name, tag) in [(subject, tag_of_subject), (issuer, tag_of_issuer)] {
        for (oid, text) in parts(name)? {
            if let Some(kind) = KINDS.iter().find(|kind| kind.oid == oid) {
                attributes.add(tag(kind), Value::TextString(text));
            }
        }
    }
    Ok(())
}

/// The subject that attributes ask for: that of X.509 Certificate Subject, else one of its parts; nothing if they ask for
/// none.
///
/// # Errors
/// Invalid Field: it is no name, or a part has characters that its type has not.
pub(super) fn wanted(attributes: &Attributes) -> Result<Option<Vec<u8>>> {
    if let Some(subject) = attributes.one::<kinds::X509CertificateSubject>() {
        let name = subject.subject_distinguished_name;
        return if name.is_empty() {
            encoded(&Vec::<AnyRef<'_>>::new()).map(Some)
        } else {
            parts(&name).map(|_| Some(name.to_vec()))
        };
    }
    let mut parts = Vec::new();
    for kind in KINDS {
        for instance in attributes.instances(kind.subject) {
            match &instance.value {
                Value::TextString(text) if !text.is_empty() => parts.push((kind, text.as_str())),
                _ => {}
            }
        }
    }
    if parts.is_empty() { Ok(None) } else { build(&parts).map(Some) }
}

/// A name of these parts, each named as in text: `CN`, `O`.
///
/// # Errors
/// Invalid Field: a part has another name, or characters that its type has not.
pub(super) fn of_texts(texts: &[(&str, &str)]) -> Result<Vec<u8>> {
    let mut parts = Vec::with_capacity(texts.len());
    for (short, text) in texts {
        let kind = KINDS.iter().find(|kind| kind.short.eq_ignore_ascii_case(short)).ok_or_else(|| {
            Error::certificate(format!("{short} is no part of a name that this server knows"))
        })?;
        parts.push((kind, *text));
    }
    build(&parts)
}

fn build(parts: &[(&Kind, &str)]) -> Result<Vec<u8>> {
    let mut sets = Vec::with_capacity(parts.len());
    for (kind, text) in parts {
        check_characters(kind, text)?;
        let value = AnyRef::new(kind.string, text.as_bytes())
            .map_err(|error| Error::certificate("a part of a name is too long").because(error))?;
        sets.push(encoded(&NamePart { oid: kind.oid, value })?);
    }
    let mut name = Vec::with_capacity(sets.len());
    for set in &sets {
        name.push(
            AnyRef::new(der::Tag::Set, set)
                .map_err(|error| Error::certificate("a name is too long").because(error))?,
        );
    }
    encoded(&name)
}

/// Whether the text is one of the part's string type and length (RFC 5280 appendix A.1).
fn check_characters(kind: &Kind, text: &str) -> Result<()> {
    let printable = |c: char| c.is_ascii_alphanumeric() || " '()+,-./:=?".contains(c);
    let fits = match kind.string {
        PRINTABLE => text.chars().all(printable),
        IA5 => text.is_ascii(),
        _ => true,
    };
    let is_country = kind.oid == oids::COUNTRY;
    if fits && !text.contains('\0') && (!is_country || text.len() == 2) {
        return Ok(());
    }
    let why = if is_country { "has two letters" } else { "has characters that it must not have" };
    Err(Error::certificate(format!("{} of a name {why}: {text:?}", kind.short)))
}

/// The text of a string of any type; of other values, their bytes in hexadecimal digits behind a number sign.
fn text_of(value: AnyRef<'_>) -> String {
    let bytes = value.value();
    let tag: u8 = der::Tagged::tag(&value).number().0.try_into().unwrap_or_default();
    match tag {
        // UTF8String, NumericString, PrintableString, IA5String, VisibleString.
        12 | 18 | 19 | 22 | 26 => String::from_utf8_lossy(bytes).into_owned(),
        // TeletexString, in practice Latin-1.
        20 => bytes.iter().map(|byte| char::from(*byte)).collect(),
        // UniversalString.
        28 => bytes
            .chunks(4)
            .map(|unit| unit.iter().fold(0, |code, byte| code << 8 | u32::from(*byte)))
            .map(|code| char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect(),
        // BMPString.
        30 => {
            let units =
                bytes.chunks(2).map(|unit| unit.iter().fold(0, |code, byte| code << 8 | u16::from(*byte)));
            char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        _ => std::iter::once("#".to_owned()).chain(bytes.iter().map(|byte| format!("{byte:02x}"))).collect(),
    }
}

/// A name in text, as RFC 4514 writes it: the most specific part first.
///
/// # Errors
/// As [`parts`].
pub(super) fn text(name: &[u8]) -> Result<String> {
    let parts = parts(name)?;
    let text = parts.iter().rev().map(|(oid, text)| match KINDS.iter().find(|kind| kind.oid == *oid) {
        Some(kind) => format!("{}={}", kind.short, escaped(text)),
        None => format!("{oid}={}", escaped(text)),
    });
    Ok(text.collect::<Vec<_>>().join(","))
}

/// RFC 4514 section 2.4.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let last = text.chars().count().saturating_sub(1);
    for (position, character) in text.chars().enumerate() {
        let at_an_end = (position == 0 && "# ".contains(character)) || (position == last && character == ' ');
        if at_an_end || "\"+,;<>\\".contains(character) {
            out.push('\\');
        }
        match character {
            '\0' => out.push_str("\\00"),
            character => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &[(Tag, &str)]) -> Attributes {
        let mut attributes = Attributes::new();
        for (tag, text) in text {
            attributes.add(*tag, Value::TextString((*text).to_owned()));
        }
        attributes
    }

    #[test]
    fn a_name_is_encoded_as_openssl_encodes_it() {
        // openssl req -new -subj "/C=FR/O=Example/CN=Zoë/emailAddress=a@example.org" -utf8
        let mut expected = openssl::x509::X509NameBuilder::new().unwrap();
        for (field, text) in [("C", "FR"), ("O", "Example"), ("CN", "Zoë"), ("emailAddress", "a@example.org")]
        {
            expected.append_entry_by_text(field, text).unwrap();
        }
        let attributes = named(&[
            (Tag::CERTIFICATE_SUBJECT_EMAIL, "a@example.org"),
            (Tag::CERTIFICATE_SUBJECT_CN, "Zoë"),
            (Tag::CERTIFICATE_SUBJECT_O, "Example"),
            (Tag::CERTIFICATE_SUBJECT_C, "FR"),
            (Tag::CERTIFICATE_SUBJECT_L, ""),
        ]);
        assert_eq!(wanted(&attributes).unwrap(), Some(expected.build().to_der().unwrap()));
    }

    #[test]
    fn a_name_gives_the_attributes_of_its_parts_back() {
        let subject = named(&[(Tag::CERTIFICATE_SUBJECT_OU, "a"), (Tag::CERTIFICATE_SUBJECT_OU, "b")]);
        let name = wanted(&subject).unwrap().unwrap();
        let mut found = Attributes::new();
        describe(&name, &name, &mut found).unwrap();
        assert_eq!(found.instances(Tag::CERTIFICATE_SUBJECT_OU).count(), 2);
        assert_eq!(found.instances(Tag::CERTIFICATE_ISSUER_OU).count(), 2);
    }

    #[test]
    fn text_is_escaped_as_rfc_4514_says() {
        // The examples of RFC 4514 section 4.
        let name = of_texts(&[("DC", "net"), ("DC", "example"), ("CN", "James \"Jim\" Smith, III")]).unwrap();
        assert_eq!(text(&name).unwrap(), "CN=James \\\"Jim\\\" Smith\\, III,DC=example,DC=net");
    }

    #[test]
    fn a_part_with_characters_that_its_type_lacks_is_refused() {
        for (short, text) in
            [("C", "FRA"), ("C", "é1"), ("serialNumber", "a_b"), ("emailAddress", "é"), ("X", "a")]
        {
            assert!(of_texts(&[(short, text)]).is_err(), "{short}={text}");
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for bytes in [&b""[..], b"\x30\x05", b"\x30\x02\x31\x00\x00", b"\x04\x00"] {
            let _ = parts(bytes).map(|parts| assert!(parts.is_empty()));
        }
        assert!(parts(b"\x30\x05").is_err());
    }
}
