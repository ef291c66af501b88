//! Certify, in the two forms that the family has of it.
//!
//! Older clients name the subject and the authorities above it, root first. What lacks of the authorities is made: each is a
//! request of its own, and so is the certificate of the subject after them. Newer clients ask as KMIP does, but for what
//! they say in vendor attributes.

use claviger_plugin_sdk::certificate_attributes::{
    AUTHORITY_NAME, EXTENSION_TEXT, VALIDITY_PERIOD, WHOLE_CHAIN_NEEDED,
};
use claviger_plugin_sdk::dialect::{Completed, Payload};
use claviger_plugin_sdk::kmip::attributes::Link;
use claviger_plugin_sdk::kmip::tables::enumerations::{LinkType, RecommendedCurve};
use claviger_plugin_sdk::prelude::*;

use crate::fields;
use crate::generation::Birth;
use crate::request::{birth, pair, vendor};

/// Six months, as the older servers counted them: of 30.4375 days.
const SIX_MONTHS: u32 = 15_778_800;
/// What the key of a subject is for.
const SUBJECT_USES: &str = "keyUsage=critical,digitalSignature,nonRepudiation,keyEncipherment,keyAgreement";
/// Authorities that one request may name.
const MOST_AUTHORITIES: usize = 16;

/// Completes a Certify.
///
/// # Errors
/// Invalid Field: there are no attributes; a subject is named without its authorities, or beside a certificate request;
/// a validity that is none.
pub(super) fn completed(mut request: Vec<Ttlv>, now: DateTime) -> Result<Completed> {
    let attributes = fields::take(&mut request, Tag::ATTRIBUTES).map(fields::children).transpose()?;
    let mut attributes =
        attributes.ok_or_else(|| Error::invalid("Certify needs the Attributes of the object"))?;
    let payload = match vendor::take_text(&mut attributes, "certificate_subject") {
        Some(subject) => Payload::Bulk(with_authorities(&request, attributes, &subject, now)?),
        None => Payload::One(as_kmip(request, attributes, now)?),
    };
    Ok(Completed { payload, note: None })
}

/// The requests of an older client: for each authority, and for the subject.
fn with_authorities(
    request: &[Ttlv],
    mut attributes: Vec<Ttlv>,
    subject: &str,
    now: DateTime,
) -> Result<Vec<Value>> {
    let names = vendor::take_text(&mut attributes, "certificate_ca").ok_or_else(|| {
        Error::invalid("a certificate_subject needs its certificate_ca: names of authorities, as in Root/Sub")
    })?;
    let names: Vec<&str> = names.split('/').collect();
    if names.len() > MOST_AUTHORITIES || names.iter().any(|name| name.is_empty()) || subject.is_empty() {
        return Err(Error::invalid(format!(
            "certificate_subject and certificate_ca are names; certificate_ca has at most {MOST_AUTHORITIES}, with / between"
        )));
    }
    if fields::has(request, Tag::CERTIFICATE_REQUEST_VALUE)
        || fields::has(request, Tag::CERTIFICATE_REQUEST_TYPE)
    {
        return Err(Error::invalid("a certificate_subject and a certificate request exclude each other"));
    }
    // The tags are for all objects alike.
    attributes.retain(|attribute| attribute.tag == Tag::ATTRIBUTE);
    birth::complete_as(&mut attributes, Some(ObjectType::CERTIFICATE.0), Birth::OlderGenerated, now);
    attributes.push(Ttlv::new(WHOLE_CHAIN_NEEDED, Value::Boolean(true)));
    attributes.push(Ttlv::new(VALIDITY_PERIOD, Value::Interval(SIX_MONTHS)));
    let mut payloads = Vec::with_capacity(names.len() + 1);
    let mut parent = None;
    for name in names {
        let mut of_authority = with_key(&attributes, CryptographicAlgorithm::ED25519, name);
        of_authority.push(Ttlv::new(AUTHORITY_NAME, Value::TextString(name.to_owned())));
        payloads.push(issued(of_authority, parent));
        parent = Some(name);
    }
    let mut of_subject = with_key(&attributes, CryptographicAlgorithm::ECDH, subject);
    of_subject.push(Ttlv::new(EXTENSION_TEXT, Value::TextString(SUBJECT_USES.to_owned())));
    payloads.push(issued(of_subject, parent));
    Ok(payloads)
}

/// Attributes for a certificate with a new pair of keys on Curve25519.
fn with_key(shared: &[Ttlv], algorithm: CryptographicAlgorithm, name: &str) -> Vec<Ttlv> {
    let mut attributes = shared.to_vec();
    let domain = vec![
        Ttlv::new(Tag::QLENGTH, Value::Integer(256)),
        Ttlv::new(Tag::RECOMMENDED_CURVE, Value::Enumeration(RecommendedCurve::CURVE25519.0)),
    ];
    attributes.push(Ttlv::new(Tag::CERTIFICATE_SUBJECT_CN, Value::TextString(name.to_owned())));
    attributes.push(Ttlv::new(Tag::CRYPTOGRAPHIC_ALGORITHM, Value::Enumeration(algorithm.0)));
    attributes.push(Ttlv::structure(Tag::CRYPTOGRAPHIC_DOMAIN_PARAMETERS, domain));
    complete_key(&mut attributes);
    attributes
}

fn complete_key(attributes: &mut Vec<Ttlv>) {
    pair::state_the_algorithm(attributes);
    // The public key gets the format that goes with it.
    let (private_format, _) = pair::formats(attributes);
    fields::set(attributes, Tag::KEY_FORMAT_TYPE, Value::Enumeration(private_format.0));
}

/// The request for a certificate that the authority of this name issues. The authority is named by the tag of its private
/// key, since its identifier is not known yet if it is made by the same request.
fn issued(mut attributes: Vec<Ttlv>, authority: Option<&str>) -> Value {
    if let Some(name) = authority {
        let selector = serde_json::json!([format!("_cert_ca={name}")]).to_string();
        let link = Link {
            link_type: LinkType::PRIVATE_KEY_LINK,
            linked_object_identifier: selector.as_str().into(),
        };
        attributes.push(Ttlv::new(Tag::LINK, link.into_value()));
    }
    Value::Structure(vec![Ttlv::structure(Tag::ATTRIBUTES, attributes)])
}

/// The request of a newer client.
fn as_kmip(mut request: Vec<Ttlv>, mut attributes: Vec<Ttlv>, now: DateTime) -> Result<Value> {
    fields::take(&mut attributes, Tag::OBJECT_TYPE);
    let extensions = vendor::take_text(&mut attributes, "x509-extension");
    let days = vendor::take_number(&mut attributes, "requested_validity_days")?;
    let makes_pair = fields::has(&attributes, Tag::CRYPTOGRAPHIC_ALGORITHM)
        && !fields::has(&request, Tag::UNIQUE_IDENTIFIER)
        && !fields::has(&request, Tag::CERTIFICATE_REQUEST_VALUE);
    if makes_pair {
        pair::name_the_curve(&mut attributes);
    }
    birth::complete_as(&mut attributes, Some(ObjectType::CERTIFICATE.0), Birth::Newer, now);
    if makes_pair {
        complete_key(&mut attributes);
    }
    attributes.extend(extensions.map(|text| Ttlv::new(EXTENSION_TEXT, Value::TextString(text))));
    attributes.extend(days.map(validity).transpose()?);
    request.push(Ttlv::structure(Tag::ATTRIBUTES, attributes));
    Ok(Value::Structure(request))
}

fn validity(days: i64) -> Result<Ttlv> {
    let seconds = days.checked_mul(24 * 60 * 60).and_then(|seconds| u32::try_from(seconds).ok());
    match seconds.filter(|seconds| *seconds > 0) {
        Some(seconds) => Ok(Ttlv::new(VALIDITY_PERIOD, Value::Interval(seconds))),
        None => Err(Error::invalid("requested_validity_days is a number of days from 1 to 49710")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::vendor::tests::attribute;

    const NOW: DateTime = DateTime(1_700_000_000);

    fn text(name: &str, value: &str) -> Ttlv {
        attribute(name, Value::ByteString(value.as_bytes().into()))
    }

    fn certify(attributes: Vec<Ttlv>, more: Vec<Ttlv>) -> Result<Vec<Vec<Ttlv>>> {
        let mut request = vec![Ttlv::structure(Tag::ATTRIBUTES, attributes)];
        request.extend(more);
        let payloads = match completed(request, NOW)?.payload {
            Payload::One(payload) => vec![payload],
            Payload::Bulk(payloads) => payloads,
        };
        Ok(payloads.into_iter().map(|payload| fields::children(payload).unwrap()).collect())
    }

    fn attributes(payload: &[Ttlv]) -> &[Ttlv] {
        payload.iter().find(|field| field.tag == Tag::ATTRIBUTES).unwrap().children()
    }

    fn issuer(payload: &[Ttlv]) -> Option<&str> {
        let link = attributes(payload).iter().find(|attribute| attribute.tag == Tag::LINK)?.children();
        assert_eq!(fields::code(link, Tag::LINK_TYPE), Some(LinkType::PRIVATE_KEY_LINK.0));
        fields::text(link, Tag::LINKED_OBJECT_IDENTIFIER)
    }

    #[test]
    fn each_authority_is_asked_for_by_name_before_the_subject() {
        let sent = vec![
            text("certificate_subject", "leaf"),
            text("certificate_ca", "Root/Su\"b"),
            text("tag", "[]"),
            Ttlv::new(Tag::UNIQUE_IDENTIFIER, Value::TextString("ignored".into())),
        ];
        let payloads = certify(sent, vec![]).unwrap();
        let [root, sub, leaf] = &payloads[..] else { panic!("{payloads:?}") };
        let told = |payload, tag| fields::text(attributes(payload), tag);
        assert_eq!(
            (told(root, Tag::CERTIFICATE_SUBJECT_CN), told(root, AUTHORITY_NAME)),
            (Some("Root"), Some("Root"))
        );
        assert_eq!((issuer(root), issuer(sub)), (None, Some(r#"["_cert_ca=Root"]"#)));
        assert_eq!(
            (told(leaf, Tag::CERTIFICATE_SUBJECT_CN), told(leaf, AUTHORITY_NAME)),
            (Some("leaf"), None)
        );
        assert_eq!(issuer(leaf), Some(r#"["_cert_ca=Su\"b"]"#));
        for payload in &payloads {
            assert_eq!(payload.len(), 1);
            assert!(!fields::has(attributes(payload), Tag::UNIQUE_IDENTIFIER));
            assert_eq!(fields::get(attributes(payload), WHOLE_CHAIN_NEEDED), Some(&Value::Boolean(true)));
            assert_eq!(
                attributes(payload).iter().filter(|attribute| attribute.tag == Tag::ATTRIBUTE).count(),
                1
            );
        }
    }

    #[test]
    fn a_subject_needs_authorities_with_names_and_no_certificate_request() {
        let subject = || text("certificate_subject", "leaf");
        let long = vec!["x"; MOST_AUTHORITIES + 1].join("/");
        for authorities in [None, Some(""), Some("a//b"), Some("/a"), Some(long.as_str())] {
            let mut sent = vec![subject()];
            sent.extend(authorities.map(|names| text("certificate_ca", names)));
            assert_eq!(
                certify(sent, vec![]).unwrap_err().reason(),
                ResultReason::INVALID_FIELD,
                "{authorities:?}"
            );
        }
        let value = Ttlv::new(Tag::CERTIFICATE_REQUEST_VALUE, Value::ByteString(vec![1].into()));
        assert!(certify(vec![subject(), text("certificate_ca", "a")], vec![value]).is_err());
        assert!(completed(vec![], NOW).is_err());
    }

    #[test]
    fn what_newer_clients_say_in_vendor_attributes_becomes_kmip_s() {
        let sent = vec![
            Ttlv::new(Tag::OBJECT_TYPE, Value::Enumeration(ObjectType::CERTIFICATE.0)),
            Ttlv::new(Tag::CERTIFICATE_SUBJECT_CN, Value::TextString("leaf".into())),
            text("x509-extension", "[v3_ca]\nkeyUsage=digitalSignature"),
            text("requested_validity_days", "30"),
        ];
        let key = Ttlv::new(Tag::UNIQUE_IDENTIFIER, Value::TextString("key".into()));
        let payloads = certify(sent, vec![key]).unwrap();
        let [payload] = &payloads[..] else { panic!("{payloads:?}") };
        assert_eq!(fields::text(payload, Tag::UNIQUE_IDENTIFIER), Some("key"));
        let attributes = attributes(payload);
        assert_eq!(fields::text(attributes, EXTENSION_TEXT), Some("[v3_ca]\nkeyUsage=digitalSignature"));
        assert_eq!(fields::get(attributes, VALIDITY_PERIOD), Some(&Value::Interval(30 * 86400)));
        assert_eq!(Birth::of_items(attributes), Birth::Newer);
        for absent in [Tag::ATTRIBUTE, Tag::KEY_FORMAT_TYPE, Tag::OBJECT_TYPE, WHOLE_CHAIN_NEEDED] {
            assert!(!fields::has(attributes, absent), "{absent:?}");
        }
    }

    #[test]
    fn a_validity_is_a_number_of_days() {
        for days in ["0", "-1", "99999999", "soon"] {
            assert!(certify(vec![text("requested_validity_days", days)], vec![]).is_err(), "{days}");
        }
    }

    #[test]
    fn a_new_pair_gets_the_family_s_curve_and_format() {
        let algorithm = |algorithm: CryptographicAlgorithm| {
            Ttlv::new(Tag::CRYPTOGRAPHIC_ALGORITHM, Value::Enumeration(algorithm.0))
        };
        let payloads = certify(vec![algorithm(CryptographicAlgorithm::RSA)], vec![]).unwrap();
        let format = fields::code(attributes(&payloads[0]), Tag::KEY_FORMAT_TYPE);
        assert_eq!(format, Some(KeyFormatType::PKCS_1.0));
        let payloads = certify(vec![algorithm(CryptographicAlgorithm::ECDH)], vec![]).unwrap();
        let format = fields::code(attributes(&payloads[0]), Tag::KEY_FORMAT_TYPE);
        assert_eq!(format, Some(KeyFormatType::TRANSPARENT_EC_PRIVATE_KEY.0));
        assert!(fields::has(attributes(&payloads[0]), Tag::CRYPTOGRAPHIC_DOMAIN_PARAMETERS));
    }
}
